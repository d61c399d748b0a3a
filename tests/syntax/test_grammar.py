"""The cache of the parser's tables: in a place of the user's own, and never trusted further than its checksum."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from adcli.syntax import grammar
from adcli.syntax.source import Source


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    grammar.load_parser.cache_clear()
    yield Path(grammar.tables_path())
    grammar.load_parser.cache_clear()


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What a first run writes, made once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("first")))
        assert not works()
        return Path(grammar.tables_path()).read_bytes()


@pytest.fixture
def filled(tables: bytes, cache: Path) -> Path:
    """A cache as a first run leaves it."""
    cache.parent.mkdir(mode=0o700, parents=True)
    cache.write_bytes(tables)
    cache.chmod(0o600)
    return cache


def works() -> bool:
    """Load the parser anew and parse with it; whether its tables came from the cache."""
    grammar.load_parser.cache_clear()
    parser = grammar.load_parser()
    (statement,) = parser.parse(Source("t", "a = (b\n+ 1)").text, start="program")
    assert statement.target.name == "a"
    return bool(parser.source_path == "<deserialized>")


def test_the_second_run_reads_the_tables(cache: Path) -> None:
    assert not works()
    assert cache.is_file()
    assert cache.stat().st_mode & 0o077 == 0
    assert cache.parent.stat().st_mode & 0o077 == 0
    assert works()


def test_what_a_first_run_left_is_read(filled: Path) -> None:
    assert works()


@pytest.mark.parametrize("content", [b"", b"abc", b"\0" * 5000])
def test_a_corrupt_cache_is_passed_over(filled: Path, content: bytes) -> None:
    filled.write_bytes(content)
    assert not works()
    assert works()  # it has been written anew


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes with a name")
def test_a_pipe_in_its_place_is_passed_over(cache: Path) -> None:
    cache.parent.mkdir(mode=0o700, parents=True)
    os.mkfifo(cache, 0o600)
    assert not works()


def test_a_file_that_is_absurdly_large_is_passed_over(filled: Path) -> None:
    with filled.open("ab") as file:
        file.truncate(10**9)
    assert not works()


def test_a_flipped_bit_is_noticed(filled: Path) -> None:
    content = bytearray(filled.read_bytes())
    content[len(content) // 2] ^= 1
    filled.write_bytes(bytes(content))
    assert not works()


def test_a_stale_cache_is_passed_over(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammar.lark, "__version__", "0.0")
    assert not works()


@pytest.mark.parametrize("which", ["file", "directory"])
def test_what_others_can_write_is_not_trusted(filled: Path, which: str) -> None:
    (filled if which == "file" else filled.parent).chmod(0o777)
    assert not works()


def test_the_tables_of_a_wheel_come_first(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = grammar.tables_to_ship()
    texts = grammar.resource_bytes
    monkeypatch.setattr(grammar, "resource_bytes", lambda *name: shipped if name[1] == "ad.tables" else texts(*name))
    assert works()
    assert not cache.exists()
    monkeypatch.setattr(grammar.lark, "__version__", "0.0")  # those of another Lark are none
    assert not works()


def test_an_unwritable_place_is_no_error(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", os.devnull)  # nobody, not even root, makes a directory there
    assert not works()
    assert not works()


def test_a_file_in_the_place_of_the_directory_is_no_error(cache: Path) -> None:
    cache.parent.write_text("in the way")
    assert not works()
    assert not works()
