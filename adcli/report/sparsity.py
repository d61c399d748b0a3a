"""What `adcli hessian --sparsity` says, and `adcli jacobian --sparsity`: which derivatives can be other than 0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import compress
from typing import Any

from adcli.derive.colouring import Colouring
from adcli.derive.hessians import HessianColouring, hessian_colouring
from adcli.derive.jacobians import JacobianColouring, jacobian_colouring
from adcli.derive.modes import Matrix, Mode
from adcli.derive.sparsity import Pattern
from adcli.errors import AdError, Problem
from adcli.records import NamedTuple, dataclass
from adcli.report.cells import Column, Digits, Records, Table, named, number
from adcli.report.fields import Field, records_of
from adcli.report.report import Report, head
from adcli.rules.dispatch import shape_of
from adcli.rules.shapes import plural
from adcli.run import Names, Options, Run, chosen_inputs, differentiated_outputs, split_names
from adcli.tape.components import labels_of
from adcli.tape.selected import select, with_entries
from adcli.tape.tape import Value

_WIDE, _HIGH = 64, 32  # characters of a picture; what is larger has several places in each
_EACH = 40  # rows and columns up to which each place has a character of its own
_SHADES = " ░▒▓█"
_MOST_NAMES = 6  # of one colour in a table


class Place(NamedTuple):
    """A derivative that can be other than 0: of what, by its row and its column, and the colour that it is found by."""

    of: str
    row: str
    column: str
    colour: int


class Structure(NamedTuple):
    """The pattern of a matrix of derivatives, and how few sweeps it takes.

    Attributes:
        matrix: which derivatives
        of: the output, or all of them
        mode: of a Jacobian how it is computed: forward by columns, reverse by rows
        names: of the rows, and of the columns
        pattern: which derivatives can be other than 0
        colouring: of the columns, or in reverse mode of the rows
        mirrored: whether some derivatives are found as their mirror images
    """

    matrix: Matrix
    of: str
    mode: Mode | None
    names: tuple[Sequence[str], Sequence[str]]
    pattern: Pattern
    colouring: Colouring
    mirrored: bool

    @property
    def coloured(self) -> Sequence[str]:
        """The names of what is coloured."""
        return self.names[0 if self.mode is Mode.REVERSE else 1]

    @property
    def saves(self) -> bool:
        """Whether there are fewer sweeps than columns, or rows."""
        return self.colouring.number < len(self.coloured)

    @property
    def coordinates(self) -> Iterator[tuple[int, int]]:
        """The row and the column of each place."""
        return ((place, column) for place, row in enumerate(self.pattern.rows) for column in row)

    def places(self) -> Iterator[Place]:
        """Each derivative that can be other than 0."""
        down, across = self.names
        colours = self.colouring.colours
        for row, column in self.coordinates:
            yield Place(self.of, down[row], across[column], colours[row if self.mode is Mode.REVERSE else column])


_STRUCTURE = (
    Field("matrix", "`hessian` or `jacobian`", lambda each: each.matrix.value),
    Field("of", "the output; of a Jacobian all of them"),
    Field("size", "how many rows and columns", lambda each: [len(names) for names in each.names]),
    Field("nonzeros", "how many derivatives can be other than 0", lambda each: each.pattern.nonzeros),
    Field("rows", "the row of each of them, counted from 0", lambda each: [row for row, _ in each.coordinates]),
    Field("columns", "the column of each of them", lambda each: [column for _, column in each.coordinates]),
    Field("row_names", "what each row is", lambda each: list(each.names[0])),
    Field("column_names", "what each column is", lambda each: list(each.names[1])),
    Field("mode", "of a Jacobian `forward`, which colours columns, or `reverse`, which colours rows",
          lambda each: each.mode and each.mode.value),
    Field("colours", "the colour of each column, or row, counted from 0; -1 where there is nothing in it",
          lambda each: list(each.colouring.colours)),
    Field("sweeps", "how many sweeps, or products with directions, there are: one for each colour",
          lambda each: each.colouring.number),
    Field("mirrored", "whether some second derivatives are found as their mirror images"),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class SparsityReport(Report):
    """What `--sparsity` says.

    Attributes:
        structures: the pattern of the Hessian of each output, or that of the Jacobian
    """

    fields = (Field("sparsity", "the patterns", lambda report: report.structures, "[object]", _STRUCTURE),)

    structures: Sequence[Structure]

    def records(self) -> Records:
        """A row for each derivative that can be other than 0."""
        fields = [Field(key, csv="output" if key == "of" else "") for key in Place._fields]
        return records_of((place for each in self.structures for place in each.places()), fields)

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The picture of each pattern, and the colours where they save anything."""
        return [
            table for each in self.structures
            for table in ([_picture(each), _colours(each)] if each.saves else [_picture(each)])
        ]  # fmt: skip


@dataclass(frozen=True)
class SparsityOptions(Options[SparsityReport]):
    """What `--sparsity` is asked.

    Attributes:
        matrix: "hessian" or "jacobian"
        of: the value, or several as "L,M", to differentiate; by default every output
        wrt: the inputs to differentiate by; by default all
        mode: of a Jacobian "forward" or "reverse"; by default whichever needs fewer sweeps
    """

    matrix: str = "hessian"
    of: Names = None
    wrt: Names = None
    mode: str | None = None

    def report(self, run: Run) -> SparsityReport:
        """The pattern of the Hessian of every output, or of the Jacobian of all."""
        inputs = chosen_inputs(run.program, self.wrt)
        across = _labels({name: run.point[name] for name in inputs})
        names = split_names(self.of)
        if Matrix(self.matrix) is Matrix.HESSIAN:
            if self.mode is not None:
                raise AdError(Problem("usage", "`mode` is for a Jacobian: a Hessian is coloured in one way alone"))
            return SparsityReport(*head(run, names), _hessians(run, names, inputs, across))
        names = run.program.outputs if names is None else names
        return SparsityReport(*head(run, names), [_jacobian(run, names, inputs, across, self.mode)])


