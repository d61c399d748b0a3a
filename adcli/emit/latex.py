"""A function as lines of a textbook: a fragment of LaTeX in which names, adjoints and tangents are mathematics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from adcli.emit.function import Function
from adcli.emit.infix import CHOICES
from adcli.emit.latex_loops import Called, Pass, Row
from adcli.emit.letters import escaped, with_needs
from adcli.emit.lines import NOWHERE, Definition, Line, Lines, Origin, Repeat, Requirement, RootLine, Update
from adcli.emit.literals import number_node
from adcli.emit.mathematics import component_tex, expression_tex, name_tex
from adcli.emit.measure import width
from adcli.emit.refused import no_spelling
from adcli.emit.textbook import Textbook
from adcli.records import NamedTuple
from adcli.syntax import nodes

_LEFT, _RIGHT = 90.0, 225.0  # points of an article's line that a name may have, and what it is
_BOX = 0.68  # of a line: what is longer than that is broken in a box of this width
_MOST_ROWS = 60  # of one alignment, which TeX reads as a whole
_WORD = re.compile(r"[^\W\d]\w*")
_CASES = r"\begin{cases}"  # below each other, in less width than their text
_ZERO = nodes.Number("0", NOWHERE)


class _Row(NamedTuple):
    """A line of mathematics, or words with formulas between two `$`.

    Attributes:
        remark: a line of the source above it
        words: whether it is words
        repeated: whether it is a line of the passes of a loop
    """

    left: str
    right: str
    remark: str = ""
    words: bool = False
    repeated: bool = False

    @property
    def aligned(self) -> bool:
        return not self.words and width(f"${self.left}$") <= _LEFT


def latex_text(function: Function) -> str:
    """The text of a fragment for an article, which needs amsmath.

    Raises AdError `no-emission` for an equation that is solved within another one.
    """
    lines = [r"\begingroup\allowdisplaybreaks\raggedright", rf"\noindent {_title(function)}"]
    version = next((name for branch in function.branches for name in _versions(function, branch)), None)
    if version is not None:
        stem = name_tex(version.rpartition("_")[0])
        lines[-1] += rf"\\ The number in ${name_tex(version)}$ counts the values that the program gives to ${stem}$."
    for number, branch in enumerate(function.branches, 1):
        if len(function.branches) > 1:
            lines.append(rf"\par\medskip\noindent\textbf{{Case {number}}}")
        lines += _displayed(_with_ends_of_loops(_rows(function, branch)))
    text = "".join(f"{line}\n" for line in [*lines, r"\par\endgroup"])
    return with_needs("amsmath", text)


def _title(function: Function) -> str:
    return r"\\ ".join(escaped(line.strip()) for line in function.title)


def _versions(function: Function, lines: Lines) -> Iterator[str]:
    """The names `a_2` of a second value of `a`: those that no line of the program has."""
    every = [*lines.outer, *lines.inner]
    every += [part for line in every if isinstance(line, Repeat) for part in line.body]
    words = {parameter.name for parameter in function.parameters}
    words.update(word for line in every if isinstance(line, Origin) for word in _WORD.findall(line.text))
    for line in every:
        if isinstance(line, (Definition, Update)):
            stem, _, number = line.name.rpartition("_")
            if number.isdigit() and stem in words and line.name not in words:
                yield line.name


def _rows(function: Function, lines: Lines) -> Iterator[_Row]:
    """All that is said of one straight line: how it runs, what is a result of it, and the Hessian along a direction."""
    request, names = function.request, function.names
    called = Called(lines, [parameter.name for parameter in function.parameters])
    yield from _statements(lines.outer, lines, called)
    yield from _results(lines, [names.value], called)
    if not request.order:
        return
    gradient = [names.gradient[name] for name in request.wrt]
    yield from _results(lines, gradient, called)
    value = component_tex(request.of)
    yield _Row("", f"The gradient of ${value}$ is ${_tuple(gradient)}$.", words=True)
    if request.order == 2:
        direction = _tuple([names.direction[name] for name in request.wrt])
        product = [names.product[name] for name in request.wrt]
        told = f"Along a direction ${direction}$ the product of the Hessian with it is ${_tuple(product)}$:"
        yield _Row("", told, words=True)
        yield from _statements(lines.inner, lines, called)
        yield from _results(lines, product, called)


def _with_ends_of_loops(rows: Iterable[_Row]) -> Iterator[_Row]:
    """Rows with a word between the lines of a loop and those behind it."""
    is_repeated = False
    for row in rows:
        if is_repeated and not (row.repeated or row.words):
            yield _Row("", "Then:", words=True)
        yield row
        is_repeated = row.repeated


def _tuple(names: Sequence[str]) -> str:
    listed = r",\allowbreak\ ".join(map(name_tex, names))
    return f"({listed})"


def _results(lines: Lines, names: Iterable[str], called: Called) -> Iterator[_Row]:
    """The results that no line has the name of."""
    for name in names:
        tree = called.tree(lines.results.get(name, _ZERO))
        if not (isinstance(tree, nodes.Name) and tree.name == name):
            yield _defined(nodes.Name(name, NOWHERE), tree, Textbook.of(lines.shapes, called.letter))


def _statements(own: Iterable[Line], lines: Lines, called: Called | Pass) -> Iterator[_Row]:
    remark = ""
    for line in own:
        if isinstance(line, Origin):
            remark = str(line)
            continue
        if isinstance(called, Called) and called.is_told_by_loops(line):
            continue
        for row in _spelled(line, lines, called):
            yield row._replace(remark=row.remark or remark)
            remark = ""


def _spelled(line: Line, lines: Lines, called: Called | Pass) -> Iterator[_Row]:
    book = Textbook.of(lines.shapes, called.letter)
    match line:
        case Definition(name, value):
            yield _defined(called.name(name), called.tree(value), book)
        case Update(name, array, function, operands):
            own = called.name(name)
            yield _defined(own, called.tree(array), book)
            tree = nodes.Apply(function, (own, *[book.tree(called.tree(operand)) for operand in operands]), NOWHERE)
            element, _, new = expression_tex(tree).partition(" = ")
            yield _Row(element, f"= {new}")
        case Requirement(comparison, holds):
            sign = comparison.function if holds else nodes.COMPARISONS[comparison.function]
            left, right = [book.tree(called.tree(side)) for side in comparison.operands]
            whole = expression_tex(nodes.Apply(sign, (nodes.Name("_", NOWHERE), right), NOWHERE))
            yield _Row(expression_tex(left), f"{whole.removeprefix(_BLANK)} \\quad \\text{{(required)}}")
        case RootLine():
            yield from _root(line, lines, called)
        case Repeat() if isinstance(called, Called):
            yield from _loop(line, lines, called)
        case _:
            raise no_spelling("LaTeX", line)


def _loop(line: Repeat, lines: Lines, called: Called) -> Iterator[_Row]:
    """A loop: what it begins with, which passes there are, and the lines of each."""
    own = called.pass_of(line)
    for table, values in line.tables:
        numbers = r",\allowbreak\ ".join(expression_tex(number_node(value)) for value in values)
        begin = r",\, ".join(expression_tex(Row(table, 0, 1).at(place)) for place in range(2))
        yield _Row("", rf"${begin},\, \dots$ are ${numbers}$.", words=True)
    for name, initial in own.beginnings():
        yield _defined(name, initial, Textbook.of(lines.shapes, called.letter))
    letter, (first, last) = name_tex(called.letter), own.numbers
    meant = "" if called.is_told else f", where ${{}}^{{({letter})}}$ marks a value of pass ${letter}$"
    called.is_told = True
    yield _Row("", rf"For ${letter} = {first},\, \dots,\, {last}${meant}:", words=True)
    yield from (row._replace(repeated=True) for row in _statements(own.body, lines, own))
    called.behind(line, own)


_BLANK = f"{name_tex('_')} "  # what stands for a left side that is written elsewhere


def _root(root: RootLine, lines: Lines, called: Called | Pass) -> Iterator[_Row]:
    """A root: a function of what its equations are off by, and that it is 0 there."""
    nested = next((line for line in root.body if isinstance(line, RootLine)), None)
    if nested is not None:
        raise no_spelling("LaTeX", nested)
    parameters = [nodes.Name(name, NOWHERE) for name in root.parameters]
    head = expression_tex(nodes.Apply(root.function, tuple(parameters), NOWHERE))
    yield _Row("", f"For ${head}$, with names of its own:", words=True)
    yield from _statements(root.body, lines, Called(lines, ()))
    yield _Row(head, f"= {expression_tex(Textbook.of(lines.shapes, called.letter).tree(root.off_by))}")
    name = nodes.Name(root.name, NOWHERE)
    equation = nodes.Apply(root.function, (name, *map(called.tree, root.arguments)), NOWHERE)
    start = expression_tex(called.tree(root.start))
    told = f"${name_tex(root.name)}$ is the root near ${start}$ of ${expression_tex(equation)} = 0$."
    yield _Row("", told, words=True)


def _defined(name: nodes.Expression, tree: nodes.Expression, book: Textbook) -> _Row:
    right = _cases(tree, book) or expression_tex(book.tree(tree))
    return _Row(expression_tex(name), f"= {right}")


def _cases(tree: nodes.Expression, book: Textbook) -> str:
    """A choice by a condition; nothing for another expression, or one that is too wide."""
    if not isinstance(tree, nodes.Apply) or tree.function not in CHOICES:
        return ""
    condition, yes, no = (expression_tex(book.tree(part)) for part in tree.operands)
    if max(width(f"${yes}$"), width(f"${no}$")) + width(f"${condition}$") > _RIGHT - 80:
        return ""
    return rf"{_CASES} {yes} & \text{{if }} {condition} \\ {no} & \text{{otherwise}} \end{{cases}}"


# What stands where


def _displayed(rows: Iterable[_Row]) -> Iterator[str]:
    """Rows with their relations below each other; those that begin with much, and words, as paragraphs."""
    for aligned, group in groupby(rows, lambda row: row.aligned):
        part = list(group)
        if aligned:
            for start in range(0, len(part), _MOST_ROWS):
                yield from _alignment(part[start : start + _MOST_ROWS])
            continue
        for row in part:
            yield from _remark(row)
            if row.words:  # not the end of a paragraph, below which a formula would stand further off
                yield rf"\par\noindent {row.right}"
            else:
                yield rf"\par\noindent\hangindent2em ${row.left} {row.right}$\par"


def _alignment(rows: Sequence[_Row]) -> Iterator[str]:
    yield r"\begin{align*}"
    for place, row in enumerate(rows):
        yield from _remark(row)
        yield f"{row.left} &{_within(row.right)}" + (r" \\" if place < len(rows) - 1 else "")
    yield r"\end{align*}"


def _within(right: str) -> str:
    if width(f"${right}$") <= _RIGHT or _CASES in right:
        return right
    relation, _, rest = right.partition(" ")  # which no line may end with
    return rf"{relation} \parbox[t]{{{_BOX}\linewidth}}{{\raggedright${rest}$\strut}}"


def _remark(row: _Row) -> Iterator[str]:
    """The line of the program, as a comment in the source: it is no TeX."""
    if row.remark:
        yield f"% {' '.join(row.remark.split())}"
