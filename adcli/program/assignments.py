"""Assignments → code: one name, an element, several names at once, and the derivatives that a rule states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adcli.program.build import Outside
from adcli.program.code import Expect, Solve
from adcli.program.expressions import ExpressionCompiler, Task
from adcli.program.mistakes import wrong_arity, wrong_unpacking
from adcli.rules.arrays import stated
from adcli.rules.formulas import formula_tree
from adcli.rules.primitive import ArrayPrimitive
from adcli.rules.subscripts import element, updated
from adcli.rules.table import BINARY_OPERATORS, COPY, primitive_named
from adcli.syntax import nodes
from adcli.syntax.source import Span


class AssignmentCompiler(ExpressionCompiler):
    """Turns assignments into code, one after another."""

    def __init__(self, parameters: int = 0, outside: Outside | None = None) -> None:
        """Take what a builder takes; who knows the parameters' names puts them into `bindings`."""
        super().__init__(parameters, outside)
        self._kept_slots: list[int] = []  # of a rule, what its parameters were given

    def bind(self, target: nodes.Name, value: nodes.Expression, span: Span) -> None:
        """Append an assignment. A name for what has an entry already becomes a copy: each binding is an entry."""
        self._target = target.name
        self._updates = isinstance(value, nodes.Apply) and value.function.endswith("]=")
        slot = self.append(value)
        self._target = ""
        rows = self.rows
        if not (isinstance(value, nodes.Apply) and rows.targets and rows.targets[-1] == slot):
            self.operation(COPY, (slot,), span)
        rows.spans[-1] = span
        self.name_last(target.name)

    def update(self, target: nodes.Name, value: nodes.Apply, span: Span, operator: str) -> None:
        """Append `w[i] += x`: the subscripts are computed once, and the element is read before what changes it."""
        array, changed, *subscripts = value.operands
        assert isinstance(changed, nodes.Apply)
        self.begin_statement()
        self._calls = self._calls_in([changed.operands[1], *subscripts])
        slots: list[int] = []

        def read() -> None:
            slots.append(self.operation(element(value.function[1:-2]), tuple(slots), changed.operands[0].span))

        self._target, self._updates = target.name, True
        todo: list[Task] = [(changed.operands[1], False), read]
        todo.extend([(part, False) for part in (array, *subscripts)][::-1])
        self._work(slots, todo)
        self._target = ""
        *parts, old, by = slots
        new = self.operation(BINARY_OPERATORS[operator], (old, by), span)
        self.operation(updated(value.function[1:-2]), (parts[0], new, *parts[1:]), span)
        self.name_last(target.name)

    def unpack(
        self, targets: Sequence[nodes.Name | nodes.Apply], values: Sequence[nodes.Expression], span: Span
    ) -> None:
        """Append `a, b = b, a`, or `a, b = f(x)`: names for as many values, or for the parts of one."""
        slots = self._parts_of(values[0], len(targets), span) if len(values) == 1 else self.append_all(*values)
        if len(slots) != len(targets):
            self.problems.append(wrong_unpacking(len(targets), len(slots), span))
            slots = (slots * len(targets))[: len(targets)]
        names = [target.name for target in targets if isinstance(target, nodes.Name)]
        if len(names) == len(targets):
            self.bind_together(names, slots, span)
        else:
            self._bind_in_turn(targets, slots, span)

    def _bind_in_turn(self, targets: Sequence[nodes.Name | nodes.Apply], slots: Sequence[int], span: Span) -> None:
        """Bind names and elements one after another to values that are all kept before."""
        kept = [self.new_slot() for _ in slots]
        self.move(zip(kept, slots, strict=True), span)
        for target, slot in zip(targets, kept, strict=True):
            name = nodes.name_of_target(target).name
            self._target, self._updates = name, True
            if isinstance(target, nodes.Name):
                self.operation(COPY, (slot,), span)
            else:
                array, *subscripts = self.append_all(*target.operands)
                self.operation(updated(target.function[1:-1]), (array, slot, *subscripts), span)
            self._target = ""
            self.name_last(name)

    def _parts_of(self, value: nodes.Expression, count: int, span: Span) -> list[int]:
        """The slots of a value's parts: what a function returns, both factors of a `qr`, the elements of a vector."""
        if not isinstance(value, nodes.Apply):
            return self._elements(self.append(value), count, span)
        if self.returned_by(value.function) > 1:
            return self.append_several(value)
        if value.function == "[]":
            return self.append_all(*value.operands)
        if self.outside.key(value.function) is None and value.function not in self.outside.passed:
            primitive = primitive_named(value.function, len(value.operands))
            if isinstance(primitive, ArrayPrimitive) and primitive.parts:
                return self._parts_of_operation(value, primitive)
        return self._elements(self.append(value), count, span)

    def _parts_of_operation(self, value: nodes.Apply, primitive: ArrayPrimitive) -> list[int]:
        """The slots of what an operation gives, such as both factors of a `qr`, which are parts of one array."""
        operands = self.append_all(*value.operands)
        self._positional(value)
        if len(operands) != primitive.arity:
            self.problems.append(wrong_arity(primitive, len(operands), value.span))
            return [0] * len(primitive.parts)
        whole = self.operation(primitive, tuple(operands), value.span)
        letters = dict(zip(primitive.letters(len(operands)), operands, strict=True)) | {"v": whole}
        return [self._formula(formula, letters, value.span) for formula in primitive.parts]

    def _formula(self, formula: str, letters: Mapping[str, int], span: Span) -> int:
        """Append a formula of the table, whose letters stand for slots; the slot of its value."""
        outside, bindings, first = self.outside, self.bindings, len(self.rows.spans)
        self.outside, self.bindings = Outside(arrays=outside.arrays), dict(letters)
        slots: list[int] = []
        self._work(slots, [(formula_tree(formula), False)])
        self.outside, self.bindings = outside, bindings
        self.rows.spans[first:] = [span] * (len(self.rows.spans) - first)
        return slots[0]

    def _elements(self, slot: int, count: int, span: Span) -> list[int]:
        """The slots of the elements of a vector, or the rows of a matrix, of which there must be so many."""
        after = self.block()
        self.end(Expect(slot, count, after, span))
        self.start(after)
        places = [self.constant(str(place), float(place)) for place in range(count)]
        return [self.operation(element("."), (slot, place), span) for place in places]

    def solve(self, statement: nodes.Solve) -> None:
        """Append `solve x from 1 in x^2 == a`: the equations become code of their own, which is run again and again."""
        starts = self.append_all(*statement.starts)
        unknowns = dict.fromkeys(name.name for name in statement.unknowns)
        names = [name for equation in statement.equations for name in nodes.names_read(equation)]
        reads = {name.name: self._name(name) for name in names if name.name not in unknowns and self._has(name.name)}
        inner = AssignmentCompiler(len(unknowns) + len(reads), self.outside)
        inner.reserve([*unknowns, *reads])
        inner.bindings.update((name, slot) for slot, name in enumerate((*unknowns, *reads)))
        residuals = inner.append_all(*map(residual, statement.equations))
        self.problems += inner.problems
        results = [self.declare(name) for name in unknowns]
        after = self.block()
        slots = tuple(residuals), tuple(starts), tuple(reads.values()), tuple(results)
        self.end(Solve(inner.finish(), *slots, after, statement))
        self.start(after)

    def append_returned(self, value: nodes.Expression) -> list[int]:
        """Append what a function returns: one value, or all those of a function of the program that it calls."""
        passed_on = isinstance(value, nodes.Apply) and value.function not in self.outside.passed
        return self.append_several(value) if passed_on else [self.append(value)]

    def keep(self, names: Sequence[str], span: Span) -> None:
        """Keep what names stand for now, for the derivatives of a rule, whatever they are given later."""
        self._kept_slots = [self.new_slot() for _ in names]
        self.move(zip(self._kept_slots, [self.bindings[name] for name in names], strict=True), span)

    def state(self, rule: nodes.Definition, value: int) -> int:
        """Append the derivatives that a rule states of its value, which its own name stands for in them; its result."""
        kept, bindings = self.new_slot(), dict(self.bindings)
        self.move([(kept, value)], rule.span)
        own = zip((parameter.name for parameter in rule.parameters), self._kept_slots, strict=False)
        self.bindings.update({**dict(own), rule.name.name: kept})
        slopes = self.append_all(*rule.partials)
        self.bindings = bindings
        pairs = zip(self._kept_slots, slopes, strict=False)
        return self.operation(stated(len(slopes)), (kept, *(slot for pair in pairs for slot in pair)), rule.name.span)


def residual(equation: nodes.Expression) -> nodes.Expression:
    """What an equation makes 0: its left side less its right one."""
    assert isinstance(equation, nodes.Apply)
    return nodes.Apply("-", equation.operands, equation.span)
