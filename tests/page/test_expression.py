"""What readers type is read as the quiz reads it."""

from __future__ import annotations

import math
from typing import Any

import pytest

from .node import run_node

NAMES = {"x": 2.0, "y": 3.0, "a": 6.0, "b_2": -1.5, "größe": 4.0, "w": {"shape": [2, 2], "data": [1.0, 2.0, 3.0, 4.0]}}
_EVALUATE = (
    "import { evaluated } from './expression.mjs';\ntell(DATA.texts.map((text) => evaluated(text, DATA.names)));"
)
READ = {
    "1": 1.0,
    " 1e-3 ": 1e-3,
    ".5": 0.5,
    "2.": 2.0,
    "1,5": 1.5,
    "−1,5": -1.5,
    "1 + 2 * 3": 7.0,
    "y*(1+cos(a))": 3 * (1 + math.cos(6)),
    "-x^2": -4.0,
    "2^-1": 0.5,
    "2^3^2": 512.0,
    "x**3": 8.0,
    "x²·y": 12.0,
    "x³ × 2": 16.0,
    "6 ÷ 4": 1.5,
    "8 / 2 / 2": 2.0,
    "1 - 2 - 3": -4.0,
    "--x": 2.0,
    "+x": 2.0,
    "pi / 2": math.pi / 2,
    "e": math.e,
    "b_2": -1.5,
    "größe": 4.0,
    "w[1, 0]": 3.0,
    "w[-1, -1]": 4.0,
    "abs(-3)": 3.0,
    "sin ( 0 )": 0.0,
    "((((x))))": 2.0,
}
UNREAD = [
    "", " ", "what", "x y", "2 x", "(x", "x)", "1 +", "* 2", "w", "w[2, 0]", "w[0]", "w + 1", "sin", "sin()", "x(2)",
    "1 / 0", "0 / 0", "x = 3", "x; y", "constructor", "toString(1)", "__proto__", "1e", "1..2", "$", "x[0]",
    "(" * 100_000, "-" * 199 + "x" * 2, "log(-1)", "sqrt(-1)", "x if y else 2",
]  # fmt: skip


def values(texts: list[str]) -> list[Any]:
    found: list[Any] = run_node(_EVALUATE, {"texts": texts, "names": NAMES})
    return found


def test_formulas_have_their_values() -> None:
    for text, found in zip(READ, values(list(READ)), strict=True):
        assert found == pytest.approx(READ[text], rel=1e-15), text


def test_what_is_no_formula_has_none() -> None:
    assert dict(zip(UNREAD, values(UNREAD), strict=True)) == dict.fromkeys(UNREAD)


def test_brackets_may_be_as_deep_as_a_formula_is_long() -> None:
    deep = ["(" * 99 + "x" + ")" * 99, "-" * 199 + "x", "sin(" * 39 + "x" + ")" * 39, "2^" * 99 + "1"]
    found = values(deep)
    assert found[:2] == [2.0, -2.0]
    assert 0 < found[2] < 1
    assert found[3] is None  # larger than any number


def test_names_come_before_constants() -> None:
    source = """
    import { evaluated } from './expression.mjs';
    tell([evaluated('e + 1', new Map([['e', 5]])), evaluated('e')]);"""
    assert run_node(source) == [6, pytest.approx(math.e)]
