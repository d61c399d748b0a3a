"""A program as data for a page: its text, its inputs with their sliders, its code and the rules of what that does."""

from __future__ import annotations

import math
import os
import random
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from adcli.errors import AdError, Problem
from adcli.page.code import code_data
from adcli.page.rules import RuleBook
from adcli.program.program import InputVariable, Program, differentiates
from adcli.records import NamedTuple
from adcli.rules.dispatch import shape_of, zero_like
from adcli.rules.table import INPUT
from adcli.run import Run
from adcli.tape.components import at_steps, elements, flattened, in_shapes_of
from adcli.tape.describe import guard_text
from adcli.tape.execute import constant_value, execute
from adcli.tape.inputs import declared_range
from adcli.tape.labels import labels
from adcli.tape.limits import Limits
from adcli.tape.tape import Tape, Value, outcome_text

MOST_ENTRIES = 100_000  # of a tape that is recorded at each move of a slider
_POSITIONS = 100  # of a slider, at least
_TRIED = 8  # values of each input at which the program is run beforehand
_TRIED_AT_RANDOM = 16  # points
_MOST_TRIED = 40  # inputs, one by one: of more, points at random tell as much
_MOST_PRESETS = 6


class Slider(NamedTuple):
    """Where the slider of an input goes from and to, in which steps; `declared` where the program says so."""

    low: float
    high: float
    step: float
    declared: bool


def program_section(run: Run, name: str = "") -> dict[str, Any]:
    """A section of a page with a program, which is called as its file is, or by a name.

    Raises what `program_data` raises.
    """
    name = name or os.path.splitext(os.path.basename(run.program.source.name))[0]
    return {"kind": "program", "title": name, "program": program_data(run, name)}


def program_data(run: Run, name: str) -> dict[str, Any]:
    """What a page needs of a program, which starts at the point of a run.

    Raises AdError `no-javascript` for a function that has no spelling in JavaScript, and `too-many-entries`.
    """
    program, tape = run.program, run.tape
    if len(tape) > MOST_ENTRIES:
        message = f"the tape has {len(tape):,} entries, and a page records at most {MOST_ENTRIES:,}"
        help_text = "give the program fewer steps; a page records a tape at every move of a slider"
        raise AdError(Problem("too-many-entries", message, help=help_text))
    book = RuleBook(deep=differentiates(program))
    code = code_data(program, book)
    sliders = {variable.name: slider_of(variable, run.point[variable.name]) for variable in program.inputs}
    tapes = [(dict(run.point), tape), *_tried(run, sliders)]
    for _, tried in tapes:
        _take_rules(tried, book)
    title, _, about = program.tree.description.strip().partition("\n")
    return {
        "name": name,
        "source": program.source.own_text.rstrip("\n").split("\n"),
        "title": title,
        "about": " ".join(about.split()),
        "inputs": [_input_data(program, variable, run.point[variable.name], sliders[variable.name])
                   for variable in program.inputs],
        "presets": presets(tapes, sliders, "As written" if _is_as_written(run) else "As given"),
        "outputs": list(program.outputs),
        "arrays": program.arrays,
        "limit": MOST_ENTRIES,
        **code,
        "rules": book.rules,
    }  # fmt: skip


def slider_of(variable: InputVariable, value: Value) -> Slider:
    """The slider of an input: over its declared range, or around its value."""
    bounds = declared_range(variable)
    if bounds is not None:
        low, high = bounds
    else:
        numbers = _numbers(value)
        around = 2 * max(1.0, *(abs(number) for number in numbers))
        low, high = min(numbers) - around, max(numbers) + around
    step = 10.0 ** math.floor(math.log10((high - low) / _POSITIONS)) if high > low else 1.0
    return Slider(low, high, step, variable.range is not None)


def _numbers(value: Value) -> list[float]:
    return elements(value) or [0.0]


def _input_data(program: Program, variable: InputVariable, value: Value, slider: Slider) -> dict[str, Any]:
    return {
        "name": variable.name,
        "line": program.source.place(variable.declaration.span.start)[0],
        "help": variable.help,
        **slider._asdict(),
        "shape": list(shape_of(value)) or None,
        "value": _plain(value),
    }


