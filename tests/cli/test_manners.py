"""The manners of the command line: what people type by habit works, or has an answer that names the right line."""

from __future__ import annotations

import json
import shlex
from itertools import count
from pathlib import Path

import click
import pytest

from adcli import __version__
from adcli.cache import cache_folder
from adcli.cli.command import Command, Group
from adcli.cli.group import COMMANDS
from adcli.cli.group import adcli as command_line
from adcli.cli.output import FORMATS
from adcli.native import library
from adcli.program import load

from ..conftest import ROOT, SAMPLES, Adcli

P = "samples/sine_product.ad"  # of x and y


# What is written by habit


HABITS = [  # a line, and what its answer says
    ("grad 'x*y'", "adcli grad -e 'x*y'"),
    ("grad 'sin(x)'", "adcli grad -e 'sin(x)'"),
    ("sweep 'a = x*y; a + sin(a)'", "adcli sweep -e 'a = x*y; a + sin(a)'"),
    (f"grad {P} x=2 y=3", "write --x 2 --y 3"),
    (f"grad {P} 'x=[1,2]'", "write --x '[1,2]'"),
    (f"grad x=2 {P}", "write --x 2"),
    ("grad -e x*y x=2 y=3", "write --x 2 --y 3"),
    ("grad x=2", "adcli grad model.ad --x 2"),
    (f"grad {P} -x 2", "`--x 2`"),
    (f"grad -x 2 {P}", "`--x 2`"),
    (f"grad -x=-2 {P}", "`--x -2`"),
    (f"grad {P} -x", "`--x NUMBER`"),
    (f"grad --x {P}", "`--x` is given `samples/sine_product.ad`"),
    (f"grad --x {P} --y 3", "`--x` is given `samples/sine_product.ad`"),
    ("grad rosenbrock", "`adcli samples copy rosenbrock` makes the file rosenbrock.ad"),
    ("grad rosenbrock.ad", "`adcli samples copy rosenbrock`"),
    ("tape cancellation/cosine.ad", "`adcli samples copy cancellation/cosine`"),
    ("grad cosine", "`adcli samples copy cancellation/cosine`"),
    ("grad elsewhere/rosenbrock.ad", "there is no file"),
    ("grad rosenbroc", "did you mean `rosenbrock`?"),
    ("grad samples/rosenbroc.ad", "did you mean `samples/rosenbrock.ad`?"),
    (f"grad {P} --z 2", "the inputs of `samples/sine_product.ad`: `x`, `y`"),
    (f"grad {P} --fromat json", "did you mean `--format`?"),
    ("grad -e 'spot*rate' --spto 2 --rate 1", "did you mean `--spot`?"),
    ("grad -e 2*3 --x 2", "the expression has no inputs"),
    (f"grad {P} {P}", "a command takes one program"),
    ("grad -e x + y", "stands in quotes"),
    ("grad -e x -e y", "give one program"),
    ("grad", "`adcli new model.ad` writes a program"),
    (P, f"`adcli grad {P}`"),
    (f"--x 2 {P}", f"`adcli grad --x 2 {P}`"),
    ("-e x*y --x 2", "`adcli grad -e 'x*y' --x 2`"),
    ("'x*y' --x 2", "`adcli grad -e 'x*y' --x 2`"),
    (f"-f json grad {P}", f"`adcli grad -f json {P}`"),
    (f"run {P}", "did you mean `eval`?"),
    (f"gradient {P}", "did you mean `grad`?"),
    ("version", "did you mean `--version`?"),
    ("help grd", "did you mean `grad`? `adcli --help`"),
    ("samples copi heron", "did you mean `copy`? `adcli samples --help`"),
    ("xyzzy", "`adcli --help` lists what there is"),
    (f"grad {P} -o gradient.pdf", "there are .json"),
    (f"grad {P} -o --difference none", "`-o` has no value: `--difference` behind it is an option"),
    (f"check {P} --curve x --plot -q", "`--plot` has no value: `-q` behind it"),
    (f"grad {P} --x --y 3", "`--x` has no value: `--y` behind it"),
    (f"grad --x --y 3 {P}", "`--x` has no value: `--y` behind it"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "answer"), HABITS)
def test_a_habit_has_an_answer(adcli: Adcli, line: str, answer: str) -> None:
    result = adcli(*shlex.split(line))
    assert (result.status, result.out) == (2, "")
    assert answer in result.err


