"""Text → tree. The parser is imported when a text is parsed: a program that was checked before needs none."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import cast

from adcli.errors import AdError, Problem
from adcli.records import NamedTuple
from adcli.syntax import nodes
from adcli.syntax.comments import leading_comment, with_help
from adcli.syntax.source import Source


class Reading(NamedTuple):
    """What could be read of a text.

    Attributes:
        tree: the statements that can be read
        problems: the syntax errors of the others
        doubtful: the names in those, which may or may not have been meant to be defined there
    """

    tree: nodes.Tree
    problems: list[Problem]
    doubtful: frozenset[str]


def parse(source: Source) -> nodes.Tree:
    """The tree of a program; raises AdError with every syntax error that the text has."""
    reading = read(source)
    if reading.problems:
        raise AdError(reading.problems, source)
    return reading.tree


def read(source: Source, functions: AbstractSet[str] = frozenset()) -> Reading:
    """As much of a program's tree as its syntax errors leave; `functions` are those that a message may name."""
    from lark.exceptions import UnexpectedInput

    from adcli.syntax.grammar import load_parser
    from adcli.syntax.quick import parsed

    parser = load_parser()
    try:
        statements = cast("list[nodes.Statement]", parsed(parser, source.text, "program"))
    except UnexpectedInput:
        from adcli.syntax.recover import parse_statements

        return reading_of(source, *parse_statements(source, parser, list(parser.lex(source.text)), functions))
    return reading_of(source, statements)


def reading_of(
    source: Source,
    statements: list[nodes.Statement],
    problems: Sequence[Problem] = (),
    doubtful: frozenset[str] = frozenset(),
) -> Reading:
    """What was read: statements with their comments, problems, and the names in what could not be read."""
    described = tuple(with_help(statement, source.text) for statement in statements)
    return Reading(nodes.Tree(leading_comment(source.text), described), list(problems), doubtful)


def parse_expression(source: Source) -> nodes.Expression:
    """The tree of a text that is one expression; raises AdError."""
    from lark.exceptions import UnexpectedInput

    from adcli.syntax.grammar import load_parser
    from adcli.syntax.quick import parsed

    parser = load_parser()
    try:
        return cast("nodes.Expression", parsed(parser, source.text, "expression_alone"))
    except UnexpectedInput:
        from adcli.syntax.recover import expression_problem

        raise AdError(expression_problem(source, parser), source) from None
