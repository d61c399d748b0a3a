"""Programs from the cache are those that were checked, and nothing in it is trusted further than that."""

from __future__ import annotations

import marshal
import math
import os
import threading
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from adcli import cache as kept
from adcli.api import DifferentiableProgram
from adcli.errors import AdError
from adcli.program import flat, load
from adcli.program.check import program_from, program_from_expression
from adcli.program.flat import flattened, restored
from adcli.program.later import Later
from adcli.program.load import load_expression, load_program, programs_folder
from adcli.program.program import Program
from adcli.syntax import nodes
from adcli.syntax.format import format_tree
from adcli.syntax.source import Source, read_source

from ..conftest import ALL_SAMPLES, ROOT, mostly_slow
from ..derive.array_programs import ArrayProgram, array_programs
from ..derive.programs import RandomProgram, random_programs

LITERATURE = sorted((ROOT / "tests" / "literature").glob("*.ad"))
TEXT = "# A sum.\ninput x = 2, y\na = x * y + sin(x)  # twice\noutput a\n"


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(load, "_written", count())
    yield Path(programs_folder())


def assert_alike(one: Program, other: Program) -> None:
    """Two programs have the same kinds with the same values, the signs of zeros included, and share the same nodes."""
    todo: list[tuple[object, object]] = [(one, other)]
    places: dict[int, int] = {}  # of a node in one the same node in the other, whose identity a page asks for
    while todo:
        left, right = todo.pop()
        if hasattr(left, "keys") and hasattr(right, "keys"):
            left, right = tuple(left.items()), tuple(right.items())
        assert type(left) is type(right)
        if isinstance(left, tuple) and isinstance(right, tuple):
            if type(left).__module__ == nodes.__name__:
                if id(left) in places:
                    assert places[id(left)] == id(right)
                    continue
                places[id(left)] = id(right)
            assert len(left) == len(right)
            todo += zip(left, right, strict=True)
        elif isinstance(left, Source) and isinstance(right, Source):
            assert (left.name, left.text, left._parts) == (right.name, right.text, right._parts)
        elif isinstance(left, Later) and isinstance(right, Later):
            todo.append((left.value, right.value))
        else:
            assert left is right or (left == right and repr(left) == repr(right))
    assert len({*places.values()}) == len(places)


def through(program: Program) -> Program:
    """The program as it comes out of a file."""
    return restored(marshal.loads(marshal.dumps(flattened(program))), program.source)


def from_cache(source: Source, of_expression: bool = False) -> Program | None:
    return load._from_cache(source, of_expression)


@pytest.mark.parametrize("path", mostly_slow([*ALL_SAMPLES, *LITERATURE]), ids=lambda path: path.stem)
def test_a_program_comes_out_as_it_went_in(path: Path) -> None:
    try:
        program = program_from(read_source(str(path)))
    except AdError:  # functions alone, which others use
        return
    again = through(program)
    assert_alike(program, again)
    assert format_tree(again.tree) == format_tree(program.tree)


@given(random_programs())
@settings(max_examples=20, deadline=None)
def test_so_do_random_programs(program: RandomProgram) -> None:
    checked = program_from(Source("t", program.text))
    assert_alike(checked, through(checked))


