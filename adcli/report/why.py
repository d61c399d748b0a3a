"""What `adcli why` says: where each component of a gradient comes from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from adcli.errors import AdError, Problem
from adcli.records import NamedTuple, dataclass
from adcli.report.cells import Cell, Column, Digits, Records, Table, named, number, number_text, prose
from adcli.report.fields import Field, counted, picked, records_of, table
from adcli.report.report import Report, head
from adcli.rules.dispatch import shape_of
from adcli.rules.primitive import ArrayPrimitive
from adcli.rules.shapes import shape_text
from adcli.run import Names, Options, Run, chosen_inputs, differentiated_outputs, split_names, warned
from adcli.syntax import nodes
from adcli.syntax.format import format_expression
from adcli.syntax.formula import Formula
from adcli.syntax.source import Span
from adcli.tape.components import elements, index_of, label_of, labels_of, name_of
from adcli.tape.describe import contribution_text, large, partial_node
from adcli.tape.labels import Labels, label_node, labels
from adcli.tape.selected import with_entries
from adcli.tape.tape import Tape, Value
from adcli.trust.answer import Why
from adcli.trust.path_words import path_text, share_text, shortened
from adcli.trust.paths import Path, PathStep
from adcli.trust.rewrites import Match
from adcli.trust.why import Explainer

SHORT = 20  # components that get an answer each; of more only the largest of each input does
_MOST_BITS = 13_000  # of a count that is written with all its digits: Python refuses to write more
_NOWHERE = Span(0, 0)


class _Component(NamedTuple):
    """The answer for a component of the inputs."""

    report: WhyReport
    names: Labels
    name: str
    why: Why

    @property
    def tape(self) -> Tape:
        """What ran."""
        return self.report.run.tape

    @property
    def lines(self) -> list[int]:
        """Where that stands which the answer names."""
        return sorted({self.tape.source.place(span.start)[0] for span in self.why.answer.spans})

    @property
    def paths(self) -> list[_PathRow]:
        """The largest paths."""
        return [_PathRow(self.tape, self.names, path, self.why) for path in self.why.paths]

    @property
    def rewrite(self) -> _Replacement | None:
        """What to write instead."""
        cure = self.why.cure
        return None if cure is None else _Replacement(self.tape, self.names, cure.match, cure.enough)


class _PathRow(NamedTuple):
    """A path of a tape."""

    tape: Tape
    names: Labels
    path: Path
    why: Why

    def product_text(self, digits: Digits) -> Cell:
        """`1 * cos(a) * y`, and the numbers below: from the output back, as the sweep goes."""
        steps = self.path.steps[::-1]
        if not steps:
            return "1"
        if any(step.partial is None for step in steps) or any(self._has_no_partial(step) for step in steps):
            return Formula.joined("; ", shortened(steps, self._contribution))
        formula = shortened(steps, lambda step: self._factor(step, len(steps) == 1))
        numbers = shortened(steps, lambda step: number_text(step.partial, digits))
        if formula == numbers:
            return Formula.joined(" * ", formula)
        return Formula.joined(" * ", formula), Formula("= ", " * ".join(numbers))

    def _contribution(self, step: PathStep) -> str:
        return contribution_text(self.tape, step.entry, step.position, self.names)

    def _has_no_partial(self, step: PathStep) -> bool:
        return isinstance(self.tape.operations[step.entry], ArrayPrimitive) and step.partial != 1.0

    def _factor(self, step: PathStep, alone: bool) -> str:
        """A partial as a factor, in parentheses where it needs them."""
        if isinstance(self.tape.operations[step.entry], ArrayPrimitive):
            return "1"
        partial = partial_node(self.tape, step.entry, step.position, self.names)
        if alone:
            return Formula(partial)
        text = format_expression(nodes.Apply("*", (label_node("1"), partial), _NOWHERE))
        return Formula("(", partial, ")") if text == f"1 * ({format_expression(partial)})" else Formula(partial)

    def lines_text(self) -> str:
        """The lines that the path goes through; of many the first and the last."""
        spans = {span for step in self.path.steps if (span := self.tape.spans[step.entry]) is not None}
        lines = sorted({self.tape.source.place(span.start)[0] for span in spans})
        return ", ".join(map(str, lines)) if len(lines) <= 3 else f"{lines[0]} to {lines[-1]}"


class _Replacement(NamedTuple):
    """What to write instead of a part of a program."""

    tape: Tape
    names: Labels
    match: Match
    enough: bool

    @property
    def note(self) -> str:
        """All that is said of it, in a sentence."""
        line, written, instead, reason, _ = (field.of(self) for field in REWRITE)
        more = "" if self.enough else "; this alone is not enough"
        return f"instead of `{written}`, line {line}: `{instead}`; {reason}{more}"


PATH = (
    Field("entries", "from the input to the output", lambda row: [row.names[at] for at in row.path.entries], "[name]",
          column=prose("path"), show=lambda row: path_text(row.path, row.names)),
    Field("lines", "where they stand", lambda row: [row.tape.line(at) for at in row.path.entries], "[line]",
          column=Column("lines"), show=_PathRow.lines_text),
    Field("product", "of its partials", lambda row: row.path.product, column=number("=")),
    Field("partials", "null between arrays", lambda row: [step.partial for step in row.path.steps], "[number]"),
)  # fmt: skip
_PATH_ROW = (
    *picked(PATH, "entries"),
    Field("", column=prose("product of partials"), text=_PathRow.product_text),
    *picked(PATH, "product"),
    Field("", column=number("share"), show=lambda row: _share(row.path.product, row.why)),
    *picked(PATH, "lines"),
)

REWRITE = (
    Field("line", "where it stands", lambda row: row.tape.line(row.match.entry)),
    Field("written", "what the program has", lambda row: row.match.written(row.tape, row.names)),
    Field("instead", "what is better", lambda row: row.match.replacement(row.tape, row.names)),
    Field("reason", "why it is", lambda row: row.match.rewrite.reason),
    Field("enough", "whether it alone makes output and derivative finite"),
)

REMAINING = (
    Field("count", "how many there are", lambda row: counted(row.why.number - len(row.why.paths), _MOST_BITS)),
    Field("sum", "of their products", lambda row: row.why.rest),
)

WHY = (
    Field("output", "what is differentiated", lambda row: row.why.output, record=lambda row: row.report.output),
    Field("input", "the component", lambda row: row.why.input, record=lambda row: row.name,
          column=named("input"), show=lambda row: row.name),
    Field("gradient", "the derivative", lambda row: row.why.gradient, column=number("gradient")),
    Field(
        "kind", "`ordinary`; of a zero `unused`, `unreached`, `rounded`, `decides`, `untaken`, `flat`, `cancels` or "
        "`underflow`; of what is not finite `value` or `partial`", lambda row: row.why.answer.kind.value,
    ),
    Field("answer", "in words", lambda row: row.why.answer.text, column=prose("why")),
    Field("entries", "what the answer names", lambda row: [row.names[at] for at in row.why.answer.entries], "[name]"),
    Field("lines", "where these stand", form="[line]", record=lambda row: " ".join(map(str, row.lines))),
    Field("count", "of paths; a text where it has more than 15 digits",
          lambda row: counted(row.why.number, _MOST_BITS)),
    Field("exact", "whether the paths are known to be the largest", lambda row: row.why.exact),
    Field("paths", "the largest", form="[object]", fields=PATH),
    Field("remaining", "the other paths", lambda row: row, "object", REMAINING),
    Field("absolute", "the sum of absolute products", lambda row: row.why.total),
    Field("notes", "what else is to be known, in words", lambda row: row.why.notes, "[text]"),
    Field("rewrite", "what to write instead, or null", form="object", fields=REWRITE),
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
    def _answers(self) -> list[_Component]:
        return [_Component(self, labels(self.run.tape), name, why) for name, why in self.why.items()]

    def records(self) -> Records:
        """The components, one to a row."""
        return records_of(self._answers, (*picked(WHY, "output input gradient kind answer count lines"),))

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The plain answers, then the paths, if there is one component only."""
        answers = self._answers
        notes = [self._left_out_text(name, *counts) for name, counts in self.left_out.items()]
        told: dict[str, list[str]] = {}  # by what is told of them
        for answer in answers:
            cure = [] if answer.rewrite is None else [answer.rewrite.note]
            for note in (*answer.why.notes, *cure):
                told.setdefault(note, []).append(answer.why.input)
        notes += [f"{', '.join(names)}: {note}" if len(answers) > 1 else note for note, names in told.items()]
        notes += self._next_step()
        whole = table(f"where the gradient of {self.output} comes from", answers, WHY, "\n".join(notes))
        return [whole, _paths_table(answers[0], digits)] if len(answers) == 1 and answers[0].paths else [whole]

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


