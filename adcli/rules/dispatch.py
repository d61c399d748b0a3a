"""The operations of the table on floats and on arrays alike: what a program with arrays runs."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

from adcli.rules import special
from adcli.rules.primitive import ArrayPrimitive, Primitive

POLYMORPHIC = (operator.add, operator.sub, operator.mul, operator.truediv, operator.neg, abs, special.itself)


def function_of(primitive: Primitive) -> Callable[..., Any]:
    """A function that gives floats to the primitive's own `value`, and arrays to NumPy.

    It raises what `value` raises, and Refused where the arrays do not fit.
    """
    if isinstance(primitive, ArrayPrimitive):
        return _kernel(primitive)
    value = primitive.value
    if value in POLYMORPHIC:
        return value
    kernel: list[Callable[..., Any]] = []

    def on_arrays(*operands: Any) -> Any:
        if not kernel:
            kernel.append(elementwise_kernel(primitive))
        result = kernel[0](*operands)
        return result if result.shape else float(result)

    def unary(a: Any) -> Any:
        return value(a) if type(a) is float else on_arrays(a)

    def binary(a: Any, b: Any) -> Any:
        return value(a, b) if type(a) is float and type(b) is float else on_arrays(a, b)

    def variadic(*operands: Any) -> Any:
        return value(*operands) if all(type(a) is float for a in operands) else on_arrays(*operands)

    count = None if primitive.variadic else primitive.arity
    return unary if count == 1 else binary if count == 2 else variadic


def elementwise_kernel(primitive: Primitive) -> Callable[..., Any]:
    """The primitive on arrays, element by element: of NumPy, of `kernels.py`, or as slow as a loop."""
    import numpy

    from adcli.rules import kernels

    own = kernels.ELEMENTWISE.get(primitive.name)
    if own is None and primitive.numpy:
        own = getattr(numpy, primitive.numpy)
    return own or _one_by_one(primitive.value)


def _one_by_one(value: Callable[..., float]) -> Callable[..., Any]:
    """A function of floats on arrays. It tells NumPy of an infinity or a NaN, as NumPy's own functions do."""
    import numpy

    elements = numpy.vectorize(value, otypes=[float])

    def function(*operands: Any) -> Any:
        result = elements(*operands)
        if not is_finite(result):
            numpy.divide(1.0, 0.0)
        return result

    return function


def _kernel(primitive: ArrayPrimitive) -> Callable[..., Any]:
    from adcli.rules import kernels

    function: Callable[..., Any] = getattr(kernels, primitive.kernel)
    settings = primitive.settings
    if settings in kernels.SINGLE:
        return kernels.at_single(function, settings[0])
    return (lambda *operands: function(*operands, *settings)) if settings else function


def shape_of(value: Any) -> tuple[int, ...]:
    """The sizes of an array; none for a number."""
    return () if type(value) is float else getattr(value, "shape", ())


def shapes_of(values: Sequence[Any]) -> list[tuple[int, ...]]:
    """The shape of each value."""
    return [shape_of(value) for value in values]


_MANY = 10_000  # elements, beyond which OpenBLAS shares a product among threads


def is_finite(value: Any) -> bool:
    """Whether a number, or every element of an array, is neither infinite nor NaN."""
    if type(value) is float:
        return isfinite(value)
    import numpy

    # a sum is faster and tells nearly all, but may overflow; one of squares warns of nothing, but takes many threads
    if value.size <= _MANY:
        total = numpy.vdot(value, value)
    else:
        with numpy.errstate(all="ignore"):
            total = numpy.add.reduce(value, None)
    return isfinite(total.real) or bool(numpy.isfinite(value).all())


def zero_like(value: Any) -> Any:
    """Zero, or an array of zeros, of the same shape."""
    if type(value) is float:
        return 0.0
    import numpy

    return numpy.zeros(value.shape)
