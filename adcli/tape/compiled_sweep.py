"""A reverse sweep over a straight line of array operations, written out as a Python function: see `compiled_lines.py`.

Two things are known beforehand that a sweep would have to compute. Where an operand receives -g, its variable keeps g,
and what is added to it from then on is subtracted: signs cost nothing. And where most of an array was overwritten, the
adjoint of the old version is that of the new one outside of the part that was: only that is passed on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adcli.rules.dispatch import is_finite, shape_of, shapes_of
from adcli.rules.facts import Notation
from adcli.rules.local import Pullback, pullbacks
from adcli.rules.primitive import ArrayPrimitive
from adcli.rules.readings.arrays import subscript
from adcli.rules.readings.values import fitted, value_of
from adcli.tape.compiled_lines import (
    KNOWN,
    bounds_of,
    constant_index,
    free,
    function_of_lines,
    index_text,
)
from adcli.tape.reach import active_entries, varying_entries
from adcli.tape.tape import Tape, Value


def sweep_function(
    tape: Tape, seeded: Sequence[int], inputs: Sequence[int], goes_on: bool = False
) -> Callable[..., list[Value]]:
    """A function of the values of all entries and of the adjoints of some, which gives the derivatives at the inputs.

    Where the sweep `goes_on` in another one, the adjoints are given as a list, which the function empties, so that it
    can write to arrays that nobody else holds; and what it gives may be -0, as in the middle of any sweep. It raises
    one of `RAISED` where a rule needs more than its formula.
    """
    return _Sweep(tape, seeded, inputs, goes_on).function()


class _Sweep:
    """What a sweep becomes.

    Attributes:
        _reached: the entries that have received something, in a variable of their own
        _negative: those of them whose variable is minus the adjoint
        _hollow: those whose adjoint is 0 in a part, whatever is there in their variable
    """

    def __init__(self, tape: Tape, seeded: Sequence[int], inputs: Sequence[int], goes_on: bool) -> None:
        self._tape = tape
        self._seeded = seeded
        self._inputs = inputs
        self._goes_on = goes_on
        self._active = active_entries(tape, list(inputs))
        self._varying = varying_entries(tape, tape.inputs.values())
        self._reached = set(seeded)
        self._negative: set[int] = set()
        self._hollow: dict[int, tuple[int | slice, ...]] = {}
        self._read: set[int] = set()
        self._lines: list[str] = []
        self._names: dict[str, Any] = {
            **KNOWN, "fitted": fitted, "finite": _finite, "zeros": np.zeros, "array_copy": np.array,
            "subtract": np.subtract, "subscript": subscript, "value_of": value_of,
        }  # fmt: skip

    def function(self) -> Callable[..., list[Value]]:
        """The lines, entry by entry, as a function."""
        tape = self._tape
        for entry in range(len(tape) - 1, -1, -1):
            if entry in self._reached and self._active[entry] and tape.operands[entry]:
                self._pass_on(entry)
                self._lines.append(f"del b{entry}")
        values = [f"v{entry} = values[{entry}]" for entry in sorted(self._read)]
        results = [self._derivative(entry) for entry in self._inputs]
        seeds = [f"b{entry}" for entry in self._seeded]
        if not self._goes_on:
            return function_of_lines("sweep", ["values", *seeds], [*values, *self._lines], results, self._names)
        taken = [f"{seed} = seeds.pop()" for seed in reversed(seeds)]
        return function_of_lines("sweep", ["values", "seeds"], [*values, *taken, *self._lines], results, self._names)

    def _derivative(self, entry: int) -> str:
        """What stands for the adjoint of an input in the end: an array of its own without -0, or zeros."""
        name, shape = f"b{entry}", shape_of(self._tape.values[entry])
        if entry not in self._reached:
            return f"zeros({shape})" if shape else "0.0"
        self._fill(entry)
        if not shape:
            return f"0.0 - {name}" if entry in self._negative else name if self._goes_on else f"{name} + 0.0"
        if entry in self._negative:
            self._lines += [f"if {free(name)}: subtract(0.0, {name}, out={name})", f"else: {name} = 0.0 - {name}"]
        elif not self._goes_on:
            self._add(entry, "0.0", negative=False)
        return name

    def _pass_on(self, entry: int) -> None:
        """The lines in which an entry passes on its adjoint."""
        tape = self._tape
        operation, operands = tape.operations[entry], tape.operands[entry]
        shapes = shapes_of(tape.operand_values(entry))
        rules = pullbacks(operation, tuple([self._active[operand] for operand in operands]), *shapes)
        if operation.notation is Notation.PART:
            self._fill(entry)
            self._add_part(entry, shapes[0])
        elif operation.notation is Notation.UPDATE:
            self._fill(entry)
            self._take_part(entry, shapes, [rule.position for rule in rules])
        else:
            if any(rule.sign is None or rule.shape != shape_of(tape.values[entry]) for rule in rules):
                self._fill(entry)
            for rule in rules:
                self._receive(entry, rule, last=rule is rules[-1])

    def _receive(self, entry: int, rule: Pullback, last: bool) -> None:
        """The lines in which an operand receives what its rule says."""
        operands, shape = self._tape.operands[entry], shape_of(self._tape.values[entry])
        g, target, negative = f"b{entry}", operands[rule.position], entry in self._negative
        if rule.sign is not None:
            self._receive_all(entry, target, rule.shape, negative == (rule.sign > 0))
            return
        fits = rule.shape == shape and rule.primitive.elementwise
        others = ", ".join(self._value(operand) for operand in (entry, *operands))
        name = f"{entry}_{rule.position}"
        self._names[f"r{name}"] = rule.function
        term = f"r{name}({g}, {others})"
        if last and rule.in_place and fits and shape and target not in self._reached:
            self._names[f"k{name}"] = rule.in_place
            self._lines += [f"if {free(g)}: {g} = k{name}({g}, {others})", f"else: {g} = {term}"]
            term = g
        if rule.edge is not None and not self._is_elsewhere(entry, rule.edge[0]):
            term = f"finite({term})"
        self._add(target, term if fits else f"fitted({term}, {rule.shape})", negative)

    def _receive_all(self, entry: int, target: int, shape: tuple[int, ...], negative: bool) -> None:
        """The lines in which an operand of some shape receives the whole adjoint, with one sign or the other."""
        term = f"b{entry}"
        if shape != shape_of(self._tape.values[entry]):
            term = f"fitted({term}, {shape})"
        hole = self._hollow.get(entry)
        if hole is None:
            self._add(target, term, negative)
        elif target not in self._reached:
            self._add(target, term, negative)
            self._hollow[target] = hole
        else:
            self._fill(target)
            self._make_own(target)
            for part in map(index_text, _outside(hole, shape) or ()):
                self._lines.append(f"b{target}[{part}] {self._sign(target, negative)}= {term}[{part}]")

    def _is_elsewhere(self, entry: int, letter: str) -> bool:
        """Whether what is 0 at an edge is a constant that is not 0, such as the exponent of a square."""
        operands = self._tape.operands[entry]
        named = dict(zip(self._tape.operations[entry].letters(len(operands)), operands, strict=True))
        if letter not in named or self._varying[named[letter]]:
            return False
        value = self._tape.values[named[letter]]
        return not shape_of(value) and value != 0.0

    def _add(self, target: int, term: str, negative: bool) -> None:
        """The lines of an addition to an adjoint: into the array that is there, where nothing else refers to it."""
        name = f"b{target}"
        if target not in self._reached:
            self._lines.append(f"{name} = {term}")
            self._reach(target, negative)
            return
        self._fill(target)
        sign = self._sign(target, negative)
        if shape_of(self._tape.values[target]):
            self._lines += [f"if {free(name)}: {name} {sign}= {term}", f"else: {name} = {name} {sign} {term}"]
        else:
            self._lines.append(f"{name} {sign}= {term}")

    def _reach(self, target: int, negative: bool) -> None:
        """Note that an entry has a variable now, and with which sign."""
        self._reached.add(target)
        if negative:
            self._negative.add(target)

    def _sign(self, target: int, negative: bool) -> str:
        """How something with a sign is added to the variable of an entry."""
        return "+" if (target in self._negative) == negative else "-"

    def _make_own(self, entry: int) -> None:
        """The line after which an adjoint is an array that nothing else refers to."""
        self._lines.append(f"if not ({free(f'b{entry}')}): b{entry} = array_copy(b{entry})")

    def _fill(self, entry: int) -> None:
        """The lines after which an adjoint is an array of its own that is 0 in its hollow part."""
        hole = self._hollow.pop(entry, None)
        if hole is not None:
            self._make_own(entry)
            self._lines.append(f"b{entry}[{index_text(hole)}] = 0.0")

    def _add_part(self, entry: int, shape: tuple[int, ...]) -> None:
        """The adjoint of a part is added to that part of the array's."""
        target, negative = self._tape.operands[entry][0], entry in self._negative
        place = self._place(entry, shape)
        if target in self._reached:
            self._fill(target)
            self._make_own(target)
            self._lines.append(f"b{target}[{place}] {self._sign(target, negative)}= b{entry}")
        else:
            self._lines += [f"b{target} = zeros({shape})", f"b{target}[{place}] = b{entry}"]
            self._reach(target, negative)

    def _take_part(self, entry: int, shapes: Sequence[tuple[int, ...]], receivers: Sequence[int]) -> None:
        """Of the adjoint of an updated array one part belongs to what was put there, the rest to the old version."""
        target, value = self._tape.operands[entry][:2]
        g, place, negative = f"b{entry}", self._place(entry, shapes[0]), entry in self._negative
        hole = self._large_part(entry) if 0 in receivers else None
        if 1 in receivers:
            part = f"{g}[{place}]"
            term = f"fitted({part}, {shapes[1]})" if shapes[1] else f"fitted(value_of({part}), ())"
            if shapes[1] and 0 in receivers and not hole:
                term += ".copy()"
            self._add(value, term, negative)
        if 0 in receivers:
            if hole:
                self._hollow[entry] = hole
            else:
                self._make_own(entry)
                self._lines.append(f"{g}[{place}] = 0.0")
            self._receive_all(entry, target, shapes[0], negative)

    def _large_part(self, entry: int) -> tuple[int | slice, ...] | None:
        """The index of the part that an entry writes to, if it is one block and most of the array; else None."""
        index, array = constant_index(self._tape, entry, self._varying), self._tape.values[entry]
        if index is None or _outside(index, array.shape) is None or 2 * array[index].size < array.size:
            return None
        return index

    def _place(self, entry: int, shape: tuple[int, ...]) -> str:
        """The text of NumPy's index for a part."""
        index = constant_index(self._tape, entry, self._varying)
        if index is not None:
            return index_text(index)
        operation = self._tape.operations[entry]
        assert isinstance(operation, ArrayPrimitive)
        bounds = "".join(f"{self._value(operand)}, " for operand in bounds_of(self._tape, entry))
        return f"subscript({shape}, {operation.settings[0]!r}, ({bounds}))"

    def _value(self, entry: int) -> str:
        self._read.add(entry)
        return f"v{entry}"


def _outside(index: Sequence[int | slice], shape: Sequence[int]) -> list[tuple[slice, ...]] | None:
    """The blocks of an array that are not in a part of it; None where that leaves out some in between."""
    blocks: list[tuple[slice, ...]] = []
    inside: tuple[slice, ...] = ()
    for part, size in zip(index, shape, strict=False):
        elements = range(size)[part] if isinstance(part, slice) else range(part % size, part % size + 1)
        if elements.step != 1:
            return None
        outer = [(0, elements.start), (elements.stop, size)] if elements else [(0, size)]
        blocks += [(*inside, slice(start, stop)) for start, stop in outer if start < stop]
        inside = (*inside, slice(elements.start, elements.stop))
    return blocks


def _finite(term: Value) -> Value:
    """What a rule with an edge gives, if it has a number everywhere."""
    if not is_finite(term):
        raise ArithmeticError
    return term
