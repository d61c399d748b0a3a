"""Puts into a wheel what is made when it is built: man pages, and tables of the grammar."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Made(BuildHookInterface):
    """Makes the files, and names them among what the wheel has."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before a wheel is built."""
        sys.path.insert(0, self.root)
        from adcli.cli.man import man_pages
        from adcli.syntax.grammar import SHIPPED, tables_to_ship

        folder = Path(tempfile.mkdtemp())
        for name, text in man_pages().items():
            (folder / name).write_text(text, encoding="utf-8")
            build_data["shared_data"][str(folder / name)] = f"share/man/man1/{name}"
        if version != "editable":  # in a checkout the grammar may change
            (folder / SHIPPED).write_bytes(tables_to_ship())
            build_data["force_include"][str(folder / SHIPPED)] = f"adcli/grammar/{SHIPPED}"