def _paths_table(answer: _Component, digits: Digits) -> Table:
    """The paths of a component, and all others in one row."""
    why = answer.why
    rows: list[_PathRow | tuple[Cell, ...]] = [*answer.paths]
    others = why.number - len(why.paths)
    if others:
        rows.append((f"{large(others)} other paths, together", None, why.rest, _share(why.rest, why), None))
    note = "" if why.exact else "too many paths go through arrays to look at all: these are the largest that were found"
    return table(f"paths from {why.input} to {why.output}", rows, _PATH_ROW, note, digits)


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
    run: Run, inputs: Sequence[str], wrt: Sequence[str] | None, gradient: Mapping[str, Value]
) -> tuple[list[str], dict[str, tuple[int, int]]]:
    """The components to explain, and of inputs with too many how many are left out, and are 0."""
    wanted = {name: [label for label in wrt or () if name_of(label) == name and label != name] for name in inputs}
    chosen: list[str] = []
    left_out: dict[str, tuple[int, int]] = {}
    for name in inputs:
        slopes, shape = elements(gradient[name]), shape_of(run.point[name])
        if wanted[name]:
            chosen += [_component(run, label) for label in wanted[name]]
        elif len(slopes) <= SHORT:
            chosen += labels_of(name, shape)
        else:
            largest = max(range(len(slopes)), key=lambda at: (slopes[at] != slopes[at], abs(slopes[at])))
            chosen.append(label_of(name, shape, largest))
            left_out[name] = len(slopes) - 1, slopes.count(0.0)
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


def _share(product: float | None, why: Why) -> str | None:
    """The share of the gradient; of what cancels, the share of the sum of absolute values."""
    whole = why.gradient or why.total
    if product is None or not whole or not math.isfinite(product) or not math.isfinite(whole):
        return None
    return share_text(product, whole)
