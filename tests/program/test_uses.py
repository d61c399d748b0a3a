"""The functions of other files: which are taken, where they are looked for, and what is told of them."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path

import pytest

import adcli

from ..conftest import Adcli

FILES = {
    "lib/geometry.ad": "# Distances.\ndef square(u) = u^2\ndef distance(u, v) = sqrt(square(u) + square(v))\n",
    "lib/more.ad": 'use "geometry.ad"\ndef helper(u) = square(u) / 2\ndef scaled(f, u) = f(helper(u))\n'
    "k = 2\ndef bad(u) = k * u\n",
    "main.ad": 'use "lib/geometry.ad"\nuse scaled from "lib/more.ad"\ninput x = 3, y = 4\n'
    "def helper(u) = 10 * u\noutput d = distance(x, y) + helper(x), s = scaled(helper, x)\n",
}


@pytest.fixture
def folder(adcli: Adcli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:  # behind what goes to the checkout
    for name, text in FILES.items():
        path = tmp_path / "programs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "above.ad").write_text("def f(u) = u\n")
    monkeypatch.chdir(tmp_path / "programs")
    return tmp_path / "programs"


def mistakes(text: str) -> list[tuple[str, str]]:
    Path("wrong.ad").write_text(f"{text}\ninput x\noutput y = x\n")
    with pytest.raises(adcli.AdError) as caught:
        adcli.load("wrong.ad")
    source = caught.value.source
    assert source is not None
    return [(p.code, source.file_at((p.span or (0, 0))[0])) for p in caught.value.problems]


def test_functions_of_other_files_see_their_own_file(folder: Path) -> None:
    program = adcli.load("main.ad")
    report = program.gradient(difference="none")
    assert report.outputs == {"d": 35, "s": 45}
    assert report.gradient["d"]["x"] == 10.6
    assert report.gradient["s"]["x"] == 30


def test_the_program_may_stand_anywhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    assert adcli.load("programs/main.ad").evaluate().outputs["d"] == 35


def test_places_in_other_files_are_told(folder: Path, adcli: Adcli) -> None:
    Path("main.ad").write_text(FILES["main.ad"].replace("scaled", "bad").replace("(helper, x)", "(x)"))
    result = adcli("grad", "main.ad")
    assert result.status == 2
    assert "--> lib/more.ad:5:14" in result.err
    assert "def bad(u) = k * u" in result.err
    Path("lib/more.ad").write_text("def f(u) = 2u\n")
    result = adcli("grad", "main.ad")
    assert "--> lib/more.ad:1:13" in result.err


def test_lines_are_those_of_the_file(folder: Path, adcli: Adcli) -> None:
    result = adcli("adjoint", "main.ad", "--of", "d")
    assert "# line 3 of lib/geometry.ad: def distance(u, v)" in result.out
    rows = json.loads(adcli("tape", "main.ad", "--format", "json").out)["entries"]
    assert {row["line"] for row in rows if row["operation"] == "x^2"} == {2}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('use "../above.ad"', "use"), ('use "lib/../../above.ad"', "use"), ('use "/etc/passwd"', "use"),
        ('use "wrong.ad"', "use"), ('use "a\0b.ad"', "use"),
        ('use "nothing.ad"', "missing-file"), ('use "lib"', "is-a-directory"),
        ('use worse from "lib/more.ad"', "unknown-function"),
        ('use "lib/more.ad"\ndef helper(u) = u', "duplicate-function"),
        ('use "link.ad"', "use"), ('use "circle.ad"', "use"),
        ('if 1 > 0 { use "lib/more.ad" }', "misplaced"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told(folder: Path, text: str, expected: str) -> None:
    os.symlink(folder.parent / "above.ad", folder / "link.ad")
    Path("circle.ad").write_text('use "lib/round.ad"\ndef f(u) = u\n')
    Path("lib/round.ad").write_text('use "round.ad"\ndef g(u) = u\n')
    assert [code for code, _ in mistakes(text)] == [expected]


def test_a_program_goes_to_another_process_with_what_it_uses(folder: Path) -> None:
    program = pickle.loads(pickle.dumps(adcli.load("main.ad")))
    Path("lib/geometry.ad").unlink()
    again = pickle.loads(pickle.dumps(program))
    assert again.evaluate().outputs == {"d": 35, "s": 45}


def test_one_expression_may_use_a_file(folder: Path, adcli: Adcli) -> None:
    result = adcli("eval", "-e", 'use "lib/geometry.ad"; distance(x, 4)', "--x", "3", "--format", "json")
    assert json.loads(result.out)["outputs"] == {"value": 5}
