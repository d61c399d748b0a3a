"""Long tapes: what a table shows of them, and what a reader may choose to see."""

from __future__ import annotations

import json
import re

import pytest

import adcli as package
from adcli.report.fold import Heading, folded
from adcli.report.selection import Chosen, Selection
from adcli.tape.labels import labels
from adcli.tape.reach import active_entries
from adcli.tape.tape import Guard

from ..cli.test_commands import Golden
from ..conftest import Adcli

LOOP = """\
input x = 1.1, y = 0.3
def f(u) {
    v = u * y
    if v > 100 {
        return v
    }
    return sin(v)
}
a = x
for k = 1 to 1000 {
    a = f(a) + x
    if a > 1 {
        a = a / 2
    }
}
while a > 1e-3 {
    a = a / 2
}
output a
"""
HEADING = "for k = 1 to 1000: 5 entries each; first, second and last shown (line 10)"


def rows(text: str, selection: Selection | None = None, reverse: bool = False) -> list[str]:
    """What is shown: labels of entries, guards in brackets, and headings."""
    tape = package.parse(text).tape().run.tape
    names = labels(tape)
    chosen = Chosen(selection or Selection(), tape, names, active_entries(tape, list(tape.inputs.values())))
    shown = []
    for item in folded(tape, chosen, reverse):
        if isinstance(item, Heading):
            shown.append(item.text)
        elif isinstance(item, Guard):
            shown.append(f"[{names[item.left]} {item.comparison} {names[item.right]}]")
        else:
            shown.append(names[item])
    return shown


def test_a_loop_shows_its_first_second_and_last_iteration() -> None:
    shown = rows(
        "input x\nfor k = 1 to 1000 {\n    a = x * k\n    b = a + 1\n    x = b / k\n}\noutput x".replace(
            "x\n", "x = 1\n", 1
        )
    )
    assert shown == [
        "x", "for k = 1 to 1000: 4 entries each; first, second and last shown (line 2)",
        "k", "a", "b", "x_2", "k_2", "a_2", "b_2", "x_3", "… 997 iterations, v9..v3996",
        "k_1000", "a_1000", "b_1000", "x_1001",
    ]  # fmt: skip


def test_loops_calls_and_guards() -> None:
    shown = rows(LOOP)
    assert shown[3:] == [
        HEADING, "k", "v", "[v > 100]", "v5", "a_2", "[a_2 > 1]", "a_3",
        "k_2", "v_2", "[v_2 > 100]", "v10", "a_4", "[a_4 > 1]", "a_5",
        "… 997 iterations, v13..v4997",
        "k_1000", "v_1000", "[v_1000 > 100]", "v5000", "a_2000", "[a_2000 > 1]", "a_2001",
        "while a > 1e-3: 1 entry each; first, second and last shown (line 16)",
        "[a_2001 > 1e-3]", "a_2002", "[a_2002 > 1e-3]", "a_2003", "… 7 iterations, v5005..v5011",
        "[a_2010 > 1e-3]", "a_2011", "[a_2011 > 1e-3]",
    ]  # fmt: skip


def test_the_other_way_round_the_last_iteration_comes_first() -> None:
    shown = [row for row in rows(LOOP, reverse=True) if not row.startswith("[")]
    assert shown[:5] == [
        "while a > 1e-3: 1 entry each; first, second and last shown (line 16)",
        "a_2011", "… 7 iterations, v5005..v5011", "a_2003", "a_2002",
    ]  # fmt: skip
    assert shown[-3:] == ["a", "y", "x"]


def test_a_guard_at_the_end_of_an_iteration_belongs_to_it() -> None:
    text = "input x = 0\ns = 0\nfor k = 1 to 40 {\n    s = s + x\n    if s > k { s = 0 }\n}\noutput s"
    shown = rows(text)
    assert shown[3:9] == ["k", "s_2", "[s_2 > k]", "k_2", "s_3", "[s_3 > k_2]"]
    assert shown[-3:] == ["k_40", "s_41", "[s_41 > k_40]"]


