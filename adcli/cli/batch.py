"""`adcli batch`: value and derivatives for every row of a file."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, BinaryIO

import click

from adcli.cli.arguments import options_of, program_words, programs_among
from adcli.cli.data_blocks import Raw, Reader, Rows
from adcli.cli.data_results import Form
from adcli.cli.data_rows import opened_rows, wanted_columns
from adcli.cli.options import of_option, split_names, wrt_option
from adcli.cli.output import warn
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.cli.progress import progress_line
from adcli.cli.status import ExitStatus
from adcli.cli.workers import in_order
from adcli.cli.writing import STANDARD_OUTPUT, growing
from adcli.errors import AdError, Problem
from adcli.jobs.batch import PROBLEM, Batch
from adcli.records import NamedTuple, dataclass

_ROWS = "adcli.rows"
_OPENED = "adcli.rows.opened"
_FORMATS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".npy": "npy", ".parquet": "parquet"}
_WITHOUT_LINES = (".npy", ".parquet")
_SHOWN = 3  # problems of a summary


class BatchCommand(ProgramCommand):
    """A command of a program and of a file with rows, some of whose columns are inputs."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """`[OPTIONS] PROGRAM ROWS`."""
        return [*super().collect_usage_pieces(ctx), "ROWS"]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the name of the rows, which stands behind the program, out of the arguments."""
        known = options_of(self.params)
        words = program_words(args, known)
        names = programs_among(words)
        first = any(word.option in ("-e", "--expression") for word in words)
        if not ctx.resilient_parsing and len(names) > (0 if first else 1):
            name = names[0 if first else 1]
            places = [place for place, text in enumerate(args) if text == name]
            without = [[*args[:place], *args[place + 1 :]] for place in (places if first else reversed(places))]
            args = next(
                (left for left in without if len(programs_among(program_words(left, known))) < len(names)), args
            )
            ctx.meta[_ROWS] = name
        return super().parse_args(ctx, args)

    def known_inputs(self, ctx: click.Context, loaded: Loaded) -> Iterable[str]:
        """The inputs that are given, and those that are columns."""
        path = _path_of(ctx, loaded)
        rows = ctx.with_resource(opened_rows(path))
        ctx.meta[_OPENED] = rows
        loaded.argument.append(path)
        columns = rows.columns or [variable.name for variable in loaded.inputs]
        return {*loaded.given, *columns}


def _path_of(ctx: click.Context, loaded: Loaded) -> str:
    """What the command line names as the rows. Raises AdError `usage`."""
    path: str | None = ctx.meta.get(_ROWS)
    if path is None:
        help_text = f"for example: {ctx.command_path} {' '.join(loaded.argument)} rows.csv"
        raise AdError(Problem("usage", "no rows are named: give a file, or `-`, behind the program", help=help_text))
    if path == "-" and loaded.argument == ["-"]:
        message = "standard input cannot be the program and its rows"
        raise AdError(Problem("usage", message, help="name a file for one of them"))
    return path


class Done(NamedTuple):
    """A block that is done: what is written of it, how many rows it has, and the problems of some."""

    content: Any
    rows: int
    problems: list[tuple[int, str]]
    bad: int


@dataclass(frozen=True)
class Work:
    """What is done with a block; it goes to other processes."""

    reader: Reader
    batch: Batch
    form: Form

    def __call__(self, raw: Raw) -> Done:
        """The results of a block, as they are written."""
        cells = self.reader.cells(raw)
        if not len(cells.lines):
            return Done(None, 0, [], 0)
        results = self.batch.results(cells)
        problems = [(cells.lines[row], reason) for row, reason in list(results.problems.items())[:_SHOWN]]
        return Done(self.form.content(cells, results), len(cells.lines), problems, len(results.problems))


@click.command(
    "batch",
    cls=BatchCommand,
    short_help="Value and gradient for every row of a file.",
    examples=(
        ("batch model.ad d.csv", "value and gradient of each row, as CSV"),
        ("batch model.ad d.csv --keep x -o results.jsonl", "with a column of the rows, into a file"),
        ("batch -e 'rate * x' d.csv --rate 0.05", "one input is the same for all rows"),
    ),
)
@of_option("the first output")
@wrt_option
@click.option("--order", type=click.IntRange(0, 2), default=1, show_default=True,
              help="The value (0), with its gradient (1), with its Hessian (2).")  # fmt: skip
@click.option(
    "--keep", metavar="NAMES", callback=split_names, help="Columns of the rows that pass through, as id,name."
)
@click.option("-f", "--format", type=click.Choice(("csv", "jsonl", "npy", "parquet")),
              help="How the results are written; by default as the suffix of --output says, else as CSV.")  # fmt: skip
@click.option("-o", "--out", "--output", "output", metavar="FILE", help="Write to a file.")
@click.option("--jobs", type=click.IntRange(1, 1024), default=1, show_default=True, metavar="N",
              help="How many processes share the rows.")  # fmt: skip
