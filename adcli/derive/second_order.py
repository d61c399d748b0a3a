"""Forward over reverse: the reverse sweep with a tangent beside each adjoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from typing import Any, TypeAlias

from adcli.derive.forward import push_forward
from adcli.rules.formula import RAISED, chosen_formula
from adcli.rules.primitive import Primitive
from adcli.rules.second_order import moving_pullback
from adcli.syntax.source import Source, Span
from adcli.tape.machine import run
from adcli.tape.record import formula_code
from adcli.tape.tape import Tape

_Pattern: TypeAlias = tuple[Primitive, tuple[bool, ...], tuple[bool, ...], bool]


class _Rules(dict[_Pattern, Callable[..., Any]]):
    """The compiled rules of each pattern of active and moving operands, each made when it is first asked for."""

    def __missing__(self, pattern: _Pattern) -> Callable[..., Any]:
        self[pattern] = made = moving_pullback(*pattern)
        return made


_RULES = _Rules()


def moving_sweep(
    tape: Tape, seeds: Mapping[int, float], active: Sequence[bool], tangents: Sequence[float | None]
) -> tuple[list[float | None], list[float | None]]:
    """The adjoint of every entry, and how it changes along the direction of the tangents.

    Args:
        tape: what ran
        seeds: the adjoint that each output entry starts with
        active: for each entry whether it depends on an input that matters
        tangents: of every entry, from `push_forward`; None where it is zero by structure
    """
    adjoints: list[float | None] = [None] * len(tape)
    changes: list[float | None] = [None] * len(tape)
    for entry, seed in seeds.items():
        adjoints[entry] = seed
    values, operations, all_operands = tape.values, tape.operations, tape.operands
    for entry in range(max(seeds, default=-1), -1, -1):
        g = adjoints[entry]
        sources = all_operands[entry]
        if g is None or not active[entry] or not sources:
            continue
        dg = changes[entry]
        if len(sources) == 2:
            left, right = sources
            moving: Sequence[float | None] = (tangents[left], tangents[right])
            sweeps: tuple[bool, ...] = (active[left], active[right])
            moves: tuple[bool, ...] = (moving[0] is not None, moving[1] is not None)
            operands: Sequence[float] = (values[left], values[right])
        else:
            moving = [tangents[source] for source in sources]
            sweeps = tuple([active[source] for source in sources])
            moves = tuple([tangent is not None for tangent in moving])
            operands = [values[source] for source in sources]
        try:
            rule = _RULES[operations[entry], sweeps, moves, dg is not None]
            terms = rule(g, dg, values[entry], tangents[entry], *operands, *moving)
        except RAISED:
            terms = _at_the_edge(tape, entry, g, dg, sweeps, tangents)
        position = 0
        for source in sources if len(terms) == 2 * len(sources) else compress(sources, sweeps):
            so_far = adjoints[source]
            adjoints[source] = terms[position] if so_far is None else so_far + terms[position]
            change = terms[position + 1]
            if change is not None:
                before = changes[source]
                changes[source] = change if before is None else before + change
            position += 2
    return adjoints, changes


def _sum(so_far: float | None, term: float | None) -> float | None:
    return term if so_far is None else so_far if term is None else so_far + term


def _at_the_edge(
    tape: Tape, entry: int, g: float, dg: float | None, sweeps: Sequence[bool], tangents: Sequence[float | None]
) -> list[Any]:
    """The same where a formula has no number of its own: run on a tape of its own, with IEEE 754 and the edges."""
    operation, sources = tape.operations[entry], tape.operands[entry]
    operands, letters = tape.operand_values(entry), operation.letters(len(sources))
    terms: list[Any] = []
    for position, wanted in enumerate(sweeps):
        if not wanted:
            continue
        formula = chosen_formula(operation, position, operands, tape.values[entry])
        scratch = Tape(Source("formula", formula))
        bound = [scratch.input(letter, value, Span(0, 0)) for letter, value in zip(letters, operands, strict=True)]
        bound.append(scratch.input("v", tape.values[entry], Span(0, 0)))
        code = formula_code(formula, (*letters, "v"))
        result: int = run(code, scratch, bound)[code.result]
        given = {
            new: tangent
            for new, old in zip(bound, (*sources, entry), strict=True)
            if (tangent := tangents[old]) is not None
        }
        partial, change = scratch.values[result], push_forward(scratch, given)[result]
        terms += [g * partial, _sum(None if dg is None else dg * partial, None if change is None else g * change)]
    return terms
