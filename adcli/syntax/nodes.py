"""The tree of a program: records with the span of each in the source.

Named tuples, and not dataclasses: a class costs a tenth to make and a node half, and both are on the way to
every result. They compare with their spans.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from adcli.syntax.source import Span


class Number(NamedTuple):
    """A literal, as it is written."""

    text: str
    span: Span


class Name(NamedTuple):
    """A use of a name."""

    name: str
    span: Span


class Apply(NamedTuple):
    """An operator or a function applied to its operands: `function` is `+` or `sin`."""

    function: str
    operands: tuple[Expression, ...]
    span: Span


Expression: TypeAlias = Number | Name | Apply


class Input(NamedTuple):
    """One independent variable of an `input` statement: default and range are constant expressions."""

    name: Name
    default: Expression | None
    range: tuple[Expression, Expression] | None
    span: Span


class Inputs(NamedTuple):
    """An `input` statement with its declarations; `help` is the comment behind it on its line."""

    declarations: tuple[Input, ...]
    help: str
    span: Span


class Assignment(NamedTuple):
    """`target = value`."""

    target: Name
    value: Expression
    span: Span


class Output(NamedTuple):
    """`output u, v`, or `output L = value`, which assigns as well."""

    names: tuple[Name, ...]
    value: Expression | None
    span: Span


Statement: TypeAlias = Inputs | Assignment | Output


class Tree(NamedTuple):
    """A whole program; `description` is its leading comment block without the `#`."""

    description: str
    statements: tuple[Statement, ...]
