"""The page as one file: style, script and data put into a template, with nothing left to be fetched."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from adcli.resources import resource_text

_START = "main.mjs"  # the script from which all others are reached
_IMPORT = re.compile(r"^import \{[^}]*\} from '([^']+)';\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?function|class|const)", re.MULTILINE)
_BLOCK_COMMENT = re.compile(r"^ */\*.*?\*/$", re.MULTILINE | re.DOTALL)
_END_COMMENT = re.compile(r"(?<=[;,{(\[)]) // [^'\"`/]*$")
_TEXTUAL = re.compile(r"['\"`/]")  # what has a text or a pattern in it, where each space may matter
_SPACED = re.compile(r" ?(=>|===|!==|&&|\|\||\?\?|[=,;{}():?]) ?")
_PLACE = re.compile(r"\{\{(\w+)\}\}")


def page_text(title: str, sections: Sequence[dict[str, Any]], words: Mapping[str, str]) -> str:
    """A page of some sections, each a program or a text."""
    parts = {
        "title": html.escape(title),
        "style": resource_text("page", "style.css"),
        "data": data_text({"title": title, "sections": list(sections), "words": dict(words)}),
        "script": script_text(),
    }
    return _PLACE.sub(lambda place: parts[place[1]], resource_text("page", "page.html"))


def data_text(data: Any) -> str:
    """Data as JSON that may stand in an element of a page; of numbers without a notation there, texts."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


@cache
def script_text() -> str:
    """All modules as one script, each behind those that it imports: their names are told apart (see the tests)."""
    texts = [_EXPORT.sub("", _IMPORT.sub("", text)) for text in modules().values()]
    return _bare("\n".join(texts)).replace("</script", "<\\/script")


def _bare(script: str) -> str:
    """A script without its comments, its indents and most of its spaces: a page is no larger than it has to be."""
    lines = (_END_COMMENT.sub("", line.strip()) for line in _BLOCK_COMMENT.sub("", script).split("\n"))
    kept = (line for line in lines if line and not line.startswith("//"))
    return "\n".join(line if _TEXTUAL.search(line) else _SPACED.sub(r"\1", line) for line in kept)


def modules() -> dict[str, str]:
    """The modules of the script by their paths, each behind those that it imports."""
    done: dict[str, str] = {}
    todo = [(_START, False)]
    while todo:
        path, is_ready = todo.pop()
        if path in done:
            continue
        text = resource_text("page", f"script/{path}")
        if is_ready:
            done[path] = text
        else:
            todo.append((path, True))
            todo += [(other, False) for other in reversed([*_imported(path, text)]) if other not in done]
    return done


def _imported(path: str, text: str) -> Iterator[str]:
    """The paths of the modules that one imports."""
    for other in _IMPORT.findall(text):
        parts = path.split("/")[:-1]
        for part in other.split("/"):
            if part == "..":
                parts.pop()
            elif part != ".":
                parts.append(part)
        yield "/".join(parts)
