"""Files of rows, read in blocks: which of their columns are inputs, and which pass through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import BinaryIO

from adcli.cli.data_blocks import Rows, Wanted
from adcli.cli.data_messages import bad_file, listed, meant, shown, unreadable
from adcli.errors import AdError, Problem
from adcli.program.program import Program
from adcli.syntax.source import opened

FORMS = "rows are read from .csv, .tsv, .jsonl, .npy and .parquet files, and CSV or JSON lines from `-`"


@contextmanager
def opened_rows(path: str) -> Iterator[Rows]:
    """A file of rows, of which the columns are known. Raises AdError `data-file`."""
    kind = path.rpartition(".")[2].lower() if "." in path else ""
    if kind not in ("csv", "tsv", "txt", "jsonl", "ndjson", "npy", "parquet") and path != "-":
        raise bad_file(f"`{path}` is no file of rows", help=FORMS)
    with ExitStack() as stack:
        try:
            rows = _rows(path, kind, stack.enter_context(opened(path)))
        except (OSError, ValueError) as error:
            raise unreadable(path, error) from None
        yield rows


def _rows(path: str, kind: str, file: BinaryIO) -> Rows:
    if kind == "npy":
        from adcli.cli.data_records import Records

        return Records(path)
    if kind == "parquet":
        from adcli.cli.data_parquet import ParquetRows

        return ParquetRows(path)
    from adcli.cli.data_lines import lines_of

    return lines_of(path, kind, file)


def wanted_columns(path: str, rows: Rows, program: Program, given: Sequence[str], keep: Sequence[str]) -> Wanted:
    """Which columns are used: those with the name of an input, and those that are to be kept.

    A matrix without names has a column for each input that is not given, in the order of the program. Raises AdError
    `data-file`, and `usage` for an input that is a column and given as well.
    """
    names = [variable.name for variable in program.inputs]
    columns = list(rows.columns)
    if not columns:
        columns = [name for name in names if name not in given]
        if len(columns) != rows.width:
            message = f"`{path}` has {rows.width} columns without names, and the inputs left are {listed(columns)}"
            raise bad_file(message, help="give the other inputs as options, or save an array with named fields")
    inputs = [name for name in names if name in columns]
    if not inputs:
        message = f"no column of `{path}` is an input of the program"
        raise bad_file(message, note=f"its columns: {listed(columns)}", help=f"the inputs: {listed(names)}")
    both = [name for name in inputs if name in given]
    if both:
        message = f"the input `{both[0]}` is a column of `{path}`, and given as an option"
        raise AdError(Problem("usage", message, help="leave the option out, or give the column another name"))
    unknown = [name for name in keep if name not in columns]
    if unknown:
        message = f"--keep {shown(unknown[0])}: `{path}` has no such column"
        raise bad_file(message, note=f"its columns: {listed(columns)}", help=meant(unknown[0], columns))
    for name in (*inputs, *keep):
        if columns.count(name) > 1:
            raise bad_file(f"`{path}` has {columns.count(name)} columns `{shown(name)}`", help="give each its own name")
    places, kept_places = tuple(map(columns.index, inputs)), tuple(map(columns.index, keep))
    return Wanted(tuple(inputs), places, tuple(keep), kept_places, tuple(name for name in names if name not in inputs))
