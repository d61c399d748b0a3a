"""The page's recorder against the interpreter: values, gradients, tapes and texts at many positions of the sliders."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import adcli
from adcli.derive.modes import gradients_of
from adcli.errors import AdError
from adcli.page.data import MOST_ENTRIES, program_data
from adcli.rules.dispatch import shape_of
from adcli.run import Run, chosen_inputs, differentiated_outputs
from adcli.tape.components import flattened, gathered
from adcli.tape.describe import contribution_text, guard_text, operation_text, partial_text, receiver_text, region_text
from adcli.tape.execute import execute
from adcli.tape.inputs import resolve
from adcli.tape.labels import labels
from adcli.tape.limits import Limits
from adcli.tape.reach import varied_operands
from adcli.tape.tape import Region, Tape
from adcli.trust.rounding import Differentiated
from tests.conftest import PAGE_SAMPLES, SAMPLES, mostly_slow
from tests.page.node import run_node
from tests.page.sliders import positions

PROGRAMS = sorted(str(path.relative_to(SAMPLES)) for path in PAGE_SAMPLES)
_MANY = {  # positions, of tapes that are long or have large arrays; of all others 1,000
    "speelpenning_loop.ad": 100, "waveform_inversion.ad": 100, "survival.ad": 200, "leapfrog_pendulum.ad": 300,
    "lennard_jones_cluster.ad": 200, "lennard_jones_13.ad": 200, "lennard_jones_moving.ad": 30, "rocket.ad": 200,
}  # fmt: skip
CLOSE = 1e-13  # relative to the size of what is compared

_RUN = """
import { ProgramError } from './errors.mjs';
import { execute } from './tape.mjs';
import { gradientOf } from './sweep.mjs';
import { asArray, asNested } from './arrays.mjs';

const plain = (value) => asNested(value);
tell(DATA.points.map((given) => {
  const point = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, asArray(value)]));
  try {
    const tape = execute(DATA.program, point);
    const gradients = DATA.outputs.map((name) => [name,
      Object.fromEntries([...gradientOf(tape, tape.bindings.get(name))].map(([of, value]) => [of, plain(value)]))]);
    return {
      length: tape.length,
      values: Object.fromEntries([...tape.bindings].map(([name, entry]) => [name, plain(tape.values[entry])])),
      gradients: Object.fromEntries(gradients),
      guards: tape.guards.map(({ position, holds }) => [position, holds]),
    };
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    return { code: error.code, message: error.message };
  }
}));
"""

_TEXTS = """
import { execute } from './tape.mjs';
import { asArray } from './arrays.mjs';
import { variedOperands } from './reach.mjs';
import { contributionText, guardText, labelsOf, operationText, partialText, receiverText } from './describe.mjs';

