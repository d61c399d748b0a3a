"""Functions in LaTeX: what stands in the lines, and, slowly, that they compile and fit the page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import mpmath
import pytest

import adcli
from adcli.emit.function import Repeats
from adcli.emit.latex import latex_text
from adcli.emit.mathematics import name_tex
from adcli.errors import AdError
from adcli.rules.facts import SAME
from adcli.rules.formulas import formula_tree
from adcli.rules.functions import precise_function
from adcli.rules.primitive import Primitive
from adcli.rules.table import PRIMITIVES, primitive_named
from adcli.syntax import nodes

from ..conftest import ALL_SAMPLES, SAMPLES, sample_name
from ..derive.array_programs import array_programs
from ..derive.programs import random_programs
from ..report.test_latex import compiled, environments, is_balanced
from .functions import LOOPS, MOST_ENTRIES, drawn, emitted, truth
from .tex import computed

NAMES = ("x_y", "a_b_c", "alpha", "α_1", "größe", "lambda", "bar", "dot_dot", "_", "x1", "площадь_2", "textbf")


def latex(text: str, order: int = 1) -> str:
    return latex_text(emitted(adcli.parse(text), order, repeats=Repeats.ALL))


def formulas(text: str) -> list[str]:
    """The lines of mathematics, without those of the program."""
    lines = text.split("\n")
    return [line.removesuffix(r" \\") for line in lines if "&" in line and not line.startswith("%")]


def assert_sound(text: str) -> None:
    assert not list(environments(text))
    for line in text.split("\n"):
        if not line.startswith("%"):
            assert is_balanced(line), line
            assert len(re.findall(r"(?<!\\)&", re.sub(r"\\begin{cases}.*?\\end{cases}", "", line))) <= 1, line
    assert "\n\n" not in text


@pytest.mark.parametrize("path", ALL_SAMPLES[::5], ids=sample_name)
def test_every_fifth_sample(path: Path) -> None:
    program = adcli.load(path)
    for order in range(3 if len(program.at({}).run.tape) < MOST_ENTRIES // 4 else 1):
        assert_sound(latex_text(emitted(program, order, repeats=Repeats.ALL)))


def test_lines_read_like_a_textbook() -> None:
    text = latex((SAMPLES / "sine_product.ad").read_text(encoding="utf-8"), 2)
    assert formulas(text) == [
        "a &= x y",
        r"b &= \sin a",
        "L &= a + b",
        r"\bar{a} &= 1 + \cos a",
        r"\bar{x} &= \bar{a} y",
        r"\bar{y} &= \bar{a} x",
        r"v_{19} &= -b",
        r"v_{21} &= (\dot{x} y + \dot{y} x)\,v_{19}",
        r"\dot{\bar{x}} &= v_{21} y + \dot{y} \bar{a}",
        r"\dot{\bar{y}} &= v_{21} x + \dot{x} \bar{a}",
    ]
    assert r"The gradient of $L$ is $(\bar{x},\allowbreak\ \bar{y})$." in text
    assert "\n% line 6: a = x * y\na &= x y" in text
    assert text.startswith("% needs \\usepackage{amsmath}\n\\begingroup")


def test_decisions_are_conditions() -> None:
    text = "input x = 2\nif x > 1 {\n y = x^2\n} else {\n y = -x\n}\nrequire x < 5 or x == 7\noutput y"
    held = formulas(latex(text, 0))
    assert held[0] == r"x &> 1 \quad \text{(required)}"
    failed = formulas(latex_text(emitted(adcli.parse(text), 0, [{"x": 0.5}])))
    assert failed[0] == r"x &\le 1 \quad \text{(required)}"


def test_each_run_is_a_case() -> None:
    text = "input x = 2\nif x > 1 {\n y = x^2\n} else {\n y = -x\n}\noutput y"
    both = latex_text(emitted(adcli.parse(text), 0, [{"x": 2.0}, {"x": 0.5}]))
    assert re.findall(r"\\textbf\{Case (\d)\}", both) == ["1", "2"]
    assert formulas(both) == [r"x &> 1 \quad \text{(required)}", "y &= x^{2}", r"x &\le 1 \quad \text{(required)}",
                              "y &= -x"]  # fmt: skip


def test_a_choice_has_its_cases() -> None:
    line, *_ = formulas(latex("input w[2] = [2, -1]\ny = where(w > 0, w, -1)\noutput s = sum(y)", 0))
    assert line == r"v_{2} &= \begin{cases} w & \text{if } w > 0 \\ -1 & \text{otherwise} \end{cases}"


def test_products_of_arrays_are_told_apart() -> None:
    inputs = "input A[2, 2] = [[1, 2], [3, 4]]\ninput B[2, 2] = [[1, 2], [3, 4]]\n"
    text = f"{inputs}C = A @ B\nD = A * B\noutput s = sum(C + D)"
    lines = formulas(latex(text, 0))
    assert lines[:2] == ["C &= A B", r"D &= A \odot B"]


def test_an_array_with_another_element() -> None:
    text = "input w[3] = [1, 2, 3]\ninput x = 5\nw[1] = x\noutput s = sum(w)"
    assert formulas(latex(text, 0)) == ["w_{2} &= w", "w_{2}[1] &= x", r"s &= \sum_{i=0}^{2} w_{2}[i]"]


def test_a_root_has_its_equation() -> None:
    text = latex("input a = 2\nsolve x from 1 in x^2 == a\noutput x", 1)
    assert r"$x$ is the root near $1$ of $\mathit{equations}(x,\allowbreak\, a) = 0$." in text
    assert r"\mathit{equations}(\mathit{unknown},\allowbreak\, u_{1})" in text
    assert_sound(text)


def test_what_is_long_is_broken() -> None:
    long = "sin(x + 0.125)^2 * cos(x - 0.125)^3 + atan(x / 3) * exp(-x) + log(x + 1) * sqrt(x + 2)"
    text = latex(f"input x = 1\noutput a_result_with_a_long_name = {long}", 0)
    assert r"\hangindent2em $\mathit{a\_result\_with\_a\_long\_name} = " in text
    assert r"y &= \parbox[t]{0.68\linewidth}{\raggedright$\sin" in latex(f"input x = 1\noutput y = {long}", 0)


def test_names_with_letters_of_other_alphabets_and_of_tex() -> None:
    lines = [f"input {name} = {place}" for place, name in enumerate(NAMES, 2)]
    text = latex("\n".join([*lines, f"output f = {' * '.join(NAMES)}"]), 2)
    assert_sound(text)
    assert text.split("\n")[1].startswith("% needs XeLaTeX or LuaLaTeX, and a font that has the letters площадь")
    assert r"\bar{\alpha}_{1}" in text and r"\dot{\lambda}" in text


def test_letters_of_comments_need_no_font() -> None:
    assert "XeLaTeX" not in latex("input x = 2\na = x * 2\noutput y = a  # площадь")


def test_what_is_solved_inside_of_what_is_solved_is_refused() -> None:
    text = (
        "input a = 2\ndef root(b) {\n solve y from 1 in y^2 == b\n return y\n}\n"
        "solve x from 1 in x * root(x + a) == a\noutput x"
    )
    with pytest.raises(AdError, match="`solve` cannot be written in LaTeX"):
        latex(text, 0)


# Loops


def test_a_loop_has_the_lines_of_one_pass() -> None:
    """What counts the passes is no value, and a reverse sweep counts down."""
    text = "input x = 0.4\ny = x\nfor k = 1 to 9 {\n y = sin(y) + x / k\n}\noutput y"
    function = emitted(adcli.parse(text), 1, repeats=Repeats.ALL)
    told = [line.removesuffix(r" \\") for line in latex_text(function).split("\n")[3:] if line[:1] != "%"]
    assert told[:8] == [
        r"\begin{align*}", "y_{1} &= x", "y_{2}^{(0)} &= y_{1}", r"\end{align*}",
        r"\par\noindent For $k = 1,\, \dots,\, 8$, where ${}^{(k)}$ marks a value of pass $k$:",
        r"\begin{align*}", r"y_{2}^{(k)} &= \sin y_{2}^{(k - 1)} + \frac{x}{k}", r"\end{align*}",
    ]  # fmt: skip


NUMBERS = {
    **{name: LOOPS[name] for name in ("known", "begun", "summed", "guarded")},
    "down by two": """\