def test_iterations_of_different_lengths() -> None:
    text = "input x = 1\nfor k = 1 to 60 {\n    if k > 30 { x = x + k }\n}\noutput x"
    assert rows(text)[1] == "for k = 1 to 60: 1 to 2 entries each; first, second and last shown (line 2)"


def test_nested_calls_are_folded_from_the_third_on() -> None:
    text = (
        "input x = 2\ndef fact(n) {\n    if n < 1 { return 1 }\n    return n * fact(n - 1)\n}\noutput y = x * fact(30)"
    )
    shown = [row for row in rows(text) if not row.startswith("[")]
    assert [row for row in shown if "entries" in row] == ["fact(n - 1): 56 entries, v3..v58 (line 4)"]
    assert len(shown) < 10


def test_a_long_straight_line_has_a_gap() -> None:
    shown = rows("input x = 1\n" + "".join(f"a{n} = x + {n}.5\n" for n in range(1_000)))
    assert len(shown) == 201
    assert shown[100] == "… 801 entries, v100..v900"


def test_short_tapes_and_all_show_everything() -> None:
    assert not [row for row in rows(LOOP.replace("1000", "5").replace("1e-3", "0.5")) if "…" in row or "each" in row]
    assert len(rows(LOOP, Selection(everything=True))) > 7_000


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(name="k"), [HEADING, "k", "k_2", "… 997 iterations, v13..v4997", "k_1000"]),
        (Selection(name="k_2"), ["k_2"]),
        (Selection(lines=(1, 1)), ["x", "y"]),
        (Selection(entries=("v10", "a_5")), ["[v_2 > 100]", "v10", "a_4", "[a_4 > 1]", "a_5"]),
        (Selection(entries=("k", "k")), ["k"]),
        (Selection(lines=(19, 99)), []),
    ],
)  # fmt: skip
def test_selections(selection: Selection, expected: list[str]) -> None:
    shown = rows(LOOP, selection)
    assert shown[: len(expected)] == expected
    assert len(shown) == len(expected) or selection.lines == (17, 99)


def test_active_entries_only() -> None:
    shown = rows(
        "input x = 1\nc = 2\nd = c * c\nif c > 1 { y = x }\nif y > 0 { z = y * d }\noutput z", Selection(active=True)
    )
    assert shown == ["x", "y", "[y > 0]", "z"]


def test_selections_hold_in_every_format(adcli: Adcli) -> None:
    options = ("-", "--name", "a", "--all")
    table = adcli("tape", *options, stdin=LOOP.encode())
    report = json.loads(adcli("tape", *options, "--format", "json", stdin=LOOP.encode()).out)
    csv = adcli("tape", *options, "--format", "csv", stdin=LOOP.encode())
    assert len(report["entries"]) == len(csv.out.splitlines()) - 1 == 2011
    assert len(re.findall(r"^v\d+ ", table.out, re.MULTILINE)) == 2011
    eval_report = json.loads(adcli("eval", "-", "--lines", "17", "--format", "json", stdin=LOOP.encode()).out)
    assert len(eval_report["values"]) == 10


