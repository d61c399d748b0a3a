"""The loop of our own over Lark's tables gives what Lark gives, and leaves to it what is wrong."""

from __future__ import annotations

from pathlib import Path

import lark
import pytest
from lark.exceptions import UnexpectedInput

from adcli.syntax import quick
from adcli.syntax.grammar import load_parser
from tests.conftest import ALL_SAMPLES, sample_name
from tests.work import lines_run

ODD = """\
# a comment, then what is rare

input x = -1e-3 in [-4, .5e2], w[2, 3] = [[1,
  2, 3], [4, 5, 6]]  # broken over lines
a, é = x, 2; state c = 1 if x < 2 <= 3 and not x else 3
def f(u, k = 2) { if u > 0 { return u^k } else if u < -1 { return -u }
  else { return u**k } }
rule g(a) = sin(a)
  with derivative cos(a)
w[0, 1:] += 2; s = sum(w[i, 0]^2 for i = 0 to 1 if i != 5); (p, q) = f(x, k = 3), w' @ w
for k = 1 to 3 step 2 checkpoint 4 { s = s + k; break }
solve z from 1 in z^2 == 2
claim ds/dx = 1 ± 0.1
output s, L = einsum(w, "ij->j")[0] + sum(w, axis = 0)[1]
"""


def by_loop(text: str, start: str = "program") -> object:
    tables = quick._tables_of(load_parser())
    assert tables is not None, "this Lark keeps its tables otherwise: all is read in twice the time"
    return quick._parsed(tables, text, start)


@pytest.mark.parametrize("path", ALL_SAMPLES, ids=sample_name)
def test_samples_are_read_as_lark_reads_them(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert by_loop(text) == load_parser().parse(text, start="program")


@pytest.mark.parametrize("text", [ODD, "", "\n\n", "output x", "\tx = 1 # \u00b2\n\n\n", "x = 1\n\f\n y = 2"])
def test_what_is_rare_is_read_as_lark_reads_it(text: str) -> None:
    assert by_loop(text) == load_parser().parse(text, start="program")


def test_an_expression_is_read_as_lark_reads_it() -> None:
    text = "a if -x^2 > 1 else where(x, 2, [i for i = 1 to 3])[0]"
    assert by_loop(text, "expression_alone") == load_parser().parse(text, start="expression_alone")


def test_a_text_is_read_in_a_quarter_of_the_steps() -> None:
    """Those of Python: tokens are found at once, and what leaves a value as it is costs nothing."""
    parser, text = load_parser(), "input x\n" + "a = x * 2 + sin(x)\n" * 100 + "output a"
    by_lark = lines_run(lambda: parser.parse(text, start="program"))
    assert lines_run(lambda: quick.parsed(parser, text, "program")) < by_lark / 4


def test_the_pieces_of_a_text_are_all_found_and_tell_their_terminals() -> None:
    """The expression that finds them catches no group, or `findall` would give these in place of the pieces."""
    parser = load_parser()
    tables = quick._tables_of(parser)
    assert tables is not None and tables.texts.groups == 0
    assert "".join(tables.texts.findall(ODD)) == ODD
    own = [(token.type, token.text, token.start, token.end) for token in tables.filtered(quick._tokens(tables, ODD))]
    assert own == [(token.type, str(token), token.start_pos, token.end_pos) for token in parser.lex(ODD)]


def test_a_rule_with_one_child_at_all_times_is_this_child() -> None:
    assert quick._alone(load_parser().parser.parser.parser.callbacks) == {"_name", "_size", "_target", "_subscript"}


@pytest.mark.parametrize("text", ["x = ", "x = (1", "x = 1 1", "x = \u20ac", "x = 1\r", "for = 2", "x = 1 }", '"'])
def test_mistakes_are_told_by_lark(text: str) -> None:
    with pytest.raises(quick._Stuck):
        by_loop(text)
    with pytest.raises(UnexpectedInput) as told:
        load_parser().parse(text, start="program")
    with pytest.raises(UnexpectedInput) as caught:
        quick.parsed(load_parser(), text, "program")
    assert (type(caught.value), str(caught.value)) == (type(told.value), str(told.value))


def test_a_lark_that_keeps_its_tables_otherwise_reads_all_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    other = lark.Lark("start: /a/+", parser="earley")
    assert quick._tables_of(other) is None
    assert quick.parsed(other, "aa", "start") == other.parse("aa")
