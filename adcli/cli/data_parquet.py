"""Rows in Parquet files, by pyarrow (the extra `adcli[data]`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from adcli.cli.data_blocks import ROWS, Raw, Wanted
from adcli.cli.data_messages import bad_file, shown
from adcli.errors import AdError, Problem
from adcli.jobs.batch import PROBLEM, Cells
from adcli.records import NamedTuple

if TYPE_CHECKING:
    from adcli.cli.data_messages import Array


def require_arrow() -> None:
    """Refuse to go on without pyarrow. Raises AdError `usage`."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        message = "Parquet files need pyarrow, which is not installed"
        raise AdError(Problem("usage", message, help="pip install 'adcli[data]', or pip install pyarrow")) from None


class ParquetRows:
    """The rows of a Parquet file."""

    def __init__(self, path: str) -> None:
        require_arrow()
        import pyarrow
        import pyarrow.parquet

        try:
            self._file = pyarrow.parquet.ParquetFile(path)
        except pyarrow.ArrowException as error:
            reason = shown(str(error).split("\n")[0])
            raise bad_file(f"`{path}` cannot be read as Parquet: {reason}", help="write the file again") from None
        self._schema = self._file.schema_arrow
        self.columns: Sequence[str] = self._schema.names
        self.width = len(self.columns)
        self._path = path
        self._used: list[str] = []

    def reader(self, wanted: Wanted) -> ParquetReader:
        """What makes cells of its blocks. Raises AdError `data-file` for a column of no numbers."""
        from pyarrow import types

        for name in wanted.inputs:
            kind = self._schema.field(name).type
            if not (types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind) or types.is_null(kind)):
                message = f"`{self._path}`, column `{shown(name)}` holds elements of type {kind}, not numbers"
                raise bad_file(message, help="make numbers of them, or give the column another name")
        self._used = [*dict.fromkeys((*wanted.inputs, *wanted.kept))]
        return ParquetReader(wanted)

    def blocks(self) -> Iterator[Raw]:
        """The blocks one after another."""
        first = 1
        for batch in self._file.iter_batches(batch_size=ROWS, columns=self._used):
            yield Raw(first, batch)
            first += batch.num_rows


class ParquetReader(NamedTuple):
    """Makes cells of blocks of a Parquet file."""

    wanted: Wanted

    def cells(self, raw: Raw) -> Cells:
        """The cells of a block."""
        reasons: dict[int, str] = {}
        numbers = [_numbers(raw.content.column(name), name, reasons) for name in self.wanted.inputs]
        kept = [raw.content.column(name) for name in self.wanted.kept]
        return Cells(range(raw.first, raw.first + raw.content.num_rows), numbers, reasons, kept)


def _numbers(column: Any, name: str, reasons: dict[int, str]) -> Array:
    import numpy as np
    import pyarrow

    missing = column.is_null().to_numpy(zero_copy_only=False)
    for row in np.flatnonzero(missing).tolist():
        reasons.setdefault(row, f"the input `{name}`: a value is missing")
    numbers: Array = np.array(column.cast(pyarrow.float64(), safe=False).to_numpy(zero_copy_only=False))
    return numbers


def arrow_batch(names: Sequence[str], kept: Sequence[Any], columns: Sequence[Any], problems: Mapping[int, str]) -> Any:
    """A block of results for a Parquet file; what has no number is null."""
    import numpy as np
    import pyarrow

    count = len(columns[0])
    arrays = [pyarrow.array(column, pyarrow.string()) if isinstance(column, list) else pyarrow.array(column)
              for column in kept]  # fmt: skip
    arrays += [pyarrow.array(column, mask=~np.isfinite(column)) for column in columns]
    arrays.append(pyarrow.array([problems.get(row) for row in range(count)], pyarrow.string()))
    return pyarrow.RecordBatch.from_arrays(arrays, [*names, PROBLEM])


class ParquetSink:
    """Writes blocks of results to a Parquet file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._writer: Any = None

    def add(self, batch: Any) -> None:
        """Write a block. Its columns are of the types of the first block."""
        import pyarrow.parquet

        if self._writer is None:
            self._writer = pyarrow.parquet.ParquetWriter(self._file, batch.schema)
        self._writer.write_batch(batch)

    def end(self) -> None:
        """Write what stands at the end of the file."""
        if self._writer is not None:
            self._writer.close()
