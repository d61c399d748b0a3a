"""Command lines that are read without click: they say what the same lines say with it."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from adcli.cli import main as ends
from adcli.cli import plain
from adcli.cli.group import adcli as command_line
from tests.conftest import Adcli, Result

PRODUCT = "samples/sine_product.ad"


def of_click(monkeypatch: pytest.MonkeyPatch, adcli: Adcli, *words: str) -> Result:
    with monkeypatch.context() as patched:
        patched.setattr(ends, "plain_status", lambda arguments: None)
        return adcli(*words)


@pytest.mark.parametrize("words", [
    ("grad", PRODUCT), ("grad", PRODUCT, "--x", "-2", "--y=pi/4"), ("eval", "--x", "3", PRODUCT), ("tape", PRODUCT),
    ("sweep", PRODUCT), ("grad", "-e", "x*y + sin(x*y)", "--x", "2", "--y", "3"), ("grad", "samples/softmax.ad"),
    ("grad", "-e", "abs(x)", "--x", "0"), ("grad", "-e", "log(x)", "--x", "0"), ("grad", "-e", "2"),
    ("grad", PRODUCT, "--x", "[1, 2]"),
], ids=" ".join)  # fmt: skip
def test_it_says_what_click_says(monkeypatch: pytest.MonkeyPatch, adcli: Adcli, words: tuple[str, ...]) -> None:
    seen: list[object] = []
    monkeypatch.setattr(plain, "_start_of", lambda line, known=plain._start_of: seen.append(line) or known(line))
    assert adcli(*words) == of_click(monkeypatch, adcli, *words)
    assert len(seen) == 1


@pytest.mark.parametrize("words", [
    (), ("--version",), ("grad",), ("grad", "-e"), ("grad", PRODUCT, PRODUCT), ("grad", PRODUCT, "--z", "1"),
    ("grad", PRODUCT, "--x"), ("grad", PRODUCT, "--x", "2", "--x", "3"), ("grad", PRODUCT, "--x", "--y", "3"),
    ("grad", PRODUCT, "-q"), ("grad", PRODUCT, "--of", "a"), ("grad", PRODUCT, "--", "--x"), ("grad", "missing.ad"),
    ("grad", "-e", "x"), ("grad", "-e", "x +"), ("grad", PRODUCT, "x=2"),
    ("grad", "-"), ("lint", PRODUCT), ("grad", "-e", "of^2", "--of", "3"),
], ids=" ".join)  # fmt: skip
def test_the_rest_is_left_to_click(monkeypatch: pytest.MonkeyPatch, adcli: Adcli, words: tuple[str, ...]) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    assert plain.plain_status([*words]) is None


def test_the_names_of_options_are_no_inputs() -> None:
    context = click.Context(command_line)
    commands = [command_line.get_command(context, name) for name in plain.OPTIONS]
    names = {
        name.removeprefix("--")
        for command in commands
        if command is not None
        for parameter in command.get_params(click.Context(command, **command_line.context_settings))
        for name in (*parameter.opts, *parameter.secondary_opts)
        if name.startswith("--")
    }
    assert names == plain.TAKEN
