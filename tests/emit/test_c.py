"""Functions in C: compiled by gcc and by tcc they give the interpreter's numbers, bit for bit where all are numbers."""

from __future__ import annotations

import ctypes
import itertools
import math
import random
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings

import adcli
from adcli.emit.c import NO_ROOM, c_file, c_header, c_text, c_texts
from adcli.emit.c_helpers import helpers_of
from adcli.emit.c_lines import c_expression
from adcli.emit.c_needs import Needs
from adcli.emit.function import ELSEWHERE, NOT_FINITE, OK, Function, Repeats, Request, function_of
from adcli.emit.lines import NOWHERE, Repeat
from adcli.emit.python import python_text
from adcli.errors import AdError
from adcli.rules.along import ALONG, along
from adcli.rules.formulas import formula_tree
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.spellings.c import ARRAYS as SPELLED
from adcli.rules.table import ARRAYS, PRIMITIVES
from adcli.run import Start
from adcli.syntax import nodes
from adcli.tape.describe import function_text

from ..conftest import ALL_SAMPLES, sample_name
from ..derive.programs import RandomProgram, random_programs
from .functions import LOOPS, ON_THE_WAY

COMPILERS = {
    "gcc": ("gcc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-O2", "-ffp-contract=off", "-x", "c"),
    "tcc": ("tcc", "-Wall", "-Werror"),
    "g++": ("g++", "-Wall", "-Wextra", "-Werror", "-O2", "-ffp-contract=off", "-x", "c++"),
}
# C++ compiles the same text more slowly.
MOST = ["gcc", "tcc", pytest.param("g++", marks=pytest.mark.slow)]
# What takes a compiler long.
LONG = {"leapfrog_pendulum", "decay", "rocket", "waveform_inversion", "lennard_jones_cluster", "lennard_jones_moving",
        "pairs", "resistor_network", "exponential_chain", "survival"}  # fmt: skip


def compiled(text: str, compiler: str, folder: Path, name: str = "t") -> ctypes.CDLL:
    """A library made of a text; skips where the compiler is missing."""
    command = COMPILERS[compiler]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{compiler} is not installed")
    source, library = folder / f"{name}.c", folder / f"{name}-{compiler}.so"
    source.write_text(text, encoding="utf-8")
    run = subprocess.run(
        [*command, "-shared", "-fPIC", str(source), "-o", str(library), "-lm"], capture_output=True, text=True
    )
    assert (run.returncode, run.stderr) == (0, ""), run.stderr[:2000]
    return ctypes.CDLL(str(library))


class Results(NamedTuple):
    status: int
    value: float
    gradient: Any
    hessian: Any


def called(library: ctypes.CDLL, function: Function, inputs: Sequence[Any]) -> Results:
    """What a function gives for some inputs."""
    arrays = [np.ascontiguousarray(value, dtype=float) for value in inputs]
    arguments: list[Any] = [
        _pointer(array) if parameter.shape else ctypes.c_double(float(array.ravel()[0]))
        for parameter, array in zip(function.parameters, arrays, strict=True)
    ]
    size = sum(parameter.size for parameter in function.differentiated)
    value, gradient, hessian = (np.full(shape, np.nan) for shape in (1, size, (size, size)))
    results = [value, gradient, hessian][: 1 + function.request.order]
    status = getattr(library, function.request.name)(*arguments, *map(_pointer, results))
    return Results(status, float(value[0]), gradient, hessian)


def _pointer(array: Any) -> Any:
    return array.ctypes.data_as(ctypes.c_void_p)


def emitted(program: adcli.DifferentiableProgram, order: int, name: str = "f", **given: Any) -> Function:
    """The function of the first output of a program, by all of its inputs; operations on arrays nest for order 1."""
    run = Start(program.program, given).run
    request = Request(program.program.outputs[0], tuple(run.point), order, name)
    return function_of(program.program, [(run.point, run.tape)], request, nests_arrays=order == 1, repeats=Repeats.ALL)


class Case(NamedTuple):
    """A function, the program that it is of, and the inputs of its run."""

    function: Function
    program: adcli.DifferentiableProgram
    point: dict[str, Any]