input x = 0.4
y = x
for k = 20 to 2 step -2 { y = sin(y * k) + x^2 / k + k * y }
output y""",
    "a comprehension of halves": """\
input x = 0.4, k = 0.3
y = sum(sin(x * i) / i for i = 0.5 to 9.5) * k
z = prod(1 + cos(y * x + i) for i = 0.1 to 0.8 step 0.1)
output z""",
    "one behind the other": """\
input x = 0.4, y = 1.5
for k = 0 to 8 {
    a = x * exp(-y)
    y = y + cos(a) * 0.1
    x = x - a^2 * 0.3
}
for j = 3 to 10 { x = x + sin(x * y) / j }
output L = x * y""",
}


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("order", [0, 1, 2])
def test_loops_say_what_the_program_computes(name: str, order: int) -> None:
    program = adcli.parse(NUMBERS[name])
    function = emitted(program, order, repeats=Repeats.ALL)
    text = latex_text(function)
    assert_sound(text)
    assert "\n\\par\\noindent For $" in text
    point, names = program.evaluate().inputs, function.names
    moved = {names.direction[by]: 0.5 + place for place, by in enumerate(point)} if order == 2 else {}
    values = computed(text, {name_tex(given): value for given, value in [*point.items(), *moved.items()]})
    expected = truth(program, order)
    found = [values.get((name_tex(of), None)) for of in (names.value, *names.gradient.values())]
    assert found[0] == expected[0]
    if order:
        assert found[1:] == pytest.approx(expected[1].tolist(), rel=1e-14)
    if order == 2:
        products = [values[name_tex(of), None] for of in names.product.values()]
        assert products == pytest.approx((expected[2] @ list(moved.values())).tolist(), rel=1e-12)


@pytest.mark.parametrize("name", LOOPS)
def test_loops_of_arrays_are_sound(name: str) -> None:
    text = latex_text(emitted(adcli.parse(LOOPS[name]), 2, repeats=Repeats.ALL))
    assert_sound(text)
    assert "_before" not in text and "all\\_" not in text


@pytest.mark.slow
def test_everything_compiles_and_fits(tmp_path: Path) -> None:
    programs = {sample_name(path).replace("/", "-"): adcli.load(path) for path in ALL_SAMPLES}
    names: list[str] = []

    def keep(name: str, text: str) -> None:
        assert_sound(text)
        (tmp_path / f"{name}.tex").write_text(text, encoding="utf-8")
        names.append(name)

    for name, program in programs.items():
        for order in range(3 if len(program.at({}).run.tape) < MOST_ENTRIES else 2):
            keep(f"{name}-{order}", latex_text(emitted(program, order, repeats=Repeats.ALL)))
    for place, program in enumerate([*drawn(random_programs(), 40), *drawn(array_programs(), 20)]):
        keep(f"random-{place}", latex_text(emitted(adcli.parse(program.text), 2, [program.point], repeats=Repeats.ALL)))
    assert compiled(tmp_path, "article", names) == []


# As a textbook


def test_sums_go_over_an_index_and_what_is_repeated_is_a_multiple_of_ones() -> None:
    inputs = "input x[3] = [1, 2, 3], A[2, 3] = [[1, 2, 3], [4, 5, 6]], i = 2\n"
    text = f"""{inputs}a = sum(x) * i