@given(array_programs())
@settings(max_examples=20, deadline=None)
def test_and_those_of_arrays(program: ArrayProgram) -> None:
    checked = program_from(Source("t", program.text))
    assert_alike(checked, through(checked))


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "input x\ninput n = 3\nuse_of_it = x * n\n",
        "input x\ny = integrate(f, 0, x)\ndef f(t) = t^2\noutput y\n",
        "input w[n], X[n, 2]\noutput L = sum(w @ X)\nclaim dL/dw[0] = -0.0 ± 0.1\n",
        "input x = -0.0\ny = x\nwhile y < 1e300 {\n  y = y * 2 + 1\n}\nsolve z from 1 in z^2 == y\noutput z\n",
    ],
)  # fmt: skip
def test_the_second_time_it_is_not_parsed(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source("model.ad", text)
    assert from_cache(source) is None
    first = load_program(source)
    monkeypatch.setattr("adcli.program.check.program_from", None)
    again = load_program(Source("model.ad", text))
    assert_alike(again, first)
    assert again.tree is not first.tree
    assert load_program(Source("elsewhere.ad", text)).source.name == "elsewhere.ad"  # whose name says nothing here


def test_a_run_makes_no_tree_of_what_comes_from_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """It needs the code alone: what was written is data until a message, or `lint`, asks for it."""
    text = "input x = 2\n" + "".join(f"y{k} = x * {k} + sin(x)\n" for k in range(20)) + "output y19\n"
    first = load_program(Source("t", text))
    DifferentiableProgram(first).gradient()  # which keeps what there is to say of it whatever its inputs
    made: list[Counter[str]] = []  # how many records of each kind, chapter by chapter

    def noted(chapter: Any, parts: list[Any]) -> Any:
        known = len(parts)
        result = make(chapter, parts)
        made.append(Counter(type(part).__name__ for part in parts[known:]))
        return result

    make = flat._made
    monkeypatch.setattr(flat, "_made", noted)
    program = load_program(Source("t", text))
    (block,) = program.code.blocks
    assert "value" not in block.placed.__dict__
    assert DifferentiableProgram(program).gradient().gradient["y19"]["x"] == 19 + math.cos(2)
    (run,) = made
    assert [run[kind] for kind in ("BasicBlock", "Input", "Assignment", "Apply")] == [2, 1, 0, 0]  # of a default too
    assert run["Span"] == 3  # of the input
    assert_alike(program, first)
    assert [chapter["Assignment"] for chapter in made] == [0, 20]


def test_what_stands_in_a_block_a_thousand_times_is_kept_once() -> None:
    """Each operation still has its name, its place and where it stands among the others: some 20 bytes."""
    program = program_from(Source("t", "input x = 2\na = x\n" + "a = a * x + sin(a)\n" * 1000 + "output a\n"))
    assert_alike(program, through(program))
    chapter, _ = flattened(program)
    assert len(marshal.dumps(chapter)) < 25 * 3000


def test_an_expression_is_another_program_than_the_same_text() -> None:
    text = "a = x^2"
    expression = load_expression(Source("<expression>", text))
    assert_alike(expression, program_from_expression(Source("<expression>", text)))
    assert from_cache(Source("<expression>", text)) is None
    with pytest.raises(AdError):
        load_program(Source("<expression>", text))
    assert_alike(from_cache(Source("<expression>", text), True), expression)  # type: ignore[arg-type]


def test_a_program_with_mistakes_is_not_kept(folder: Path) -> None:
    with pytest.raises(AdError):
        load_program(Source("t", "output a = b"))
    assert not folder.exists()


class TestUsedFiles:
    """A program that uses files is what it was as long as they are."""

    @pytest.fixture
    def model(self, tmp_path: Path) -> str:
        (tmp_path / "lib.ad").write_text("def f(u) = u^2\n", encoding="utf-8")
        (tmp_path / "model.ad").write_text('use "lib.ad"\ninput x = 2\noutput y = f(x)\n', encoding="utf-8")
        return str(tmp_path / "model.ad")

    def test_it_is_kept(self, model: str) -> None:
        program = load_program(read_source(model))
        assert_alike(from_cache(read_source(model)), program)  # type: ignore[arg-type]

    def test_a_file_that_has_changed_is_read(self, model: str) -> None:
        load_program(read_source(model))
        Path(model).with_name("lib.ad").write_text("def f(u) = u^3\n", encoding="utf-8")
        assert from_cache(read_source(model)) is None
        assert "u^3" in load_program(read_source(model)).source.text
        Path(model).with_name("lib.ad").unlink()
        with pytest.raises(AdError, match=r"lib\.ad"):
            load_program(read_source(model))

    def test_a_link_that_leads_elsewhere_is_followed_anew(self, model: str, tmp_path: Path) -> None:
        lib, above = Path(model).with_name("lib.ad"), tmp_path.parent / f"{tmp_path.name}-other.ad"
        load_program(read_source(model))
        lib.rename(above)
        lib.symlink_to(above)
        with pytest.raises(AdError, match="not in the folder"):
            load_program(read_source(model))
        above.unlink()

    def test_a_file_that_uses_others_is_read_each_time(self, model: str) -> None:
        Path(model).with_name("lib.ad").write_text('use "base.ad"\ndef f(u) = g(u)\n', encoding="utf-8")
        Path(model).with_name("base.ad").write_text("def g(u) = u\n", encoding="utf-8")
        load_program(read_source(model))
        assert from_cache(read_source(model)) is None

    def test_a_file_with_two_names_is_read_each_time(self, model: str) -> None:
        Path(model).with_name("link.ad").symlink_to(Path(model).with_name("lib.ad"))
        Path(model).write_text('use "lib.ad"\nuse "link.ad"\ninput x = 2\noutput y = f(x)\n', encoding="utf-8")
        load_program(read_source(model))
        assert from_cache(read_source(model)) is None

    def test_the_same_text_elsewhere_uses_other_files(self, model: str, tmp_path: Path) -> None:
        load_program(read_source(model))
        other = tmp_path / "other"
        other.mkdir()
        (other / "model.ad").write_text(Path(model).read_text(encoding="utf-8"), encoding="utf-8")
        (other / "lib.ad").write_text("def f(u) = -u\n", encoding="utf-8")
        assert "-u" in load_program(read_source(str(other / "model.ad"))).source.text


def only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


@pytest.mark.parametrize("where", [0, 3, 4, 40, -1])
def test_a_flipped_bit_is_noticed(folder: Path, where: int) -> None:
    load_program(Source("t", TEXT))
    content = bytearray(only_file(folder).read_bytes())
    content[where] ^= 1
    only_file(folder).write_bytes(bytes(content))
    assert from_cache(Source("t", TEXT)) is None
    load_program(Source("t", TEXT))
    assert from_cache(Source("t", TEXT)) is not None  # it has been written anew


@pytest.mark.parametrize("content", [b"", b"abc", b"\0" * 5000])
def test_a_corrupt_file_is_passed_over(folder: Path, content: bytes) -> None:
    load_program(Source("t", TEXT))
    only_file(folder).write_bytes(content)
    assert from_cache(Source("t", TEXT)) is None


def test_what_is_no_program_is_passed_over() -> None:
    source = Source("t", TEXT)
    for chapter in (([], []), (["a"], [(0, (True,), [b"abc"])]), (["a"], [])):
        for parts in ((), (("x",),)):
            kept.write(load._path(source, False), load._key(source, False), ("", parts, (chapter, b"")))
        assert from_cache(source) is None


def test_a_very_long_program_is_not_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "_LONGEST", len(TEXT) - 1)
    load_program(Source("t", TEXT))
    assert not folder.exists()


