"""Bounds of rounding errors: against 50 digits on random programs, closed forms, and the textbooks' cancellations."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import assume

import adcli as package
from adcli.errors import AdError
from adcli.report.precision import PrecisionReport
from adcli.rules.accuracy import UNIT
from adcli.trust.precision import MOST_DIGITS, Precision, digits_of

from ..conftest import ALL_SAMPLES, ROOT, mostly_slow, randomly, sample_name
from ..derive.array_programs import ArrayProgram, array_programs
from ..derive.programs import RandomProgram, random_programs


def report(text: str, **options: Any) -> PrecisionReport:
    return package.parse(text).precision(**options)


def result(text: str, **options: Any) -> Precision:
    (found,) = report(text, **options).results.values()
    return found


def sample(name: str, **inputs: Any) -> PrecisionReport:
    return package.load(str(ROOT / "samples" / f"{name}.ad")).precision(inputs, verify=True)


# The bound holds


@randomly(80, random_programs())
def test_the_bound_holds_on_random_programs(program: RandomProgram) -> None:
    found = package.parse(program.text).precision(program.point, verify=True)
    holds(found)


@randomly(80, array_programs())
def test_the_bound_holds_on_random_programs_with_arrays(program: ArrayProgram) -> None:
    found = package.parse(program.text).precision(program.point, of="result", verify=True)
    holds(found)


def holds(found: PrecisionReport) -> None:
    assert found.verified is not None
    assume(not found.verified.turned)
    for name, one in found.verified.outputs.items():
        exact = found.results[name]
        assume(exact.second_order_loss is None)
        assert one.holds, (one, exact.bound)
        assert one.error <= exact.bound
        assert exact.digits <= (one.digits or 0) or exact.digits == MOST_DIGITS


@pytest.mark.parametrize("name", mostly_slow([sample_name(path) for path in ALL_SAMPLES], every=2))
def test_the_bound_holds_on_every_sample(name: str) -> None:
    found = package.load(str(ROOT / "samples" / f"{name}.ad")).precision(verify=True)
    assert not found.wrong
    assert found.verified is not None
    assert found.verified.turned == ()


# Closed forms


def test_one_operation() -> None:
    """One rounding costs u |v|, a function of the library twice that; what is exact costs nothing."""
    assert result("input x = 3\noutput y = x / 7").bound == UNIT * (3 / 7)
    assert result("input x = 3\noutput y = exp(x)").bound == 2 * UNIT * math.exp(3)
    for exact in ("x - 1", "abs(-x)", "max(x, 1) * 0.5", "floor(x / 2)", "x^2", "-x"):
        found = result(f"input x = 1.5\noutput y = {exact}")
        if exact != "floor(x / 2)":
            assert (found.bound, found.losses) == (0.0, ())
        assert found.digits == MOST_DIGITS


def test_a_chain() -> None:
    """s = (x + y) z: the sum's error is multiplied by z, and the product adds its own."""
    found = result("input x = 0.1, y = 0.2, z = 7\noutput s = (x + y) * z")
    total = 0.1 + 0.2
    assert found.bound == pytest.approx(UNIT * (total * 7 + total * 7), rel=1e-15)
    assert [loss.contribution for loss in found.losses] == [UNIT * total * 7] * 2
    assert found.relative == pytest.approx(2 * UNIT, rel=1e-15)
    assert found.digits == pytest.approx(-math.log10(2 * UNIT), rel=1e-15)


def test_the_sum_of_many_terms() -> None:
    """n - 1 roundings, relative to the sum of the absolute values (Higham 2002, section 4.2)."""
    found = result("input v[n] = [0.1, -0.2, 0.3, -0.4]\noutput s = sum(v)")
    assert found.bound == pytest.approx(3 * UNIT * 1.0, rel=1e-14)
    found = result("input v[n] = [0.1, 0.2, 0.7], w[n] = [3.3, -0.3, 0.1]\noutput s = dot(v, w)")
    assert found.bound == pytest.approx(3 * UNIT * (0.33 + 0.06 + 0.07), rel=1e-14)


