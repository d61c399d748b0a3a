"""Every fact of every row: stated, known, and with a kernel behind it; and what is UNKNOWN is refused by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from adcli.rules import local
from adcli.rules.along import ALONG, along, length
from adcli.rules.arrays import stated
from adcli.rules.einsum import einsum
from adcli.rules.facts import EXACT, NO_SUM, NOT_ANALYTIC, ONE_BY_ONE, OPERANDS, OWN, UNKNOWN, Fact, Rounding
from adcli.rules.functions import base_name, complex_function, elementwise_kernel, precise_function
from adcli.rules.primitive import STATED_OF_ARRAYS, ArrayPrimitive, Primitive
from adcli.rules.readings import array_rounding, complex, elementwise, exactness, precise, precise_arrays
from adcli.rules.subscripts import element, updated
from adcli.rules.table import ARRAYS, CONDITIONS, CONSTANT, COPY, FUNCTIONS, INPUT, PRIMITIVES, STATE

from ..conftest import Adcli, together

LEAVES = (INPUT, CONSTANT, STATE, COPY)
ROWS: list[Primitive] = [
    *PRIMITIVES.values(), *CONDITIONS.values(), *ARRAYS.values(),
    *(along(name, axis) for name in ALONG for axis in (0, 1)), length(1),
    element("."), updated(":."), einsum("ij,jk->ik"), einsum("ij,jk,k->i"), stated(1), *LEAVES,
]  # fmt: skip
FACTS = [field.name for field in fields(Primitive) if field.kw_only]


def problems(row: Primitive) -> Iterator[str]:
    facts = FACTS + (list(STATED_OF_ARRAYS) if isinstance(row, ArrayPrimitive) else [])
    for fact in facts:
        if getattr(row, fact) is UNKNOWN:
            yield f"{row.name}: {fact} is UNKNOWN"
    if row.complex is not NOT_ANALYTIC and not callable(complex_function(row)):
        yield f"{row.name}: no complex kernel"
    if not callable(precise_function(row)) or not callable(row.function):
        yield f"{row.name}: no kernel"
    if isinstance(row, ArrayPrimitive):
        if row.rounding != EXACT and row.rounding not in array_rounding.KERNELS:
            yield f"{row.name}: rounding names no kernel"
        if row.terms is not NO_SUM and row.terms not in array_rounding.TERMS:
            yield f"{row.name}: terms names no kernel"
        return
    if not isinstance(row.rounding, Rounding) or row.rounding.exact not in exactness.KERNELS:
        yield f"{row.name}: rounding is not told"
    if row.terms not in (NO_SUM, OPERANDS):
        yield f"{row.name}: terms"
    if row not in LEAVES and not callable(elementwise_kernel(row)):
        yield f"{row.name}: no kernel on arrays"
    if not isinstance(row.flat, Fact) and len(row.flat) != row.arity:
        yield f"{row.name}: flat does not tell of each operand"


@together("row", [row for row in ROWS if isinstance(row, ArrayPrimitive)], by=lambda row: row.name[:1])
def test_a_row_states_which_operands_its_formulas_are_by(row: ArrayPrimitive) -> None:
    samples = row.samples or (((1.0, 2.0), 1.0, 1.0)[: row.arity + 1],)  # of subscripts
    for sample in samples:
        shapes = [np.shape(operand) for operand in sample]
        every = range(len(shapes))
        by = every if isinstance(row.by, Fact) else row.by
        for formulas in (row.pullbacks(shapes), row.pushforwards(shapes)):
            assert [position for position in every if formulas[position]] == list(by)


def test_every_row_states_every_fact() -> None:
    assert [problem for row in ROWS for problem in problems(row)] == []


@pytest.mark.parametrize("fact", FACTS)
def test_a_row_without_a_fact_is_none(fact: str) -> None:
    facts: dict[str, Any] = {name: getattr(PRIMITIVES["sin"], name) for name in FACTS if name != fact}
    with pytest.raises(TypeError, match=fact):
        Primitive("mystery", abs, ("1",), "", (), **facts)


@pytest.mark.parametrize("fact", STATED_OF_ARRAYS)
def test_a_row_on_arrays_without_a_fact_is_none(fact: str) -> None:
    row = along("cumsum", None)
    facts = {name: getattr(row, name) for name in (*FACTS, *STATED_OF_ARRAYS) if name not in (fact, "zero", "flat")}
    with pytest.raises(KeyError, match=fact):
        ArrayPrimitive("mystery", "", (), **facts)


@pytest.mark.parametrize(
    ("fact", "module"),
    [("array", elementwise), ("complex", complex), ("precise", precise), ("precise", precise_arrays)],
    ids=["array", "complex", "precise", "precise_arrays"],
)
def test_every_kernel_is_one_of_a_row(fact: str, module: Any) -> None:
    named = {base_name(row) if getattr(row, fact) is OWN else getattr(row, fact) for row in ROWS}
    assert set(module.KERNELS) <= named


def test_every_rule_of_rounding_is_one_of_a_row() -> None:
    assert set(array_rounding.KERNELS) == {row.rounding for row in ROWS if isinstance(row.rounding, str)}
    assert set(exactness.KERNELS) == {row.rounding.exact for row in ROWS if isinstance(row.rounding, Rounding)}
    assert set(array_rounding.TERMS) == {row.terms for row in ROWS if isinstance(row.terms, str)}


# What nobody has found out


@pytest.fixture
def mystery(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = dict.fromkeys(("complex", "precise", "rounding", "terms", "zero", "flat"), UNKNOWN)
    row = replace(PRIMITIVES["erf"], name="mystery", array=ONE_BY_ONE, **unknown)  # type: ignore[arg-type]
    monkeypatch.setitem(FUNCTIONS, "mystery", row)
    facts = {name: getattr(along("cumsum", None), name) for name in (*FACTS, *STATED_OF_ARRAYS, "vjp", "jvp")}
    facts = {**facts, **unknown, **dict.fromkeys(("mixes", "cancels", "remembers", "bilinear", "view"), UNKNOWN)}
    del facts["zero"], facts["flat"]
    monkeypatch.setitem(FUNCTIONS, "riddle", ArrayPrimitive("riddle", "", (), **facts))


@pytest.mark.usefixtures("mystery")
@pytest.mark.parametrize(
    ("command", "asked"),
    [
        (("check",), "how `mystery` is computed with complex numbers is not known"),
        (("precision",), "how `mystery` rounds is not known"),
        (("precision", "--verify"), "how `mystery` is computed with many digits is not known"),
    ],
)
def test_what_is_unknown_of_a_function_is_refused(adcli: Adcli, command: tuple[str, ...], asked: str) -> None:
    result = adcli(*command, "-e", "mystery(x)", "--x", "0.5")
    assert result.status == 2
    assert "error[usage]" in result.err
    assert asked in result.err or (command[-1] == "--verify" and "`mystery`" in result.err)


@pytest.mark.usefixtures("mystery")
@pytest.mark.parametrize("command", [("check",), ("precision",), ("precision", "--verify")])
def test_what_is_unknown_of_an_operation_on_arrays_is_refused(adcli: Adcli, command: tuple[str, ...]) -> None:
    result = adcli(*command, "-e", "sum(riddle([x, 2]))", "--x", "0.5")
    assert result.status == 2
    assert "error[usage]" in result.err
    assert "`riddle`" in result.err


LINEAR = [row for row in ROWS if isinstance(row, ArrayPrimitive) and row.linear]


@pytest.mark.parametrize("row", LINEAR, ids=lambda row: str(row.name))
def test_the_tangent_of_a_linear_operation_is_the_operation_of_the_tangents(row: ArrayPrimitive) -> None:
    for sample in row.samples:
        operands = [np.asarray(operand, float) if np.shape(operand) else float(operand) for operand in sample]
        shapes = tuple(np.shape(operand) for operand in operands)
        value = row.function(*operands)
        g = np.random.default_rng(1).uniform(-1, 1, np.shape(value))
        together = local.tangent_of(row, operands, value, operands)
        one_by_one = [local.tangent_of_linear(row, at, operand, shapes) for at, operand in enumerate(operands)]
        assert np.array_equal(together, sum(one_by_one))
        for at in range(len(operands)):
            plain = local.contribution(row, at, g, value, operands)
            assert np.array_equal(local.contribution_of_linear(row, at, g, shapes), plain)


def test_displays_are_linear() -> None:
    assert {row.name for row in LINEAR} == {"stack", "concat"}
