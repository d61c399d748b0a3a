from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy
import pytest

import adcli

PROGRAM = "input w[n] = [1, 2], k = 1\noutput L = sum(w) * k"
BIG = 2**53 + 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (3j, "the complex number 3j"),
        (numpy.complex128(2), "complex numbers"),
        ([1, 2j], "an array of complex numbers"),
        (numpy.ones(2, complex), "an array of complex numbers"),
        (numpy.ma.array([1.0, 2.0], mask=[False, True]), "a masked array"),
        ([numpy.ma.masked, 1.0], "a masked array"),
        (b"2", "the bytes b'2'"),
        (bytearray(b"2"), "the bytes bytearray(b'2')"),
        ([b"1", b"2"], "an array of bytes"),
        (numpy.array([b"1", b"2"]), "an array of bytes"),
        (numpy.array(["1", "2"]), "an array of texts"),
        (numpy.array([1, 2.0], object), "an array of objects"),
        ([1.0, None], "an array of objects"),
        (numpy.array(["2020-01-01"], "M8[D]"), "an array of dates"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_what_is_no_real_number_is_refused_by_name(given: Any, words: str) -> None:
    program = adcli.parse(PROGRAM)
    for call in (lambda: program.evaluate(w=given), lambda: program.jvp(dot={"w": given})):
        with pytest.raises(adcli.AdError) as caught:
            call()
        (problem,) = caught.value.problems
        assert problem.code == "bad-value"
        assert f"is given {words}" in problem.message
        assert problem.help and "a real number" in problem.note


@pytest.mark.parametrize("given", [10**400, [10**400, 1], [1, float("inf")], float("nan")])
def test_what_is_not_finite(given: Any) -> None:
    with pytest.raises(adcli.AdError) as caught:
        adcli.parse(PROGRAM).evaluate(w=given)
    assert [problem.code for problem in caught.value.problems] == ["not-finite"]


@pytest.mark.parametrize(
    "given", [[True, False], [Fraction(1, 2), Decimal(3)], [2**60, 1], numpy.array([1, 2], "float32"), (1, 2.5)]
)
def test_real_numbers_of_other_types(given: Any) -> None:
    report = adcli.parse(PROGRAM).evaluate(w=given)
    assert report.inputs["w"].tolist() == [float(item) for item in given]
    assert report.warnings == ()


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ({"k": BIG}, "the input `k` is given 9007199254740993, which is rounded to 9007199254740992"),
        ({"k": -BIG}, "the input `k` is given -9007199254740993, which is rounded to -9007199254740992"),
        ({"k": numpy.int64(BIG)}, "the input `k` is given 9007199254740993"),
        ({"k": numpy.array(BIG)}, "the input `k` is given 9007199254740993"),
        ({"w": [1, BIG]}, "the input `w` at [1] is given 9007199254740993"),
        ({"w": [0.5, BIG]}, "the input `w` at [1] is given 9007199254740993"),
        ({"w": numpy.array([BIG, BIG + 2])}, "rounded to 9007199254740992, and 1 more"),
        (
            {"w": numpy.array([2**64 - 1], "uint64")},
            "`w` at [0] is given 18446744073709551615, which is rounded",
        ),
        ({"w": [10**30]}, "`w` at [0] is given 1000000000000000000000000000000"),
        ({"w": (numpy.int64(BIG),)}, "`w` at [0] is given 9007199254740993"),
    ],
)
def test_whole_numbers_that_are_no_doubles_are_warned_of(point: dict[str, Any], words: str) -> None:
    for report in (adcli.parse(PROGRAM).evaluate(point), adcli.parse(PROGRAM).gradient(point, difference="none")):
        (warning,) = report.warnings
        assert warning.code == "rounded-input"
        assert words in warning.message


@pytest.mark.parametrize("given", [2**53, 2**60, float(BIG), 1e300, numpy.array([2**53, 2**62]), [1e300, 3]])
def test_whole_numbers_that_are_doubles(given: Any) -> None:
    report = adcli.parse(PROGRAM).evaluate(**{"w" if numpy.ndim(given) else "k": given})
    assert not any(warning.code == "rounded-input" for warning in report.warnings)
