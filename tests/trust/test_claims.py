"""Claims: as precise as they are given; right ones agree, mistakes are caught, and none is explained by chance."""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Iterator
from typing import NamedTuple

import numpy
import pytest

import adcli
from adcli.trust.claims import JudgedClaim
from adcli.trust.judgement import Verdict

SINE = "input x = 2, y = 3\na = x * y\noutput L = a + sin(a)\n"
SLOPE = 3 * (1 + math.cos(6))  # of L by x


def judged(claim: object, text: str = SINE, **options: object) -> JudgedClaim:
    (found,) = adcli.parse(text).check(claims=claim, **options).claims
    return found


def single(value: float) -> float:
    """The nearest number of float32."""
    nearest: float = struct.unpack("f", struct.pack("f", value))[0]
    return nearest


@pytest.mark.parametrize(
    ("claim", "precision"),
    [
        ("5.8805", "to 5 digits: rounded"),
        ("5.88", "to 3 digits: rounded"),
        ("5.88051086", "to 9 digits: rounded"),
        ("5.88 ± 0.01", "to 4 digits: ± 0.01"),
        ("5.88 +/- 1e-2", "to 4 digits: ± 0.01"),
        ("5.88 +- 0.01", "to 4 digits: ± 0.01"),
        ("y * (1 + cos(a)) + 1e-3 ± 0.01", "to 3 digits: ± 0.01"),
        (f"{single(SLOPE)!r}", "to 7 digits: float32"),
        (f"{SLOPE!r}", ""),
        ("y * (1 + cos(a))", ""),
    ],
)
def test_a_claim_that_agrees_says_how_precise_it_is(claim: str, precision: str) -> None:
    found = judged(f"dL/dx = {claim}")
    assert (found.verdict, found.components[0].precision) == (Verdict.AGREES, precision)


@pytest.mark.parametrize("claim", ["5.88 ± 0.0001", "5.8805 ± 1e-9", "5.880511283874512 + 1e-5", "[1, 2] +- 9"])
def test_what_is_beyond_its_own_precision(claim: str) -> None:
    if "[" in claim:
        with pytest.raises(adcli.AdError, match="vector of 2"):
            judged(f"dL/dx = {claim}")
    else:
        assert judged(f"dL/dx = {claim}").verdict is Verdict.WRONG


def test_a_tolerance_is_relative_and_takes_the_place_of_digits() -> None:
    assert judged("dL/dx = 5.9", tolerance=0.01).components[0].precision == "to 2 digits: --tolerance 0.01"
    assert judged("dL/dx = 5.9", tolerance=1e-3).verdict is Verdict.WRONG
    assert judged("dL/dx = 5.8805", tolerance=1e-9).verdict is Verdict.WRONG


@pytest.mark.parametrize("text", ["dL/dw = [2.0001, 4.0002]", "dL/dw = [2, 4]", "dL/dw = 2 * ones(2)"])
def test_numbers_are_those_of_the_point(text: str) -> None:
    program = "input w[2] = [1.00005, 2.0001]\noutput L = sum(w^2)\n"
    found = judged(text, program)
    assert found.tried == 0
    assert (found.verdict is Verdict.AGREES) == ("2.0001" in text)


def logistic() -> tuple[adcli.DifferentiableProgram, dict[str, numpy.ndarray], numpy.ndarray]:
    """A logistic regression, its data, and its gradient rounded to float32."""
    numbers = numpy.random.default_rng(1)
    data = {"X": numbers.normal(size=(40, 5)), "y": numpy.sign(numbers.normal(size=40)), "w": numbers.normal(size=5)}
    xs, y, w = data.values()
    gradient = -(xs.T @ (y / (1 + numpy.exp(y * (xs @ w))))) / 40
    return adcli.expression("sum(log1p(exp(-y * (X @ w)))) / 40"), data, gradient.astype(numpy.float32)


def test_a_gradient_in_float32_agrees_in_all_components() -> None:
    program, data, gradient = logistic()
    for claims in ({"w": gradient}, gradient, gradient.astype(float), {"w": gradient.tolist()}):
        (found,) = program.check(data, claims=claims).claims
        assert {component.verdict for component in found.components} == {Verdict.AGREES}
        assert all(component.precision.endswith("digits: float32") for component in found.components)
    wrong = gradient.copy()
    wrong[3] *= 1.0001
    (found,) = program.check(data, claims=wrong).claims
    assert [component.verdict is Verdict.WRONG for component in found.components] == [False, False, False, True, False]


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_where_a_coarse_arithmetic_leaves_no_digits_a_claim_is_lost(dtype: str) -> None:
    program = adcli.expression("(1 - cos(x)) / x^2")
    slope = program.gradient(x=0.002, difference="none").gradient["value"]["x"]
    (found,) = program.check(x=0.002, claims=numpy.array(1.5 * slope, dtype)).claims
    assert found.verdict is Verdict.LOST


