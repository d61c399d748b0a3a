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
    """Whether the exponent is too large at several sizes: other processes may spoil one measurement."""
    tries = [(1, 1), (2, 3), (1, 5), (3, 3)]  # times the size, and how often each is measured
    return all(growth.exponent(kind, command, times * kind.size, folder, "json", n) > LIMIT for times, n in tries)


@pytest.mark.parametrize("kind", growth.KINDS)
def test_a_kind_is_a_program_or_has_the_mistakes_that_it_is_about(kind: str, tmp_path: Path) -> None:
    from adcli.cli.main import main

    path = tmp_path / "p.ad"
    path.write_text(growth.KINDS[kind].text(5))
    assert main(["eval", str(path)]) == (2 if kind in ("unknown", "unknown-functions", "twice", "broken") else 0)
