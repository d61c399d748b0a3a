"""Straight lines of array operations, and reverse sweeps over them, written out as Python functions.

Of `input X[n, d], w[d]` and `output L = sum((X @ w)^2)`, at a matrix of 5 rows and 3 columns, this makes

    def run(v0, v1):
        v7 = f7(v0, v1)
        v8 = f8(v7, v6)
        v9 = f9(v8)
        del v8
        return [v0, v1, v2, v3, v4, v5, v6, v7, s8, v9]

where f7 is the product, v6 is the constant 2, and s8 stands in for what nobody reads again; and, for both inputs,

    def sweep(values, b9):
        v0 = values[0]
        v1 = values[1]
        v6 = values[6]
        v7 = values[7]
        v8 = values[8]
        v9 = values[9]
        b8 = fitted(r9_0(b9, v9, v8), (5,))
        del b9
        b7 = r8_0(b8, v8, v7, v6)
        del b8
        b0 = fitted(r7_0(b7, v7, v0, v1), (5, 3))
        b1 = fitted(r7_1(b7, v7, v0, v1), (3,))
        del b7
        if references(b0) <= ALONE and is_own(b0): b0 += 0.0
        else: b0 = b0 + 0.0
        if references(b1) <= ALONE and is_own(b1): b1 += 0.0
        else: b1 = b1 + 0.0
        return [b0, b1]

Both do the same arithmetic in the same order as the interpreter and `sweep_arrays`; only what these look up is known.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from adcli.rules.array_formula import Pullback, pullbacks, values_kept
from adcli.rules.dispatch import is_finite, shape_of, shapes_of
from adcli.rules.kernels import REMEMBERING, fitted, forget, subscript, value_of
from adcli.rules.primitive import ArrayPrimitive
from adcli.tape.lean import ALONE, is_own, references, ufuncs
from adcli.tape.tape import Tape, Value

_INFIX = {operator.add: "+", operator.sub: "-", operator.mul: "*", operator.truediv: "/"}


def varying_entries(tape: Tape) -> list[bool]:
    """For each entry whether it has anything to do with an input, be it only with its shape."""
    varying: list[bool] = []
    inputs = set(tape.inputs.values())
    for entry, operands in enumerate(tape.operands):
        varying.append(entry in inputs or any(varying[operand] for operand in operands))
    return varying


def run_function(tape: Tape, outputs: Iterable[int]) -> Callable[..., list[Value] | None]:
    """A function of the inputs that gives the values of all entries, or None where another shape comes out.

    The tape tells the shapes, by stand-ins for its arrays. What neither the outputs nor a sweep need is given up.
    """
    varying, needed = varying_entries(tape), {*outputs, *_read_by_sweeps(tape)}
    names: dict[str, Any] = {**_KNOWN, **{one.__name__: one for one in ufuncs().values()}}
    remembered = {operands[0] for entry, operands in enumerate(tape.operands) if _kernel(tape, entry) in REMEMBERING}
    lines: list[str] = []
    results = [f"v{entry}" for entry in range(len(tape))]
    for entry in range(len(tape) - 1, -1, -1):
        operands, shape = tape.operands[entry], shape_of(tape.values[entry])
        if not (varying[entry] or shape):
            names[f"v{entry}"] = tape.values[entry]
        elif operands:
            ended = [one for one in dict.fromkeys((entry, *operands)) if one not in needed and _may_end(tape, one)]
            for one in ended:
                names[f"s{one}"], results[one] = tape.values[one], f"s{one}"
            step = _step(tape, entry, ended, remembered, names)
            if not _has_certain_shape(tape, entry, varying):
                step.append(f"if shape_of(v{entry}) != {shape}: return None")
            lines += reversed([*step, *(f"del v{one}" for one in ended)])
            needed.update(operands)  # by all that comes before
    lines.reverse()
    return _function("run", [f"v{entry}" for entry in tape.inputs.values()], lines, results, names)


def _may_end(tape: Tape, entry: int) -> bool:
    """Whether it is worth while to give an entry up: an array that was computed."""
    return bool(tape.operands[entry] and shape_of(tape.values[entry]))


def _step(tape: Tape, entry: int, ended: Sequence[int], remembered: set[int], names: dict[str, Any]) -> list[str]:
    """The lines of one operation: where NumPy can, in the memory of an operand that ends with it."""
    function, operands = tape.operations[entry].function, tape.operands[entry]
    arguments = [f"v{operand}" for operand in operands]
    if function not in _INFIX:
        names[f"f{entry}"] = function
        return [f"v{entry} = f{entry}({', '.join(arguments)})"]
    text = f" {_INFIX[function]} ".join(arguments)
    shape = shape_of(tape.values[entry])
    spare = [operand for operand in operands if operand in ended and shape_of(tape.values[operand]) == shape]
    if not spare:
        return [f"v{entry} = {text}"]
    own, ufunc = f"v{spare[0]}", ufuncs()[function].__name__
    line = f"v{entry} = {ufunc}({', '.join(arguments)}, out={own}) if {_free(own)} else {text}"
    return [f"forget({own})", line] if spare[0] in remembered else [line]


def _kernel(tape: Tape, entry: int) -> str:
    """The kernel of an operation on whole arrays; empty for one element by element."""
    operation = tape.operations[entry]
    return operation.kernel if isinstance(operation, ArrayPrimitive) else ""


def _free(name: str) -> str:
    """The text for: nothing but this variable refers to the array, which may become another one."""
    return f"references({name}) <= ALONE and is_own({name})"


def _has_certain_shape(tape: Tape, entry: int, varying: Sequence[bool]) -> bool:
    """Whether an entry has its shape wherever the inputs have theirs, and not only for these values."""
    operation, operands = tape.operations[entry], tape.operands[entry]
    if not isinstance(operation, ArrayPrimitive):
        return True
    values = tape.operand_values(entry)
    known = [
        None if varying[operand] or shape_of(value) else value for operand, value in zip(operands, values, strict=True)
    ]
    return operation.shape(shapes_of(values), known) == shape_of(tape.values[entry])


def _read_by_sweeps(tape: Tape) -> set[int]:
    """The entries whose values the rules of a reverse sweep read, whatever the inputs are that it is asked for."""
    active = tape.active(list(tape.inputs.values()))
    found: set[int] = set()
    for entry, operands in enumerate(tape.operands):
        if active[entry] and operands:
            pattern = tuple([active[operand] for operand in operands])
            for position in values_kept(tape.operations[entry], pattern, *shapes_of(tape.operand_values(entry))):
                found.add(entry if position < 0 else operands[position])
    return found


def sweep_function(tape: Tape, seeded: Sequence[int], inputs: Sequence[int]) -> Callable[..., list[Value]]:
    """A function of the values of all entries and of the adjoints of some, which gives the derivatives at the inputs.

    It raises one of `RAISED` where a rule needs more than its formula.
    """
    return _Sweep(tape, seeded, inputs).function()


class _Sweep:
    """What a sweep becomes."""

    def __init__(self, tape: Tape, seeded: Sequence[int], inputs: Sequence[int]) -> None:
        self._tape = tape
        self._seeded = seeded
        self._inputs = inputs
        self._active = tape.active(list(inputs))
        self._varying = varying_entries(tape)
        self._reached = set(seeded)
        self._read: set[int] = set()
        self._lines: list[str] = []
        self._names = dict(_KNOWN)

    def function(self) -> Callable[..., list[Value]]:
        """The lines, entry by entry, as a function."""
        tape = self._tape
        for entry in range(len(tape) - 1, -1, -1):
            if entry in self._reached and self._active[entry] and tape.operands[entry]:
                self._pass_on(entry)
                self._lines.append(f"del b{entry}")
        values = [f"v{entry} = values[{entry}]" for entry in sorted(self._read)]
        results = [self._derivative(entry) for entry in self._inputs]
        parameters = ["values", *(f"b{entry}" for entry in self._seeded)]
        return _function("sweep", parameters, [*values, *self._lines], results, self._names)

    def _derivative(self, entry: int) -> str:
        """What stands for the adjoint of an input in the end: an array of its own without -0, or zeros."""
        shape = shape_of(self._tape.values[entry])
        if entry not in self._reached:
            return f"zeros({shape})" if shape else "0.0"
        if not shape:
            return f"b{entry} + 0.0"
        self._add(entry, "0.0")
        return f"b{entry}"

    def _pass_on(self, entry: int) -> None:
        """The lines in which an entry passes on its adjoint."""
        tape = self._tape
        operation, operands = tape.operations[entry], tape.operands[entry]
        shapes = shapes_of(tape.operand_values(entry))
        rules = pullbacks(operation, tuple([self._active[operand] for operand in operands]), *shapes)
        kernel = _kernel(tape, entry)
        if kernel == "element":
            self._add_part(entry, shapes[0])
        elif kernel == "update":
            self._take_part(entry, shapes, [rule.position for rule in rules])
        else:
            for rule in rules:
                self._receive(entry, rule, last=rule is rules[-1])

    def _receive(self, entry: int, rule: Pullback, last: bool) -> None:
        """The lines in which an operand receives what its rule says."""
        operands, shape = self._tape.operands[entry], shape_of(self._tape.values[entry])
        g, others = f"b{entry}", ", ".join(self._value(one) for one in (entry, *operands))
        target = operands[rule.position]
        term, fits = g, rule.shape == shape
        if rule.function is not None:
            name = f"{entry}_{rule.position}"
            self._names[f"r{name}"] = rule.function
            term, fits = f"r{name}({g}, {others})", fits and rule.primitive.elementwise
            if last and rule.factor and fits and shape and target not in self._reached:
                self._names[f"k{name}"] = rule.factor
                self._lines += [f"if {_free(g)}: {g} *= k{name}({others})", f"else: {g} = {term}"]
                term = g
        if rule.edge is not None and not self._is_elsewhere(entry, rule.edge[0]):
            term = f"finite({term})"
        self._add(target, term if fits else f"fitted({term}, {rule.shape})")

    def _is_elsewhere(self, entry: int, letter: str) -> bool:
        """Whether what is 0 at an edge is a constant that is not 0, such as the exponent of a square."""
        operands = self._tape.operands[entry]
        named = dict(zip(self._tape.operations[entry].letters(len(operands)), operands, strict=True))
        constant = letter in named and not self._varying[named[letter]]
        return constant and self._tape.values[named[letter]] != 0.0 and not shape_of(self._tape.values[named[letter]])

    def _add(self, target: int, term: str) -> None:
        """The lines of an addition to an adjoint: into the array that is there, where nothing else refers to it."""
        name = f"b{target}"
        if target not in self._reached:
            self._lines.append(f"{name} = {term}")
        elif shape_of(self._tape.values[target]):
            self._lines += [f"if {_free(name)}: {name} += {term}", f"else: {name} = {name} + {term}"]
        else:
            self._lines.append(f"{name} += {term}")
        self._reached.add(target)

    def _add_part(self, entry: int, shape: tuple[int, ...]) -> None:
        """The adjoint of a part is added to that part of the array's."""
        target, *bounds = self._tape.operands[entry]
        name = f"b{target}"
        if target in self._reached:
            self._lines.append(f"if not ({_free(name)}): {name} = {name}.copy()")
        else:
            self._lines.append(f"{name} = zeros({shape})")
        self._lines.append(f"{name}[{self._place(entry, shape, bounds)}] += b{entry}")
        self._reached.add(target)

    def _take_part(self, entry: int, shapes: Sequence[tuple[int, ...]], receivers: Sequence[int]) -> None:
        """Of the adjoint of an updated array one part belongs to what was put there, the rest to the old version."""
        target, value, *bounds = self._tape.operands[entry]
        g, place = f"b{entry}", f"p{entry}"
        self._lines.append(f"{place} = {self._place(entry, shapes[0], bounds)}")
        if 0 in receivers:
            self._lines.append(f"if not ({_free(g)}): {g} = array_copy({g})")
        if 1 in receivers:
            part = f"{g}[{place}].copy()" if 0 in receivers else f"{g}[{place}]"
            self._add(value, f"fitted({part}, {shapes[1]})" if shapes[1] else f"fitted(value_of({part}), ())")
        if 0 in receivers:
            self._lines.append(f"{g}[{place}] = 0.0")
            self._add(target, g)

    def _place(self, entry: int, shape: tuple[int, ...], bounds: Sequence[int]) -> str:
        """The text of NumPy's index for a part."""
        operation = self._tape.operations[entry]
        assert isinstance(operation, ArrayPrimitive)
        return f"subscript({shape}, {operation.settings[0]!r}, ({''.join(self._value(one) + ', ' for one in bounds)}))"

    def _value(self, entry: int) -> str:
        self._read.add(entry)
        return f"v{entry}"


def _finite(term: Value) -> Value:
    """What a rule with an edge gives, if it has a number everywhere."""
    if not is_finite(term):
        raise ArithmeticError
    return term


_KNOWN: Mapping[str, Any] = {
    "ALONE": ALONE, "references": references, "is_own": is_own, "forget": forget, "shape_of": shape_of,
    "fitted": fitted, "finite": _finite, "zeros": np.zeros, "array_copy": np.array,
    "subscript": subscript, "value_of": value_of,
}  # fmt: skip


def _function(
    name: str, parameters: Sequence[str], lines: Sequence[str], results: Sequence[str], names: dict[str, Any]
) -> Callable[..., Any]:
    """The function of these lines, which gives a list; `names` are what it knows besides its parameters."""
    body = "".join(f"    {line}\n" for line in (*lines, f"return [{', '.join(results)}]"))
    text = f"def {name}({', '.join(parameters)}):\n{body}"
    exec(compile(text, f"<{name}>", "exec"), names)
    function: Callable[..., Any] = names[name]
    function.__doc__ = text
    return function