@click.pass_context
def command(
    ctx: click.Context, loaded: Loaded, of: str | None, wrt: list[str] | None, order: int, keep: list[str] | None,
    format: str | None, output: str | None, jobs: int,
) -> ExitStatus:  # fmt: skip
    """Run PROGRAM at every row of ROWS, and write the value and the gradient of each.

    ROWS is a .csv, .tsv, .jsonl, .npy or .parquet file, or `-`. Columns with the names of inputs are these inputs; the
    others are options, or have their defaults. A row without a result keeps its place, with the reason in the column
    `problem`, and the exit status is 1.
    """
    gc.enable()  # what is done with a block is let go
    rows: Rows = ctx.meta[_OPENED]
    path: str = ctx.meta[_ROWS]
    wanted = wanted_columns(path, rows, loaded.program.program, list(loaded.given), keep or [])
    function = loaded.program.function(of=of, wrt=wrt, order=order)
    batch = Batch(function, wanted.inputs, _constants(loaded))
    form = Form(_format_of(output, format), wanted.kept, tuple(batch.names))
    _refuse_clashes(form, output)
    work = Work(rows.reader(wanted), batch, form)
    problems: list[tuple[int, str]] = []
    total = bad = 0
    with ExitStack() as stack:
        sink = form.sink(stack.enter_context(_written(output)))
        tell = stack.enter_context(progress_line())
        for done in in_order(work, rows.blocks(), jobs):
            if done.rows:
                sink.add(done.content)
            total, bad = total + done.rows, bad + done.bad
            problems += done.problems[: _SHOWN - len(problems)]
            tell(f"{total:,} rows")
        sink.end()
    if not bad:
        return ExitStatus.DONE
    warn([_summary(path, total, bad, problems)], loaded.program.program.source)
    return ExitStatus.CHECK_FAILED


def _constants(loaded: Loaded) -> dict[str, float]:
    """The inputs that are the same for all rows. Raises AdError `usage` for an array."""
    constants = {}
    for name, value in loaded.given.items():
        if not isinstance(value, float):
            message = f"the input `{name}` is given several numbers"
            raise AdError(Problem("usage", message, help="give it one, or make it a column of the rows"))
        constants[name] = value
    return constants


def _format_of(output: str | None, chosen: str | None) -> str:
    """How results are written. Raises AdError `usage` for a suffix that tells none."""
    if chosen is not None or output is None or output == STANDARD_OUTPUT:
        return chosen or "csv"
    suffix = os.path.splitext(output)[1].lower()
    if suffix not in _FORMATS:
        help_text = f"there are {' '.join(_FORMATS)}; --format says it for another name"
        raise AdError(Problem("usage", f"--output {output}: rows cannot be written as `{suffix}`", help=help_text))
    return _FORMATS[suffix]


def _refuse_clashes(form: Form, output: str | None) -> None:
    """Refuse what a format has no way to say. Raises AdError `usage`."""
    if form.kind == "parquet":
        from adcli.cli.data_parquet import require_arrow

        require_arrow()
    if form.kind in ("npy", "parquet") and output in (None, STANDARD_OUTPUT):
        message = f"standard output takes lines, and no .{form.kind} file"
        raise AdError(Problem("usage", message, help=f"write it by --output results.{form.kind}"))
    if form.kind == "npy" and form.kept:
        message = "an .npy file has numbers alone, and no columns that are kept"
        raise AdError(Problem("usage", message, help="leave out --keep: the rows stay in their order"))
    clash = next((name for name in form.kept if name in (*form.names, PROBLEM)), None)
    if clash is not None:
        message = f"--keep {clash}: a column of the results has this name"
        raise AdError(Problem("usage", message, help="give the column of the rows another name"))


@contextmanager
def _written(output: str | None) -> Iterator[BinaryIO]:
    """Where the results go."""
    if output is not None and output != STANDARD_OUTPUT:
        with growing(output, "--output") as file:
            yield file
        return
    if sys.stdout is None:
        raise AdError(Problem("output", "standard output is closed", help="--output FILE writes to a file"))
    sys.stdout.flush()
    yield sys.stdout.buffer


def _summary(path: str, total: int, bad: int, first: list[tuple[int, str]]) -> Problem:
    """How many rows have a problem, and which problem the first ones have."""
    unit = "row" if path.endswith(_WITHOUT_LINES) else "line"
    told = [f"{unit} {line}: {reason}" for line, reason in first]
    more = f"; and {bad - len(first):,} more" if bad > len(first) else ""
    message = f"{bad:,} of {total:,} row{'s' * (total != 1)} {'has' if bad == 1 else 'have'} a problem"
    help_text = f"the column `{PROBLEM}` says what is the matter with each"
    return Problem("bad-rows", message, note="; ".join(told) + more, help=help_text)
