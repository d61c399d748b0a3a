"""The graph is a true tape: however much of it is drawn as one, its own sweep gives the gradient of the program."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import adcli
from adcli.graph.model import Graph

from ..conftest import ALL_SAMPLES, PLAIN_SAMPLES, randomly, sample_name
from ..derive.programs import RandomProgram, random_programs


def gradient_of(graph: Graph) -> dict[str, float]:
    """By its nodes and edges alone: adjoints are sums of adjoints times partials, in falling order."""
    adjoints = [1.0 if node.label == graph.swept else 0.0 for node in graph.nodes]
    for edge in sorted(graph.edges, key=lambda edge: -edge.target):
        if not edge.guard and edge.partial is not None and adjoints[edge.target]:
            adjoints[edge.source] += adjoints[edge.target] * edge.partial
    return {node.label: adjoint for node, adjoint in zip(graph.nodes, adjoints, strict=True) if node.kind == "input"}


def assert_close(sum_of: Any, adjoint: Any) -> None:
    """An element of an array is as near as rounding leaves the largest one: it may be a difference of such."""
    np.testing.assert_allclose(sum_of, adjoint, rtol=1e-12, atol=max(1e-12 * np.max(np.abs(adjoint)), 1e-300))


CASES = [
    pytest.param(path, output, id=f"{sample_name(path)}-{output}")
    for path in ALL_SAMPLES
    for output in adcli.load(str(path)).program.outputs[:3]
]


@pytest.mark.parametrize("most", [40, 12])
@pytest.mark.parametrize(("path", "output"), CASES)
def test_the_graph_of_a_sample(path: Path, output: str, most: int) -> None:
    program = adcli.load(str(path))
    graph = program.graph(sweep=True, of=output, most=most).graph
    assert len(graph.nodes) <= max(2 * most, most + len(program.program.inputs))
    assert all(edge.source < edge.target for edge in graph.edges)
    received = [0.0 if node.adjoint is None else node.adjoint * 0.0 for node in graph.nodes]
    for edge in graph.edges:
        if edge.contribution is not None:
            received[edge.source] = received[edge.source] + edge.contribution
    sweep = program.gradient(of=output, difference="none").gradient[output]
    many = {place for place, node in enumerate(graph.nodes) if node.entry is None}
    told = {edge.source for edge in graph.edges if edge.target not in many or edge.contribution is not None}
    for place, (node, sum_of) in enumerate(zip(graph.nodes, received, strict=True)):
        if node.kind == "input":  # what arrives at the inputs is the gradient
            assert_close(sum_of, sweep[node.label])
        if node.adjoint is not None and node.label != graph.swept and place in told:
            assert_close(sum_of, node.adjoint)
    steps = [edge.step for edge in graph.edges if edge.step is not None]
    assert sorted(steps) == list(range(1, len(steps) + 1))


@pytest.mark.parametrize("open_pass", [1, 2, 17, 1000, 5000])
@pytest.mark.parametrize("most", [40, 8])
@pytest.mark.parametrize("name", ["decay", "leapfrog_pendulum", "heron", "speelpenning_loop", "power"])
def test_partials_of_stretches_give_the_gradient(name: str, most: int, open_pass: int) -> None:
    program = adcli.load(f"samples/{name}.ad")
    output = program.program.outputs[0]
    graph = program.graph(sweep=True, of=output, most=most, open_pass=open_pass).graph
    if any(node.kind == "fold" and node.entry is None for node in graph.nodes):
        return  # one node for many values has no partials
    sweep = program.gradient(of=output, difference="none").gradient[output]
    assert gradient_of(graph) == {name: pytest.approx(slope, rel=1e-12) for name, slope in sweep.items()}


@randomly(40, random_programs())
def test_random_programs(program: RandomProgram) -> None:
    checked = adcli.parse(program.text)
    sweep = checked.gradient(program.point, of="f", difference="none").gradient["f"]
    for most in (40, 9):
        graph = checked.graph(program.point, of="f", sweep=True, most=most).graph
        for node in graph.nodes:
            if node.kind == "input":
                expected = sweep[node.label]
                adjoint = 0.0 if node.adjoint is None else node.adjoint
                assert adjoint == expected or (math.isnan(adjoint) and math.isnan(expected))


def test_a_program_of_constants_has_a_graph() -> None:
    graph = adcli.parse("a = 2\nb = a * 3\noutput b").graph().graph
    assert [node.label for node in graph.nodes] == ["a", "b"] or [node.label for node in graph.nodes] == ["b"]


def test_what_is_not_drawn_is_counted() -> None:
    graph = adcli.parse("input x = 2\nc = 3 * 4\nd = x * 5\noutput y = x * c").graph().graph
    assert [node.label for node in graph.nodes] == ["x", "y"]
    assert graph.left_out == 2  # 3 * 4, which no input reaches, and d, which leads nowhere


def test_a_decision_is_drawn_with_what_it_reads() -> None:
    graph = adcli.load("samples/huber.ad").graph().graph
    (guard,) = [node for node in graph.nodes if node.kind == "guard"]
    assert (guard.operation, guard.value) == ("v2 <= delta", False)
    place = graph.nodes.index(guard)
    assert sorted(graph.nodes[edge.source].label for edge in graph.edges if edge.target == place) == ["delta", "v2"]


def test_an_operand_without_a_derivative() -> None:
    graph = adcli.expression("gammainc(s, x)").graph(s=2, x=1).graph
    assert [edge.formula for edge in graph.edges] == ["no formula", "gamma_density(s, x)"]
    with pytest.raises(adcli.AdError, match="no derivative by its first operand"):
        adcli.expression("gammainc(s, x)").graph(s=2, x=1, sweep=True)


@pytest.mark.parametrize("lines", [10, 1000])
def test_a_long_program_of_lines_becomes_few_nodes(lines: int) -> None:
    text = "input x = 0.5, y = 2\na = x\n" + "a = sin(a) * y\n" * lines + "output a"
    program: Any = adcli.parse(text)
    graph = program.graph(sweep=True).graph
    assert len(graph.nodes) <= 50
    assert gradient_of(graph) == pytest.approx(program.gradient(difference="none").gradient["a"], rel=1e-12)


def test_plain_samples_fit() -> None:
    for path in PLAIN_SAMPLES:
        assert len(adcli.load(str(path)).graph().graph.nodes) <= 60
