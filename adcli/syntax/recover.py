"""After a syntax error: each statement parsed by itself, so that every mistake of a text is found at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import lark

from adcli.errors import Problem
from adcli.syntax.messages import unclosed, unexpected
from adcli.syntax.source import Source, Span

if TYPE_CHECKING:
    from adcli.syntax import nodes

_ENDS = ("_NEWLINE", "_SEMICOLON")
_OPENING = {"(": ")", "[": "]"}


def parse_statements(source: Source, parser: lark.Lark) -> tuple[list[nodes.Statement], list[Problem], frozenset[str]]:
    """The statements that can be read, in order, the problems of the others, and the names in those."""
    statements: list[nodes.Statement] = []
    problems: list[Problem] = []
    doubtful: set[str] = set()
    for tokens in _split(list(parser.lex(source.text))):
        problem = _unclosed_bracket(tokens)
        if problem is None:
            result = _parse(tokens, parser, "program")
            if not isinstance(result, Problem):
                statements += cast("list[nodes.Statement]", result)
                continue
            problem = result
        problems.append(problem)
        doubtful.update(str(token) for token in tokens if token.type == "NAME")
    return statements, problems, frozenset(doubtful)


def _split(tokens: list[lark.Token]) -> Iterator[list[lark.Token]]:
    """The tokens of each statement.

    Newlines inside brackets are gone from the tokens. A bracket that is never closed would swallow the
    rest of the program, so a line that can only start a statement ends the one before it.
    """
    statement: list[lark.Token] = []
    for index, token in enumerate(tokens):
        if token.type in _ENDS:
            if statement:
                yield statement
            statement = []
            continue
        if statement and token.line != statement[-1].line and _starts_statement(tokens, index):
            yield statement
            statement = []
        statement.append(token)
    if statement:
        yield statement


def _starts_statement(tokens: list[lark.Token], index: int) -> bool:
    kinds = [token.type for token in tokens[index : index + 2]]
    return kinds[0] in ("INPUT", "OUTPUT") or kinds == ["NAME", "_EQUAL"]


def expression_problem(source: Source, parser: lark.Lark) -> Problem:
    """What is wrong with a text that should be one expression."""
    tokens = list(parser.lex(source.text))
    problem = _unclosed_bracket(tokens) or _parse(tokens, parser, "expression_alone")
    assert isinstance(problem, Problem), "the parser has refused this text"
    return problem


def _unclosed_bracket(tokens: list[lark.Token]) -> Problem | None:
    open_brackets: list[lark.Token] = []
    for token in tokens:
        if token in _OPENING:
            open_brackets.append(token)
        elif token in _OPENING.values():
            if not open_brackets or _OPENING[open_brackets[-1]] != token:
                return None  # the parser says it better
            open_brackets.pop()
    if not open_brackets:
        return None
    return unclosed(str(open_brackets[-1]), _span(open_brackets[-1]))


def _parse(tokens: list[lark.Token], parser: lark.Lark, start: str) -> Any:
    """What the tokens make, or the Problem of the first that cannot stand where it stands."""
    state: Any = parser.parse_interactive(start=start)  # Lark leaves its methods untyped
    before = ""
    open_brackets: list[str] = []
    for token in tokens:
        expected = state.accepts()
        if token.type not in expected:
            innermost = open_brackets[-1] if open_brackets else ""
            return unexpected(token.type, str(token), _span(token), expected, before, innermost)
        state.feed_token(token)
        before = str(token)
        if before in _OPENING:
            open_brackets.append(before)
        elif before in _OPENING.values():
            open_brackets.pop()
    expected = state.accepts()
    if "$END" not in expected:
        end = _span(tokens[-1]).end if tokens else 0
        return unexpected("$END", "", Span(end, end), expected, before, "")
    return state.feed_eof(tokens[-1] if tokens else None)


def _span(token: lark.Token) -> Span:
    return Span(cast(int, token.start_pos), cast(int, token.end_pos))