def case_of(function: Function, program: adcli.DifferentiableProgram) -> Case:
    """The case of a function at the defaults of its program."""
    return Case(function, program, dict(Start(program.program, {}).run.point))


def cases(paths: Sequence[Path], orders: Sequence[int]) -> list[Case]:
    found = []
    for place, path in enumerate(paths):
        program = adcli.load(str(path))
        point = dict(Start(program.program, {}).run.point)
        # where all digits cancel on purpose, those of the Hessian do as well
        own = [order for order in orders if order < 2 or path.parent.name != "cancellation"]
        found += [Case(emitted(program, order, f"f{place}_{order}"), program, point) for order in own]
    return found


def check(library: ctypes.CDLL, case: Case) -> None:
    """Hold the results of a function against the interpreter's.

    Of a program of numbers, value and gradient have the same bits, and the Hessian has those of the same function in
    Python. Sums of arrays go in another order here: of these the largest component is right to a few units.
    """
    program, point = case.program, case.point
    output = case.function.request.of
    found = called(library, case.function, list(point.values()))
    assert found.status == OK
    value = program.evaluate(point).outputs[output]
    exact = not program.program.arrays
    assert found.value == value if exact else close(found.value, value)
    if not case.function.request.order:
        return
    slopes = program.gradient(point, of=output, difference="none").gradient[output]
    gradient = flat(slopes)
    assert found.gradient.tolist() == gradient.tolist() if exact else close(found.gradient, gradient)
    if case.function.request.order < 2:
        return
    if exact:
        assert found.hessian.tolist() == hessian_by_python(case.function, point)
        return
    steps = {name: 0.7 + 0 * value for name, value in point.items()}  # of arrays there are products alone
    product = flat(program.hvp(point, dot=steps, of=output).product[output])
    along = 0.7 * found.hessian
    assert np.max(np.abs(along.sum(axis=0) - product)) <= 64 * 2.0**-52 * np.max(np.abs(along), initial=0.0)


def hessian_by_python(function: Function, point: dict[str, Any]) -> list[list[float]]:
    """The Hessian by the same lines in Python, of which other tests tell that it is right."""
    names: dict[str, Any] = {}
    exec(python_text(function), names)
    status, *_, hessian = names[function.request.name](*point.values())
    assert status == OK
    return [list(row) for row in hessian]


def flat(values: Any) -> Any:
    return np.concatenate([np.ravel(value) for value in values.values()])


def close(found: Any, expected: Any) -> bool:
    """Whether no component is off by more than some units of the largest one."""
    return bool(np.max(np.abs(np.subtract(found, expected))) <= 32 * 2.0**-52 * np.max(np.abs(expected)))


# Samples


@pytest.mark.parametrize("compiler", MOST)
def test_samples_at_once(compiler: str, tmp_path: Path) -> None:
    short = [path for path in ALL_SAMPLES if path.stem not in LONG]
    every = short if compiler == "tcc" else short[::4]
    orders = (0, 1, 2) if compiler == "tcc" else (2,)
    all_cases = cases(every, orders)
    library = compiled(c_texts([case.function for case in all_cases]), compiler, tmp_path)
    for case in all_cases:
        check(library, case)


@pytest.mark.slow
@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("path", ALL_SAMPLES, ids=sample_name)
def test_a_sample(path: Path, compiler: str, tmp_path: Path) -> None:
    for order in (0, 1, 2):
        for case in cases([path], [order]):
            library = compiled(c_text(case.function), compiler, tmp_path, f"t{order}")
            check(library, case)
            if order == 2 and not case.program.program.arrays:
                output = case.function.request.of
                matrix = case.program.hessian(case.point, of=output).hessian[output]
                found = called(library, case.function, list(case.point.values()))
                assert close(found.hessian, [list(row.values()) for row in matrix.values()])


def test_what_the_library_lacks_is_refused() -> None:
    with pytest.raises(AdError, match="`gamma` cannot be written in C"):
        c_text(emitted(adcli.parse("input x = 2\noutput y = gamma(x)"), 0))


