"""Functions in JavaScript give in Node what the program gives in Python."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import adcli
from adcli.emit.function import Function, Repeats, Request, function_of
from adcli.emit.javascript import javascript_text
from adcli.errors import AdError
from adcli.rules.dispatch import shape_of

from ..conftest import ALL_SAMPLES, PAGE_SAMPLES
from ..derive.array_programs import ArrayProgram, array_programs
from ..derive.programs import RandomProgram, random_programs
from ..page.node import run_node
from .functions import MOST_ENTRIES, Wanted, drawn, emitted, flat, share, ulps, wanted

_QUICK = PAGE_SAMPLES[::9]


class Job(NamedTuple):
    """A function, and the points at which it is called, each a list of what it takes."""

    function: Function
    points: Sequence[Sequence[Any]]


def in_node(jobs: Sequence[Job]) -> list[list[dict[str, Any]]]:
    """What functions give at their points, all in one process."""
    texts = [(javascript_text(job.function), job.function.request.name, job.points) for job in jobs]
    results: list[list[dict[str, Any]]] = run_node(
        """
        const all = [];
        for (const [text, name, points] of DATA) {
          const module = await import(`data:text/javascript,${encodeURIComponent(text)}`);
          all.push(points.map((point) => module[name](...point.map((x) => (typeof x === 'string' ? Number(x) : x)))));
        }
        tell(all);
        """,
        texts,
    )
    return results


def plain(value: Any) -> Any:
    return value.tolist() if shape_of(value) else value


def job_of(function: Function) -> Job:
    return Job(function, [[plain(parameter.value) for parameter in function.parameters]])


def read(result: Mapping[str, Any]) -> Wanted:
    assert result["status"] == 0
    return Wanted(flat(result["value"]), flat(result.get("gradient", [])), flat(result.get("hessian", [])))


def call(text: str, order: int, *points: Mapping[str, Any], at: Sequence[Mapping[str, Any]] = ({},)) -> Any:
    """What the function of a program, as it ran at some points, gives at others."""
    function = emitted(adcli.parse(text), order, at)
    names = [parameter.name for parameter in function.parameters]
    defaults = {parameter.name: plain(parameter.value) for parameter in function.parameters}
    (results,) = in_node(
        [Job(function, [[{**defaults, **point}[name] for name in names] for point in points or ({},)])]
    )
    return results if len(results) > 1 else results[0]


# Samples


def has_hessian(program: adcli.DifferentiableProgram, path: Path) -> bool:
    """Whether it is small enough, and has digits that two ways to compute it share: where all cancels none has."""
    return len(program.at({}).run.tape) < MOST_ENTRIES and "cancellation" not in path.parts


def check_samples(paths: Sequence[Path]) -> None:
    programs = {path: adcli.load(path) for path in paths}
    cases = [(path, order) for path in paths for order in range(3 if has_hessian(programs[path], path) else 2)]
    jobs = [
        job_of(emitted(programs[path], order, nests_arrays=bool(order % 2), repeats=Repeats.NUMBERS))
        for path, order in cases
    ]
    for (path, order), job, (result,) in zip(cases, jobs, in_node(jobs), strict=True):
        found, expected = read(result), wanted(programs[path], order)
        of_numbers = not any(lines.shapes[name] for lines in job.function.branches for name in lines.shapes)
        if of_numbers:
            assert ulps(found.value, expected.value) <= _ULPS.get(path.stem, 2), path
            assert ulps(found.gradient, expected.gradient) <= _ULPS.get(path.stem, 2), path
        for one, other in zip(found, expected, strict=True):
            assert share(one, other) <= 1e-13, (path, order)


# An error of the exponential function grows on the way: V8's is another one than that of C's library.
_ULPS = {"exponential_chain": 3}


def test_every_ninth_sample() -> None:
    check_samples(_QUICK)


@pytest.mark.slow
def test_every_sample() -> None:
    check_samples(ALL_SAMPLES)


# Random programs


def check_random(programs: Sequence[RandomProgram | ArrayProgram], most: float, orders: Sequence[int] = (1, 2)) -> None:
    cases = []
    for program, order in product(programs, orders):
        function = emitted(adcli.parse(program.text), order, [program.point], repeats=Repeats.NUMBERS)
        with suppress(AdError):  # of a function that has no JavaScript, such as expm
            javascript_text(function)
            cases.append((job_of(function), adcli.parse(program.text), program, order))
    assert 2 * len(cases) >= len(programs)
    results = in_node([job for job, *_ in cases])
    for (_, checked, program, order), (result,) in zip(cases, results, strict=True):
        for one, other in zip(read(result), wanted(checked, order, program.point), strict=True):
            assert share(one, other) <= most, program.text


def test_random_programs() -> None:
    check_random(drawn(random_programs(), 8), 1e-14, [2])


def test_random_programs_with_arrays() -> None:
    check_random(drawn(array_programs(), 4), 1e-13, [2])


@pytest.mark.slow
def test_many_random_programs() -> None:
    check_random(drawn(random_programs(), 80), 1e-14)
    check_random(drawn(array_programs(), 40), 1e-13)


# Statuses

_NOTHING = {"value": None, "gradient": None, "hessian": None}


def test_a_decision_that_comes_out_otherwise_is_a_status() -> None:
    text = "input x = 2\nif x > 1 {\n y = x^2\n} else {\n y = -x\n}\noutput y"
    inside, edge, outside = call(text, 2, {"x": 3.0}, {"x": 1.0}, {"x": -3.0})
    assert inside == {"status": 0, "value": 9, "gradient": [6], "hessian": [[2]]}
    assert edge == outside == {"status": 1, **_NOTHING}


def test_of_several_runs_the_one_counts_that_decided_alike() -> None:
    text = "input x = 2\nif x > 1 {\n y = x^2\n} else {\n if x < 0 {\n  y = -x\n } else {\n  y = 0\n }\n}\noutput y"
    results = call(text, 1, {"x": 3.0}, {"x": -3.0}, {"x": 0.5}, at=({"x": 2.0}, {"x": -1.0}))
    assert results[:2] == [
        {"status": 0, "value": 9, "gradient": [6]},
        {"status": 0, "value": 3, "gradient": [-1]},
    ]
    assert results[2] == {"status": 1, "value": None, "gradient": None}


def test_infinite_numbers_and_none_are_a_status() -> None:
    for text, points in (
        ("input x = 2\noutput y = log(x)", (0.0, -1.0, math.inf)),
        ("input x = 2\noutput y = sqrt(x)", (0.0, -1.0)),  # of the one the value is finite, and the slope is not
        ("input x = 2\noutput y = exp(x)", (710.0, math.inf)),
        ("input x = 2\noutput y = 1 / x", (0.0, -0.0)),
    ):
        results = call(text, 1, *({"x": x if math.isfinite(x) else str(x).replace("inf", "Infinity")} for x in points))
        assert all(result == {"status": 2, "value": None, "gradient": None} for result in results), text


def test_what_cannot_be_solved_is_a_status() -> None:
    text = "input A[2, 2] = [[2, 1], [1, 3]]\noutput y = sum(solve(A, [1, 2]))"
    regular, singular = call(text, 1, {}, {"A": [[1, 2], [2, 4]]})
    assert regular["value"] == pytest.approx(0.2 + 0.6, abs=1e-15)
    assert singular == {"status": 2, "value": None, "gradient": None}


def test_a_subscript_that_is_another_one_is_a_status() -> None:
    text = "input w[3] = [1, 2, 4]\ninput k = 1\noutput y = w[k]^2"
    as_it_ran, other = call(text, 1, {}, {"k": 2.0})
    assert as_it_ran == {"status": 0, "value": 4, "gradient": [[0, 4, 0], 0]}
    assert other["status"] == 1


# What is taken and given


def test_arrays_are_lists_and_the_hessian_goes_through_all_components() -> None:
    text = "input A[2, 2] = [[1, 2], [3, 4]]\ninput s = 5\noutput y = s * A[0, 0] * A[1, 1]"
    result = call(text, 2)
    assert result == {
        "status": 0, "value": 20, "gradient": [[[20, 0], [0, 5]], 4],
        "hessian": [[0, 0, 0, 5, 4], [0] * 5, [0] * 5, [5, 0, 0, 0, 1], [4, 0, 0, 1, 0]],
    }  # fmt: skip


def test_a_value_may_be_an_array() -> None:
    assert call("input w[2] = [1, 2]\noutput y = 3 * w", 0) == {"status": 0, "value": [3, 6]}


def test_arrays_of_other_sizes_are_refused_and_typed_ones_taken() -> None:
    text = javascript_text(emitted(adcli.parse("input w[2] = [1, 2]\ninput A[2, 2] = [[1, 2], [3, 4]]\n"
                                               "output y = sum(A @ w)"), 0))  # fmt: skip
    told = run_node(
        """
        const { f } = await import(`data:text/javascript,${encodeURIComponent(DATA)}`);
        const A = [[1, 2], [3, 4]];
        const said = (w, B) => {
          try { return f(w, B).value; } catch (error) { return `${error.name}: ${error.message}`; }
        };
        tell([said(Float64Array.of(1, 2), A), said([1], A), said(1, A), said([1, 2], [[1], [1, 2, 3]]), said([1, 2])]);
        """,
        text,
    )
    vector, matrix = (f"TypeError: {what} numbers" for what in (
        "w has to be an array of 2", "A has to be an array of 2 × 2",
    ))  # fmt: skip
    assert told == [16, vector, vector, matrix, matrix]


def test_conditions_count_as_numbers() -> None:
    text = "input x = 2\ninput y = 3\nk = y > 1\nm = (x > 5) * y\noutput L = k + m + max(x > 1, 0.5) + where(k, x, y)"
    assert call(text, 1) == {"status": 0, "value": 1 + 0 + 1 + 2, "gradient": [1, 0]}


def test_conditions_of_arrays() -> None:
    text = "input w[4] = [-1, 0.5, 2, 3]\noutput L = sum(where(w > 0 and not w > 2, w^2, (w < 0) * w))"
    assert call(text, 1) == {"status": 0, "value": 3.25, "gradient": [[1, 1, 4, 0]]}


def test_a_rounded_sign_is_no_decrement() -> None:
    assert call("input x = 2\noutput L = 1 - -x - (-(-3))", 1) == {"status": 0, "value": 0, "gradient": [1]}


# Names

_NAMES = (
    "delete", "result", "column", "noResults", "Math", "areFinite", "realPower", "eachElement", "e", "pi", "α_1",
    "größe", "NUMBERS", "status", "branch", "x①", "xⅣ", "Ⅳ", "ﬁ", "fi", "_", "undefined", "constructor",
)  # fmt: skip


def test_names_that_mean_something_in_javascript() -> None:
    lines = [f"input {name} = {place}" for place, name in enumerate(_NAMES, 2)]
    for order in (1, 2):
        powers = " + ".join(f"{name}^3" for name in _NAMES)
        result = call("\n".join([*lines, f"output L = {powers}"]), order)
        gradient = [3 * place**2 for place, _ in enumerate(_NAMES, 2)]
        assert result["gradient"] == gradient
        assert result["value"] == sum(place**3 for place, _ in enumerate(_NAMES, 2))


def test_an_input_that_is_assigned_to_keeps_its_own_value() -> None:
    result = call("input x = 3\nx = x^2 * x\nx = x + 1\noutput x", 2)
    assert result == {"status": 0, "value": 28, "gradient": [27], "hessian": [[18]]}
    assert call("input x = 3\noutput x", 2) == {"status": 0, "value": 3, "gradient": [1], "hessian": [[0]]}


@pytest.mark.parametrize("name", ["delete", "areFinite", "größe", "f"])
def test_the_function_is_exported_under_its_name(name: str) -> None:
    function = emitted(adcli.parse("input f = 2\noutput g = f^3"), 1, name=name)
    ((result,),) = in_node([job_of(function)])
    assert result == {"status": 0, "value": 8, "gradient": [12]}


def test_lines_of_the_program_stay_in_their_comments() -> None:
    text = "# */ alert(1)\ninput x = 2  # */ alert(1)\na = x * 2  # \u2028 alert(1)\noutput L = a"
    assert call(text, 1)["value"] == 4


def test_the_hessian_goes_by_the_inputs_that_are_chosen() -> None:
    program = adcli.parse("input x = 2\ninput y = 3\ninput z = 5\noutput L = x^2 * y * z^2")
    run = program.at({}).run
    function = function_of(program.program, [(run.point, run.tape)], Request("L", ("z", "x"), 2, "f"))
    ((result,),) = in_node([job_of(function)])
    assert result == {"status": 0, "value": 300, "gradient": [120, 300], "hessian": [[24, 120], [120, 150]]}


# The text


def test_a_module_needs_no_other_and_has_no_kernel_that_it_does_not_call() -> None:
    text = javascript_text(emitted(adcli.parse("input x = 2\noutput y = hypot(x, 1) + erf(x)"), 1))
    assert "import" not in text and "NUMBERS" not in text and "realLgamma" not in text
    assert "The rational approximations of FreeBSD" in text  # the source of a kernel goes with it
    assert text.count("function realHypot") == text.count("export") == 1


def test_what_has_no_kernel_is_refused() -> None:
    with pytest.raises(AdError, match="`j0` cannot be written in JavaScript"):
        javascript_text(emitted(adcli.parse("input x = 2\noutput y = j0(x)"), 0))


def test_a_function_that_reads_like_the_program() -> None:
    lines = javascript_text(emitted(adcli.parse("input x = 2\ninput y = 3\na = x * y\noutput L = sin(a) + a"), 1))
    body = lines[lines.index("export") :].split("\n")
    assert body == [
        "export function f(x, y) {",
        "  // line 3: a = x * y",
        "  const a = x * y;",
        "  // line 4: output L = sin(a) + a",
        "  const L = Math.sin(a) + a;",
        "  const bar_a = 1 + Math.cos(a);",
        "  // line 3: a = x * y",
        "  const bar_x = bar_a * y;",
        "  const bar_y = bar_a * x;",
        "  const result = { status: 0, value: L, gradient: [bar_x, bar_y] };",
        "  return areFinite(result) ? result : noResults(2);",
        "}",
        "",
    ]
