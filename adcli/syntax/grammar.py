"""Finds `ad.lark`, and loads its parser: from a cache of Lark's tables where there is one.

The cache is a file in a directory of the user's own. It holds what `marshal` can read, which
builds plain data and runs nothing, behind a checksum and the very grammar and versions that it was
made from; a file that is missing, stale, corrupt or somebody else's is passed over, silently.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import stat
import sys
import zlib
from collections.abc import Iterator
from functools import cache
from typing import Any

import lark

from adcli.resources import resource_text

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


_LARGEST = 20_000_000  # bytes of a file that may hold the tables: they take some 200,000


@cache
def load_parser(builder_class: type) -> lark.Lark:
    """The parser, whose callbacks are the methods of a `builder_class`; built once in a process."""
    text = resource_text("grammar", "ad.lark")
    options: dict[str, Any] = {"postlex": BracketedLines(), "transformer": builder_class()}
    key = (text, lark.__version__, sys.version)
    tables = _read_tables(key)
    if tables is not None:
        with contextlib.suppress(Exception):  # tables that this Lark cannot read are no tables
            return lark.Lark._load_from_dict(**tables, **options)  # type: ignore[no-untyped-call,no-any-return]
    parser = lark.Lark(
        text, parser="lalr", lexer="basic", start=["program", "expression_alone"], maybe_placeholders=True, **options
    )
    _write_tables(key, parser)
    return parser


def cache_path() -> str:
    """The file that keeps the tables: in `XDG_CACHE_HOME`, or where the system keeps a user's caches."""
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
    elif sys.platform == "darwin":
        base = os.path.join(home, "Library", "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache")
    return os.path.join(base, "adcli", f"grammar-{sys.implementation.cache_tag}.tables")


def _only_ours(path: str) -> bool:
    """Whether nobody but this user can write what is at the path."""
    if sys.platform == "win32":  # a user's local folder is the user's alone there
        return True
    status = os.stat(path)
    return status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _read_tables(key: tuple[str, ...]) -> dict[str, Any] | None:
    try:
        path = cache_path()
        if not (_only_ours(os.path.dirname(path)) and _only_ours(path)):
            return None
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:  # a pipe would keep us waiting
            return None
        with open(path, "rb") as file:
            content = file.read()
        if zlib.crc32(content[4:]).to_bytes(4, "big") != content[:4]:
            return None
        stored_key, tables = marshal.loads(content[4:])
    except (OSError, ValueError, TypeError, EOFError):
        return None
    return tables if stored_key == key else None


def _plain(value: Any) -> Any:
    """The same data without subclasses of str: a Lark before 1.3 leaves its tokens in."""
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value


def _write_tables(key: tuple[str, ...], parser: lark.Lark) -> None:
    data, memo = parser.memo_serialize([lark.lexer.TerminalDef, lark.grammar.Rule])
    data["options"] = {**data["options"], "postlex": None, "transformer": None}  # given anew at each load
    temporary = ""
    try:
        content = marshal.dumps((key, _plain({"data": data, "memo": memo})))
        path = cache_path()
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        if not _only_ours(os.path.dirname(path)):
            return
        temporary = f"{path}.{os.getpid()}"
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(zlib.crc32(content).to_bytes(4, "big") + content)
        os.replace(temporary, path)  # another process sees the old file or the new one, never half of one
    except (OSError, ValueError):
        with contextlib.suppress(OSError):
            os.unlink(temporary)
