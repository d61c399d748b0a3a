"""Where the texts of a table are broken, and how wide its columns are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adcli.report.widths import ANYWHERE, GAP, SPACE, Words, breakable, broken, fitted, narrowest

LONG = "(log(spot / strike) + (rate + volatility^2 / 2) * time) / spread"


@pytest.mark.parametrize(
    ("text", "rank", "pieces"),
    [
        ("bar_v8 += bar_v13 * 1", -1, ["bar_v8 += bar_v13 * 1"]),
        ("bar_v8 += bar_v13 * 1", 0, ["bar_v8", "+= bar_v13 * 1"]),
        ("bar_v8 += bar_v13 * 1", 2, ["bar_v8", "+= bar_v13", "* 1"]),
        ("∂d1/∂spread = -d1 / spread = -5.4", 0, ["∂d1/∂spread", "= -d1 / spread", "= -5.4"]),
        ("a + b * c - d", 1, ["a", "+ b * c", "- d"]),
        ("a + b * c - d", 2, ["a", "+ b", "* c", "- d"]),
        (LONG, 1, [LONG]),
        (LONG, 2, [LONG.removesuffix(" / spread"), "/ spread"]),
        (LONG, 4, ["(log(spot / strike)", "+ (rate + volatility^2 / 2) * time)", "/ spread"]),
        ("sum(z^2, axis = 1) / 2", 2, ["sum(z^2, axis = 1)", "/ 2"]),
        ("sum(z^2, axis = 1) / 2", 4, ["sum(z^2,", "axis = 1)", "/ 2"]),
        ("bar_w[k - 1] += 2", 2, ["bar_w[k - 1]", "+= 2"]),
    ],
)
def test_a_formula_is_broken_where_it_is_loosest(text: str, rank: int, pieces: list[str]) -> None:
    words = Words(text, formula=True)
    broken = breakable(words, rank).split(" ")
    assert [piece.replace(SPACE, " ") for piece in broken] == pieces
    assert narrowest(words, rank) == max(map(len, pieces))


def test_words_are_broken_anywhere_and_what_is_whole_nowhere() -> None:
    assert breakable(Words("2nd of 2 uses"), -1) == "2nd of 2 uses"
    assert breakable(Words("2nd of 2", whole=True), ANYWHERE) == f"2nd{SPACE}of{SPACE}2"


def test_a_table_that_fits_is_not_broken() -> None:
    columns = [[Words("x", whole=True)], [Words("a + b", formula=True)]]
    assert fitted(columns, 8) == [1, 5]
    assert fitted(columns, 7) == [1, 4]
    assert fitted(columns, 2) == [1, 1]  # wider than the room


def test_words_give_way_before_a_formula_does() -> None:
    columns = [[Words(LONG, formula=True)], [Words("the largest of all of the operands that there are")]]
    assert fitted(columns, 90) == [len(LONG), 90 - GAP - len(LONG)]


_pieces = st.text("ab([])+-*/=,;→ ", max_size=30)


@given(st.lists(st.lists(st.builds(Words, _pieces, st.booleans(), st.booleans()), min_size=3, max_size=3), max_size=4),
       st.integers(1, 120))  # fmt: skip
def test_the_widths_of_any_table(columns: list[list[Words]], room: int) -> None:
    widths = fitted(columns, room)
    least = [max(narrowest(words, ANYWHERE) for words in column) for column in columns]
    assert sum(widths) + GAP * (len(columns) - 1) <= room or widths == least
    for column, width in zip(columns, widths, strict=True):
        for words in column:
            text = broken(words, width)
            assert text.replace(SPACE, " ") == words.text
            assert all(len(piece) <= width for piece in text.split(" "))


def test_each_cell_is_broken_as_loosely_as_its_column_allows() -> None:
    for width, pieces in ((40, 1), (30, 3), (20, 3), (8, 7)):
        text = broken(Words("∂v9/∂volatility = 2 * volatility = 0.4", formula=True), width)
        assert len(text.split(" ")) == pieces