@pytest.mark.parametrize(("formula", "point", "second"), ON_THE_WAY)
def test_what_overflows_on_the_way_does_not_spoil_second_derivatives(
    formula: str, point: tuple[float, float], second: tuple[float, float, float], tmp_path: Path
) -> None:
    program = adcli.expression(formula)
    function = emitted(program, 2, x=point[0], y=point[1])
    results = called(compiled(c_text(function), "gcc", tmp_path), function, point)
    xx, xy, yy = second
    assert results.status == OK
    assert results.hessian.ravel() == pytest.approx([xx, xy, xy, yy], rel=4e-15, abs=0)


# The table

# Elementwise rows without C: SciPy computes them; or Python's own gamma, whole numbers of any size, or sums without
# rounding.
WITHOUT_C = {
    "i0", "i1", "iv", "j0", "j1", "jv", "y0", "y1", "yv", "i0e", "i1e", "ndtri", "erfinv", "erfcinv", "erfcx",
    "erfcx_integral", "log_ndtr", "expi", "gammainc", "gammaincc", "gammaincinv", "gammainccinv", "betainc",
    "betaincinv", "gamma", "gamma_density", "beta_density", "factorial", "beta", "betaln", "binom", "sinc_derivative",
    "i0e_moment", "polygamma", "polygamma_step",
}  # fmt: skip
EDGES = (0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, 3.0, 1.5, -2.5, 5e-324, -5e-324, 1e-310, 1e-200, 1e200, 1.7e308, -1e308,
         math.inf, -math.inf, math.nan, 700.0, 710.0, -745.0, 28.0, 40.0, 1e16)  # fmt: skip


def trees() -> Iterator[tuple[Primitive, nodes.Apply]]:
    """Each elementwise row, applied to its operands; those of any number of operands to two and to three."""
    for row in PRIMITIVES.values():
        for count in (2, 3) if row.variadic else (row.arity,):
            names = tuple(nodes.Name("abc"[place], NOWHERE) for place in range(count))
            yield row, nodes.Apply(function_text(row), names, NOWHERE)


def test_each_elementwise_row_has_c_or_is_known_to_have_none() -> None:
    refused = set()
    for row, tree in trees():
        try:
            c_expression(tree, {})
        except AdError as error:
            assert error.problems[0].code == "no-emission"
            refused.add(row.name)
    assert refused == WITHOUT_C


def operands_of(row: Primitive, count: int, chosen: random.Random) -> list[tuple[float, ...]]:
    """The row's samples, edges, and random operands of all sizes."""
    sizes: tuple[Callable[[], float], ...] = (
        lambda: chosen.uniform(-3, 3),
        lambda: chosen.uniform(-100, 100),
        lambda: math.copysign(10 ** chosen.uniform(-300, 300), chosen.random() - 0.5),
        lambda: float(chosen.randint(-20, 20)) / 2,
        lambda: chosen.choice(EDGES),
    )
    found = [sample for sample in row.samples if len(sample) == count]
    found += itertools.islice(itertools.product(EDGES, repeat=count), 700)
    return found + [tuple(chosen.choice(sizes)() for _ in range(count)) for _ in range(1500)]


def is_same(row: Primitive, found: float, operands: tuple[float, ...]) -> bool:
    """Whether the bits are those of the row's value; NaN is NaN. Where Python raises, IEEE 754 answers, and so it does
    where the result is below 1e-308: Python's own length of a vector rounds that twice."""
    try:
        expected = float(row.value(*operands))
    except (ArithmeticError, ValueError):
        return True
    if struct.pack("d", found) == struct.pack("d", expected) or (math.isnan(found) and math.isnan(expected)):
        return True
    return "hypot" in row.name and 0 < abs(expected) < 2e-308


