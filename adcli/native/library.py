"""The engine as a library of this machine: compiled once, kept in the cache, or not there.

The system's compiler makes it, or the one that the extra `adcli[native]` brings. Without either, or where the cache
cannot be written or might be somebody else's, there is no engine: everything works without it, slower.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys
import zlib
from functools import cache

from adcli import cache as kept
from adcli.native.engine import Engine, described
from adcli.resources import states_of_files

WITHOUT = "ADCLI_NATIVE"  # the variable that turns the engine off, with the value 0
# What its text is made of.
_FOLDERS = ("native", "native/alone", "emit", "emit/c", "rules", "rules/readings", "rules/spellings")


_loaded: list[Engine | None] = []  # what this process found out


def engine(is_worth_compiling: bool) -> Engine | None:
    """The engine; None where there is none, or none yet and it is not worth a second to compile it."""
    if not _loaded:
        found = _engine(is_worth_compiling)
        if found is None and not is_worth_compiling:
            return None
        _loaded.append(found)
    return _loaded[0]


def may_be_there() -> bool:
    """Whether there is the engine, or something that might compile it."""
    if not _loaded:
        from adcli.native.compiling import may_compile  # which is asked once, before columns

        return _is_wanted() and (_is_whole(_path()) or may_compile(_path()))
    return _loaded[0] is not None


def state_text() -> str:
    """Whether there is the engine, in a few words."""
    if not _is_wanted():
        return f"turned off by {WITHOUT}" if os.environ.get(WITHOUT) == "0" else "none on this system"
    if engine(False) is not None:
        return f"there, in {engine_folder()}"
    if may_be_there():
        return "not compiled yet"
    return (
        "none: there is no compiler (adcli[native] brings one)"
        if kept.keeps_files()
        else "none: there is no place for it"
    )


def forget_engine() -> None:
    """Look for the engine anew, as a new process does."""
    _loaded.clear()


def engine_folder() -> str:
    """Where the library is kept."""
    return os.path.join(kept.cache_folder(), "native")


def _engine(may_compile: bool) -> Engine | None:
    if not _is_wanted():
        return None
    path = _path()
    if _is_whole(path):
        return _opened(path)
    if not may_compile:
        return None
    from adcli.native.compiling import compiled  # once for each version of adcli

    return _opened(path) if compiled(path) else None


def _opened(path: str) -> Engine | None:
    try:
        return described(ctypes.PyDLL(path), ctypes.CDLL(path))
    except (OSError, AttributeError, ValueError):  # where nothing may be run from the cache, for example
        return None


def is_right(path: str) -> bool:
    """Whether a library that was just made computes what the interpreter does, and leaves Python's arithmetic alone.

    It is asked in a process that may be spoilt: a library of a compiler that is told to be fast takes numbers below
    the smallest normal one for 0, in all that runs in the thread that loads it.
    """
    from adcli.native.trial import gives_the_same_bits

    found = _opened(path)
    return found is not None and sys.float_info.min / 2 > 0 and gives_the_same_bits(found)


def _is_wanted() -> bool:
    return os.environ.get(WITHOUT) != "0" and os.name == "posix"


def _path() -> str:
    return os.path.join(engine_folder(), _name())


@cache
def _name() -> str:
    """The file's name: which sources of adcli it is made of, and for which machine."""
    sources = [states_of_files(folder) for folder in _FOLDERS]
    made_of = repr((kept.HERE, platform.machine(), sys.platform, sources))
    return f"{zlib.crc32(made_of.encode()):08x}-{zlib.adler32(made_of.encode()):08x}.so"


def _is_whole(path: str) -> bool:
    """Whether there is a library that only this user can have written, as it was written."""
    try:
        if not (kept.only_ours(engine_folder()) and kept.only_ours(path)):
            return False
        with open(path, "rb") as file:
            content = file.read()
    except OSError:
        return False
    return len(content) > 4 and kept.checksum(content[:-4]) == content[-4:]
