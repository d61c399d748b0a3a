"""What stands in the Markdown files: their fenced blocks, headings and links."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import NamedTuple

from .conftest import ROOT, Adcli

_FOLDERS = ("adcli", "grammar", "samples", "tests")
DOCUMENTS = [ROOT / "README.md", *sorted(path for folder in _FOLDERS for path in (ROOT / folder).rglob("*.md"))]
_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


class Block(NamedTuple):
    info: str
    text: str
    start: int  # offsets of the text in the document
    end: int


def document_name(path: Path) -> str:
    """`grammar/README.md`: the path in the checkout."""
    return path.relative_to(ROOT).as_posix()


def blocks(path: Path, language: str) -> list[Block]:
    """The fenced blocks of a language; what stands behind the language is the block's `info`."""
    of_language = []
    for match in _FENCE.finditer(path.read_text(encoding="utf-8")):
        name, _, info = match[1].partition(" ")
        if name == language:
            of_language.append(Block(info, match[2], match.start(2), match.end(2)))
    return of_language


def prose(path: Path) -> str:
    """A document without its fenced blocks."""
    return _FENCE.sub("", path.read_text(encoding="utf-8"))


def links(path: Path) -> list[str]:
    """Where the links of a document lead: `FILE#ANCHOR`, either of which may be empty, or an address elsewhere."""
    return _LINK.findall(re.sub(r"`[^`]*`", "code", prose(path)))


def anchors(path: Path) -> set[str]:
    """The anchors that code-hosting sites give to the headings of a document."""
    known: set[str] = set()
    for heading in re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        repeated = sum(re.fullmatch(rf"{re.escape(slug)}(-\d+)?", anchor) is not None for anchor in known)
        known.add(f"{slug}-{repeated}" if repeated else slug)
    return known


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
        assert block.text.startswith("$ adcli ") or block.text.startswith("$ printf ")
        assert block.text == rendered(adcli, block.text)