def test_conditions() -> None:
    found = result("input x = 3, y = 4\noutput z = x^2 / y")
    assert found.condition == {"x": 2.0, "y": 1.0}
    assert found.data == pytest.approx(3 * UNIT * 9 / 4, rel=1e-15)
    assert result("input x = 3, y = 4\noutput z = x^2 / y", wrt="y").condition == {"y": 1.0}
    found = result("input x = 1e-9\noutput z = (1 + x) - 1")
    assert found.condition["x"] == pytest.approx(1.0, rel=1e-6)
    found = result("input v[n] = [1, 2]\noutput z = v[0]^3 * v[1]")
    np.testing.assert_array_equal(found.condition["v"], [3.0, 1.0])


def test_a_decimal_is_data() -> None:
    """0.1 is no binary fraction, 0.5 is one: only the first moves the value if data are rounded."""
    for text, count in (("0.1", 2), ("0.5", 1), ("pi", 2), ("3", 1)):
        found = result(f"input x = 2\noutput y = x * {text}")
        assert found.data == pytest.approx(count * UNIT * found.value, rel=1e-15)


def test_digits() -> None:
    assert digits_of(1e-8) == pytest.approx(8)
    assert digits_of(0.0) == digits_of(UNIT) == MOST_DIGITS
    assert digits_of(1.0) == digits_of(math.inf) == digits_of(math.nan) == 0.0


# The textbooks' cancellations


def test_the_cosine() -> None:
    """Higham 2002, section 1.7: at 1.2e-5 the error of the cosine is divided by 1 - cos x = 7.2e-11."""
    found = sample("cancellation/cosine", x=1.2e-5)
    direct, rewritten = found.results["direct"], found.results["rewritten"]
    assert direct.relative == pytest.approx(2 * UNIT / 7.2e-11, rel=1e-4)
    assert int(direct.digits) == 5
    assert rewritten.is_good
    assert direct.cancellation is not None
    assert direct.cancellation.digits == pytest.approx(-math.log10(7.2e-11), abs=1e-4)
    found = sample("cancellation/cosine")  # at 1e-8 nothing is left: 0, and not a half
    assert found.outputs["direct"] == 0.0
    assert found.outputs["rewritten"] == 0.5
    assert found.results["direct"].digits == 0
    assert found.verified is not None
    assert float(found.verified.outputs["direct"].exact) == pytest.approx(0.5, abs=1e-15)
    assert found.verified.outputs["direct"].error == pytest.approx(0.5, abs=1e-15)


def test_higham_s_cosine_with_ten_digits() -> None:
    """The same program with the 10 digits of the book gives its 0.6944..., which is not below a half."""
    tape = package.load(str(ROOT / "samples" / "cancellation" / "cosine.ad")).tape(x=1.2e-5).run.tape
    cosine = next(entry for entry, operation in enumerate(tape.operations) if operation.name == "cos")
    rounded = float(f"{tape.values[cosine]:.10g}")
    assert rounded == 0.9999999999
    assert float(f"{float(f'{1 - rounded:.10g}') / 1.2e-5**2:.4g}") == 0.6944


def test_the_quadratic_formula() -> None:
    """Goldberg 1991, section 1.4; Higham 2002, section 1.8: b^2 much larger than 4 a c."""
    found = sample("cancellation/quadratic")
    assert found.outputs["school"] == 7.450580596923828e-09  # and not 1e-8
    school, product = found.results["school"], found.results["product"]
    assert school.digits < 1
    assert product.is_good
    assert school.bound == pytest.approx(0.5 * UNIT * 1e8, rel=1e-6)  # the root's, halved
    (match,) = school.rewrites
    assert match.rewrite.replacement == "2 * c / (sqrt(b^2 - 4 * a * c) - b)"
    assert found.verified is not None
    assert found.verified.outputs["school"].error == pytest.approx(1e-8 - 7.450580596923828e-09, rel=1e-6)
    assert found.verified.outputs["product"].error < 2**-52 * 1e-8


