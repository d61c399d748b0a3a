"""Graphs and runs of samples as JSON, which modules of the page are given."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import adcli
from adcli.derive.cost import Cost, gradient_cost
from adcli.graph.model import MOST_NODES, Graph, graph_of
from adcli.run import chosen_inputs, differentiated_outputs
from adcli.tape.labels import labels
from adcli.tape.selected import with_entries
from adcli.tape.tape import Tape

# Turns texts and objects of `coded` back into numbers and arrays.
DECODE = """
const NUMBERS_OF_TEXTS = { NaN: NaN, Infinity: Infinity, '-Infinity': -Infinity };
const decoded = (value) => {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(decoded);
  if ('number' in value && Object.keys(value).length === 1) return NUMBERS_OF_TEXTS[value.number];
  if ('array' in value) return { shape: value.array, data: Float64Array.from(decoded(value.data)) };
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, decoded(one)]));
};
"""


class Ran(NamedTuple):
    """A run of a sample with its sweep from the first output."""

    tape: Tape
    output: int
    inputs: list[str]
    graph: Graph
    cost: Cost


@cache
def ran(path: Path, most: int = MOST_NODES) -> Ran | None:
    """A sample at its defaults; None where it has no single output to sweep from."""
    run = adcli.load(str(path)).at({}).run
    try:
        selected = differentiated_outputs(run, run.program.outputs[0])
    except adcli.AdError:
        return None
    tape, entries = with_entries(run.tape, selected.values())
    (output,) = entries.values()
    return made(tape, output, list(chosen_inputs(run.program, None)), most)


def recorded(tape: Tape, name: str) -> Ran:
    """A tape by all of its inputs."""
    return made(tape, tape.bindings[name], list(tape.inputs))


def made(tape: Tape, output: int, inputs: list[str], most: int = MOST_NODES) -> Ran:
    """The graph of a tape and the cost of its gradient."""
    graph = graph_of(tape, [output], inputs, output, most)
    return Ran(tape, output, inputs, graph, gradient_cost(tape, output, [tape.inputs[name] for name in inputs]))


def coded(value: Any) -> Any:
    """A value as JSON has it."""
    if hasattr(value, "shape"):
        return {"array": list(value.shape), "data": [coded(float(one)) for one in value.flat]}
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}
    if isinstance(value, dict):
        return {key: coded(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [coded(one) for one in value]
    return value


_CAMEL = {"is_output": "isOutput", "left_out": "leftOut"}


def graph_data(graph: Graph) -> dict[str, Any]:
    """A graph as the page has it."""
    return {
        "nodes": [_renamed(node._asdict()) for node in graph.nodes],
        "edges": [_renamed(edge._asdict()) for edge in graph.edges],
        "leftOut": graph.left_out,
        "swept": graph.swept,
    }


def _renamed(fields: dict[str, Any]) -> dict[str, Any]:
    return {_CAMEL.get(key, key): coded(value) for key, value in fields.items()}


def named_values(tape: Tape) -> dict[str, Any]:
    """The values that formulas may name."""
    called = labels(tape)
    return {called[entry]: coded(tape.values[entry]) for entry, operands in enumerate(tape.operands)
            if operands or entry in tape.inputs.values()}  # fmt: skip


def differences(found: Any, expected: Any, where: str = "", near: float = 1e-12, least: float = 1e-30) -> Iterator[str]:
    """Where two structures differ; numbers may by `near`, relative, or by `least`."""
    if isinstance(expected, dict) and list(expected) == ["number"]:
        expected = float(expected["number"])
    if isinstance(expected, dict):
        if not isinstance(found, dict):
            yield f"{where}: {found!r} is no {expected!r}"
            return
        for key, value in expected.items():
            yield from differences(found.get(key), value, f"{where}.{key}", near, least)
    elif isinstance(expected, list | tuple):
        if not isinstance(found, list) or len(found) != len(expected):
            yield f"{where}: {found!r}"[:300] + f" is not {expected!r}"[:300]
            return
        for at, (one, other) in enumerate(zip(found, expected, strict=True)):
            yield from differences(one, other, f"{where}[{at}]", near, least)
    elif isinstance(expected, float) and not isinstance(expected, bool):
        number = float(found) if isinstance(found, int | float | str) else None
        if number is None or not (
            math.isclose(number, expected, rel_tol=near, abs_tol=least) or (math.isnan(number) and math.isnan(expected))
        ):
            yield f"{where}: {found!r} is not {expected!r}"
    elif found != expected:
        yield f"{where}: {found!r} is not {expected!r}"


def largest(data: Any) -> float:
    """The largest of all numbers of a structure."""
    if isinstance(data, dict | list):
        return max([largest(one) for one in (data.values() if isinstance(data, dict) else data)], default=0.0)
    return abs(data) if isinstance(data, float) and math.isfinite(data) else 0.0


def first(found: Iterable[str]) -> list[str]:
    """A few of many differences."""
    return [text for _, text in zip(range(8), found, strict=False)]
