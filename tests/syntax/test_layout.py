"""`adcli fmt`: canonical, idempotent, with the tree and the comments unchanged."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import strategies as st

from adcli.errors import AdError
from adcli.syntax.format import WIDTH, format_tree
from adcli.syntax.layout import format_source
from adcli.syntax.parse import parse
from adcli.syntax.source import Source

from ..conftest import ALL_SAMPLES, randomly, sample_name
from ..derive.programs import RandomProgram, random_programs
from .trees import said


def formatted(text: str) -> str:
    result = format_source(Source("t", text))
    assert said(parse(Source("t", result))) == said(parse(Source("t", text)))
    assert format_source(Source("t", result)) == result
    assert comments(result) == comments(text)
    return result


def comments(text: str) -> list[str]:
    return [comment.rstrip() for comment in re.findall(r"#.*", text)]


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("a=x**2+(y*3)", "a = x^2 + y * 3"),
        ("a = (x + y) - (x - y)", "a = x + y - (x - y)"),
        ("a = ((x)) * (-y)", "a = x * -y"),
        ("a = -(x^2) + (-x)^2 + x^(-y) + (x^y)^2", "a = -x^2 + (-x)^2 + x^-y + (x^y)^2"),
        ("a = f( x,y )", "a = f(x, y)"),
        ("a = where((x)>0and not(y<1), 1,2)", "a = where(x > 0 and not y < 1, 1, 2)"),
        ("a = where((x > 0 or y > 0) and (not (x > 1)), 1, 2)", "a = where((x > 0 or y > 0) and not x > 1, 1, 2)"),
        ("a = where(not (x > 0 and y > 0), 1, 2)", "a = where(not (x > 0 and y > 0), 1, 2)"),
        ("input x=2in[0,4],y", "input x = 2 in [0, 4], y"),
        ("a = 1;b = 2", "a = 1\nb = 2"),
        ("state   c=0", "state c = 0"),
        ("def f(x)=x", "def f(x) = x"),
        ("def f( ){return 1}", "def f() {\n    return 1\n}"),
        ("if x>0{a=1}\n\nelse   if x<0{a=2}else{}", "if x > 0 {\n    a = 1\n} else if x < 0 {\n    a = 2\n} else {\n}"),
        ("for k=1to n step-1{a=k}", "for k = 1 to n step -1 {\n    a = k\n}"),
        ("while(x)>(1){x=x/2}", "while x > 1 {\n    x = x / 2\n}"),
        ("a = (x\n + y)", "a = x + y"),
    ],
)
def test_canonical_text(written: str, canonical: str) -> None:
    assert formatted(written) == f"{canonical}\n"


def test_comments_stay_where_they_were() -> None:
    text = """\
# The description,
#   indented.
input x=1   # help


# between
if x>0{ # opened

  # first
  a=1 # behind

  # last
} # closed
# before else
else{a=2 # two
}
b = (a # in the middle
     +   1)
# end"""
    assert (
        formatted(text)
        == """\
# The description,
#   indented.
input x = 1  # help

# between
if x > 0 {  # opened
    # first
    a = 1  # behind

    # last
} # closed
# before else
else{
    a = 2  # two
}
b = (a # in the middle
     +   1)
# end
"""
    )


def test_long_lines_are_broken_in_brackets() -> None:
    names = [f"a_rather_long_name_{number}" for number in range(12)]
    text = formatted(f"total = {' + '.join(names)}\nlargest = max({', '.join(names)})\n")
    conditions = " and ".join(f"{name} > 2" for name in names)
    text += formatted(f"if {conditions} {{ }} else if not ({conditions}) {{ }}\nwhile {conditions} {{ }}")
    text += formatted(f"y = -({' + '.join(names)})\nz = --max({', '.join(names)})")
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "\n} else if not (\n    a_rather_long_name_0 > 2 and" in text
    assert "\ny = -(\n    a_rather_long_name_0 + " in text
    assert text.startswith("total = (\n    a_rather_long_name_0 + a_rather_long_name_1")
    assert "\n)\nlargest = max(\n    a_rather_long_name_0, " in text


def test_what_cannot_be_parsed_cannot_be_formatted() -> None:
    with pytest.raises(AdError):
        format_source(Source("t", "a = 2x"))


@randomly(60, random_programs())
def test_random_programs(program: RandomProgram) -> None:
    text = formatted(program.text)
    assert formatted(text.replace("\n", "\n\n\n")) == format_source(Source("t", text.replace("\n", "\n\n")))
    assert format_tree(parse(Source("t", text))) == text


_PIECES = ("# c", "\n", "\n\n", " ", ";", "a = 1", "input x = 2", "if x > 0 {", "}", "} else {", "else {", "(", ")",
           "x +", "while x > 1 {", "def f(x) {", "return x", "b = (x", "+ 1)", "#", "\t", "output y = x")  # fmt: skip


@randomly(600, st.lists(st.sampled_from(_PIECES), max_size=14))
def test_any_text_that_parses(pieces: list[str]) -> None:
    text = "\n".join(pieces) if len(pieces) % 2 else " ".join(pieces)
    try:
        parse(Source("t", text))
    except AdError:
        return
    formatted(text)


@pytest.mark.parametrize("path", ALL_SAMPLES, ids=sample_name)
def test_samples_whatever_their_indentation(path: Path) -> None:
    """But for the rows of an array with a comment in it, which are left as they are written."""
    text = path.read_text(encoding="utf-8")
    assert formatted(re.sub(r"^ +(?![ \[])", "", text, flags=re.MULTILINE)) == text
