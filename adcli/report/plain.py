"""Tables as lines of letters, without colours: the very letters that rich writes, without rich."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from adcli.report.cells import Digits, Table
from adcli.report.frames import text_width
from adcli.report.grid import cell_lines, grid_of, shown
from adcli.report.widths import GAP

# Letters of which it is certain how many columns they take: no marks, no signs of control, no emoji.
_CERTAIN = (
    range(0x20, 0x1100),
    range(0x2000, 0x2600),
    range(0x2700, 0x2E80),
    range(0x3040, 0x3164),  # behind which is a letter that fills a place, or takes none
    range(0x3165, 0x4DC0),
    range(0x4E00, 0xA000),
    range(0xAC00, 0xD7A4),
    range(0x1D400, 0x1D800),
)
_RULE = "─"  # below the headings
_WORD = re.compile(" *[^ ]+ *")
_UNCERTAIN = frozenset({"Mn", "Me", "Mc", "Cf", "Cc", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})


def plain_text(tables: Sequence[Table], digits: Digits, room: int) -> str:
    """Tables where there is so much room; what may not be broken may need more. An empty line stands between two."""
    return "\n".join(["".join([f"{line.rstrip()}\n" for line in _lines(table, digits, room)]) for table in tables])


def is_certain(text: str) -> bool:
    """Whether a text is of letters alone whose widths are certain."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return True
    return all(
        any(ord(letter) in letters for letters in _CERTAIN) and unicodedata.category(letter) not in _UNCERTAIN
        for letter in {*text} - {" ", "\n"}
    )


def table_lines(table: Table, digits: Digits, room: int) -> Iterator[str]:
    """The lines of a table without its title and its caption."""
    grid = grid_of(table, digits)
    widths = [max(width, 1) for width in grid.widths(room)]
    right = [column.number for column in table.columns]
    above = [cell_lines([heading], width) for heading, width in zip(grid.headings, widths, strict=True)]
    yield from _row(above, widths, right, at_bottom=True)
    yield _RULE * (sum(widths) + GAP * (len(widths) - 1))
    for number, row in enumerate(grid.rows):
        if row is None:
            yield from wrapped(grid.across[number], room)
        else:
            yield from _row([cell_lines(cell, width) for cell, width in zip(row, widths, strict=True)], widths, right)


def _lines(table: Table, digits: Digits, room: int) -> Iterator[str]:
    yield from wrapped(table.title, room_for(table.title, room))
    yield from table_lines(table, digits, room)
    if table.caption:
        yield from wrapped(table.caption, room_for(table.caption, room))


def room_for(text: str, room: int) -> int:
    """The room that a text has beside a table: as much as there is, or as its longest word needs."""
    return max(room, *map(text_width, text.split()), 0)


def _row(texts: Sequence[str], widths: Sequence[int], right: Sequence[bool], at_bottom: bool = False) -> Iterator[str]:
    """The lines of a row of cells, which stand at its top, or at its bottom."""
    cells = [wrapped(text, width) for text, width in zip(texts, widths, strict=True)]
    height = max(map(len, cells))
    filled = [[""] * (height - len(cell)) + cell if at_bottom else cell for cell in cells]
    for lines in zip_longest(*filled, fillvalue=""):
        places = zip(lines, widths, right, strict=True)
        yield (" " * GAP).join([_padded(shown(line), width, at_right) for line, width, at_right in places])


def _padded(line: str, width: int, at_right: bool) -> str:
    space = " " * (width - text_width(line))
    return space + line if at_right else line + space


def wrapped(text: str, width: int) -> list[str]:
    """A text in lines that are no wider, broken at spaces, and words that are wider anywhere.

    Spaces in front of the first word belong to it; those at the end of a line are dropped.
    """
    lines: list[str] = []
    for line in text.split("\n"):
        lines += [line] if text_width(line) <= width else _broken(line, width)
    return [line.rstrip(" ") for line in lines]


def _broken(line: str, width: int) -> list[str]:
    lines = [""]
    for word in _WORD.findall(line):
        own = text_width(word.rstrip(" "))
        if text_width(lines[-1]) + own <= width:
            lines[-1] += word
        elif own > width:
            lines += _chopped(word, width)
        else:
            lines.append(word)
    return lines if lines[0] else lines[1:]


def _chopped(text: str, width: int) -> list[str]:
    """A text in pieces that are no wider, whatever stands in it."""
    pieces, used = [""], 0
    for letter in text:
        own = text_width(letter)
        if used + own > width:
            pieces.append("")
            used = 0
        pieces[-1] += letter
        used += own
    return pieces
