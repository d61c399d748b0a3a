"""What puts many cases into one test, and what tells random ones apart: neither hides a case that fails."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from .conftest import randomly, together


def test_a_group_goes_through_all_of_its_cases_and_names_those_that_fail() -> None:
    seen = []

    @together("one two", [(1, 2), (3, 3), (5, 6), (7, 7)], by=lambda one, _: "low" if one < 4 else "high")
    def differs(one: int, two: int) -> None:
        seen.append(one)
        if one == 7:
            pytest.fail("seven")
        assert one != two

    (mark,) = differs.pytestmark
    assert [group.id for group in mark.args[1]] == ["low", "high"]
    ((low,), (high,)) = [group.values for group in mark.args[1]]
    assert (low, high) == ([(1, 2), (3, 3)], [(5, 6), (7, 7)])
    with pytest.raises(AssertionError, match=r"1 of 2 cases fail\n3, 3: AssertionError"):
        differs(group=low)
    with pytest.raises(AssertionError, match=r"1 of 2 cases fail\n7, 7: Failed: seven"):
        differs(group=high)
    with pytest.raises(AssertionError, match="1 of 1 cases fail\n4, 4"):
        differs(4, 4)
    assert seen == [1, 3, 5, 7, 4]


def test_of_a_group_all_are_tried_at_each_run_or_are_slow() -> None:
    @together("number", range(7), by=lambda number: "one" if number < 6 else "two", every=3)
    def nothing(number: int) -> None:
        pass

    (mark,) = nothing.pytestmark
    assert [(group.id, group.values[0], len(group.marks)) for group in mark.args[1]] == [
        ("one", [(0,), (3,)], 0),
        ("two", [(6,)], 0),
        ("one-others", [(1,), (2,), (4,), (5,)], 1),
    ]


def test_a_third_of_the_random_cases_is_tried_at_each_run() -> None:
    seen = []

    @randomly(60, st.integers(0, 10**9))
    def is_seen(number: int) -> None:
        seen.append(number)
        assert len(seen) <= 20

    (mark,) = is_seen.pytestmark
    few, (many,) = mark.args[1][0], mark.args[1][1].values
    assert [one.name for one in mark.args[1][1].marks] == ["slow"]
    assert (few, many) == (20, 60)
    is_seen(few)
    assert len(seen) == 20
    with pytest.raises(AssertionError):
        is_seen(many)
