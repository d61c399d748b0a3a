"""What a comparison may cost: it ends where its time is over, and says what it left out."""

from __future__ import annotations

from pathlib import Path

import pytest

import adcli
from adcli.tape.limits import Limits
from adcli.tape.tape import Tape
from adcli.trust import budget, neighbourhood, one_sided
from adcli.trust.budget import Budget, OutOfTime, budget_beside
from adcli.trust.judgement import Verdict

from ..conftest import run_adcli

CHAIN = """
input x[12] = 0.5
input k = 3
y = x
for step = 1 to 20 { y = sin(y) * k }
output value = sum(y * y)
"""

SMALL_LOOP = """
input x0 = 1
input tol = 1e-3
x = x0
old = x0 + 1
while abs(x - old) > tol {
  old = x
  x = x - (x^2 - 2) / (2 * x)
}
output x
"""


class Runs:
    """Counts the runs beside the point, and lets the time be over after some of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, most: float = float("inf")) -> None:
        self.lengths: list[int] = []
        measured = neighbourhood.pieces_of

        def counted(tape: Tape, places: object) -> object:
            self.lengths.append(len(tape))
            return measured(tape, places)  # type: ignore[arg-type]

        monkeypatch.setattr(neighbourhood, "pieces_of", counted)
        monkeypatch.setattr(Budget, "left", property(lambda own: most - len(self.lengths)))
        monkeypatch.setattr(Budget, "part", lambda own, share: own)


def test_what_no_time_is_left_for_is_compared_along_a_direction(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Runs(monkeypatch)
    every = adcli.parse(CHAIN).gradient()
    assert len(every.judgements["value"]) == 13
    monkeypatch.undo()
    some = Runs(monkeypatch, most=len(whole.lengths) * 0.6)
    part = adcli.parse(CHAIN).gradient()
    compared = part.judgements["value"]
    assert 0 < len(compared) < 13
    assert len(some.lengths) <= 0.6 * len(whole.lengths) + 1
    slopes = {name: abs(row.derivative) for name, row in ((row.input, row) for row in part.derivatives())}
    assert "k" in compared
    assert slopes["k"] == max(slopes[name] for name in slopes if name != "(direction)")
    direction = part.comparisons["value"].direction
    assert direction is not None
    assert direction.judgement.verdict is Verdict.AGREES
    assert any(f"{len(compared)} of 13 components compared, the largest" in table.caption for table in part.tables())


def test_where_the_time_is_over_at_once_nothing_is_called_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    Runs(monkeypatch, most=-1)
    report = adcli.parse(CHAIN).gradient()
    assert not report.judgements["value"]
    direction = report.comparisons["value"].direction
    assert direction is not None
    assert direction.judgement.value != direction.judgement.value  # NaN: there is no difference
    assert any("no component is compared" in table.caption for table in report.tables())


def test_all_takes_the_time_that_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "LEAST", 0.0)
    monkeypatch.setattr(budget, "GRADIENTS", 0)
    assert len(adcli.parse(CHAIN).gradient(difference="all").judgements["value"]) == 13
    assert not adcli.parse(CHAIN).gradient().judgements["value"]
    assert len(adcli.parse(CHAIN).check(everything=True).components) == 13


def test_the_time_grows_with_what_the_gradient_takes() -> None:
    assert budget_beside(0.0).left == pytest.approx(budget.LEAST, rel=0.1)
    assert budget_beside(1e4).left == pytest.approx(1e4 * budget.GRADIENTS, rel=0.1)
    assert Budget().left == float("inf")
    with pytest.raises(OutOfTime):
        budget_beside(0.0).part(-1.0).require()


def test_a_loop_that_does_not_end_beside_the_point_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = Runs(monkeypatch)
    report = adcli.parse(SMALL_LOOP).gradient()
    assert report.judgements["x"]["tol"].verdict is Verdict.AGREES
    assert max(runs.lengths) < 2000


def test_a_decision_that_comes_out_otherwise_ends_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    executed: list[float] = []
    execute = neighbourhood.execute

    def counted(program: object, point: object, *rest: object) -> object:
        executed.append(1.0)
        return execute(program, point, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(neighbourhood, "execute", counted)
    text = "input x = 1\ns = x\nwhile s < 100 { s = 2 * s }\noutput y = s * x"
    report = adcli.parse(text).gradient()
    assert report.judgements
    assert not executed  # no step led to a run by the interpreter


def test_steps_stay_inside_the_declared_range(monkeypatch: pytest.MonkeyPatch) -> None:
    ranged = adcli.parse("input x = 0.001 in [0, 1]\noutput y = (1 - x) * exp(x)")
    visited: list[float] = []
    measured = neighbourhood.pieces_of

    def noted(tape: Tape, places: object) -> object:
        visited.append(tape.values[tape.inputs["x"]])
        return measured(tape, places)  # type: ignore[arg-type]

    monkeypatch.setattr(neighbourhood, "pieces_of", noted)
    assert ranged.gradient().judgements["y"]["x"].verdict is Verdict.AGREES
    assert 0 <= min(visited) < 0.001 < max(visited) <= 1
    visited.clear()
    outside = ranged.gradient(x=-0.5)  # which its user has been warned of
    assert outside.judgements["y"]["x"].verdict is Verdict.AGREES
    assert min(visited) < -0.5 < max(visited)


def test_at_the_end_of_a_range_steps_go_to_one_side() -> None:
    report = adcli.parse("input x = 0 in [0, 1]\noutput y = exp(x) * 3").gradient()
    assert report.judgements["y"]["x"].verdict is Verdict.AGREES


@pytest.mark.parametrize("options", [("grad",), ("check",), ("hessian", "--check"), ("jacobian", "--check")])
def test_every_comparison_ends(options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(budget, "LEAST", 0.0)
    monkeypatch.setattr(budget, "GRADIENTS", 0)
    program = tmp_path / "chain.ad"
    program.write_text(CHAIN)
    result = run_adcli(options[0], str(program), *options[1:])
    assert result.status in (0, 1)
    assert "Traceback" not in result.err


def test_second_derivatives_that_are_left_out_are_compared_along_a_direction() -> None:
    """Of 78 pairs the largest 20; the product of the Hessian with a direction has something of all of them."""
    program = adcli.parse("input w[12]\noutput y = sum(exp(w) * w[0])")
    report = program.hessian(w=[float(number) for number in range(1, 13)], check=True)
    comparison = report.comparisons["y"]
    assert len(comparison.pairs) == 20
    assert len(comparison.along) == 12
    assert {judgement.verdict for judgement in report.judgements_made()} == {Verdict.AGREES}
    caption = report.tables()[-1].caption
    assert "20 of 78 second derivatives compared, the largest" in caption
    assert "product with a random direction (seed 0): 12 agrees" in caption


def test_a_loop_that_does_not_end_beside_a_kink_is_given_up_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Below 0 the loop never ends, and at 0 itself abs has its kink: its right side is a run of the same length."""
    limits: list[Limits] = []
    execute = one_sided.execute

    def noted(program: object, point: object, most: Limits, *rest: object, **more: object) -> object:
        limits.append(most)
        return execute(program, point, most, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(one_sided, "execute", noted)
    text = "input x = 0\ns = 0\nwhile s < 1 { s = s + 1 + 2 * min(x, 0) * 1e20 }\noutput y = abs(x) + 0 * s"
    report = adcli.parse(text).gradient()
    assert report.judgements["y"]["x"].verdict is Verdict.NONSMOOTH
    assert limits
    assert max(one.entries for one in limits) < 2000
