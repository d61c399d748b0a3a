"""What `adcli why` says: where each component of a gradient comes from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from adcli.errors import AdError, Problem
from adcli.report.cells import Cell, Column, Digits, Table, number_text
from adcli.report.fields import Field, picked, record_table
from adcli.report.report import Report, head
from adcli.rules.dispatch import shape_of
from adcli.rules.primitive import ArrayPrimitive
from adcli.rules.shapes import shape_text
from adcli.run import Names, Options, Run, chosen_inputs, differentiated_outputs, split_names, warned
from adcli.syntax import nodes
from adcli.syntax.format import format_expression
from adcli.syntax.source import Span
from adcli.tape.components import index_of, labels_of, name_of
from adcli.tape.describe import Labels, contribution_text, label_node, labels, large, partial_node
from adcli.tape.selected import with_entries
from adcli.tape.tape import Tape
from adcli.trust.answer import Why
from adcli.trust.path_words import path_text, share_text, shortened
from adcli.trust.paths import Path, PathStep
from adcli.trust.why import Explainer

SHORT = 20  # components that get an answer each; of more only the largest of each input does
_MOST_BITS = 13_000  # of a count that is written with all its digits: Python refuses to write more
_NOWHERE = Span(0, 0)


class _Answer(NamedTuple):
    """The answer for a component of the inputs."""

    report: WhyReport
    names: Labels
    name: str
    why: Why

    @property
    def tape(self) -> Tape:
        """What ran."""
        return self.report.run.tape

    def about(self, part: Any) -> _Part:
        """A part of the answer, as a row of its own."""
        return _Part(self.tape, self.names, part)


class _Part(NamedTuple):
    """A path, or a rewrite, of a tape."""

    tape: Tape
    names: Labels
    part: Any


PATH = (
    Field("entries", "from the input to the output", lambda row: [row.names[at] for at in row.part.entries], "[name]"),
    Field("lines", "where they stand", lambda row: [row.tape.line(at) for at in row.part.entries], "[line]"),
    Field("product", "of its partials", lambda row: row.part.product),
    Field("partials", "null between arrays", lambda row: [step.partial for step in row.part.steps], "[number]"),
)

REWRITE = (
    Field("line", "where it stands", lambda row: row.tape.line(row.part.match.entry)),
    Field("written", "what the program has", lambda row: row.part.match.written(row.tape, row.names)),
    Field("instead", "what is better", lambda row: row.part.match.replacement(row.tape, row.names)),
    Field("reason", "why it is", lambda row: row.part.match.rewrite.reason),
    Field("enough", "whether it alone makes output and derivative finite", lambda row: row.part.enough),
)

REMAINING = (
    Field("count", "how many there are", lambda row: _digits_of(row.why.number - len(row.why.paths))),
    Field("sum", "of their products", lambda row: row.why.rest),
)

WHY = (
    Field("output", "what is differentiated", lambda row: row.why.output, record=lambda row: row.report.output),
    Field("input", "the component", lambda row: row.why.input, record=lambda row: row.name),
    Field("gradient", "the derivative", lambda row: row.why.gradient),
    Field(
        "kind", "`ordinary`; of a zero `unused`, `unreached`, `rounded`, `decides`, `untaken`, `flat`, `cancels` or "
        "`underflow`; of what is not finite `value` or `partial`", lambda row: row.why.answer.kind.value,
    ),
    Field("answer", "in words", lambda row: row.why.answer.text),
    Field("entries", "what the answer names", lambda row: [row.names[at] for at in row.why.answer.entries], "[name]"),
    Field(
        "lines", "where these stand", lambda row: row.report._lines_of(row.why), "[line]",
        record=lambda row: " ".join(map(str, row.report._lines_of(row.why))),
    ),
    Field(
        "count", "of paths; a text where it has more than 15 digits", lambda row: _digits_of(row.why.number),
        record=lambda row: str(_digits_of(row.why.number)),
    ),
    Field("exact", "whether the paths are known to be the largest", lambda row: row.why.exact),
    Field("paths", "the largest", lambda row: [row.about(path) for path in row.why.paths], "[object]", PATH),
    Field("remaining", "the other paths", lambda row: row, "object", REMAINING),
    Field("absolute", "the sum of absolute products", lambda row: row.why.total),
    Field("notes", "what else is to be known, in words", lambda row: row.why.notes, "[text]"),
    Field(
        "rewrite", "what to write instead, or null",
        lambda row: None if row.why.cure is None else row.about(row.why.cure), "object", REWRITE,
    ),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class WhyReport(Report):
    """What `adcli why` says.

    Attributes:
        output: what is differentiated
        why: the answer for each component that was asked for
        left_out: for an input of which one component stands for all, the number of the others, and how many are 0
        run: what ran
    """

    fields = (
        Field(
            "why", "the answers",
            lambda report: {report.output: {answer.name: answer for answer in report._answers}},
            "{output: {component: object}}", WHY,
        ),
    )  # fmt: skip

    output: str
    why: Mapping[str, Why]
    left_out: Mapping[str, tuple[int, int]]
    run: Run

    @property
    def _answers(self) -> list[_Answer]:
        return [_Answer(self, labels(self.run.tape), name, why) for name, why in self.why.items()]

    def _lines_of(self, why: Why) -> list[int]:
        return sorted({self.source.place(span.start)[0] for span in why.answer.spans})

    def records(self) -> Table:
        """The components, one to a row."""
        return record_table("why", self._answers, (*picked(WHY, "output input gradient kind answer count lines"),))

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The plain answers, then the paths, if there is one component only."""
        columns = (Column("input"), Column("gradient", number=True), Column("why", breaks=True))
        rows = tuple((name, why.gradient, why.answer.text) for name, why in self.why.items())
        notes = [self._left_out_text(name, *counts) for name, counts in self.left_out.items()]
        answers = list(self.why.values())
        told: dict[str, list[str]] = {}  # by what is told of them
        for why in answers:
            for note in (*why.notes, *self._rewrite_notes(why)):
                told.setdefault(note, []).append(why.input)
        notes += [f"{', '.join(names)}: {note}" if len(answers) > 1 else note for note, names in told.items()]
        notes += self._next_step()
        table = Table(f"where the gradient of {self.output} comes from", columns, rows, "\n".join(notes))
        return [table, self._paths_table(answers[0], digits)] if len(answers) == 1 and answers[0].paths else [table]

    def _next_step(self) -> list[str]:
        """How to see the paths, where there are several components and one of them has several paths."""
        name = next((name for name, why in self.why.items() if why.number > 1 and math.isfinite(why.gradient)), None)
        if name is None or len(self.why) == 1:
            return []
        tape, wanted = self.run.tape, f"'{name}'" if "[" in name else name
        met = (entry for path in self.why[name].paths for entry in path.entries if not tape.names[entry])
        unnamed = next((labels(tape)[entry] for entry in met), None)
        more = f"; `adcli tape` tells what {unnamed} is" if unnamed else ""
        return [f"--wrt {wanted} shows the paths of {name}{more}"]

    def _left_out_text(self, name: str, others: int, zeros: int) -> str:
        zero = f"; {zeros:,} of them are 0" if zeros > 1 else "; one of them is 0" if zeros else ""
        return f"{name}: the largest of {others + 1:,} components{zero}; --wrt '{name}[...]' takes any other"

    def _rewrite_notes(self, why: Why) -> list[str]:
        if why.cure is None:
            return []
        tape, match = self.run.tape, why.cure.match
        names = labels(tape)
        written, instead = match.written(tape, names), match.replacement(tape, names)
        more = "" if why.cure.enough else "; this alone is not enough"
        return [f"instead of `{written}`, line {tape.line(match.entry)}: `{instead}`; {match.rewrite.reason}{more}"]

    def _paths_table(self, why: Why, digits: Digits) -> Table:
        names = labels(self.run.tape)
        columns = (
            Column("path", breaks=True), Column("product of partials", breaks=True), Column("=", number=True),
            Column("share", number=True), Column("lines"),
        )  # fmt: skip
        rows: list[tuple[Cell, ...]] = [
            (
                path_text(path, names),
                self._product_text(path, names, digits),
                path.product,
                _share(path.product, why),
                self._lines_text(path),
            )
            for path in why.paths
        ]
        others = why.number - len(why.paths)
        if others:
            rows.append((f"{large(others)} other paths, together", None, why.rest, _share(why.rest, why), None))
        return Table(f"paths from {why.input} to {why.output}", columns, tuple(rows), "\n".join(_path_notes(why)))

    def _product_text(self, path: Path, names: Labels, digits: Digits) -> Cell:
        """`1 * cos(a) * y`, and the numbers below: from the output back, as the sweep goes."""
        steps = path.steps[::-1]
        if not steps:
            return "1"
        if any(step.partial is None for step in steps) or any(self._has_no_partial(step) for step in steps):
            return "; ".join(
                shortened(steps, lambda step: contribution_text(self.run.tape, step.entry, step.position, names))
            )
        formula = shortened(steps, lambda step: self._factor(step, names, len(steps) == 1))
        numbers = shortened(steps, lambda step: number_text(step.partial, digits))
        if formula == numbers:
            return " * ".join(formula)
        return " * ".join(formula), f"= {' * '.join(numbers)}"

    def _has_no_partial(self, step: PathStep) -> bool:
        return isinstance(self.run.tape.operations[step.entry], ArrayPrimitive) and step.partial != 1.0

    def _factor(self, step: PathStep, names: Labels, alone: bool) -> str:
        """A partial as a factor, in parentheses where it needs them."""
        if isinstance(self.run.tape.operations[step.entry], ArrayPrimitive):
            return "1"
        one = label_node("1")
        partial = partial_node(self.run.tape, step.entry, step.position, names)
        if alone:
            return format_expression(partial)
        text = format_expression(nodes.Apply("*", (one, partial), _NOWHERE))
        return text.removeprefix("1 * ")

    def _lines_text(self, path: Path) -> str:
        spans = {span for step in path.steps if (span := self.run.tape.spans[step.entry]) is not None}
        lines = sorted({self.source.place(span.start)[0] for span in spans})
        return ", ".join(map(str, lines)) if len(lines) <= 3 else f"{lines[0]} to {lines[-1]}"


