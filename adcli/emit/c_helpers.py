"""The functions in C that emitted texts call: they stand in files, and each text has those that it needs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from adcli.emit.c_kernels import PREFIX
from adcli.resources import resource_text

_FOLDER = "emit/c"
_FILES = ("numbers.c", "arrays.c", "roots.c")  # none of which calls a function of a later one
_WORD = re.compile(rf"\b{PREFIX}\w+")
_HEAD = re.compile(rf"^static \w+ \*?({PREFIX}\w+)\(", re.MULTILINE)


@cache
def _helpers() -> dict[str, str]:
    """The definition of each, in the order of the files, in which none calls a later one."""
    found: dict[str, str] = {}
    for name in _FILES:
        for text in re.split(r"\n\n(?=/\*|static)", resource_text(_FOLDER, name)):
            head = _HEAD.search(text)
            if head is not None:
                found[head[1]] = text.strip("\n")
    return found


def helpers_of(texts: Iterable[str]) -> list[str]:
    """The definitions of what some texts call, and of what those call."""
    helpers = _helpers()
    needed = {word for text in texts for word in _WORD.findall(text) if word in helpers}
    todo = list(needed)
    while todo:
        for word in _WORD.findall(helpers[todo.pop()]):
            if word in helpers and word not in needed:
                needed.add(word)
                todo.append(word)
    return [text for name, text in helpers.items() if name in needed]