@pytest.mark.parametrize("compiler", MOST)
def test_each_elementwise_row_has_the_bits_of_the_interpreter(compiler: str, tmp_path: Path) -> None:
    needs, bodies = Needs(), []
    rows = [(row, tree) for row, tree in trees() if row.name not in WITHOUT_C]
    for place, (_, tree) in enumerate(rows):
        names = {name: f"{name}[i]" for name in "abc"[: len(tree.operands)]}
        heads = ", ".join(f"const double *{name}" for name in names)
        loop = f"for (int i = 0; i < count; ++i)\n        result[i] = {c_expression(tree, names, needs)};"
        linked = '#ifdef __cplusplus\nextern "C"\n#endif\n'
        bodies.append(f"{linked}void row{place}(int count, {heads}, double *result)\n{{\n    {loop}\n}}")
    library = compiled(c_file(bodies, needs), compiler, tmp_path)
    chosen = random.Random(7)
    for place, (row, tree) in enumerate(rows):
        operands = operands_of(row, len(tree.operands), chosen)
        columns = [np.array(column) for column in zip(*operands, strict=True)]
        result = np.empty(len(operands))
        getattr(library, f"row{place}")(len(operands), *map(_pointer, columns), _pointer(result))
        wrong = [
            (given, found) for given, found in zip(operands, result.tolist(), strict=True)
            if not is_same(row, found, given)
        ]  # fmt: skip
        assert not wrong, (row.name, wrong[:5])


def test_partials_are_expressions_as_well() -> None:
    partials = [PRIMITIVES[name].formulas(1)[0] for name in ("erf", "tan")]
    texts = [c_expression(formula_tree(partial), {"a": "x", "v": "y[3]"}) for partial in partials]
    assert texts == ["1.1283791670955126 * ad_gauss(x)", "1.0 + ad_power(y[3], 2.0)"]
    needs = Needs()
    assert c_expression(formula_tree("is_max(a1, a2) / sqrt(a)"), {}, needs) == "ad_is_max_2(a1, a2) / sqrt(a)"
    assert any("static double ad_is_max_2(double a1, double a2)" in text for text in needs.definitions())
    assert 2 / math.sqrt(math.pi) == 1.1283791670955126


# Operations on whole arrays: each row of which C has a way to write it, at its samples


def applied(row: ArrayPrimitive, sample: tuple[Any, ...]) -> str:
    """A program that applies a row to a sample: the arrays, and the first operand if it moves, are inputs."""
    names = [f"x{place}" for place in range(len(sample))]
    moves = [bool(np.shape(value)) or place in (row.by if isinstance(row.by, tuple) else range(9))
             for place, value in enumerate(sample)]  # fmt: skip
    lines = [
        f"input {name}{list(np.shape(value)) if np.shape(value) else ''} = {value}"
        for name, value, is_input in zip(names, sample, moves, strict=True) if is_input
    ]  # fmt: skip
    given = [name if is_input else f"{value:g}" for name, value, is_input in zip(names, sample, moves, strict=True)]
    name, _, axis = row.name.partition(" axis=")
    pattern = {"matmul": "{} @ {}", "transpose": "{}'"}.get(name)
    listed = ", ".join([*given, *([f"axis = {axis}"] if axis else [])])
    text = pattern.format(*given) if pattern else f"[{listed}]" if name == "stack" else f"{name}({listed})"
    return "\n".join([*(lines or ["input x0 = 1"]), f"v = {text}", "output y = sum(log(1 + (v + [0.3])^2))"])


# Rows of arrays that C lacks, or whose derivatives it lacks.
ARRAYS_WITHOUT_C = {"over_differences", "shares", "eigvalsh", "eigh", "svd", "expm", "expm_along"}


@pytest.mark.parametrize("compiler", ["tcc", *(pytest.param(name, marks=pytest.mark.slow) for name in ("gcc", "g++"))])
def test_each_row_of_arrays_at_its_samples(compiler: str, tmp_path: Path) -> None:
    found, refused = [], set()
    axes = [along(name, axis) for name in ALONG for axis in (0, 1)]
    for row in (*ARRAYS.values(), *axes):
        assert isinstance(row, ArrayPrimitive)
        for sample in row.samples:
            program = adcli.parse(applied(row, sample))
            try:
                function = emitted(program, 2, f"f{len(found)}")
                c_text(function)
            except AdError as error:
                assert error.problems[0].code == "no-emission"
                refused.add(row.name)
                continue
            found.append(case_of(function, program))
    library = compiled(c_texts([case.function for case in found]), compiler, tmp_path)
    for case in found:
        check(library, case)
    assert refused == ARRAYS_WITHOUT_C


