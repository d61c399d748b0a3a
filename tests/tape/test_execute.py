from __future__ import annotations

import math

import pytest

from adcli.program.check import program_from, program_from_expression
from adcli.rules.table import CONSTANT
from adcli.syntax.source import Source
from adcli.tape.describe import first_not_finite, not_finite_text, operation_text, partial_text
from adcli.tape.execute import execute
from adcli.tape.labels import find_entry, labels
from adcli.tape.reach import active_entries
from adcli.tape.tape import Tape


def run(text: str, **point: float) -> Tape:
    return execute(program_from(Source("t", text)), point)


def value(expression: str, **point: float) -> float:
    tape = execute(program_from_expression(Source("t", expression)), point)
    return tape.values[tape.bindings["value"]]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("-3^2", -9.0),
        ("2^3^2", 512.0),
        ("2^-1", 0.5),
        ("12/2/3", 2.0),
        ("5 - 3 - 1", 1.0),
        ("-2 * -3", 6.0),
        ("1/0", math.inf),
        ("exp(1000)", math.inf),
        ("max(1, 3, 2) - min(1, 3, 2)", 2.0),
        ("cos(pi)", -1.0),
        ("log(e)", 1.0),
    ],
)
def test_values(expression: str, expected: float) -> None:
    assert value(expression) == expected


def test_nan_where_ieee_says_so() -> None:
    for expression in ("log(-1)", "0/0", "(-8)^(1/3)", "sqrt(-1)", "asin(2)", "mod(1, 0)"):
        assert math.isnan(value(expression))


def test_the_tape_is_a_wengert_list() -> None:
    tape = run("input x\na = x * 2 + 1\na = a * a\noutput y = a", x=3.0)
    assert all(operand < entry for entry, operands in enumerate(tape.operands) for operand in operands)
    columns = (tape.operations, tape.operands, tape.values, tape.names, tape.spans)
    assert len({len(column) for column in columns}) == 1
    shown = labels(tape)
    rows = [
        (shown.number(entry), shown[entry], operation_text(tape, entry, shown), tape.values[entry], tape.line(entry))
        for entry in range(len(tape))
        if tape.operations[entry] is not CONSTANT
    ]
    assert rows == [
        ("v0", "x", "input", 3.0, 1),
        ("v1", "v1", "x * 2", 6.0, 2),
        ("v2", "a", "v1 + 1", 7.0, 2),
        ("v3", "a_2", "a * a", 49.0, 3),
        ("v4", "y", "a_2", 49.0, 4),
    ]


def test_a_constant_stands_once() -> None:
    tape = run("input x\ny = x * 2 + 2 - 2 * pi + pi", x=1.0)
    assert [name for name, operation in zip(tape.names, tape.operations, strict=True) if operation is CONSTANT] == [
        "2",
        "pi",
    ]


def test_activity() -> None:
    tape = run("input x, y\na = 2 * pi\nb = a * x\nc = y + 1\noutput d = b + 0 * c", x=1.0, y=2.0)
    active = active_entries(tape, [tape.inputs["x"]])
    names = labels(tape)
    assert {names[entry] for entry, is_active in enumerate(active) if is_active} == {"x", "b", "d"}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("c = x\nc = c\nc = c", ["x", "c", "c_2", "c_3"]),
        ("c = x\nc_2 = x\nc = x", ["x", "c", "c_2", "c_3"]),
        ("c = x\nc = x\nc_2 = x\nc = x", ["x", "c", "c_3", "c_2", "c_4"]),
        ("x = x\nx = x", ["x", "x_2", "x_3"]),
    ],
)
def test_no_two_entries_have_one_label(names: str, expected: list[str]) -> None:
    tape = run(f"input x\n{names}\n", x=1.0)
    shown = labels(tape)
    assert [shown[entry] for entry in range(len(tape))] == expected
    assert [shown.find(label) for label in expected] == list(range(len(tape)))


def test_a_name_that_looks_like_an_entry_number_changes_the_numbers() -> None:
    names = labels(run("input v1\nw = v1 * v1", v1=1.0))
    assert [names.number(entry) for entry in (0, 1)] == ["w0", "w1"]


def test_entries_are_found_by_name_and_label() -> None:
    tape = run("input c\nc = c + 1\nc = c * 2", c=1.0)
    assert [tape.values[find_entry(tape, name)] for name in ("c", "c_2", "c_3")] == [4.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("operation", "partials"),
    [
        ("x^3", ["3 * x^2"]),
        ("x^2", ["2 * x"]),
        ("x / y", ["1 / y", "-z / y"]),
        ("x^y", ["y * x^(y - 1)", "x^y * log(x)"]),
        ("tan(x)", ["1 + z^2"]),
        ("2 * x", ["2"]),
        ("x * -2", ["-2"]),
        ("-2 / x", ["-z / x"]),
        ("-x", ["-1"]),
        ("sqrt(x)", ["1 / (2 * z)"]),
        ("x", ["1"]),
    ],
)
def test_partials_have_the_names_put_in(operation: str, partials: list[str]) -> None:
    tape = run(f"input x, y\nz = {operation}", x=1.5, y=2.5)
    entry = tape.bindings["z"]
    active = active_entries(tape, list(tape.inputs.values()))
    shown = [
        partial_text(tape, entry, position, labels(tape))
        for position, operand in enumerate(tape.operands[entry])
        if active[operand]
    ]
    assert shown == partials
    assert operation_text(tape, entry, labels(tape)) == operation


def test_the_first_value_that_is_not_finite() -> None:
    tape = run("input x\na = x + 1\nb = log(x - 1)\nc = b * 2", x=1.0)
    entry = first_not_finite(tape)
    assert entry is not None
    assert not_finite_text(tape, entry) == "log(v2) = -inf, line 3"
    assert first_not_finite(run("input x\ny = x", x=1.0)) is None