def test_the_folded_sweep_is_a_part_of_the_whole_one(adcli: Adcli) -> None:
    """Steps, running adjoints and paths are those of the sweep that is told in full."""
    report = package.parse(LOOP)
    whole = report.sweep(selection=Selection(everything=True))
    short = report.sweep()
    table = {row for row in short.tables()[0].rows if row[2] is not None}
    assert table < {row for row in whole.tables()[0].rows if row[2] is not None}
    assert short.gradient == report.gradient(difference="none").gradient
    assert len(whole.rows) == len(
        json.loads(adcli("sweep", "-", "--format", "json", stdin=LOOP.encode()).out)["contributions"]
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--lines", "0"), "expected a line or a range of lines, such as 4-9"),
        (("--lines", "9-4"), "9 comes after 4: swap the two"),
        (("--lines", "99"), "the program has no line 99"),
        (("--lines", "a"), "expected a line or a range of lines, such as 4-9"),
        (("--entries", ".."), "expected an entry or a range of entries, such as v10..v20"),
        (("--entries", "v9..v3"), "`v9` comes after `v3`"),
        (("--entries", "v1..v99999"), "the tape has no entry `v99999`"),
        (("--name", "kk"), "the program has no value `kk`"),
    ],
)
def test_selections_that_mean_nothing(adcli: Adcli, options: tuple[str, ...], message: str) -> None:
    result = adcli("tape", "-", *options, stdin=LOOP.encode())
    assert (result.status, result.out) == (2, "")
    assert message in result.err


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("command", ["tape", "sweep", "eval"])
def test_folded_tables(adcli: Adcli, golden: Golden, command: str, columns: int) -> None:
    result = adcli(command, "-", columns=columns, stdin=LOOP.encode())
    assert (result.status, result.err) == (0, "")
    golden(f"folded-{command}-{columns}.txt", result.out)


def test_folded_markdown_and_latex(adcli: Adcli, golden: Golden) -> None:
    for form in ("markdown", "latex"):
        golden(f"folded-eval.{form}", adcli("eval", "-", "--format", form, stdin=LOOP.encode()).out)


def test_a_range_may_have_one_end(adcli: Adcli) -> None:
    def shown(*options: str) -> list[str]:
        report = json.loads(adcli("tape", "-", "--format", "json", *options, stdin=LOOP.encode()).out)
        return [entry["entry"] for entry in report["entries"]]

    everything = shown("--all")
    last = everything[-1]
    assert shown("--entries", "v7..") == shown("--entries", f"v7..{last}") == everything[7:]
    assert shown("--entries", "..v6") == everything[:7]
    assert shown("--lines", "4-") == shown("--lines", "4-1000")
    assert 0 < len(shown("--lines", "4-")) < len(everything)


def test_what_is_wanted_is_never_passed_over_silently() -> None:
    """Line 2 runs in the middle of the loop only: all of it is shown, or the gap that hides it."""
    program = "input x = 1\ndef f(u, k) { if k >= START { u = 2 * u }\nreturn u + 1 }\ny = x\n"
    program += "for k = 1 to 120 { if k < 118 { y = f(y, k) } }\noutput y"
    assert rows(program.replace("START", "100"), Selection(name="u"))[:2] == ["u", "u_2"]
    assert rows(program.replace("START", "60"), Selection(name="u")) == [
        "for k = 1 to 120: 1 to 4 entries each; first, second and last shown (line 5)", "… 117 iterations, v8..v412",
    ]  # fmt: skip


def test_short_calls_are_shown_and_long_ones_folded() -> None:
    text = (
        "input x = 1\ndef f(u) = u^2 + 1\ndef g(u) = u * u * u * u * u * u\ny = x\n"
        + "y = f(y) + g(y)\n" * 24
        + "output y"
    )
    shown = [row.partition(":")[0] for row in rows(text) if "entries" in row]
    assert shown.count("g(y)") == 22
    assert shown.count("f(y)") == 4


def test_guards_before_and_inside_a_call_are_kept_apart() -> None:
    text = (
        "input x = 0\ndef f(u) { if u > 9 { return u }\nv = u * u * u * u * u * u\nreturn v }\ny = x\n"
        "for k = 1 to 60 { if y < 2 * k { y = f(y) } }\noutput y"
    )
    shown = rows(text)
    assert shown[3:7] == ["k", "v3", "[y < v3]", "[y > 9]"]
    assert shown[-4:] == ["v475", "[y_60 < v475]", "f(y): 5 entries, v476..v480 (line 6)", "y_61"]


def test_what_ends_a_counted_loop_is_no_part_of_an_iteration() -> None:
    text = "input x = 1\nn = 60\nfor k = 1 to n { x = x + 1 }\noutput x"
    assert rows(text)[2] == "for k = 1 to n: 2 entries each; first, second and last shown (line 3)"