PROGRAMS = {
    "slices": """\
input A[4, 3] = [[1, 2, 3], [4, 5, 6], [7, 8, 10], [0.5, 0.3, 0.1]], x = 2
B = A[::-1, 1:]
B[-1, 0] = x * A[0, -1]
B[1:3] = B[:2] * A[1, :2]
B[::2, 1] = x
C = A[1:1] * x
v = A[:, 0]
v[::-2] = [x, 3]
output y = sum(B^2) + sum(C) + v @ A[:, 2] + A[3, 1:] @ B[2]""",
    "repeated": """\
input A[2, 3] = [[1, 2, 3], [4, 5, 6]], r[1, 3] = [[1, 2, 3]], c[2, 1] = [[0.5], [2]], v[3] = [3, 1, 2], o[1] = [0.7]
output y = sum(A * r / c + v * o - where(A > 2 * v, A * o, r)^2) + sum(c * r) + max(c * v) + sum(c + o)""",
    "sums": """\
input A[2, 3] = [[1, 2, 3], [4, 5, 6]], B[3, 2] = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.7]], v[3] = [3, 1, 2]
output y = sum(einsum("ij,jk->ik", A, B)) * einsum("ij,j,ij->", A, v, A) + einsum("ii", A @ B) + einsum("i->", v)""",
    "loops": """\
input w[6] = [1, 2, 3, 4, 5, 6], t = 0.3
n = length(w)
s = zeros(n)
for k = 1 to n - 1 {
    s[k] = s[k - 1] * t + w[k] * w[n - k]
}
M = eye(n - 3, 3) * t + tril(outer(w[:3], w[3:])) + linspace(0, t, 3)
output y = s @ s + logdet(M) + norm(M) + sum(ones(2, n - 1)) * trace(M)""",
}


def test_programs_of_arrays(tmp_path: Path) -> None:
    found = []
    for name, text in PROGRAMS.items():
        program = adcli.parse(text)
        found.append(case_of(emitted(program, 2, name), program))
    library = compiled(c_texts([case.function for case in found]), "tcc", tmp_path)
    for case in found:
        check(library, case)


# Loops: what no input moves is computed here and not by the compiler; rows go back and forth; parts move along

_FULLY = ("-O3", "-funroll-all-loops", "-fpeel-loops")  # so that a compiler knows what it can


@pytest.mark.parametrize("compiler", ["tcc", "gcc"])
def test_loops(compiler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMPILERS, "gcc", (*COMPILERS["gcc"][:-2], *_FULLY, "-x", "c"))
    found = []
    for name, text in LOOPS.items():
        program = adcli.parse(text)
        for order in (0, 1, 2) if compiler == "tcc" else (1,):
            function = emitted(program, order, f"{name}_{order}")
            assert any(isinstance(line, Repeat) for line in function.branches[0].outer)
            if (name, order) != ("edges", 2):  # in Python exp(1000) is an error
                found.append(case_of(function, program))
    library = compiled(c_texts([case.function for case in found]), compiler, tmp_path)
    for case in found:
        check(library, case)


def test_what_no_input_moves_in_a_loop_stands_in_tables() -> None:
    text = c_text(emitted(adcli.parse(LOOPS["known"]), 0))
    statements = "\n".join(line for line in text.splitlines() if "/*" not in line)
    assert "sin(" not in statements
    assert "cos(" not in statements
    assert f"    {math.cos(math.sin(1.3))!r}, " in text
    assert "s_2_before * ad_table_1[i_2] + ad_table_2[i_2] + ad_power(x, (1.0 + i_2))" in text


def test_a_guard_in_a_loop_has_a_status(tmp_path: Path) -> None:
    program = adcli.parse(
        "input x = 2, most = 10\ny = x\n"
        "for k = 1 to 9 { if y < most { y = y + x / k } else { y = log(y - x) } }\noutput y"
    )
    function = emitted(program, 1, most=100)
    assert "for (int i_2 = 0; i_2 < 8;" in c_text(function)
    library = library_of([function], tmp_path)
    found = called(library, function, [3, 90])
    assert (found.status, found.value) == (OK, program.evaluate(x=3, most=90).outputs["y"])
    assert [called(library, function, [x, 8]).status for x in (1, 3, math.inf, math.nan)] == [OK, *[ELSEWHERE] * 3]


