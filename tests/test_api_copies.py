"""What the API gives can be pickled and copied: a script hands it to a pool of processes, or keeps it in a file."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import adcli
from adcli.errors import CheckFailedError
from adcli.rules import along, subscripts, table
from adcli.rules.primitive import Primitive
from adcli.syntax.source import Source
from adcli.tape.limits import Limits

from .conftest import together
from .test_api import METHODS

COPIES = [lambda thing: pickle.loads(pickle.dumps(thing)), copy.deepcopy, copy.copy]
NUMBERS = (
    "input k = 1.5\ns = abs(k)\nfor i = 1 to 3 {\n s = s * sin(k) + k^2\n}\nif s > 1 { L = s } else { L = k }\n"
    "r = [k - 1, k^2]\noutput L"
)
ARRAYS = (
    "input w[n] = [1, 0.5, 3], k = 2\na = w\na[1] = k\nr = [k * w[0], w[1], w[2], k, 1]\n"
    "output L = sum(a^2 + w[0:1]) * k\nclaim dL/dw[0] = 4"
)
REQUIRED: dict[str, dict[str, Any]] = {
    "jvp": {"dot": {"k": 1}}, "hvp": {"dot": {"k": 1}}, "vjp": {"bar": {"L": 1}}, "fit": {"residual": "r"},
    "minimize": {"steps": 5}, "root": {"solve": "k"}, "uncertainty": {"uncertainty": {"k": 0.1}, "samples": 100},
    "emit": {"to": "numpy"},
}  # fmt: skip
MORE: dict[str, dict[str, Any]] = {
    "check": {"order": 2, "random": 2, "margins": True}, "jacobian": {"check": True}, "hessian": {"check": True},
    "precision": {"verify": True}, "cost": {"measure": False, "checkpoint": 1},
}  # fmt: skip


def programs() -> list[adcli.DifferentiableProgram]:
    return [adcli.parse(NUMBERS), adcli.parse(ARRAYS)]


def shown(result: Any) -> Any:
    return result if isinstance(result, str) else (result.to_dict(), [tuple(t) for t in result.tables()])


@pytest.mark.parametrize("method", METHODS)
def test_results_are_copied(method: str) -> None:
    for program in programs():
        for options in ({}, MORE[method]) if method in MORE else ({},):
            result = getattr(program, method)({}, **REQUIRED.get(method, {}), **options)
            copies = [duplicate(result) for duplicate in COPIES]  # before anything of it is worked out
            wanted = repr(shown(result))
            for again in copies:
                assert type(again) is type(result)
                assert repr(shown(again)) == wanted


@pytest.mark.parametrize("duplicate", COPIES)
def test_programs_are_copied(duplicate: Callable[[Any], Any]) -> None:
    for program in [*programs(), adcli.expression("x * y"), adcli.expression("1 + 2"), adcli.parse("output value = 3")]:
        program.max_entries = 1000
        program.lint  # noqa: B018
        point = {variable.name: [1, 2, 3] if variable.shape else 2 for variable in program.program.inputs}
        start = program.at(point)
        again = duplicate(program)
        assert again.limits == Limits(1000, program.max_memory)
        assert again.program.source.text == program.program.source.text
        assert again.evaluate(point).to_dict() == program.evaluate(point).to_dict()
        assert duplicate(start).run.tape.values[0] is not None
        assert duplicate(program.lint) == program.lint
        if point:
            plain = program.gradient(point, difference="none")
            assert repr(duplicate(program).gradient(point, difference="none").gradient) == repr(plain.gradient)


def test_a_copied_tape_is_swept() -> None:
    for program in programs():
        tape = program.tape()
        for duplicate in COPIES:
            assert repr(duplicate(tape).sweep("L").adjoints) == repr(tape.sweep("L").adjoints)


ROWS = [
    *table.PRIMITIVES.values(), *table.ARRAYS.values(), table.INPUT, table.CONSTANT, table.STATE, table.COPY,
    subscripts.element(".,1:"), subscripts.updated(".:."), along.along("sum", -1), along.length(1),
]  # fmt: skip


@together("row", ROWS, by=lambda row: row.name[:1])
def test_a_copy_of_a_primitive_is_the_primitive(row: Primitive) -> None:
    assert all(duplicate(row) is row for duplicate in COPIES)


@pytest.mark.parametrize("duplicate", COPIES)
def test_errors_are_copied(duplicate: Callable[[Any], Any]) -> None:
    source = Source("a.ad", "one\r\ntwo\r\n")
    problem = adcli.Problem("shape", "it does not fit", (4, 7), help="mend it")
    for error in (adcli.AdError(problem), adcli.AdError([problem, problem], source), CheckFailedError(problem, source)):
        error.add_note("a note")
        again = duplicate(error)
        assert (type(again), str(again), again.problems) == (type(error), str(error), error.problems)
        assert again.__notes__ == ["a note"]
        assert again.source is None or again.source.place(4) == (2, 1)
    assert duplicate(source).with_own_line_ends("\n") == "\r\n"


def _fails(number: int) -> None:
    adcli.parse("input x\ny = foo(x)")


def test_a_pool_hands_on_an_error() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool, pytest.raises(adcli.AdError) as caught:
        pool.map_async(_fails, [1]).get(timeout=60)
    assert [problem.code for problem in caught.value.problems] == ["unknown-function"]
    assert caught.value.source is not None and caught.value.source.line(2) == "y = foo(x)"


def test_a_pool_works_with_programs() -> None:
    program = adcli.parse(NUMBERS)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        (report,) = pool.map_async(program.gradient, [{"k": 2.0}]).get(timeout=60)
    assert report.to_dict() == program.gradient(k=2.0).to_dict()
