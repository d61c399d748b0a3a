"""While a comparison takes long, a terminal shows the result so far and a bar, and takes both away again."""

from __future__ import annotations

import io
import sys

import pytest

from adcli.cli import progress
from adcli.cli.progress import ProgressBar, progress_bar

from ..conftest import Adcli


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Standard error becomes a terminal of 20 columns and 5 lines, and nobody has patience."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "_PATIENCE", -1.0)
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("LINES", "5")
    return stream


def test_the_result_so_far_stands_above_the_bar_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, drawn = [], terminal(monkeypatch)

    def preview() -> str:
        asked.append(1)
        return "the gradient\n" + "x" * 50 + "\nthird\nfourth\nfifth\n"

    with progress_bar(preview) as bar:
        bar(0, 2)
        bar(1, 2)
    assert len(asked) == 1
    above, _, bars = drawn.getvalue().partition("\r")
    assert above == "the gradient\n" + "x" * 19 + "\nthird\n"  # what fits, so that it can be taken away
    assert "comparing [---" in bars
    assert "] 1/2" in bars
    assert bars.endswith("\r\x1b[3A\x1b[J")


def test_without_a_terminal_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "_PATIENCE", -1.0)
    with progress_bar(lambda: "never") as bar:
        bar(0, 1)
    assert stream.getvalue() == ""


def test_what_is_quick_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = terminal(monkeypatch)
    monkeypatch.setattr(progress, "_PATIENCE", 1e9)
    bar = ProgressBar(lambda: "never")
    bar(0, 1)
    bar.clear()
    assert drawn.getvalue() == ""


def test_grad_shows_the_gradient_while_it_compares(adcli: Adcli, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(ProgressBar, "__call__", lambda bar, done, count: drawn.append(bar._preview()))
    result = adcli("grad", "samples/sine_product.ad", "--x", "2", "--y", "3")
    assert result.status == 0
    assert "gradient" in drawn[0]
    assert "difference" not in drawn[0]
    assert "agrees" in result.out
