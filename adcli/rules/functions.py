"""The kernels of a row as functions: on numbers and arrays, on complex numbers, with many digits.

A row names its kernels; here they are looked up, and what they need is imported. Each function refuses a fact that is
UNKNOWN with AdError `usage`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from adcli.rules.dispatch import is_finite
from adcli.rules.facts import LIBRARY, ONE_BY_ONE, OWN, PIECES, SAME, SUBSCRIPTED

if TYPE_CHECKING:
    from adcli.rules.primitive import Primitive


def function_of(primitive: Primitive) -> Callable[..., Any]:
    """A function that gives floats to the primitive's own `value`, and arrays to its kernel.

    It raises what `value` raises, and Refused where the arrays do not fit.
    """
    if not primitive.elementwise:
        reading = primitive.known("array")
        kernel_of_arrays: Callable[..., Any] = reading if callable(reading) else array_kernel(reading)
        settings = getattr(primitive, "settings", ())
        if primitive.notation in SUBSCRIPTED:
            from adcli.rules.readings import arrays

            if settings in arrays.SINGLE:
                return arrays.at_single(kernel_of_arrays, settings[0])
        return with_settings(primitive, kernel_of_arrays)
    value = primitive.value
    if primitive.array is SAME:
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
    """The primitive on arrays, element by element: of NumPy, of ours, or as slow as a loop."""
    from adcli.rules.readings import elementwise, rare_arrays

    reading = primitive.known("array")
    if reading is ONE_BY_ONE:
        return _one_by_one(primitive.value)
    if reading is LIBRARY:
        return numpy_function(primitive.numpy)
    return primitive.value if reading is SAME else _own(primitive, reading, elementwise, rare_arrays)


@cache
def numpy_function(name: str) -> Callable[..., Any]:
    """The function that NumPy has under a name."""
    import numpy

    function: Callable[..., Any] = getattr(numpy, name)
    return function


def _own(primitive: Primitive, reading: Any, *modules: ModuleType) -> Callable[..., Any]:
    """The kernel of ours that a row names, or that has its name."""
    name = base_name(primitive) if reading is OWN else reading
    kernel: Callable[..., Any] = next(module.KERNELS[name] for module in modules if name in module.KERNELS)
    return kernel


def base_name(primitive: Primitive) -> str:
    """The name of a primitive without its axis."""
    return primitive.name.partition(" ")[0]


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


def array_kernel(name: str) -> Callable[..., Any]:
    """A kernel of an operation on whole arrays, by its name."""
    from adcli.rules.readings import arrays, linalg, matrix_functions, rearranging, spectral, statistics, sums

    homes = (arrays, sums, linalg, statistics, rearranging, matrix_functions, spectral)
    kernel: Callable[..., Any] = next(getattr(home, name) for home in homes if hasattr(home, name))
    return kernel


def with_settings(primitive: Primitive, kernel: Callable[..., Any]) -> Callable[..., Any]:
    """The kernel of an operation on whole arrays, with what the row gives it behind the operands."""
    settings = getattr(primitive, "settings", ())
    return (lambda *operands: kernel(*operands, *settings)) if settings else kernel


@cache
def complex_function(primitive: Primitive) -> Callable[..., Any]:
    """An analytic primitive on complex numbers, and on arrays of them."""
    reading: Any = primitive.known("complex")
    if callable(reading):
        return reading  # type: ignore[no-any-return]
    if reading is SAME:
        return primitive.function
    if reading is PIECES:
        return lambda *operands: primitive.function(*(operand.real for operand in operands))
    from adcli.rules.readings import complex as of_complex
    from adcli.rules.readings import rare_complex

    if reading is LIBRARY:
        return of_complex.of_library(primitive.name, primitive.numpy)
    return with_settings(primitive, _own(primitive, reading, of_complex, rare_complex))


@cache
def precise_function(primitive: Primitive) -> Callable[..., Any]:
    """The primitive on mpmath's numbers; of an operation on whole arrays on arrays of them."""
    reading: Any = primitive.known("precise")
    if callable(reading):
        return reading  # type: ignore[no-any-return]
    if reading is SAME:
        return primitive.value
    if primitive.elementwise:
        from adcli.rules.readings import precise, rare_precise

        return (
            precise.of_library(primitive.name)
            if reading is LIBRARY
            else _own(primitive, reading, precise, rare_precise)
        )
    from adcli.rules.readings import precise_arrays

    return precise_arrays.as_array(with_settings(primitive, _own(primitive, reading, precise_arrays)))
