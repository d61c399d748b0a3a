"""What stands in the Markdown files between fences."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    info: str
    text: str
    start: int  # offsets of the text in the document
    end: int


def blocks(path: Path, language: str) -> list[Block]:
    """The fenced blocks of a language; what stands behind the language is the block's `info`."""
    found = []
    for match in _FENCE.finditer(path.read_text(encoding="utf-8")):
        name, _, info = match[1].partition(" ")
        if name == language:
            found.append(Block(info, match[2], match.start(2), match.end(2)))
    return found
