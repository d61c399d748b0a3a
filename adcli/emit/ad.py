"""A tape as a program of the language: the straight line that ran, with what no output needs left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from adcli.emit.ad_loops import FROM_0, counting_of, in_language, merged, plain, put, row_of_numbers, row_of_zeros
from adcli.emit.function import Function, Repeats
from adcli.emit.heading import canonical, sizes_text
from adcli.emit.lines import (
    NOWHERE,
    Definition,
    History,
    Line,
    Lines,
    Origin,
    Repeat,
    Requirement,
    RootLine,
    Update,
    Wanted,
    Written,
)
from adcli.emit.repeated import Looping, repeated
from adcli.emit.writing import lines_of
from adcli.errors import AdError, Problem
from adcli.records import NamedTuple
from adcli.syntax import nodes
from adcli.syntax.format import INDENT, WIDTH, format_expression, format_tree
from adcli.syntax.formula import Formula
from adcli.syntax.layout import format_source
from adcli.syntax.source import Source
from adcli.tape.tape import Guard, Tape


class Emitted(NamedTuple):
    """What is to be printed.

    Attributes:
        tape: what ran, with what was recorded behind it
        title: the lines of the comment at the top
        declarations: the text of each input, in order
        names: what some entries are called; the others have their labels
        outputs: what the program gives, and the entry of each; None where it is zero
        guards: those that are checked where the program runs
    """

    tape: Tape
    title: Sequence[str]
    declarations: Sequence[str]
    names: Mapping[int, str]
    outputs: Mapping[str, int | None]
    guards: Sequence[Guard] = ()


def program_text(emitted: Emitted) -> str:
    """The text of a program that computes the outputs by the operations of the tape, and requires the guards."""
    results = {name: entry for name, entry in emitted.outputs.items() if entry is not None}
    loops = Repeats.VECTORS
    wanted = Wanted(
        emitted.tape, results, emitted.names, emitted.guards, repeats=loops.holds, most_kept=loops.most_kept, texts=True
    )
    lines = lines_of(wanted)
    return _program(emitted.title, emitted.declarations, lines, emitted.outputs)


def ad_text(function: Function) -> str:
    """A function as a program, whose outputs are its results: the Hessian as a product with a direction, an input.

    Raises AdError `no-emission` for a function of several branches.
    """
    if len(function.branches) > 1:
        raise AdError(
            Problem("no-emission", "a program of straight lines has one branch", help="other languages take several")
        )
    names, (lines,) = function.names, function.branches
    declarations = [parameter.declaration for parameter in function.parameters]
    outputs = [names.value]
    if function.request.order:
        outputs += names.gradient.values()
    if function.request.order == 2:
        declarations += [
            canonical(f"input {names.direction[parameter.name]}{sizes_text(parameter.value)} = 0")
            for parameter in function.differentiated
        ]
        outputs += names.product.values()
    whole = lines._replace(outer=(*lines.outer, *lines.inner), inner=())
    return _program(function.title, declarations, whole, outputs)


def _program(title: Sequence[str], declarations: Sequence[str], lines: Lines, outputs: Iterable[str]) -> str:
    texts = [f"# {line}".rstrip() for line in title]
    texts += declarations
    if any(isinstance(line, Repeat) for line in lines.outer):
        outer = tuple(line if isinstance(line, Repeat) else in_language(line) for line in lines.outer)
        lines = lines._replace(outer=outer, results={name: plain(tree) for name, tree in lines.results.items()})
    for line in lines.outer:
        texts += _statements(line)
    texts += ["", *_outputs(outputs, lines)]
    return "".join(f"{text}\n" for text in texts)


def _statements(line: Line) -> Iterator[str]:
    """A line as statements of the language."""
    match line:
        case Origin():
            yield ""
            yield f"# {line}"
        case Definition(name, value):
            yield _assignment(name, value)
        case Written(name, value):
            yield _written(name, value)
        case Update(name, array, function, operands):  # its old version under the new name, then what is put into it
            if array != nodes.Name(name, NOWHERE):
                yield _assignment(name, array)
            yield _assignment(name, nodes.Apply(function, (nodes.Name(name, NOWHERE), *operands), NOWHERE))
        case Requirement(comparison, holds):
            condition = comparison if holds else nodes.Apply("not", (comparison,), NOWHERE)
            yield _statement(nodes.Require(condition, NOWHERE))
        case RootLine():
            yield from _definitions(line)
            yield _search(line)
        case Repeat():
            yield from _loop(merged(line))


def _loop(line: Repeat) -> Iterator[str]:
    counting = counting_of(line)
    body = [text for part in line.body for text in _statements(in_language(part, counting))]
    looping = Looping(
        head=counting.head,
        table=lambda row, values: _assignment(row, row_of_numbers(values)),
        carry=lambda carry: _assignment(carry.name, plain(carry.initial)),
        history=_row,
        keep=lambda row, counter: _assignment(row.name, put(row, counting, counter)),
        hand=lambda carry: _assignment(carry.name, nodes.Name(carry.following, NOWHERE)),
        end="}",
        indent=INDENT,
    )
    texts = [text.rstrip() for text in repeated(line, body[1:] if body[:1] == [""] else body, looping)]
    if any(len(text) > WIDTH for text in texts) or any("\n" in text for text in body):  # there is less room in a block
        yield format_source(Source("", "\n".join(texts))).rstrip("\n")
    else:
        yield from texts


def _row(row: History) -> Iterator[str]:
    yield _assignment(row.name, row_of_zeros(row))
    if row.initial is not None:
        yield _assignment(row.name, put(row, FROM_0))


def _definitions(root: RootLine) -> Iterator[str]:
    """The function of a root, behind those that it calls itself."""
    roots, todo = [], [root]
    while todo:
        roots.append(todo.pop())
        todo += [line for line in roots[-1].body if isinstance(line, RootLine)]
    for one in reversed(roots):
        body: list[str] = []
        for line in one.body:
            body += [_search(line)] if isinstance(line, RootLine) else _statements(line)
        body.append(f"return {format_expression(one.off_by)}")
        yield "\n".join([f"def {one.function}({', '.join(one.parameters)}) {{", *map(_indented, body), "}"])


def _search(root: RootLine) -> str:
    name = nodes.Name(root.name, NOWHERE)
    off_by = nodes.Apply(root.function, (name, *root.arguments), NOWHERE)
    equation = nodes.Apply("==", (off_by, nodes.Number("0", NOWHERE)), NOWHERE)
    return _statement(nodes.Solve((name,), (root.start,), (equation,), NOWHERE))


def _indented(text: str) -> str:
    return "\n".join(f"{INDENT}{line}" for line in text.split("\n"))


def _outputs(outputs: Iterable[str], lines: Lines) -> Iterator[str]:
    """The statements that name the results, in their order; one that is another value is a copy of it; 0 if missing."""
    plain: list[str] = []
    for name in outputs:
        tree = lines.results.get(name, nodes.Number("0", NOWHERE))
        if isinstance(tree, nodes.Name) and tree.name == name:
            plain.append(name)
            continue
        yield from _plain_outputs(plain)
        plain = []
        yield _statement(nodes.Output((nodes.Name(name, NOWHERE),), (tree,), NOWHERE))
    yield from _plain_outputs(plain)


def _plain_outputs(names: Sequence[str]) -> Iterator[str]:
    if names:
        yield f"output {', '.join(names)}"


def _assignment(name: str, tree: nodes.Expression) -> str:
    return _statement(nodes.Assignment(nodes.Name(name, NOWHERE), tree, NOWHERE))


def _written(name: str, value: Formula) -> str:
    text = f"{name} = {value}"
    (tree,) = value.parts if len(text) > WIDTH else (None,)
    return text if tree is None or isinstance(tree, str) else _assignment(name, tree)


def _statement(statement: nodes.Statement) -> str:
    return format_tree(nodes.Tree("", (statement,))).rstrip("\n")
