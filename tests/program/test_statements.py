"""Functions, state, branches and loops: what they compute, what they refuse."""

from __future__ import annotations

import math

import pytest

import adcli
from adcli.derive.modes import gradient
from adcli.program.check import program_from
from adcli.syntax.source import Source
from adcli.tape.describe import operation_text
from adcli.tape.domains import push_forward
from adcli.tape.execute import execute
from adcli.tape.labels import labels
from adcli.tape.limits import Limits
from adcli.tape.tape import Tape


def run(text: str, max_entries: int = 100_000, **point: float) -> Tape:
    return execute(program_from(Source("t", text)), point, Limits(max_entries))


def value(text: str, **point: float) -> float:
    (result,) = adcli.parse(text).evaluate(point).outputs.values()
    return result


def codes(text: str, **point: float) -> list[str]:
    with pytest.raises(adcli.AdError) as caught:
        adcli.parse(text).evaluate(point)
    return [problem.code for problem in caught.value.problems]


STATE = """\
input x
state c = 0
def f(x) { c = c + 1; return x * c }
output F = f(x) + f(x)"""


def test_state_in_reverse_and_forward_mode() -> None:
    tape = run(STATE, x=5.0)
    assert tape.values[tape.bindings["F"]] == 15
    assert gradient(tape, tape.bindings["F"], ["x"]) == {"x": 3.0}
    assert push_forward(tape, {tape.inputs["x"]: 1.0})[tape.bindings["F"]] == 3.0


def test_the_tape_shows_which_version_each_product_used() -> None:
    tape = run(STATE, x=5.0)
    names = labels(tape)
    shown = [(names[entry], operation_text(tape, entry, names)) for entry in range(len(tape)) if tape.operands[entry]]
    assert shown == [
        ("c", "0"), ("c_2", "c + 1"), ("v3", "x * c_2"), ("c_3", "c_2 + 1"), ("v5", "x * c_3"), ("F", "v3 + v5"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("output y = c + bump(x) * c", 1 + 2 * 2),  # operands are read from left to right
        ("output y = bump(x) + c", 2 + 2),
        ("output y = add(c, bump(x), c)", 1 + 2 + 2),
        ("output y = where(c < bump(x), c, -c)", 2),
        ("if c == bump(x) or c == 2 { y = c } else { y = 0 }\noutput y", 2),
        ("output y = -c ^ bump(x)", -1),
    ],
)
def test_states_are_read_when_their_turn_comes(body: str, expected: float) -> None:
    head = "input x = 0\nstate c = 1\ndef bump(u) { c = c + 1; return u + c }\ndef add(a, b, c) = a + b + c\n"
    assert value(head + body) == expected


def test_functions_read_the_names_of_the_program_at_the_time_of_the_call() -> None:
    text = "input x\nscale = 2\ndef f(u) = scale * u\na = f(x)\nscale = 3\noutput y = 10 * a + f(x)"
    assert value(text, x=1.0) == 23


def test_what_a_function_assigns_is_its_own() -> None:
    text = "input x\ndef f(u) { t = u^2; return t }\nt = f(x)\noutput y = t + f(2)"
    assert value(text, x=3.0) == 13


def test_parameters_hide_names_and_states() -> None:
    text = "input x\nstate c = 1\ndef f(c, x) { c = c + x; return c }\noutput y = f(10, 5) + c + x"
    assert value(text, x=100.0) == 15 + 1 + 100


def test_recursion() -> None:
    text = "input x\ndef even(n) { if n < 1 { return 1 }; return odd(n - 1) }\n"
    text += "def odd(n) { if n < 1 { return 0 }; return even(n - 1) }\noutput y = x * even(10) + odd(10)"
    assert value(text, x=3.0) == 3


def test_a_recursion_10000_deep() -> None:
    text = "input x\ndef sum(n) { if n < 1 { return 0 }; return x + sum(n - 1) }\noutput y = sum(10000)"
    tape = run(text, 1_000_000, x=0.5)
    assert tape.values[tape.bindings["y"]] == 5000
    assert gradient(tape, tape.bindings["y"], ["x"]) == {"x": 10_000.0}


