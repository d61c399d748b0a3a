"""Worksheets: nothing that is asked stands in them, and the key has all of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import adcli
from adcli.report.worksheet import BLANK

from ..conftest import PLAIN_SAMPLES, Adcli, sample_name

Golden = Callable[[str, str], None]


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("name", ["sine_product", "huber", "linear_regression", "decay"])
@pytest.mark.parametrize("key", [False, True], ids=["blank", "key"])
def test_tables(adcli: Adcli, golden: Golden, name: str, key: bool, columns: int) -> None:
    result = adcli("worksheet", f"samples/{name}.ad", *(["--key"] if key else []), columns=columns)
    assert result.status == 0
    assert (BLANK in result.out) is not key
    golden(f"worksheet-{name}-{'key' if key else 'blank'}-{columns}.txt", result.out)


@pytest.mark.parametrize("form", ["markdown", "latex", "html", "csv", "json"])
def test_each_format(adcli: Adcli, golden: Golden, form: str) -> None:
    golden(f"worksheet-{form}.txt", adcli("worksheet", "samples/sine_product.ad", "--format", form).out)


@pytest.mark.parametrize("path", PLAIN_SAMPLES, ids=sample_name)
def test_the_sheet_asks_what_the_key_answers(path: Path) -> None:
    program = adcli.load(str(path))
    sheet, key = program.worksheet(), program.worksheet(key=True)
    assert [one.asked for one in sheet.questions] == [one.asked for one in key.questions]
    assert all(one.value is None and one.formula is None for one in sheet.questions)
    assert all(one.value is not None or one.formula is not None for one in key.questions)
    shapes = [[len(table.rows) for table in report.tables()] for report in (sheet, key)]
    assert shapes[0] == shapes[1]


def test_no_answer_stands_in_the_sheet(adcli: Adcli) -> None:
    sheet = adcli("worksheet", "samples/sine_product.ad").out
    answers = json.loads(adcli("worksheet", "samples/sine_product.ad", "--key", "--format", "json").out)["questions"]
    for answer in answers:
        if answer["value"] not in (1, 2, 3, 6):  # which stand in the program, or are numbers of lines
            assert f"{answer['value']:.6g}" not in sheet
    assert sum(answer["part"] == "partial" for answer in answers) == 5
    assert sum(answer["part"] == "contribution" for answer in answers) == 5


def test_what_is_given_is_not_asked() -> None:
    asked = {one.asked for one in adcli.load("samples/linear_regression.ad").worksheet().questions}
    assert not {"X", "y", "w", "n", "d"} & asked
