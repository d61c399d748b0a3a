"""The page of every sample in a real browser: opened, used in each mode, moved to the ends of its sliders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import adcli
from adcli.report.cells import number_text

from ..conftest import PAGE_SAMPLES, SAMPLES, sample_name
from .browser import Page, started_browser

WIDTHS = (390, 768, 1440)
END, HOME = "\ue010", "\ue011"
_NO_TEXT = ("undefined", "[object", "NaN:", "null")  # what a page says where something was forgotten


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    browser = started_browser()
    yield Page(browser, tmp_path_factory.mktemp("pages"))
    browser.quit()


def assert_sound(page: Page, what: object) -> None:
    assert not page.complaints(), what
    assert not page.requests(), what
    assert page.run("return document.documentElement.scrollWidth <= innerWidth"), what
    text = page.run("return document.querySelector('main').innerText")
    assert not [word for word in _NO_TEXT if word in text], what


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGE_SAMPLES, ids=sample_name)
def test_the_page_of_a_sample(page: Page, path: Path) -> None:
    page.open_program(path, WIDTHS[PAGE_SAMPLES.index(path) % len(WIDTHS)])
    program = adcli.load(path)
    evaluation = program.evaluate()
    first = program.program.outputs[0]
    value = evaluation.outputs[first]
    if isinstance(value, float):
        assert number_text(value, 6) in page.text("#table"), first
    for mode in ("forward", "reverse", "cost", "check"):
        page.mode(mode)
        if mode in ("forward", "reverse"):
            page.press(HOME, "#stage")
            page.press(END)
        assert_sound(page, mode)
    page.mode("reverse")
    for place, variable in enumerate(program.program.inputs):
        for end in ("min", "max") if place == 0 else ("max",):
            slider = f"[data-slider='{variable.name}']"
            page.move(variable.name, page.run(f'return document.querySelector("{slider}").{end}'))
            assert_sound(page, (variable.name, end))


def test_another_branch_is_another_tape(page: Page) -> None:
    page.open_program(SAMPLES / "huber.ad")
    assert "r^2" not in page.text("#table")
    page.move("r", 0.5)
    assert "r^2" in page.text("#table")
    assert "holds" in page.text("#table")


def test_a_loop_runs_as_often_as_it_has_to(page: Page) -> None:
    page.open_program(SAMPLES / "heron.ad")
    before = page.text("#stage")
    page.move("a", 100)
    after = page.text("#stage")
    assert "38 entries" in before
    entries = len(adcli.load(SAMPLES / "heron.ad").at({"a": 100}).run.tape)
    assert f"{entries} entries" in after
