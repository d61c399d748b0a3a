from __future__ import annotations

import inspect
import io
import json
import re
from dataclasses import MISSING, fields
from typing import Any

import numpy
import pytest
from rich.console import Console

import adcli

from .conftest import ROOT

PROGRAM = "input x, y = 3\na = x * y\noutput L = a + sin(a)"


def test_the_same_things_from_python() -> None:
    program = adcli.parse(PROGRAM)
    assert program.evaluate(x=2).outputs["L"] == 5.720584501801074
    assert program.evaluate({"x": 2}, y="pi/4").inputs == {"x": 2.0, "y": 0.7853981633974483}
    gradient = program.gradient(x=2, of="a", wrt=["x"], difference="all")
    assert gradient.gradient == {"a": {"x": 3.0}}
    assert gradient.comparisons["a"].components["x"].verdict == "agrees"
    tape = program.tape(x=2)
    assert [row.operation for row in tape.entries] == ["input", "input", "x * y", "sin(a)", "a + v3"]
    assert tape.sweep("a").adjoints == {"a": 1.0, "x": 3.0, "y": 2.0}
    assert program.sweep(x=2).output == "L"
    assert adcli.expression("x*y").gradient(x=2, y=5).gradient == {"value": {"x": 5.0, "y": 2.0}}
    assert adcli.load(str(ROOT / "samples" / "counter.ad")).evaluate().outputs == {"F": 12.0}


METHODS = [
    name for name, method in vars(adcli.DifferentiableProgram).items()
    if inspect.isfunction(method) and not name.startswith("_") and "inputs" in inspect.signature(method).parameters
]  # fmt: skip


@pytest.mark.parametrize("name", METHODS)
def test_a_method_takes_the_options_of_its_record(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    method = getattr(adcli.DifferentiableProgram, name)
    options = [p for p in inspect.signature(method).parameters.values() if p.kind is p.KEYWORD_ONLY]
    monkeypatch.setattr(adcli.DifferentiableProgram, "_answer", lambda _, record, *others: (record, *others))
    given: dict[str, Any] = {option.name: f"the {option.name}" for option in options}
    record, point, inputs = method(adcli.parse(PROGRAM), {"x": 1}, **given, y=2)
    assert (point, inputs) == ({"x": 1}, {"y": 2})
    assert {field.name: getattr(record, field.name) for field in fields(record)} == given
    for option, field in zip(options, fields(record), strict=True):
        if field.default_factory is MISSING:
            assert option.annotation == field.type
            default = inspect.Parameter.empty if field.default is MISSING else field.default
            assert (type(option.default), option.default) == (type(default), default)
        else:
            assert (option.annotation, option.default) == (f"{field.type} | None", None)


def test_results_are_frozen() -> None:
    report = adcli.parse(PROGRAM).evaluate(x=2)
    with pytest.raises(AttributeError):
        report.outputs = {}  # type: ignore[misc]


@pytest.mark.parametrize("method", ["evaluate", "gradient", "tape", "sweep"])
def test_every_result_shows_itself(method: str) -> None:
    report = getattr(adcli.parse(PROGRAM), method)(x=2)
    file = io.StringIO()
    Console(file=file, width=120).print(report)
    assert "bar_x" in file.getvalue() or "L" in file.getvalue()
    html = report._repr_html_()
    assert html.count("<table>") == html.count("</table>") >= 1
    assert json.loads(json.dumps(report.to_dict(), allow_nan=False))["inputs"] == {"x": 2.0, "y": 3.0}


def test_html_is_escaped() -> None:
    html = adcli.parse("input x\ny = -x").tape(x=1)._repr_html_()
    assert "<td" in html
    assert "&" not in html.replace("&lt;", "").replace("&gt;", "").replace("&amp;", "")


def test_mistakes_raise() -> None:
    with pytest.raises(adcli.AdError) as caught:
        adcli.parse("y = foo(1)\nz = bar(2)")
    assert [problem.code for problem in caught.value.problems] == ["unknown-function"] * 2
    assert "foo" in str(caught.value)
    with pytest.raises(adcli.AdError):
        adcli.parse(PROGRAM).evaluate()
    with pytest.raises(adcli.AdError):
        adcli.parse(PROGRAM).evaluate(x=1, z=2)
    with pytest.raises(adcli.AdError):
        adcli.parse(PROGRAM).gradient(x=1, of="zz")


def test_unknown_attributes() -> None:
    with pytest.raises(AttributeError):
        adcli.nothing  # noqa: B018


@pytest.mark.parametrize(
    "claims",
    [
        "dL/dw = 2 * w",
        ["dL/dw = 2 * w", "dL/dw[0] = 3"],
        {"w": "2 * w"},
        {"w": [3, 6], "b": 1},
        {"L": {"w": numpy.array([3.0, 6.0]), "b": "1"}},
        {"w[1]": 6.0},
        numpy.array([3, 6]),
        numpy.array([3, 6], "float32"),
        [3.0, 6.0],
        [numpy.array([3.0, 6.0]), {"b": 1}],
        1,
    ],
)
def test_the_forms_of_claims(claims: object) -> None:
    program = adcli.parse("input w[2] = [1.5, 3], b = 2\noutput L = sum(w^2) + b")
    found = program.check(claims=claims).claims
    assert found and {claim.verdict.value for claim in found} == {"agrees"}


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"q": 1.0}, "no input `q`"),
        ({"w": [1, 2, 3]}, "the claim is a vector of 3, and the derivative by `w` is a vector of 2"),
        ({"w": [1, numpy.nan]}, "element [1] is no number: nan"),
        ({"w": [1, None]}, "element [1] is no number: None"),
        ({"w": [[1, 2], [3]]}, "rows of 2, 1 numbers"),
        ({}, "holds no derivatives"),
        (numpy.array([1.0, numpy.inf]), "element [1] is no number: inf"),
        (numpy.array([object()]), "elements of type object are no real numbers"),
        (numpy.zeros((2, 2, 2)), "the shape (2, 2, 2)"),
        (numpy.zeros(2), "holds a vector of 2, and 2 inputs are that"),
        (numpy.zeros(3), "holds a vector of 3, and no input is that"),
        (3 + 4j, "is no number"),
    ],
)
def test_what_is_no_claim(claims: object, words: str) -> None:
    program = adcli.parse("input w[2] = [1.5, 3], v[2] = [1, 2]\noutput L = sum(w^2 * v)")
    with pytest.raises(adcli.AdError) as caught:
        program.check(claims=claims)
    assert [problem.code for problem in caught.value.problems] == ["bad-claim"]
    assert words in caught.value.problems[0].message
    assert caught.value.problems[0].help


