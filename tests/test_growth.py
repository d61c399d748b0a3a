"""No command takes more than proportional time: not in lines, names, inputs, mistakes or entries of the tape."""

from __future__ import annotations

from pathlib import Path

import pytest

from .benchmarks import growth

LIMIT = 1.15  # of the exponent of time over size


@pytest.mark.slow
@pytest.mark.parametrize("kind", growth.KINDS)
def test_time_grows_with_size(kind: str, tmp_path: Path) -> None:
    own = growth.KINDS[kind]
    assert [command for command in own.commands if is_steep(own, command, tmp_path)] == []


def is_steep(kind: growth.Kind, command: str, folder: Path) -> bool:
    """Whether the exponent is too large at several sizes, and between sizes that are far apart.

    Other processes, caches and new pages may add a third to the time of the larger of two sizes. Between sizes that
    are far apart that is little; a part that grows with the square is much more there.
    """
    tries = [(1, 1, growth.FACTOR), (2, 3, growth.FACTOR), (1, 5, growth.FACTOR), (1, 2, growth.FAR)]
    return all(
        growth.exponent(kind, command, times * kind.size, folder, "json", repeats, factor) > LIMIT
        for times, repeats, factor in tries
    )


@pytest.mark.parametrize("kind", growth.KINDS)
def test_a_kind_is_a_program_or_has_the_mistakes_that_it_is_about(kind: str, tmp_path: Path) -> None:
    from adcli.cli.main import main

    path = tmp_path / "p.ad"
    path.write_text(growth.KINDS[kind].text(5))
    assert main(["eval", str(path)]) == (2 if kind in ("unknown", "unknown-functions", "twice", "broken") else 0)
