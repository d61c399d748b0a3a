"""The page as one file: style, script and data put into a template, with nothing left to be fetched."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from adcli.page.bundle import script_text, shortened
from adcli.resources import resource_text

_PLACE = re.compile(r"\{\{(\w+)\}\}")


def page_text(title: str, sections: Sequence[dict[str, Any]], words: Mapping[str, str]) -> str:
    """A page of some sections, each a program or a text; the words are the sentences of its questions."""
    numbered = [{"id": f"s{number}", **section} for number, section in enumerate(sections, 1)]
    parts = {
        "title": html.escape(title),
        "style": shortened(resource_text("page", "style.css")),
        "data": data_text({"title": title, "sections": numbered, "words": dict(words)}),
        "script": script_text(_functions(sections)),
    }
    return _PLACE.sub(lambda place: parts[place[1]], resource_text("page", "page.html"))


def data_text(data: Any) -> str:
    """Data as JSON that may stand in an element of a page."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def _functions(sections: Sequence[dict[str, Any]]) -> dict[str, set[str]]:
    """What the programs compute with: functions of numbers, and kernels of arrays."""
    functions: dict[str, set[str]] = {"NUMBERS": set(), "KERNELS": set()}
    for section in sections:
        for key, rule in section["program"]["rules"].items() if section["kind"] == "program" else ():
            functions["KERNELS" if "kernel" in rule else "NUMBERS"].add(rule.get("kernel", key))
    return functions