def test_where_runs_one_side_only() -> None:
    tape = run("input x\noutput y = where(x > 0, sqrt(x), 0)", x=0.0)
    assert [operation.name for operation in tape.operations] == ["input", "constant", "copy"]
    tape = run("input x\ndef f(u) { return f(u + 1) }\noutput y = where(x > 0, 2 * x, f(x))", x=1.0)
    assert tape.values[tape.bindings["y"]] == 2


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("x < 1 and y > 1", True), ("x > 1 and y > 1", False), ("x > 1 or y > 1", True), ("not x > 1", True),
        ("not (x < 1 or y < 1) or x == 0", True), ("x != 0", False), ("x <= 0 and x >= 0", True),
        ("not x < 1 and y < 1", False), ("x < 1 or y < 1 and x > 1", True),
    ],
)  # fmt: skip
def test_conditions(condition: str, holds: bool) -> None:
    text = f"input x = 0, y = 2\noutput z = where({condition}, 1, 0)"
    assert value(text) == holds


def test_and_and_or_leave_the_right_side_alone() -> None:
    tape = run("input x\nif x > 0 and 1 / x > 2 { y = 1 } else { y = 2 }\noutput y", x=0.0)
    assert len(tape.guards) == 1
    assert all(operation.name != "div" for operation in tape.operations)


def test_guards_have_their_sides_and_places() -> None:
    source = "input x, y\nif x > y {\n    z = x\n} else if x == 3 {\n    z = 0\n}\noutput z"
    guards = adcli.parse(source).tape(x=3, y=4).guards
    assert [tuple(guard) for guard in guards] == [
        ("x > y", 3.0, 4.0, False, 2, "v2"),
        ("x == 3", 3.0, 3.0, True, 4, "v2"),
    ]


@pytest.mark.parametrize(
    ("bounds", "values"),
    [
        ("1 to 4", [1, 2, 3, 4]), ("4 to 1 step -1", [4, 3, 2, 1]), ("1 to 4 step 2", [1, 3]), ("2 to 1", []),
        ("1 to 4.9", [1, 2, 3, 4]), ("0 to 1 step 0.25", [0, 0.25, 0.5, 0.75, 1]), ("1 to 1", [1]),
        ("0 to 0.3 step 0.1", [0, 0.1, 0.2, 3 * 0.1]), ("0 to 1 step 0.1", [k * 0.1 for k in range(11)]),
        ("0.5 to 3", [0.5, 1.5, 2.5]), ("1 to -1 step -0.5", [1, 0.5, 0, -0.5, -1]), ("n to 2 * n", [3, 4, 5, 6]),
        ("1 to 7 step n", [1, 4, 7]),
    ],
)  # fmt: skip
def test_loops_count_with_both_ends(bounds: str, values: list[float]) -> None:
    tape = run(f"input n\nlast = 0\nfor k = {bounds} {{\n    last = k\n}}\noutput last", n=3.0)
    assert [tape.values[entry] for entry in labels(tape).bindings("k")] == values


def test_the_bounds_of_a_loop_may_be_active() -> None:
    """y = a + (a + 1) + (a + 2): the variable of the loop starts at an input."""
    tape = run("input a\ny = 0\nfor k = a to a + 2 {\n    y = y + k * a\n}\noutput y", a=2.0)
    assert tape.values[tape.bindings["y"]] == 2 * (2 + 3 + 4)
    assert gradient(tape, tape.bindings["y"], ["a"]) == {"a": 9.0 + 3 * 2.0}


def test_loops_and_returns_out_of_them() -> None:
    text = """\
input x
def first_above(limit) {
    for i = 1 to 10 {
        for j = 1 to 10 {
            if i * j * x > limit {
                return 100 * i + j
            }
        }
    }
    return 0
}
total = 0
for n = 1 to 3 {
    total = total + first_above(20 * n)
}
output total"""

    def first_above(limit: float) -> int:
        return next(100 * i + j for i in range(1, 11) for j in range(1, 11) if i * j * 1.5 > limit)

    assert value(text, x=1.5) == sum(first_above(20 * n) for n in (1, 2, 3))