def test_goldberg_s_discriminant() -> None:
    """Goldberg 1991, section 1.4: b = 3.34, a = 1.22, c = 2.28: b^2 - 4 a c is 0.0292, and has lost three digits."""
    found = result("input a = 1.22, b = 3.34, c = 2.28\noutput d = b^2 - 4 * a * c")
    exact = Fraction("3.34") ** 2 - 4 * Fraction("1.22") * Fraction("2.28")
    assert exact == Fraction("0.0292")
    assert abs(Fraction(found.value) - exact) <= found.bound + found.data
    assert found.cancellation is not None
    assert found.cancellation.digits == pytest.approx(math.log10(3.34**2 / 0.0292), rel=1e-6)
    assert max(found.condition.values()) == pytest.approx(2 * 3.34**2 / 0.0292, rel=1e-9)


def test_the_variance() -> None:
    """Higham 2002, section 1.9: the variance is 1, the formula with one pass gives 0 and that with two is exact."""
    found = sample("cancellation/variance")
    assert found.outputs == {"one_pass": 0.0, "two_pass": 1.0}
    one_pass, two_pass = found.results.values()
    assert one_pass.digits == 0
    assert (two_pass.bound, two_pass.digits) == (0.0, MOST_DIGITS)
    (match,) = one_pass.rewrites
    assert match.rewrite.replacement == "sum((a - sum(a) / n)^2)"
    found = sample("cancellation/variance", x=[10000, 10001, 10002])  # the book's, of which 53 digits lose nothing
    assert found.outputs == {"one_pass": 1.0, "two_pass": 1.0}
    assert found.results["one_pass"].bound == 0.0


@pytest.mark.parametrize(
    ("expression", "x", "digits", "instead"),
    [
        ("exp(x) - 1", 1e-10, 10, "expm1(x)"),
        ("log(1 + x)", 1e-10, None, "log1p(x)"),
        ("1 - cos(x)", 1e-5, 10, "2 * sin(x / 2)^2"),
        ("sqrt(x + 1) - sqrt(x)", 1e10, 10, "(x + 1 - x) / (sqrt(x + 1) + sqrt(x))"),
        ("1 - erf(x)", 4.0, 8, "erfc(x)"),
        ("(x + 0.1)^2 - x^2", 1e8, 9, "(x + 0.1 - x) * (x + 0.1 + x)"),
    ],
)
def test_what_to_write_instead(expression: str, x: float, digits: float | None, instead: str) -> None:
    found = report(f"input x\noutput y = {expression}", x=x, verify=True)
    one = found.results["y"]
    assert not found.wrong
    assert (one.cancellation is None) == (digits is None)
    if one.cancellation is not None:
        assert one.cancellation.digits == pytest.approx(digits, abs=0.9)
    assert [row["instead"] for row in found.to_dict()["rewrites"]["y"]] == [instead]
    better = report(f"input x\noutput y = {instead}", x=x)
    assert better.results["y"].relative < one.relative / 1e3 or "x + " in instead


def test_no_cure_where_nothing_is_lost() -> None:
    for expression in ("exp(x) - 1", "1 - cos(x)", "log(1 + x)"):
        found = result(f"input x = 2\noutput y = {expression}")
        assert found.is_good
        assert found.rewrites == ()
        assert found.cancellation is None
    assert result("input x = 1.1\noutput y = x - 1").cancellation is None  # of exact terms nothing is lost


def test_the_terms_of_a_sum_cancel() -> None:
    found = report("input v[n] = [0.1, 3.7, -0.1, -3.7]\noutput y = sum(v * v[1]) + 1e-12")
    one = found.results["y"]
    assert one.cancellation is not None
    assert "its terms agree in" in found.tables()[1].caption


# What has no digits


