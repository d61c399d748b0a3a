"""Each kind of answer to `why`, on programs of which it is known; and that the rewrites cure what they are for."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest

import adcli
from adcli.derive.modes import adjoints_of
from adcli.program.check import program_from_expression
from adcli.rules.dispatch import is_finite
from adcli.syntax.source import Source
from adcli.tape.components import flattened
from adcli.tape.execute import execute
from adcli.tape.labels import labels
from adcli.trust.answer import Kind, Why
from adcli.trust.cures import cures, suggestion
from adcli.trust.rewrites import CURES, Rewrite, matched

from ..conftest import randomly
from ..derive.array_programs import ArrayProgram, array_programs
from ..derive.programs import RandomProgram, random_programs
from ..work import lines_run


def why(text: str, name: str = "x", **point: Any) -> Why:
    """The answer for one component; a text of one line is an expression."""
    program = adcli.parse(text) if "\n" in text else adcli.expression(text)
    return program.why(point, wrt=[name]).why[name]


@pytest.mark.parametrize(
    ("text", "point", "kind", "parts"),
    [
        ("x * y + sin(x * y)", {"x": 2, "y": 3}, Kind.ORDINARY, ["the sum of 2 paths", "gives 51 %"]),
        ("3 * x", {"x": 2}, Kind.ORDINARY, ["one path: x → value"]),
        ("input x = 1\na = 2\noutput a", {}, Kind.UNUSED, ["nothing that ran reads `x`"]),
        ("input x = 1\nb = 2 * x\na = 2\noutput a, b", {}, Kind.UNREACHED,
         ["does not reach `a`", "`b = 2 * x`, line 2"]),
        ("input x = 1\na = x\na = 2\noutput a", {}, Kind.UNREACHED, ["ends in `a = x`, line 2"]),
        ("floor(x) * 2", {"x": 1.5}, Kind.ROUNDED, ["through `floor(x)`, line 1"]),
        ("round(2 * x) + sign(x)", {"x": 1.5}, Kind.ROUNDED, ["`round(v1)`, line 1; `sign(x)`, line 1"]),
        ("input x = 1\ny = 2\nif x > 3 {\n    y = 1\n}\noutput y", {}, Kind.DECIDES, ["`x > 3` fails, line 3"]),
        ("input x = 4\nn = 0\nwhile n < x {\n    n = n + 1\n}\noutput n", {}, Kind.DECIDES, ["`n < x` holds, line 3"]),
        ("where(x > 0, sqrt(x), 0)", {"x": -1}, Kind.UNTAKEN, ["`sqrt(x)`, line 1", "`x > 0` fails, line 1"]),
        ("where(x > 0 and not x > 2, 0, x)", {"x": 1}, Kind.UNTAKEN, ["`x > 0 and not x > 2` holds"]),
        ("input x = 1\ny = 2\nif y > 3 {\n    z = 2 * x\n    y = z\n}\noutput y", {}, Kind.UNTAKEN,
         ["`2 * x`, line 4", "`y > 3` fails, line 3"]),
        ("input x = 1\ny = 2\nif y > 1 {\n    y = 3\n} else {\n    y = x\n}\noutput y", {}, Kind.UNTAKEN,
         ["`x`, line 6", "`y > 1` holds, line 3"]),
        ("input x = 1\ny = 2\nfor k = 1 to 0 {\n    y = x\n}\noutput y", {}, Kind.UNTAKEN,
         ["`for k = 1 to 0` does not run, line 3"]),
        ("input x = 1\ny = 2\nwhile y < 1 {\n    y = y + x\n}\noutput y", {}, Kind.UNTAKEN, ["`y < 1` fails, line 3"]),
        ("input x = 1\ndef f(u) {\n    if u > 5 {\n        return x\n    }\n    return 2\n}\noutput y = f(3)", {},
         Kind.UNTAKEN, ["`x`, line 4", "`u > 5` fails, line 3"]),
        ("x * y - y * x", {"x": 2, "y": 3}, Kind.CANCELS, ["2 paths cancel exactly: -3 + 3 = 0"]),
        ("x - 3 * x + 2 * x", {"x": 2}, Kind.CANCELS, ["3 paths cancel exactly: -3 + 2 + 1 = 0"]),
        ("x^2", {"x": 0}, Kind.FLAT, ["∂value/∂x = 2 * x = 0, line 1"]),
        ("relu(x - 3) * 5", {"x": 1}, Kind.FLAT, ["∂v2/∂v1 = max(sign(v1), 0) = 0"]),
        ("0 * x", {"x": 1}, Kind.FLAT, ["the only path has a factor 0: ∂value/∂x = 0, line 1"]),
        ("(x * 1e-200) * 1e-200", {"x": 1}, Kind.UNDERFLOW, ["about 10^-400"]),
        ("exp(-x^2)", {"x": 40}, Kind.UNDERFLOW, ["too small for a number: ∂value/∂v2 = value = 0"]),
        ("x * exp(-y)", {"x": 1, "y": 1000}, Kind.UNDERFLOW, ["too small for a number: ∂value/∂x = v3 = 0"]),
        ("((x * 1e300) * 1e-200) * 1e-200", {"x": 1}, Kind.UNDERFLOW,
         ["underflow on the way back: the largest product of partials is about 10^-100"]),
        ("x * (y - 3)", {"x": 1, "y": 3}, Kind.FLAT, ["∂value/∂x = v2 = 0"]),
        ("log(x) + x", {"x": 0}, Kind.VALUE, ["the first value that is not finite is log(x) = -inf, line 1"]),
        ("1 / (1 + exp(-x))", {"x": -800}, Kind.VALUE, ["exp(v1) = inf", "bar_v1 += bar_v2 * v2 = 0 * inf = nan"]),
        ("sqrt(x)", {"x": 0}, Kind.PARTIAL, ["∂value/∂x = 1 / (2 * value) = inf, line 1"]),
        ("sqrt(x^2)", {"x": 0}, Kind.PARTIAL, ["= inf, line 1", "bar_x += bar_v1 * (2 * x) = inf * 0 = nan, line 1"]),
        ("y * sqrt(x)", {"x": 0, "y": 0}, Kind.PARTIAL, ["bar_x += bar_v2 / (2 * v2) = 0 / 0 = nan"]),
        ("sqrt(x) - sqrt(x)", {"x": 0}, Kind.PARTIAL, ["= inf, line 1", "bar_x is -inf + inf = nan, line 1"]),
        ("x * 1e200 * 1e200", {"x": 1e-300}, Kind.PARTIAL, ["bar_x += bar_v1 * 1e200 = inf, line 1"]),
        ("1 / (1 + exp(z)) + sqrt(x)", {"x": 0, "z": 800}, Kind.PARTIAL, ["∂v5/∂x = 1 / (2 * v5) = inf"]),
    ],
)  # fmt: skip
def test_the_kinds_of_answers(text: str, point: dict[str, float], kind: Kind, parts: list[str]) -> None:
    answer = why(text, **point).answer
    assert answer.kind is kind, answer
    for part in parts:
        assert part in answer.text
    assert answer.text.startswith("zero") == (kind.name not in ("ORDINARY", "VALUE", "PARTIAL"))
    assert answer.text.startswith("not finite") == (kind in (Kind.VALUE, Kind.PARTIAL))


@pytest.mark.parametrize(
    ("text", "name", "point", "kind", "part"),
    [
        ("sum(w * w)", "w[1]", {"w": [1, 2]}, Kind.ORDINARY, "the sum of 2 paths"),
        ("w[0] * 2", "w[1]", {"w": [1, 2]}, Kind.UNUSED, "nothing that ran reads `w[1]`"),
        ("w[0] + w[1:][k]", "w[1]", {"w": [1, 2, 3], "k": 1}, Kind.FLAT, "does not move with it"),
        ("input w[2]\na = w[0]\nb = 3 * w[1]\noutput a", "w[1]", {"w": [1, 2]}, Kind.UNREACHED,
         "ends in `b = 3 * v"),
        ("w[k]", "k", {"w": [1, 2], "k": 1}, Kind.DECIDES,
         "only counts as a subscript, a size or a mask: `w[k]`, line 1"),
        ("sum(where(w > 0, 1, 2))", "w[1]", {"w": [1, 2]}, Kind.DECIDES, "only decides"),
        ("sum(floor(w))", "w[1]", {"w": [1, 2]}, Kind.ROUNDED, "`floor(w)`"),
        ("sum(w) - sum(w)", "w[1]", {"w": [1, 2]}, Kind.CANCELS, "2 paths cancel exactly: -1 + 1 = 0"),
        ("sum(relu(A @ w))", "A[1, 0]", {"A": [[1, 2], [-3, -1]], "w": [1, 1]}, Kind.FLAT,
         "`relu(v2)` does not move with it, line 1"),
        ("sum(sqrt(w^2))", "w[0]", {"w": [0, 1]}, Kind.PARTIAL, "bar_w += bar_v1 * (2 * w) = inf * 0 = nan, line 1"),
        ("sum(gauss(w))", "w[1]", {"w": [1, 40]}, Kind.UNDERFLOW, "`gauss(w)` does not move with it, line 1"),
        ("sum(gauss(w))", "w[0]", {"w": [0, 40]}, Kind.FLAT, "the only path has a factor 0: `gauss(w)` does not"),
        ("sum(w^0)", "w[1]", {"w": [1, 2]}, Kind.FLAT, "`w^0` does not move with it, line 1"),
        ("sum(w^3)", "w[1]", {"w": [1, 1e-200]}, Kind.UNDERFLOW, "`w^3` does not move with it, line 1"),
        ("sum(w^3)", "w[1]", {"w": [1, 0]}, Kind.FLAT, "`w^3` does not move with it, line 1"),
        ("sum([0, 1] / w)", "w[0]", {"w": [3, 2]}, Kind.FLAT, "does not move with it, line 1"),
        ("sum([0, 1] / w)", "w[1]", {"w": [3, 1e200]}, Kind.UNDERFLOW, "does not move with it, line 1"),
        ("sum([1e-300, 1] / w)", "w", {"w": 1e200}, Kind.UNDERFLOW, "does not move with it, line 1"),
        ("sum(log(w))", "w[0]", {"w": [0, 1]}, Kind.VALUE, "log(w) = -inf at [0], line 1"),
    ],
)  # fmt: skip
def test_the_kinds_of_answers_of_components(text: str, name: str, point: dict[str, Any], kind: Kind, part: str) -> None:
    answer = why(text, name, **point).answer
    assert answer.kind is kind, answer
    assert part in answer.text


def test_a_part_that_is_not_reached_is_no_reason_for_another() -> None:
    program = "input w[2]\ny = w[0] * 2 + where(w[1] > 9, w[1], 1)\noutput y"
    assert why(program, "w[0]", w=[1, 2]).answer.kind is Kind.ORDINARY
    assert why(program, "w[1]", w=[1, 2]).answer.kind is Kind.UNTAKEN


def test_a_branch_matters_only_for_what_it_would_have_changed() -> None:
    program = adcli.parse("input x = 1\na = 2\nb = 3\nif a > 5 {\n    b = x\n}\noutput a, b")
    assert program.why(of="b").why["x"].answer.kind is Kind.UNTAKEN
    assert program.why(of="a").why["x"].answer.kind is Kind.UNUSED


def test_kinks_are_noted_with_what_is_used() -> None:
    (note,) = why("abs(x) * 3", x=0).notes
    assert note == "`abs(x)`, line 1, is at a kink; its slope: 0 at 0, the symmetric subgradient"
    (note,) = why("max(x, y)", x=1, y=1).notes
    assert "an equal share" in note
    assert why("abs(x) * 3", x=1).notes == ()
    (note,) = why("sum(abs(w))", "w[0]", w=[1, 0]).notes
    assert "in some elements" in note


def test_what_a_greedy_search_found_is_called_so() -> None:
    text = "input w[2]\nv = w\nfor k = 1 to 30 {\n    v = 0.9 * v - 0.5 * v\n}\noutput y = sum(v)"
    found = why(text, "w[0]", w=[1, 2])
    assert not found.exact
    assert "the sum of 1.074e+09 paths; the largest found, w → v →" in found.answer.text


def test_a_place_in_a_loop_is_named_once_and_long_loops_are_no_trouble() -> None:
    """They took minutes when the names were counted for each contribution."""

    def text(count: int) -> str:
        return f"input x, y\ns = 0\nfor k = 1 to {count} {{\n    s = s + floor(y) + sqrt(x) * k\n}}\noutput s"

    assert why(text(5000), "y", x=1, y=2).answer.text.count("floor(y)") == 1
    assert why(text(5000), "x", x=0, y=2).answer.text.endswith("= inf, line 4")
    long, short = (lines_run(lambda count=count: why(text(count), "x", x=0, y=2)) for count in (500, 50))
    assert long < 10 * short


def test_cancellation_is_noted() -> None:
    (note,) = why("x * 1e6 - x * 999999", x=1).notes
    assert note == "the absolute products sum to 2e+06: all but 5.0e-07 of that cancels"


@pytest.mark.filterwarnings("error")
def test_infinities_of_both_signs_are_no_news() -> None:
    found = why("norm(w / sum(w))", "w[0]", w=[1, -1])
    assert found.answer.kind is Kind.VALUE
    assert "w / v1 = inf at [0], line 1" in found.answer.text


def test_shares_and_the_rest() -> None:
    text = "input x\ny = x\nfor k = 1 to 40 {\n    y = 0.9 * y - 0.5 * y\n}\noutput y"
    report = adcli.parse(text).why(x=1, paths=3)
    found = report.why["x"]
    assert found.number == 2**40
    assert found.gradient == pytest.approx(0.4**40)
    assert found.total == pytest.approx(1.4**40)
    assert [path.product for path in found.paths] == pytest.approx([0.9**40] + [-0.5 * 0.9**39] * 2)
    assert found.rest == pytest.approx(0.4**40 - math.fsum(path.product for path in found.paths))


@randomly(60, random_programs())
def test_every_component_of_a_random_program_has_an_answer(program: RandomProgram) -> None:
    report = adcli.parse(program.text).why(program.point)
    for found in report.why.values():
        assert (found.gradient == 0) == (found.answer.kind not in (Kind.ORDINARY, Kind.VALUE, Kind.PARTIAL))
        products = [path.product for path in found.paths]
        if found.rest is not None and found.paths:
            slack = 1e-12 * found.total
            assert math.fsum(products) + found.rest == pytest.approx(found.gradient, abs=slack)
    report.to_dict()
    report.tables()


@randomly(25, array_programs())
def test_every_component_of_a_random_program_with_arrays_has_an_answer(program: ArrayProgram) -> None:
    report = adcli.parse(program.text).why(program.point)
    assert len(report.why) == 10
    for found in report.why.values():
        assert (found.gradient == 0) == (found.answer.kind not in (Kind.ORDINARY, Kind.VALUE, Kind.PARTIAL))
    report.to_dict()
    report.tables()


# Rewrites: for each pattern the values at which it is at fault.
FAULTS: dict[str, dict[str, Any]] = {
    "sin(a) / a": {"a": 0.0},
    "log(1 + exp(a))": {"a": 1000.0},
    "log1p(exp(a))": {"a": 1000.0},
    "log(exp(a) + exp(b))": {"a": 1000.0, "b": 999.0},
    "log(sum(exp(a)))": {"a": np.array([1000.0, 999.0])},
    "log(exp(a))": {"a": 1000.0},
    "log(cosh(a))": {"a": 1000.0},
    "log(sigmoid(a))": {"a": -800.0},
    "log(1 - sigmoid(a))": {"a": 40.0},
    "log(exp(a) / sum(exp(a)))": {"a": np.array([800.0, 0.0])},
    "log(softmax(a))": {"a": np.array([800.0, 0.0])},
    "log(prod(a))": {"a": np.full(4, 1e-100)},
    "exp(a) / (1 + exp(a))": {"a": 1000.0},
    "1 / (1 + exp(-a))": {"a": -800.0},
    "1 / (1 + exp(a))": {"a": 800.0},
    "(exp(a) - exp(-a)) / (exp(a) + exp(-a))": {"a": 800.0},
    "exp(a) / sum(exp(a))": {"a": np.array([1000.0, 999.0])},
    "exp(a) / exp(b)": {"a": 1000.0, "b": 999.0},
    "atan(b / a)": {"a": 0.0, "b": 1.0},
    "a^b": {"a": 0.0, "b": 0.5},
}
_ARRAYS = (
    "sqrt(sum(a^2))", "sqrt(sum(a * a))", "sqrt(dot(a, a))", "sqrt(a @ a)", "a / norm(a)", "a / sqrt(sum(a^2))",
    "log(softmax(a))",
)  # fmt: skip


def fault(rewrite: Rewrite) -> dict[str, Any]:
    """Values of the letters at which a pattern has no finite derivative: by default zeros."""
    default = np.zeros(3) if rewrite.pattern in _ARRAYS else 0.0
    program = program_from_expression(Source("t", rewrite.pattern))
    return FAULTS.get(rewrite.pattern, {variable.name: default for variable in program.inputs})


@pytest.mark.parametrize("rewrite", CURES, ids=lambda rewrite: rewrite.pattern)
def test_a_rewrite_cures(rewrite: Rewrite) -> None:
    point = fault(rewrite)
    tape = execute(program_from_expression(Source("t", rewrite.pattern)), point)
    output = tape.bindings["value"]
    seed = tape.values[output] * 0.0 + 1.0 if is_finite(tape.values[output]) else None
    if seed is not None and type(tape.values[output]) is float:
        slopes = adjoints_of(tape, {output: 1.0}, list(point))
        assert not all(map(is_finite, slopes.values()))
    match = matched(tape, output, rewrite)
    assert match is not None
    assert {letter: tape.names[entry] for letter, entry in match.letters.items()} == {name: name for name in point}
    assert cures(tape, match)


@pytest.mark.parametrize("rewrite", CURES, ids=lambda rewrite: rewrite.pattern)
@pytest.mark.parametrize("number", [0.3, 1.7])
def test_a_rewrite_means_the_same(rewrite: Rewrite, number: float) -> None:
    """Where the pattern is well, the replacement has its value and its slopes; at most near the seam of a guard it has
    a few digits less."""
    scale = {"b": 0.8, "c": 1.2}
    array = rewrite.pattern in _ARRAYS or "sum(" in rewrite.pattern or "prod(" in rewrite.pattern
    found = []
    for text in (rewrite.pattern, rewrite.replacement):
        program = program_from_expression(Source("t", text))
        point = {
            one.name: np.array([1.0, 0.7, 1.3]) * number if array else number * scale.get(one.name, 1.0)
            for one in program.inputs
        }
        tape = execute(program, point)
        output = tape.bindings["value"]
        value = tape.values[output]
        slopes = flattened(adjoints_of(tape, {output: value * 0.0 + 1.0}, list(point)))
        found.append((np.ravel(value).tolist(), slopes))
    (value, slopes), (other, others) = found
    assert other == pytest.approx(value, rel=1e-12)
    for name, slope in slopes.items():
        assert others.get(name, 0.0) == pytest.approx(slope, rel=1e-11, abs=1e-12)


@pytest.mark.parametrize(
    ("guard", "exact"),
    [
        ("sin(a) / a", lambda a: -a / 3 + a**3 / 30),
        ("tan(a) / a", lambda a: 2 * a / 3 + 8 * a**3 / 15),
        ("tanh(a) / a", lambda a: -2 * a / 3 + 8 * a**3 / 15),
        ("(1 - cos(a)) / a^2", lambda a: -a / 12 + a**3 / 180),
        ("(1 - cos(a)) / a", lambda a: 1 / 2 - a**2 / 8),
        ("expm1(a) / a", lambda a: 1 / 2 + a / 3 + a**2 / 8),
        ("log1p(a) / a", lambda a: -1 / 2 + 2 * a / 3 - 3 * a**2 / 4),
    ],
)
@pytest.mark.parametrize("a", [0.0, 1e-9, -3e-6])
def test_guards_have_the_slope_of_the_limit(guard: str, exact: Any, a: float) -> None:
    (rewrite,) = [one for one in CURES if one.pattern == guard]
    slope = adcli.expression(rewrite.replacement).gradient(a=a, difference="none").gradient["value"]["a"]
    assert slope == pytest.approx(exact(a), rel=1e-9)


@pytest.mark.parametrize(
    ("text", "point", "written", "instead"),
    [
        ("y * sqrt(x^2)", {"x": 0, "y": 1}, "sqrt(x^2)", "abs(x)"),
        ("sqrt((x - y)^2 + z * z)", {"x": 1, "y": 1, "z": 0}, None, None),
        ("sqrt((x - y)^2 + z^2)", {"x": 1, "y": 1, "z": 0}, "sqrt((x - y)^2 + z^2)", "hypot(x - y, z)"),
        ("log(1 + exp(2 * x))", {"x": 800}, "log(1 + exp(2 * x))", "softplus(2 * x)"),
        ("log(exp(2 * x) + 1)", {"x": 800}, "log(1 + exp(2 * x))", "softplus(2 * x)"),
        ("exp(x - y) / (1 + exp(x - y))", {"x": 800, "y": 1}, "exp(x - y) / (1 + exp(x - y))", "sigmoid(x - y)"),
        ("sqrt(x) * y", {"x": 0, "y": 1}, "sqrt(x)", "where(x > 0, sqrt(x), 0)"),
        ("log(x)", {"x": 0}, None, None),
        ("x^2 / y", {"x": 1, "y": 0}, None, None),
    ],
)
def test_suggestions_in_the_words_of_the_program(
    text: str, point: dict[str, float], written: str | None, instead: str | None
) -> None:
    cure = why(text, **point).cure
    if written is None:
        assert cure is None or cure.match.rewrite.replacement.startswith("where")
        return
    assert cure is not None
    found = cure.match
    tape = execute(program_from_expression(Source("t", text)), {name: float(one) for name, one in point.items()})
    names = labels(tape)
    assert (found.written(tape, names), found.replacement(tape, names)) == (written, instead)
    cured = adcli.expression(text.replace(written, f"({instead})"))
    if cured.program.source.text != text:
        slopes = cured.gradient(point, difference="none").gradient["value"]
        assert all(map(math.isfinite, slopes.values()))


@pytest.mark.parametrize(
    ("text", "x"),
    [("sqrt(x)", -1), ("x^0.5", -1), ("x * log(x)", -1), ("x^y", 0), ("sum(sqrt([x, 0]))", -1)],
)
def test_no_guard_at_0_is_suggested_below_it_or_at_a_pole(text: str, x: float) -> None:
    """There it would turn what is no number, or infinite, into a 0."""
    point = {"x": x, **({"y": -1.0} if "y" in text else {})}
    assert not math.isfinite(adcli.expression(text).why(point, wrt="x").why["x"].gradient)
    assert why(text, **point).cure is None


@pytest.mark.parametrize(
    ("text", "instead", "enough"),
    [
        ("p = exp(z) / sum(exp(z))\noutput L = -log(p[1])", "softmax(z)", False),
        ("p = exp(z) / sum(exp(z))\noutput L = -p[0]", "softmax(z)", True),
        ("output L = -sum([0, 1] * log(softmax(z)))", "z - logsumexp(z)", True),
        ("u = (z - z) / norm(z - z)\noutput L = sum(u)", None, True),
        ("r = sqrt(sum((z - z)^2))\noutput L = r + sqrt(z[1])", None, False),
        ("r = sqrt(sum((z - z)^2))\noutput L = r + z[1]", "norm(z - z)", True),
        ("r = sqrt(sum((z - z)^2))\noutput L = 1 / r", "norm(z - z)", False),
    ],
)
def test_whether_a_rewrite_is_enough_is_tried(text: str, instead: str | None, enough: bool) -> None:
    """What is said of it holds for the program with the rewrite in it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # NumPy has nothing to say
        report = adcli.parse(f"input z[2] = [800, 0]\n{text}\n").why(wrt="z[1]")
    cure = report.why["z[1]"].cure
    assert cure is not None
    assert cure.enough is enough
    (note,) = [line for line in report.tables()[0].caption.splitlines() if line.startswith("instead of")]
    assert ("this alone is not enough" in note) is not enough
    written, found = note.split("`")[1], note.split("`")[3]
    if instead is not None:
        assert found == instead
    rewritten = adcli.parse(f"input z[2] = [800, 0]\n{text.replace(written, f'({found})')}\n")
    after = rewritten.gradient(difference="none")
    assert all(map(math.isfinite, (after.outputs["L"], after.gradient["L"]["z"][1]))) is enough


def test_nothing_is_suggested_where_nothing_is_at_fault() -> None:
    tape = execute(program_from_expression(Source("t", "sqrt(x^2)")), {"x": 2.0})
    assert suggestion(tape, tape.bindings["value"]) is None


@pytest.mark.filterwarnings("error")
def test_the_largest_of_what_is_no_number_is_none_of_them() -> None:
    """Its slope is a quotient 0 / 0, by the rules of IEEE 754 and without a word of NumPy's."""
    program = adcli.parse("input x[2] = [1, 2]\noutput L = max(log(-x))\n")
    found = program.why().why["x[0]"]
    assert found.answer.kind is Kind.VALUE
    assert math.isnan(found.gradient)
    assert program.check().verdict.value == "undefined"
    assert program.jvp(dot={"x": [1, 1]}).tangents["L"] != 0
