"""Finds `ad.lark`, and loads its parser: from Lark's tables, where a wheel brings them along, or the cache has them."""

from __future__ import annotations

import contextlib
import marshal
import os
import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import lark

from adcli import cache as kept
from adcli.resources import resource_bytes, resource_text
from adcli.syntax.builder import Token, TreeBuilder

_OPENING = {"LPAR", "LBRACKET"}
_CLOSING = {"RPAR", "RBRACKET"}
_GOES_ON = {"ELSE", "WITH"}  # the statement of the line above


class BracketedLines:
    """Drops the newlines that do not end a statement: inside brackets, and in front of `else` and `with`."""

    always_accept = ("UNEXPECTED",)  # keeps the terminal, which no rule uses

    def process(self, stream: Iterator[lark.Token]) -> Iterator[lark.Token]:
        """The tokens of the stream that matter to the grammar."""
        depth = 0
        newline = None  # held back until it is known what comes behind it
        for token in stream:
            kind = token.type
            if kind == "_NEWLINE":
                newline = newline or token
                continue
            if newline is not None:
                if not depth and kind not in _GOES_ON:
                    yield newline
                newline = None
            if kind in _OPENING:
                depth += 1
            elif kind in _CLOSING:
                depth = max(depth - 1, 0)
            yield token
        if newline is not None and not depth:
            yield newline


class Build:
    """What Lark calls: a method of the TreeBuilder, which gets Lark's tokens as its own."""

    def __init__(self, method: Callable[[list[Any]], Any]) -> None:
        self.method = method

    def __call__(self, children: list[Any]) -> Any:
        """What the method makes of the children."""
        return self.method([_token(child) if isinstance(child, lark.Token) else child for child in children])


class Builders:
    """The methods of a TreeBuilder, for Lark."""

    def __init__(self) -> None:
        self._builder = TreeBuilder()

    def __getattr__(self, name: str) -> Build:
        return Build(getattr(self._builder, name))


def _token(token: Any) -> Token:
    return Token(token.type, str(token), token.start_pos, token.end_pos)


SHIPPED = "ad.tables"  # beside `ad.lark`


@cache
def load_parser() -> lark.Lark:
    """The parser, whose callbacks are the methods of a TreeBuilder; made once in a process."""
    text = resource_text("grammar", "ad.lark")
    options: dict[str, Any] = {"postlex": BracketedLines(), "transformer": Builders()}
    key = (text, lark.__version__)
    tables = _shipped(key) or kept.read(tables_path(), key)
    if tables is not None:
        with contextlib.suppress(Exception):  # tables that this Lark cannot read are no tables
            return lark.Lark._load_from_dict(**tables, **options)  # type: ignore[no-untyped-call,no-any-return]
    parser = _made(text, options)
    kept.write(tables_path(), key, _tables_of(parser))
    return parser


def tables_path() -> str:
    """The file that keeps the tables."""
    return os.path.join(kept.cache_folder(), f"grammar-{sys.implementation.cache_tag}.tables")


def tables_to_ship() -> bytes:
    """The tables as a file that a wheel brings along: for any Python, and for this grammar and this Lark alone."""
    text = resource_text("grammar", "ad.lark")
    parser = _made(text, {"postlex": BracketedLines(), "transformer": Builders()})
    return marshal.dumps(((text, lark.__version__), _tables_of(parser)), 4)  # a form that they all read


def _shipped(key: kept.Key) -> dict[str, Any] | None:
    try:
        shipped_for, tables = marshal.loads(resource_bytes("grammar", SHIPPED))
    except (OSError, ValueError, TypeError, EOFError):  # as in a checkout, which has none
        return None
    return tables if shipped_for == key else None


def _made(text: str, options: dict[str, Any]) -> lark.Lark:
    starts = ["program", "expression_alone"]
    return lark.Lark(text, parser="lalr", lexer="basic", start=starts, maybe_placeholders=True, **options)


def _tables_of(parser: lark.Lark) -> Any:
    data, memo = parser.memo_serialize([lark.lexer.TerminalDef, lark.grammar.Rule])
    data["options"] = {**data["options"], "postlex": None, "transformer": None}  # given anew at each load
    return _plain({"data": data, "memo": memo})


def _plain(value: Any) -> Any:
    """The same data without subclasses of str: a Lark before 1.3 leaves its tokens in."""
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value
