"""What is given for an option and is not what it may be is refused by name, and not accepted in silence."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy
import pytest

import adcli
from adcli.report.options import options_of

from .conftest import together
from .test_api import METHODS

PROGRAM = (
    "input w[n] = [1, 2], k = 2, q[m] = [1, 2, 3, 4]\nfor i = 1 to 3 { k = k * 1.5 }\n"
    "r = q - [w[0] * k, w[1], k, 1]\noutput L = sum(w) * k\noutput M = k"
)
REQUIRED: dict[str, dict[str, Any]] = {
    "jvp": {"dot": {"k": 1}}, "hvp": {"dot": {"k": 1}}, "vjp": {"bar": {"L": 1}}, "fit": {"residual": "r"},
    "root": {"solve": "k", "of": "M"}, "emit": {"to": "numpy"},
    "uncertainty": {"uncertainty": {"k": 0.1, "w": 0.1}, "samples": 10},
}  # fmt: skip
WRONG = {
    "of": [5, 1.5, b"L", {"L": 1}, [5], slice(3)],
    "wrt": [5, [5], 1.5, {"k": 1}, b"k", [None], slice(3)],
    "difference": ["foo", 5, True, ["all"]],
    "nonsmooth": ["foo", 5, None, ["report"]],
    "mode": ["foo", 5, ["forward"], "reverse-over-forwards"],
    "matrix": ["foo", 5, ["hessian"], None],
    "checkpoint": [-3, 0, "x", 1.5, True, [1]],
    "seed": ["x", 1.5, None, True, [1]],
    "order": [0, 7, "1", 1.5, True, None],
    "emit.order": [-1, 3, "1", 1.5, True, None],
    "to": ["foo", 5, None, ["python"]],
    "function": [5, ["f"], b"f"],
    "points": [5, "x", [5], {"k": 1}, [{5: 1}], None],
    "random": [-1, "x", 1.5, True, None],
    "paths": [0, -1, "x", 1.5, None],
    "selection": [5, "x", (1, 2), adcli.Selection(lines=5), adcli.Selection(lines=(1, "x")), adcli.Selection(name=5)],
    "tolerance": ["x", -1, 0, float("nan"), float("inf"), [1]],
    "curve": [5, ["w"], b"w"],
    "progress": [5, "x"],
    "dot": [5, "x", [1], {5: 1}],
    "bar": [5, "x", [1], {5: 1}, None],
    "claims": [5j],
    "most": [0, 401, "x", 1.5, None, True],
    "open_pass": [0, "x", 1.5, None, True],
    "down": ["x", 1, 0, [1]],
    "method": ["foo", 5, ["gd"], True],
    "steps": [0, -1, "x", 1.5, None, True],
    "rate": [0, -0.1, "x", None, float("nan"), float("inf"), [1]],
    "iterated": [5, "x"],
    "looked": [5, "x"],
    "solve": [5, [5], 1.5, {"k": 1}, b"k", [None], slice(3)],
    "residual": [5, 1.5, ["r"]],
    "weights": [5, ["r"]],
    "sigma": [5, ["r"]],
    "response": [5, ["r"]],
    "loss": ["foo", 5, ["huber"], "squared"],
    "loss_scale": [0, -1, "x", None, float("nan"), [1]],
    "confidence": [0, 1, 95, -0.5, "x", None, float("nan")],
    "uncertainty": [5, "x", [1], {5: 1}],
    "correlation": [5, "x", [1]],
    "covariance": [5, "x", {"k": 1}, b"x"],
    "coverage": ["x", 0, 1, 1.5, float("nan"), [1], None],
    "samples": ["x", -1, 1.5, None, True],
    "significant": ["x", 0, 3, 1.5, None, True],
} | {
    name: ["x", 1, 0, None, [1]]
    for name in ("check", "everything", "margins", "keep_guards", "measure", "verify", "sweep", "key", "maximize")
}
CASES = [
    (method, option.name, value)
    for method in METHODS
    for option in inspect.signature(getattr(adcli.DifferentiableProgram, method)).parameters.values()
    if option.kind is option.KEYWORD_ONLY
    for value in WRONG.get(f"{method}.{option.name}", WRONG[option.name])
]


@together("method option value", CASES, by=lambda method, option, _: f"{method}-{option}")
def test_a_wrong_option_is_refused(method: str, option: str, value: Any) -> None:
    program = adcli.parse(PROGRAM)
    with pytest.raises(adcli.AdError) as caught:
        getattr(program, method)(**REQUIRED.get(method, {}) | {option: value})
    (problem,) = caught.value.problems
    if option != "claims":
        assert problem.code == "usage"
        assert f"the option `{option}` takes " in problem.message
        assert "is given " in problem.message


RIGHT: dict[str, list[Any]] = {
    "of": ["L"], "wrt": ["w,k", ["k"], ("w",)], "difference": ["all", "none"], "nonsmooth": ["quiet"],
    "checkpoint": [2, numpy.int64(2)], "seed": [-1, numpy.int64(3)], "order": [2], "random": [2], "paths": [1],
    "emit.order": [0, 1, 2], "function": ["f"], "points": [[{"k": 1}, {"k": 2}]],
    "selection": [adcli.Selection(lines=(1, 3), name="k", active=True)], "tolerance": [1e-6, numpy.float32(0.1), 1],
    "matrix": ["hessian", "jacobian"],
    "curve": ["k"], "progress": [print], "everything": [True, numpy.True_], "claims": [()],
    "method": ["gd", "newton"], "steps": [3, numpy.int64(3)], "rate": [1, 0.5, numpy.float32(0.1)], "iterated": [print],
    "maximize": [True], "residual": ["r"], "weights": ["q"], "sigma": ["q"], "response": ["q"], "loss": ["huber"],
    "loss_scale": [2], "confidence": [0.5, numpy.float64(0.99)],
}  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_a_right_option_is_taken(method: str) -> None:
    program = adcli.parse(PROGRAM)
    required = REQUIRED.get(method, {})
    for option in inspect.signature(getattr(program, method)).parameters.values():
        if option.kind is option.KEYWORD_ONLY and option.name not in required:
            for value in RIGHT.get(f"{method}.{option.name}", RIGHT.get(option.name, [option.default])):
                getattr(program, method)(**required | {option.name: value})


def test_every_field_of_every_record_has_a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adcli.DifferentiableProgram, "_answer", lambda _, record, *others: record)
    for method in METHODS:
        record = getattr(adcli.parse(PROGRAM), method)(**REQUIRED.get(method, {}))
        for option in options_of(type(record)):
            assert option.name == "claims" or option.kind is not None, option.name


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: adcli.parse(5), "a program takes a text, and is given 5"),  # type: ignore[arg-type]
        (lambda: adcli.parse(b"input x"), "a program takes a text"),  # type: ignore[arg-type]
        (lambda: adcli.parse("input x", 5), "the name of a program takes a text"),  # type: ignore[arg-type]
        (lambda: adcli.expression(None), "a program takes a text, and is given None"),  # type: ignore[arg-type]
        (lambda: adcli.parse(PROGRAM).evaluate([1, 2]), 'the point takes values by name, such as {"x": 1}'),  # type: ignore[arg-type]
        (lambda: adcli.parse(PROGRAM).gradient(numpy.ones(2)), "the point takes values by name"),  # type: ignore[arg-type]
        (lambda: adcli.parse(PROGRAM).evaluate({5: 2}), "the point takes values by name"),  # type: ignore[dict-item]
        (lambda: adcli.parse(PROGRAM).cost_of_family(5), "the option `sizes` takes whole numbers"),  # type: ignore[arg-type]
        (lambda: adcli.parse(PROGRAM).cost_of_family([]), "the option `sizes` takes whole numbers"),
        (lambda: adcli.parse(PROGRAM).cost_of_family([1.5]), "the option `sizes` takes whole numbers"),  # type: ignore[list-item]
        (lambda: adcli.parse(PROGRAM).cost_of_family([5], each=5), "the option `each` takes a name"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_program_and_no_point(call: Callable[[], object], words: str) -> None:
    with pytest.raises(adcli.AdError) as caught:
        call()
    assert words in caught.value.problems[0].message


@pytest.mark.parametrize(("limit", "value"), [("max_entries", "x"), ("max_entries", 0), ("max_memory", 1.5)])
def test_what_is_no_limit(limit: str, value: Any) -> None:
    program = adcli.parse(PROGRAM)
    setattr(program, limit, value)
    with pytest.raises(adcli.AdError, match=f"`{limit}` takes a whole number"):
        program.evaluate()


def test_a_path_is_a_text_or_a_path() -> None:
    with pytest.raises(TypeError, match="NoneType"):
        adcli.load(None)  # type: ignore[arg-type]