def test_values_that_are_zero_infinite_or_no_number() -> None:
    found = result("input x = 0.1, y = 3, z = 0.30000000000000004\noutput w = sqrt(x * y - z)")
    assert (found.value, found.bound, found.digits) == (0.0, math.inf, 0.0)
    for text in ("log(x)", "sqrt(x - 1)"):
        found = result(f"input x = 0\noutput w = {text}")
        assert not math.isfinite(found.value)
        assert math.isnan(found.relative)
    assert result("input x = 0\noutput w = x * 3").digits == MOST_DIGITS
    assert result("input x = 1e-9\noutput w = 1 - cos(x)").relative == math.inf


def test_what_first_order_does_not_see() -> None:
    """(xy - z)^2 where xy - z is 0 but for rounding: the adjoint is 0, and so is the bound."""
    found = report("input x = 0.1, y = 3, z = 0.30000000000000004\noutput w = (x * y - z)^2", verify=True)
    one = found.results["w"]
    assert (one.bound, one.second_order_loss is not None) == (0.0, True)
    assert found.wrong
    assert "where its adjoint is 0" in found.tables()[0].caption
    assert found.tables()[0].rows[0][-1] == "?"


def test_constants_are_rounded_too() -> None:
    """What depends on no input is rounded as well: a third of the program's own."""
    found = result("input x = 3\nthird = 1 / 3\noutput y = x * third")
    assert found.losses[0].contribution == pytest.approx(UNIT, rel=1e-15)
    assert result("input x = 2\noutput y = x^(1/3)").bound > 2 * UNIT * 2 ** (1 / 3)


def test_the_first_entry_that_has_lost_half_of_its_digits() -> None:
    found = report("input x = 1e-10\na = exp(x)\nb = a - 1\nc = cos(x) - 1\noutput y = b * 2", verify=True)
    assert found.verified is not None
    assert found.verified.lost is not None
    assert found.tape.names[found.verified.lost.entry] == "b"  # and not `c`, which no output needs
    assert found.verified.lost.exact == pytest.approx(1e-10, rel=1e-9)
    found = report("input v[n] = [1e-10, 1]\noutput s = sum(exp(v) - 1)", verify=True)
    assert found.verified is not None
    assert found.verified.lost is None  # beside an element of 1.7, nothing
    found = report("input v[n] = [1e-10, 2e-10]\noutput s = sum(exp(v) - 1)", verify=True)
    assert found.verified is not None
    assert found.verified.lost is not None
    assert found.verified.lost.label in ("[0]", "[1]")


def test_empty_arrays_and_singular_matrices() -> None:
    found = report("input w[n] = [1, 2]\nv = w[1:1]\noutput s = sum(v) + prod(v) + norm(v) + 0.1", verify=True)
    assert not found.wrong
    found = report("input a = 2\noutput d = det([[1, 2], [a, 4]]) * 1.1", verify=True)
    assert not found.wrong
    assert found.results["d"].digits == 0


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "text",
    [
        "input w[n] = [1, 2]\nv = w[1:1]\noutput s = sum(softmax(v)) + sum(cumsum(v)) + v @ v + logsumexp(v)",
        "input w[n] = [1, 2]\noutput s = mean(w) + w[0]^w[1] + sum(w^0.5) + trace(outer(w, w) * 0.1)",
        "input w[n] = [1, 2]\noutput s = sum(where(w > 1.5, log(w - 1.5), 3))",
        "input x = 1e300\noutput s = x * x + hypot(x, x)",
        "input x = 1e300\noutput s = hypot(x, x) * 1.1",
        "input x = 1e-300\noutput s = x * x + 1",
        "input x = -3\noutput s = x^3 + (-8)^(1/3)",
        "input x = 5\noutput s = mod(x, 3) + mod(-x, 0.7)",
        "input x = 0\noutput s = 1 / x - 1 / x",
        "input x = 0.5\noutput s = derivative(sin(x) * x^2, x)",
        "input x = 800\noutput s = exp(-x) + gauss(30)",
        "input x = -1.3\noutput s = lgamma(x) + digamma(x)",
        "input x = 0\noutput s = floor(1 / x) + round(-1 / x)",
        "input x = 1.1e308\noutput s = x * 0.3 + x * 0.7",
        "input x = 1e-300\noutput s = (x * 0.3 - x * 0.1) / 1e-320",
        "output s = 3",
        "input X[2, 2] = [[1, 2], [3, 4]]\nX[0, 1] = 0.1 * X[1, 1]\noutput s = X",
    ],
)
def test_whatever_is_given_is_answered(text: str) -> None:
    found = report(text, verify=True)
    assert not found.wrong
    assert found.tables()
    assert len(list(found.records().rows)) == len(found.results)
    json.dumps(found.to_dict(), allow_nan=False)


