"""Where the numbers of a sparse matrix stand, and the matrix of such numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from adcli.records import NamedTuple

FEW = 50  # rows and columns of a matrix that is no work for NumPy
_LARGE = 10**6  # numbers, for which there may be no memory


class Places(NamedTuple):
    """Where numbers that are not 0 stand: in a matrix, and in the products of the colours.

    They are lists for a small matrix, else arrays.

    Attributes:
        height, width: of the matrix
        rows, columns: of each number
        colours, components: in the product of which colour, and where in that
    """

    height: int
    width: int
    rows: Any
    columns: Any
    colours: Any
    components: Any

    def among(self, products: Sequence[Sequence[float]]) -> Any:
        """The numbers, from those of the products."""
        if isinstance(self.rows, list):
            return [products[colour][at] for colour, at in zip(self.colours, self.components, strict=True)]
        import numpy

        return numpy.array(products)[self.colours, self.components] if len(products) else numpy.zeros(0)

    def whole(self, numbers: Any) -> Any:
        """The matrix with numbers in these places: a list of rows, or an array."""
        if isinstance(self.rows, list):
            rows = [[0.0] * self.width for _ in range(self.height)]
            for row, column, number in zip(self.rows, self.columns, numbers, strict=True):
                rows[row][column] = number
            return rows
        import numpy

        whole = numpy.zeros((self.height, self.width))
        whole[self.rows, self.columns] = numbers
        return whole


def require_room(height: int, width: int) -> None:
    """Ask for the memory of a matrix before its numbers are computed: raises MemoryError where there is none."""
    if height * width >= _LARGE:
        import numpy

        numpy.empty((height, width))


def places_of(height: int, width: int, found: Iterable[tuple[int, int, int, int]]) -> Places:
    """The places of numbers: the row and the column of each, its colour, and its component."""
    columns: Sequence[Any] = [*map(list, zip(*found, strict=True))] or [[], [], [], []]
    if max(height, width) >= FEW:
        import numpy

        columns = [numpy.array(column, numpy.intp) for column in columns]
    return Places(height, width, *columns)
