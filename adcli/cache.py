"""Files that keep what would take long to make again, in a folder of the user's own.

A file holds what `marshal` can read, which builds plain data and runs nothing, behind a checksum and the very key that
it was made for. One that is missing, stale, corrupt or somebody else's is passed over, silently: whatever is in the
way, a start is slower, and nothing else.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import stat
import sys
import zlib
from _thread import get_ident
from collections.abc import Iterable
from typing import Any

from adcli import __version__
from adcli.records import NamedTuple

Key = tuple[Any, ...]

LARGEST = 20_000_000  # bytes of a file that is read, or written
HERE = (__version__, sys.version, sys.byteorder)  # what every key has besides


class Bounds(NamedTuple):
    """How much a folder may hold: so many files, of so many bytes in all. The oldest go."""

    files: int
    size: int


def cache_folder() -> str:
    """Where the files are: in `XDG_CACHE_HOME`, or where the system keeps a user's caches; "" where that is nowhere.

    A variable whose path is relative is ignored, as the XDG Base Directory Specification says. It would be another
    folder in each that adcli is called in; so would be the home of a user whom the system does not know, which is `~`.
    """
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
    elif sys.platform == "darwin":
        base = os.path.join(home, "Library", "Caches")
    else:
        named = os.environ.get("XDG_CACHE_HOME", "")
        base = named if os.path.isabs(named) else os.path.join(home, ".cache")
    return os.path.join(base, "adcli") if os.path.isabs(base) else ""


def keeps_files() -> bool:
    """Whether the folder takes files: it is there and can be written by this user alone, or it can be made."""
    folder = cache_folder()
    try:
        if os.path.exists(folder) and not only_ours(folder):
            return False
    except OSError:  # it was there a moment ago
        return False
    while folder and not os.path.exists(folder):
        folder = os.path.dirname(folder)
    return os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK)


def read(path: str, key: Key) -> Any:
    """What a file keeps for a key; None where there is nothing that can be trusted."""
    try:
        if not (only_ours(os.path.dirname(path)) and only_ours(path)):
            return None
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:  # a pipe would keep us waiting
            return None
        with open(path, "rb") as file:
            content = memoryview(file.read())
        if checksum(content[4:]) != content[:4]:
            return None
        stored_key, value = marshal.loads(content[4:])
    except (OSError, ValueError, TypeError, EOFError):
        return None
    return value if stored_key == (*HERE, *key) else None


def write(path: str, key: Key, value: Any) -> None:
    """Keep a value, of plain data, for a key, if that can be."""
    if not os.path.isabs(path):  # there is no folder for it
        return
    temporary = ""
    try:
        content = marshal.dumps(((*HERE, *key), value))
        if len(content) + 4 > LARGEST:
            return
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        if not only_ours(os.path.dirname(path)):
            return
        temporary = f"{path}.{os.getpid()}.{get_ident()}"
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(checksum(content) + content)
        os.replace(temporary, path)  # another process sees the old file or the new one, never half of one
    except (OSError, ValueError):
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def keep_within(folder: str, bounds: Bounds) -> None:
    """Remove the oldest files of a folder until it is within its bounds."""
    with contextlib.suppress(OSError):
        count, size = 0, 0
        for entry in sorted(_files(folder), key=lambda known: known.time, reverse=True):
            count, size = count + 1, size + entry.size
            if count > bounds.files or size > bounds.size:
                with contextlib.suppress(OSError):  # another process has removed it
                    os.unlink(entry.path)


def occupied(folder: str) -> Bounds:
    """How many files a folder has, with those in folders below it, and how many bytes these take."""
    files, folders = list[_File](), [folder]
    while folders:
        with contextlib.suppress(OSError):
            here = folders.pop()
            files += _files(here)
            folders += [entry.path for entry in os.scandir(here) if entry.is_dir(follow_symlinks=False)]
    return Bounds(len(files), sum(file.size for file in files))


class _File(NamedTuple):
    path: str
    time: int
    size: int


def _files(folder: str) -> Iterable[_File]:
    with os.scandir(folder) as entries:
        return [
            _File(entry.path, status.st_mtime_ns, status.st_size)
            for entry in entries
            for status in [entry.stat(follow_symlinks=False)]
            if stat.S_ISREG(status.st_mode)
        ]


def checksum(content: bytes | memoryview) -> bytes:
    """What tells whether some bytes are whole."""
    return zlib.crc32(content).to_bytes(4, "big")


def only_ours(path: str) -> bool:
    """Whether nobody but this user can write what is at the path; raises OSError where nothing is.

    Nothing is ours at a path that is relative, as those are where there is no cache: the folder that it starts from may
    be anybody's.
    """
    if not os.path.isabs(path):
        return False
    if sys.platform == "win32":  # a user's local folder is the user's alone there
        return True
    status = os.stat(path)
    return status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
