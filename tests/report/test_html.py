"""Tables in HTML: a page that is whole, escaped, and good to read in the light and in the dark."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from adcli.report.cells import Table, named, number, prose
from adcli.report.html import to_html, to_page
from adcli.report.style import PAGE

from ..conftest import ALL_SAMPLES, Adcli, mostly_slow, sample_name

VOID = {"meta", "br"}


class Balance(HTMLParser):
    """Which elements are open, what was read, and what each cell is."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.widths: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.widths.append(0)
        if tag in ("td", "th"):
            self.widths[-1] += int(dict(attrs).get("colspan") or 1)
        assert tag not in ("script", "link", "img", "iframe")
        assert tag != "th" or dict(attrs)["scope"] in ("col", "colgroup")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(page: str) -> Balance:
    parser = Balance()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


@pytest.mark.parametrize("command", ["grad", "sweep", "tape"])
@pytest.mark.parametrize("sample", mostly_slow(ALL_SAMPLES, every=6), ids=sample_name)
def test_pages_are_whole(adcli: Adcli, sample: Path, command: str) -> None:
    page = adcli(command, str(sample), "--format", "html").out
    assert page.startswith('<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n')
    assert "viewport" in page and "http" not in page and "url(" not in page
    read(page)
    for table in re.findall(r"<table>.*?</table>", page, re.DOTALL):
        assert len(set(read(table).widths)) == 1


def test_texts_are_escaped() -> None:
    text = "<b>&\"'</b>"
    table = Table(text, (named(text), prose("=")), ((text, (text, text)), (text, None)), text, headings=frozenset([1]))
    for page in (to_page(text, [table], 6, [text]), to_html([table], 6, [text])):
        assert "<b>" not in page
        assert read(page).texts.count(text) >= 7


def test_a_warning_stands_in_the_page_and_on_standard_error(adcli: Adcli) -> None:
    result = adcli("grad", "samples/kinks/absolute.ad", "--format", "html")
    assert '<p class="note" role="note">warning: `abs(x)` is at a kink' in result.out
    assert "is at a kink" in result.err


def test_a_picture_is_set_as_it_is() -> None:
    table = Table("growth", (number("x"),), (("a  b <",), ("  c",)), picture=True)
    assert "<pre>a  b &lt;\n  c</pre>" in to_page("t", [table])


def luminance(color: str) -> float:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_texts_stand_out_from_what_is_behind_them(scheme: int) -> None:
    """A contrast of 4.5 to 1, as WCAG 2.1 asks for at level AA (success criterion 1.4.3)."""
    colors = dict(re.findall(r"--(\w+): (#\w+)", re.findall(r":root \{[^}]*--back[^}]*\}", PAGE)[scheme]))
    for behind in ("back", "mark"):
        for text in ("text", "soft", "head", "good", "doubt", "bad"):
            one, other = sorted((luminance(colors[behind]), luminance(colors[text])))
            assert (other + 0.05) / (one + 0.05) >= 4.5, (behind, text)
