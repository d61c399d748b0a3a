"""jvp, vjp, jacobian, hessian, hvp: what they print in each format, what they check, what they refuse."""

from __future__ import annotations

import json

import pytest

import adcli as package
from adcli.derive import modes
from adcli.report import hessian, hessian_product, jacobian, products
from adcli.report.rules import rules_report
from adcli.rules.table import ARRAYS, CONDITIONS, PRIMITIVES

from ..conftest import Adcli
from .test_errors import Golden

COMMANDS = {
    "jvp": ("jvp", "samples/griewank_walther.ad", "--dot", "x1=1,x2=-1", "--check"),
    "vjp": ("vjp", "samples/polar.ad", "--bar", "x=1", "--bar", "y=2", "--check"),
    "jacobian": ("jacobian", "samples/polar.ad", "--check"),
    "hessian": ("hessian", "samples/rosenbrock.ad", "--check"),
    "hvp": ("hvp", "samples/rosenbrock.ad", "--dot", "x=1,y=0.5", "--check"),
}


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("name", COMMANDS)
def test_tables(adcli: Adcli, golden: Golden, name: str, columns: int) -> None:
    result = adcli(*COMMANDS[name], columns=columns)
    assert (result.status, result.err) == (0, "")
    golden(f"{name}-{columns}.txt", result.out)


@pytest.mark.parametrize("form", ["json", "csv", "markdown", "latex"])
@pytest.mark.parametrize("name", COMMANDS)
def test_other_formats(adcli: Adcli, golden: Golden, name: str, form: str) -> None:
    result = adcli(*COMMANDS[name], "--format", form)
    assert (result.status, result.err) == (0, "")
    golden(f"{name}.{form}", result.out)


@pytest.mark.parametrize("name", COMMANDS)
def test_help(adcli: Adcli, golden: Golden, name: str) -> None:
    golden(f"help-{name}.txt", adcli(name, "--help", columns=80).out)


def test_what_is_wrong_is_found(adcli: Adcli, monkeypatch: pytest.MonkeyPatch) -> None:
    """A derivative that is off by one part in a million, in each command."""
    factor = 1.000001

    def worse(slopes: dict[str, float]) -> dict[str, float]:
        return {name: factor * slope for name, slope in slopes.items()}

    right_forward, right_adjoints, right_hessian = (
        products.push_forward,
        products.adjoints_of,
        hessian.second_derivatives,
    )
    right_product, right_jacobian = hessian_product.hessian_product, jacobian.jacobian
    monkeypatch.setattr(products, "push_forward", lambda *a: [t and factor * t for t in right_forward(*a)])
    monkeypatch.setattr(products, "adjoints_of", lambda *a: worse(right_adjoints(*a)))
    monkeypatch.setattr(
        hessian, "second_derivatives",
        lambda *a: (second := right_hessian(*a))._replace(
            numbers=[[factor * number for number in row] for row in second.numbers]
        ),
    )  # fmt: skip
    monkeypatch.setattr(hessian_product, "hessian_product", lambda *a: worse(right_product(*a)))
    monkeypatch.setattr(
        jacobian, "jacobian",
        lambda *a: (found := right_jacobian(*a))._replace(rows={key: worse(row) for key, row in found.rows.items()}),
    )  # fmt: skip
    for name, command in COMMANDS.items():
        result = adcli(*command)
        assert result.status == 1, name
        assert "wrong" in result.out


def test_modes_give_the_same(adcli: Adcli) -> None:
    def product(mode: str) -> object:
        return json.loads(adcli(*COMMANDS["hvp"], "--mode", mode, "--format", "json").out)["product"]

    found = [product(mode.value) for mode in modes.SecondMode]
    assert found[0] == found[1] == found[2] == {"f": {"x": 1570.0, "y": 580.0}}
    rows = [
        json.loads(adcli(*COMMANDS["jacobian"], "--mode", mode, "--format", "json").out)["jacobian"]
        for mode in ("forward", "reverse")
    ]
    assert rows[0] == rows[1]


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (("jvp", "samples/polar.ad"), "usage", "--dot is missing"),
        (("hvp", "samples/polar.ad", "--dot", "q=1"), "unknown-input", "`q`"),
        (("jvp", "samples/polar.ad", "--dot", "r"), "missing-file", "--dot x=2,y=3"),
        (("jvp", "samples/polar.ad", "--dot", "r=two"), "bad-value", "--dot"),
        (("vjp", "samples/polar.ad", "--bar", "z=1"), "unknown-name", "`z`"),
        (("jacobian", "samples/polar.ad", "--of", "q"), "unknown-name", "`q`"),
        (("hessian", "samples/polar.ad", "--wrt", "q"), "unknown-input", "`q`"),
    ],
)
def test_what_does_not_fit(adcli: Adcli, arguments: tuple[str, ...], code: str, part: str) -> None:
    result = adcli(*arguments)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith(f"error[{code}]")
    assert part in result.err


def test_wide_jacobians_and_hessians_find_room() -> None:
    names = [f"x{number}" for number in range(12)]
    program = package.parse(f"input {', '.join(f'{name} = 1' for name in names)}\na = {' * '.join(names)}\noutput a")
    down = program.jacobian().tables()[1]
    assert [column.heading for column in down.columns] == ["input", "∂a"]
    assert len(program.hessian().tables()[1].rows) == 144
    assert program.hessian().hessian["a"]["x0"]["x1"] == 1
    assert program.hessian().hessian["a"]["x0"]["x0"] == 0


def test_the_asymmetry_that_rounding_leaves_is_told() -> None:
    report = package.load("samples/griewank_walther.ad").hessian()
    assert 0 < report.asymmetry["y"].size < 1e-13
    assert "asymmetry left by rounding" in report.tables()[1].caption
    assert report.hessian["y"]["x1"]["x2"] == report.hessian["y"]["x2"]["x1"]


