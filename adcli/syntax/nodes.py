"""The tree of a program. Two trees are equal when they say the same, wherever in a text they stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from adcli.syntax.source import Span


@dataclass(frozen=True)
class Number:
    """A literal, as it is written."""

    text: str
    span: Span = field(compare=False)


@dataclass(frozen=True)
class Name:
    """A use of a name."""

    name: str
    span: Span = field(compare=False)


@dataclass(frozen=True)
class Apply:
    """An operator or a function applied to its operands: `function` is `+` or `sin`."""

    function: str
    operands: tuple[Expression, ...]
    span: Span = field(compare=False)


Expression: TypeAlias = Number | Name | Apply


@dataclass(frozen=True)
class Input:
    """One independent variable of an `input` statement: default and range are constant expressions."""

    name: Name
    default: Expression | None
    range: tuple[Expression, Expression] | None
    span: Span = field(compare=False)


@dataclass(frozen=True)
class Inputs:
    """An `input` statement with its declarations; `help` is the comment behind it on its line."""

    declarations: tuple[Input, ...]
    help: str
    span: Span = field(compare=False)


@dataclass(frozen=True)
class Assignment:
    """`target = value`."""

    target: Name
    value: Expression
    span: Span = field(compare=False)


@dataclass(frozen=True)
class Output:
    """`output u, v`, or `output L = value`, which assigns as well."""

    names: tuple[Name, ...]
    value: Expression | None
    span: Span = field(compare=False)


Statement: TypeAlias = Inputs | Assignment | Output


@dataclass(frozen=True)
class Tree:
    """A whole program; `description` is its leading comment block without the `#`."""

    description: str
    statements: tuple[Statement, ...]