def test_the_line_that_is_offered_runs(adcli: Adcli) -> None:
    offered = adcli("grad", "x*y", "x=2").err.rpartition("`adcli ")[2].rstrip("`\n")
    assert adcli(*shlex.split(offered), "--x", "2", "--y", "3").status == 0
    offered = adcli(P, "--x", "2").err.rpartition("`adcli ")[2].rstrip("`\n")
    assert adcli(*shlex.split(offered)).status == 0


# Options that are not there


@pytest.mark.parametrize("unknown", ["--quite", "--quite=1", "--quite 1", "-z", "-z=1", "-zf", "--no-color"])
@pytest.mark.parametrize("place", range(4))
def test_an_unknown_option_is_told_wherever_it_stands(adcli: Adcli, unknown: str, place: int) -> None:
    words = [P, "--x 2", "--of a"]
    words.insert(place, unknown)
    result = adcli("grad", *shlex.split(" ".join(words)))
    assert result.status == 2
    assert f"there is no option `{unknown.split('=')[0].split()[0]}`" in result.err
    assert "the inputs of `samples/sine_product.ad`: `x`, `y`" in result.err


def test_what_click_says_of_an_option_is_one_line(adcli: Adcli) -> None:
    assert adcli("emit", P).err.startswith("error[usage]: missing option '--to': one of ad, python, numpy, ")
    assert adcli("grad", P, "--checkpoint", "few").err.startswith(
        "error[usage]: invalid value for '--checkpoint': 'few' is not a whole number\n"
    )


def test_all_unknown_options_are_told_at_once(adcli: Adcli) -> None:
    err = adcli("grad", "--one", P, "--two", "2", "-y", "3", "z=4", "other.ad").err
    for option in ("`--one`", "`--two`", "`-y`", "`z=4`", "`other.ad`"):
        assert option in err
    problems = json.loads(adcli("grad", "--one", P, "--two", "2", "-f", "json").err)["error"]
    assert [problem["code"] for problem in problems] == ["usage", "usage"]


def test_the_help_comes_whatever_else_is_written(adcli: Adcli) -> None:
    for line in (f"grad --nothing {P} --help", f"grad -h {P} x=2", "grad --help --what"):
        result = adcli(*line.split())
        assert (result.status, result.err) == (0, "")
        assert result.out.startswith("Usage: adcli grad")


# Short options, and the formats of files