def test_while_with_a_call_and_a_where_in_its_condition() -> None:
    text = "input x\nstate n = 0\ndef f(u) { n = n + 1; return u / 2 }\n"
    text += "while where(x > 1, f(x), 0) > 1 { x = f(x) }\noutput x, n"
    outputs = adcli.parse(text).evaluate(x=100).outputs
    x, n = 100.0, 0
    while x > 1:
        n += 1
        if not x / 2 > 1:
            break
        x, n = x / 2, n + 1
    assert outputs == {"x": x, "n": n}


def test_names_that_have_no_value() -> None:
    assert codes("input x\nif x > 1 { y = x }\nz = y", x=0.0) == ["unassigned"]
    assert codes("input x\nif x > 1 { y = x }\noutput y", x=0.0) == ["unassigned"]
    assert codes("input x\ndef f(u) = u * late\ny = f(x)\nlate = 2\noutput y", x=0.0) == ["unassigned"]
    assert codes("input x\nfor k = 1 to 0 { y = k }\noutput z = where(x < 1, y, x)", x=0.0) == ["unassigned"]
    assert codes("input x\nfor k = 1 to 0 { y = k }\nif y > 1 { z = 1 }\nz = 1", x=0.0) == ["unassigned"]
    assert codes("def f(u) { if u > 1 { v = 2 }; return v }\noutput y = f(0)") == ["unassigned"]
    assert codes("def f(u) = u\nfor k = 1 to 0 { y = k }\noutput z = f(y)") == ["unassigned"]
    assert codes("for k = 1 to 0 { n = k }\nfor k = 1 to n { y = k }\noutput z = 1") == ["unassigned"]


def test_a_name_may_come_from_the_iteration_before() -> None:
    text = "input x\nfor k = 1 to 3 {\n    if k > 1 {\n        y = last + x\n    }\n    last = k\n}\noutput y"
    assert value(text, x=10.0) == 12


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("return 1", ["return-outside"]),
        ("if 1 > 0 { input y }", ["misplaced"]),
        ("def f(u) { output v = u; return v }", ["misplaced"]),
        ("def f(u) { def g(v) = v; return u }", ["misplaced"]),
        ("if 1 > 0 { state y = 1 }", ["misplaced"]),
        ("c = 1\ndef f(u) { c = u; return c }", ["outer-assignment"]),
        ("def f(u) { x = u; return x }", ["outer-assignment"]),
        ("def f(u) { for x = 1 to 2 { y = u }; return y }", ["outer-assignment"]),
        ("def f(u) { c = u; return c }\nc = 2", []),
        ("for k = 1 to 3 { k = 2 }", ["loop-variable"]),
        ("for k = 1 to 3 { for k = 1 to 3 { y = k } }", ["loop-variable"]),
        ("state c = 0\nfor c = 1 to 3 { y = c }", ["loop-variable"]),
        ("state c = 0\nstate c = 1", ["duplicate-state"]),
        ("def f(u) = u\ndef f(v) = v", ["duplicate-function"]),
        ("def f(u, u) = u", ["duplicate-parameter"]),
        ("def f(u) { if u > 0 { return 1 } }", ["no-return"]),
        ("def f(u) { while u > 0 { return 1 } }", ["no-return"]),
        ("def f(u) { if u > 0 { return 1 } else if u > 1 { return 2 } else { return 3 } }", []),
        ("def f(u) = u\ny = f(1, 2)", ["wrong-arity"]),
        ("def f(u) = u + v", ["unknown-name"]),
        ("def f(u) = g(u)", ["unknown-function"]),
        ("def f(u) { v = w; w = u; return v }", ["used-before-assignment"]),
        ("y = f", ["unknown-name"]),
    ],
)
def test_mistakes(text: str, expected: list[str]) -> None:
    program = f"input x = 1\ndef h(u) = u\n{text}\noutput z = h(x)"
    if expected:
        assert codes(program) == expected
    else:
        assert value(program) == 1