const point = Object.fromEntries(DATA.program.inputs.map(({ name, value }) => [name, asArray(value)]));
const tape = execute(DATA.program, point);
const labels = labelsOf(tape);
tell({
  entries: tape.values.map((_, entry) => [labels.of(entry), operationText(tape, entry, labels), tape.lines[entry],
    variedOperands(tape, entry).map((position) => [
      tape.rules[tape.operations[entry]]?.kernel ? '' : partialText(tape, entry, position, labels),
      contributionText(tape, entry, position, labels), receiverText(tape, entry, position, labels)])]),
  guards: tape.guards.map((guard) => [guardText(tape, guard, labels), guard.line]),
  regions: tape.regions.map(({ kind, text, line, start, end, after, iterations, exit, guards, iterationGuards }) => (
    { text, line, start, end, after, iterations, exit, guards, iterationGuards })),
});
"""


def _started(name: str) -> Run:
    return adcli.load(SAMPLES / name).at({}).run


def _numbers(value: Any) -> list[float]:
    if isinstance(value, list):
        return [number for part in value for number in _numbers(part)]
    return [float(number) for number in value.ravel()] if shape_of(value) else [float(value)]


def _assert_alike(theirs: Any, ours: Any, what: object, error: Callable[[int], float]) -> None:
    """Hold numbers against each other: to `CLOSE` of the largest, or to what rounding does to one of them."""
    pairs = list(zip(_numbers(theirs), _numbers(ours), strict=True))
    size = max([abs(number) for _, number in pairs if math.isfinite(number)], default=0.0)
    for place, (got, wanted) in enumerate(pairs):
        if math.isfinite(wanted):
            apart = abs(got - wanted)
            assert apart <= CLOSE * size or apart <= error(place), (what, got, wanted)
        else:
            assert got == wanted or (got != got and wanted != wanted), (what, got, wanted)


def _compare(name: str, count: int) -> None:
    run = _started(name)
    data = program_data(run, name)
    outputs = list(differentiated_outputs(run, None))
    points = positions(data, count)
    answers = run_node(_RUN, {"program": data, "points": points, "outputs": outputs})
    program, inputs = run.program, chosen_inputs(run.program, None)
    for given, answer in zip(points, answers, strict=True):
        point = resolve(program, given)[0]
        try:
            tape = execute(program, point, Limits(entries=MOST_ENTRIES))
        except AdError as error:
            assert answer.get("code") == error.problems[0].code, (given, answer)
            continue
        assert answer["length"] == len(tape), (given, answer)
        assert [tuple(guard) for guard in answer["guards"]] == [(g.position, g.holds) for g in tape.guards]
        for label, entry in tape.bindings.items():
            _assert_alike(answer["values"][label], tape.values[entry], (given, label), _noise(tape, entry))
        selected = differentiated_outputs(run._replace(tape=tape), None)
        for output, slopes in gradients_of(tape, selected, inputs).items():
            entry = tape.bindings[output]
            for of, slope in slopes.items():
                theirs = answer["gradients"][output][of]
                _assert_alike(theirs, slope, (given, output, of), _lost(tape, entry, of))


def _noise(tape: Tape, entry: int) -> Callable[[int], float]:
    """How far rounding may take a value, or one of its elements."""

    def most(place: int) -> float:
        value = tape.values[entry]
        parts = flattened({"x": value})
        seed = gathered({"x": value}, {name: float(at == place) for at, name in enumerate(parts)})["x"]
        return 8 * Differentiated(tape, {entry: seed}).noise_along

    return most


def _lost(tape: Tape, entry: int, of: str) -> Callable[[int], float]:
    """How far rounding may take two ways apart that compute a derivative."""

    def most(place: int) -> float:
        component = list(flattened({of: tape.values[tape.inputs[of]]}))[place]
        uncertainty = Differentiated(tape, {entry: 1.0}).uncertainty({component: 1.0})
        assert uncertainty is not None
        return uncertainty().most

    return most


@pytest.mark.parametrize("name", mostly_slow(PROGRAMS))
def test_values_and_gradients_are_those_of_python_wherever_the_sliders_stand(name: str) -> None:
    _compare(name, 12)


@pytest.mark.slow
@pytest.mark.parametrize("name", PROGRAMS)
def test_values_and_gradients_are_those_of_python_at_a_thousand_positions(name: str) -> None:
    _compare(name, _MANY.get(name, 1000))


def _line(tape: Tape, region: Region) -> int | None:
    return tape.source.own_line(getattr(region.node, "header", region.node.span).start)


@pytest.mark.parametrize("name", mostly_slow(PROGRAMS))
def test_entries_are_described_in_the_same_words(name: str) -> None:
    run = _started(name)
    tape, names = run.tape, labels(run.tape)
    texts = run_node(_TEXTS, {"program": program_data(run, name)})
    for entry, (label, operation, line, rules) in enumerate(texts["entries"]):
        span = tape.spans[entry]
        own = None if span is None else tape.source.own_line(span.start)
        assert (label, operation, line) == (names[entry], operation_text(tape, entry, names), own)
        ours = [
            [
                partial_text(tape, entry, position, names) if tape.operations[entry].elementwise else "",
                contribution_text(tape, entry, position, names),
                receiver_text(tape, entry, position, names),
            ]
            for position in varied_operands(tape, entry)
            if position not in tape.operations[entry].without
        ]
        assert rules == ours
    assert texts["guards"] == [
        [guard_text(tape, guard, names), tape.source.own_line(guard.span.start)] for guard in tape.guards
    ]
    assert texts["regions"] == [
        {
            "text": region_text(region), "line": _line(tape, region),
            "start": region.start, "end": region.end, "after": region.after, "iterations": region.iterations,
            "exit": region.exit, "guards": list(region.guards), "iterationGuards": region.iteration_guards,
        }
        for region in tape.regions
    ]  # fmt: skip


GAPS = [
    "input x[3] = [0, 1, 4]\noutput y = sum(where(x > 0, sqrt(x), 0))",
    "input x[3] = [0, 1, 4]\noutput y = sum(relu(sqrt(x) - 1))",
    "input x[3] = [0, 1, 4]\ns = sqrt(x)\noutput y = s[1] + s[2]^2",
    "input x[3] = [0, 1, 4]\noutput y = max(sqrt(x))",
    "input x = 0\noutput y = max(sqrt(x), 1)",
    "input x = 0\noutput y = relu(log(x))",
    "input x[2, 2] = [[0, 1], [4, 9]]\noutput y = sum(where(x > 0, log(x), 0) * 2 + where(x > 0, sqrt(x), x))",
    "input x = 0\noutput y = 0 * sqrt(x)",
    "input x[2] = [0, 1]\noutput y = sum(0 * sqrt(x))",
]


@pytest.mark.parametrize("text", GAPS)
def test_what_receives_nothing_meets_no_infinite_partial(text: str) -> None:
    program = adcli.parse(text)
    run = program.at({}).run
    data = program_data(run, "gaps")
    (answer,) = run_node(_RUN, {"program": data, "points": positions(data, 1), "outputs": ["y"]})
    expected = program.gradient(difference=None, nonsmooth="quiet").gradient["y"]["x"]
    for got, wanted in zip(_numbers(answer["gradients"]["y"]["x"]), _numbers(expected), strict=True):
        assert got == pytest.approx(wanted, rel=1e-13, nan_ok=True)
