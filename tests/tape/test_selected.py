"""What a user names, on a tape: to look it up changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from adcli import api
from adcli import run as run_module
from adcli.api import DifferentiableProgram
from adcli.errors import AdError
from adcli.program.check import program_from
from adcli.syntax.source import Source
from adcli.tape import selected as selected_module
from adcli.tape.execute import execute
from adcli.tape.selected import Selections, select, with_entries
from adcli.tape.tape import Tape

PROGRAM = """\
input w[3] = [0.5, 2, -0.5]
input k = 2
v = w * w + abs(w) * k
u = v
for i = 1 to 3 {
    u = u + sin(u) / i
}
M = [[k, v[0]], [v[1], k]]
output u, v
claim dv[1]/dw[1] = 2 * w[1] + 2
claim dv[0]/dw[0] = 3 * w[0]
"""
COMMANDS: dict[str, Callable[[DifferentiableProgram], Any]] = {
    "grad": lambda p: p.gradient(of="v[1]"),
    "grad without differences": lambda p: p.gradient(of="v[1]", difference="none"),
    "grad from checkpoints": lambda p: p.gradient(of="u[1]", checkpoint=2),
    "check": lambda p: p.check(of="v[1]", order=2, random=2, margins=True, curve="w[0]"),
    "jvp": lambda p: p.jvp(of="v[1]", dot={"w": 1}, check=True),
    "vjp": lambda p: p.vjp(bar={"v": 1}, check=True),
    "jacobian": lambda p: p.jacobian(of="v[1],u", check=True),
    "hessian": lambda p: p.hessian(of="M[0, 1]", check=True),
    "hvp": lambda p: p.hvp(of="v[1]", dot={"w": 1}, check=True),
    "sweep": lambda p: p.sweep(of="v[1]").rows,
    "why": lambda p: p.why(of="v[1]"),
    "precision": lambda p: p.precision(of="v[1]", verify=True),
    "cost": lambda p: p.cost(of="v[1]", measure=False),
    "adjoint": lambda p: p.adjoint(of="v[1]"),
    "tangent": lambda p: p.tangent(of="v[1]"),
}


def recorded(text: str = PROGRAM) -> Tape:
    program = program_from(Source("t", text))
    return execute(program, {"w": np.array([0.5, 2.0, -0.5]), "k": 2.0})


def kept(tape: Tape) -> tuple[object, ...]:
    return len(tape), dict(tape.bindings), tape.constants, list(tape.names)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_on_a_component_leaves_the_tape_as_it_is(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    tapes: list[tuple[Tape, tuple[object, ...]]] = []
    executed = run_module.execute

    def remembering(*arguments: Any, **options: Any) -> Tape:
        tape = executed(*arguments, **options)
        tapes.append((tape, kept(tape)))
        return tape

    monkeypatch.setattr(run_module, "execute", remembering)
    report = COMMANDS[name](api.parse(PROGRAM))
    if hasattr(report, "tables"):
        report.tables(), report.to_dict()
    assert tapes and all(kept(tape) == before for tape, before in tapes)


def test_a_name_is_looked_up_a_few_times_and_not_at_each_run(monkeypatch: pytest.MonkeyPatch) -> None:
    found = selected_module.find_entry
    names: list[str] = []
    monkeypatch.setattr(selected_module, "find_entry", lambda tape, name: (names.append(name), found(tape, name))[1])
    api.parse("input x = 0.3, y = 2\nL = sin(x) * y\noutput L").gradient()
    assert len(names) <= 3


def test_a_component_is_selected_by_its_array_and_its_subscripts() -> None:
    tape = recorded()
    chosen = select(tape, "M[-1, 0]")
    assert (chosen.entry, chosen.subscripts) == (tape.bindings["M"], (-1, 0))
    assert chosen.value(tape) == select(tape, "v[1]").value(tape) == 8.0
    assert chosen.seed(tape).tolist() == [[0, 0], [1, 0]]
    assert select(tape, "k").seeds(tape) == {tape.inputs["k"]: 1.0}


@pytest.mark.parametrize("name", ["v[3]", "v[0, 0]", "v[x]", "v[]", "k[0]", "k[x]", "nope[0]", "v[", "v[0][0]"])
def test_what_is_no_component_is_refused(name: str) -> None:
    with pytest.raises(AdError) as refused:
        select(recorded(), name)
    assert refused.value.problems[0].code == "unknown-name"


def test_entries_are_appended_to_a_copy_and_only_for_components() -> None:
    tape = recorded()
    before = kept(tape)
    assert with_entries(tape, [select(tape, "v"), select(tape, "u")])[0] is tape
    longer, entries = with_entries(tape, [select(tape, name) for name in ("v", "v[1]", "v[1]", "M[0, 1]")])
    assert kept(tape) == before
    assert [longer.values[entries[name]] for name in ("v[1]", "M[0, 1]")] == [8.0, 1.25]
    assert entries["v"] == tape.bindings["v"] and longer.names[entries["v[1]"]] == "v[1]"


def test_selections_are_kept_for_a_run_of_the_same_entries() -> None:
    tape, selections = recorded(), Selections(["v[1]"])
    moved = tape.with_values([2 * value for value in tape.values])
    assert selections.on(tape) is selections.on(moved)
    assert selections.values(moved) == {"v[1]": 16.0}
    assert selections.on(recorded()) is not selections.on(tape)
