"""Tables without rich have the very letters that they have with it."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

import adcli
from adcli.errors import AdError
from adcli.report.cells import Column, Table
from adcli.report.frames import text_width
from adcli.report.grid import UNBOUNDED
from adcli.report.plain import _CERTAIN, is_certain, plain_text
from adcli.report.screen import Screen
from adcli.report.tables import drawn
from adcli.report.terminal import write_tables

from ..conftest import ALL_SAMPLES, mostly_slow, sample_name

ASKED = ("evaluate", "gradient", "tape", "sweep", "check", "why", "precision")


def by_rich(tables: Sequence[Table], room: int) -> str:
    return drawn(tables, 6, io.StringIO(), False, room)


@pytest.mark.parametrize("path", mostly_slow(ALL_SAMPLES, 24), ids=sample_name)
def test_the_tables_of_samples(path: object) -> None:
    program = adcli.load(str(path))
    for name in ASKED:
        try:
            tables = getattr(program, name)().tables()
        except AdError:  # as some samples show
            continue
        tables = [table._replace(rows=table.rows[:40]) for table in tables]  # rich takes its time
        tables = [
            table._replace(headings=frozenset(number for number in table.headings if number < 40)) for table in tables
        ]
        for room in (30, 80, 120, UNBOUNDED):
            text = plain_text(tables, 6, room)
            assert is_certain(text)
            assert text == by_rich(tables, room)


LETTERS = "ab0 ab0  ([])+-*/=,;→∂·√漢한α…"
TEXTS = st.lists(st.sampled_from([*LETTERS, "sin(a)", "w[2]", "漢字", "\n"]), max_size=12).map("".join)
LINES = TEXTS.map(lambda text: text.replace("\n", ""))


@st.composite
def random_tables(draw: st.DrawFn) -> Table:
    kinds = draw(st.lists(st.tuples(*[st.booleans()] * 3), min_size=1, max_size=3))
    columns = tuple(Column(f"h{draw(LINES)}", number, breaks, code=code) for number, breaks, code in kinds)
    cells = TEXTS | st.floats() | st.integers() | st.none() | st.lists(LINES, max_size=3).map(tuple)
    rows = draw(st.lists(st.tuples(*[cells] * len(columns)), max_size=4))
    some = st.frozensets(st.integers(0, max(len(rows) - 1, 0)), max_size=2 if rows else 0)
    headings = draw(some)
    rows = [(draw(TEXTS), *row[1:]) if number in headings else row for number, row in enumerate(rows)]
    return Table(draw(LINES), columns, tuple(rows), draw(TEXTS), draw(some), draw(some), headings)


@given(st.lists(random_tables(), min_size=1, max_size=2), st.integers(2, 60))
@settings(max_examples=50, deadline=None)
def test_any_tables(tables: list[Table], room: int) -> None:
    assert plain_text(tables, 6, room) == by_rich(tables, room)


def test_a_letter_is_as_wide_as_rich_says_or_rich_draws() -> None:
    letters = [chr(code) for some in _CERTAIN for code in some]
    certain = [letter for letter in letters if is_certain(letter) and letter != "\n"]
    assert [letter for letter in certain if text_width(letter) != cell_len(letter)] == []
    assert {"a", "∂", "→", "²", "漢", "한", "𝑥"} <= {*certain}
    assert not any(map(is_certain, ("e\u0301", "👍", "\x1b[0m", "a\tb", "\u200b", "a\xa0b", "\u2028", "☰")))


@pytest.mark.parametrize("file", [io.StringIO(), Screen()])
def test_what_is_not_certain_is_drawn_by_rich(file: io.StringIO) -> None:
    table = Table("emoji", (Column("👍 thumb"), Column("x", number=True)), (("e\u0301👩\u200d🔬", 1.5),))
    write_tables([table], 6, file, color=False)
    assert file.getvalue() == by_rich([table], 80)


def test_colours_are_for_a_terminal_or_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table("verdicts", (Column("verdict"),), (("agrees",), ("wrong",)))

    def written(file: io.StringIO, color: bool | None) -> bool:
        write_tables([table], 6, file, color)
        return "\x1b[" in file.getvalue()

    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert not written(io.StringIO(), None)
    assert written(io.StringIO(), True)
    assert written(Screen(), None)
    assert not written(Screen(), False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert written(io.StringIO(), None)
    monkeypatch.delenv("FORCE_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not written(Screen(), None)


def test_a_long_table_has_the_same_letters_on_a_terminal() -> None:
    rows = tuple((f"v{number} = a + b", float(number)) for number in range(200))
    table = Table("long", (Column("entry", code=True), Column("value", number=True)), rows, headings=frozenset({3}))
    letters = by_rich([table], 30)
    assert letters == plain_text([table], 6, 30)
    assert len(letters.splitlines()) > len(rows)
    short = [table._replace(rows=rows[first : first + 50], headings=frozenset()) for first in range(0, 200, 50)]
    assert all(plain_text([part], 6, 30) == by_rich([part], 30) for part in short)
