"""Kinks that are felt by the values of a program, as it computes derivatives itself: `derivative(abs(x), x)` at 0."""

from __future__ import annotations

from collections.abc import Mapping

from adcli.errors import Problem
from adcli.program.program import Program
from adcli.syntax import nodes
from adcli.tape.labels import labels
from adcli.tape.limits import Limits
from adcli.tape.reach import active_entries
from adcli.tape.tape import Region, Tape, Value
from adcli.trust.budget import Budget, limits_beside
from adcli.trust.guards import KINK, is_smooth
from adcli.trust.kinks import at_kinks, reaching, sites_of, within_budget, without_underflows
from adcli.trust.one_sided import Side, Surroundings, jump_of
from adcli.trust.rewrites import smooth_way

_MOST = 5  # names, and kinks, that are told of


def derivatives_at_kinks(
    program: Program, point: Mapping[str, Value], tape: Tape, limits: Limits, budget: Budget
) -> list[Problem]:
    """A warning for each named number that is a derivative, or made of some, where that jumps from side to side.

    Args:
        program, point, tape: the run
        limits: of each further tape
        budget: the time for it; there is always one for the first component of the inputs
    """
    regions = [region for region in tape.regions if _is_derivative(region)]
    if not regions or is_smooth(tape):
        return []
    made_of_one = active_entries(tape, [entry for region in regions for entry in range(region.start, region.end)])
    names = [name for name, entry in tape.bindings.items() if made_of_one[entry] and type(tape.values[entry]) is float]
    entries, guards = at_kinks(tape, [tape.bindings[name] for name in names], list(tape.inputs))
    _, entries, guards = without_underflows(tape, entries, guards, list(tape.inputs))
    components = reaching(tape, entries, guards, list(tape.inputs)) if names else []
    beside = Surroundings(program, point, names, limits_beside(len(tape), limits))
    notes: dict[str, str] = {}
    for component in within_budget(components, budget):
        for name, sides in beside.along(component).items():
            here = tape.values[tape.bindings[name]]
            if name not in notes and jump_of(*sides, here):
                notes[name] = f"{_beside(*sides)} along `{component}`, {here:g} here"
    return [_problem(tape, name, notes[name]) for name in list(notes)[:_MOST]]


def _is_derivative(region: Region) -> bool:
    return isinstance(region.node, nodes.Apply) and region.node.function == "derivative"


def _beside(left: Side, right: Side) -> str:
    texts = [f"{side.value + 0.0:.6g}" if side.value == side.value else "no value" for side in (left, right)]
    return (
        f"{texts[0]} to both sides" if texts[0] == texts[1] else f"{texts[0]} to the left and {texts[1]} to the right"
    )


def _problem(tape: Tape, name: str, note: str) -> Problem:
    entry, known = tape.bindings[name], labels(tape)
    entries, guards = at_kinks(tape, [entry], list(tape.inputs))
    kinks = list(dict.fromkeys(f"`{site.text}`" for site in sites_of(tape, entries, guards)))
    remedy = smooth_way(tape, entries, known)
    message = (
        f"`{name}` jumps here: it has a derivative in it, and {' and '.join(kinks[:_MOST])} {_are(kinks)} at a kink"
    )
    return Problem(KINK, message, tape.spans[entry], "", f"`{name}` is {note}", remedy)


def _are(kinks: list[str]) -> str:
    return "is" if len(kinks) == 1 else "are"