# Differences

STEPS = [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 2.0**-26, 1e-8, 1e-9]
DIFFERENCES = {"a forward": (0, 1), "a backward": (-1, 0), "a central": (-1, 1)}


@pytest.mark.parametrize("kind", DIFFERENCES)
@pytest.mark.parametrize("step", STEPS)
def test_a_difference_is_right_but_for_its_step(kind: str, step: float) -> None:
    low, high = DIFFERENCES[kind]
    for x in (2.0, 0.3, -41.5):

        def value(t: float) -> float:
            return t * 3 + math.sin(t * 3) * math.exp(t / 50)

        slope = (value(x + high * step) - value(x + low * step)) / ((high - low) * step)
        text = f"input x = {x}\na = x * 3\noutput L = a + sin(a) * exp(x / 50)\n"
        (component,) = judged(f"dL/dx = {slope!r}", text).components
        assert component.verdict is Verdict.AGREES, component
        # with so few digits as a step of a power of two leaves, it may be one of float32 as well
        told = "difference, error like h" in component.precision or (
            step == 2.0**-26 and "float32" in component.precision
        )
        assert told or not component.precision


def test_a_difference_says_its_step() -> None:
    slope = (2.000001 * 3 + math.sin(2.000001 * 3) - 6 - math.sin(6)) / 1e-6
    (component,) = judged(f"dL/dx = {slope!r}").components
    assert component.precision == "to 6 digits: a forward difference, error like h"
    assert component.reason.endswith("as a forward difference with h = 1e-06 is")


# Where there is no derivative, and where no digits are left


@pytest.mark.parametrize(
    ("formula", "claim", "wanted"),
    [
        ("abs(x)", "sign(x)", Verdict.NONSMOOTH),
        ("abs(x)", "1", Verdict.NONSMOOTH),
        ("abs(x)", "0.5", Verdict.NONSMOOTH),
        ("abs(x)", "2", Verdict.WRONG),
        ("max(x, 2 * x)", "1.5", Verdict.NONSMOOTH),
        ("max(x, 2 * x)", "3", Verdict.WRONG),
        ("sign(x)", "0", Verdict.NONSMOOTH),
        ("sqrt(x)", "1 / (2 * sqrt(x))", Verdict.NONSMOOTH),
        ("sqrt(x)", "7", Verdict.WRONG),
        ("abs(x)^3", "0", Verdict.AGREES),
        ("where(x == 0, 1, x + 1)", "1", Verdict.AGREES),
        ("where(x == 0, 1, x + 1)", "0", Verdict.WRONG),
    ],
)
def test_a_claim_at_a_kink(formula: str, claim: str, wanted: Verdict) -> None:
    found = judged(f"dvalue/dx = {claim}", f"input x = 0\noutput value = {formula}\n")
    assert found.verdict is wanted
    assert found.diagnoses == () or wanted is Verdict.AGREES
    if wanted is Verdict.NONSMOOTH:
        assert "from the left" in found.components[0].reason


@pytest.mark.parametrize("claim", ["0", "-8.3e-10", "sin(x) / x^2 - 2 * (1 - cos(x)) / x^3"])
def test_a_claim_near_a_derivative_that_is_lost_is_lost(claim: str) -> None:
    found = judged(f"dvalue/dx = {claim}", "input x = 1e-8\noutput value = (1 - cos(x)) / x^2\n")
    assert found.verdict is Verdict.LOST
    assert "cos(x)" in found.components[0].reason


@pytest.mark.parametrize("claim", ["0", "2 * x - 2"])
def test_a_claim_at_a_minimum_agrees(claim: str) -> None:
    assert judged(f"dL/dx = {claim}", "input x = 1\noutput L = x^2 - 2 * x\n").verdict is Verdict.AGREES


# Diagnoses

PENDULUM = """\
input start = 0.8, g = 9.81, l = 1.2
h = 0.01
angle = start
velocity = 0
for k = 1 to 300 {
    velocity = velocity - h * g / l * sin(angle)
    angle = angle + h * velocity
}
output angle
"""


@pytest.mark.parametrize("off", [3e-6, 1e-5, -1e-4, 2e-3])
def test_of_thousands_of_paths_none_explains_a_number_by_chance(off: float) -> None:
    slope = adcli.parse(PENDULUM).gradient(difference="none").gradient["angle"]["start"]
    found = judged(f"dangle/dstart = {slope * (1 + off)!r}", PENDULUM)
    assert (found.verdict, found.diagnoses) == (Verdict.WRONG, ())


def test_a_mistake_in_few_digits_is_not_told_from_chance() -> None:
    assert [one.sure for one in judged(f"dL/dx = {2 * SLOPE!r}").diagnoses] == ["likely"]
    assert [one.sure for one in judged("dL/dx = -5.880511").diagnoses] == ["likely"]
    assert judged("dL/dx = 11.8").diagnoses == ()


