"""The table of rewrites: each row is true, and is found where it stands and nowhere else."""

from __future__ import annotations

import pytest

import adcli
from adcli.rules.formulas import formula_tree
from adcli.syntax import nodes
from adcli.syntax.format import format_expression
from adcli.tape.describe import expression_text
from adcli.tape.labels import labels
from adcli.trust.rewrites import DIGITS, Rewrite, matches, matches_around

every_row = pytest.mark.parametrize("row", DIGITS, ids=lambda row: row.pattern)
ARRAY = "[0.3, 0.7, 1.1]"


def letters_of(text: str) -> list[str]:
    todo, found = [formula_tree(text)], set()
    while todo:
        node = todo.pop()
        if isinstance(node, nodes.Name):
            found.add(node.name)
        elif isinstance(node, nodes.Apply):
            todo.extend(node.operands)
    return sorted(found)


def program(row: Rewrite, text: str) -> adcli.DifferentiableProgram:
    """A text as a program of the letters of the row's pattern; `a` is a vector where it is summed."""
    arrays = any(name in row.pattern for name in ("sum", "mean", "dot"))
    numbers = {"a": "0.3", "b": "5", "c": "0.25", "d": "0.5", "n": "3"}
    declared = [
        f"input {name}[3] = {ARRAY}" if name == "a" and arrays else f"input {name} = {numbers[name]}"
        for name in letters_of(row.pattern)
    ]
    return adcli.parse("\n".join([*declared, f"output y = {text}"]))


@every_row
def test_a_row_is_true(row: Rewrite) -> None:
    """Both sides have the same value where nothing is lost."""
    assert set(letters_of(row.replacement)) <= set(letters_of(row.pattern))
    assert format_expression(formula_tree(row.replacement)) == row.replacement
    before, after = (program(row, text).evaluate().outputs["y"] for text in (row.pattern, row.replacement))
    assert after == pytest.approx(before, rel=1e-12)


@every_row
def test_a_row_is_found(row: Rewrite) -> None:
    tape = program(row, row.pattern).tape().run.tape
    found = next(match for match in matches(tape, tape.bindings["y"], [row]) if match.rewrite is row)
    assert found.replacement(tape, labels(tape)) == row.replacement
    assert found.entry in found.inside
    for entry in found.inside:
        assert row in [match.rewrite for match in matches_around(tape, entry, [row])]


def found_in(text: str, inputs: str = "x = 2, y = 3") -> list[str]:
    tape = adcli.parse(f"input {inputs}\n{text}").tape().run.tape
    return [
        match.replacement(tape, labels(tape)) for entry in range(len(tape)) for match in matches(tape, entry, DIGITS)
        if match.entry == entry
    ]  # fmt: skip


def test_names_and_orders_do_not_matter() -> None:
    assert found_in("c = cos(x * y)\nd = c\nz = 1 - d") == ["2 * sin(x * y / 2)^2"]
    assert found_in("z = log(exp(x) + 1)") == ["log1p(exp(x))"]
    assert found_in("z = (y + x)^2 - y^2") == ["(y + x - y) * (y + x + y)"]


def test_what_only_looks_alike() -> None:
    assert found_in("z = 2 - cos(x)") == []
    assert found_in("z = log(x + y)") == []
    assert found_in("z = (-x - sqrt(y^2 - 4 * x * y)) / (2 * x)", "x = 1, y = 9") == []
    assert found_in("z = exp(x) - exp(-y)") == []


def test_an_expression_is_written_out_up_to_names() -> None:
    tape = adcli.parse("input x = 1\nc = cos(x + 1)\ny = (1 - c) * sqrt(x)").tape().run.tape
    assert expression_text(tape, tape.bindings["y"], labels(tape)) == "(1 - c) * sqrt(x)"
    assert expression_text(tape, tape.bindings["c"], labels(tape)) == "cos(x + 1)"


def test_long_chains_end() -> None:
    text = "input x = 1\ny = " + " + ".join(["x"] * 3000)
    tape = adcli.parse(text).tape().run.tape
    assert len(expression_text(tape, len(tape) - 1, labels(tape))) < 200
    assert tape.values[-1] == 3000
    assert list(matches_around(tape, 1, DIGITS)) == []
