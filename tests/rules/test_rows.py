"""The table by name: rare families are imported when they are needed, and second names are no second rows."""

from __future__ import annotations

import sys
from importlib import import_module

import pytest

from adcli.rules import table
from adcli.rules.readings import special
from adcli.rules.rows import Rows, rare

from ..conftest import Adcli


def test_the_names_of_rare_families_are_those_of_their_rows() -> None:
    for rows in (table._RARE, table._RARE_ARRAYS):
        for family in set(rows.values()):
            module = import_module(f"adcli.rules.{family}")
            of_arrays = rows is table._RARE_ARRAYS
            names = [row.name for row in module.ROWS if row.elementwise is not of_arrays]
            assert names == [name for name, its in rows.items() if its == family]


def test_rows_are_imported_when_they_are_looked_up() -> None:
    sin = table.PRIMITIVES["sin"]
    rows = Rows([sin], rare({"no_such_family": "whim fancy"}), {"sine": "sin"})
    assert list(rows) == ["sin", "whim", "fancy"]
    assert len(rows) == 3
    assert "whim" in rows and "sine" in rows and "x" not in rows
    assert rows["sine"] is rows.get("sin") is sin
    assert rows.get("x") is None
    with pytest.raises(ModuleNotFoundError, match="no_such_family"):
        rows.get("fancy")


@pytest.mark.parametrize("alias", table.ALIASES)
def test_a_second_name_is_the_row_itself(adcli: Adcli, alias: str) -> None:
    name = table.ALIASES[alias]
    assert table.primitive_named(alias, 1) is table.PRIMITIVES[name]
    assert alias not in list(table.FUNCTIONS)
    assert adcli("rules", alias).out == adcli("rules", name).out
    operands = ", ".join(["x"] * table.PRIMITIVES[name].arity)
    assert adcli("grad", "-e", f"{alias}({operands})", "--x", "0.3").status == 0


def test_without_scipy_who_needs_it_is_told(adcli: Adcli, monkeypatch: pytest.MonkeyPatch) -> None:
    special.library.cache_clear()
    monkeypatch.setitem(sys.modules, "scipy", None)
    for name in ("erfinv", "j0", "erfcx", "log_ndtr"):
        result = adcli("grad", "-e", f"{name}(x)", "--x", "-4")
        assert result.status == 2
        assert "error[usage]" in result.err and "needs SciPy, which is not installed" in result.err
        assert "pip install 'adcli[special]'" in result.err
    assert adcli("grad", "-e", "lambertw(x) + ndtr(x)", "--x", "0.5").status == 0


@pytest.mark.parametrize("command", ["grad", "check", "jvp", "hessian", "jacobian", "why", "sweep"])
def test_a_derivative_without_a_formula_is_refused_by_name(adcli: Adcli, command: str) -> None:
    tangent = ["--dot", "a=1"] if command == "jvp" else []
    for text in ("gammainc(a, x)", "gammainc(a^2, [x, 2])[0]"):
        refused = adcli(command, "-e", text, "--a", "2.5", "--x", "1.5", *tangent)
        assert refused.status == 2
        assert "`gammainc` has no derivative by its first operand here" in refused.err
    tangent = ["--dot", "x=1"] if command == "jvp" else []
    assert adcli(command, "-e", "gammainc(2.5, x)", "--x", "1.5", *tangent).status == 0
    assert adcli("eval", "-e", "gammainc(a, x)", "--a", "2.5", "--x", "1.5").status == 0
