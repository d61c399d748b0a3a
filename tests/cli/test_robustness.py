"""Texts that no one should write: an answer or a message, after bounded work, with the caret at the right column."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import strategies as st

from ..conftest import ALL_SAMPLES, Adcli, mostly_slow, randomly, run_adcli
from ..work import lines_run

LIMIT = ("--max-entries", "400000")
COMMANDS = (("eval",), ("grad", "--difference", "none"), ("tape",), ("sweep",), ("why",), ("fmt",), ("lint",))


def outcome(command: tuple[str, ...], content: bytes) -> None:
    result = run_adcli(command[0], "-", *command[1:], *(() if command[0] in ("fmt", "lint") else LIMIT), stdin=content)
    assert result.status in (0, 1, 2), result.err
    assert "error[internal]" not in result.err
    assert result.status != 2 or result.err.startswith(("error[", "warning["))


@randomly(80, st.text(max_size=60), st.sampled_from(COMMANDS))
def test_random_texts(text: str, command: tuple[str, ...]) -> None:
    outcome(command, text.encode("utf-8", "surrogatepass"))


@randomly(60, st.binary(max_size=60), st.sampled_from(COMMANDS))
def test_random_bytes(content: bytes, command: tuple[str, ...]) -> None:
    outcome(command, content)


_TOKENS = ("input", "output", "state", "def", "return", "if", "else", "for", "while", "where", "and", "or", "not", "in",
           "require", "solve", "from", "to", "step", "=", "==", "<", ">=", ",", ";", "[", "]", "{", "}", "(", ")", "+",
           "-", "*", "/", "^", "1", "2.5", "x", "y", "f", "\n", "# c\n", "&", "²")  # fmt: skip


@randomly(400, st.lists(st.sampled_from(_TOKENS), max_size=40), st.sampled_from(COMMANDS))
def test_random_tokens(tokens: list[str], command: tuple[str, ...]) -> None:
    outcome(command, " ".join(tokens).encode())


@randomly(80, st.data())
def test_random_mutations_of_the_samples(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(ALL_SAMPLES))
    text = path.read_text(encoding="utf-8")
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        text = text[:start] + " ".join(data.draw(st.lists(st.sampled_from(_TOKENS), max_size=2))) + text[end:]
    outcome(data.draw(st.sampled_from(COMMANDS)), text.encode())


def test_broken_programs_are_never_changed(tmp_path: Path) -> None:
    path = tmp_path / "model.ad"
    for content in (b"a = 2x", b"\xff\xfe", b"a = 1\0", b"", b"if x > 0 {", b"\xef\xbb\xbfa=2x"):
        path.write_bytes(content)
        run_adcli("fmt", "--write", str(path))
        if content:
            assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("line", "shown", "carets"),
    [
        ("\ty = x + zz", "   y = x + zz", 10),
        ("y = x + zz", " y = x + zz", 9),
        ("変数 = x + zz", " 変数 = x + zz", 12),
        ("é = x + zz", " é = x + zz", 9),  # two characters, one column
        ("שלום = x + zz", " שלום = x + zz", 12),
        ("y = x\0 + zz", " y = x␀ + zz", 6),
    ],
)
def test_carets_point_at_the_right_column(line: str, shown: str, carets: int) -> None:
    result = run_adcli("eval", "-", "--x", "1", stdin=f"\ufeffinput x\r\n{line}\r\noutput x\r\n".encode())
    lines = result.err.splitlines()
    assert lines[3].removeprefix(" 2 |").replace("\t", " ").strip() == shown.strip()
    assert lines[4].index("^") - lines[4].index("|") - 1 == carets


def test_names_are_the_same_however_their_accents_are_written(adcli: Adcli) -> None:
    result = adcli("eval", "-", stdin="input é = 2\noutput y = é^2".encode())
    assert result.status == 0
    assert "4" in result.out


# How many of something stand in a text, and the text of so many.
LONG: dict[str, tuple[int, Callable[[int], str]]] = {
    "a sum": (5_000, lambda n: "y = " + "1 + " * n + "1"),
    "brackets": (2_500, lambda n: "y = " + "(" * n + "1" + ")" * n),
    "open brackets": (10_000, lambda n: "y = " + "(" * n),
    "closing brackets": (10_000, lambda n: "y = " + ")" * n),
    "a tower of powers": (5_000, lambda n: "y = " + "2^" * n + "2"),
    "signs": (10_000, lambda n: "y = " + "-" * n + "1"),
    "a comment of a megabyte": (500_000, lambda n: "y = 1 # " + "c" * n),
    "a number of a megabyte": (500_000, lambda n: "y = " + "9" * n),
    "a name of a megabyte": (500_000, lambda n: "y" * n + " = 1"),
    "statements": (5_000, lambda n: "y = 1\n" * n),
    "mistakes": (5_000, lambda n: "y = 2x\n" * n),
    "open braces": (10_000, lambda n: "{" * n),
    "closing braces": (10_000, lambda n: "}" * n),
    "open blocks": (1_000, lambda n: "if 1 > 0 {\n" * n + "y = 1"),
    "open where": (1_000, lambda n: "y = where(1 > 0, " * n),
    "empty lines": (50_000, lambda n: "\n" * n + "y = 1"),
    "semicolons": (10_000, lambda n: ";" * n),
    "stray characters": (10_000, lambda n: "? " * n),
    "open calls": (5_000, lambda n: "y = f(" * n),
    "elses": (1_000, lambda n: "if 1 > 2 { y = 1 }" + " else if 1 > 2 { y = 1 }" * n + " else { y = 2 }"),
}


_RIGHT, _WRONG = "output y\n", "output 2y\n"  # of a text: its last line


@functools.cache
def _lines_per_token(last: str) -> float:
    """The lines of Python that a token of a usual text takes; one with a mistake is read a second time, by Lark."""

    def read_another() -> None:  # one that was ever read is kept, and not read again
        text = f"y = 1  # {uuid4()}\n" + "y = y * 2 + 1\n" * 200 + last
        status = run_adcli("eval", "-", "--format", "csv", stdin=text.encode()).status
        assert status == (0 if last == _RIGHT else 2)

    return lines_run(read_another) / (200 * 8)


@pytest.mark.parametrize("name", mostly_slow(LONG))
def test_long_texts(name: str) -> None:
    """At a tenth of the length, at most three times the work of a usual text with as many tokens, or twice if wrong.

    A name or a number is one token. To start and to say what is wrong takes some work for any text.
    """
    size, text = LONG[name]
    outcome(("eval", "--format", "csv"), text(size).encode())
    short = text(size // 10)
    tokens = len(re.findall(r"\w+|[^\w ]", short))
    work = lines_run(lambda: outcome(("eval", "--format", "csv"), short.encode()))
    is_right = run_adcli("eval", "-", stdin=short.encode()).status == 0
    usual = 3 * _lines_per_token(_RIGHT) if is_right else 2 * _lines_per_token(_WRONG)
    assert work < usual * tokens + 10_000
