"""`adcli check` from the outside: golden tables for each verdict, claims, kinks, curves, and what is refused."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest

from ..conftest import Adcli

SAMPLE = "samples/sine_product.ad"
LINE = "sum((w[0] + w[1] * t - y)^2) / 8"  # without `@`, which processors round in different ways
Golden = Callable[[str, str], None]

# What each verdict looks like, by name: the arguments, and the exit status.
CASES: dict[str, tuple[list[str], int]] = {
    "agrees": ([SAMPLE], 0),
    "order-2": (["samples/rosenbrock.ad", "--order", "2"], 0),
    "random": (["samples/huber.ad", "--random", "30", "--seed", "7"], 0),
    "arrays": (
        ["-e", LINE, "--w", "[0.5, 1.5]", "--t", "[0, 1, 2.5, 4]", "--y", "[1.2, 1.9, 4.1, 4.8]", "--wrt", "w,y"],
        0,
    ),
    "large": (["-e", "sum(w * w * w)", "--w", f"[{', '.join(str(k / 8) for k in range(60))}]"], 0),
    "nonsmooth": (["samples/kinks/tie.ad"], 1),
    "undefined": (["-e", "y + x / (x + y)", "--x", "-1", "--y", "1"], 1),
    "wrong": (["-e", "(x^2 - 1) / (x - 1)", "--x", "1.0000001"], 1),  # rounding has taken the digits
    "step": (["-e", "erf(x)", "--x", "10"], 1),
    "jump": (["samples/kinks/jump.ad"], 1),
    "margins": (["samples/kinks/hinge.ad", "--wrt", "w", "--margins"], 1),
    "curve": ([SAMPLE, "--wrt", "x", "--curve", "x"], 0),
    "claims-right": (["samples/claims/right.ad"], 0),
    "claims-forgotten-path": (["samples/claims/forgotten_path.ad"], 1),
    "claims-inner-derivative": (["samples/claims/inner_derivative.ad"], 1),
    "claims-degrees": (["samples/claims/degrees.ad"], 1),
    "claims-one-point": (["samples/claims/one_point.ad"], 1),
    "claims-mean-or-sum": (["samples/claims/mean_or_sum.ad"], 1),
}


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("name", CASES)
def test_tables(adcli: Adcli, golden: Golden, name: str, columns: int) -> None:
    arguments, status = CASES[name]
    result = adcli("check", *arguments, columns=columns)
    assert result.status == status
    golden(f"check-{name}-{columns}.txt", result.err + result.out)


@pytest.mark.parametrize("name", ["agrees", "claims-forgotten-path", "margins", "random"])
@pytest.mark.parametrize("format", ["json", "csv", "markdown", "latex"])
def test_formats(adcli: Adcli, golden: Golden, name: str, format: str) -> None:
    arguments, status = CASES[name]
    result = adcli("check", *arguments, "--format", format)
    assert result.status == status
    golden(f"check-{name}.{format}", result.out)


def test_help(adcli: Adcli, golden: Golden) -> None:
    golden("help-check.txt", adcli("check", "--help", columns=80).out)


def report(adcli: Adcli, *arguments: str, status: int = 0) -> dict[str, Any]:
    result = adcli("check", *arguments, "--format", "json")
    assert result.status == status, result.err
    found: dict[str, Any] = json.loads(result.out)
    return found


def test_the_keys_of_the_json(adcli: Adcli) -> None:
    found = report(adcli, SAMPLE)
    assert list(found)[4:] == ["verdict", "components", "taylor", "claims", "seed"]
    assert list(found["components"][0]) == [
        "output", "input", "reverse", "forward", "difference", "error", "complex_step", "digits", "verdict", "reason",
    ]  # fmt: skip
    assert found["taylor"]["L"]["passed"] is True


# Claims


def claim(adcli: Adcli, text: str, status: int = 1) -> dict[str, Any]:
    (found,) = report(adcli, SAMPLE, "--claim", text, status=status)["claims"]
    one: dict[str, Any] = found
    return one


@pytest.mark.parametrize(
    "text", ["dL/dx = y * (1 + cos(a))", "dL/dy = x + x * cos(x * y)", "da/dx = y", "dL/dx = y + y * cos(a) + 0 * b"]
)
def test_right_claims(adcli: Adcli, text: str) -> None:
    found = claim(adcli, text, status=0)
    assert (found["verdict"], found["tried"], found["failed"], found["diagnoses"]) == ("agrees", 20, 0, [])


@pytest.mark.parametrize(
    ("text", "kind", "words", "lines"),
    [
        ("dL/dx = -y * (1 + cos(a))", "sign", "the sign is wrong", []),
        ("dL/dx = 2 * y * (1 + cos(a))", "factor", "times 2", []),
        ("dL/dx = y * (1 + cos(a)) / 2", "factor", "times 1/2", []),
        ("dL/dx = pi / 180 * y * (1 + cos(a))", "factor", "π/180", []),
        ("dL/dx = -3 * y * (1 + cos(a))", "factor", "times 3, with the wrong sign", []),
        ("dL/dx = 7.25 * y * (1 + cos(a))", "factor", "times 7.25, everywhere", []),
        ("dL/dx = 0 * x", "zero", "as if x did not matter", []),
        ("dL/dx = y", "missing-path", "the path x → a → b → L (lines 6, 7, 8)", [6, 7, 8]),
        ("dL/dx = y * cos(a)", "missing-path", "the path x → a → L (lines 6, 8)", [6, 8]),
        ("dL/dx = y * (1 + 2 * cos(a))", "doubled-path", "the path x → a → b → L (lines 6, 7, 8) twice", [6, 7, 8]),
        ("dL/dx = y * (1 - cos(a))", "path-sign", "the path x → a → b → L", [6, 7, 8]),
        ("dL/dx = x * (1 + cos(a))", "other-input", "the derivative by y, and not by x", []),
        ("dL/dx = 1 + cos(a)", "inner-derivative", "∂a/∂x = y of `x * y`, line 6", [6]),
        ("dL/dx = y + cos(a)", "inner-derivative", "∂a/∂x = y of `x * y`, line 6", [6]),
        ("dL/dy = 1 + cos(a)", "inner-derivative", "∂a/∂y = x of `x * y`, line 6", [6]),
    ],
)
def test_wrong_claims_are_diagnosed(adcli: Adcli, text: str, kind: str, words: str, lines: list[int]) -> None:
    found = claim(adcli, text)
    assert (found["verdict"], found["failed"]) == ("wrong", 20)
    diagnosis = found["diagnoses"][0]
    assert (diagnosis["kind"], diagnosis["sure"], diagnosis["points"]) == (kind, "sure", 21)
    assert words in diagnosis["text"]
    assert diagnosis["lines"] == lines


@pytest.mark.parametrize("text", ["dL/dx = 17.3 * exp(x)", "dL/dx = y * (1 + cos(b))", "dL/dx = 5.9"])
def test_where_nothing_fits_nothing_is_said(adcli: Adcli, text: str) -> None:
    assert claim(adcli, text)["diagnoses"] == []


def test_a_long_claim_is_broken_over_lines(adcli: Adcli) -> None:
    terms = " + ".join(["x * sin(x)"] * 12)
    text = f"input x = 2\noutput L = x\nclaim dL/dx = {terms}\n"
    out = adcli("check", "-", columns=80, stdin=text.encode()).out
    assert max(map(len, out.splitlines())) <= 80


VECTOR = "input w[3] = [1, 2, 3] in [0.5, 3]\ninput b = 0.5 in [0, 1]\nz = sum(w^2) + b\noutput L = log(z)\n"
PRODUCT = "input c = 2 in [1, 3]\np = 1\nfor k = 1 to {} {{\n    p = p * (c + k)\n}}\noutput p\n"
TWICE = "input x = 0.3 in [0.1, 0.9]\ndef f(t) = t * (1 - t)\noutput y = f(f(x))\n"


@pytest.mark.parametrize(
    ("program", "text", "kinds", "words"),
    [
        ("input x = 1.3\noutput y = exp(-x^2)\n", "dy/dx = exp(-x^2)", ["inner-derivative"],
         "this is the derivative by `-x^2`, line 2: the inner derivative by x is missing"),
        (TWICE, "dy/dx = 1 - 2 * x", ["outer-derivative"], "this is the derivative of `x * (1 - x)`, line 2"),
        (TWICE, "dy/dx = 1 - 2 * f(x)", ["inner-derivative"], "this is the derivative by `x * (1 - x)`, line 2"),
        (TWICE, "dy/dx = (1 - x) * (1 - 2 * f(x))", ["missing-path", "inner-derivative"], "from x through `1 - x`"),
        (VECTOR, "dL/db = 1 + 0 * b", ["outer-derivative"], "the outer derivative ∂L/∂z = 1 / z of `log(z)`"),
        (VECTOR, "dL/dw = 2 * w", ["outer-derivative"], "the outer derivative ∂L/∂z = 1 / z of `log(z)`, line 4"),
        (VECTOR, "dL/dw = stack(2 * w[0], -2 * w[1], 2 * w[2]) / z", ["sign"], "of w[1]: the sign is wrong"),
        (VECTOR, "dL/dw = stack(2 * w[0], 0, 2 * w[2]) / z", ["zero"], "of w[1]: the claim is 0"),
        ("input w[3] = [1, 2, 3]\noutput L = sum(sin(w)^2)\n", "dL/dw = 2 * sin(w)", ["inner-derivative"],
         "∂v1/∂w = cos(w) of `sin(w)`, line 2, is left out"),
        (PRODUCT.format(10), "dp/dc = p / (c + 1)", ["some-paths"], "the claim counts only the path c → v"),
        (PRODUCT.format(12), "dp/dc = p / (c + 1) + p / (c + 3) + p / (c + 5) + p / (c + 7)", ["some-paths"],
         "the claim counts only 4 of the 12 paths"),
    ],
)  # fmt: skip
def test_mistakes_of_varied_programs(adcli: Adcli, program: str, text: str, kinds: list[str], words: str) -> None:
    result = adcli("check", "-", "--claim", text, "--format", "json", stdin=program.encode())
    diagnoses = json.loads(result.out)["claims"][0]["diagnoses"]
    assert [one["kind"] for one in diagnoses] == kinds
    assert words in diagnoses[0]["text"]
    assert {one["sure"] for one in diagnoses} == {"sure"}


def test_a_sum_of_paths_that_fits_one_number_may_be_chance(adcli: Adcli, tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    program = PRODUCT.format(4).replace("2 in [1, 3]", "2")
    path.write_text(f"input,gradient\nc,{360 / 3 + 360 / 5}00\n")
    result = adcli("check", "-", "--claim-file", str(path), "--format", "json", stdin=program.encode())
    (found,) = json.loads(result.out)["claims"]
    assert [(one["kind"], one["sure"]) for one in found["diagnoses"]] == [("some-paths", "possible")]


def test_right_at_one_point(adcli: Adcli) -> None:
    found = claim(adcli, "dL/dx = y * (1 + cos(a)) + (x - 2)")
    assert found["diagnoses"][0]["kind"] == "one-point"
    assert found["components"][0]["verdict"] == "agrees"
    assert set(found["counterexample"]) == {"x", "y"}


def test_a_wrong_claim_that_holds_at_the_point_is_explained_by_others(adcli: Adcli) -> None:
    (found,) = report(adcli, "-e", "x^2 * y", "--x", "2", "--y", "1", "--claim", "dvalue/dx = 2 * x", status=1)[
        "claims"
    ]
    assert found["components"][0]["verdict"] == "agrees"
    assert found["diagnoses"]


def test_of_few_paths_every_sum_is_tried(adcli: Adcli) -> None:
    """x reaches L on three ways; the claim has one of them, and leaves two out."""
    program = b"input x = 1.5\na = sin(x)\nb = exp(x)\nc = x^3\noutput L = a + b + c\nclaim dL/dx = exp(x)"
    result = adcli("check", "-", "--format", "json", stdin=program)
    (found,) = json.loads(result.out)["claims"]
    (diagnosis,) = found["diagnoses"]
    assert diagnosis["kind"] == "some-paths"
    assert diagnosis["lines"] == [4, 5, 2]


def test_claims_of_arrays(adcli: Adcli) -> None:
    path = "samples/linear_regression.ad"
    right = ["dL/dw = 2 * X' @ residual / n", "dL/dy = -2 * residual / n", "dL/dX[1, 0] = 2 / n * residual[1] * w[0]"]
    found = report(adcli, path, *[word for text in right for word in ("--claim", text)])
    assert [one["verdict"] for one in found["claims"]] == ["agrees"] * 3
    (wrong,) = report(adcli, path, "--claim", "dL/dw = 2 * X' @ residual", status=1)["claims"]
    assert "times 4, and 4 is a size of its arrays" in wrong["diagnoses"][0]["text"]
    (turned,) = report(adcli, "-e", "sum((A @ B) * A)", "--A", "[[1, 2], [3, 4]]", "--B", "[[0.5, 1], [2, -1]]",
                       "--claim", "dvalue/dB = (A' @ A)' + 0 * B", status=0)["claims"]  # fmt: skip
    assert turned["verdict"] == "agrees"
    (other,) = report(adcli, "-e", "sum(A * B)", "--A", "[[1, 2], [3, 5]]", "--B", "[[7, 8], [9, 11]]",
                      "--claim", "dvalue/dA = B'", status=1)["claims"]  # fmt: skip
    assert other["diagnoses"][0]["text"] == "this is the transpose of the derivative"


@pytest.mark.parametrize(
    ("name", "text", "verdicts"),
    [
        ("n.json", '{"L": {"x": 5.880510859951098, "y": 3.9203405733007317}}', ["agrees", "agrees"]),
        ("n.json", '{"x": 5.88051, "y": 3.92034}', ["agrees", "agrees"]),
        ("n.json", '{"gradient": {"L": {"x": 5.88052}}}', ["wrong"]),
        ("n.csv", "input,gradient\nx,5.88051\ny,-3.92034\n", ["agrees", "wrong"]),
        ("n.csv", "output,input,derivative\nL,x,5.87\na,x,3\n", ["wrong", "agrees"]),
        ("n.tsv", "input\tvalue\nx\t5.880510859951098\n", ["agrees"]),
    ],
)
def test_numbers_of_another_program(adcli: Adcli, tmp_path: Path, name: str, text: str, verdicts: list[str]) -> None:
    (tmp_path / name).write_text(text)
    status = 1 if "wrong" in verdicts else 0
    found = report(adcli, SAMPLE, "--claim-file", str(tmp_path / name), status=status)["claims"]
    assert [one["verdict"] for one in found] == verdicts


def test_the_output_of_grad_is_a_file_of_claims(adcli: Adcli, tmp_path: Path) -> None:
    path = "samples/linear_regression.ad"
    for name in ("json", "csv"):
        written = tmp_path / f"gradient.{name}"
        written.write_text(adcli("grad", path, "--format", name).out)
        found = report(adcli, path, "--claim-file", str(written))
        assert {one["verdict"] for one in found["claims"]} == {"agrees"}


@pytest.mark.parametrize("name", ["v.npy", "v.npz", "v.json", "v.txt"])
def test_arrays_of_another_program(adcli: Adcli, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "v.npy":
        numpy.save(path, numpy.array([3.0, 6.0], "float32"))
    elif name == "v.npz":
        numpy.savez(path, w=numpy.array([3.0, 6.0]))
    else:
        path.write_text("[3, 6]" if name == "v.json" else "# by hand\nclaim dvalue/dw = 2 * w\n\ndvalue/dw[0] = 3\n")
    found = report(adcli, "-e", "sum(w^2)", "--w", "[1.5, 3]", "--claim-file", str(path))["claims"]
    assert [one["verdict"] for one in found] == ["agrees"] * (2 if name == "v.txt" else 1)


@pytest.mark.parametrize("text", ["dL/dx = 5.88051", '{"x": 5.88051}'])
def test_claims_on_standard_input(adcli: Adcli, text: str) -> None:
    result = adcli("check", SAMPLE, "--claim-file", "-", "--format", "json", stdin=text.encode())
    (found,) = json.loads(result.out)["claims"]
    assert (found["verdict"], found["components"][0]["precision"]) == ("agrees", "to 6 digits: rounded")


def test_standard_input_is_read_once(adcli: Adcli) -> None:
    result = adcli("check", "-", "--claim-file", "-", stdin=b"input x = 2\noutput y = x")
    assert (result.status, result.out) == (2, "")
    assert "standard input can be read once" in result.err


def test_an_array_of_objects_is_not_loaded(adcli: Adcli, tmp_path: Path) -> None:
    numpy.save(tmp_path / "o.npy", numpy.array([{}]), allow_pickle=True)
    result = adcli("check", SAMPLE, "--claim-file", str(tmp_path / "o.npy"))
    assert result.status == 2
    assert "holds Python objects, not numbers" in result.err


def test_a_claim_says_how_far_it_may_be_off(adcli: Adcli) -> None:
    out = adcli("check", SAMPLE, "--claim", "dL/dx = 5.88 ± 0.01").out
    assert "agrees (to 4 digits: ± 0.01)" in out
    assert report(adcli, SAMPLE, "--claim", "dL/dx = 5.9", "--tolerance", "0.01")["claims"][0]["verdict"] == "agrees"
    assert "too large" in adcli("check", SAMPLE, "--claim", "dL/dx = 5.9 ± 1e999").err
    text = "input x = 2\noutput y = x^2\nclaim dy/dx = 4 ± 0.1\n"
    assert adcli("fmt", "-", stdin=text.encode()).out == text


@pytest.mark.parametrize(
    ("number", "right"), [("6.75e+02", True), ("6.74e+02", False), ("675", False), ("675.4", True)]
)
def test_a_number_in_a_file_is_as_precise_as_it_is_written(
    adcli: Adcli, tmp_path: Path, number: str, right: bool
) -> None:
    (tmp_path / "n.json").write_text(f'{{"x": {number}}}')
    result = adcli("check", "-e", "x^2", "--x", "337.7", "--claim-file", str(tmp_path / "n.json"))
    assert result.status == (0 if right else 1)


def test_a_sign_in_a_file_is_found(adcli: Adcli, tmp_path: Path) -> None:
    (tmp_path / "n.json").write_text('{"x": -5.88051}')
    (found,) = report(adcli, SAMPLE, "--claim-file", str(tmp_path / "n.json"), status=1)["claims"]
    assert [(one["kind"], one["sure"]) for one in found["diagnoses"]] == [("sign", "likely")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--claim", "L/dx = y"], ["bad-claim", "does not start with the `d`"]),
        (["--claim", "dL/dz = y"], ["bad-claim", "`z` is not an input", "`dx`, `dy`"]),
        (["--claim", "dK/dx = y"], ["bad-claim", "`K` is not a value of the program"]),
        (["--claim", "dL/dx = q"], ["unknown-name", "`q`"]),
        (["--claim", "dL/dx"], ["syntax", "write `claim dL/dx = …`"]),
        (["--claim", "∂L/∂x = 2"], ["syntax", "`claim dL/dx = …`"]),
        (["--claim", "dL/dx = [1, 2]"], ["bad-claim", "a vector of 2"]),
        (["--claim", "dL/dx[k] = 2"], ["bad-claim", "a component has whole numbers"]),
        (["--claim", "dL/dx = y\nq = 3"], ["bad-claim", "this is no claim"]),
        (["--claim-file", "nowhere.json"], ["missing-file"]),
        (["--curve", "z"], ["unknown-input", "no component `z`"]),
        (["--plot", "x.svg"], ["usage", "--curve x"]),
        (["--random", "0"], ["usage"]),
        (["--order", "3"], ["usage"]),
        (["--wrt", "z"], ["unknown-input"]),
    ],
)
def test_what_is_refused(adcli: Adcli, arguments: list[str], words: list[str]) -> None:
    result = adcli("check", SAMPLE, *arguments)
    assert (result.status, result.out) == (2, "")
    for word in words:
        assert word in result.err


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("n.json", "{", "is not JSON"),
        ("n.json", "[1, 2]", "`n.json` holds a vector of 2, and no input is that"),
        ("n.json", "5.88", "holds a number, and 2 inputs are that"),
        ("n.json", "[]", "holds no derivatives"),
        ("n.json", "[[1, 2], [3]]", "has rows of 2, 1 numbers"),
        ("n.json", '{"x": true}', "is no number: True"),
        ("n.txt", "dL/dx = 5.88\ndL/dq = 3\n", "`q` is not an input"),
        ("n.json", "{}", "holds no derivatives"),
        ("n.json", '{"x": "many"}', "is no number"),
        ("n.json", '{"x": null}', "is no number"),
        ("n.json", '{"q": 1}', "no input `q`"),
        ("n.json", '{"K": {"x": 1}}', "no value `K`"),
        ("n.json", '{"x": [1, 2]}', "the claim is a vector of 2, and the derivative by `x` is a number"),
        ("n.csv", "x,y\n1,2\n", "no columns `input` and `gradient`"),
        ("n.csv", "input,gradient\nx\n", "line 2: 1 cells"),
        ("n.csv", "input,gradient\nx,abc\n", "line 2: the derivative by `x` is no number"),
        ("n.csv", "", "no columns"),
        ("n.csv", "input,gradient\nx,1\nx,2\n", "by `x` twice"),
        ("n.csv", "input,gradient\nx,nan\n", "is no number"),
        ("n.json", '{"x": 1e400}', "is no number"),
    ],
)
def test_files_that_are_no_claims(adcli: Adcli, tmp_path: Path, name: str, text: str, words: str) -> None:
    (tmp_path / name).write_text(text)
    result = adcli("check", SAMPLE, "--claim-file", str(tmp_path / name))
    assert (result.status, result.out) == (2, "")
    assert words in result.err.replace(str(tmp_path / name), name)
    assert "error[bad-claim]" in result.err


@pytest.mark.parametrize("label", ["w[7]", "w[0, 0]", "w[0:2]"])
def test_a_claim_of_no_component(adcli: Adcli, label: str) -> None:
    result = adcli("check", "-e", "sum(w^2)", "--w", "[1, 2, 3]", "--claim", f"dvalue/d{label} = 1")
    assert result.status == 2
    assert "bad-claim" in result.err


@pytest.mark.parametrize("label", ["x[0]", "x[", "x[a]"])
def test_a_file_with_no_component(adcli: Adcli, tmp_path: Path, label: str) -> None:
    path = tmp_path / "claims.json"
    path.write_text(json.dumps({label: 1}))
    result = adcli("check", "samples/sine_product.ad", "--claim-file", str(path))
    assert result.status == 2
    assert f"there is no component `{label}`: `x` is a number" in result.err


def test_a_slice_of_a_matrix_is_no_component(adcli: Adcli) -> None:
    result = adcli("check", "-e", "sum(X^2)", "--X", "[[1, 2], [3, 4]]", "--claim", "dvalue/dX[0:1] = 4")
    assert result.status == 2
    assert "a claim is of one component, or of all" in result.err


def test_claims_do_nothing_elsewhere(adcli: Adcli) -> None:
    wrong = "samples/claims/forgotten_path.ad"
    assert adcli("grad", wrong).status == 0
    assert "claim dL/dx = y" in adcli("fmt", wrong).out
    assert "claim d" not in adcli("adjoint", wrong).out


# Kinks


def test_nonsmooth_report_error_and_quiet(adcli: Adcli) -> None:
    for command in ("grad", "sweep", "check"):
        told = adcli(command, "-e", "abs(x)", "--x", "0")
        assert "warning[kink]: `abs(x)` is at a kink" in told.err
        assert "slopes at a kink" in told.out
        refused = adcli(command, "-e", "abs(x)", "--x", "0", "--nonsmooth", "error")
        assert (refused.status, refused.out) == (1, "")
        assert "error[kink]" in refused.err
        quiet = adcli(command, "-e", "abs(x)", "--x", "0", "--nonsmooth", "quiet")
        assert (quiet.err, "slopes at a kink" in quiet.out) == ("", False)
        away = adcli(command, "-e", "abs(x)", "--x", "1", "--nonsmooth", "error")
        assert (away.status, away.err) == (0, "")


def test_the_json_of_kinks(adcli: Adcli) -> None:
    found = json.loads(adcli("grad", "-e", "abs(x) + sqrt(y)", "--x", "0", "--y", "0", "--format", "json").out)["kinks"]
    assert [site["operation"] for site in found["sites"]] == ["abs(x)", "sqrt(y)"]
    assert found["slopes"]["value"]["x"] == {"left": -1.0, "right": 1.0, "used": 0.0, "jump": 0.0, "exact": True}
    assert found["slopes"]["value"]["y"] == {
        "left": None, "right": "Infinity", "used": "Infinity", "jump": 0.0, "exact": True,
    }  # fmt: skip


def test_a_refusal_as_json(adcli: Adcli) -> None:
    result = adcli("grad", "-e", "abs(x)", "--x", "0", "--nonsmooth", "error", "--format", "json")
    assert result.status == 1
    assert json.loads(result.err)["error"][0]["code"] == "kink"


# Curves


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_a_plot(adcli: Adcli, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"curve.{ending}"
    assert adcli("check", SAMPLE, "--curve", "x", "--plot", str(path)).status == 0
    start = path.read_bytes()[:300]
    assert {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF"}[ending] in path.read_bytes()[:3000], start


def test_a_plot_that_cannot_be_written(adcli: Adcli, tmp_path: Path) -> None:
    for name in ("nowhere/curve.svg", "curve.xyz"):
        result = adcli("check", SAMPLE, "--curve", "x", "--plot", str(tmp_path / name))
        assert result.status == 2
        assert "error[output]" in result.err


def test_a_plot_without_its_package(adcli: Adcli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    result = adcli("check", SAMPLE, "--curve", "x", "--plot", str(tmp_path / "curve.svg"))
    assert result.status == 2
    assert "a plot needs matplotlib" in result.err
    assert "pip install" in result.err


def test_the_slopes_of_a_curve(adcli: Adcli) -> None:
    (found,) = report(adcli, "-e", "exp(x) * sin(x)", "--x", "1.3", "--curve", "x")["curves"]
    truncation, round_off = found["truncation"], found["round_off"]
    assert truncation["forward"] == pytest.approx(1, abs=0.1)
    assert truncation["central"] == pytest.approx(2, abs=0.1)
    assert truncation["complex"] == pytest.approx(2, abs=0.1)
    assert round_off["forward"] == pytest.approx(-1, abs=0.2)
    assert round_off["complex"] is None
    assert min(found["errors"]["complex"]) <= 1e-15 < 1e-12 < min(found["errors"]["central"])
    assert found["chosen"] > 0


def test_curves_at_extremes(adcli: Adcli) -> None:
    """Inputs of any size, a derivative of 0, an array, what is not analytic, a domain with an end."""
    for text, x in (("x^2", "1e200"), ("sin(x)", "1e-200"), ("cos(x)", "0"), ("erf(x)", "1"), ("log(x)", "1e-5")):
        result = adcli("check", "-e", text, "--x", x, "--curve", "x")
        assert result.status in (0, 1)
        assert "error of the derivative" in result.out
    result = adcli("check", "-e", "sum(w^2)", "--w", "[1, 2]", "--curve", "w[1]")
    assert "by w[1] against the step" in result.out


# Margins


def test_margins(adcli: Adcli) -> None:
    found = report(
        adcli, "-e", "abs(x - 1) + where(x + y > 5, x, y) + floor(x)", "--x", "2.25", "--y", "3", "--margins"
    )
    margins = {one["text"]: one for one in found["margins"]}
    assert margins["abs(x - 1)"]["gap"] == 1.25
    assert margins["floor(x)"]["move"] == pytest.approx(-0.25)
    guard = next(one for text, one in margins.items() if text.endswith("> 5"))
    assert (guard["gap"], guard["input"], guard["move"]) == (0.25, "y", -0.25)
    moves = [abs(one["move"]) / {"x": 2.25, "y": 3.0}[one["input"]] for one in found["margins"]]
    assert moves == sorted(moves)


def test_margins_of_arrays_are_of_the_nearest_elements(adcli: Adcli) -> None:
    found = report(adcli, "-e", "sum(relu(w)) + max(w)", "--w", "[3, -0.5, 2.75]", "--margins")["margins"]
    assert {one["text"]: (one["gap"], one["input"], one["move"]) for one in found} == {
        "max(w)": (0.25, "w[0]", -0.25), "relu(w)[0]": (3.0, "w[0]", -3.0), "relu(w)[1]": (-0.5, "w[1]", 0.5),
        "relu(w)[2]": (2.75, "w[2]", -2.75),
    }  # fmt: skip


def test_a_smooth_program_has_no_margins(adcli: Adcli) -> None:
    assert report(adcli, SAMPLE, "--margins")["margins"] == []


@pytest.mark.parametrize("command", ["grad", "check"])
def test_a_program_without_inputs_is_not_called_checked(adcli: Adcli, tmp_path: Path, command: str) -> None:
    path = tmp_path / "none.ad"
    path.write_text("x = 2; y = 3\nL = x * y\noutput L")
    result = adcli(command, str(path))
    assert result.status == 2 and result.out == ""
    assert "error[no-input]" in result.err and "help: write `input x = 2`" in result.err
