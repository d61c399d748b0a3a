"""Pages for everyone: by keyboard alone, in the words of a screen reader, in both colours, at rest, large, by touch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ..conftest import SAMPLES
from .browser import COURSE, Page, started_browser

pytestmark = pytest.mark.slow

TAB, ENTER, ESCAPE, SPACE = "\ue004", "\ue007", "\ue00c", " "
LEFT, UP, RIGHT, DOWN = "\ue012", "\ue013", "\ue014", "\ue015"
MODES = ("forward", "reverse", "cost", "check")
NAMES = ("sine_product", "huber", "decay", "linear_regression")
INTERACTIVE = {"button", "link", "slider", "textbox", "radio", "tab", "combobox", "checkbox"}
PAIRS = 4.5  # of a text to what is behind it
LARGE_PAIRS = 3.0  # of a large text, and of lines that tell something
TARGET = 44  # px

# Where the focus is, and whether that is seen: an outline, or in the graph a ring that is drawn.
_FOCUS = """
const found = document.activeElement;
const style = getComputedStyle(found);
const ring = found.querySelector(':scope > .ring');
const box = found.getBoundingClientRect();
return {
  tag: found.tagName.toLowerCase(), id: found.id, key: found.dataset.key ?? '', data: {...found.dataset},
  seen: ring ? getComputedStyle(ring).stroke !== 'rgba(0, 0, 0, 0)' && found.matches(':focus-visible')
    : style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1,
  onScreen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
};
"""

# Each text that is seen, with the ratio of its colour to the colour behind it (WCAG 2.2, relative luminance).
_CONTRASTS = r"""
const context = Object.assign(document.createElement('canvas'), { width: 1, height: 1 })
  .getContext('2d', { willReadFrequently: true });
const parsed = (text) => {
  context.clearRect(0, 0, 1, 1);
  context.fillStyle = text;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
};
const over = (top, below, alpha = top[3]) => [0, 1, 2].map((i) => top[i] * alpha + below[i] * (1 - alpha)).concat(1);
const light = (colour) => {
  const [r, g, b] = colour.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ratio = (a, b) => {
  const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};
const paper = parsed(getComputedStyle(document.body).backgroundColor);
const behind = (element) => {
  const chain = [];
  for (let at = element; at && at !== document.documentElement; at = at.parentElement) chain.unshift(at);
  return chain.reduce((below, at) => over(parsed(getComputedStyle(at).backgroundColor), below), paper);
};
const opacity = (element) => {
  let product = 1;
  for (let at = element; at; at = at.parentElement) product *= parseFloat(getComputedStyle(at).opacity);
  return product;
};
// In a picture the last shape of the same group whose box holds the middle of the text, else the halo, else the panel.
const shapeBehind = (text, below) => {
  const box = text.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  let colour = below;
  for (const shape of text.closest('g')?.querySelectorAll(':scope > rect, :scope > path, :scope > polygon') ?? []) {
    const { fill } = getComputedStyle(shape);
    const at = shape.getBoundingClientRect();
    if (fill !== 'none' && at.left <= x && x <= at.right && at.top <= y && y <= at.bottom) {
      colour = over(parsed(fill), colour);
    }
  }
  return colour;
};
const found = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  const element = node.parentElement;
  if (!node.data.trim() || element.closest('script,style,title,noscript,.unseen,[hidden],#skip,option,desc')) continue;
  if (!element.checkVisibility({ visibilityProperty: true })) continue;
  const style = getComputedStyle(element);
  const text = element.closest('svg text');
  let colour = parsed(text ? style.fill : style.color);
  let below = behind(element);
  if (text) below = shapeBehind(text, below);
  const faint = opacity(element);
  colour = over(colour, below, colour[3] * faint);
  const size = parseFloat(style.fontSize);
  const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  const idle = Boolean(element.closest('[aria-disabled=true],:disabled,.later,.is-stale'));
  found.push({ text: node.data.trim().slice(0, 40), where: `${element.tagName} ${element.getAttribute('class') ?? ''}`,
    ratio: ratio(colour, below), least: isLarge ? 3 : 4.5, idle });
}
const lines = [];
for (const element of document.querySelectorAll('input[type=text],select,.tile.sent,.node .box,.node .block,.edge path,'
  + '.label .lozenge,.reply,.registers rect')) {
  if (!element.checkVisibility() || element.closest('.later')) continue;
  const style = getComputedStyle(element);
  const isShape = element instanceof SVGElement;
  const isFilled = isShape && element.matches('.block,.registers rect');
  const colour = isFilled && style.stroke === 'none' ? style.fill : isShape ? style.stroke : style.borderLeftColor;
  const below = behind(element.closest('svg')?.parentElement ?? element.parentElement);
  lines.push({ text: '', where: `${element.tagName} ${element.getAttribute('class') ?? ''}`,
    ratio: ratio(over(parsed(colour), below, parsed(colour)[3] * opacity(element)), below), least: 3, idle: false });
}
return [...found, ...lines];
"""

_TARGETS = """
return [...document.querySelectorAll('button,input,select,a.btn,label:has(input[type=radio]),.contents a')]
  .filter((one) => one.checkVisibility() && !one.closest('.unseen') && one.type !== 'radio')
  .map((one) => ({ box: one.getBoundingClientRect(), one }))
  .filter(({ box }) => box.width < arguments[0] - 0.5 || box.height < arguments[0] - 0.5)
  .map(({ box, one }) => `${one.dataset.key ?? one.id}: ${box.width.toFixed(1)} x ${box.height.toFixed(1)}`);
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    browser = started_browser()
    yield Page(browser, tmp_path_factory.mktemp("pages"))
    browser.quit()


