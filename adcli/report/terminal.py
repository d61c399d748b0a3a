"""Tables as a terminal shows them, or a pipe or a file has them: who draws, and how wide."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TextIO

from adcli.report.cells import Digits, Table
from adcli.report.grid import UNBOUNDED
from adcli.report.plain import is_certain, plain_text
from adcli.report.screen import Screen

_ASKED = ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")  # what makes rich take anything for a terminal


def write_tables(tables: Sequence[Table], digits: Digits, file: TextIO, color: bool | None) -> None:
    """Print tables to a file: as wide as the terminal, or as wide as they are where the file is none.

    A table whose words and numbers need more room than the terminal has is wider than it: nothing is cut.
    `color` forces colours on or off; None follows the terminal, NO_COLOR and FORCE_COLOR.
    """
    room = _columns() if file.isatty() or "COLUMNS" in os.environ else UNBOUNDED
    text = "" if _may_be_colored(file, color) else plain_text(tables, digits, room)
    if not text or not is_certain(text):
        from adcli.report.tables import drawn

        text = drawn(tables, digits, file, color, room)
    file.write(text)


def _columns() -> int:
    from shutil import get_terminal_size  # which a pipe does not need

    return get_terminal_size().columns


def terminal_text(tables: Sequence[Table], digits: Digits) -> str:
    """Tables as a text without colours, as wide as the terminal."""
    file = Screen()
    write_tables(tables, digits, file, color=False)
    return file.getvalue()


def _may_be_colored(file: TextIO, color: bool | None) -> bool:
    """Whether there may be colours: rich decides then, which knows terminals."""
    return file.isatty() or any(map(os.environ.get, _ASKED)) if color is None else color
