"""A page in a real browser."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from adcli.page.options import PageOptions, course_page
from adcli.program.check import program_from
from adcli.run import Start
from adcli.syntax.source import read_source

COURSE = """# Course

A text.

```question
ask: 2 times 3?
answer: 6
hint: twice
wrong 5: This is the sum.
```

## Program

```ad
input x = 2
output y = x^2
```
"""
_FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-prefers-reduced-motion")


def started_browser(letters: int | None = None) -> Any:
    """Chromium, driven by Selenium, with letters of a size; the test is skipped where either is missing."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="pages are tested by Selenium (pip install selenium)")
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if browser is None or driver is None:
        pytest.skip("pages are tested in Chromium, which is not here (apt install chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in _FLAGS:
        options.add_argument(flag)
    if letters is not None:
        options.add_experimental_option("prefs", {"webkit.webprefs.default_font_size": letters})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))


class Page:
    """A page that is open in a browser."""

    def __init__(self, browser: Any, folder: Path) -> None:
        self.browser = browser
        self._folder = folder

    def open_program(self, path: Path, width: int = 1440) -> Page:
        """Write the page of a program, and open it."""
        start = Start(program_from(read_source(str(path))), {})
        return self._open(PageOptions().answer(start), width)

    def open_course(self, path: Path, width: int = 1440) -> Page:
        """Write the page of a course, and open it."""
        return self._open(course_page(str(path)), width)

    def _open(self, text: str, width: int) -> Page:
        file = self._folder / "page.html"
        file.write_text(text, encoding="utf-8")
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.browser.get_log("browser")
        self.browser.get("about:blank")
        self.browser.get(file.as_uri())
        self.run("localStorage.clear()")
        self.browser.refresh()
        return self

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script returns."""
        return self.browser.execute_script(script, *arguments)

    def text(self, selector: str) -> str:
        """The text of an element."""
        return str(self.run("return document.querySelector(arguments[0]).textContent", selector))

    def count(self, selector: str) -> int:
        """How many elements there are."""
        return int(self.run("return document.querySelectorAll(arguments[0]).length", selector))

    def click(self, selector: str) -> None:
        """Click an element, wherever it stands."""
        script = "arguments[0].dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))"
        self.run(script, self.browser.find_element("css selector", selector))

    def press(self, keys: str, selector: str | None = None) -> None:
        """Press keys where the focus is, or on an element."""
        if selector is not None:
            self.run("document.querySelector(arguments[0]).focus()", selector)
        self.browser.switch_to.active_element.send_keys(keys)

    def move(self, name: str, number: float) -> None:
        """Move the slider of an input."""
        script = (
            "const slider = document.querySelector(`[data-slider='${arguments[0]}']`); slider.value = arguments[1];"
            "slider.dispatchEvent(new Event('input', {bubbles: true}))"
        )
        self.run(script, name, number)

    def type(self, selector: str, text: str) -> None:
        """Type a text into a box, in place of what is there."""
        script = (
            "const box = document.querySelector(arguments[0]); box.focus(); box.value = arguments[1];"
            "box.dispatchEvent(new Event('input', {bubbles: true}))"
        )
        self.run(script, selector, text)

    def mode(self, name: str) -> None:
        """Choose a mode."""
        self.click(f"#tab-{name}")

    def complaints(self) -> list[str]:
        """What the browser complained of."""
        return [entry["message"] for entry in self.browser.get_log("browser")]

    def requests(self) -> list[str]:
        """What was asked of any place."""
        return list(self.run("return performance.getEntriesByType('resource').map(({name}) => name)"))
