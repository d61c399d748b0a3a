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
from adcli.tape.components import flattened, index_of, is_nonzero, name_of, unit_at
from adcli.tape.describe import (
    expression_text,
    guard_text,
    labels,
    large,
    not_finite_text,
    operation_text,
    partial_text,
)
from adcli.tape.domains import push_forward
from adcli.tape.fast import sweep
from adcli.tape.reach import active_entries, entries_behind
from adcli.tape.tape import Guard, Tape, Value
from adcli.trust.answer import Answer, Kind, Why
from adcli.trust.cures import Cure, cure
from adcli.trust.difference import EPSILON
from adcli.trust.guards import is_at_kink
from adcli.trust.path_words import sum_text
from adcli.trust.paths import Index, Path, Paths, Step, carrying_operands, dependents
from adcli.trust.undefined import undefined_contributions
from adcli.trust.underflow import underflows

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
        self.gradient: Mapping[str, float] = flattened(at_inputs(tape, adjoints, inputs))
        self.names = labels(tape)

    @cached_property
    def _behind(self) -> list[bool]:
        return entries_behind(self.tape, [self.target])

    def explain(self, component: str, limit: int) -> Why:
        """Where one component, `x` or `w[2]`, comes from, with so many of its paths."""
        slope = self.gradient[component]
        source, index = self.tape.inputs[name_of(component)], index_of(component)
        count = self.paths.count(source, index)
        few = slope == 0 and 0 < count <= FEW
        found, exact = self.paths.largest(source, max(limit, FEW) if few else limit, index)
        shown, total = found[:limit], self.paths.total(source, index)
        rest = self._rest(slope, shown, count, total)
        cured = None
        if not math.isfinite(slope):
            answer, cured = self._not_finite(source, index)
        elif slope == 0:
            answer = self._zero(component, source, index, count, found, total)
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
        self, component: str, source: int, index: Index, count: int, found: Sequence[Path], total: float
    ) -> Answer:
        if count == 0:
            return self._no_path(component, source, index)
        nothing = total == 0 or (len(found) == count and not any(path.product for path in found))
        if not all(step.partial is not None for path in found for step in path.steps):
            return self._flat(source, index, count) if nothing else self._cancelling(found, count, total)
        size = self.paths.size(source, index)
        if size == -math.inf:
            return self._flat(source, index, count)
        if nothing:
            where = "" if size < _LEAST else " on the way back"  # where some part of a product is too small
            text = f"zero by underflow{where}: the largest product of partials is about 10^{size / math.log(10):.0f}"
            return Answer(Kind.UNDERFLOW, text)
        return self._cancelling(found, count, total)

    def _cancelling(self, found: Sequence[Path], count: int, total: float) -> Answer:
        products = [path.product for path in found]
        if len(found) < count:
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
        stops = self._first_zeros(source) if moved is None else self._first_zero_tangents(source, index, moved)
        underflow = bool(stops) and all(underflows(tape, step, moved) for step in stops)
        named = set(self._places([step.entry for step in stops]))
        stops = [step for step in stops if step.entry in named]
        entries = tuple(dict.fromkeys(step.entry for step in stops))
        texts = [self._zero_text(step) for step in stops[:_NAMED]]
        more = f", and {len(stops) - _NAMED:,} others" if len(stops) > _NAMED else ""
        each = "the only path has" if count == 1 else f"each of {large(count)} paths has"
        if underflow:
            text = f"zero by underflow: {each} a factor that is too small for a number: {'; '.join(texts)}{more}"
            return Answer(Kind.UNDERFLOW, text, entries, self._spans(entries))
        return Answer(
            Kind.FLAT, f"zero here: {each} a factor 0: {'; '.join(texts)}{more}", entries, self._spans(entries)
        )

    def _zero_text(self, step: Step) -> str:
        tape, names = self.tape, self.names
        if step.partial is None or isinstance(tape.operations[step.entry], ArrayPrimitive):
            return f"`{operation_text(tape, step.entry, names)}` does not move with it, line {tape.line(step.entry)}"
        operand = names[tape.operands[step.entry][step.position]]
        text = partial_text(tape, step.entry, step.position, names)
        equal = "" if text == "0" else f" = {text}"
        return f"∂{names[step.entry]}/∂{operand}{equal} = 0, line {tape.line(step.entry)}"

    def _first_zeros(self, source: int) -> list[Step]:
        """The steps at which the ways from a source first meet a partial 0."""
        found: list[Step] = []
        seen = {source}
        todo = [source]
        while todo:
            entry = todo.pop()
            for step in self.paths.steps_from(entry):
                if step.size == -math.inf:
                    found.append(step)
                elif step.entry not in seen:
                    seen.add(step.entry)
                    todo.append(step.entry)
        return sorted(found, key=lambda step: (step.entry, step.position))

    def _first_zero_tangents(self, source: int, index: Index, tangents: Sequence[Value | None]) -> list[Step]:
        """The same with arrays: the first entries of which no element moves with the source, by the tangents."""
        found: list[Step] = []
        seen = {source}
        todo = [source]
        while todo:
            entry = todo.pop()
            for step in self.paths.steps_from(entry, index if entry == source else ()):
                tangent = tangents[step.entry]
                if tangent is None or not is_nonzero(tangent):
                    found.append(step)
                elif step.entry not in seen:
                    seen.add(step.entry)
                    todo.append(step.entry)
        return sorted(found, key=lambda step: (step.entry, step.position))

    def _no_path(self, component: str, source: int, index: Index) -> Answer:
        """There is no path: it reaches no output, or only through what carries nothing."""
        depends = dependents(self.tape, source, index)
        steps = self._lost_steps(source, depends)
        untaken = self._untaken(component)
        if untaken is not None:
            return untaken
        if steps:
            return self._rounded(component, steps)
        guards = [guard for guard in self.tape.guards if guard.left in depends or guard.right in depends]
        if guards:
            return self._deciding(component, guards)
        if depends == {source}:
            return Answer(Kind.UNUSED, f"zero: nothing that ran reads `{component}`")
        used = {operand for entry in depends for operand in self.tape.operands[entry]}
        last = self._places(sorted(entry for entry in depends if entry not in used))
        texts = [f"`{self.names[entry]} = {operation_text(self.tape, entry, self.names)}`, line "
                 f"{self.tape.line(entry)}" for entry in last[:_NAMED]]  # fmt: skip
        more = f", and {len(last) - _NAMED:,} others" if len(last) > _NAMED else ""
        text = f"zero: it does not reach `{self.output}`: what is computed from it ends in {'; '.join(texts)}{more}"
        return Answer(Kind.UNREACHED, text, last, self._spans(last))

    def _lost_steps(self, source: int, depends: set[int]) -> list[tuple[int, int]]:
        """The entries behind the output, with a position, at which a way from a source ends: nothing is carried on."""
        tape, behind = self.tape, self._behind
        reached = {source}
        lost: list[tuple[int, int]] = []
        for entry in sorted(depends):
            operands = tape.operands[entry]
            positions = [place for place, operand in enumerate(operands) if operand in reached]
            if positions:
                carrying = set(carrying_operands(tape, entry))
                if carrying.intersection(positions):
                    reached.add(entry)
                elif behind[entry]:
                    lost.append((entry, positions[0]))
        return lost

    def _rounded(self, component: str, lost: Sequence[tuple[int, int]]) -> Answer:
        tape = self.tape
        entries = self._places([entry for entry, _ in lost])
        texts = [f"`{operation_text(tape, entry, self.names)}`, line {tape.line(entry)}" for entry in entries[:_NAMED]]
        more = f", and {len(entries) - _NAMED:,} others" if len(entries) > _NAMED else ""
        listed = "; ".join(texts) + more
        operations = [tape.operations[entry] for entry in entries]
        if all(operation.notation is Notation.CONDITION for operation in operations):
            text = f"zero: `{component}` only decides, which has no derivative: {listed}"
            return Answer(Kind.DECIDES, text, entries, self._spans(entries))
        if all(isinstance(operation, ArrayPrimitive) for operation in operations):
            text = f"zero: `{component}` only counts as a subscript, a size or a mask: {listed}"
            return Answer(Kind.DECIDES, text, entries, self._spans(entries))
        text = f"zero: the only way to `{self.output}` is through {listed}: the slope is 0 wherever there is one"
        return Answer(Kind.ROUNDED, text, entries, self._spans(entries))

    def _untaken(self, component: str) -> Answer | None:
        from adcli.trust.untaken import untaken_uses  # which few gradients need

        found = untaken_uses(self.program, self.tape, name_of(component), name_of(self.tape.names[self.target] or ""))
        if not found:
            return None
        source = self.tape.source
        first = found[0]
        written = " ".join(source.text[first.use.span.start : first.use.span.end].split())
        decided, used = (source.place(span.start)[0] for span in (first.decided, first.use.span))
        more = f", and {len(found) - 1:,} more such place{'s' * (len(found) > 2)}" if len(found) > 1 else ""
        text = (
            f"zero: it counts in a branch that was not taken: `{written}`, line {used}, is not computed, as "
            f"{first.decision}, line {decided}{more}"
        )
        return Answer(Kind.UNTAKEN, text, (), (first.decided, first.use.span))

    def _deciding(self, component: str, guards: Sequence[Guard]) -> Answer:
        places = dict.fromkeys((guard.span, guard.holds) for guard in guards)
        first = {(guard.span, guard.holds): guard for guard in reversed(guards)}
        texts = [
            f"`{guard_text(self.tape, first[place], self.names)}` {'holds' if place[1] else 'fails'}, line "
            f"{self.tape.source.place(place[0].start)[0]}"
            for place in list(places)[:_NAMED]
        ]
        text = f"zero: `{component}` only decides, which has no derivative: {'; '.join(texts)}"
        return Answer(Kind.DECIDES, text, (), tuple(dict.fromkeys(span for span, _ in places)))

    # Why it is not finite

    def _not_finite(self, source: int, index: Index) -> tuple[Answer, Cure | None]:
        tape = self.tape
        found = undefined_contributions(tape, self.target, active_entries(tape, [source]))
        value = (
            None if tape.masked and found and is_finite(tape.values[self.target]) else self._first_value(source, index)
        )
        parts = [one.clash or one.text for one in found if value is None or one.clash]
        entries = [one.entry for one in found]
        kind, text = Kind.PARTIAL, "the first on the way back is"
        if value is not None:
            kind, text = Kind.VALUE, "the first value that is not finite is"
            parts.insert(0, not_finite_text(tape, value))
            entries.insert(0, value)
        cured = cure(tape, entries, self.target, source)
        named = tuple(dict.fromkeys(entries))
        listed = f"{text} {'; then '.join(parts)}" if parts else "a sum on the way back is not"
        return Answer(kind, f"not finite: {listed}", named, self._spans(named)), cured

    def _first_value(self, source: int, index: Index) -> int | None:
        """The first value that is not finite among those that a way from a source to the output meets, and theirs."""
        tape, depends = self.tape, dependents(self.tape, source, index)
        met = {
            one
            for entry in depends
            if self._behind[entry]
            for one in (entry, *tape.operands[entry])
            if not is_finite(tape.values[one])
        }
        behind = entries_behind(tape, met)
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
                    operation = expression_text(self.tape, step.entry, self.names)  # as all commands name a kink
                    somewhere = "" if type(self.tape.values[step.entry]) is float else " in some elements"
                    place = f"`{operation}`, line {self.tape.line(step.entry)}, is at a kink{somewhere}"
                    yield f"{place}; its slope: {convention}"

    def _places(self, entries: Sequence[int]) -> tuple[int, ...]:
        """The first of the entries that come from each place of the program: a loop makes many of one."""
        first: dict[Span | None, int] = {}
        for entry in entries:
            first.setdefault(self.tape.spans[entry], entry)
        return tuple(first.values())

    def _spans(self, entries: Sequence[int]) -> tuple[Span, ...]:
        return tuple(dict.fromkeys(span for entry in entries if (span := self.tape.spans[entry]) is not None))
