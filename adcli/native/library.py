"""The engine as libraries of this machine: compiled once, kept in the cache, or not there.

One runs and sweeps lines, and reads and writes numbers; the other gives products with Hessians, which fewer need.

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
from typing import Any

from adcli import cache as kept
from adcli.native.engine import Engine, ProductEngine, described, products_described
from adcli.resources import states_of_files

WITHOUT = "ADCLI_NATIVE"  # the variable that turns the engine off, with the value 0
# What its text is made of.
_FOLDERS = ("native", "native/alone", "emit", "emit/c", "rules", "rules/readings", "rules/spellings")


_loaded: dict[str, Any] = {}  # what this process found out, by the part; None where it is not there
_DESCRIBED = {"engine": described, "products": products_described}


def engine(is_worth_compiling: bool) -> Engine | None:
    """The engine; None where there is none, or none yet and it is not worth some seconds to compile it."""
    found: Engine | None = _part("engine", is_worth_compiling)
    return found


def product_engine(is_worth_compiling: bool) -> ProductEngine | None:
    """What gives products with Hessians; None as above."""
    found: ProductEngine | None = _part("products", is_worth_compiling)
    return found


def _part(part: str, is_worth_compiling: bool) -> Any:
    if part not in _loaded:
        found = _found(part, is_worth_compiling)
        if found is None and not is_worth_compiling:
            return None
        _loaded[part] = found
    return _loaded[part]


def may_be_there() -> bool:
    """Whether there is the engine, or something that might compile it."""
    if "engine" not in _loaded:
        from adcli.native.compiling import may_compile  # which is asked once, before columns

        path = _path("engine")
        return _is_wanted() and (_is_whole(path) or may_compile(path))
    return _loaded["engine"] is not None


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
    """Look for the libraries anew, as a new process does."""
    _loaded.clear()


def engine_folder() -> str:
    """Where the libraries are kept."""
    return os.path.join(kept.cache_folder(), "native")


def _found(part: str, may_compile: bool) -> Any:
    if not _is_wanted():
        return None
    path = _path(part)
    if _is_whole(path):
        return _opened(part, path)
    if not may_compile:
        return None
    from adcli.native.compiling import compiled  # once for each version of adcli

    return _opened(part, path) if compiled(part, path) else None


def _opened(part: str, path: str) -> Any:
    try:
        return _DESCRIBED[part](ctypes.PyDLL(path), ctypes.CDLL(path))
    except (OSError, AttributeError, ValueError):  # where nothing may be run from the cache, for example
        return None


def is_right(part: str, path: str) -> bool:
    """Whether a library that was just made computes what Python does, and leaves Python's arithmetic alone.

    It is asked in a process that may be spoilt: a library of a compiler that is told to be fast takes numbers below
    the smallest normal one for 0, in all that runs in the thread that loads it.
    """
    from adcli.native.trial import gives_the_same_bits, moves_as_python

    found = _opened(part, path)
    if found is None or not sys.float_info.min / 2 > 0:
        return False
    if part == "engine":
        return gives_the_same_bits(found)
    beside = engine(False)
    return beside is not None and moves_as_python(beside, found)


def _is_wanted() -> bool:
    return os.environ.get(WITHOUT) != "0" and os.name == "posix"


def _path(part: str) -> str:
    return os.path.join(engine_folder(), f"{_name()}-{part}.so")


@cache
def _name() -> str:
    """What the files' names begin with: which sources of adcli it is made of, and for which machine."""
    sources = [states_of_files(folder) for folder in _FOLDERS]
    made_of = repr((kept.HERE, platform.machine(), sys.platform, sources))
    return f"{zlib.crc32(made_of.encode()):08x}-{zlib.adler32(made_of.encode()):08x}"


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