def test_what_is_too_small_for_a_float_has_no_digits() -> None:
    found = report("input x = 800\noutput s = exp(-x)", verify=True)
    assert found.verified is not None
    one = found.verified.outputs["s"]
    assert (one.exact[:6], one.digits) == ("3.6678", 0.0)
    assert found.tables()[-1].rows[0][-1] == "0"


# Decisions


def test_a_decision_that_rounding_may_turn() -> None:
    text = "input x = 0.1\na = x * 3\nc = 0\nif a >= 0.30000000000000004 {\n    c = 1\n}\noutput y = a + c"
    found = report(text, verify=True)
    (decision,) = found.decisions
    assert (decision.text, decision.line, decision.apart) == ("a >= 0.30000000000000004", 4, 0.0)
    assert found.verified is not None
    assert [(one.text, one.line) for one in found.verified.turned] == [("a >= 0.30000000000000004", 4)]
    assert "comes out otherwise with 50 digits" in found.tables()[-1].caption
    assert report(text, x=0.2).decisions == ()
    assert report("input x = 3\nif x >= 3 {\n    x = 2\n}\noutput x").decisions == ()  # nothing was rounded


def test_decisions_element_by_element_and_jumps() -> None:
    found = report("input v[n] = [0.5, 0.1]\noutput s = sum(where(v * 3 >= 0.30000000000000004, v, 0))", verify=True)
    (decision,) = found.decisions
    assert decision.line == 2
    assert found.verified is not None
    assert len(found.verified.turned) == 1
    found = report("input x = 0.7\noutput y = floor(x * 10)", verify=True)  # 7 - 4e-16, and rounded to 7
    assert len(found.decisions) == 1
    assert len(found.verified.turned if found.verified else ()) == 1
    assert report("input x = 0.75\noutput y = floor(x * 10) + round(x * 3)").decisions == ()


@pytest.mark.parametrize(("expression", "x"), [("ceil(x * 0.1)", 80), ("mod(x * 10, 7)", 0.7)])
def test_a_decision_that_turned_is_why_a_bound_does_not_hold(expression: str, x: float) -> None:
    found = package.parse(f"input x\noutput n = {expression}").precision(x=x, verify=True)
    assert found.wrong
    assert found.verified is not None
    assert [one.text for one in found.decisions] == [one.text for one in found.verified.turned]
    caption = found.tables()[-1].caption
    assert "exceeds the bound, which holds for decisions that come out as they did" in caption
    assert "adjoint is 0" not in caption
    assert "16 digits; if decisions come out as they did\n" in found.tables()[0].caption
    assert "16 digits\n" in report("input x = 1e-8\noutput y = (1 - cos(x))^2\n").tables()[0].caption + "\n"


# Arrays


def test_the_components_of_an_array() -> None:
    found = report("input v[n] = [0.1, 3]\noutput w = v / 3", verify=True)
    assert list(found.results) == ["w[0]", "w[1]"]
    assert [one.bound for one in found.results.values()] == [UNIT * (0.1 / 3), 0.0]
    found = report("input v[n] = [0.1, 3]\noutput w = v / 3", of="w[1]", verify=True)
    assert list(found.results) == ["w[1]"]
    assert found.verified is not None
    assert found.verified.outputs["w[1]"].digits == MOST_DIGITS


