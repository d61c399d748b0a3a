"""A tape as a program of the language: the straight line that ran, with what no output needs left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from adcli.emit.lines import NOWHERE, Definition, Line, Lines, Origin, Requirement, RootLine, Update, Wanted, lines_of
from adcli.syntax import nodes
from adcli.syntax.format import INDENT, format_expression, format_tree
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
    lines = lines_of(Wanted(emitted.tape, results, emitted.names, emitted.guards))
    texts = [f"# {line}".rstrip() for line in emitted.title]
    texts += emitted.declarations
    for line in lines.outer:
        texts += _statements(line)
    texts += ["", *_outputs(emitted.outputs, lines)]
    return "".join(f"{text}\n" for text in texts)


def _statements(line: Line) -> Iterator[str]:
    """A line as statements of the language."""
    match line:
        case Origin(number, file, text):
            yield ""
            yield f"# line {number}{f' of {file}' if file else ''}: {text}"
        case Definition(name, value):
            yield _assignment(name, value)
        case Update(name, array, function, operands):  # its old version under the new name, then what is put into it
            yield _assignment(name, array)
            yield _assignment(name, nodes.Apply(function, (nodes.Name(name, NOWHERE), *operands), NOWHERE))
        case Requirement(comparison, holds):
            condition = comparison if holds else nodes.Apply("not", (comparison,), NOWHERE)
            yield _statement(nodes.Require(condition, NOWHERE))
        case RootLine():
            yield from _definitions(line)
            yield _search(line)


def _definitions(root: RootLine) -> Iterator[str]:
    """The function of a root, behind those that it calls itself."""
    body: list[str] = []
    for line in root.body:
        if isinstance(line, RootLine):
            yield from _definitions(line)
            body.append(_search(line))
        else:
            body += _statements(line)
    body.append(f"return {format_expression(root.off_by)}")
    yield "\n".join([f"def {root.function}({', '.join(root.parameters)}) {{", *map(_indented, body), "}"])


def _search(root: RootLine) -> str:
    name = nodes.Name(root.name, NOWHERE)
    off_by = nodes.Apply(root.function, (name, *root.arguments), NOWHERE)
    equation = nodes.Apply("==", (off_by, nodes.Number("0", NOWHERE)), NOWHERE)
    return _statement(nodes.Solve((name,), (root.start,), (equation,), NOWHERE))


def _indented(text: str) -> str:
    return "\n".join(f"{INDENT}{line}" for line in text.split("\n"))


def _outputs(outputs: Mapping[str, int | None], lines: Lines) -> Iterator[str]:
    """The statements that name the results, in their order; a result that is another value is a copy of it."""
    plain: list[str] = []
    for name, entry in outputs.items():
        tree = nodes.Number("0", NOWHERE) if entry is None else lines.results[name]
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


def _statement(statement: nodes.Statement) -> str:
    return format_tree(nodes.Tree("", (statement,))).rstrip("\n")
