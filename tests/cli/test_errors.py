"""Bad input: a message that names the place and the remedy, status 2, and never a traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adcli import run

from ..conftest import ALL_SAMPLES, Adcli, randomly, run_adcli

Golden = Callable[[str, str], None]

PROGRAMS = {
    "unknown-name": "input scale\na = 2\noutput y = sin(scael) + aa\n",
    "several": "input x, x\na = (x + 1\nb = foo(x)\n\nc = bb + 1; d = sin(1, 2)\noutput q\n",
    "used-before": "input x\nb = a + 1\na = x\n",
    "stray": "input x\ny = x ? 2\nz = x $ 3\n",
    "unopened": "input x\ny = x + 1)\n",
    "too-early": "input x\ny = x *\n",
    "no-times": "input x\ny = 2x\nz = (1 + x)(1 - x)\n",
    "word": "input input\noutput = 3\n",
    "empty": "",
    "only-inputs": "input x\n",
    "unassigned": "input x\nyy = x\noutput y\n",
    "range": "input x = 1 in [3, 2]\ny = x\n",
    "five-at-once": "input x\na = (x + \nb = 2x\nc = 1 +\nd = zz + 1\nif yy = 2 {\n    e2 = 1\n}\noutput y = qq\n",
    "conditions": "input x\nif x = 1 {\n    y = 1\n}\nz = x > 1\nif x {\n    w = 1\n}\nv = where(x, 1, 2)\n",
    "blocks": "input x\nfor k = 1 to 3 {\n    y = x\nif x > 1 {\n    z = 1\n}\n",
    "blocks-closed": "input x\ny = x\n}\nwhile x > 1\n    y = 2\n",
    "functions": "input x\nc = 0\ndef f(u) {\n    c = c + u\n    return c\n}\nreturn x\ny = f(x, 1)\n"
    "def g(u) {\n    v = u\n}\ndef h(u, u) = u\n",
    "loop-variable": "input x\nfor k = 1 to 3 {\n    k = k + 1\n}\nstate c = 0\nfor c = 1 to 2 {\n    y = x\n}\n",
    "foreign": "input x\nfunction f(u) { return u }\nlet y = x\nz = lambda x: x\nelif x > 1 {\n}\nw = x && y\n",
    "limit": "input x\nwhile x > 0 {\n    x = x + 1\n}\n",
    "limit-call": "input x\ndef f(u) = f(u + 1)\ny = f(x)\n",
    "wide-letters": "input x\n変数 = x\ny = 変数 + 変教\n",
    "tabs": "input x\n\ty = x + \tzz\n",
    "long-line": f"input x\ny = {' + '.join(['x'] * 100)} + zz + {' + '.join(['x'] * 100)}\n",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_mistakes_in_a_program(adcli: Adcli, golden: Golden, name: str) -> None:
    result = adcli("eval", "-", "--x", "1", "--max-entries", "1000", stdin=PROGRAMS[name].encode())
    assert (result.status, result.out) == (2, "")
    golden(f"error-{name}.txt", result.err)


COMMANDS = {
    "no-program": ["grad"],
    "no-command": ["gard"],
    "two-programs": ["grad", "samples/counter.ad", "-e", "x"],
    "extra": ["grad", "samples/counter.ad", "samples/baydin.ad"],
    "missing-file": ["grad", "samples/countr.ad"],
    "directory": ["grad", "samples"],
    "missing-inputs": ["grad", "--y", "pi/4", "-e", "x * y + z"],
    "unknown-option": ["grad", "samples/counter.ad", "--z", "1"],
    "bad-value": ["grad", "samples/counter.ad", "--x", "two"],
    "not-finite": ["grad", "samples/counter.ad", "--x", "inf"],
    "no-value": ["grad", "samples/counter.ad", "--x"],
    "unknown-of": ["grad", "samples/counter.ad", "--of", "firts"],
    "unknown-wrt": ["grad", "samples/counter.ad", "--wrt", "x,z"],
    "empty-wrt": ["grad", "samples/counter.ad", "--wrt", ","],
    "at-unknown": ["grad", "samples/counter.ad", "--at", "z=1"],
    "at-broken": ["grad", "samples/counter.ad", "--at", "x=1,y"],
    "at-no-file": ["grad", "samples/counter.ad", "--at", "point.json"],
    "format": ["grad", "samples/counter.ad", "--format", "xml"],
    "digits": ["grad", "samples/counter.ad", "--digits", "0"],
    "expression": ["grad", "-e", "x +"],
    "empty-expression": ["grad", "-e", ""],
    "unwritable": ["grad", "samples/counter.ad", "--output", "no/such/folder/file"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_mistakes_on_the_command_line(adcli: Adcli, golden: Golden, name: str) -> None:
    result = adcli(*COMMANDS[name])
    assert (result.status, result.out) == (2, "")
    golden(f"usage-{name}.txt", result.err)


def test_warnings_go_to_standard_error(adcli: Adcli, golden: Golden) -> None:
    result = adcli("eval", "-", stdin=b"input x = 5 in [0, 1]\na = x - 5\noutput y = log(a)\n")
    assert result.status == 0
    golden("warnings.txt", result.err)


def test_bytes_that_are_not_utf8(adcli: Adcli, tmp_path: Path) -> None:
    path = tmp_path / "model.ad"
    path.write_bytes(b"input x\ny = x \xe9")
    result = adcli("eval", str(path), "--x", "1")
    assert result.status == 2
    assert "byte 0xe9 at line 2, column 7" in result.err


@pytest.mark.parametrize(
    "content",
    ["", "[1, 2]", '{"x": null}', '{"x": [1]}', '{"x": true}', '{"x": NaN}', '{"x": 1e999}', '{"x": "y"}', "{"],
)
def test_a_point_file_that_is_none(adcli: Adcli, tmp_path: Path, content: str) -> None:
    path = tmp_path / "point.json"
    path.write_text(content)
    result = adcli("eval", "samples/counter.ad", "--at", str(path))
    assert result.status == 2
    assert result.err.startswith("error[")


def test_errors_as_json(adcli: Adcli) -> None:
    for arguments in (["--format", "json"], ["--format=json"]):
        result = adcli("eval", "-", *arguments, stdin=PROGRAMS["several"].encode())
        assert (result.status, result.out) == (2, "")
        problems = json.loads(result.err)["error"]
        assert [set(problem) for problem in problems] == [{"code", "message", "line", "column", "help"}] * len(problems)
        assert (problems[0]["code"], problems[0]["line"], problems[0]["column"]) == ("duplicate-input", 1, 10)
        assert len(problems) == 6


def test_a_bug_of_our_own_is_no_traceback(adcli: Adcli, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(run, "execute", broken)
    result = adcli("eval", "samples/counter.ad")
    assert result.status == 70
    assert result.err.startswith("error[internal]: ZeroDivisionError: oops\n")
    assert "Traceback" not in result.err


def test_an_interrupted_run_says_so(adcli: Adcli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "execute", interrupted)
    result = adcli("eval", "samples/counter.ad")
    assert (result.status, result.err.strip()) == (130, "interrupted")


@given(st.text(max_size=80))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_gives_a_message_or_a_result(text: str) -> None:
    result = run_adcli("eval", "-", stdin=text.encode("utf-8", "surrogatepass"))
    assert result.status in (0, 2)
    assert not result.err.startswith("error[internal]")


_TOKENS = ("input", "output", "in", "x", "y", "a", "sin", "max", "(", ")", "[", "]", ",", ";", "\n", "=", "+", "-", "*",
           "/", "^", "**", "2", "1e3", "0", "pi", "#", "$", "θ", "\t", " ")  # fmt: skip


@randomly(300, st.lists(st.sampled_from(_TOKENS), max_size=30))
def test_any_tokens_give_a_message_or_a_result(tokens: list[str]) -> None:
    result = run_adcli("grad", "-", stdin=" ".join(tokens).encode())
    assert result.status in (0, 2), result.err
    assert not result.err.startswith("error[internal]")


@randomly(60, st.binary(max_size=60))
def test_any_bytes_give_a_message_or_a_result(content: bytes) -> None:
    result = run_adcli("eval", "-", stdin=content)
    assert result.status in (0, 2)
    assert not result.err.startswith("error[internal]")


@randomly(80, st.data())
def test_mutated_samples(data: st.DataObject) -> None:
    sample = data.draw(st.sampled_from(ALL_SAMPLES))
    text = sample.read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(text)))
    end = min(len(text), start + data.draw(st.integers(0, 6)))
    mutated = text[:start] + data.draw(st.text("()[]=+-*/^,;x1.e \n#$", max_size=4)) + text[end:]
    result = run_adcli("grad", "-", "--difference", "none", stdin=mutated.encode())
    assert result.status in (0, 2), result.err
    assert not result.err.startswith("error[internal]")


@pytest.mark.parametrize("name", ["a\x1b[31mred", "two\nlines", "bell\x07", "\udcff"])
def test_control_characters_of_a_file_name_are_written_out(adcli: Adcli, tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.ad"
    path.write_text("input x = 2\noutput y = z\n")
    for arguments in (["eval", str(path)], ["eval", f"{path}x"], ["grad", "-e", "x", "--at", f"{path}.json"]):
        err = adcli(*arguments).err
        assert "error[" in err
        assert all(letter.isprintable() or letter == "\n" for letter in err)
        shown = name.encode("unicode_escape").decode() if name != "two\nlines" else "two"
        assert shown in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["eval", "-e", "x", "--x", "9" * 3000], ["eval", "-e", f"{'9' * 3000} * x", "--x", "1"],
        ["eval", "-e", "x", "--at", f"x={'9' * 3000}"], ["eval", "-e", "x", "--x", "1", "--digits", "9" * 3000],
        ["check", "-e", "x", "--x", "1", "--claim", f"dvalue/dx = {'9' * 3000}"],
        ["check", "-e", "x", "--x", "1", "--random", "9" * 3000],
        ["tape", "-e", "x", "--x", "1", "--lines", "9" * 3000],
    ],
)  # fmt: skip
def test_huge_numbers_are_shortened_in_messages(adcli: Adcli, arguments: list[str]) -> None:
    result = adcli(*arguments)
    assert result.status == 2
    assert "(3,000 digits)" in result.err
    assert len(result.err) < 800


def test_a_huge_number_of_another_base_is_told_as_that(adcli: Adcli) -> None:
    result = adcli("eval", "-e", f"0x{'f' * 5000}")
    assert result.status == 2
    assert "numbers are decimal" in result.err
    assert "write `255`" in adcli("eval", "-e", "0xff").err