b = sum(A, axis = 0)
c = mean(A, axis = 1)
d = logsumexp(x) + prod(x)
h = A * x
f = max(x) + norm(x)
output y = a + dot(c, c) + d + sum(b) + sum(h) + f"""
    lines = formulas(latex(text, 0))
    assert lines[:6] == [
        r"a &= (\sum_{j=0}^{2} x_{j})\,i",  # i is an input: another letter is the index
        r"b &= \sum_{j=0}^{1} A_{j,\,{:}}",
        r"c &= \frac{1}{3}\,(\sum_{l=0}^{2} A_{{:},\,l})",
        r"d &= \log(\sum_{j=0}^{2} \exp(x_{j})) + (\prod_{j=0}^{2} x_{j})",
        r"h &= A \odot x",
        r"f &= \max x + \lVert x \rVert",
    ]
    assert r"c^{\top} c" in lines[6] and r"\sum_{j=0}^{1}\sum_{l=0}^{2} h_{j,\,l}" in lines[6]
    lines = formulas(latex("input x[3] = [1, 2, 3], s = 2\noutput y = sum(s * x)", 1))
    assert {r"v_{4} &= \mathbf{1}_{3}", r"\bar{x} &= v_{4} s", r"\bar{s} &= \sum_{i=0}^{2} v_{5}[i]"} <= set(lines)


def _exact(tree: Any, letters: dict[str, Any]) -> Any:
    if isinstance(tree, nodes.Number):
        return mpmath.mpf(tree.text)
    if isinstance(tree, nodes.Name):
        return mpmath.pi if tree.name == "pi" else letters[tree.name]
    row = primitive_named(tree.function, len(tree.operands))
    assert row is not None
    operands = [_exact(operand, letters) for operand in tree.operands]
    return row.value(*operands) if row.precise is SAME else precise_function(row)(*operands)


@pytest.mark.parametrize(
    "row", [row for row in PRIMITIVES.values() if row.textbook or row.shown], ids=lambda row: row.name
)
def test_what_a_textbook_writes_is_the_function(row: Primitive) -> None:
    """Also for ties, which a function of the sign halves."""
    points = [point for point in row.samples if len(point) == row.arity]
    points += [(2.0, 2.0)] if row.variadic else []
    tree = formula_tree(str(row.textbook or row.shown))
    with mpmath.workdps(60):
        for point in points:
            operands = [mpmath.mpf(value) for value in point]
            expected = precise_function(row)(*operands)
            found = _exact(tree, dict(zip(row.letters(row.arity), operands, strict=True)))
            assert abs(found - expected) <= 1e-40 * abs(expected) + mpmath.mpf("1e-60"), point


def test_the_number_of_a_version_is_told() -> None:
    told = r"The number in $y_{1}$ counts the values that the program gives to $y$."
    assert told in latex("input x = 0.4\ny = x\ny = sin(y)\noutput y", 1)
    assert "counts the values" not in latex("input x_1 = 0.4\ny_1 = x_1\ny_2 = sin(y_1)\noutput y_2", 1)