def test_arrays_with_too_many_components() -> None:
    with pytest.raises(AdError) as caught:
        report("output v = zeros(100) + 0.1")
    assert caught.value.problems[0].code == "array-output"
    assert "--of 'v[0]'" in (caught.value.problems[0].help or "")
    found = report("v = linspace(0, 1, 100)\noutput v\noutput s = sum(v)")
    assert list(found.results) == ["s"]
    assert found.left_out == ("v",)
    assert list(report("output v = linspace(0, 1, 100)", of="v[7]").results) == ["v[7]"]


def test_an_ill_conditioned_system() -> None:
    """The solution with a Hilbert matrix loses about log10 of its condition number (Higham 2002, section 28.1)."""
    n = 6
    hilbert = [[1 / (i + j + 1) for j in range(n)] for i in range(n)]
    program = package.parse(f"input A[{n}, {n}], b[{n}]\nx = solve(A, b)\noutput first = x[0]")
    found = program.precision({"A": hilbert, "b": [1.0] * n}, verify=True)
    assert not found.wrong
    one = found.results["first"]
    assert 3 < one.digits < 10
    assert np.max(one.condition["A"]) > 1e3


# What is printed


def test_json(monkeypatch: pytest.MonkeyPatch) -> None:
    data = json.loads(json.dumps(sample("cancellation/cosine").to_dict()))
    assert list(data) == [
        "program", "inputs", "warnings", "outputs", "precision", "losses", "lines", "condition", "blind",
        "cancellation", "rewrites", "decisions", "verified",
    ]  # fmt: skip
    assert list(data["precision"]["direct"]) == ["value", "bound", "relative", "digits", "conditioned_digits"]
    assert list(data["losses"]["direct"][0]) == [
        "entry", "name", "operation", "value", "adjoint", "contribution", "share", "line",
    ]  # fmt: skip
    assert data["precision"]["direct"]["relative"] == "Infinity"
    assert data["losses"]["direct"][0]["operation"] == "cos(x)"
    assert data["lines"]["direct"] == [{"line": 7, "entries": 1, "contribution": pytest.approx(2.22, abs=0.01),
                                        "share": 1.0}]  # fmt: skip
    assert data["cancellation"]["direct"] == {"entry": "v2", "expression": "1 - cos(x)", "digits": 16.0, "line": 7}
    assert data["rewrites"]["direct"][0]["instead"] == "2 * sin(x / 2)^2"
    assert data["verified"]["outputs"]["direct"]["holds"] is True
    assert data["verified"]["lost"]["expression"] == "1 - cos(x)"
    assert data["condition"]["rewritten"]["x"] == pytest.approx(0, abs=1e-9)


def test_without_mpmath(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "mpmath", None)
    program = package.parse("input x = 0.1\noutput y = sin(x)")
    assert program.precision().results["y"].bound > 0
    with pytest.raises(AdError) as caught:
        program.precision(verify=True)
    assert caught.value.problems[0].help == "pip install 'adcli[precise]', or pip install mpmath"


def test_all_losses_or_the_ten_largest() -> None:
    text = "input x = 0.3\ny = x\nfor k = 1 to 30 { y = sin(y) + x }\noutput y"
    assert len(report(text).to_dict()["losses"]["y"]) == 10
    assert len(report(text, everything=True).to_dict()["losses"]["y"]) == 59  # one sum is exact
    assert [table.title for table in report(text).tables()] == [
        "rounding errors", "what brings the bound of y", "lines that bring the bound of y", "condition numbers",
    ]  # fmt: skip
    (line,) = report(text).to_dict()["lines"]["y"]
    assert (line["line"], line["entries"]) == (3, 59)
    assert line["share"] == pytest.approx(1.0, rel=1e-12)


def test_the_precision_of_mpmath_is_left_alone() -> None:
    before = mpmath.mp.dps
    report("input x = 0.1\noutput y = exp(x)", verify=True)
    assert mpmath.mp.dps == before
