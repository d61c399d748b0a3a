"""Rules that are written out append what the interpreter does: the same entries in the same order."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest

from adcli.program.check import program_from
from adcli.syntax.source import Source, Span
from adcli.tape import number_rules
from adcli.tape.execute import execute
from adcli.tape.reach import active_entries
from adcli.tape.record import record_forward, record_sweep
from adcli.tape.tape import Tape

BODIES = [
    "x = x * 0.9 + sin(x) / (2 + k) - 3 * exp(-x)",
    "x = tanh(x) ^ 3 + sqrt(1 + x^2) * y ^ x",
    "x = x * x * 1e30",  # beyond all numbers: Python raises in powers, and the rest is infinite or NaN
    "x = x ^ 3 / 1e-200",
    "x = max(x, y / k) + abs(x - k)",  # with edges
    "x = log(0 * x + k) * 2 - (x - x) ^ 1.5",
]


def recorded(text: str, backward: bool, pays_from: int) -> tuple[list[Any], Tape]:
    """The columns of a tape with a sweep recorded behind it; what is written out is not of another run."""
    tape = execute(program_from(Source("t", text)), {"x": 1.3, "y": 0.7}).copy()
    end, output = len(tape), tape.bindings["x"]
    number_rules.number_rule.cache_clear()
    with patch.object(number_rules, "PAYS_FROM", pays_from):
        if backward:
            active = active_entries(tape, [*tape.inputs.values()])
            found = record_sweep(tape, {output: tape.constant("1", 1.0)}, active)
        else:
            found = record_forward(tape, {tape.inputs["x"]: tape.input("dot", 1.0, Span(0, 0))}, end)
    number_rules.number_rule.cache_clear()
    columns = [[*map(repr, tape.values)], tape.operands, tape.operations, tape.names, tape.spans, tape.constants]
    return [*columns, dict(found), tape.guards], tape


@pytest.mark.parametrize("backward", [True, False])
@pytest.mark.parametrize("body", BODIES)
def test_what_is_written_out_is_what_the_interpreter_appends(body: str, backward: bool) -> None:
    text = f"input x, y\nfor k = 1 to 12 {{ {body} }}\noutput x"
    interpreted, _ = recorded(text, backward, 10**9)
    written, tape = recorded(text, backward, 1)
    assert len(tape) > 80
    assert written == interpreted


def test_a_rule_is_written_out_where_it_is_asked_for_often() -> None:
    with patch.object(number_rules, "_written", wraps=number_rules._written) as write:
        recorded("input x, y\nfor k = 1 to 12 { x = x * sin(x) }\noutput x", True, 5)
    assert write.call_count == 3  # the two of the product, and the sine's
