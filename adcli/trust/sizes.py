"""Sizes of inputs and of what moves with them, of numbers and arrays alike."""

from __future__ import annotations

import math
import sys

from adcli.tape.tape import Value


def size_or_one(value: Value) -> Value:
    """The absolute value, or 1 in the place of a zero: how far an input may be expected to move."""
    if type(value) is float:
        return abs(value) or 1.0
    import numpy

    return numpy.where(value != 0, abs(value), 1.0)


def largest_part(step: Value, number: Value) -> float:
    """The largest part that a step is of an input, whose size is taken for 1 where it is less."""
    if type(step) is float:
        return abs(step) / max(abs(number), 1.0)  # type: ignore[no-any-return]
    import numpy

    return float((abs(step) / numpy.maximum(abs(number), 1.0)).max(initial=0.0))


def moved_by_units(slope: Value, number: Value) -> Value:
    """How far a value moves with a unit in the last place of each number; 0 where its slope is not finite."""
    if type(slope) is float:
        return abs(slope) * math.ulp(number) if math.isfinite(slope) else 0.0
    import numpy

    return numpy.where(numpy.isfinite(slope), abs(slope) * units(number), 0.0)


def units(numbers: Value) -> Value:
    """A unit in the last place of each element of an array, as `math.ulp` has it."""
    import numpy

    sizes = abs(numbers)
    largest = sizes == sys.float_info.max  # of which NumPy knows the distance to infinity alone
    return numpy.spacing(numpy.where(largest, sizes / 2, sizes)) * numpy.where(largest, 2.0, 1.0)


def bounded(magnitude: float) -> float:
    """A sum of absolute contributions: the largest number where it is beyond their range; 0 where it is none."""
    return 0.0 if math.isnan(magnitude) else min(magnitude, sys.float_info.max)


def all_bounded(magnitudes: Value) -> Value:
    """The same of a number, or of each element of an array."""
    if type(magnitudes) is float:
        return bounded(magnitudes)
    import numpy

    return numpy.minimum(numpy.where(numpy.isnan(magnitudes), 0.0, magnitudes), sys.float_info.max)
