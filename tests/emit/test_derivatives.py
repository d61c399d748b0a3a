"""The derivative as a program: it parses, it is canonical, and it gives the derivative, to any order."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy
import pytest
from hypothesis import strategies as st

import adcli
from adcli import AdError, parse
from adcli.emit import ad
from adcli.emit.writing import lines_of
from adcli.syntax.layout import format_source
from adcli.syntax.source import Source

from ..cli.test_errors import Golden
from ..conftest import ALL_SAMPLES, PLAIN_SAMPLES, Adcli, mostly_slow, randomly, sample_name
from ..derive.programs import INPUTS, RandomProgram, random_programs
from .functions import LOOPS


def same(found: Any, expected: Any, count: int = 2) -> bool:
    """Whether each number of two values, which may be arrays, is within some units in the last place."""
    found, expected = numpy.asarray(found), numpy.asarray(expected)
    pairs = zip(found.ravel().tolist(), expected.ravel().tolist(), strict=True)
    return found.shape == expected.shape and all(ulps(x, y) <= count for x, y in pairs)


def direction_of(program: adcli.DifferentiableProgram) -> dict[str, Any]:
    """A number for each input, or an array of its shape."""
    return {
        name: 0.5 + number
        if type(value) is float
        else numpy.linspace(0.5, 1.5 + number, value.size).reshape(value.shape)
        for number, (name, value) in enumerate(program.evaluate().inputs.items())
    }


def ulps(x: float, y: float) -> float:
    if x == y or (math.isnan(x) and math.isnan(y)):
        return 0
    return abs(x - y) / max(math.ulp(x), math.ulp(y))


@pytest.mark.parametrize("path", mostly_slow(ALL_SAMPLES), ids=sample_name)
def test_the_adjoint_program_of_a_sample_gives_its_gradient(path) -> None:  # type: ignore[no-untyped-def]
    program = adcli.load(str(path))
    output = program.program.outputs[0]
    slopes = program.gradient(of=output, difference="none").gradient[output]
    for keep_guards in (False, True):
        text = program.adjoint(keep_guards=keep_guards)
        outputs = adcli.parse(text).evaluate().outputs
        assert list(outputs) == [f"bar_{name}" for name in slopes]
        for name, slope in slopes.items():
            assert same(outputs[f"bar_{name}"], slope)
        assert format_source(Source("t", text)) == text


@pytest.mark.parametrize("path", mostly_slow(PLAIN_SAMPLES), ids=sample_name)
def test_the_adjoint_of_the_adjoint_gives_second_derivatives(path) -> None:  # type: ignore[no-untyped-def]
    program = adcli.load(str(path))
    output = program.program.outputs[0]
    name = next(iter(program.program.inputs)).name
    first = adcli.parse(program.adjoint())
    if program.program.arrays:  # all of them at once, each in a direction of its own
        direction = direction_of(program)
        row = program.hvp(of=output, dot=direction).product[output]
        second = first.vjp(bar={f"bar_{name}": step for name, step in direction.items()}).adjoints
    else:
        row = program.hessian(of=output).hessian[output][name]
        outputs = adcli.parse(first.adjoint(of=f"bar_{name}")).evaluate().outputs
        second = {other: outputs[f"bar_{other}"] for other in row}
    size = max(float(numpy.max(numpy.abs(slope))) for slope in row.values())
    for other, slope in row.items():
        assert second[other] == pytest.approx(slope, rel=1e-9, abs=1e-12 * size)


@pytest.mark.parametrize("path", mostly_slow(ALL_SAMPLES), ids=sample_name)
def test_the_tangent_program_of_a_sample(path) -> None:  # type: ignore[no-untyped-def]
    program = adcli.load(str(path))
    direction = direction_of(program)
    tangents = program.jvp(dot=direction).tangents
    text = program.tangent(dot=direction)
    outputs = adcli.parse(text).evaluate().outputs
    for name, tangent in tangents.items():
        assert outputs[f"dot_{name}"] == pytest.approx(tangent, rel=1e-13)
    assert format_source(Source("t", text)) == text
    free = adcli.parse(program.tangent())
    found = free.evaluate({f"dot_{name}": step for name, step in direction.items()}).outputs
    assert all(same(found[name], value, 0) for name, value in outputs.items())


@randomly(80, random_programs())
def test_adjoint_programs_of_random_programs(program: RandomProgram) -> None:
    checked = adcli.parse(program.text)
    slopes = checked.gradient(program.point, of="f", difference="none").gradient["f"]
    text = checked.adjoint(program.point, of="f", keep_guards=True)
    outputs = adcli.parse(text).evaluate().outputs
    for name in INPUTS:
        assert ulps(outputs[f"bar_{name}"], slopes[name]) <= 2
    assert format_source(Source("t", text)) == text


@randomly(60, random_programs(), st.lists(st.floats(-2, 2), min_size=3, max_size=3))
def test_tangent_programs_of_random_programs(program: RandomProgram, steps: list[float]) -> None:
    checked = adcli.parse(program.text)
    direction = {name: step or 1.0 for name, step in zip(INPUTS, steps, strict=True)}
    tangent = checked.jvp(program.point, dot=direction, of="f").tangents["f"]
    text = checked.tangent(program.point, dot=direction, of="f", keep_guards=True)
    found = adcli.parse(text).evaluate().outputs["dot_f"]
    assert ulps(found, tangent) <= 2


def test_golden_programs(adcli: Adcli, golden: Golden) -> None:
    for name in ("sine_product", "huber", "counter_state", "clipped_root", "logistic_loss"):
        golden(f"adjoint-{name}.ad", adcli("adjoint", f"samples/{name}.ad", "--keep-guards").out)
    golden("tangent-polar.ad", adcli("tangent", "samples/polar.ad", "--dot", "r=1").out)
    golden("tangent-huber.ad", adcli("tangent", "samples/huber.ad", "--keep-guards", "--r", "0.5").out)
    for name in ("adjoint", "tangent"):
        golden(f"help-{name}.txt", adcli(name, "--help", columns=80).out)


def test_a_required_guard_makes_another_way_an_error(adcli: Adcli) -> None:
    text = adcli("adjoint", "samples/huber.ad", "--keep-guards").out.encode()
    assert adcli("eval", "-", "--r", "3", stdin=text).status == 0
    result = adcli("eval", "-", "--r", "0.5", stdin=text)
    assert result.status == 2
    assert result.err.startswith("error[requirement]")
    without = adcli("adjoint", "samples/huber.ad").out.encode()
    assert adcli("eval", "-", "--r", "0.5", stdin=without).status == 0


def test_names_that_are_taken_give_way() -> None:
    text = (
        "input x = 2, bar_y = 3, dot_x = 4\nbar_x = x^2 * bar_y\nv3 = sin(bar_x) * x\ny = v3 * bar_x + dot_x\noutput y"
    )
    program = adcli.parse(text)
    slopes = program.gradient(difference="none").gradient["y"]
    outputs = adcli.parse(program.adjoint()).evaluate().outputs
    assert list(outputs) == ["bar_x", "bar_bar_y", "bar_dot_x"]
    assert list(outputs.values()) == list(slopes.values())
    tangent = adcli.parse(program.tangent(dot={"x": 1}))
    assert tangent.evaluate().outputs == {"dot_y": slopes["x"]}
    twice = adcli.parse(tangent.tangent(dot={"x": 1, "dot_x_2": 0}))
    assert twice.evaluate().outputs["dot_dot_y"] == pytest.approx(program.hessian().hessian["y"]["x"]["x"], rel=1e-14)


def test_an_input_without_influence_has_the_derivative_zero() -> None:
    assert adcli.parse("input x = 1, y = 2\noutput z = x^2").adjoint().endswith("output bar_x\noutput bar_y = 0\n")


def test_nothing_is_computed_that_no_output_needs() -> None:
    text = adcli.parse("input x = 1\na = exp(x)\nb = sin(x) + 3\noutput y = 2 * x + 1\n").adjoint()
    assert "exp" not in text
    assert "sin" not in text
    assert text.endswith("\nbar_x = 2\n\noutput bar_x\n")


def test_output_to_a_file(adcli: Adcli, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "adjoint.ad"
    assert adcli("adjoint", "samples/baydin.ad", "--output", str(path)) == (0, "", "")
    assert adcli("eval", str(path)).status == 0


@pytest.mark.parametrize("name", ["pi", "e"])
def test_a_constant_whose_name_is_bound_again_keeps_its_value(name: str) -> None:
    text = f"input x = 0.3\n{name} = 3 * x\noutput y = erf(x) * {name} + exp2({name})"
    program = adcli.parse(text)
    slope = program.gradient().gradient["y"]["x"]
    assert adcli.parse(program.adjoint()).evaluate().outputs["bar_x"] == pytest.approx(slope, rel=1e-15)
    assert adcli.parse(program.tangent(dot={"x": 1})).evaluate().outputs["dot_y"] == pytest.approx(slope, rel=1e-15)
    given = adcli.parse(f"input {name} = 0.3\noutput y = erf({name})")
    slope = given.gradient().gradient["y"][name]
    assert adcli.parse(given.adjoint()).evaluate().outputs[f"bar_{name}"] == slope


@pytest.mark.parametrize("loop", ["for k = 1 to n", "for k = n to 1 step -1", "for k = 0 to n * 2 step 2"])
def test_guards_of_a_loop_hold_its_count_on_both_sides(loop: str) -> None:
    program = adcli.parse(f"input n = 5, x = 2\ns = 1\n{loop} {{ s = s * x }}\noutput s")
    text = program.adjoint(keep_guards=True)
    slope = program.gradient(difference="none").gradient["s"]["x"]
    assert adcli.parse(text).evaluate().outputs["bar_x"] == slope
    for n in (4, 3, 6.5, 7):
        with pytest.raises(adcli.AdError):
            adcli.parse(text).evaluate(n=n)


def test_an_input_that_is_called_like_an_adjoint_is_not_bound_again() -> None:
    program = adcli.parse("input x = 2, bar_x = 3\na = x * bar_x\noutput y = a^2 * x")
    text = program.adjoint()
    assert "\nbar_x = " not in text
    slopes = program.gradient(difference="none").gradient["y"]
    assert list(adcli.parse(text).evaluate().outputs.values()) == list(slopes.values())


@pytest.mark.parametrize(
    "text",
    [
        "input x = 3\ny = x^2\nz = y\ny = y * 3\noutput y, z",
        "input x = 3\na = x^2\nx = a + x\nb = x + 1\nx = b * x\noutput x, b, a",
        "input x = 3, y = 2\na = x * y\nb = a\nc = b\noutput c, a, b",
    ],
)
def test_outputs_whose_names_were_bound_before(text: str) -> None:
    program = adcli.parse(text)
    tangents = program.jvp(dot={"x": 1}).tangents
    outputs = adcli.parse(program.tangent(dot={"x": 1})).evaluate().outputs
    assert list(outputs.values()) == list(tangents.values())  # `dot_x` is an input, so that of the output is `dot_x_2`


def test_guards_on_inputs_that_are_not_differentiated_by_are_kept() -> None:
    program = adcli.parse("input n = 3, x = 2\nif n > 2 { y = x^2 } else { y = x }\noutput y")
    text = program.adjoint(wrt="x", keep_guards=True)
    assert adcli.parse(text).evaluate().outputs == {"bar_x": 4}
    with pytest.raises(adcli.AdError):
        adcli.parse(text).evaluate(n=1)


# Loops


@pytest.mark.parametrize("name", LOOPS)
def test_what_repeats_is_a_loop_that_has_derivatives_again(name: str) -> None:
    program = adcli.parse(LOOPS[name])
    of, direction = program.program.outputs[0], direction_of(program)
    slopes = program.gradient(of=of, difference="none").gradient[of]
    texts = [program.emit(to="ad", order=1), program.adjoint(keep_guards=True), program.tangent(dot=direction)]
    values, adjoints, tangents = (adcli.parse(text).evaluate().outputs for text in texts)
    for text in texts:
        assert "\nfor i = " in text or "A[3, 3]" in text or "A[7, 6]" in text  # a row of matrices would be no matrix
        assert format_source(Source("t", text)) == text
    assert values[of] == program.evaluate().outputs[of]
    for input_name, slope in slopes.items():
        assert same(values[f"bar_{input_name}"], slope)
        assert same(adjoints[f"bar_{input_name}"], slope)
    assert tangents[f"dot_{of}"] == pytest.approx(program.jvp(dot=direction).tangents[of], rel=1e-13)
    second = adcli.parse(texts[1]).vjp(bar={f"bar_{input_name}": step for input_name, step in direction.items()})
    for input_name, row in program.hvp(of=of, dot=direction).product[of].items():
        size = float(numpy.max(numpy.abs(row)))
        assert second.adjoints[input_name] == pytest.approx(row, rel=1e-9, abs=1e-12 * size)


@pytest.mark.parametrize(("powers", "counts"), [(range(2, 11), "2 to 10"), (range(10, 1, -1), "10 to 2 step -1")])
def test_a_loop_binds_names_again_and_counts_as_its_numbers_do(powers: range, counts: str) -> None:
    terms = [f"y = (y + x^{power}) / {12 - power}" for power in powers]
    program = adcli.parse("\n".join(["input x = 2", "y = x", *terms, "output y"]))
    text = program.emit(to="ad", order=0)
    assert f"y = y_1\nfor i = {counts} {{\n    # line 11: {terms[-1]}\n    y = (y + x^i) / (12 - i)\n}}\n" in text
    assert adcli.parse(text).evaluate(x=1.1).outputs == program.evaluate(x=1.1).outputs


def test_guards_in_a_loop_are_required_in_each_pass() -> None:
    text = adcli.parse(LOOPS["guarded"]).adjoint(keep_guards=True)
    assert "    require y_3 > 0.1 * k_2 - 2\n" in text
    with pytest.raises(adcli.AdError, match="what the program requires"):
        adcli.parse(text).evaluate(x=-7)


def test_rows_whose_versions_would_fill_the_memory_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    program = adcli.parse("input x = 0.3\ny = x\nfor k = 1 to 30 { y = sin(y) }\noutput y")
    looped = program.adjoint()
    monkeypatch.setattr("adcli.emit.function.MOST_KEPT", 29 * 29)
    unrolled = program.adjoint()
    assert ("zeros(30)" in looped, "for " in unrolled.partition("input")[2].replace("for k = 1", "")) == (True, False)
    assert "for i = " in program.emit(to="ad", order=0)  # which keeps none
    assert adcli.parse(looped).evaluate().outputs == adcli.parse(unrolled).evaluate().outputs


SIGNS = """
input x = 0.5, z = 2
y = x
for k = 1 to 4 {
    y = max(y, 3 - k) * -1 + abs(z) / 1 + x^1 + x^2 - (-3)^2 * x^(-2) + where(x > 0, y, -y) / (1 + y * y)
    y = y - 0 - -x - (-(y + x)) + 2 * -3 * (y - (x - 0.25)) / (y / z / 3) + 0 * x + pi * 1e-3 - (0.1 - x) - -4
    y = y * x * z * 1.0000001 * y / (x + z + y + x * z + y * x * z + 12345.678) + sin(y) * cos(y) * exp(-y) * tanh(x)
}
output y
"""


@pytest.mark.parametrize("command", ["adjoint", "tangent"])
def test_texts_of_alike_lines_are_those_of_their_trees(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    program = adcli.parse(SIGNS)
    text = getattr(program, command)()
    monkeypatch.setattr(ad, "lines_of", lambda wanted: lines_of(replace(wanted, texts=False)))
    assert getattr(adcli.parse(SIGNS), command)() == text
    assert text.count("\n") > 60


@pytest.mark.parametrize("command", ["adjoint", "tangent", "emit --to python", "emit --to c"])
def test_the_convention_at_a_kink_is_told_in_the_words_of_the_gradient(adcli: Adcli, command: str) -> None:
    at = ("-e", "abs(x) * y + sqrt(x)^0", "--x", "0", "--y", "3")
    told = [line for line in adcli("grad", *at, columns=120).out.splitlines() if "at a kink:" in line]
    assert len(told) == 2
    text = adcli(*command.split(), *at).out
    for line in told:
        assert line in text
    beside = adcli(*command.split(), "-e", "abs(x) * y + sqrt(x)^0", "--x", "2", "--y", "3").out
    assert "kink" not in beside


def test_the_edge_of_a_rule_is_told_and_kept_where_an_input_may_leave_it(adcli: Adcli) -> None:
    edge = "#   where y is 0: `x^y`, line 1; used: inf at 0 for an exponent below 1, from the right; a^0 has slope 0"
    text = adcli("adjoint", "-e", "x^y", "--x", "0", "--y", "0", "--keep-guards").out
    assert edge in text
    program = parse(text)
    assert program.evaluate().outputs["bar_x"] == 0
    with pytest.raises(AdError, match="requires"):
        program.evaluate(y=2)
    for at in (("--x", "0", "--y", "2"), ("--x", "2", "--y", "0")):  # there is a limit, or the rule's own number
        assert "where y" not in adcli("adjoint", "-e", "x^y", *at).out
    assert "where" not in adcli("adjoint", "-e", "x^0", "--x", "0").out  # it holds at every x