@dataclass(frozen=True)
class WhyOptions(Options[WhyReport]):
    """What `adcli why` is asked.

    Attributes:
        of: the name of the value that is differentiated; by default the first output
        wrt: the inputs, or components of them, as "x,w[2]"; by default all
        paths: how many paths there are to be of one component; of several only the answers are given
    """

    of: str | None = None
    wrt: Names = None
    paths: int = 5

    def report(self, run: Run) -> WhyReport:
        """Where the components of a gradient come from. Raises AdError `unknown-name` for one that an input has not."""
        outputs = differentiated_outputs(run, run.program.outputs[0] if self.of is None else self.of)
        tape, entries = with_entries(run.tape, outputs.values())
        run, (output,) = run._replace(tape=tape), outputs
        wrt = split_names(self.wrt)
        inputs = chosen_inputs(run.program, None if wrt is None else [name_of(name) for name in wrt])
        explainer = Explainer(run.program, tape, output, entries[output], inputs)
        components, left_out = _components(run, inputs, wrt, explainer.gradient)
        paths = self.paths if len(components) == 1 else 1
        why = {name: explainer.explain(name, paths) for name in components}
        run = warned(run, explainer.paths.active)
        return WhyReport(*head(run, self.of), output, why, left_out, run)


def _components(
    run: Run, inputs: Sequence[str], wrt: Sequence[str] | None, gradient: Mapping[str, float]
) -> tuple[list[str], dict[str, tuple[int, int]]]:
    """The components to explain, and of inputs with too many how many are left out, and are 0."""
    wanted = {name: [one for one in wrt or () if name_of(one) == name and one != name] for name in inputs}
    chosen: list[str] = []
    left_out: dict[str, tuple[int, int]] = {}
    for name in inputs:
        every = list(labels_of(name, shape_of(run.point[name])))
        if wanted[name]:
            chosen += [_component(run, one) for one in wanted[name]]
        elif len(every) <= SHORT:
            chosen += every
        else:
            largest = max(every, key=lambda label: (gradient[label] != gradient[label], abs(gradient[label])))
            chosen.append(largest)
            left_out[name] = len(every) - 1, sum(gradient[label] == 0 for label in every)
    return list(dict.fromkeys(chosen)), left_out


