"""What is counted of a gradient, against the thing itself."""

from __future__ import annotations

import json

import pytest

import adcli as package
from adcli.derive.cost import gradient_cost
from adcli.program.check import program_from
from adcli.rules.formulas import formula_tree
from adcli.syntax import nodes
from adcli.syntax.source import Source
from adcli.tape.execute import execute
from adcli.tape.fast import sweep
from adcli.tape.reach import active_entries
from adcli.tape.tape import Tape

from ..cli.test_errors import Golden
from ..conftest import Adcli

PROGRAMS = (
    "input x = 2, y = 3\noutput f = x * y",
    "input x = 2, y = 3\noutput f = sin(x * y) + x",
    "input x = 2, y = 3\na = x / y\nb = a * a - exp(a)\noutput f = b^2 * a",
    "input x = 2, y = 3\na = x^3\noutput f = max(a, y, x) + 4",
    "input x = 2, y = 3\noutput f = 2 * x",
)


def run(text: str) -> tuple[Tape, int, list[str]]:
    program = program_from(Source("t", text))
    tape = execute(program, {"x": 2.0, "y": 3.0})
    return tape, tape.bindings["f"], ["x", "y"]


def written_out(tape: Tape, entry: int) -> list[str]:
    """The symbols of an entry as an expression, with nothing shared."""
    operands = tape.operands[entry]
    return [tape.operations[entry].name, *(symbol for operand in operands for symbol in written_out(tape, operand))]


def derivative(tape: Tape, entry: int, by: int) -> list[str]:
    """The symbols of its derivative, by the chain rule; nothing where there is none."""
    if entry == by:
        return ["1"]
    terms: list[list[str]] = []
    operation, operands = tape.operations[entry], tape.operands[entry]
    expressions = dict(zip(operation.letters(len(operands)), (written_out(tape, one) for one in operands), strict=True))
    expressions["v"] = written_out(tape, entry)
    for formula, operand in zip(operation.formulas(len(operands)), operands, strict=True):
        inner = derivative(tape, operand, by)
        if inner:
            factor = [] if formula == "1" else ["*"]
            for node in nodes.subexpressions(formula_tree(formula)) if formula != "1" else ():
                factor += expressions.get(node.name, ["name"]) if isinstance(node, nodes.Name) else ["symbol"]
            terms.append(factor + inner)
    plus = ["+"] * (len(terms) - 1)
    return plus + [symbol for term in terms for symbol in term]


@pytest.mark.parametrize("text", PROGRAMS)
def test_expressions_have_the_size_that_is_counted(text: str) -> None:
    tape, output, inputs = run(text)
    cost = gradient_cost(tape, output, [tape.inputs[name] for name in inputs])
    assert cost.expression == len(written_out(tape, output))
    assert cost.symbolic == sum(len(derivative(tape, output, tape.inputs[name])) for name in inputs)


@pytest.mark.parametrize("text", PROGRAMS)
def test_values_that_are_not_needed_change_nothing(text: str) -> None:
    """The sweep gives the same when any value that is not counted as needed is met_non_finite."""
    tape, output, inputs = run(text)
    active = active_entries(tape, list(tape.inputs.values()))
    before = sweep(tape, {output: 1.0}, active)
    changing = []
    for entry in range(len(tape)):
        kept = tape.values[entry]
        for met_non_finite in (kept + 0.37, kept + 1e3, kept - 1e3):
            tape.values[entry] = met_non_finite
            if sweep(tape, {output: 1.0}, active) != before and entry not in changing:
                changing.append(entry)
        tape.values[entry] = kept
    assert gradient_cost(tape, output, [tape.inputs[name] for name in inputs]).needed == len(changing)


def test_counts() -> None:
    tape, output, inputs = run("input x = 2, y = 3\na = x * y\nb = sin(x)\nunused = y + 1\noutput f = a + b")
    cost = gradient_cost(tape, output, [tape.inputs[name] for name in inputs])
    assert (cost.inputs, cost.value, cost.reverse) == (2, 4, 4 + 3)
    assert cost.forward == 4 + 3 + 3  # a, b and f along x; a, unused and f along y
    assert cost.differences == 2 * 2 * 4


def test_expressions_of_astronomical_size_are_counted() -> None:
    text = "input x = 1\ny = x\nfor k = 1 to 2000 { y = y * y }\noutput y"
    report = package.parse(text).cost(measure=False)
    assert report.cost.expression == 2**2001 - 1
    assert report.to_dict()["expression"] == "10^602.4"
    assert "about 10^602.4" in str(report.tables()[1].rows)


def test_a_family(adcli: Adcli, golden: Golden) -> None:
    command = ("cost", "samples/speelpenning_loop.ad", "--inputs", "1,10,100,1000", "--no-time")
    for columns in (80, 120):
        golden(f"cost-family-{columns}.txt", adcli(*command, columns=columns).out)
    golden("cost-family.csv", adcli(*command, "--format", "csv").out)
    rows = json.loads(adcli(*command, "--format", "json").out)["family"]
    assert [row["inputs"] for row in rows] == [1, 10, 100, 1000]
    for row in rows:  # k, k + 1, x and the product in each iteration, the 1 that it starts with, the k that ends it
        n = row["inputs"]
        assert row["value"] == 4 * n + 2
        assert row["reverse"] == row["value"] + n
        assert row["forward"] == row["value"] + n * (n + 1) // 2
        assert row["differences"] == 2 * n * row["value"]
    measured = adcli("cost", "samples/speelpenning_loop.ad", "--inputs", "1,20")
    assert (measured.status, "µs" in measured.out or "ms" in measured.out) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("samples/sine_product.ad", "--inputs", "1,2"), "one input"),
        (("samples/speelpenning_loop.ad", "--inputs", "1,a"), "expected whole numbers"),
        (("samples/speelpenning_loop.ad", "--inputs", "0"), "expected whole numbers"),
        (("-e", "x^2", "--inputs", "1"), "no loop"),
        (("samples/speelpenning_loop.ad", "--inputs", "1", "--each", "q"), "`q`"),
    ],
)
def test_what_is_no_family(adcli: Adcli, arguments: tuple[str, ...], part: str) -> None:
    result = adcli("cost", *arguments)
    assert (result.status, result.out) == (2, "")
    assert part in result.err


def test_the_command(adcli: Adcli, golden: Golden) -> None:
    for columns in (80, 120):
        golden(f"cost-{columns}.txt", adcli("cost", "samples/black_scholes.ad", "--no-time", columns=columns).out)
    golden("cost.json", adcli("cost", "samples/black_scholes.ad", "--no-time", "--format", "json").out)
    golden("cost.csv", adcli("cost", "samples/black_scholes.ad", "--no-time", "--format", "csv").out)
    golden("help-cost.txt", adcli("cost", "--help", columns=80).out)
    measured = json.loads(adcli("cost", "samples/huber.ad", "--format", "json").out)["methods"]
    assert all(method["seconds"] > 0 for method in measured.values())
    assert "per value" in adcli("cost", "samples/huber.ad").out


def test_only_what_a_loop_binds_is_an_input_of_a_family() -> None:
    program = package.parse("input n\np = 1\nx = 1\nfor k = 1 to n {\n    x = 2 * sin(k)\n    p = p * x\n}\noutput p")
    report = program.cost_of_family([1, 7], measure=False)
    assert [member.cost.inputs for member in report.members] == [1, 7]