def _plain(value: Value) -> Any:
    return value if type(value) is float else value.tolist()


# Where the program is run beforehand


def _tried(run: Run, sliders: Mapping[str, Slider]) -> Iterator[tuple[dict[str, Value], Tape]]:
    """Tapes of a program along each of its sliders, and at random places of all: where it runs at all."""
    limits = Limits(entries=MOST_ENTRIES)
    for point in _points(run.point, sliders):
        try:
            yield point, execute(run.program, point, limits)
        except AdError:
            continue


def _points(point: Mapping[str, Value], sliders: Mapping[str, Slider]) -> Iterator[dict[str, Value]]:
    for name, slider in sliders.items() if len(sliders) <= _MOST_TRIED else ():
        for place in range(_TRIED + 1):
            yield {**point, name: _at(slider, zero_like(point[name]) + place / _TRIED)}
    draw = random.Random(0).random
    size = len(flattened(point))
    for _ in range(_TRIED_AT_RANDOM):
        drawn = in_shapes_of(point, [draw() for _ in range(size)])
        yield {name: _at(slider, drawn[name]) for name, slider in sliders.items()}


def _at(slider: Slider, parts: Value) -> Value:
    """So far along a slider, at one of its positions; for an array of parts an array of positions."""
    return at_steps((slider.high - slider.low) * parts / slider.step, partial(_position, slider))


def _position(slider: Slider, steps: int) -> float:
    """Where a slider is after so many steps."""
    return float(f"{min(slider.low + steps * slider.step, slider.high):.10g}")


def _take_rules(tape: Tape, book: RuleBook) -> None:
    """Put the rules into the book that what ran on a tape has."""
    for entry, operation in enumerate(tape.operations):
        if tape.operands[entry] and operation is not INPUT and (operation.variadic or not operation.elementwise):
            book.add_shapes(operation, tape.operand_shapes(entry))


# Presets


def _is_as_written(run: Run) -> bool:
    """Whether every input has its default."""
    return all(
        variable.default is not None and _plain(constant_value(variable.default)) == _plain(run.point[variable.name])
        for variable in run.program.inputs
    )


def presets(
    tapes: list[tuple[dict[str, Value], Tape]], sliders: Mapping[str, Slider], start: str
) -> list[dict[str, Any]]:
    """Points to begin with: where the page starts, where decisions come out the other way, and ends of ranges."""
    (written, first), *others = tapes
    found = [(start, written)]
    known = {_outcomes(first)}
    for point, tape in others:
        outcomes = _outcomes(tape)
        if outcomes not in known and len(outcomes) <= 4:
            known.add(outcomes)
            found.append((f"Where {_new_outcome(first, tape)}", point))
    for name, slider in sliders.items():
        if type(written[name]) is float:
            for text, number in (("at its least", slider.low), ("at its most", slider.high)):
                if slider.declared and number != written[name]:
                    found.append((f"{name} {text}", {**written, name: number}))
            if slider.low < 0 < slider.high and written[name] != 0:
                found.append((f"{name} = 0", {**written, name: 0.0}))
    return [
        {"text": text, "point": {name: _plain(value) for name, value in point.items()}}
        for text, point in found[:_MOST_PRESETS]
    ]


def _outcomes(tape: Tape) -> tuple[tuple[int, bool], ...]:
    """What came out of each decision that is no count of a loop."""
    return tuple(dict.fromkeys((guard.span.start, guard.holds) for guard in tape.guards if not guard.counts))


def _new_outcome(first: Tape, tape: Tape) -> str:
    """`abs(r) <= delta holds`: a decision that comes out otherwise than at first."""
    known = set(_outcomes(first))
    guards = [guard for guard in tape.guards if not guard.counts]
    guard = next(
        (guard for guard in guards if (guard.span.start, guard.holds) not in known), guards[-1] if guards else None
    )
    if guard is None:
        return "less is decided"
    text = " ".join(tape.source.text[slice(*guard.span)].split()) or guard_text(tape, guard, labels(tape))
    return f"{text} {outcome_text(guard.holds)}"
