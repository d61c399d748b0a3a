"""While a comparison takes long, a terminal shows the result so far and a bar, and takes both away again."""

from __future__ import annotations

import io
import json
import signal
import sys

import pytest

from adcli.cli import progress
from adcli.cli.progress import ProgressBar, progress_bar
from adcli.trust.budget import are_over

from ..conftest import Adcli

SAMPLE = "samples/sine_product.ad"


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


def interrupted_at(monkeypatch: pytest.MonkeyPatch, *calls: int) -> None:
    """Ctrl-C is pressed when the bar is told of these comparisons."""
    counted = iter(range(1000))
    told = ProgressBar.__call__

    def tell(bar: ProgressBar, done: int, count: int) -> None:
        told(bar, done, count)
        if next(counted) in calls:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(ProgressBar, "__call__", tell)


def test_an_interrupt_ends_the_random_points_and_keeps_those_that_are_done(
    adcli: Adcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted_at(monkeypatch, 8)  # behind the two components and six points
    result = adcli("check", SAMPLE, "--random", "1000000000")
    assert result.status == 130
    assert "of 7 points: 7 agrees" in result.out
    assert "interrupted: what was compared until now follows; Ctrl-C again ends at once" in result.err
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert not are_over()


def test_an_interrupt_ends_the_comparison_of_components(adcli: Adcli, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted_at(monkeypatch, 1)
    result = adcli("grad", SAMPLE, "--format", "json")
    assert result.status == 130
    difference = json.loads(result.out)["difference"]["L"]
    assert list(difference) == ["x"]
    assert json.loads(result.out)["gradient"]["L"]["y"] == 3.9203405733007317


def test_a_second_interrupt_ends_the_command(adcli: Adcli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adcli.trust.at_random.are_over", lambda: False)  # the comparison goes on for a while
    interrupted_at(monkeypatch, 3, 5)
    result = adcli("check", SAMPLE, "--random", "1000000000")
    assert (result.status, result.out) == (130, "")
    assert result.err.endswith("interrupted\n")
    assert not are_over()


def test_an_interrupt_before_anything_is_compared_ends_the_command(
    adcli: Adcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adcli.run.execute", lambda *_: signal.raise_signal(signal.SIGINT))
    result = adcli("grad", SAMPLE)
    assert (result.status, result.out, result.err.strip()) == (130, "", "interrupted")