def _component(run: Run, label: str) -> str:
    """The name of a component as it is written everywhere; raises AdError where there is none."""
    name, value = name_of(label), run.point[name_of(label)]
    shape = shape_of(value)
    try:
        index = index_of(label)
        inside = len(index) == len(shape) and all(-size <= at < size for at, size in zip(index, shape, strict=True))
    except ValueError:
        inside = False
    if not inside or not shape:
        problem = Problem("unknown-name", f"there is no component `{label}`", note=f"`{name}` is {shape_text(shape)}")
        raise AdError(problem)
    return f"{name}[{', '.join(str(at % size) for at, size in zip(index, shape, strict=True))}]"


def _path_notes(why: Why) -> list[str]:
    if why.exact:
        return []
    return ["too many paths go through arrays to look at all: these are the largest that were found"]


def _share(product: float | None, why: Why) -> str | None:
    """The share of the gradient; of what cancels, the share of the sum of absolute values."""
    whole = why.gradient or why.total
    if product is None or not whole or not math.isfinite(product) or not math.isfinite(whole):
        return None
    return share_text(product, whole)


def _digits_of(count: int) -> int | str:
    """A count for JSON: with all its digits, as a text where numbers of JSON have not as many."""
    if count < 2**53:
        return count
    return str(count) if count.bit_length() < _MOST_BITS else large(count).removeprefix("about ")
