from __future__ import annotations

from pathlib import Path

import pytest

from adcli.errors import AdError
from adcli.syntax.source import Source, read_source


def test_places_count_from_one() -> None:
    source = Source("t", "ab\n\ncd")
    assert [source.place(offset) for offset in (0, 1, 2, 3, 4, 5, 6)] == [
        (1, 1), (1, 2), (1, 3), (2, 1), (3, 1), (3, 2), (3, 3),
    ]  # fmt: skip
    assert [source.line(number) for number in (1, 2, 3)] == ["ab", "", "cd"]


def test_line_ends_and_byte_order_mark() -> None:
    assert Source("t", "\ufeffa\r\nb\rc").text == "a\nb\nc"


@pytest.mark.parametrize(
    ("content", "code", "part"),
    [
        (None, "missing-file", "there is no file"),
        (b"a = 1\nb = \xff", "not-utf8", "byte 0xff at line 2, column 5"),
    ],
)
def test_unreadable(tmp_path: Path, content: bytes | None, code: str, part: str) -> None:
    path = tmp_path / "model.ad"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(AdError) as caught:
        read_source(str(path))
    (problem,) = caught.value.problems
    assert problem.code == code
    assert part in problem.message


def test_a_close_file_name_is_suggested(tmp_path: Path) -> None:
    (tmp_path / "model.ad").write_text("x")
    with pytest.raises(AdError) as caught:
        read_source(str(tmp_path / "modle.ad"))
    assert "model.ad" in caught.value.problems[0].help


def test_a_directory(tmp_path: Path) -> None:
    with pytest.raises(AdError) as caught:
        read_source(str(tmp_path))
    assert caught.value.problems[0].code == "is-a-directory"


def test_a_path_that_no_file_can_have() -> None:
    with pytest.raises(AdError) as caught:
        read_source("a\0b")
    assert caught.value.problems[0].code == "unreadable-file"