def _labels(values: Mapping[str, Value]) -> list[str]:
    return [label for name, value in values.items() for label in labels_of(name, shape_of(value))]


def _hessians(run: Run, of: Sequence[str] | None, inputs: Sequence[str], across: list[str]) -> list[Structure]:
    asked: Sequence[str | None] = of or [None]
    selected = {name: each for one in asked for name, each in differentiated_outputs(run, one).items()}
    tape, entries = with_entries(run.tape, selected.values())
    structures = []
    for output, entry in entries.items():
        found: HessianColouring = hessian_colouring(tape, entry, inputs)
        structures.append(
            Structure(Matrix.HESSIAN, output, None, (across, across), found.pattern, found.colouring, found.mirrored)
        )
    return structures


def _jacobian(run: Run, names: Sequence[str], inputs: Sequence[str], across: list[str], mode: str | None) -> Structure:
    tape, entries = with_entries(run.tape, [select(run.tape, name) for name in names])
    found: JacobianColouring = jacobian_colouring(tape, entries, inputs, None if mode is None else Mode(mode))
    down = _labels({name: tape.values[entry] for name, entry in entries.items()})
    pattern = found.pattern
    if found.mode is Mode.REVERSE:
        pattern = Pattern(pattern.columns, len(pattern.rows))
    return Structure(Matrix.JACOBIAN, ", ".join(names), found.mode, (down, across), pattern, found.colouring, False)


def _picture(structure: Structure) -> Table:
    """The pattern made of letters: a dot for each place, or shades for many."""
    down, across = structure.names
    small = len(down) <= _EACH and len(across) <= _EACH
    lines = _dots(structure) if small else _shades(structure)
    title = f"sparsity of the {structure.matrix.value} of {structure.of}"
    return Table(title, (Column(""),), tuple((line,) for line in lines), _caption(structure), picture=True)


def _dots(structure: Structure) -> Iterator[str]:
    for row in structure.pattern.rows:
        columns = set(row)
        yield " ".join("■" if column in columns else "·" for column in range(structure.pattern.width))


def _shades(structure: Structure) -> Iterator[str]:
    """A character for each block of places, as dark as it is full."""
    height, width = len(structure.pattern.rows), structure.pattern.width
    high, wide = min(height, _HIGH), min(width, _WIDE)
    if structure.pattern.nonzeros == height * width:  # of which there may be too many to count
        yield from [_SHADES[-1] * wide] * high
        return
    full = [[0] * wide for _ in range(high)]
    for row, column in structure.coordinates:
        full[row * high // height][column * wide // width] += 1
    room = -(-height // high) * -(-width // wide)
    for counts in full:
        shades = [-(-count * (len(_SHADES) - 1) // room) for count in counts]
        yield "".join(_SHADES[min(shade, len(_SHADES) - 1)] for shade in shades)


def _caption(structure: Structure) -> str:
    down, across = map(len, structure.names)
    kind = "product" if structure.mode is None else f"{structure.mode.value} sweep"
    share = f"{structure.pattern.nonzeros:,} of {plural(down * across, 'derivative')} can be other than 0"
    few = f" instead of {len(structure.coloured):,}" if structure.saves else ""
    mirrored = ", with some as mirror images of others" if structure.mirrored else ""
    return f"{share}: {plural(structure.colouring.number, kind)}{few}{mirrored}"


def _colours(structure: Structure) -> Table:
    """Which inputs, or outputs, share a sweep."""
    rows = []
    for colour, group in enumerate(structure.colouring.groups):
        names = [structure.coloured[place] for place in group[:_MOST_NAMES]]
        rows.append((str(colour), str(len(group)), ", ".join(names) + (", …" if len(group) > _MOST_NAMES else "")))
    what = "outputs" if structure.mode is Mode.REVERSE else "inputs"
    return Table(f"{what} that share a sweep", (number("colour"), number(what), named("which")), tuple(rows))


def plotted(report: SparsityReport, name: str) -> bytes:
    """The patterns as the content of a file, each place with its colour. Raises AdError as `plots` does."""
    from adcli.report import plots

    count = len(report.structures)
    figure = plots.figure(5.2 * max(count, 1), 5.0)
    for place, structure in enumerate(report.structures):
        axes: Any = figure.add_subplot(1, count, place + 1)
        coordinates = list(structure.coordinates)
        colours = structure.colouring.colours
        by_row = structure.mode is Mode.REVERSE
        for colour in range(structure.colouring.number):
            chosen = [colours[row if by_row else column] == colour for row, column in coordinates]
            points = list(compress(coordinates, chosen))
            axes.scatter(
                [column for _, column in points], [row for row, _ in points], marker="s",
                s=(160 / max(len(structure.names[0]), len(structure.names[1]), 8)) ** 2,
            )  # fmt: skip
        axes.set_xlim(-0.5, len(structure.names[1]) - 0.5)
        axes.set_ylim(len(structure.names[0]) - 0.5, -0.5)
        axes.set_aspect("equal")
        axes.locator_params(integer=True)
        axes.set_title(f"{structure.matrix.value} of {structure.of}", fontsize="medium")
        axes.set_xlabel(_caption(structure), fontsize="small", wrap=True)
    return plots.drawn_as(figure, name)