def test_derivatives_by_arrays_are_arrays() -> None:
    program = adcli.parse("input b[2] = [1, 2], c = 3\noutput L = sum(b^2) * c\noutput r = b * c")
    report = program.hessian()
    second = report.hessian["L"]
    assert isinstance(second["b"]["b"], numpy.ndarray) and isinstance(second["b"]["c"], numpy.ndarray)
    assert second["b"]["b"].tolist() == [[6.0, 0.0], [0.0, 6.0]]
    assert (second["b"]["c"].tolist(), second["c"]["b"].tolist(), second["c"]["c"]) == ([2.0, 4.0], [2.0, 4.0], 0.0)
    assert type(second["c"]["c"]) is float
    assert report.to_dict()["hessian"]["L"]["b"] == {"b": [[6.0, 0.0], [0.0, 6.0]], "c": [2.0, 4.0]}
    first = program.jacobian()
    assert isinstance(first.jacobian["r"]["b"], numpy.ndarray)
    assert first.jacobian["r"]["b"].tolist() == first.to_dict()["jacobian"]["r"]["b"] == [[3.0, 0.0], [0.0, 3.0]]
    assert (first.jacobian["L"]["c"], first.mode.value, first.sweeps) == (5.0, "reverse", 3)


def test_the_public_names_are_listed() -> None:
    assert set(adcli.__all__) <= set(dir(adcli))
    assert all(getattr(adcli, name) is not None for name in adcli.__all__)


@pytest.mark.parametrize("name", METHODS)
def test_a_result_is_a_short_line_and_prints_as_tables(name: str) -> None:
    required: dict[str, Any] = {
        "jvp": {"dot": {"x": 1}}, "hvp": {"dot": {"x": 1}}, "vjp": {"bar": {"L": 1}}, "fit": {"residual": "r"},
        "root": {"solve": "x"}, "uncertainty": {"uncertainty": {"x": 0.1}, "samples": 100},
    }  # fmt: skip
    report = getattr(adcli.parse(f"{PROGRAM}\nr = [x, y, 1]"), name)(x=2, **required.get(name, {}))
    if not isinstance(report, str):
        x, y = ("-?[.0-9]+", "-?[.0-9]+") if name in ("minimize", "fit", "root") else ("2", "3")  # these have moved
        assert re.fullmatch(f"<adcli [a-z ]+ of L at x = {x}, y = {y}>", repr(report))
        assert all(table.title in str(report) for table in report.tables())
        assert "\x1b" not in str(report)


def test_a_result_of_many_inputs_is_a_short_line() -> None:
    report = adcli.parse(f"input w[n], {', '.join(f'x{i} = 1' for i in range(99))}\noutput L = sum(w)").gradient(
        w=[1, 2]
    )
    assert repr(report).startswith("<adcli gradient of L at w[2], x0 = 1, ") and len(repr(report)) < 120
    assert str(report).startswith("warning: ")
