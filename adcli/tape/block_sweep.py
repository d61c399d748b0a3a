"""The reverse sweep over many runs of a block, written out as Python: see `block_code.py`.

A function is made for what the sources of a run say of it: which of them are active, and which of its rows have
received anything. Where the next runs are told the same, as most of a loop are, one function goes through all of them.
In each run it computes first and adds behind that: where Python raises, nothing of that run has been added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from adcli.rules.compile import RAISED, letters_of, number_lines, renamed
from adcli.rules.formulas import times
from adcli.rules.local import number_pullback
from adcli.rules.shapes import Refused
from adcli.rules.subscripts import ELEMENTS
from adcli.tape.block_code import indented, value_name
from adcli.tape.block_runs import BlockRuns, Rows
from adcli.tape.memory import own_adjoint
from adcli.tape.tape import Value

_AT_ONCE = 10_000  # runs: their values are read from copies of the columns
_MOST_MISHAPS = 10  # runs in which Python raises, before all others are left to the ordinary sweep
_NAMES = {
    "range": range, "reversed": reversed, "zip": zip, "int": int, "RAISED": RAISED, "own_adjoint": own_adjoint,
    "ArithmeticError": ArithmeticError,
}  # fmt: skip


def sweep_runs(
    values: Sequence[Value],
    adjoints: list[Value | None],
    active: Sequence[bool],
    runs: BlockRuns,
    otherwise: Callable[[range], None],
) -> None:
    """Pass on the adjoints of some runs, of which those of inner entries are not asked for.

    `otherwise` passes on those of some entries in the ordinary way.
    """
    rows, start, length = runs.rows, runs.start, runs.length
    last = runs.end - length
    if adjoints[start:last].count(None) < last - start:  # what a later run does not tell: a recorded sweep reads any
        otherwise(range(runs.end - 1, start - 1, -1))
        return
    run, known, raised, mishaps = runs.times - 1, None, -1, 0
    while run >= 0:
        first, sources = start + run * length, runs.sources_of(run)
        pattern = tuple([active[source] for source in sources])
        received = tuple([row for row in range(length) if adjoints[first + row] is not None])
        if not received:
            return
        told = pattern, received
        if run and run != raised and (told == known or _is_through(rows, told, adjoints, sources)):
            through = written_sweep(rows, pattern, received, True)
            alike = through is not None and _are_distinct(sources, pattern)
            stop = run if not alike else max(_first_alike(runs, active, run), run - _AT_ONCE)
            if through is not None and stop < run:
                run = through(values, adjoints, start, stop, run, sources)
                known, raised = (told, -1) if run < stop else (None, run)
                continue
        known = told
        function = written_sweep(rows, pattern, received, False)
        try:
            if function is None:
                raise ArithmeticError
            function(values, adjoints, first, sources)
        except RAISED:
            mishaps += 1
            if mishaps > _MOST_MISHAPS:
                otherwise(range(first + length - 1, start - 1, -1))
                return
            otherwise(range(first + length - 1, first - 1, -1))
        run -= 1


def _is_through(
    rows: Rows, told: tuple[tuple[bool, ...], tuple[int, ...]], adjoints: Sequence[Value | None], sources: Sequence[int]
) -> bool:
    """Whether there is a function through runs like one that is told this, which needs no run before it.

    It adds to what is there of the sources that no run writes.
    """
    active, received = told
    if rows.sweeps.get((active, received, True)) is None:
        return False
    receiving = zip(sources, active, rows.carried, strict=True)
    return all(adjoints[source] is not None for source, is_active, row in receiving if is_active and row is None)


def _are_distinct(sources: Sequence[int], active: Sequence[bool]) -> bool:
    """Whether no two sources are one entry that receives something."""
    receiving = [source for source, is_active in zip(sources, active, strict=True) if is_active]
    return len({*receiving}) == len(receiving)


def _first_alike(runs: BlockRuns, active: Sequence[bool], run: int) -> int:
    """The first run but one from which on up to a given one the same sources are active."""
    first, start, length = 1, runs.start, runs.length
    end = start + (run - 1) * length + 1
    for _, row in runs.rows.moving:
        flags = active[start + row : end + row : length]
        alike = len(flags)
        if flags.count(flags[-1]) < alike:
            alike = next(count for count, flag in enumerate(reversed(flags)) if flag != flags[-1])
        first = max(first, run - alike + 1)
    return first


def written_sweep(
    rows: Rows, active: tuple[bool, ...], received: tuple[int, ...], through: bool
) -> Callable[..., Any] | None:
    """The function for runs whose sources are active or not, and some of whose rows have received something.

    One that goes `through` many of them takes the values, the adjoints, the first entry of all, the last and the first
    run that it is to sweep, and the sources of that; it gives the run at which it ended, which is not swept. The other
    one takes the values, the adjoints, the first entry of the run and its sources. None where there is none.
    """
    key = active, received, through
    if key not in rows.sweeps:
        try:
            sweep = _Sweep(rows, active, received)
            rows.sweeps[key] = sweep.through() if through else sweep.single()
        except Refused:  # a rule that is none, of which the ordinary sweep tells
            rows.sweeps[key] = None
    return rows.sweeps[key]


class _Sweep:
    """The lines of one run: what computes, and what each source receives, in order."""

    def __init__(self, rows: Rows, active: tuple[bool, ...], received: tuple[int, ...]) -> None:
        self._rows, self._active_sources, self._received = rows, active, received
        self._active = rows.active(active)
        self._names: dict[str, Any] = {}
        self._read: dict[int, None] = {}  # the places whose values are read
        self._lines: list[str] = []
        self._terms: list[tuple[int, str]] = []  # what sources receive: the place, and the text
        self._elements: list[tuple[int, str, str]] = []  # the place of an array, the place in it, and the text
        self._adjoints = {row: f"h{row}" for row in received}
        for row in range(len(rows.operands) - 1, -1, -1):
            if self._active[row] and row in self._adjoints:
                self._pass_on(row, self._adjoints[row])

    def _pass_on(self, row: int, g: str) -> None:
        operation, places = self._rows.operations[row], self._rows.operands[row]
        if operation in ELEMENTS:
            subscripts = ", ".join(f"int({self._value(place)})" for place in places[1:])
            self._elements.append((~places[0], subscripts, g))
            return
        if not operation.elementwise:
            raise Refused(operation.name)
        targets = [place for place in places if self._is_active(place)]
        for place, term in zip(targets, list(self._contributions(row, g, places)), strict=True):
            if not term.isidentifier():
                name = f"t{len(self._names) + len(self._lines)}"
                self._lines.append(f"{name} = {term}")
                term = name
            if place < 0:
                self._terms.append((~place, term))
            elif place in self._adjoints:
                self._lines.append(f"g{place} = {self._adjoints[place]} + {term}")
                self._adjoints[place] = f"g{place}"
            else:
                self._adjoints[place] = term

    def _contributions(self, row: int, g: str, places: Sequence[int]) -> Iterator[str]:
        """What each active operand of a row receives."""
        operation = self._rows.operations[row]
        pattern = tuple([self._is_active(place) for place in places])
        if operation.edges:
            self._names[f"p{row}"] = number_pullback(operation, pattern)
            arguments = ", ".join([g, self._value(row), *map(self._value, places)])
            names = [f"t{row}_{position}" for position, wanted in enumerate(pattern) if wanted]
            self._lines.append(f"{', '.join(names)} = p{row}({arguments})")
            yield from names
            return
        letters = {"v": row, **dict(zip(operation.letters(len(places)), places, strict=True))}
        names_of = {"g": g, **{letter: value_name(place) for letter, place in letters.items()}}
        for formula, wanted in zip(operation.formulas(len(places)), pattern, strict=True):
            if wanted:
                text = times(formula, "g")
                named = letters_of(text)
                self._read.update(dict.fromkeys(place for letter, place in letters.items() if letter in named))
                yield renamed(text, names_of)

    def _is_active(self, place: int) -> bool:
        return self._active[place] if place >= 0 else self._active_sources[~place]

    def _value(self, place: int) -> str:
        self._read[place] = None
        return value_name(place)

    def single(self) -> Callable[..., None]:
        """The function of one run, whose sources may be the same entry."""
        lines = [f"h{row} = adjoints[first + {row}]" for row in self._received]
        for place in self._read:
            lines.append(f"{value_name(place)} = values[{f'first + {place}' if place >= 0 else f'sources[{~place}]'}]")
        lines += self._lines
        for source, term in self._terms:
            lines.append(f"s = sources[{source}]; b = adjoints[s]; adjoints[s] = {term} if b is None else b + {term}")
        for source, subscripts, g in self._elements:
            lines.append(f"own_adjoint(values, adjoints, sources[{source}])[{subscripts}] += {g}")
        return number_lines(("values", "adjoints", "first", "sources"), lines or ["pass"], self._names | _NAMES)

    def through(self) -> Callable[..., int] | None:
        """The function of many runs; None where a run tells the one before it something else than it was told."""
        carried = self._rows.carried
        totals: dict[int, list[str]] = {}
        for source, term in self._terms:
            totals.setdefault(source, []).append(term)
        moving = {row: source for source in totals if (row := carried[source]) is not None}
        if {*moving} != {*self._received} or any(carried[source] is not None for source, *_ in self._elements):
            return None
        length = len(self._rows.operands)
        fixed = [source for source in totals if carried[source] is None]
        arrays = {source: f"x{source}" for source, *_ in self._elements}
        lines = [f"h{row} = adjoints[start + run * {length} + {row}]" for row in self._received]
        lines += [f"b{source} = adjoints[sources[{source}]]" for source in fixed]
        lines += [f"{name} = own_adjoint(values, adjoints, sources[{source}])" for source, name in arrays.items()]
        lines.append(f"low, high = start + stop * {length}, start + run * {length} + 1")
        variables, columns = ["run"], ["range(run, stop - 1, -1)"]
        for place in self._read:
            row = place if place >= 0 else carried[~place]
            if row is None:
                lines.append(f"{value_name(place)} = values[sources[{~place}]]")
                continue
            offset = row if place >= 0 else row - length
            variables.append(value_name(place))
            columns.append(f"reversed(values[low + {offset}:high + {offset}:{length}])")
        additions = {f"h{row}": " + ".join(totals[source]) for row, source in moving.items()}
        additions |= {f"b{source}": " + ".join([f"b{source}", *totals[source]]) for source in fixed}
        body = [*self._lines]
        body += [f"{arrays[source]}[{subscripts}] += {g}" for source, subscripts, g in self._elements]
        if additions:
            body.append(f"{', '.join(additions)} = {', '.join(additions.values())}")
        lines += ["try:", f"    for {', '.join(variables)}, in zip({', '.join(columns)}):", *indented(indented(body))]
        lines += ["    run = stop - 1", "except RAISED:", "    pass"]
        lines += [f"adjoints[sources[{source}]] = b{source}" for source in fixed]
        lines += [f"adjoints[start + run * {length} + {row}] = h{row}" for row in moving]
        lines.append("return run")
        parameters = ("values", "adjoints", "start", "stop", "run", "sources")
        return number_lines(parameters, lines, self._names | _NAMES)