@pytest.mark.parametrize("bounds", ["1 to 1/0", "1 to 2 step 0", "0/0 to 1", "1 to 2 step 1/0"])
def test_loops_without_an_end(bounds: str) -> None:
    assert codes(f"for k = {bounds} {{ y = k }}\noutput z = 1") == ["bad-loop"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("for k = 1 to 1e9 { s = s + x }", "in iteration 498 of this loop"),
        ("for k = 1 to 1e9 { if x > 0 { s = s + x } }", "in iteration 332 of this loop"),
        ("while x > 0 { s = s + x }", "in iteration 499 of this loop"),
        ("while x > 0 {\n}", "in iteration 998 of this loop"),
        ("s = f(x)", "`f` is called here, inside 90 open calls"),
    ],
)
def test_the_limit_names_the_loop_and_its_iteration(text: str, place: str) -> None:
    program = program_from(Source("t", f"input x\ndef f(u) = f(u)\ns = 0\n{text}\noutput s"))
    with pytest.raises(adcli.AdError) as caught:
        execute(program, {"x": 1.0}, Limits(1_000))
    (problem,) = caught.value.problems
    assert problem.code == "too-many-entries"
    assert problem.message == "the tape has reached its limit of 1,000 entries"
    assert problem.label == place
    assert problem.span is not None
    assert program.source.place(problem.span[0])[0] == (4 if "call" not in place else 2)


def test_what_stays_below_the_limit_runs() -> None:
    for text in ("for k = 1 to 100 { s = s + k }", "while s < 100 { s = s + x }", "if s < 1 { s = x }", "s = x"):
        program = f"input x\ns = 0\n{text}\noutput s"
        tape = run(program, x=1.0)
        count = len(tape) + len(tape.guards)
        assert len(run(program, count, x=1.0)) == len(tape)
        with pytest.raises(adcli.AdError):
            run(program, count - 1, x=1.0)


@pytest.mark.parametrize("deep", [1_200, pytest.param(2_000, marks=pytest.mark.slow)])
def test_nesting_that_would_break_a_recursive_reader(deep: int) -> None:
    blocks = "if x > 0 {\n" * deep + "y = x\n" + "}\n" * deep
    assert value(f"input x\ny = 0\n{blocks}output y", x=2.0) == 2
    chain = "if x > 0 {\ny = 0\n}" + "".join(f" else if x > -{n} {{\ny = {n}\n}}" for n in range(1, deep))
    assert value(f"input x\ny = -1\n{chain}\noutput y", x=-(deep - 2.5)) == deep - 2
    where = "where(x > 0, " * deep + "x" + ", 0)" * deep
    assert value(f"input x\noutput y = {where}", x=3.0) == 3
    condition = "(" * deep + "x > 0" + ")" * deep + " and x > 0" * deep
    assert value(f"input x\noutput y = where(not ({condition}), 1, 2)", x=-3.0) == 1
    calls = "f(" * deep + "x" + ")" * deep
    assert value(f"input x\ndef f(u) = u + 1\noutput y = {calls}", x=0.0) == deep


@pytest.mark.parametrize("high", [5_000, pytest.param(50_000, marks=pytest.mark.slow)])
def test_a_tower_of_powers(high: int) -> None:
    assert value("input x\noutput y = " + "x^" * high + "x", x=1.0) == 1
    assert value("output y = " + "2^" * high + "2") == float("inf")


@pytest.mark.parametrize(
    ("loop", "expected"),
    [
        ("for k = 1000 to 1000.3 step 0.1", 4),
        ("for k = 10 to 10.7 step 0.1", 8),
        ("for k = 0.1 * 3 to 0.3 step 0.1", 1),
        ("for k = 0.3 to 0.1 * 3 step -0.1", 1),
        ("for k = 0 to 0.99 step 0.1", 10),
        ("for k = 1e308 to -1e308", 0),
        ("for k = 1 to -1 step 5e-324", 0),
        ("for k = -1e308 to 1e308 step 1e308", 3),
        ("for k = 1 to 2.5", 2),
    ],
)
def test_how_often_a_loop_runs(loop: str, expected: int) -> None:
    assert value(f"n = 0\n{loop} {{ n = n + 1 }}\noutput n") == expected


