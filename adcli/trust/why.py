"""Where one component of a gradient comes from: its largest paths, or what makes it zero, infinite or no number."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from adcli.derive.modes import at_inputs
from adcli.program.program import Program
from adcli.rules.dispatch import is_finite
from adcli.rules.facts import Notation
from adcli.rules.primitive import ArrayPrimitive
from adcli.syntax.source import Span
from adcli.tape.components import flattened, is_nonzero, name_of, unit_at
from adcli.tape.describe import large, not_finite_text, operation_text
from adcli.tape.domains import push_forward
from adcli.tape.fast import sweep
from adcli.tape.labels import labels
from adcli.tape.reach import active_entries, entries_behind
from adcli.tape.tape import Guard, Tape, Value, outcome_text
from adcli.trust.answer import Answer, Kind, Why
from adcli.trust.component import Index, entry_and_index
from adcli.trust.cures import Cure, cure
from adcli.trust.difference import EPSILON
from adcli.trust.guards import is_at_kink
from adcli.trust.path_search import largest_paths
from adcli.trust.path_words import sum_text
from adcli.trust.paths import Path, Paths, PathStep, carrying_operands, dependents
from adcli.trust.rewrites import smooth_way
from adcli.trust.undefined import undefined_contributions
from adcli.trust.underflow import underflows
from adcli.trust.wording import listed, partial_equation, place, quoted

_NAMED = 3  # entries that an answer names
FEW = 20  # paths that are all looked at to tell what cancels
_MUCH = 1e-3  # of the sum of absolute products: what is below has lost digits worth telling of
_LEAST = math.log(5e-324)  # of the sizes of floats


class Explainer:
    """Answers for the components of the gradient of one number, which share a sweep and a walk over the tape."""

    def __init__(self, program: Program, tape: Tape, output: str, target: int, inputs: Sequence[str]) -> None:
        """Take a run, the number that is differentiated, by name and entry, and the inputs that matter."""
        self.program = program
        self.tape = tape
        self.output = output
        self.target = target
        self.inputs = inputs
        sources = [tape.inputs[name] for name in inputs]
        self.paths = Paths(tape, self.target, sources)
        adjoints = sweep(tape, {self.target: 1.0}, self.paths.active)
        self.gradient: Mapping[str, Value] = at_inputs(tape, adjoints, inputs)
        self.names = labels(tape)

    @cached_property
    def _behind(self) -> list[bool]:
        return entries_behind(self.tape, [self.target])

    def explain(self, component: str, limit: int) -> Why:
        """Where one component, `x` or `w[2]`, comes from, with so many of its paths."""
        slope = flattened(self.gradient)[component]
        source, index = entry_and_index(self.tape, component)
        count = self.paths.count(source, index)
        few = slope == 0 and 0 < count <= FEW
        largest, exact = largest_paths(self.paths, source, max(limit, FEW) if few else limit, index)
        shown, total = largest[:limit], self.paths.total(source, index)
        rest = self._rest(slope, shown, count, total)
        cured = None
        if not math.isfinite(slope):
            answer, cured = self._not_finite(source, index)
        elif slope == 0:
            answer = self._zero(component, source, index, count, largest, total)
        else:
            answer = Answer(Kind.ORDINARY, sum_text(count, shown, slope, exact, self.names))
        notes = (*self._cancellation(slope, total), *self._kinks(shown))
        return Why(self.output, component, slope, answer, count, shown, exact, rest, total, notes, cured)

    def _rest(self, slope: float, shown: Sequence[Path], count: int, total: float) -> float | None:
        """What the paths that are not shown sum to. What only rounding leaves of it is 0."""
        if count == len(shown):
            return 0.0
        products = [path.product for path in shown]
        if not math.isfinite(slope) or not all(map(math.isfinite, products)):
            return None
        rest = slope - math.fsum(products)
        length = max((len(path.steps) for path in shown), default=0)
        return rest if abs(rest) > (length + 4) * EPSILON * total else 0.0

    # Why it is zero

    def _zero(
        self, component: str, source: int, index: Index, count: int, largest: Sequence[Path], total: float
    ) -> Answer:
        if count == 0:
            return self._no_path(component, source, index)
        nothing = total == 0 or (len(largest) == count and not any(path.product for path in largest))
        if not all(step.partial is not None for path in largest for step in path.steps):
            return self._flat(source, index, count) if nothing else self._cancelling(largest, count, total)
        size = self.paths.size(source, index)
        if size == -math.inf:
            return self._flat(source, index, count)
        if nothing:
            where = "" if size < _LEAST else " on the way back"  # where some part of a product is too small
            text = f"zero by underflow{where}: the largest product of partials is about 10^{size / math.log(10):.0f}"
            return Answer(Kind.UNDERFLOW, text)
        return self._cancelling(largest, count, total)

    def _cancelling(self, largest: Sequence[Path], count: int, total: float) -> Answer:
        products = [path.product for path in largest]
        if len(largest) < count:
            return Answer(Kind.CANCELS, f"zero: {large(count)} paths cancel; their absolute values sum to {total:.6g}")
        if not sum(products) and not math.fsum(products):
            first, *others = [product for product in products if product]
            text = "".join(f" {'-' if product < 0 else '+'} {abs(product):.6g}" for product in others[:FEW])
            return Answer(Kind.CANCELS, f"zero: {len(products)} paths cancel exactly: {first:.6g}{text} = 0")
        return Answer(Kind.CANCELS, f"zero: {len(products)} paths cancel, as far as they are not rounded")

    def _flat(self, source: int, index: Index, count: int) -> Answer:
        """Each path has a factor 0: where the first of them are, and whether they are 0 in exact arithmetic."""
        tape = self.tape
        moved = push_forward(tape, {source: unit_at(tape.values[source], index)}) if tape.arrays else None
        stops = self._first_stops(source, index, moved)
        underflow = bool(stops) and all(underflows(tape, step, moved) for step in stops)
        named = set(self._places([step.entry for step in stops]))
        stops = [step for step in stops if step.entry in named]
        factors = listed([self._zero_text(step) for step in stops], _NAMED)
        each = "the only path has" if count == 1 else f"each of {large(count)} paths has"
        kind, text = Kind.FLAT, f"zero here: {each} a factor 0: {factors}"
        if underflow:
            kind, text = Kind.UNDERFLOW, f"zero by underflow: {each} a factor that is too small for a number: {factors}"
        return self._answer(kind, text, tuple(dict.fromkeys(step.entry for step in stops)))

    def _zero_text(self, step: PathStep) -> str:
        tape, names = self.tape, self.names
        if step.partial is None or isinstance(tape.operations[step.entry], ArrayPrimitive):
            operation = operation_text(tape, step.entry, names)
            return f"`{operation}` does not move with it, line {tape.line(step.entry)}"
        equation = partial_equation(tape, step.entry, step.position, names)
        return f"{equation.removesuffix(' = 0')} = 0, line {tape.line(step.entry)}"

    def _first_stops(self, source: int, index: Index, tangents: Sequence[Value | None] | None) -> list[PathStep]:
        """The steps at which the ways from a source first meet a partial 0.

        With arrays those are the steps to the first entries of which no element moves with the source, by the tangents.
        """
        stops: list[PathStep] = []
        seen = {source}
        todo = [source]
        while todo:
            entry = todo.pop()
            for step in self.paths.steps_from(entry, index if entry == source else ()):
                if self._stops(step, tangents):
                    stops.append(step)
                elif step.entry not in seen:
                    seen.add(step.entry)
                    todo.append(step.entry)
        return sorted(stops, key=lambda step: step.edge)

    def _stops(self, step: PathStep, tangents: Sequence[Value | None] | None) -> bool:
        if tangents is None:
            return step.size == -math.inf
        tangent = tangents[step.entry]
        return tangent is None or not is_nonzero(tangent)

    def _no_path(self, component: str, source: int, index: Index) -> Answer:
        """There is no path: it reaches no output, or only through what carries nothing."""
        depends = dependents(self.tape, source, index)
        ends = self._ends(source, depends)
        untaken = self._untaken(component)
        if untaken is not None:
            return untaken
        if ends:
            return self._rounded(component, ends)
        guards = [guard for guard in self.tape.guards if guard.left in depends or guard.right in depends]
        if guards:
            return self._deciding(component, guards)
        if depends == {source}:
            return Answer(Kind.UNUSED, f"zero: nothing that ran reads `{component}`")
        used = {operand for entry in depends for operand in self.tape.operands[entry]}
        last = self._places(sorted(entry for entry in depends if entry not in used))
        texts = [
            f"`{self.names[entry]} = {operation_text(self.tape, entry, self.names)}`, line {self.tape.line(entry)}"
            for entry in last
        ]
        what = f"what is computed from it ends in {listed(texts, _NAMED)}"
        return self._answer(Kind.UNREACHED, f"zero: it does not reach `{self.output}`: {what}", last)

    def _ends(self, source: int, depends: set[int]) -> list[int]:
        """The entries behind the output at which a way from a source ends, as nothing is carried on."""
        tape = self.tape
        reached = {source}
        ends: list[int] = []
        for entry in sorted(depends):
            positions = [place for place, operand in enumerate(tape.operands[entry]) if operand in reached]
            if not positions:
                continue
            if not set(carrying_operands(tape, entry)).isdisjoint(positions):
                reached.add(entry)
            elif self._behind[entry]:
                ends.append(entry)
        return ends

    def _rounded(self, component: str, ends: Sequence[int]) -> Answer:
        entries = self._places(ends)
        through = listed([quoted(self.tape, entry, self.names) for entry in entries], _NAMED)
        operations = [self.tape.operations[entry] for entry in entries]
        if all(operation.notation is Notation.CONDITION for operation in operations):
            kind, text = Kind.DECIDES, f"zero: `{component}` only decides, which has no derivative: {through}"
        elif all(isinstance(operation, ArrayPrimitive) for operation in operations):
            kind, text = Kind.DECIDES, f"zero: `{component}` only counts as a subscript, a size or a mask: {through}"
        else:
            only_way = f"the only way to `{self.output}` is through {through}"
            kind, text = Kind.ROUNDED, f"zero: {only_way}: the slope is 0 wherever there is one"
        return self._answer(kind, text, entries)

    def _untaken(self, component: str) -> Answer | None:
        from adcli.trust.untaken import untaken_uses  # which few gradients need

        output = name_of(self.tape.names[self.target] or "")
        uses = untaken_uses(self.program, self.tape, name_of(component), output)
        if not uses:
            return None
        source = self.tape.source
        first = uses[0]
        written = " ".join(source.text[first.use.span.start : first.use.span.end].split())
        decided, used = (source.place(span.start)[0] for span in (first.decided, first.use.span))
        more = f", and {len(uses) - 1:,} more such place{'s' * (len(uses) > 2)}" if len(uses) > 1 else ""
        text = (
            f"zero: it counts in a branch that was not taken: `{written}`, line {used}, is not computed, as "
            f"{first.decision}, line {decided}{more}"
        )
        return Answer(Kind.UNTAKEN, text, (), (first.decided, first.use.span))

    def _deciding(self, component: str, guards: Sequence[Guard]) -> Answer:
        first: dict[tuple[Span, bool], Guard] = {}  # of each decision that came out one way
        for guard in guards:
            first.setdefault((guard.span, guard.holds), guard)
        texts = [
            f"`{text}` {outcome_text(guard.holds)}, line {line}"
            for guard in list(first.values())[:_NAMED]
            for text, line in [place(self.tape, guard, self.names)]
        ]
        text = f"zero: `{component}` only decides, which has no derivative: {'; '.join(texts)}"
        return Answer(Kind.DECIDES, text, (), tuple(dict.fromkeys(span for span, _ in first)))

    # Why it is not finite

    def _not_finite(self, source: int, index: Index) -> tuple[Answer, Cure | None]:
        tape = self.tape
        undefined = undefined_contributions(tape, self.target, active_entries(tape, [source]))
        only_partials = tape.arrays and undefined and is_finite(tape.values[self.target])
        value = None if only_partials else self._first_value(source, index)
        parts = [part.clash or part.text for part in undefined if value is None or part.clash]
        entries = [part.entry for part in undefined]
        kind, text = Kind.PARTIAL, "the first on the way back is"
        if value is not None:
            kind, text = Kind.VALUE, "the first value that is not finite is"
            parts.insert(0, not_finite_text(tape, value))
            entries.insert(0, value)
        what = f"{text} {'; then '.join(parts)}" if parts else "a sum on the way back is not"
        answer = self._answer(kind, f"not finite: {what}", tuple(dict.fromkeys(entries)))
        return answer, cure(tape, entries, self.target, source)

    def _first_value(self, source: int, index: Index) -> int | None:
        """The first value that is not finite, of those that a way from a source to the output meets or depends on."""
        tape, depends = self.tape, dependents(self.tape, source, index)
        on_the_way = [entry for entry in depends if self._behind[entry]]
        met = {value for entry in on_the_way for value in (entry, *tape.operands[entry])}
        behind = entries_behind(tape, [entry for entry in met if not is_finite(tape.values[entry])])
        return next((entry for entry, value in enumerate(tape.values) if behind[entry] and not is_finite(value)), None)

    # What else there is to know

    def _cancellation(self, slope: float, total: float) -> Iterator[str]:
        """A note where the sum of the paths is far smaller than they are."""
        if 0 < abs(slope) < _MUCH * total < math.inf:
            yield f"the absolute products sum to {total:.6g}: all but {abs(slope) / total:.1e} of that cancels"

    def _kinks(self, paths: Sequence[Path]) -> Iterator[str]:
        """A note for each operation on a path that is at a kink."""
        seen: set[Span | None] = set()
        for path in paths:
            for step in path.steps:
                span = self.tape.spans[step.entry]
                if span not in seen and is_at_kink(self.tape, step.entry):
                    seen.add(span)
                    convention = self.tape.operations[step.entry].convention
                    operation = quoted(self.tape, step.entry, self.names, written_out=True)  # as all commands do
                    somewhere = "" if type(self.tape.values[step.entry]) is float else " in some elements"
                    way = smooth_way(self.tape, [step.entry], self.names)
                    yield f"{operation}, is at a kink{somewhere}; its slope: {convention}{'; ' if way else ''}{way}"

    def _places(self, entries: Sequence[int]) -> tuple[int, ...]:
        """The first of the entries that come from each place of the program: a loop makes many of one."""
        first: dict[Span | None, int] = {}
        for entry in entries:
            first.setdefault(self.tape.spans[entry], entry)
        return tuple(first.values())

    def _answer(self, kind: Kind, text: str, entries: tuple[int, ...]) -> Answer:
        """An answer that names entries, with the places that these come from."""
        spans = dict.fromkeys(span for entry in entries if (span := self.tape.spans[entry]) is not None)
        return Answer(kind, text, entries, tuple(spans))
