"""What works on numbers alone is run as in a program without arrays, and gives the same to the last bit."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest

from adcli.errors import AdError
from adcli.program.check import program_from
from adcli.program.code import Code, in_order
from adcli.program.program import Program
from adcli.syntax.source import Source
from adcli.tape.execute import execute
from adcli.tape.tape import Tape
from tests.conftest import randomly
from tests.derive.array_programs import ArrayProgram, array_programs


def program_of(text: str) -> Program:
    return program_from(Source("test", text.replace("; ", "\n")))


def asking(program: Program) -> Program:
    """The same program, with functions that ask for the types of their operands everywhere."""

    def changed(code: Code) -> Code:
        blocks = tuple(
            block._replace(
                steps=tuple(
                    (operation.function, operands, target)
                    for (_, operands, target), operation in zip(block.steps, block.operations, strict=True)
                ),
                numbers=(False,) * len(block.steps),
            )
            for block in code.blocks
        )
        return code._replace(blocks=blocks)

    functions = {name: changed(code) for name, code in program.functions.items()}
    return program._replace(code=changed(program.code), functions=functions)


def bits(value: Any) -> tuple[Any, ...]:
    """All that a value is made of: its type, and each bit of it."""
    return (float, struct.pack("d", value)) if type(value) is float else (value.shape, value.strides, value.tobytes())


def same(tape: Tape, other: Tape) -> None:
    assert [bits(value) for value in tape.values] == [bits(value) for value in other.values]
    for attribute in ("operations", "operands", "names", "spans", "guards", "regions", "arrays"):
        assert getattr(tape, attribute) == getattr(other, attribute), attribute
    assert other.bindings.items() <= tape.bindings.items()  # a run that forgets arrays has no need to forget numbers


@randomly(60, array_programs())
def test_the_same_values_to_the_last_bit(example: ArrayProgram) -> None:
    program = program_from(Source("random", example.text))
    for forget in (False, True):
        try:
            expected = execute(asking(program), example.point, forget=forget)
        except AdError as error:
            with pytest.raises(AdError) as raised:
                execute(program, example.point, forget=forget)
            assert raised.value.problems == error.problems
            continue
        same(execute(program, example.point, forget=forget), expected)


def asks(program: Program, operation: str) -> set[bool]:
    """Whether operations of some name ask for types, in what can be reached of the program and its functions."""
    return {
        function is not primitive.value
        for code in (program.code, *program.functions.values())
        for number in in_order(code)
        for (function, _, _), primitive in zip(code.blocks[number].steps, code.blocks[number].operations, strict=True)
        if primitive.name == operation
    }


PLAIN = [
    "input x, w[2]; a = x; for k = 1 to 9 { a = sin(a) + 1 }; output a",
    "input x[n]; a = 0; for k = 0 to n - 1 { a = a + sin(x[k]) }; output a",
    "input X[n, 2]; a = 0; for k = 0 to length(X) - 1 { a = a + sin(X[k, 1]) }; output a",
    "input x, w[2]; def f(u) = sin(u); output y = f(x) + f(sum(w))",
    "input x, w[2]; def f(u) = where(u > 0, u, -u); output y = sin(f(x))",
    "input x, w[2]; def f(u) { if u > 9 { return u }; return f(u + sin(u)) }; output y = f(x)",
    "input x, w[2]; state s = 0; def f(u) { s = s + u; return sin(s) }; output y = f(x) + f(x)",
    "input x, w[2]; def f(u) = sin(u * x); output y = f(2)",
    "input x, w[2]; a = derivative(x^3, x); output y = sin(a)",
    "input x, w[2]; x = sin(x); x = w * x; output y = x",
    "input x, w[2]; output y = sin(w @ w + det(outer(w, w)) + length(w))",
    "input x, w[2]; k = 0; a = 1; while k < 3 { a = sin(a); k = k + 1 }; a = a * w; output a",
]


@pytest.mark.parametrize("text", PLAIN)
def test_numbers_are_not_asked(text: str) -> None:
    assert asks(program_of(text), "sin") == {False}


ASKED = [
    "input x, w[2]; a = x; for k = 1 to 9 { a = sin(a) * w }; output a",
    "input x, w[2]; def f(u) = sin(u); output y = f(x) + f(w)",
    "input x, w[2]; output y = sin(where(w > 0, x, 1))",
    "input x, w[2]; if x > 0 { a = w } else { a = x }; output y = sin(a)",
    "input x, w[2]; state s = 0; def f(u) { s = w; return u }; a = f(x); output y = sin(s)",
    "input x, w[2]; state s = 0; def f(u) { s = w; return u }; def g(u) { a = f(u); return sin(s) }; output y = g(x)",
    "input x, w[2]; a = derivative(sum(w * x), w); output y = sin(a)",
    "input X[2, 2]; output y = sum(sin(X[0]))",
]


@pytest.mark.parametrize("text", ASKED)
def test_what_may_be_an_array_is_asked(text: str) -> None:
    program = program_of(text)
    assert True in asks(program, "sin")
    point = {"x": 0.5, "w": np.array([1.0, -2.0]), "X": np.eye(2)}
    execute(program, {variable.name: point[variable.name] for variable in program.inputs})


ELEMENTS = ("0", "2", "-1", "-3", "3", "-4", "1.5", "0/0", "1/0", "x", "0, 0", "k")


@pytest.mark.parametrize("subscript", ELEMENTS)
@pytest.mark.parametrize("array", ["x", "X", "X'", "X[0]", "k"])
def test_elements_are_read_and_written_as_by_the_slow_way(array: str, subscript: str) -> None:
    """Where it is known to be a number, where it is not, and where there is no such element."""
    point = {"x": np.array([1.0, 2.0, 3.0]), "X": np.arange(9.0).reshape(3, 3), "k": 1.0}
    for text in (f"output y = sum([a[{subscript}]])", f"a[{subscript}] = k; output y = sum(a)"):
        outcomes = []
        for fast in (True, False):
            try:
                program = program_of(f"input x, X, k; a = {array} * 1; {text}")
                program = program_from(Source("test", program.source.text.replace("x, X, k", "x[3], X[3, 3], k")))
                tape = execute(program if fast else _without_shortcuts(program), point)
                outcomes.append([bits(value) for value in tape.values])
            except AdError as error:
                outcomes.append([(problem.message, problem.help) for problem in error.problems])
        assert outcomes[0] == outcomes[1]


def _without_shortcuts(program: Program) -> Program:
    """The program with the kernels for any part of an array, whatever the subscripts are."""
    from adcli.rules import kernels
    from adcli.rules.primitive import ArrayPrimitive

    def slow(operation: Any) -> Any:
        if isinstance(operation, ArrayPrimitive) and operation.settings in kernels.SINGLE:
            function = getattr(kernels, operation.kernel)
            return lambda *operands: function(*operands, *operation.settings)
        return operation.function

    blocks = tuple(
        block._replace(
            steps=tuple(
                (slow(operation), operands, target)
                for (_, operands, target), operation in zip(block.steps, block.operations, strict=True)
            )
        )
        for block in program.code.blocks
    )
    return program._replace(code=program.code._replace(blocks=blocks))
