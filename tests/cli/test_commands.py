"""The commands from the outside: golden outputs, options, and what goes where."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..conftest import ROOT, Adcli

SAMPLE = "samples/sine_product.ad"
JSON = ROOT / "adcli" / "report" / "README.md"
Golden = Callable[[str, str], None]


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("command", ["eval", "grad", "tape", "sweep", "grad --tape --sweep"])
@pytest.mark.parametrize("sample", ["sine_product", "black_scholes"])
def test_tables(adcli: Adcli, golden: Golden, sample: str, command: str, columns: int) -> None:
    name, *flags = command.split()
    result = adcli(name, f"samples/{sample}.ad", *flags, columns=columns)
    assert (result.status, result.err) == (0, "")
    golden(f"{sample}-{command.replace(' --', '-')}-{columns}.txt", result.out)


@pytest.mark.parametrize("format", ["json", "csv", "markdown", "latex", "html"])
@pytest.mark.parametrize("command", ["eval", "grad", "tape", "sweep"])
def test_formats(adcli: Adcli, golden: Golden, command: str, format: str) -> None:
    result = adcli(command, SAMPLE, "--format", format)
    assert (result.status, result.err) == (0, "")
    golden(f"sine_product-{command}.{format}", result.out)


@pytest.mark.parametrize("command", ["", "eval", "grad", "tape", "sweep"])
def test_help(adcli: Adcli, golden: Golden, command: str) -> None:
    result = adcli(*command.split(), "--help", columns=80)
    assert (result.status, result.err) == (0, "")
    golden(f"help-{command or 'adcli'}.txt", result.out)


def test_the_help_of_a_program(adcli: Adcli, golden: Golden) -> None:
    golden("help-grad-black_scholes.txt", adcli("grad", "samples/black_scholes.ad", "--help").out)


def gradient(result: tuple[int, str, str]) -> dict[str, dict[str, float]]:
    status, out, _ = result
    assert status == 0
    found: dict[str, dict[str, float]] = json.loads(out)["gradient"]
    return found


@pytest.mark.parametrize(
    "arguments",
    [
        "{p} --x 2 --y 5",
        "--x 2 {p} --y 5",
        "--x 2 --y 5 {p}",
        "--y=5 --x=2 {p}",
        "{p} --at x=2,y=5",
        "{p} --at x=2 --at y=5",
        "{p} --at x=9,y=5 --x 2",
        "--at y=5,x=max(1,2) {p}",
        "--x 2 --y 5 -- {p}",
    ],
)
def test_the_ways_to_give_inputs(adcli: Adcli, arguments: str) -> None:
    result = adcli("grad", "--of", "a", "--format", "json", *arguments.format(p=SAMPLE).split())
    assert gradient(result) == {"a": {"x": 5.0, "y": 2.0}}


def test_a_point_from_a_file(adcli: Adcli, tmp_path: Path) -> None:
    path = tmp_path / "point.json"
    path.write_text('{"x": 2, "y": "2*pi"}')
    report = json.loads(adcli("eval", SAMPLE, "--at", str(path), "--format", "json").out)
    assert report["inputs"] == {"x": 2.0, "y": 6.283185307179586}


def test_expressions_and_standard_input(adcli: Adcli) -> None:
    assert gradient(adcli("grad", "-e", "x*y", "--x", "2", "--y", "-3", "--format", "json")) == {
        "value": {"x": -3.0, "y": 2.0}
    }
    text = (ROOT / SAMPLE).read_bytes()
    report = json.loads(adcli("eval", "-", "--x", "1", "--format", "json", stdin=text).out)
    assert report["program"] == "-"
    assert report["inputs"] == {"x": 1.0, "y": 3.0}


def test_names_that_collide_with_options(adcli: Adcli) -> None:
    program = b"input format, of, digits = 2, x\noutput y = format * of + digits + x"
    missing = adcli("grad", "-", "--x", "1", stdin=program)
    assert missing.status == 2
    assert "--x 1 --at format=1,of=1" in missing.err
    assert adcli("grad", "-", "--x", "1", "--at", "format=2,of=3", stdin=program).status == 0


def test_names_of_any_alphabet_and_case(adcli: Adcli) -> None:
    result = adcli("grad", "-e", "θ * X + x", "--θ", "2", "--X", "3", "--x", "4", "--format", "json")
    assert gradient(result) == {"value": {"θ": 3.0, "X": 2.0, "x": 1.0}}


def test_what_to_differentiate(adcli: Adcli) -> None:
    assert gradient(adcli("grad", SAMPLE, "--of", "b", "--wrt", "y", "--format", "json")).keys() == {"b"}
    assert list(gradient(adcli("grad", SAMPLE, "--wrt", "y", "--format", "json"))["L"]) == ["y"]
    assert adcli("sweep", SAMPLE, "--of", "a").out.startswith("reverse sweep from a\n")


def test_several_outputs(adcli: Adcli) -> None:
    program = b"input x = 3\nu = x^2\nv = 1 / u\noutput u, v"
    found = gradient(adcli("grad", "-", "--format", "json", stdin=program))
    assert list(found) == ["u", "v"]
    assert adcli("grad", "-", stdin=program).out.count("gradient of") == 2


def test_tape_and_sweep_in_one_run(adcli: Adcli) -> None:
    report = json.loads(adcli("grad", SAMPLE, "--tape", "--sweep", "--format", "json").out)
    assert list(report) == [
        "program", "inputs", "warnings", "outputs", "gradient", "difference",
        "entries", "guards", "output", "contributions", "adjoints",
    ]  # fmt: skip
    tables = adcli("grad", SAMPLE, "--tape", "--sweep").out
    assert [tables.index(title) for title in ("tape", "reverse sweep from L", "outputs", "gradient of L")] == sorted(
        tables.index(title) for title in ("tape", "reverse sweep from L", "outputs", "gradient of L")
    )
    assert tables.count("gradient of L") == 1


@pytest.mark.parametrize("command", ["eval", "grad", "tape", "sweep", "why"])
def test_json_keys(adcli: Adcli, command: str) -> None:
    """As the table of adcli/report/README.md has them."""
    report = json.loads(adcli(command, SAMPLE, "--format", "json").out)
    rows = dict(re.findall(r"^\| `?([\w ]+?)`? \| (.*) \|$", JSON.read_text(encoding="utf-8"), re.M))
    for key in report:
        assert f"`{key}`" in rows["every command"] + rows[command], key


def test_json_has_no_literals_that_strict_parsers_refuse(adcli: Adcli) -> None:
    def refuse(literal: str) -> None:
        raise AssertionError(literal)

    result = adcli("grad", "-e", "log(x) + 0/0 * y - 1/0", "--x", "0", "--y", "1", "--format", "json")
    report = json.loads(result.out, parse_constant=refuse)
    assert report["outputs"] == {"value": "NaN"}
    assert [warning["code"] for warning in report["warnings"]] == [
        "division-by-zero", "division-by-zero", "not-finite",
    ]  # fmt: skip
    assert result.err == ""


def test_csv_reads_back(adcli: Adcli) -> None:
    rows = list(csv.DictReader(io.StringIO(adcli("grad", SAMPLE, "--format", "csv").out)))
    assert [row["input"] for row in rows] == ["x", "y"]
    assert float(rows[0]["gradient"]) == 5.880510859951098
    rows = list(csv.DictReader(io.StringIO(adcli("sweep", SAMPLE, "--format", "csv").out)))
    assert float(rows[-1]["after"]) == 3.9203405733007317


def test_many_inputs(adcli: Adcli) -> None:
    names = [f"x{index}" for index in range(60)]
    program = f"input {', '.join(f'{name} = 0.{index}' for index, name in enumerate(names, 1))}\n"
    program += f"output y = {' + '.join(f'{index} * sin({name})' for index, name in enumerate(names))}"
    result = adcli("grad", "-", "--seed", "5", stdin=program.encode())
    assert result.status == 0
    assert "20 of 60 components compared, the largest; along a random direction (seed 5)" in result.out
    assert result.out.count("not compared") == 40
    report = json.loads(adcli("grad", "-", "--difference", "direction", "--format", "json", stdin=program.encode()).out)
    assert report["difference"] == {"y": {}}
    assert report["direction"]["y"]["verdict"] == "agrees"
    assert report["direction"]["y"]["seed"] == 0


def test_digits(adcli: Adcli) -> None:
    assert "5.72\n" in adcli("grad", SAMPLE, "--digits", "3").out
    assert "5.720584501801074" in adcli("grad", SAMPLE, "--digits", "16", columns=40).out


def test_a_narrow_terminal_cuts_no_number(adcli: Adcli) -> None:
    wide = set(adcli("grad", SAMPLE, "--digits", "17").out.split())
    narrow = set(adcli("grad", SAMPLE, "--digits", "17", columns=30).out.split())
    assert {word for word in wide if word[0].isdigit()} <= narrow


def test_output_to_a_file(adcli: Adcli, tmp_path: Path) -> None:
    target = tmp_path / "result.json"
    result = adcli("grad", SAMPLE, "--format", "json", "--output", str(target))
    assert (result.status, result.out) == (0, "")
    assert "gradient" in json.loads(target.read_text(encoding="utf-8"))


def test_the_program_is_never_overwritten(adcli: Adcli, tmp_path: Path) -> None:
    program = tmp_path / "model.ad"
    shutil.copy(ROOT / SAMPLE, program)
    result = adcli("grad", str(program), "--output", str(program))
    assert result.status == 2
    assert "overwrite" in result.err
    assert program.read_text(encoding="utf-8") == (ROOT / SAMPLE).read_text(encoding="utf-8")


def test_color(adcli: Adcli, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in adcli("grad", SAMPLE).out
    assert "\x1b" in adcli("grad", SAMPLE, "--color", "always").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" in adcli("grad", SAMPLE).out
    assert "\x1b" not in adcli("grad", SAMPLE, "--color", "never").out


def test_a_wrong_derivative_is_status_1(adcli: Adcli, monkeypatch: pytest.MonkeyPatch) -> None:
    from adcli.report import gradient as report

    right = report.gradients_of

    def wrong(*arguments: Any) -> Any:
        every = right(*arguments)
        return {output: {name: 1.01 * slope for name, slope in slopes.items()} for output, slopes in every.items()}

    monkeypatch.setattr(report, "gradients_of", wrong)
    result = adcli("grad", SAMPLE)
    assert result.status == 1
    assert "wrong" in result.out


def test_the_sweep_of_a_name_that_is_bound_again(adcli: Adcli) -> None:
    program = b"input x = 1\na = x * 2\na = a * x\noutput a"
    assert "seed  bar_a_2 = 1" in adcli("sweep", "-", stdin=program).out


def test_values_stand_in_the_order_of_the_text(adcli: Adcli) -> None:
    program = b"a = 2 * 3\ninput x = 1\nb = (a\n * x)"
    rows = [line.split() for line in adcli("eval", "-", stdin=program).out.splitlines()[3:]]
    assert rows == [["a", "2", "*", "3", "6", "1"], ["x", "input", "1", "2"], ["b", "(a", "*", "x)", "6", "3"]]


def test_many_operands_and_many_mistakes(adcli: Adcli) -> None:
    operands = ", ".join(str(index) for index in range(520))  # 500 were too many for a recursion over the formula
    program = f"input x = 1000\ny = max(x, {operands})"
    for command in ("eval", "tape"):
        assert adcli(command, "-", "--format", "json", stdin=program.encode()).status == 0
    mistakes = "input x\n" + "\n".join(f"a{index} = b{index}" for index in range(3000))
    result = adcli("eval", "-", "--x", "1", stdin=mistakes.encode())
    assert result.status == 2
    assert result.err.endswith("and 2900 more\n")


def test_no_arguments_give_the_help(adcli: Adcli) -> None:
    assert adcli() == adcli("--help")


def test_a_deep_point_file(adcli: Adcli, tmp_path: Path) -> None:
    path = tmp_path / "deep.json"
    path.write_text('{"x":' + "[" * 50_000)
    assert adcli("eval", SAMPLE, "--at", str(path)).status == 2
    path.write_text('{"x": ' + "9" * 5_000 + "}")
    assert "not a finite number" in adcli("eval", SAMPLE, "--at", str(path)).err


def test_the_limit_of_the_tape(adcli: Adcli) -> None:
    loop = b"x = 1\nfor k = 1 to 100 { x = x + k }"
    assert adcli("eval", "-", "--max-entries", "1e3", stdin=loop).status == 0
    assert "too-many-entries" in adcli("eval", "-", "--max-entries", "1e2", stdin=loop).err
    for limit in ("0", "nan", "inf", "many"):
        assert adcli("eval", "-", "--max-entries", limit, stdin=loop).err.startswith("error[usage]")


def test_inputs_whose_names_are_none_of_pythons(adcli: Adcli) -> None:
    result = adcli("eval", "-e", "x₁ + x̂ + lambda", "--x₁", "1", "--x̂", "2", "--lambda", "3")
    assert result.status == 0
    assert "6" in result.out


def test_an_unknown_command_of_a_group(adcli: Adcli) -> None:
    assert "there is no command `sow`" in adcli("samples", "sow").err
    assert "did you mean `show`? `adcli samples --help`" in adcli("samples", "sow").err
    assert "`adcli samples show --help`" in adcli("samples", "show").err
