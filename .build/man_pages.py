"""Puts the man pages into a wheel: they are made from the help of the commands when it is built."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ManPages(BuildHookInterface):
    """Makes the pages, and names them among the data of the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before a wheel is built."""
        sys.path.insert(0, self.root)
        from adcli.cli.man import man_pages

        folder = Path(tempfile.mkdtemp())
        for name, text in man_pages().items():
            (folder / name).write_text(text, encoding="utf-8")
            build_data["shared_data"][str(folder / name)] = f"share/man/man1/{name}"