def test_the_bounds_of_a_loop_keep_their_version_of_a_state() -> None:
    start = "state c = 1\ndef f(u) { c = 10; return u }\nn = 0\n"
    assert value(f"{start}for k = c to f(3) {{ n = n + 1 }}\noutput n") == 3
    assert value(f"{start}for k = 1 to c step f(1) {{ n = n + 1 }}\noutput n") == 1
    assert value(f"{start}if c < f(2) and c > 1 {{ n = 1 }}\noutput n") == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(u) = u * e\na = f(1)\ne = 5\noutput y = f(1) + a", 5 + math.e),
        ("x = 1\nif x > 3 { e = 5 }\noutput y = e * x", math.e),
        ("y = 0\nfor k = 1 to 2 { y = y + pi; pi = 1 }\noutput y", math.pi + 1),
        ("def f(u) { v = pi; pi = u; return v + pi }\noutput y = f(1)", math.pi + 1),
        ("state e = 2\ndef f(u) { e = e + u; return e }\noutput y = f(1) + f(1)", 7),
        ("e = 1\na = e\noutput a", 1),
    ],
)
def test_pi_and_e_keep_their_values_until_they_get_others(text: str, expected: float) -> None:
    assert value(text) == expected


def test_requirements() -> None:
    text = "input x = 1\nrequire x > 0 and not x > 5\ndef f(u) {\n    require u < 3\n    return u^2\n}\noutput y = f(x)"
    assert value(text) == 1
    for x, span in ((-1, "require x > 0 and not x > 5"), (6, "require x > 0 and not x > 5"), (4, "require u < 3")):
        with pytest.raises(adcli.AdError) as caught:
            adcli.parse(text).evaluate(x=x)
        (problem,) = caught.value.problems
        assert problem.code == "requirement"
        assert text[slice(*(problem.span or (0, 0)))] == span
    assert value("require = 3\ninput x = 1\noutput y = require * x") == 3


def test_the_place_of_an_output_without_a_value() -> None:
    with pytest.raises(adcli.AdError) as caught:
        adcli.parse("input x = 1\nif x > 2 { y = x }\noutput y").evaluate()
    (problem,) = caught.value.problems
    assert (problem.code, problem.span) == ("unassigned", (38, 39))


def test_the_count_of_a_loop_is_a_decision() -> None:
    def warnings(text: str) -> list[str]:
        return [
            problem.code for problem in adcli.parse(f"input n = 3\ny = 2\n{text}\noutput z = y * n").jacobian().warnings
        ]

    assert warnings("for k = n to 6 { y = y * 2 }") == ["equal-sides"]
    assert warnings("for k = 1 to n { y = y * 2 }") == ["equal-sides"]
    assert warnings("for k = 0 to 6 step n { y = y * 2 }") == ["equal-sides"]
    assert warnings("for k = 0.1 to n / 10 step 0.1 { y = y * 2 }") == ["equal-sides"]
    assert warnings("for k = 1 to n + 0.5 { y = y * 2 }") == []


def test_entries_have_a_letter_whatever_the_names_are() -> None:
    text = "input x = 2\n" + "\n".join(f"{name}1 = x + 1" for name in "vwutsrq_") + "\nvv1 = 1\noutput y = x^2 + v1"
    tape = run(text, x=2.0)
    names = labels(tape)
    assert names.number(0) == "ww0"
    assert names.find("ww0") == 0


def test_a_requirement_has_no_other_side_to_warn_of() -> None:
    report = adcli.parse("input x = 2\nrequire x >= 2\noutput y = x^2").gradient()
    assert [problem.code for problem in report.warnings] == []