# Statuses


def library_of(functions: Sequence[Function], folder: Path) -> ctypes.CDLL:
    return compiled(c_texts(functions), "tcc", folder)


def test_another_way_has_a_status_of_its_own_and_so_has_what_is_not_finite(tmp_path: Path) -> None:
    program = adcli.parse("input x = 2, n = 1\nif x > 1 { y = log(x - n) + 1 / x } else { y = x^2 }\noutput y")
    function = emitted(program, 2, x=3.0)
    library = library_of([function], tmp_path)
    assert called(library, function, [3, 1]).value == math.log(2.0) + 1 / 3
    statuses = {(x, n): called(library, function, [x, n]).status for x, n in ((0.5, 1), (3, 3), (3, 4), (math.nan, 1))}
    assert statuses == {(0.5, 1): ELSEWHERE, (3, 3): NOT_FINITE, (3, 4): NOT_FINITE, (math.nan, 1): ELSEWHERE}


def test_the_first_branch_whose_checks_hold_counts(tmp_path: Path) -> None:
    program = adcli.parse("input x = 2, w[2] = [1, 2]\nif x > 1 { y = sum(w) * x^3 } else { y = w[1] * x }\noutput y")
    runs = [Start(program.program, {"x": x}).run for x in (2.0, 0.5)]
    request = Request("y", ("x", "w"), 2, "f")
    function = function_of(
        program.program, [(run.point, run.tape) for run in runs], request, nests_arrays=False, repeats=Repeats.ALL
    )
    library = library_of([function], tmp_path)
    assert called(library, function, [2, [1, 2]]).gradient.tolist() == [36, 8, 8]
    found = called(library, function, [0.5, [1, 2]])
    assert (found.status, found.value, found.gradient.tolist()) == (OK, 1, [2, 0, 0.5])
    assert found.hessian.tolist() == [[0, 0, 1], [0, 0, 0], [1, 0, 0]]


def test_subscripts_that_inputs_tell_have_to_be_what_they_were(tmp_path: Path) -> None:
    program = adcli.parse("input k = -1, w[3] = [1, 2, 3]\noutput y = w[k]^2 + sum(zeros(k + 3))")
    function = emitted(program, 2)
    library = library_of([function], tmp_path)
    found = called(library, function, [-1, [1, 2, 3]])
    assert (found.value, found.gradient.tolist()) == (9, [0, 0, 0, 6])
    assert called(library, function, [1, [1, 2, 3]]).status == ELSEWHERE


def test_a_singular_matrix_has_no_results(tmp_path: Path) -> None:
    program = adcli.parse("input A[2, 2] = [[2, 1], [1, 3]], b[2] = [1, 2]\noutput y = sum(solve(A, b)) + logdet(A)")
    function = emitted(program, 1)
    library = library_of([function], tmp_path)
    assert called(library, function, [[[2, 1], [1, 3]], [1, 2]]).status == OK
    assert called(library, function, [[[1, 2], [2, 4]], [1, 2]]).status == NOT_FINITE


# Texts

NAMES = """\
input e = 0.3, pi[2] = [1, 2], double = 2, ad_hypot = 1.5, value = 0.1, λ = 0.7, unused = 3, class = 0.2, sin = 1.1
n = 5
y = erf(e) * sum(pi) + double * hypot(ad_hypot, value) * λ^n + exp2(e) * max(e, double, λ) + clip(e, 0, 1) + class^sin
z = where(sin > 1 and e < 1 or λ > 2, y, e) + where(not (y > 0), 0, 1) - -(-2) * sin(2)
output z  # */ ends no comment
"""


@pytest.mark.parametrize("compiler", COMPILERS)
def test_names_that_c_has_for_something_else(compiler: str, tmp_path: Path) -> None:
    program = adcli.parse(NAMES)
    function = emitted(program, 2, "exp")
    library = compiled(c_text(function).replace("exp_2(", "t("), compiler, tmp_path)
    renamed = emitted(program, 2, "t")
    check(library, case_of(renamed, program))


