"""The files that come with adcli and are no code: the grammar, the texts of its messages, and the samples.

They stand in the installed package, beside it in a checkout, or in the archive that the package is run from.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

_PACKAGE = os.path.dirname(os.path.abspath(__file__))


def resource_text(folder: str, name: str) -> str:
    """The text of a file; a name may have folders in it, as in `cancellation/cosine.ad`."""
    return resource_bytes(folder, name).decode("utf-8").replace("\r\n", "\n")


def resource_bytes(folder: str, name: str) -> bytes:
    """What is in a file; raises OSError where there is none."""
    try:
        with open(os.path.join(_folder(folder), name), "rb") as file:
            return file.read()
    except NotADirectoryError:
        content: bytes = _in_archive(folder).joinpath(*name.split("/")).read_bytes()
        return content


def resource_names(folder: str) -> list[str]:
    """The names of the files in a folder and in those within it, in order."""
    top = _folder(folder)
    if not os.path.isdir(top):
        return sorted(_names_below(_in_archive(folder)))
    return sorted(
        os.path.relpath(os.path.join(place, name), top).replace(os.sep, "/")
        for place, _, names in os.walk(top)
        for name in names
    )


def states_of_files(folder: str) -> list[tuple[str, int, int]]:
    """The name, the time and the size of each file in a folder; nothing in an archive, where none changes."""
    try:
        with os.scandir(_folder(folder)) as entries:
            files = [(entry.name, entry.stat()) for entry in entries if entry.is_file()]
    except OSError:
        return []
    return sorted((name, known.st_mtime_ns, known.st_size) for name, known in files)


def _folder(name: str) -> str:
    installed = os.path.join(_PACKAGE, name)
    return installed if os.path.exists(installed) else os.path.join(os.path.dirname(_PACKAGE), name)


def _in_archive(folder: str) -> Any:
    from importlib.resources import files  # which a package in a folder does not need

    return files("adcli").joinpath(folder)


def _names_below(folder: Any) -> Iterator[str]:
    todo = [(folder, "")]
    while todo:
        top, before = todo.pop()
        for entry in top.iterdir():
            if entry.is_dir():
                todo.append((entry, f"{before}{entry.name}/"))
            else:
                yield before + entry.name
