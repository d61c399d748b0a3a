"""Who uses a page with the keyboard, a screen reader, large letters or little contrast can use all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from adcli.resources import resource_text

from ..conftest import SAMPLES
from .browser import Page, started_browser

TAB, ENTER, SPACE, RIGHT, ESCAPE = "\ue004", "\ue007", " ", "\ue014", "\ue00c"
PRODUCT = SAMPLES / "sine_product.ad"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    browser = started_browser()
    yield Page(browser, tmp_path_factory.mktemp("pages"))
    browser.quit()


# Contrast (WCAG 2.2, success criteria 1.4.3 and 1.4.11)


def luminance(color: str) -> float:
    """Of a colour such as #12161c or #fff."""
    digits = color.removeprefix("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def tokens(selector: str) -> dict[str, str]:
    style = resource_text("page", "style.css")
    (block,) = re.findall(rf"^{re.escape(selector)} ?\{{(.*?)\}}", style, re.MULTILINE | re.DOTALL)
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6})\b", block))


TEXTS = [
    ("ink", "panel"), ("ink", "paper"), ("ink", "sunk"), ("ink", "link-bg"), ("soft", "panel"), ("soft", "paper"),
    ("soft", "sunk"), ("soft", "link-bg"), ("partial", "panel"), ("partial", "partial-bg"), ("adjoint", "panel"),
    ("on-adjoint", "adjoint"), ("link", "panel"), ("panel", "ink"),
]  # fmt: skip


@pytest.mark.parametrize("selector", [":root", ":root[data-theme=dark]"])
def test_colours_are_told_apart(selector: str) -> None:
    colors = tokens(":root") | tokens(selector)
    assert {pair: contrast(colors[pair[0]], colors[pair[1]]) for pair in TEXTS
            if contrast(colors[pair[0]], colors[pair[1]]) < 4.5} == {}  # fmt: skip
    assert contrast(colors["edge"], colors["panel"]) >= 3


# What a screen reader is told


def accessible(page: Page) -> list[dict[str, Any]]:
    """The nodes of the accessibility tree that are not ignored: role, name and properties."""
    page.browser.execute_cdp_cmd("Accessibility.enable", {})
    nodes = page.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    return [
        {"role": node["role"]["value"], "name": node.get("name", {}).get("value", ""), "level": _level(node)}
        for node in nodes
        if not node["ignored"]
    ]


def _level(node: dict[str, Any]) -> int:
    return next((entry["value"]["value"] for entry in node.get("properties", ()) if entry["name"] == "level"), 0)


CONTROLS = {"button", "link", "tab", "slider", "textbox", "radio", "combobox", "checkbox"}


@pytest.mark.parametrize("name", ["sine_product", "huber", "decay", "xor_network"])
@pytest.mark.parametrize("mode", ["forward", "reverse", "cost", "check"])
def test_all_that_can_be_used_has_a_name(page: Page, name: str, mode: str) -> None:
    page.open_program(SAMPLES / f"{name}.ad", 390)
    page.mode(mode)
    nodes = accessible(page)
    assert [node for node in nodes if node["role"] in CONTROLS and not node["name"].strip()] == []
    levels = [node["level"] for node in nodes if node["role"] == "heading"]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert {"main", "banner", "tablist", "tabpanel", "table"} <= {node["role"] for node in nodes}


def test_a_node_of_the_graph_says_all_of_its_entry(page: Page) -> None:
    page.open_program(PRODUCT)
    page.mode("reverse")
    page.click("[data-ask=show]")
    names = [node["name"] for node in accessible(page) if node["role"] == "button"]
    (own,) = [name for name in names if name.startswith("a = x * y")]
    for part in ("value 6", "by x 3", "by y 2", "read by b, L"):
        assert part in own
    groups = [node["name"] for node in accessible(page) if node["role"] == "group"]
    assert any(name.startswith("Computation graph: 5 nodes") for name in groups)


# The keyboard alone


def focused(page: Page) -> str:
    return str(page.run("return document.activeElement.tagName"))


def test_every_stop_of_the_tab_key_is_seen(page: Page) -> None:
    page.open_program(PRODUCT)
    page.mode("reverse")
    page.run("document.activeElement.blur()")
    seen = []
    for _ in range(80):
        page.press(TAB)
        if focused(page) == "BODY":
            break
        seen.append(page.run(
            "const e = document.activeElement, s = getComputedStyle(e), r = e.querySelector('.ring');"
            "return [e.dataset.key || e.id || e.tagName, s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0"
            " || !!r && getComputedStyle(r).stroke !== 'none' && getComputedStyle(r).stroke !== 'rgba(0, 0, 0, 0)']"
        ))  # fmt: skip
    assert len(seen) > 15
    assert [key for key, visible in seen if not visible] == []
    assert len({key for key, _ in seen}) == len(seen)  # it goes round, and stops nowhere twice


def test_a_question_is_answered_with_keys(page: Page) -> None:
    page.open_program(PRODUCT)
    page.press("cos(6)", "[data-key=answer], input[name^=answer]")
    page.press(ENTER)
    assert "Right" in page.text("#predict")
    assert focused(page) != "BODY"
    page.press(RIGHT, "[data-slider=x]")
    assert focused(page) == "INPUT"


def test_a_mark_in_the_graph_is_held_and_let_go(page: Page) -> None:
    page.open_program(PRODUCT)
    page.press(RIGHT, "#graph [tabindex='0']")
    assert page.run("return document.activeElement.getAttribute('aria-label')").startswith("a = x * y")
    page.press(ENTER)
    assert page.count("#graph [aria-pressed=true]") == 1
    page.press(ESCAPE)
    assert page.count("#graph [aria-pressed=true]") == 0


# Motion, size, touch


def test_nothing_moves_where_motion_is_not_wanted(page: Page) -> None:
    page.open_program(PRODUCT)
    page.mode("reverse")
    page.press(RIGHT, "#stage")
    assert page.run("return document.getAnimations().length") == 0


@pytest.mark.parametrize("name", ["sine_product", "decay", "xor_network"])
def test_large_letters_have_room(page: Page, name: str) -> None:
    page.open_program(SAMPLES / f"{name}.ad")
    page.run("document.documentElement.style.fontSize = '200%'; dispatchEvent(new Event('resize'))")
    for mode in ("forward", "reverse", "cost", "check"):
        page.mode(mode)
        assert page.run("return document.documentElement.scrollWidth <= innerWidth"), mode


def test_what_is_touched_is_large_enough(page: Page) -> None:
    page.open_program(PRODUCT, 390)
    small = page.run(
        "return [...document.querySelectorAll('button, input, select, a[href]')].filter((e) => e.offsetParent)"
        ".map((e) => [e.dataset.key || e.id || e.textContent, e.getBoundingClientRect()])"
        ".filter(([, r]) => r.width < 43.5 || r.height < 43.5).map(([key, r]) => `${key} ${r.width} x ${r.height}`)"
    )
    assert small == []