def test_the_header_declares_the_function(tmp_path: Path) -> None:
    function = emitted(adcli.load("samples/linear_regression.ad"), 2, "loss")
    header = c_header(function)
    assert "int loss(" in header
    assert "hessian[" in header
    (tmp_path / "loss.h").write_text(header, encoding="utf-8")
    text = f'#include "loss.h"\n#include "loss.h"\n\n{c_text(function)}'
    for compiler in COMPILERS:
        compiled(text, compiler, tmp_path)


def test_helpers_bring_what_they_call() -> None:
    (hypot,) = helpers_of(["ad_hypot(a, b)"])
    assert hypot.startswith("/* The length of (a, b)")
    names = [
        text.split("(")[0].split()[-1] for text in (text[text.index("static") :] for text in helpers_of(["ad_mean("]))
    ]
    assert names == ["ad_sum_of", "ad_sum", "ad_mean"]


def test_every_spelling_has_its_helper() -> None:
    for name, spelling in SPELLED.items():
        helper = getattr(spelling, "helper", "")
        assert not helper or helpers_of([helper]), name


def test_a_long_function_is_cut_into_pieces(tmp_path: Path) -> None:
    chosen = random.Random(3)
    steps = ["w[1] = w[1] + sin(y) / 7", "y = y + w[1] * cos(w[2] + w[0])", "y = exp(-y^2)", "y = y / (1 + w[0]^2)"]
    body = "\n".join(["y = tanh(y)", *chosen.choices(steps, k=300)])
    texts = {"straight": body, "loop": f"for k = 1 to 4 {{ {body}\ny = y + erf(k) / k }}"}
    for name, lines in texts.items():
        program = adcli.parse(f"input x = 0.3, w[3] = [0.1, 0.2, 0.3]\ny = x\n{lines}\noutput y")
        function = emitted(program, 1, name)
        text = c_text(function)
        assert "_part_3(" in text
        assert ("int i_2, double *room)" in text) == (name == "loop")
        assert f"return {NO_ROOM};" in text
        check(compiled(text, "tcc", tmp_path, name), case_of(function, program))


# Random programs


def test_a_kernel_that_reads_nan_is_python_as_well() -> None:
    names: dict[str, Any] = {}
    exec(python_text(emitted(adcli.parse("input x = 3.5\noutput y = lgamma(x)"), 1)), names)
    assert names["f"](3.5)[:2] == (OK, adcli.parse("input x = 3.5\noutput y = lgamma(x)").evaluate().outputs["y"])


def test_random_programs_have_the_bits_of_the_interpreter(tmp_path: Path) -> None:
    hold_random_programs(tmp_path, "tcc", 25)


@pytest.mark.slow
@pytest.mark.parametrize("compiler", COMPILERS)
def test_many_random_programs_have_the_bits_of_the_interpreter(compiler: str, tmp_path: Path) -> None:
    hold_random_programs(tmp_path, compiler, 150)


def hold_random_programs(folder: Path, compiler: str, count: int) -> None:
    """Compile many programs at once, and hold each against the interpreter."""
    found: list[Case] = []

    @given(random_programs())
    @settings(max_examples=count, deadline=None, database=None)
    def collect(program: RandomProgram) -> None:
        checked = adcli.parse(program.text)
        if checked.program.arrays:  # whose bits are their own
            return
        run = Start(checked.program, dict(program.point)).run
        request = Request("f", tuple(run.point), 2, f"f{len(found)}")
        function = function_of(
            checked.program, [(run.point, run.tape)], request, nests_arrays=False, repeats=Repeats.ALL
        )
        found.append(Case(function, checked, dict(run.point)))

    collect()
    written = []
    for case in found:
        try:
            c_text(case.function)
            written.append(case)
        except AdError as error:  # of the log of the gamma function a Hessian has no C
            assert "polygamma" in str(error)
    assert len(written) > count / 3
    library = compiled(c_texts([case.function for case in written]), compiler, folder)
    for case in written:
        check(library, case)