def test_short_options(adcli: Adcli, tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    for arguments in (("-f", "json", "-o", str(target)), (f"-o{target}", "-fjson"), ("-qfjson", f"-qo{target}")):
        assert adcli("eval", P, *arguments)[:2] == (0, "")
        assert json.loads(target.read_text())["outputs"]["L"] == 5.720584501801074
        target.unlink()
    assert adcli("-V") == adcli("--version") == (0, f"adcli {__version__}\n", "")


def test_the_version_tells_of_the_cache(adcli: Adcli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(load, "_written", count())  # else the tests before it may have used up what one process keeps
    line = f"cache: {cache_folder()}, 0 files, 0 kB"
    assert adcli("--version", "-v").out.splitlines()[:2] == [f"adcli {__version__}", line]
    assert adcli("eval", "-e", "x^2", "--x", "3").status == 0
    size = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    files = sum(path.is_file() for path in tmp_path.rglob("*"))
    assert files > 0
    assert f", {files} file" in adcli("-vV").out
    assert f" {size / 1e3:,.0f} kB\n" in adcli("-vV").out


def test_and_says_where_there_can_be_none(adcli: Adcli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    open_to_all = tmp_path / "open" / "adcli"
    open_to_all.mkdir(parents=True)
    open_to_all.chmod(0o777)
    for place in (tmp_path / "file", open_to_all.parent):
        monkeypatch.setenv("XDG_CACHE_HOME", str(place))
        monkeypatch.setattr(library, "_loaded", {})  # as in a new process
        lines = adcli("--version", "-v").out.splitlines()
        assert lines[1] == f"cache: {cache_folder()}, 0 files, 0 kB"
        assert lines[2].startswith("Nothing can be kept there")
        assert lines[3] == "engine: none: there is no place for it"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    assert "cache: none, as this user has no home folder" in adcli("--version", "-v").out


@pytest.mark.parametrize("format", FORMATS)
def test_the_format_follows_the_suffix(adcli: Adcli, tmp_path: Path, format: str) -> None:
    for suffix in FORMATS[format] or (".txt", ".ad", ""):
        target = tmp_path / f"result{suffix}"
        assert adcli("grad", P, "-o", str(target)).status == 0
        assert target.read_text(encoding="utf-8") == adcli("grad", P, "-f", format).out
        assert adcli("grad", P, "-o", str(target.with_suffix(suffix.upper()))).status == 0
    overruled = tmp_path / "result.json"
    assert adcli("grad", P, "-o", str(overruled), "-f", format).status == 0
    assert overruled.read_text(encoding="utf-8") == adcli("grad", P, "-f", format).out


def test_quiet_leaves_the_exit_status(adcli: Adcli, tmp_path: Path) -> None:
    assert adcli("check", P, "-q") == (0, "", "")
    assert adcli("check", P, "-q", "--claim", "dL/dx = 1") == (1, "", "")
    assert adcli("grad", "-e", "abs(x)", "--x", "0", "-q") == (0, "", "")  # no warning
    assert adcli("eval", P, "-q", "--x", "z").err != ""
    for command in ("lint", "lint -f json"):
        assert adcli(*command.split(), "-", "-q", stdin=b"input x\noutput y = 1\n") == (1, "", "")
    target = tmp_path / "result.json"
    assert adcli("check", P, "-q", "-o", str(target)) == (0, "", "")
    assert json.loads(target.read_text())["verdict"] == "agrees"


# Help


def test_help_is_the_help_of_a_command(adcli: Adcli) -> None:
    assert adcli("help") == adcli("--help") == adcli()
    assert adcli("help", "check") == adcli("check", "--help")
    assert adcli("help", "grad", P) == adcli("grad", P, "--help")
    assert adcli("help", "samples", "copy") == adcli("samples", "copy", "--help")
    assert adcli("help", "grad", "missing.ad").status == 2


def test_the_commands_stand_in_groups(adcli: Adcli) -> None:
    out = adcli("--help").out
    places = [out.index(f"\n{group}:\n") for group in ("See", "Check", "Derive", "Write")]
    assert places == sorted(places)
    for name in COMMANDS:
        assert f"\n  {name} " in out


def _commands() -> list[tuple[str, click.Command]]:
    root = click.Context(command_line)
    return [(name, command) for name in COMMANDS if (command := command_line.get_command(root, name)) is not None]


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_a_help_begins_with_examples_and_they_run(
    adcli: Adcli, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = dict(_commands()).get(name, command_line)
    assert isinstance(command, (Command, Group))
    monkeypatch.chdir(tmp_path)
    for line, _ in command.examples:
        (tmp_path / "model.ad").write_bytes((SAMPLES / "sine_product.ad").read_bytes())
        words = shlex.split(line)
        if words[0] == "new":
            (tmp_path / "model.ad").unlink()
        (tmp_path / "answers.txt").write_text("1\n")
        (tmp_path / "line.ad").write_text("input x[n], y[n], slope = 1\nr = y - slope * x\noutput r\n")
        (tmp_path / "d.csv").write_text("x,y\n1,2\n2,4.1\n3,5.9\n")
        (tmp_path / "course.md").write_text("# A course\n\n```adcli\npage model.ad\n```\n")
        assert adcli(*words).status == (1 if name == "quiz" else 0), line  # which is not passed so
    out = adcli(*name.split(), "--help", columns=80).out
    assert command.examples
    assert out.index("\nExamples:\n  adcli ") < out.index("\nOptions:\n")
    assert all(line in out for line, _ in command.examples)
    assert max(map(len, out.splitlines())) <= 80


def test_a_help_tells_the_inputs_before_the_options(adcli: Adcli) -> None:
    out = adcli("help", "grad", P).out
    order = ["\nExamples:", "\nInputs of the program:\n  --x NUMBER", "\nOptions:"]
    assert [out.index(part) for part in order] == sorted(out.index(part) for part in order)
    assert (ROOT / P).read_text(encoding="utf-8").splitlines()[0][2:] in out


# A terminal


def test_the_pager_is_for_terminals_and_only_if_asked(
    adcli: Adcli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    paged: list[str] = []
    monkeypatch.setattr(click, "echo_via_pager", paged.append)
    assert adcli("grad", P, "--pager").out == adcli("grad", P).out
    monkeypatch.setattr("tests.conftest._Stream.isatty", lambda stream: True)
    monkeypatch.setenv("NO_COLOR", "1")
    plain = adcli("grad", P, columns=80)
    assert paged == []
    assert adcli("grad", P, "--pager", columns=80) == (plain.status, "", plain.err)
    assert paged == [plain.out]
    assert adcli("grad", P, "--pager", "-o", str(tmp_path / "file")).status == 0
    assert len(paged) == 1
