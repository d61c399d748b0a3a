"""The page's graphs and counts are those of the graph that Python makes, at many positions of the sliders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import adcli
from adcli.derive.cost import gradient_cost
from adcli.errors import AdError
from adcli.graph.model import graph_of
from adcli.page.data import MOST_ENTRIES, program_data
from adcli.run import chosen_inputs, differentiated_outputs
from adcli.tape.execute import execute
from adcli.tape.inputs import resolve
from adcli.tape.limits import Limits

from ..conftest import PAGE_SAMPLES, SAMPLES, mostly_slow, sample_name
from .graphs import differences, first, graph_data, largest
from .node import run_node
from .sliders import positions

_MADE = """
import { asArray } from './arrays.mjs';
import { gradientCost } from './cost.mjs';
import { graphOf } from './graph.mjs';
import { execute } from './tape.mjs';

const plain = (value) => (value === null || typeof value !== 'object' ? value
  : { array: [...value.shape], data: [...value.data] });
const plainGraph = (graph) => ({ ...graph,
  nodes: graph.nodes.map((node) => ({ ...node, value: plain(node.value), adjoint: plain(node.adjoint) })),
  edges: graph.edges.map((edge) => ({ ...edge, partial: plain(edge.partial), contribution: plain(edge.contribution) })),
});
tell(DATA.points.map((given) => {
  const point = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, asArray(value)]));
  const tape = execute(DATA.program, point);
  const output = tape.bindings.get(DATA.output);
  const inputs = DATA.inputs.map((name) => tape.inputs.get(name));
  return {
    graphs: DATA.sizes.map(([most, open, sweeps]) => (
      plainGraph(graphOf(tape, [output], DATA.inputs, sweeps ? output : null, most, open)))),
    cost: gradientCost(tape, output, inputs),
  };
}));
"""
SIZES = [(40, 1, True), (60, 4, True), (40, 2, True), (12, 3, True), (5, 1, True), (25, 1, False)]


@pytest.mark.parametrize("path", mostly_slow(PAGE_SAMPLES), ids=sample_name)
def test_graphs_and_counts_are_those_of_python(path: Path) -> None:
    run = adcli.load(str(path)).at({}).run
    program = run.program
    try:
        differentiated_outputs(run, program.outputs[0])
        data = program_data(run, path.stem)
    except AdError as error:
        pytest.skip(error.problems[0].message)
    inputs = list(chosen_inputs(program, None))
    points, tapes = [], []
    for given in positions(data, 4):
        try:
            tapes.append(execute(program, resolve(program, given)[0], Limits(entries=MOST_ENTRIES)))
        except AdError:
            continue
        points.append(given)
    sizes = SIZES if max(map(len, tapes)) < 2000 else SIZES[:3]
    asked = {"program": data, "points": points, "output": program.outputs[0], "inputs": inputs, "sizes": sizes}
    for given, tape, found in zip(points, tapes, run_node(_MADE, asked), strict=True):
        output = tape.bindings[program.outputs[0]]
        for (most, open_pass, sweeps), theirs in zip(sizes, found["graphs"], strict=True):
            ours = graph_of(tape, [output], inputs, output if sweeps else None, most, open_pass)
            expected = graph_data(ours)
            # what cancels leaves what rounding does
            wrong = first(differences(theirs, expected, near=1e-12, least=1e-13 * largest(expected)))
            assert not wrong, (given, most, open_pass, wrong)
        cost: dict[str, Any] = gradient_cost(tape, output, [tape.inputs[name] for name in inputs])._asdict()
        large = {key: float(value) for key, value in cost.items() if isinstance(value, int) and value < 1e300}
        assert not first(differences(found["cost"], large)), given


def test_folds_say_which_entries_they_hide() -> None:
    run = adcli.load(str(SAMPLES / "decay.ad")).at({}).run
    asked = {
        "program": program_data(run, "decay"), "points": [dict(run.point)],
        "output": run.program.outputs[0], "inputs": list(run.tape.inputs), "sizes": [(40, 2, True)],
    }  # fmt: skip
    (graph,) = run_node(_MADE, asked)[0]["graphs"]
    folds = [node for node in graph["nodes"] if node["kind"] == "fold"]
    assert len(folds) == 2
    assert all(node["first"] < node["entry"] <= node["last"] for node in folds)
    assert folds[0]["last"] < folds[1]["first"]
