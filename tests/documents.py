"""What stands in the Markdown files between fences."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import NamedTuple

from .conftest import Adcli

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


def rendered(adcli: Adcli, text: str) -> str:
    """The commands of a console block with what they give; `printf TEXT |` may stand in front of one."""
    commands = [line[2:] for line in text.splitlines() if line.startswith("$ ")]
    return "".join(f"$ {command}\n{_shown(adcli, command)}" for command in commands)


def _shown(adcli: Adcli, command: str) -> str:
    words = shlex.split(command)
    stdin = b""
    if words[0] == "printf":
        stdin = words[1].encode("latin-1").decode("unicode_escape").encode("latin-1")
        words = words[3:]
    assert words[0] == "adcli"
    result = adcli(*words[1:], columns=80, stdin=stdin)
    return result.err + result.out  # warnings come before the results


def check_consoles(path: Path, adcli: Adcli, update: bool) -> None:
    """Hold each console block of a document against what its commands give, or write it anew."""
    if update:
        text = path.read_text(encoding="utf-8")
        for block in reversed(blocks(path, "console")):
            text = text[: block.start] + rendered(adcli, block.text) + text[block.end :]
        path.write_text(text, encoding="utf-8")
    for block in blocks(path, "console"):
        assert block.text == rendered(adcli, block.text)
