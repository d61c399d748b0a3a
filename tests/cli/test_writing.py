"""Whatever happens while a file is written, its old content or the new one is there as a whole."""

from __future__ import annotations

import builtins
import errno
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from adcli.cli import writing
from adcli.cli.main import main

from ..conftest import ROOT, Adcli, run_adcli

UGLY = "input x=2\noutput   y=x*( x )\n"
PRETTY = "input x = 2\noutput y = x * x\n"
SAMPLE = str(ROOT / "samples" / "sine_product.ad")


class Writer(NamedTuple):
    """A command that writes a file.

    Attributes:
        arguments: the command line, with the file as `{}`
        old: what is in the file before; None where there must be none
        part: what is in the new content
    """

    arguments: tuple[str, ...]
    old: str | None
    part: bytes


WRITERS = {
    "grad": Writer(("grad", SAMPLE, "--x", "2", "--y", "3", "--output", "{}"), "old\n", b"5.72058"),
    "json": Writer(("hessian", SAMPLE, "--x", "2", "--y", "3", "--format", "json", "--output", "{}"), "old\n", b"}\n"),
    "adjoint": Writer(("adjoint", SAMPLE, "--x", "2", "--y", "3", "--output", "{}"), "old\n", b"output bar_x"),
    "tangent": Writer(("tangent", SAMPLE, "--x", "2", "--y", "3", "--output", "{}"), "old\n", b"output dot_L"),
    "plot": Writer(("check", "-e", "x^2", "--x", "2", "--curve", "x", "--plot", "{}"), "old\n", b"</svg>"),
    "fmt": Writer(("fmt", "--write", "{}"), UGLY, PRETTY.encode()),
    "copy": Writer(("samples", "copy", "sine_product", "{}"), None, b"output L"),
    "new": Writer(("new", "{}"), None, b"output"),
}


def target_of(writer: Writer, folder: Path) -> Path:
    target = folder / ("curve.svg" if "--plot" in writer.arguments else "target.ad")
    if writer.old is not None:
        target.write_text(writer.old)
    return target


def run(writer: Writer, target: Path) -> Any:
    return run_adcli(*(argument.format(target) for argument in writer.arguments))


def is_whole(writer: Writer, target: Path) -> bool:
    """Whether the old content, or all of the new one, is there, and nothing beside it."""
    assert [path for path in target.parent.iterdir() if path != target] == []
    if not target.exists():
        return writer.old is None
    content = target.read_bytes()
    return content == (writer.old or "").encode() or (writer.part in content and len(content) > 20)


class Faults:
    """The calls of the system that writing makes; one of them fails."""

    def __init__(self, fail_at: int, error: BaseException) -> None:
        self.calls: list[str] = []
        self._fail_at, self._error = fail_at, error

    def __getattr__(self, name: str) -> Any:
        own = getattr(os, name)
        if name not in ("open", "fsync", "replace", "link", "rename", "chmod", "chown", "posix_fallocate", "fstat"):
            return own
        return lambda *arguments: self._call(name, own, *arguments)

    def open(self, *arguments: Any) -> int:
        return int(self._call("open", os.open, *arguments))

    def file(self, *arguments: Any, **settings: Any) -> Any:
        return _File(self, builtins.open(*arguments, **settings))

    def _call(self, name: str, own: Callable[..., Any], *arguments: Any) -> Any:
        self.calls.append(name)
        if len(self.calls) == self._fail_at:
            raise self._error
        return own(*arguments)