def _focus(page: Page) -> dict[str, Any]:
    """Where the focus is, which is somewhere, and seen."""
    found: dict[str, Any] = page.run(_FOCUS)
    assert found["tag"] not in ("body", "html"), "the focus is lost"
    assert found["seen"], f"the focus is not seen: {found}"
    return found


def _press(page: Page, key: str, times: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(times):
        page.browser.switch_to.active_element.send_keys(key)
        found = _focus(page)
    return found


def _tab_to(page: Page, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Press Tab until the focus is where it is wanted; it is seen, and on the screen, on all the way there."""
    for _ in range(80):
        found = _press(page, TAB)
        assert found["onScreen"], found
        if holds(found):
            return found
    raise AssertionError("Tab does not reach it")


def _to_key(page: Page, key: str) -> dict[str, Any]:
    return _tab_to(page, lambda found: found["key"] == key)


# By keyboard alone


def test_the_first_stop_skips_to_the_graph(page: Page) -> None:
    page.open_program(SAMPLES / "sine_product.ad")
    page.browser.find_element("css selector", "body").send_keys(TAB)
    assert _focus(page)["id"] == "skip"
    assert page.run("return document.activeElement.getBoundingClientRect().top >= 0")
    _press(page, ENTER)
    assert page.run("return document.activeElement.id") == "stage"
    _press(page, RIGHT)  # stays, at the end of the tape
    _press(page, LEFT)
    assert page.text("#steps .at") == "entry 4 of 5"


def test_sliders_modes_and_steps_by_keys(page: Page) -> None:
    page.open_program(SAMPLES / "sine_product.ad")
    page.browser.find_element("css selector", "body").send_keys(TAB)
    _tab_to(page, lambda found: found["data"].get("slider") == "x")
    before = page.run("return document.querySelector('[data-box=x]').value")
    _press(page, RIGHT, 3)
    assert page.run("return document.activeElement.dataset.slider") == "x"
    assert page.run("return document.querySelector('[data-box=x]').value") != before
    _tab_to(page, lambda found: found["data"].get("mode") == "forward")
    assert _press(page, RIGHT)["id"] == "tab-reverse"
    _tab_to(page, lambda found: found["data"].get("act") == "on")
    for step in range(1, 6):
        assert _press(page, ENTER)["data"]["act"] == "on"
        assert page.text("#steps .at") == f"+= {step} of 5"
    _press(page, ENTER)  # at the end, where nothing more happens
    assert page.text("#steps .at") == "+= 5 of 5"
    _press(page, LEFT)
    assert page.text("#steps .at") == "+= 4 of 5"


@pytest.mark.parametrize(("width", "along", "against"), [(1440, RIGHT, LEFT), (390, DOWN, UP)])
def test_arrows_walk_in_the_graph_and_enter_holds(page: Page, width: int, along: str, against: str) -> None:
    page.open_program(SAMPLES / "sine_product.ad", width)
    page.browser.find_element("css selector", "body").send_keys(TAB)
    assert _tab_to(page, lambda found: "node" in found["data"])["data"]["node"] == "0"
    edges = page.run("return document.querySelectorAll('#graph .edge').length")
    walked = ["0"]
    for _ in range(edges):
        node = _press(page, along)["data"]["node"]
        if node == walked[-1]:
            break
        walked.append(node)
    assert walked[-1] == "4"
    assert len(walked) >= 3
    assert _press(page, against)["data"]["node"] != "4"
    node = _press(page, ENTER)["data"]["node"]
    assert page.run("return document.activeElement.getAttribute('aria-pressed')") == "true"
    assert _press(page, ESCAPE)["data"]["node"] == node
    assert not page.count("[data-nodes][aria-pressed=true]")
    _press(page, SPACE)
    assert _press(page, SPACE)["data"]["node"] == node
    assert not page.count("[data-nodes][aria-pressed=true]")


def test_a_line_of_the_program_is_held_and_let_go(page: Page) -> None:
    page.open_program(SAMPLES / "sine_product.ad")
    page.browser.find_element("css selector", "body").send_keys(TAB)
    key = _tab_to(page, lambda found: "line" in found["data"])["key"]
    assert _press(page, ENTER)["key"] == key
    assert page.count("[data-line][aria-pressed=true]") == 1
    assert _press(page, ESCAPE)["key"] == key
    assert not page.count("[data-line][aria-pressed=true]")


def test_questions_by_keys(page: Page) -> None:
    page.open_program(SAMPLES / "sine_product.ad")
    page.browser.find_element("css selector", "body").send_keys(TAB)
    _to_key(page, "answer here")
    for key in "12345":
        _press(page, key)
    assert _press(page, ENTER)["key"] == "answer here"
    assert page.text("#predict .reply")
    _to_key(page, "hint here")
    for number in (1, 2, 3):
        assert _press(page, ENTER)["key"] == "hint here"
        assert page.count("#predict .hints li") == number
    _press(page, ENTER)  # no hint is left
    _to_key(page, "show here")
    _press(page, ENTER)
    assert page.text("#predict .reply").startswith("It is")
    assert page.run("return document.querySelector('#predict').contains(document.activeElement)")


def test_all_stops_of_a_page_have_a_place_and_come_in_the_order_of_the_page(page: Page) -> None:
    for width in (390, 1440):
        page.open_program(SAMPLES / "huber.ad", width)
        page.browser.find_element("css selector", "body").send_keys(TAB)
        keys = [_focus(page)["key"]]
        while page.run("return document.activeElement.id !== arguments[0]", "skip") or len(keys) == 1:
            page.browser.switch_to.active_element.send_keys(TAB)
            if page.run("return document.activeElement === document.body"):  # behind the last one
                break
            found = _focus(page)
            assert found["onScreen"], found
            keys.append(found["key"])
            assert len(keys) < 80
        assert len(keys) > 25
        assert page.run(
            "const all = [...document.querySelectorAll('[data-key]')].map((one) => one.dataset.key);"
            "const at = arguments[0].filter(Boolean).map((key) => all.indexOf(key));"
            "return at.every((place, number) => number === 0 || place > at[number - 1])", keys,
        )  # fmt: skip


# What a screen reader has


def _tree(page: Page) -> list[dict[str, Any]]:
    """The nodes of the accessibility tree that are not left out, each with its role, its name and its properties."""
    nodes = page.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    return [
        {
            "role": node.get("role", {}).get("value", ""),
            "name": node.get("name", {}).get("value", "").strip(),
            **{one["name"]: one["value"].get("value") for one in node.get("properties", [])},
        }
        for node in nodes
        if not node.get("ignored")
    ]


def _of(tree: list[dict[str, Any]], *roles: str) -> list[dict[str, Any]]:
    return [node for node in tree if node["role"] in roles]


@pytest.mark.parametrize("name", NAMES)
def test_all_that_can_be_used_has_a_name(page: Page, name: str) -> None:
    page.open_program(SAMPLES / f"{name}.ad")
    for mode in MODES:
        page.mode(mode)
        tree = _tree(page)
        assert len(_of(tree, *INTERACTIVE)) > 15
        assert not [node for node in _of(tree, *INTERACTIVE, "heading", "img", "image") if not node["name"]], mode
        images = [node for node in _of(tree, "img", "image") if len(node["name"]) > 30]
        assert len(images) == (mode in ("cost", "check"))


def test_headings_and_landmarks(page: Page) -> None:
    page.open_program(SAMPLES / "huber.ad")
    tree = _tree(page)
    levels = [int(node["level"]) for node in _of(tree, "heading")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    titles = [node["name"] for node in _of(tree, "heading")][1:]
    assert titles == ["Program", "Inputs", "Predict, then see", "Sum over paths", "Tape"]
    assert len(_of(tree, "main")) == len(_of(tree, "banner")) == 1
    assert {"Program", "Inputs"} <= {node["name"] for node in _of(tree, "region")}
    assert [node["name"] for node in _of(tree, "tabpanel")] == ["Forward tape"]
    assert [node["name"] for node in _of(tree, "tablist")] == ["Modes"]


def test_a_node_of_the_graph_is_a_button_that_says_all(page: Page) -> None:
    page.open_program(SAMPLES / "sine_product.ad")
    page.click("#uncover")
    page.mode("reverse")
    page.press("\ue010", "#stage")
    tree = _tree(page)
    groups = [node["name"] for node in _of(tree, "group") if node["name"].startswith("Computation graph")]
    assert groups == [
        "Computation graph: 5 nodes, inputs at the left, outputs at the right. Arrow keys walk along the edges."
    ]
    names = [node["name"] for node in _of(tree, "button")]
    assert ("a = x * y; value 6; partials by x 3, by y 2; read by b, L; adjoint 1.96017; kept for the sweep") in names


def test_what_is_covered_is_not_told_either(page: Page) -> None:
    page.open_program(SAMPLES / "sine_product.ad")
    page.mode("reverse")
    page.press("\ue010", "#stage")
    for place in range(page.count(".rings button")):
        page.click(f".rings button[data-question='{place}']")
        if "What stands in bar_a" in page.text("#asked-here"):
            break
    names = " ".join(node["name"] for node in _tree(page))
    assert "adjoint covered" in names
    assert "1.96017" not in names


def test_two_regions_speak_and_politely(page: Page) -> None:
    page.open_program(SAMPLES / "sine_product.ad")
    regions = page.run(
        "return [...document.querySelectorAll('[aria-live],[role=status],[role=log]')]"
        ".map((one) => [one.id, one.getAttribute('aria-live')])"
    )
    assert sorted(regions) == [["announced", "polite"], ["sentence", "polite"]]
    page.click("[data-ask=hint]")
    assert page.text("#predict .hints li") == f"Hint 1 of 3{page.text('#announced')}"


@pytest.mark.parametrize("mode", MODES)
def test_tables_stay_tables_on_a_phone(page: Page, mode: str) -> None:
    page.open_program(SAMPLES / "sine_product.ad", 390)
    page.mode(mode)
    tree = _tree(page)
    assert len(_of(tree, "table")) == 1
    assert len(_of(tree, "columnheader")) >= 5
    assert len(_of(tree, "row")) >= 3
    assert len(_of(tree, "cell")) >= 10


# Colours


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("name", ["sine_product", "huber", "linear_regression"])
def test_texts_and_lines_stand_out(page: Page, name: str, colours: str) -> None:
    page.open_program(SAMPLES / f"{name}.ad")
    if page.run("return document.documentElement.dataset.theme") != colours:
        page.click("#colours")
    faint: set[str] = set()
    for mode in MODES:
        page.mode(mode)
        if mode == "reverse":
            page.press(RIGHT * 3, "#stage")
            page.click("g.node[data-node='1']")
            page.click("[data-ask=hint]")
            page.click("[data-ask=show]")
        shown = page.run(_CONTRASTS)
        assert len(shown) > 60
        faint |= {
            f"{mode}: {one['where']} “{one['text']}” {one['ratio']:.2f}"
            for one in shown
            if one["ratio"] < one["least"] and not one["idle"]
        }
    assert not faint, "\n".join(sorted(faint))


# At rest, large, and by touch


def _set_motion(page: Page, value: str) -> None:
    features = [{"name": "prefers-reduced-motion", "value": value}]
    page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


_STEP_AND_LOOK = """
document.querySelector('[data-act=on]').click();
requestAnimationFrame(() => requestAnimationFrame(() => arguments[0](
  [document.getAnimations().length, document.querySelectorAll('#flight *').length])));
"""


def test_nothing_moves_for_who_wants_rest(page: Page) -> None:
    try:
        for value in ("no-preference", "reduce"):
            _set_motion(page, value)
            page.open_program(SAMPLES / "sine_product.ad")
            page.mode("reverse")
            moving = []
            for _ in range(4):
                moving.append(page.browser.execute_async_script(_STEP_AND_LOOK))
            assert any(any(one) for one in moving) == (value == "no-preference"), moving
            page.open_program(SAMPLES / "huber.ad")
            page.move("r", 0.5)
            assert bool(page.run("return document.getAnimations().length")) == (value == "no-preference")
    finally:
        _set_motion(page, "")


@pytest.mark.parametrize("name", NAMES)
def test_targets_on_a_phone_are_large_enough_for_a_finger(page: Page, name: str) -> None:
    page.open_program(SAMPLES / f"{name}.ad", 390)
    small: list[str] = []
    for mode in MODES:
        page.mode(mode)
        small += page.run(_TARGETS, TARGET)
    assert not small, sorted(set(small))


_SPILT = """
const wide = [...document.querySelectorAll('.panel')].filter((one) => one.scrollWidth > one.clientWidth + 1)
  .map((one) => one.getAttribute('aria-labelledby') ?? one.id);
return document.documentElement.scrollWidth > innerWidth ? ['page', ...wide] : wide;
"""


@pytest.mark.parametrize("name", NAMES)
def test_letters_made_twice_as_large_do_not_make_the_page_scroll_sideways(page: Page, name: str) -> None:
    page.open_program(SAMPLES / f"{name}.ad")
    page.run("document.documentElement.style.fontSize = '200%'; dispatchEvent(new Event('resize'))")
    for mode in MODES:
        page.mode(mode)
        assert "page" not in page.run(_SPILT), mode


def test_a_reader_of_large_letters_has_the_layout_of_a_narrower_page(tmp_path: Path) -> None:
    browser = started_browser(letters=32)
    try:
        page = Page(browser, tmp_path)
        for name in NAMES:
            page.open_program(SAMPLES / f"{name}.ad")
            assert page.run("return getComputedStyle(document.body).fontSize") == "32px"
            for mode in MODES:
                page.mode(mode)
                assert not page.run(_SPILT), (name, mode)
    finally:
        browser.quit()


def test_a_course_has_names_and_an_order_too(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "course.md"
    path.write_text(COURSE, encoding="utf-8")
    page.open_course(path, 390)
    tree = _tree(page)
    assert not [node for node in _of(tree, *INTERACTIVE) if not node["name"]]
    assert len({node["name"] for node in _of(tree, "navigation")}) == 3
    assert not page.run(_TARGETS, TARGET)
    page.browser.find_element("css selector", "body").send_keys(TAB)
    _to_key(page, "answer 0")
    _press(page, "6")
    _press(page, ENTER)
    assert page.text(".question .reply").startswith("Right.")
