"""Rows in an `.npy` file: a matrix, or an array with named fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from adcli.cli.data_arrays import numpy_reads
from adcli.cli.data_blocks import ROWS, Raw, Wanted
from adcli.cli.data_messages import bad_file, no_numbers, shown
from adcli.jobs.batch import Cells
from adcli.records import NamedTuple


class Records:
    """The rows of an array, which stays in its file."""

    def __init__(self, path: str) -> None:
        import numpy as np

        with numpy_reads(path):
            self._array: Any = np.load(path, mmap_mode="r", allow_pickle=False)
        names = self._array.dtype.names
        if not isinstance(self._array, np.ndarray) or self._array.ndim != (1 if names else 2):
            message = f"`{path}` is not a matrix, nor a vector with named fields"
            raise bad_file(message, help="save rows of numbers: an array of two dimensions")
        if not self._array.size:
            raise no_numbers(path)
        self.columns: Sequence[str] = names or ()
        self.width = len(names) if names else self._array.shape[1]
        self._path = path

    def reader(self, wanted: Wanted) -> RecordReader:
        """What makes cells of its blocks. Raises AdError `data-file` for a column of no numbers."""
        for name in (*wanted.inputs, *wanted.kept):
            kind = self._array.dtype[name] if self.columns else self._array.dtype
            if kind.kind not in ("biuf" if name in wanted.inputs else "biufU"):
                raise bad_file(
                    f"`{self._path}`, column `{shown(name)}` holds elements of type {kind}, not real numbers"
                )
        return RecordReader(wanted, bool(self.columns))

    def blocks(self) -> Iterator[Raw]:
        """The blocks one after another."""
        import numpy as np

        for start in range(0, len(self._array), ROWS):
            yield Raw(start + 1, np.array(self._array[start : start + ROWS]))


class RecordReader(NamedTuple):
    """Makes cells of blocks of an array."""

    wanted: Wanted
    named: bool

    def cells(self, raw: Raw) -> Cells:
        """The cells of a block."""
        import numpy as np

        def column(name: str, place: int) -> Any:
            return raw.content[name] if self.named else raw.content[:, place]

        wanted = self.wanted
        numbers = [np.array(column(*pair), float) for pair in zip(wanted.inputs, wanted.places, strict=True)]
        kept = [column(*pair) for pair in zip(wanted.kept, wanted.kept_places, strict=True)]
        return Cells(range(raw.first, raw.first + len(raw.content)), numbers, {}, kept)
