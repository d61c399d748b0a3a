"""`adcli precision`: what it prints in each format, what it refuses, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import sys

import pytest

from ..conftest import Adcli
from .test_errors import Golden

COMMANDS = {
    "precision": ("precision", "samples/cancellation/cosine.ad", "--verify"),
    "precision-quadratic": ("precision", "samples/cancellation/quadratic.ad"),
    "precision-arrays": ("precision", "samples/cancellation/variance.ad", "--verify"),
    "precision-long": ("precision", "samples/leapfrog_pendulum.ad", "--of", "final"),
    "precision-components": ("precision", "samples/linear_regression.ad", "--of", "residual", "--wrt", "w"),
}


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("name", COMMANDS)
def test_tables(adcli: Adcli, golden: Golden, name: str, columns: int) -> None:
    result = adcli(*COMMANDS[name], columns=columns)
    assert (result.status, result.err) == (0, "")
    golden(f"{name}-{columns}.txt", result.out)


@pytest.mark.parametrize("form", ["json", "csv", "markdown", "latex"])
@pytest.mark.parametrize("name", ["precision", "precision-arrays"])
def test_other_formats(adcli: Adcli, golden: Golden, name: str, form: str) -> None:
    result = adcli(*COMMANDS[name], "--format", form)
    assert (result.status, result.err) == (0, "")
    golden(f"{name}.{form}", result.out)


def test_help(adcli: Adcli, golden: Golden) -> None:
    golden("help-precision.txt", adcli("precision", "--help", columns=80).out)


def test_csv_has_a_row_for_each_output(adcli: Adcli) -> None:
    rows = list(csv.DictReader(io.StringIO(adcli(*COMMANDS["precision"], "--format", "csv").out)))
    assert [row["output"] for row in rows] == ["direct", "rewritten"]
    assert rows[0]["relative"] == "inf"
    assert float(rows[1]["error"]) < float(rows[1]["bound"])


def test_a_bound_that_does_not_hold_is_status_1(adcli: Adcli) -> None:
    command = ("precision", "-e", "(x * y - z)^2", "--x", "0.1", "--y", "3", "--z", "0.30000000000000004")
    assert adcli(*command).status == 0
    result = adcli(*command, "--verify")
    assert result.status == 1
    assert "the true error of value exceeds the bound" in result.out
    data = json.loads(adcli(*command, "--verify", "--format", "json").out)
    assert data["verified"]["outputs"]["value"]["holds"] is False
    assert data["blind"] == {"value": "v4"}


def test_where_rounding_keeps_a_root_real(adcli: Adcli) -> None:
    command = ("precision", "-e", "sqrt(x * y - z)", "--x", "0.1", "--y", "3", "--z", "0.30000000000000004")
    result = adcli(*command, "--verify")
    assert result.status == 0
    assert "value is nan with 50 digits: rounding has kept an operation in its domain" in result.out
    assert "value has no finite bound: an error of `x * y`, line 1, would arrive without any" in result.out


def test_what_is_refused(adcli: Adcli) -> None:
    program = b"input x = 0.1\nv = linspace(0, x, 100)\noutput v"
    result = adcli("precision", "-", stdin=program)
    assert (result.status, result.out) == (2, "")
    assert "error[array-output]: `v` is a vector of 100" in result.err
    assert "`--of 'v[0]'` takes one component" in result.err
    assert adcli("precision", "-", "--of", "v[3]", stdin=program).status == 0
    assert "error[unknown-name]" in adcli("precision", "-", "--of", "w", stdin=program).err
    assert "error[unknown-input]" in adcli("precision", "-", "--wrt", "w", stdin=program).err


def test_without_mpmath(adcli: Adcli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mpmath", None)
    assert adcli("precision", "-e", "sin(x)", "--x", "1").status == 0
    result = adcli("precision", "-e", "sin(x)", "--x", "1", "--verify")
    assert (result.status, result.out) == (2, "")
    assert "error[usage]: a run with 50 digits needs mpmath, which is not installed" in result.err
    assert "pip install 'adcli[precise]'" in result.err


def test_a_program_without_inputs_and_one_without_roundings(adcli: Adcli) -> None:
    result = adcli("precision", "-", stdin=b"output y = sin(1)")
    assert result.status == 0
    assert "condition numbers" not in result.out
    assert "all" in adcli("precision", "-", stdin=b"input x = 2\noutput y = x + 1").out
