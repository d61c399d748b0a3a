"""`adcli why` from the outside: its tables, its formats, and what it answers by default."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest

import adcli as package

from ..conftest import ROOT, Adcli

Golden = Callable[[str, str], None]
BRANCH = b"input x = 1\ninput u = 2\ny = 3 * u\nif u > 10 {\n    y = x * u\n}\noutput y"
CASES = {
    "one": ("samples/sine_product.ad", "--wrt", "x"),
    "all": ("samples/black_scholes.ad",),
    "long": ("samples/chebyshev.ad",),
    "not-finite": ("samples/root_of_squares.ad", "--x", "0", "--y", "0"),
    "component": ("samples/linear_regression.ad", "--wrt", "w[1]"),
    "components": ("samples/xor_network.ad",),
    "largest": ("samples/lennard_jones_cluster.ad", "--paths", "2"),
}


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("case", CASES)
def test_tables(adcli: Adcli, golden: Golden, case: str, columns: int) -> None:
    result = adcli("why", *CASES[case], columns=columns)
    assert (result.status, result.err) == (0, "")
    golden(f"why-{case}-{columns}.txt", result.out)


@pytest.mark.parametrize("format", ["json", "csv", "markdown", "latex", "html"])
@pytest.mark.parametrize("case", ["one", "not-finite"])
def test_formats(adcli: Adcli, golden: Golden, case: str, format: str) -> None:
    result = adcli("why", *CASES[case], "--format", format)
    assert (result.status, result.err) == (0, "")
    golden(f"why-{case}.{format}", result.out)


def test_help(adcli: Adcli, golden: Golden) -> None:
    golden("help-why.txt", adcli("why", "--help", columns=80).out)


def test_the_count_has_all_its_digits(adcli: Adcli) -> None:
    report = json.loads(adcli("why", "samples/chebyshev.ad", "--paths", "2", "--format", "json").out)
    found = report["why"]["T"]["x"]
    assert found["count"] == 4_052_739_537_880
    assert found["remaining"]["count"] == 4_052_739_537_878
    assert len(found["paths"]) == 2
    assert sum(path["product"] for path in found["paths"]) + found["remaining"]["sum"] == pytest.approx(
        found["gradient"]
    )
    decay = json.loads(adcli("why", "samples/decay.ad", "--wrt", "rate", "--format", "json").out)["why"]["N"]["rate"]
    # each of 1000 steps is N - h * rate * N: N reaches on along two ways, and the rate joins once in each step
    assert decay["count"] == str(2**1000 - 1)


def test_a_branch_that_was_not_taken(adcli: Adcli) -> None:
    out = adcli("why", "-", stdin=BRANCH).out
    assert "`x * u`, line 5, is not computed, as `u > 10` fails, line 4" in out
    report = json.loads(adcli("why", "-", "--wrt", "x", "--format", "json", stdin=BRANCH).out)["why"]["y"]["x"]
    assert (report["kind"], report["lines"], report["count"], report["paths"]) == ("untaken", [4, 5], 0, [])


def test_what_to_explain(adcli: Adcli) -> None:
    found = json.loads(
        adcli("why", "samples/black_scholes.ad", "--of", "d1", "--wrt", "spot,rate", "--format", "json").out
    )
    assert list(found["why"]) == ["d1"]
    assert list(found["why"]["d1"]) == ["spot", "rate"]
    assert list(found["why"]["d1"]["spot"]) == [
        "output", "input", "gradient", "kind", "answer", "entries", "lines", "count", "exact", "paths", "remaining",
        "absolute", "notes", "rewrite",
    ]  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(adcli("why", "samples/polar.ad", "--of", "x", "--format", "csv").out)))
    assert [row["input"] for row in rows] == ["r", "angle"]


def test_components_of_outputs_and_inputs(adcli: Adcli) -> None:
    text = "-e", "A @ w", "--A", "[[1, 2], [3, 4]]", "--w", "[5, 6]"
    found = json.loads(adcli("why", *text, "--of", "value[1]", "--wrt", "A[1, -1],w[0]", "--format", "json").out)
    slopes = {name: one["gradient"] for name, one in found["why"]["value[1]"].items()}
    assert slopes == {"A[1, 1]": 6.0, "w[0]": 3.0}
    assert adcli("why", *text).status == 2


@pytest.mark.parametrize("name", ["w[2]", "w[0, 0]", "w[a]", "w[]", "x[0]"])
def test_components_that_there_are_not(adcli: Adcli, name: str) -> None:
    result = adcli("why", "-e", "sum(w) * x", "--w", "[1, 2]", "--x", "3", "--wrt", name)
    assert (result.status, result.out) == (2, "")
    assert f"there is no component `{name}`" in result.err


def test_of_many_components_the_largest(adcli: Adcli) -> None:
    out = adcli("why", "-e", "sum(w * w)", "--w", str([0, *range(30)]).replace(" ", "")).out
    assert "w[30]" in out
    assert "w: the largest of 31 components; 2 of them are 0; --wrt 'w[...]' takes any other" in out
    assert "paths from w[30] to value" in out


def test_rewrites_are_told(adcli: Adcli) -> None:
    found = json.loads(adcli("why", "-e", "sqrt(x^2)", "--x", "0", "--format", "json").out)["why"]["value"]["x"]
    assert found["gradient"] == "NaN"
    assert found["remaining"] == {"count": 0, "sum": 0.0}
    assert found["rewrite"] == {
        "line": 1, "written": "sqrt(x^2)", "instead": "abs(x)",
        "reason": "the root of a square is an absolute value, and has slopes on both sides of 0", "enough": True,
    }  # fmt: skip


def test_the_next_step_is_told(adcli: Adcli) -> None:
    last = "--wrt 'w[0]' shows the paths of w[0]; `adcli tape` tells what v1 is\n"
    text = "input w[2] = [3, 4]\noutput L = sum(w * w)\n"
    assert adcli("why", "-", stdin=text.encode()).out.endswith(last)
    assert "--wrt" not in adcli("why", "-", "--wrt", "w[0]", stdin=text.encode()).out
    assert "--wrt" not in adcli("why", "-", stdin=b"input x = 1, y = 2\noutput L = x - y\n").out


def test_from_python() -> None:
    program = package.load(str(ROOT / "samples" / "sine_product.ad"))
    found = program.why(x=2, y=3, wrt="x").why["x"]
    assert found.answer.kind.value == "ordinary"
    assert [path.product for path in found.paths] == pytest.approx([3, 2.880510859951098])
    assert "paths from x to L" in program.why(wrt="x")._repr_html_()
