"""Programs with arrays on the command line: tables, formats, inputs from files, components, checkpoints."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ..conftest import Adcli

Golden = Callable[[str, str], None]
LINE = "samples/linear_regression.ad"
EXACT = "[1.25, 2, 4, 4.75]"  # nothing is rounded, which processors do in different ways in `@`
DATA = ("--t", "[0, 1, 2.5, 4]", "--y", "[1.2, 1.9, 4.1, 4.8]", "--w", "[0.5, 1.5]")
COMMANDS = {
    "eval": ("eval", "samples/gaussian_mixture.ad"),
    "tape": ("tape", LINE, "--y", EXACT),
    "sweep": ("sweep", LINE),
    "sweep-elements": ("sweep", "-e", "solve(R, b)[1]", "--R", "[[2, 0.5], [0, 4]]", "--b", "[1, 2]", "--wrt", "b"),
    "grad": ("grad", "-e", "sum((w[0] + w[1] * t - y)^2) / 8", *DATA),
    "grad-large": ("grad", "-e", "sum(sin(w)^2 * w)", "--w", "linspace(0, 1, 200)"),
    "jvp": ("jvp", LINE, "--y", EXACT, "--dot", "w=1", "--check"),
    "vjp": ("vjp", LINE, "--y", EXACT, "--bar", "residual=[1, 0, 0, 1]"),
    "jacobian": ("jacobian", LINE, "--y", EXACT, "--of", "residual", "--wrt", "w"),
    "hessian": ("hessian", LINE, "--y", EXACT, "--wrt", "w", "--check"),
    "hvp": ("hvp", LINE, "--y", EXACT, "--dot", "w=[1, 2]", "--wrt", "w,y"),
    "cost": ("cost", "samples/rosenbrock_many.ad", "--no-time"),
    "cost-checkpoints": ("cost", "samples/leapfrog_pendulum.ad", "--of", "final", "--checkpoint", "4", "--no-time"),
    "rules": ("rules", "solve", "softmax", "max", "prod"),
}


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("name", COMMANDS)
def test_tables(adcli: Adcli, golden: Golden, name: str, columns: int) -> None:
    result = adcli(*COMMANDS[name], columns=columns)
    golden(f"arrays-{name}-{columns}.txt", result.err + result.out)


@pytest.mark.parametrize("name", ["grad", "jvp", "vjp", "jacobian", "hessian", "hvp", "tape", "cost-checkpoints"])
def test_json(adcli: Adcli, golden: Golden, name: str) -> None:
    text = adcli(*COMMANDS[name], "--format", "json").out
    assert json.loads(text)
    golden(f"arrays-{name}.json", text)


@pytest.mark.parametrize("command", ["adjoint", "tangent"])
@pytest.mark.parametrize("sample", ["linear_regression", "resistor_network", "least_squares_qr"])
def test_derivative_programs(adcli: Adcli, golden: Golden, command: str, sample: str) -> None:
    golden(f"arrays-{command}-{sample}.ad", adcli(command, f"samples/{sample}.ad").out)


def test_nested_lists_have_the_sizes_of_both(adcli: Adcli) -> None:
    data = json.loads(adcli("jacobian", LINE, "--y", EXACT, "--of", "residual", "--format", "json").out)["jacobian"][
        "residual"
    ]
    assert np.shape(data["X"]) == (4, 4, 2)
    assert np.shape(data["w"]) == (4, 2)
    assert np.array_equal(data["y"], -np.eye(4))


def test_csv_has_a_row_for_each_component(adcli: Adcli) -> None:
    rows = list(csv.DictReader(adcli("grad", LINE, "--format", "csv").out.splitlines()))
    assert [row["input"] for row in rows][-3:] == ["y[3]", "w[0]", "w[1]"]
    assert {row["verdict"] for row in rows} == {"agrees"}
    (values,) = [
        row for row in csv.DictReader(adcli("eval", LINE, "--format", "csv").out.splitlines()) if row["name"] == "w"
    ]
    assert json.loads(values["value"]) == [0.5, 1.5]


def test_full_shows_all(adcli: Adcli) -> None:
    command = ("eval", "-e", "w + 1", "--w", "linspace(0, 39, 40)")
    assert "40: 1, 2, 3, … (min 1, mean 20.5, max 40)" in adcli(*command).out
    assert f"[{', '.join(str(number) for number in range(1, 41))}]" in adcli(*command, "--full").out


@pytest.mark.parametrize("of", ["fit[1]", "fit[-1]"])
def test_a_component_can_be_differentiated_by_every_command(adcli: Adcli, of: str) -> None:
    sample = "samples/least_squares_qr.ad"
    slope = json.loads(adcli("grad", sample, "--format", "json").out)["gradient"]["slope"]
    assert json.loads(adcli("grad", sample, "--of", of, "--format", "json").out)["gradient"][of] == slope
    for command in ("sweep", "hessian", "jacobian", "cost", "adjoint"):
        assert adcli(command, sample, "--of", of, "--wrt", "y").status == 0, command
    assert "output dot_fit_1" in adcli("tangent", sample, "--of", "fit[1]").out
    assert "there is no component" in adcli("grad", sample, "--of", "fit[2]").err


def test_inputs_from_files(adcli: Adcli, tmp_path: Path) -> None:
    matrix = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.5], [1.0, 4.0]])
    np.save(tmp_path / "X.npy", matrix)
    np.savez(tmp_path / "point.npz", X=matrix, y=[1.2, 1.9, 4.1, 4.8])
    (tmp_path / "table.csv").write_text("one,t,y\n1,0,1.2\n1,1,1.9\n1,2.5,4.1\n1,4,4.8\n")
    (tmp_path / "point.json").write_text(json.dumps({"X": matrix.tolist(), "w": [0.5, 1.5]}))
    plain = adcli("grad", LINE).out
    assert adcli("grad", LINE, "--X", str(tmp_path / "X.npy")).out == plain
    assert adcli("grad", LINE, "--at", str(tmp_path / "point.npz")).out == plain
    assert adcli("grad", LINE, "--at", str(tmp_path / "point.json")).out == plain
    table = tmp_path / "table.csv"
    assert adcli("grad", LINE, "--X", f"{table}[one,t]", "--y", f"{table}[y]").out == plain
    assert adcli("grad", LINE, "--at", f"X={table}[one,t],w=[0.5, 1.5]").out == plain


def test_the_rows_of_a_file_must_fit_the_shape(adcli: Adcli, tmp_path: Path) -> None:
    (tmp_path / "y.csv").write_text("1\n2\n3\n")
    result = adcli("grad", LINE, "--y", str(tmp_path / "y.csv"))
    assert result.status == 2
    assert "the input `y` is declared `y[n]`, and is given a vector of 3" in result.err
    assert "`n` is 4, from `X`" in result.err
    assert "linear_regression.ad:5:7" in result.err


@pytest.mark.parametrize("states", ["1", "3", "500"])
def test_checkpoints_change_nothing_but_the_memory(adcli: Adcli, states: str) -> None:
    command = ("grad", "samples/leapfrog_pendulum.ad", "--difference", "none", "--format", "json")
    assert adcli(*command, "--checkpoint", states).out == adcli(*command).out


def test_a_number_stands_for_all_elements(adcli: Adcli) -> None:
    assert adcli("grad", LINE, "--w", "2").out == adcli("grad", LINE, "--w", "[2, 2]").out
    assert (
        "nothing tells how large `n` is" in adcli("grad", "-", "--w", "2", stdin=b"input w[n]\noutput y = sum(w)").err
    )


MISTAKES = {
    "array-output": ("grad", "-e", "2 * w", "--w", "[1, 2]"),
    "array-output-adjoint": ("adjoint", "-e", "2 * w", "--w", "[1, 2]"),
    "shape-axis": ("eval", "-e", "sum(w, axis = 0.5)", "--w", "[1, 2]"),
    "shape-before": ("eval", "-e", "[1, 2, 3] @ [[1, 2], [3, 4]]"),
    "shape-at-run": ("eval", "-e", "A @ w", "--A", "[[1, 2], [3, 4]]", "--w", "[1, 2, 3]"),
    "too-large": ("eval", "-e", "zeros(1e6, 1e6)"),
    "singular-derivative": ("grad", "-e", "logdet([[x, 1], [1, 1]])", "--x", "1"),
    "singular": ("eval", "-e", "solve([[1, 2], [2, x]], [1, 0])", "--x", "4"),
    "subscript-range": ("eval", "-e", "w[i]", "--w", "[1, 2]", "--i", "2"),
    "subscript-half": ("eval", "-e", "w[i]", "--w", "[1, 2]", "--i", "0.5"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_with_arrays(adcli: Adcli, golden: Golden, name: str) -> None:
    result = adcli(*MISTAKES[name])
    assert result.status == 2
    code = result.err.partition("[")[2].partition("]")[0]
    assert name.startswith(code)
    golden(f"arrays-error-{name}.txt", result.err)


def test_a_division_by_an_array_of_constants_is_no_suspicion(adcli: Adcli) -> None:
    result = adcli("grad", "-e", "sum(x / [2, 0])", "--x", "3")
    assert result.status == 1
    assert "undefined" in result.out


def test_tangents_of_array_outputs_are_compared_by_component(adcli: Adcli) -> None:
    out = adcli("jvp", "-e", "2 * w", "--w", "[1, 2]", "--dot", "w=1", "--check").out
    assert out.count("agrees") == 2


def test_large_inputs_are_compared_in_reasonable_time(adcli: Adcli, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.linspace(0, 1, 20_000))
    assert adcli("grad", "-e", "sum(x^2)", "--x", str(tmp_path / "x.npy")).out.count("agrees") == 2


def test_a_component_is_no_input(adcli: Adcli) -> None:
    for option in ("--wrt", "--dot"):
        result = adcli("hvp", LINE, "--y", EXACT, "--dot", "w=1", option, "w[0]" if option == "--wrt" else "w[0]=1")
        assert result.status == 2
        assert "an array is taken whole: `w`" in result.err
