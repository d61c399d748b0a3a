"""Pages in a real browser: nothing fails, nothing is fetched, and what the reader does has its effect."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ..conftest import SAMPLES
from .browser import COURSE, Page, started_browser

RIGHT, LEFT, HOME, END, ESCAPE, ENTER = "\ue014", "\ue012", "\ue011", "\ue010", "\ue00c", "\ue007"
WIDTHS = (390, 768, 1440)
PRODUCT = SAMPLES / "sine_product.ad"
HUBER = SAMPLES / "huber.ad"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    browser = started_browser()
    yield Page(browser, tmp_path_factory.mktemp("pages"))
    browser.quit()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["sine_product", "huber", "decay", "linear_regression"])
def test_a_page_opens_without_an_error_or_a_request(page: Page, name: str, width: int) -> None:
    page.open_program(SAMPLES / f"{name}.ad", width)
    for mode in ("forward", "reverse", "cost", "check"):
        page.mode(mode)
        assert page.text("#sentence")
        assert page.run("return document.documentElement.scrollWidth <= innerWidth"), mode
    assert not page.complaints()
    assert not page.requests()


def test_the_modes_follow_the_arrow_keys(page: Page) -> None:
    page.open_program(PRODUCT)
    page.press(RIGHT, "#tab-forward")
    assert page.run("return document.activeElement.id") == "tab-reverse"
    assert page.count("[role=tab][aria-selected=true]") == 1
    page.press(END)
    assert page.text("[role=tab][aria-selected=true]") == "Check"
    page.press(RIGHT)
    assert page.text("[role=tab][aria-selected=true]") == "Forward tape"


def test_arrows_step_through_the_sweep(page: Page) -> None:
    page.open_program(PRODUCT)
    page.mode("reverse")
    page.press(RIGHT, "#stage")
    assert page.text("#steps .at") == "+= 1 of 5"
    page.press(RIGHT + RIGHT)
    assert "bar_b * cos(a)" in page.text("#sentence")
    page.press(LEFT)
    assert page.text("#steps .at") == "+= 2 of 5"
    page.press(END)
    assert page.text("#steps .at") == "+= 5 of 5"
    page.press(HOME)
    assert page.text("#sentence").startswith("Seed.")


def test_each_mode_keeps_its_step(page: Page) -> None:
    page.open_program(PRODUCT)
    page.click("[data-act=back]")
    page.mode("reverse")
    page.click("[data-act=on]")
    page.mode("forward")
    assert page.text("#steps .at") == "entry 4 of 5"
    page.mode("reverse")
    assert page.text("#steps .at") == "+= 1 of 5"


def test_a_slider_records_another_tape(page: Page) -> None:
    page.open_program(HUBER)
    assert "fails" in page.text("#graph")
    page.move("r", 0.5)
    assert "holds" in page.text("#graph")
    assert "r^2" in page.text("#table")
    page.move("r", 0.6)
    assert "0.18" in page.text("#table")


def test_a_box_takes_constants_and_keeps_the_last_good_value(page: Page) -> None:
    page.open_program(PRODUCT)
    page.type("[data-box=x]", "pi/2")
    assert "1.5708" in page.text("#table")
    page.type("[data-box=x]", "two")
    assert "two is not a number" in page.text("#problem-x")
    assert "1.5708" in page.text("#table")
    page.open_program(HUBER)
    page.type("[data-box=r]", "7")
    assert "[-5, 5]" in page.text("#problem-r")


def _ask(page: Page, words: str) -> None:
    """Go to the question that has some words."""
    for place in range(page.count(".rings button")):
        page.click(f".rings button[data-question='{place}']")
        if words in page.text("#asked-here"):
            return
    raise AssertionError(f"no question has {words}")


def _answer(page: Page, text: str) -> None:
    page.type("#answer-here", text)
    page.click("[data-key='commit here']")


def test_a_wrong_answer_is_diagnosed_and_stays_covered(page: Page) -> None:
    page.open_program(PRODUCT)
    _ask(page, "What stands in bar_a")
    page.press(END, "#stage")
    assert "1.96017" not in page.text("#section")
    _answer(page, "1")
    assert "one more place" in page.text("#predict .reply")
    assert "1.96017" not in page.text("#section")
    _answer(page, "7")
    assert "no guess is made" in page.text("#predict .reply")
    _answer(page, "what?")
    assert "could not be read" in page.text("#predict .reply")
    _answer(page, "1 + cos(x*y)")
    assert page.text("#predict .reply").startswith("Right.")
    assert "1.96017" in page.text("#graph")
    assert page.count(".rings button[aria-label$='right with hints']") == 1
    page.browser.refresh()
    assert page.count(".rings button[aria-label$='right with hints']") == 1


def test_hints_and_the_answer(page: Page) -> None:
    page.open_program(PRODUCT)
    for number in (1, 2, 3):
        page.click("[data-ask=hint]")
        assert page.count("#predict .hints li") == number
    page.click("[data-ask=show]")
    assert page.text("#predict .reply").startswith("It is")
    assert page.count(".rings button[aria-label$='shown']") == 1
    page.click("[data-ask=again]")
    assert not page.count(".rings button[aria-label$='shown']")


def test_a_teacher_uncovers_everything(page: Page) -> None:
    page.open_program(PRODUCT)
    assert page.count("#section .chip")
    page.click("#uncover")
    assert not page.count("#section .chip")


def test_what_is_touched_lights_its_line_its_node_and_its_row(page: Page) -> None:
    page.open_program(PRODUCT)
    page.press(ENTER, "g.node[data-node='2']")
    assert page.text("li.linked .line") == "a = x * y"
    assert page.count("tr.linked") == 1
    assert page.run("return document.activeElement.dataset.node") == "2"
    page.press(RIGHT)
    assert page.run("return document.activeElement.dataset.node") in ("3", "4")
    page.press(ESCAPE)
    page.run("document.activeElement.blur()")
    assert not page.count("[aria-pressed=true][data-nodes]")


def test_a_run_that_fails_says_so_and_keeps_the_last_one(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "root.ad"
    path.write_text("input x = 2 in [-1, 4]\nrequire x >= 0\noutput y = sqrt(x)\n", encoding="utf-8")
    page.open_program(path)
    page.move("x", -0.5)
    assert "does not run here" in page.text("#failure")
    assert page.count(".is-stale") == 1
    assert "1.41421" in page.text("#table")
    page.move("x", 1)
    assert page.run("return document.querySelector('#failure').hidden")


def test_a_course_shows_one_section_at_a_time(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "course.md"
    path.write_text(COURSE, encoding="utf-8")
    page.open_course(path)
    assert page.count("#contents a") == 2
    page.type("#answer-0", "5")
    page.click("[data-key='commit 0']")
    assert "This is the sum." in page.text(".question .reply")
    page.type("#answer-0", "6")
    page.click("[data-key='commit 0']")
    assert page.text(".question .reply").startswith("Right.")
    page.run("document.querySelectorAll('#contents a')[1].click()")
    assert page.count("#graph") == 1
    page.browser.back()
    assert page.count(".prose") == 1
    assert not page.complaints()
