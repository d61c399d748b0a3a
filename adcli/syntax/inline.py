"""A program in one text, as for `-e`: an expression, or statements and behind them an expression, the result.

An expression at the end is read as `output value = expression`: the tokens in front of it are put in, and the grammar,
and what is said of mistakes, are those of any program.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any, cast

import lark

from adcli.syntax import nodes
from adcli.syntax.grammar import load_parser
from adcli.syntax.parse import Reading, reading_of
from adcli.syntax.quick import parsed
from adcli.syntax.source import Source

INLINE_OUTPUT = "value"

_OPENING = {"LPAR", "LBRACKET", "LBRACE"}
_CLOSING = {"RPAR", "RBRACKET", "RBRACE"}
_ENDS = {"_NEWLINE", "_SEMICOLON"}
_WORDS = {"INPUT", "OUTPUT", "DEF", "RETURN", "IF", "ELSE", "FOR", "WHILE"}
_SOFT_WORDS = {"STATE", "REQUIRE", "CLAIM", "SOLVE"}
_VALUES = {"NAME", "NUMBER"}


def read_inline(source: Source, functions: AbstractSet[str] = frozenset()) -> Reading:
    """As much of the program as its syntax errors leave; `functions` are those that a message may name."""
    parser = load_parser()
    try:  # what most texts are
        expression = cast("nodes.Expression", parsed(parser, source.text, "expression_alone"))
    except lark.exceptions.UnexpectedInput:
        return _read_statements(source, parser, functions)
    return reading_of(source, [_result(expression)])


def _read_statements(source: Source, parser: lark.Lark, functions: AbstractSet[str]) -> Reading:
    tokens = _with_output(list(parser.lex(source.text)))
    parse: Any = parser.parse_interactive(start="program")  # Lark leaves its methods untyped
    try:
        for token in tokens:
            parse.feed_token(token)
        statements = parse.feed_eof()
    except lark.exceptions.UnexpectedInput:
        from adcli.syntax.recover import parse_statements

        recovered = parse_statements(source, parser, tokens, functions)
        return reading_of(source, _with_result(recovered[0]), *recovered[1:])
    return reading_of(source, _with_result(statements))


def _with_output(tokens: list[lark.Token]) -> list[lark.Token]:
    """The tokens with those of `output value =` in front of the last statement, if that is an expression."""
    while tokens and tokens[-1].type in _ENDS:
        tokens = tokens[:-1]
    start = depth = 0
    for index, token in enumerate(tokens):
        if token.type in _OPENING:
            depth += 1
        elif token.type in _CLOSING:
            depth = max(depth - 1, 0)
        elif token.type in _ENDS and depth == 0:
            start = index + 1
    last = tokens[start:]
    if not last or _is_statement(last):
        return tokens
    at, line, column = last[0].start_pos, last[0].line, last[0].column
    put_in = (("OUTPUT", "output"), ("NAME", INLINE_OUTPUT), ("_EQUAL", "="))
    return [
        *tokens[:start], *(lark.Token(kind, text, at, line, column, end_pos=at) for kind, text in put_in), *last
    ]  # fmt: skip


def _is_statement(tokens: list[lark.Token]) -> bool:
    """Whether tokens are meant as a statement: by the word that begins it, or by a `=` outside brackets."""
    first = tokens[0].type
    if first in _WORDS or (first in _SOFT_WORDS and [token.type in _VALUES for token in tokens[1:2]] == [True]):
        return True
    depth = 0
    for token in tokens:
        depth += (token.type in _OPENING) - (token.type in _CLOSING)
        if token.type == "_EQUAL" and depth == 0:
            return True
    return first == "REQUIRE" and any(token.type == "COMPARISON" for token in tokens)


def _with_result(statements: list[nodes.Statement]) -> list[nodes.Statement]:
    """The statements, where the output that was put in has the place of its expression."""
    last = statements[-1] if statements else None
    if isinstance(last, nodes.Output) and last.names[0].span.start == last.names[0].span.end:
        return [*statements[:-1], *(_result(value) for _, value in last.assigned())]
    return statements


def _result(expression: nodes.Expression) -> nodes.Output:
    return nodes.Output((nodes.Name(INLINE_OUTPUT, expression.span),), (expression,), expression.span)