class _File:
    """A file whose writing may fail when half of it is done."""

    def __init__(self, faults: Faults, file: Any) -> None:
        self._faults, self._file = faults, file

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def write(self, data: bytes) -> None:
        self._file.write(data[: len(data) // 2])
        self._faults._call("write", lambda: self._file.write(data[len(data) // 2 :]))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def faulty(monkeypatch: pytest.MonkeyPatch, fail_at: int, error: BaseException) -> Faults:
    faults = Faults(fail_at, error)
    monkeypatch.setattr(writing, "os", faults)
    monkeypatch.setattr(writing, "open", faults.file, raising=False)
    return faults


ERRORS = [
    (OSError(errno.ENOSPC, "No space left on device"), 2),
    (OSError(errno.EIO, "Input/output error"), 2),
    (KeyboardInterrupt(), 130),
]


@pytest.mark.parametrize("name", [name for name in WRITERS if name != "plot"])  # which is drawn slowly
@pytest.mark.parametrize(("error", "status"), ERRORS, ids=["full", "broken", "interrupt"])
def test_an_error_at_any_call_leaves_a_whole_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, error: BaseException, status: int
) -> None:
    writer, fail_at = WRITERS[name], 0
    while True:
        fail_at += 1
        folder = tmp_path / str(fail_at)
        folder.mkdir()
        target = target_of(writer, folder)
        with monkeypatch.context() as patch:
            faults = faulty(patch, fail_at, error)
            result = run(writer, target)
        assert is_whole(writer, target)
        if len(faults.calls) < fail_at:
            break
        if faults.calls[fail_at - 1] != "link":  # which file systems may not have: it does without
            assert result.status == status, (faults.calls, result)
    assert result.status == 0
    assert fail_at > 3
    assert writer.part in target.read_bytes()


@pytest.mark.parametrize("name", WRITERS)
def test_a_limit_of_the_system_leaves_a_whole_file(tmp_path: Path, name: str) -> None:
    """The kernel stops a file at so many bytes: no monkey has a hand in it."""
    writer, folder = WRITERS[name], tmp_path / "folder"
    folder.mkdir()
    target = target_of(writer, folder)
    command = [argument.format(target) for argument in writer.arguments]
    code = (
        "import resource, sys; sys.dont_write_bytecode = True; "  # of which the limit would leave halves
        "from adcli.cli.main import main; resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20)); "
        f"raise SystemExit(main({command!r}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2, done
    assert "cannot write" in done.stderr
    assert "File too large" in done.stderr
    assert is_whole(writer, target)
    assert target.exists() == (writer.old is not None)


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system without room."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)], capture_output=True, text=True, timeout=30
    )
    if mounted.returncode:
        pytest.skip(f"a file system cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True, timeout=30)


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_leaves_a_whole_file(full_disk: Path, name: str) -> None:
    writer = WRITERS[name]
    target = target_of(writer, full_disk)
    filler = full_disk / "filler"
    try:
        filler.write_bytes(b"0" * 100_000)
    except OSError as error:
        assert error.errno == errno.ENOSPC
    result = run(writer, target)
    filler.unlink()
    assert result.status == 2
    assert "No space left on device" in result.err
    assert is_whole(writer, target)


LONG = "".join(f"output   y{k}=x*( {k} )\n" for k in range(400))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("links", [1, 2], ids=["replaced", "in-place"])
def test_the_end_of_the_process_at_any_moment_leaves_a_whole_file(tmp_path: Path, number: int, links: int) -> None:
    if number == signal.SIGKILL and links == 2:
        return  # nothing can be done about that: it is written where it stands
    kill_at_random_moments(tmp_path, number, links, times=2)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_end_of_the_process_at_many_moments(tmp_path: Path, number: int) -> None:
    kill_at_random_moments(tmp_path, number, links=1, times=60)


def kill_at_random_moments(folder: Path, number: int, links: int, times: int) -> None:
    old = ("input x=2\n" + LONG).encode()
    (folder / "reference.ad").write_bytes(old)
    began = time.monotonic()
    assert main(["fmt", "--write", str(folder / "reference.ad")]) == 0
    new = (folder / "reference.ad").read_bytes()
    assert new != old
    target = folder / "target.ad"
    code = "import sys; from adcli.cli.main import main; print(flush=True); sys.exit(main(sys.argv[1:]))"
    for count in range(times):
        target.write_bytes(old)
        if links == 2 and not (folder / "other.ad").exists():
            os.link(target, folder / "other.ad")
        process = subprocess.Popen(
            [sys.executable, "-c", code, "fmt", "--write", str(target)], cwd=ROOT, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep((time.monotonic() - began if count == 0 else 0.5) * (count + 0.5) / times)
        process.send_signal(number)
        _, complaint = process.communicate(timeout=60)
        content = target.read_bytes()
        assert content in (old, new)
        assert process.returncode in (0, 143, 130, -signal.SIGKILL, -number), complaint
        assert b"Traceback" not in complaint
        if number != signal.SIGKILL:
            assert [path.name for path in folder.iterdir() if path.name.startswith(".adcli")] == []
        for path in folder.glob(".adcli*"):
            path.unlink()


# What a file keeps


def test_a_file_keeps_its_mode_and_its_links(tmp_path: Path) -> None:
    target, link, other = tmp_path / "target.ad", tmp_path / "link.ad", tmp_path / "other.ad"
    target.write_text(UGLY)
    target.chmod(0o640)
    link.symlink_to(target)
    assert main(["fmt", "--write", str(link)]) == 0
    assert link.is_symlink()
    assert target.read_text() == PRETTY
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    os.link(target, other)
    for text in (UGLY + "# longer than it was\n", UGLY):
        target.write_text(text)
        assert main(["fmt", "--write", str(target)]) == 0
        assert os.path.samefile(target, other)
        assert other.read_text() == PRETTY + text.removeprefix(UGLY)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file to somebody else")
def test_a_file_keeps_its_owner(tmp_path: Path) -> None:
    target = tmp_path / "target.ad"
    target.write_text(UGLY)
    os.chown(target, 1234, 4321)
    assert main(["fmt", "--write", str(target)]) == 0
    assert (target.stat().st_uid, target.stat().st_gid) == (1234, 4321)
    assert target.read_text() == PRETTY


def test_a_file_that_may_only_be_read_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "target.ad"
    target.write_text(UGLY)
    target.chmod(0o444)
    for arguments in (("fmt", "--write", str(target)), ("grad", SAMPLE, "--output", str(target))):
        result = run_adcli(*arguments)
        assert result.status == 2
        assert "it may only be read" in result.err
        assert target.read_text() == UGLY


def test_a_new_file_has_the_mode_that_others_have(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    for name, arguments in (("a.ad", ["new"]), ("b.txt", ["eval", SAMPLE, "--output"])):
        assert main([*arguments, str(tmp_path / name)]) == 0
        assert (tmp_path / name).stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_link_to_nowhere_becomes_one_to_the_new_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    assert main(["eval", SAMPLE, "--output", str(tmp_path / "link")]) == 0
    assert (tmp_path / "link").is_symlink()
    assert "5.72058" in (tmp_path / "target").read_text()
    (tmp_path / "other").symlink_to(tmp_path / "elsewhere")
    assert main(["new", str(tmp_path / "other")]) == 2
    assert not (tmp_path / "elsewhere").exists()


def test_a_device_and_a_pipe_are_written_into(tmp_path: Path) -> None:
    assert main(["eval", SAMPLE, "--output", os.devnull]) == 0
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE, text=True)
    assert main(["eval", SAMPLE, "--output", str(pipe)]) == 0
    assert "5.72058" in reader.communicate(timeout=30)[0]
    assert "No space left" in run_adcli("eval", SAMPLE, "--output", "/dev/full").err


def test_a_folder_that_takes_no_new_file_is_no_hindrance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "target.ad"
    target.write_text(UGLY)
    monkeypatch.setattr(writing, "_can_replace", lambda target, known: False)
    assert main(["fmt", "--write", str(target)]) == 0
    assert target.read_text() == PRETTY


# What is read is not written over


READERS = [
    ("p.ad", "input x = 2\noutput y = x\n", ("eval", "{}")),
    ("p.json", '{"x": 2, "y": 3}', ("grad", SAMPLE, "--at", "{}")),
    ("p.csv", "2\n3\n", ("grad", "-e", "sum(w)", "--w", "{}")),
    ("p.svg", "dL/dx = 5.88\n", ("check", SAMPLE, "--x", "2", "--y", "3", "--claim-file", "{}")),
]


@pytest.mark.parametrize(("name", "content", "command"), READERS, ids=lambda value: str(value)[:6])
def test_what_a_command_reads_it_does_not_write_over(
    adcli: Adcli, tmp_path: Path, name: str, content: str, command: tuple[str, ...]
) -> None:
    path, other = tmp_path / name, tmp_path / "other.md"
    path.write_text(content)
    os.link(path, other)
    (tmp_path / "link").symlink_to(path)
    arguments = [argument.format(path) for argument in command]
    for written in (path, other, tmp_path / "link"):
        result = adcli(*arguments, "--format", "table", "--output", str(written))
        assert result.status == 2
        assert "would overwrite a file that this command reads" in result.err
        assert path.read_text() == content
    if command[0] == "check":
        result = adcli(*arguments, "--curve", "x", "--plot", str(path))
        assert "would overwrite a file that this command reads" in result.err


def test_standard_input_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "p.ad"
    path.write_text(PRETTY)
    code = "import sys; from adcli.cli.main import main; sys.exit(main(sys.argv[1:]))"
    for program, more in (("-", []), (SAMPLE, ["--at", "-"])):
        path.write_text(PRETTY if program == "-" else '{"x": 2, "y": 3}')
        before = path.read_text()
        with path.open() as stdin:
            done = subprocess.run(
                [sys.executable, "-c", code, "eval", program, *more, "--output", str(path)], stdin=stdin, cwd=ROOT,
                capture_output=True, text=True, timeout=60,
            )  # fmt: skip
        assert done.returncode == 2, done
        assert "would overwrite" in done.stderr
        assert path.read_text() == before


def test_a_plot_and_a_result_are_two_files(adcli: Adcli, tmp_path: Path) -> None:
    path = str(tmp_path / "both.svg")
    result = adcli("check", "-e", "x^2", "--x", "2", "--curve", "x", "--plot", path, "--output", path, "-f", "table")
    assert "--plot and --output are both to write" in result.err
    assert not os.path.exists(path)


@pytest.mark.parametrize("command", [
    "minimize -e x^2 --x 2 --trace {0} --plot {0}", "minimize -e x^2 --x 2 --trace {0} --output {0}",
    "fit -e y-a --y [1,2] --a 1 --residual value --residuals {0} --output {0}", "root -e x-1 --x 2 --plot {0} -o {0}",
    "uncertainty -e x --x 1±1 --plot {0} --output {0}",
])  # fmt: skip
def test_no_two_options_write_one_file(adcli: Adcli, tmp_path: Path, command: str) -> None:
    path = str(tmp_path / "both.csv")
    result = adcli(*command.format(path).split())
    assert (result.status, result.out) == (2, "")
    assert "are both to write" in result.err
    assert not os.path.exists(path)


def test_a_result_of_another_command_is_written_over(adcli: Adcli, tmp_path: Path) -> None:
    """Only what the same command reads is kept."""
    path = str(tmp_path / "out.json")
    for _ in range(2):
        assert adcli("eval", SAMPLE, "--format", "json", "--output", path).status == 0
    assert adcli("grad", SAMPLE, "--at", path.replace("out", "in"), "--output", path).status == 2
    assert "{" in Path(path).read_text()
