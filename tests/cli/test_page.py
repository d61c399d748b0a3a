"""`adcli page` on the command line: a file, a pipe, a course, and what is wrong with any of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ..conftest import Adcli

SINE = "samples/sine_product.ad"


def _data(text: str) -> Any:
    """What the page of a text knows."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_a_page_is_a_file_and_starts_where_it_is_told(adcli: Adcli, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    result = adcli("page", SINE, "--x", "pi/2", "-o", str(path))
    assert (result.status, result.out, result.err) == (0, "", "")
    (section,) = _data(path.read_text(encoding="utf-8"))["sections"]
    assert section["program"]["inputs"][0]["value"] == pytest.approx(1.5707963267948966)
    assert section["program"]["presets"][0]["text"] == "As given"


def test_a_page_goes_into_a_pipe(adcli: Adcli) -> None:
    result = adcli("page", "-e", "x * sin(x)", "--x", "1")
    assert result.status == 0
    assert result.out.startswith("<!doctype html>")
    assert result.out.rstrip().endswith("</html>")


def test_a_run_warns_of_what_it_met(adcli: Adcli, tmp_path: Path) -> None:
    result = adcli("page", "-e", "log(x)", "--x", "0", "-o", str(tmp_path / "page.html"))
    assert result.status == 0
    assert "warning[not-finite]" in result.err


def test_inputs_that_are_missing_are_named(adcli: Adcli, tmp_path: Path) -> None:
    result = adcli("page", "-e", "x * y", "-o", str(tmp_path / "page.html"))
    assert result.status == 2
    assert "error[missing-input]" in result.err


def test_a_course_needs_no_program(adcli: Adcli, tmp_path: Path) -> None:
    path = tmp_path / "course.html"
    result = adcli("page", "--course", "samples/tutorial.md", "--output", str(path))
    assert (result.status, result.err) == (0, "")
    sections = _data(path.read_text(encoding="utf-8"))["sections"]
    assert sum(section["kind"] == "program" for section in sections) >= 5


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["page"], "usage"),
        (["page", "--course", "none.md"], "missing-file"),
        (["page", "--course", SINE, "-o", SINE], "output"),
        (["page", SINE, "-o", SINE], "output"),
        (["page", SINE, "--z", "1"], "usage"),
    ],
)
def test_a_mistake_has_a_message(adcli: Adcli, words: list[str], code: str) -> None:
    result = adcli(*words)
    assert result.status == 2
    assert f"error[{code}]" in result.err
    assert "Traceback" not in result.err
