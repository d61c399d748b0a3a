"""The equations of a `solve` statement as lines, for languages that search for the root themselves.

A search asks at one point after another by how much the equations are off, how that moves with the unknowns, and what
rounding may take it off. Equations that decide have a branch for each way in which they did so while the program ran.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from adcli.emit.function import guards_of
from adcli.emit.lines import Lines, RootLine, Solved, Wanted
from adcli.emit.writing import lines_of
from adcli.records import dataclass, replace
from adcli.rules.dispatch import shape_of, zero_like
from adcli.syntax.source import Span
from adcli.tape.equations import Trace
from adcli.tape.ieee import quiet
from adcli.tape.interpreter import run
from adcli.tape.number_rules import formula_code
from adcli.tape.reach import entries_behind, varying_entries
from adcli.tape.record import record_sweep
from adcli.tape.root_steps import EPSILON
from adcli.tape.tape import Tape
from adcli.tape.what_ran import what_ran

OFF_BY, SLOPE, NOISE, SEED, UNKNOWN = "off_by", "slope", "noise", "seed", "unknown"


@dataclass(frozen=True)
class EquationLines:
    """Equations as lines.

    Attributes:
        shape: that of the unknown: none of a number, the size of a vector
        places: the operands behind the starts that the equations read, by their places
        parameters: what the lines call these
        shapes: theirs
        branches: the lines of each way to decide, whose results have the names above. Of several unknowns the slope is
            a row of the Jacobian, and the noise that of one equation: those that the unit vector `seed` belongs to
        keys: what tells each branch
    """

    shape: tuple[int, ...]
    places: tuple[int, ...]
    parameters: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    branches: tuple[Lines, ...]
    keys: tuple[Any, ...]

    def branch_of(self, line: RootLine) -> int:
        """The branch in which the equations are at a root, from 0 on."""
        return self.keys.index(_key(line.solved.root.known(line.given)))


def equation_lines(solved: Solved) -> EquationLines:
    """The lines of equations, with the branches that searches from what is given come through."""
    traces: list[Trace] = []
    for given in solved.given:
        looked: list[Trace] = []
        traces += [solved.root.found(given, looked), *looked]
    alike: dict[Any, list[Trace]] = {}
    for trace in traces:
        alike.setdefault(_key(trace), []).append(trace)
    first, keys = traces[0], sorted(alike, key=lambda key: -len(key[1]))  # at an edge of a rule its branch comes first
    branches = [_recorded(alike[key], solved.wanted) for key in keys]
    places = [place for place, entry in enumerate(first.operands) if any(map(partial(_reads, entry), branches))]
    names = {first.unknown: UNKNOWN, **{first.operands[place]: f"u{place + 1}" for place in places}}
    return EquationLines(
        shape_of(first.at),
        tuple(places),
        tuple(names[first.operands[place]] for place in places),
        tuple(shape_of(first.tape.values[first.operands[place]]) for place in places),
        tuple(lines_of(replace(branch, names={**branch.names, **names})) for branch in branches),
        tuple(keys),
    )


def _reads(entry: int, branch: Wanted) -> bool:
    """Whether a branch reads an entry, be it to decide."""
    ends = [*branch.results.values(), *(side for guard in branch.guards for side in (guard.left, guard.right))]
    return entries_behind(branch.tape, ends)[entry]


def _key(trace: Trace) -> Any:
    """What tells the straight line of equations: what ran, and at which edges of rules."""
    tape = trace.tape.copy()
    guards = guards_of(tape)
    return what_ran(trace.tape), tuple((guard.left, guard.comparison, guard.holds) for guard in guards)


def _recorded(group: Sequence[Trace], wanted: Wanted) -> Wanted:
    """One straight line, with its sweep behind it, as it is to become lines."""
    trace = next((trace for trace in group if trace.has_value), group[0])
    tape = trace.tape.copy()
    several = bool(shape_of(trace.at))
    seed = tape.input(SEED, zero_like(trace.off_by) + 1.0, Span(0, 0)) if several else tape.constant("1", 1.0)
    adjoints = record_sweep(tape, {trace.residual: seed}, trace.moving)
    results = {OFF_BY: trace.residual, NOISE: _noise(tape, adjoints)}
    if trace.unknown in adjoints:
        results[SLOPE] = adjoints[trace.unknown]
    inner = {entry for entry, moves in enumerate(varying_entries(tape, [seed])) if moves} if several else set()
    others = [other.tape for other in group if other is not trace]
    names = {seed: SEED} if several else {}
    return Wanted(
        tape, results, names, guards_of(tape), inner, wanted.nests, wanted.repeats, wanted.most_kept,
        alike=others, outer=wanted.inputs, raises=wanted.raises,
    )  # fmt: skip


def _noise(tape: Tape, adjoints: dict[int, int]) -> int:
    """The entry of what rounding may take the equations off: each entry by a unit in its last place."""
    total: int | None = None
    first_new = len(tape)
    for entry, adjoint in sorted(adjoints.items()):
        shaped = bool(shape_of(tape.values[entry]))
        share = _formula(tape, "sum(abs(g * v))" if shaped else "abs(g * v)", adjoint, entry)
        total = share if total is None else _formula(tape, "g + v", total, share)
    assert total is not None
    noise = _formula(tape, "g * v", total, tape.constant(repr(EPSILON), EPSILON))
    tape.spans[first_new:] = [None] * (len(tape) - first_new)  # which stands in no line of the program
    return noise


def _formula(tape: Tape, formula: str, g: int, v: int) -> int:
    code = formula_code(formula, ("g", "v"), True)
    with quiet(tape):
        result: int = run(code, tape, (g, v))[code.result]
    return result