def test_long_forward_sweeps_are_folded(adcli: Adcli) -> None:
    result = adcli("jvp", "samples/decay.ad", "--dot", "rate=1")
    assert "… 997 iterations" in result.out
    assert "dot_N_3 = dot_N_2 - dot_v12" in result.out


def test_rules(adcli: Adcli, golden: Golden) -> None:
    for columns in (80, 120):
        golden(f"rules-{columns}.txt", adcli("rules", "sin", "*", "pow", "sqrt", "max", columns=columns).out)
    names = [*(name for name in PRIMITIVES if name not in CONDITIONS), *ARRAYS, "einsum"]
    everything = json.loads(adcli("rules", "--format", "json").out)["rules"]
    assert [rule["name"] for rule in everything] == names
    assert next(rule for rule in everything if rule["name"] == "div")["partials"] == {"a": "1 / b", "b": "-v / b"}
    assert adcli("rules", "^").out == adcli("rules", "**").out == adcli("rules", "pow").out
    assert adcli("rules", "--format", "csv").out.count("\n") == len(names) + 1
    assert "did you mean `sin`?" in adcli("rules", "sine").err
    assert rules_report(["sin"]).rules[0].partials == (("a", "cos(a)"),)
    golden("help-rules.txt", adcli("rules", "--help", columns=80).out)


@pytest.mark.parametrize("command", ["jvp", "vjp", "jacobian", "hessian", "hvp"])
@pytest.mark.parametrize(("expression", "x"), [("log(x)", "-1"), ("x * log(x)", "0"), ("1 / x", "0")])
def test_what_is_not_finite_is_undefined_in_each_command(adcli: Adcli, command: str, expression: str, x: str) -> None:
    direction = {"jvp": ["--dot", "x=1"], "hvp": ["--dot", "x=1"], "vjp": ["--bar", "value=1"]}.get(command, [])
    result = adcli(command, "-e", expression, "--x", x, *direction, "--check")
    assert result.status == 1
    assert "undefined" in result.out
    assert "agrees" not in result.out


@pytest.mark.parametrize("command", ["grad", "check", "jvp", "vjp", "jacobian"])
@pytest.mark.parametrize("expression", ["sqrt(x)", "3 - sqrt(2*x)", "cbrt(x)"])
def test_an_infinite_slope_is_that_of_a_kink_in_each_command(adcli: Adcli, command: str, expression: str) -> None:
    direction = {"jvp": ["--dot", "x=1"], "vjp": ["--bar", "value=-2"]}.get(command, [])
    compared = [] if command in ("grad", "check") else ["--check"]
    result = adcli(command, "-e", expression, "--x", "0", *direction, *compared)
    assert result.status == (1 if command == "check" else 0)
    assert "nonsmooth" in result.out
    assert "inf from the right" in result.out
    assert "undefined" not in result.out


def test_the_slopes_of_a_sum_of_outputs_are_those_of_all() -> None:
    program = package.parse("input x = 0\noutput y = abs(x)\noutput z = [max(x, 2*x), x^2 + 3*x]\n")
    judgement = program.vjp(bar={"y": 1, "z": [1, 10]}, check=True).judgements["x"]
    assert judgement.verdict.value == "nonsmooth"
    assert "slope 30 from the left, 33 from the right" in judgement.reason
    smooth = program.vjp(bar={"y": 1, "z": [-2, 10]}, check=True).judgements["x"]
    assert smooth.verdict.value == "agrees"  # the two kinks make up for one another


def test_no_number_is_cut_in_a_narrow_terminal(adcli: Adcli) -> None:
    command = ("cost", "samples/speelpenning_loop.ad", "--inputs", "1,1000", "--no-time")
    assert "504,502" in adcli(*command, columns=30).out
    assert "hessian of value\n" in adcli("hessian", "-e", "x^3", "--x", "2", columns=80).out


def test_a_picture_stays_one_in_documents(adcli: Adcli) -> None:
    command = ("cost", "samples/speelpenning_loop.ad", "--inputs", "1,10", "--no-time", "--format")
    assert "```\n" in adcli(*command, "markdown").out
    assert "\\ttfamily" in adcli(*command, "latex").out


@pytest.mark.parametrize("expression", ["log(1 + x)^2", "log(exp(x))^2", "(3^x)^x"])
def test_second_differences_know_the_rounding_of_the_gradient(adcli: Adcli, expression: str) -> None:
    for command in (("hessian",), ("hvp", "--dot", "x=1")):
        result = adcli(*command, "-e", expression, "--x", "1e-8", "--check")
        assert result.status == 0
        assert "agrees" in result.out


def test_an_asymmetry_that_is_none_of_rounding(adcli: Adcli) -> None:
    out = adcli("hessian", "-e", "xlogy(x, y)", "--x", "0", "--y", "0").out
    assert "not symmetric at x, y: there is no finite second derivative" in out


@pytest.mark.parametrize("direction", [("vjp", "--bar", "value=1"), ("jvp", "--dot", "x=0.7,y=0.5")])
def test_where_a_difference_is_all_rounding_the_complex_step_counts(adcli: Adcli, direction: tuple[str, ...]) -> None:
    """A few units beside a minimum each point that differences take is rounded by as much as it is away."""
    command, *options = direction
    text = "(x - 1)^2 + 2 * (y - x)^2"
    point = ["--x", "0.9999999999999992", "--y", "0.999999999999999", *options]
    result = adcli(command, "-e", text, *point, "--check")
    assert (result.status, "wrong" in result.out) == (0, False), result.out