@pytest.mark.parametrize("which", ["file", "folder"])
def test_what_others_can_write_is_not_trusted(folder: Path, which: str) -> None:
    load_program(Source("t", TEXT))
    (folder if which == "folder" else only_file(folder)).chmod(0o777)
    assert from_cache(Source("t", TEXT)) is None


def test_the_program_of_another_text_is_not_taken(folder: Path) -> None:
    load_program(Source("t", TEXT))
    other = Source("t", TEXT.replace("sin", "cos"))
    only_file(folder).rename(load._path(other, False))
    assert from_cache(other) is None


def test_other_sources_of_adcli_read_it_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    load_program(Source("t", TEXT))
    monkeypatch.setattr(load, "_sources", lambda: 1)
    assert from_cache(Source("t", TEXT)) is None


def test_another_version_reads_it_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    load_program(Source("t", TEXT))
    monkeypatch.setattr(kept, "HERE", ("0", *kept.HERE[1:]))
    assert from_cache(Source("t", TEXT)) is None


def test_where_nothing_can_be_kept_it_works_as_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for place in (os.devnull, str(tmp_path / "file")):
        monkeypatch.setenv("XDG_CACHE_HOME", place)
        assert load_program(Source("t", TEXT)).outputs == ("a",)


def test_nothing_is_kept_where_a_command_is_called(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The XDG Base Directory Specification: a path that is relative is invalid and ignored."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    load_program(Source("t", TEXT))
    if os.name == "posix":
        assert Path(kept.cache_folder()).is_relative_to(tmp_path) and any(Path(kept.cache_folder()).rglob("*"))
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # as where the system knows no home of the user
    monkeypatch.setattr(load, "_written", count())
    assert kept.cache_folder() == ""
    assert not kept.keeps_files()
    assert from_cache(Source("t", TEXT)) is None  # none is made, and none that is there is trusted
    load_program(Source("t", TEXT))
    os.makedirs(programs_folder())
    load_program(Source("t", TEXT))
    assert [path.name for path in here.rglob("*")] == [programs_folder()]


def test_the_oldest_go(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(load, "_BOUNDS", kept.Bounds(files=3, size=10**6))
    for number in range(6):
        load_program(Source("t", f"input x\noutput y = {number} * x\n"))
        for path in folder.iterdir():
            time = path.stat().st_mtime_ns - 10**9
            os.utime(path, ns=(time, time))
    kept_now = [from_cache(Source("t", f"input x\noutput y = {number} * x\n")) is not None for number in range(6)]
    assert kept_now == [False] * 3 + [True] * 3
    size = kept.occupied(str(folder)).size
    kept.keep_within(str(folder), kept.Bounds(files=3, size=size - 1))
    assert kept.occupied(str(folder)).files == 2


def test_a_process_that_makes_many_programs_does_not_fill_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "_MOST_WRITTEN", 4)
    for number in range(8):
        load_program(Source("t", f"input x\noutput y = {number} * x\n"))
    assert len(list(folder.iterdir())) == 4


def test_many_write_at_once(folder: Path) -> None:
    failed: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(20):
                only_program = program_from(Source("t", TEXT))
                load._keep(only_program, Source("t", TEXT), False)
                found = from_cache(Source("t", TEXT))
                assert found is not None and found.outputs == ("a",)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert [path.name for path in folder.iterdir()] == [os.path.basename(load._path(Source("t", TEXT), False))]