# Many programs

_UNARY = ("sin({})", "cos({})", "tanh({})", "exp({} / 4)", "{}^2", "log(3 + sin({}))", "1 / (2 + {}^2)")
_BINARY = ("{} * {}", "{} + {}", "{} - 2 * {}", "{} / (3 + cos({}))")


class Case(NamedTuple):
    text: str
    output: str
    slopes: dict[str, float]


def case(seed: int) -> Case:
    """A random program of numbers, and its derivatives."""
    numbers = random.Random(seed)
    point = {name: round(numbers.uniform(0.3, 2), 3) * numbers.choice((-1, 1)) for name in "xyz"}
    lines = [f"input {name} = {value}" for name, value in point.items()]
    names = list(point)
    for place in range(numbers.randint(4, 9)):
        form = numbers.choice(_UNARY + _BINARY)
        used = [numbers.choice(names[-4:]) for _ in range(form.count("{}"))]
        names.append(f"v{place}")
        lines.append(f"v{place} = {form.format(*used)}")
    if numbers.random() < 0.3:
        lines.append(f"for k = 1 to 20 {{\n    {names[-1]} = {names[-1]} + 0.1 * sin({names[-1]} + x)\n}}")
    text = "\n".join(lines) + f"\noutput L = {names[-1]} + {names[-2]} * y\n"
    return Case(text, "L", adcli.parse(text).gradient(difference="none").gradient["L"])


def cases(count: int, first: int) -> Iterator[tuple[Case, adcli.DifferentiableProgram, str, float]]:
    for seed in range(first, first + count):
        one = case(seed)
        program = adcli.parse(one.text)
        for name, slope in one.slopes.items():
            if abs(slope) > 1e-6 and len(repr(slope)) > 12:  # a few digits tell no mistake from another
                yield one, program, name, slope


def planted(one: Case, name: str, slope: float) -> dict[str, float]:
    """What would be claimed with some mistakes."""
    other = next(value for key, value in one.slopes.items() if key != name)
    return {
        "sign": -slope, "factor": 2 * slope, "other-input": other, "zero": 0.0,
        "+1e-5": slope * (1 + 1e-5), "-1e-4": slope * (1 - 1e-4), "+1e-3": slope * (1 + 1e-3),
    }  # fmt: skip


def check_mistakes(count: int, first: int) -> None:
    diagnosed = 0
    for one, program, name, slope in cases(count, first):
        for kind, claimed in planted(one, name, slope).items():
            short = kind == "other-input" and len(repr(claimed)) <= 12
            if short or abs(claimed - slope) < 1e-7 * abs(slope):
                continue
            (found,) = program.check(claims={name: claimed}).claims
            assert found.verdict is Verdict.WRONG, (one.text, name, kind, found)
            kinds = {diagnosis.kind for diagnosis in found.diagnoses if diagnosis.sure != "possible"}
            if kind[0] in "+-":
                assert not kinds, (one.text, name, kind, found)
            else:
                same = any(math.isclose(claimed, value, rel_tol=1e-9) for value in one.slopes.values())
                assert kind in kinds or (same and "other-input" in kinds), (one.text, name, kind, found)
                diagnosed += 1
    assert diagnosed > count


def check_right_claims(count: int, first: int) -> None:
    for one, program, name, slope in cases(count, first):
        written = [repr(slope), f"{slope:.7e}", f"{slope:.5e}", f"{slope:.4e}", f"{slope:.2e}", repr(single(slope))]
        x = float(program.evaluate().inputs[name])
        near = (value for value in differences(program, name, x) if abs(value - slope) < 1e-3 * abs(slope))
        written += [repr(difference) for difference in near]  # of steps that are not too large here
        for text in written:
            (found,) = program.check(claims=f"dL/d{name} = {text}").claims
            assert found.verdict is Verdict.AGREES, (one.text, name, text, slope, found.components)


def differences(program: adcli.DifferentiableProgram, name: str, x: float) -> Iterator[float]:
    for step in (1e-4, 1e-6, 2.0**-26 * max(1.0, abs(x))):
        low, middle, high = (program.evaluate({name: x + times * step}).outputs["L"] for times in (-1, 0, 1))
        yield (high - middle) / step
        yield (high - low) / (2 * step)


def test_planted_mistakes_are_caught_and_only_they_are_explained() -> None:
    check_mistakes(8, 0)


def test_right_claims_are_never_wrong() -> None:
    check_right_claims(8, 0)


@pytest.mark.slow
def test_planted_mistakes_in_many_programs() -> None:
    check_mistakes(150, 1000)


@pytest.mark.slow
def test_right_claims_of_many_programs() -> None:
    check_right_claims(150, 1000)
