"""How C spells the functions of the table."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

from adcli.records import NamedTuple

Shape: TypeAlias = tuple[int, ...]

# What Python's `math` calls a function, and what the library of C calls one with the same bits. Python has its own
# gamma, lgamma and hypot, with other last digits than the library's; of these only a helper gives the same length.
_SAME = (
    "acos acosh asin asinh atan atan2 atanh ceil copysign cos cosh erf erfc exp expm1 floor fmod isfinite isinf "
    "isnan log log10 log1p log2 remainder sin sinh sqrt tan tanh trunc"
)
MATH = {name: name for name in _SAME.split()} | {"fabs": "fabs", "hypot": "ad_hypot", "pow": "ad_power"}

# Functions of Python itself, by how many operands they have.
BUILTINS = {("abs", 1): "fabs", ("round", 1): "rint", ("int", 1): "trunc", ("float", 1): "", ("mod", 2): "ad_mod",
            ("max", 2): "ad_larger", ("min", 2): "ad_smaller"}  # fmt: skip

# Those that Python has of all operands that a function takes.
OVER = {"max": "ad_largest", "min": "ad_smallest"}

# Kernels of ours that the library has, and which are not translated.
KERNELS = {"fma": "fma"}

# Names that mean something in C or C++, or in <math.h>.
_WORDS = (
    "auto break case char const continue default do double else enum extern float for goto if inline int long "
    "register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while "
    "and and_eq asm bitand bitor bool catch class compl const_cast delete dynamic_cast explicit export false friend "
    "mutable namespace new not not_eq operator or or_eq private protected public reinterpret_cast static_cast "
    "template this throw true try typeid typename using virtual wchar_t xor xor_eq constexpr decltype noexcept "
    "nullptr static_assert thread_local alignas alignof main NULL INFINITY NAN unix linux i386 errno signgam "
    "acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2 expm1 fabs fdim floor fma "
    "fmax fmin fmod frexp hypot ilogb isfinite isinf isnan isnormal ldexp lgamma llrint llround log log10 log1p log2 "
    "logb lrint lround modf nan nearbyint nextafter nexttoward pow remainder remquo rint round scalbln scalbn signbit "
    "sin sinh sqrt tan tanh tgamma trunc j0 j1 jn y0 y1 yn gamma drem significand malloc free memcpy memset"
)
WORDS = frozenset(_WORDS.split())


class Along(NamedTuple):
    """A helper that gets a result, its operands, and how an axis lies in them: what is before it, on it and behind it.

    Attributes:
        helper: its name
        goes_last: whether it goes along the last axis where none is given, and not over all elements
        rooms: how many times as many numbers as there are elements it needs room for; it gets the room at the end
    """

    helper: str
    goes_last: bool = False
    rooms: int = 0


class Sized(NamedTuple):
    """A helper that gets a result, its operands, and sizes.

    Attributes:
        helper: its name
        sizes: the sizes, from the operands' shapes and the result's
        operands: how many of the operands it gets; None for all
        room: how many numbers it needs room for, from the operands' shapes; it gets the room behind the sizes
        defaults: numbers for the last operands, where a program leaves these out
    """

    helper: str
    sizes: Callable[[Sequence[Shape], Shape], Sequence[int]]
    operands: int | None = None
    room: Callable[[Sequence[Shape]], int] | None = None
    defaults: tuple[float, ...] = ()


class Repeated(NamedTuple):
    """The first operand, repeated to the shape of the result."""


class Joined(NamedTuple):
    """The operands one after another."""


class Summed(NamedTuple):
    """The sum of products by their subscripts."""


class Counted(NamedTuple):
    """A size of the operand, which is known."""


Spelling: TypeAlias = Along | Sized | Repeated | Joined | Summed | Counted


def _size(shape: Shape) -> int:
    return math.prod(shape)


def _rows(shape: Shape) -> tuple[int, int]:
    """The rows and columns of a matrix; a vector is a row."""
    return (1, 1) if not shape else (1, shape[0]) if len(shape) == 1 else (shape[0], shape[1])


def _copied(s: Sequence[Shape], v: Shape) -> tuple[int]:
    return (_size(v),)


def _product(s: Sequence[Shape], v: Shape) -> tuple[int, int, int]:
    left, right = s
    return left[0] if len(left) == 2 else 1, left[-1], right[1] if len(right) == 2 else 1


def _matrix(s: Sequence[Shape], v: Shape) -> tuple[int, int]:
    return _rows(s[0])


def _result(s: Sequence[Shape], v: Shape) -> tuple[int, int]:
    return _rows(v)


def _first_size(s: Sequence[Shape], v: Shape) -> tuple[int]:
    return (s[0][0],)


def _system(s: Sequence[Shape], v: Shape) -> tuple[int, int]:
    return s[0][0], _size(s[1][1:])


def _tiles(s: Sequence[Shape], v: Shape) -> tuple[int, ...]:
    return *_rows(v), *_rows(s[0])


def _whole_and_part(s: Sequence[Shape], v: Shape) -> tuple[int, ...]:
    return *_rows(s[0]), *_rows(v)


def _square(s: Sequence[Shape]) -> int:
    return _size(s[0])


# By the kernel of a row.
ARRAYS: dict[str, Spelling] = {
    "total": Along("ad_sum"), "mean": Along("ad_mean"), "product": Along("ad_product"),
    "largest": Along("ad_max"), "smallest": Along("ad_min"), "norm": Along("ad_norm"),
    "logsumexp": Along("ad_logsumexp"), "softmax": Along("ad_softmax"), "log_softmax": Along("ad_log_softmax"),
    "softmax_along": Along("ad_softmax_along"), "centered": Along("ad_centered"),
    "cumsum": Along("ad_cumsum"), "cumprod": Along("ad_cumprod"),
    "demeaned": Along("ad_demeaned"), "var": Along("ad_var"), "std": Along("ad_std"),
    "argmax": Along("ad_argmax"), "argmin": Along("ad_argmin"),
    "matmul": Sized("ad_matmul", _product), "dot": Sized("ad_matmul", _product),
    "outer": Sized("ad_outer", lambda s, v: v), "transpose": Sized("ad_transpose", _matrix),
    "trace": Sized("ad_trace", _matrix), "tril": Sized("ad_tril", _matrix), "triu": Sized("ad_triu", _matrix),
    "copyltu": Sized("ad_copyltu", _first_size),
    "diag": Sized("ad_diag", lambda s, v: (*_rows(v), 1) if len(s[0]) == 1 else (*_rows(s[0]), 0)),
    "reshape": Sized("ad_copy", _copied, 1), "first": Sized("ad_copy", _copied, 1),
    "concat": Joined(), "stack": Joined(), "expand": Repeated(), "length": Counted(),
    "sum_to": Sized("ad_sum_to", _whole_and_part, 1),
    "zeros": Sized("ad_zeros", _copied, 0), "ones": Sized("ad_ones", _copied, 0), "eye": Sized("ad_eye", _result, 0),
    "linspace": Sized("ad_linspace", _copied, 2),
    "sort": Along("ad_sort", True, 2), "argsort": Along("ad_argsort", True, 2), "diff": Along("ad_diff", True),
    "sort_along": Along("ad_sort_along", True, 2), "sort_back": Along("ad_sort_back", True, 2),
    "median": Along("ad_median", rooms=2), "roll": Along("ad_roll"),
    "solve": Sized("ad_solve", _system, room=_square), "inv": Sized("ad_inv", _first_size, room=_square),
    "det": Sized("ad_det", _first_size, room=_square), "logdet": Sized("ad_logdet", _first_size, room=_square),
    "cholesky": Sized("ad_cholesky", _first_size), "qr": Sized("ad_qr", _matrix, room=_square),
    "solve_triangular": Sized("ad_solve_triangular", _system, defaults=(0.0,)),
    "cofactor": Sized("ad_cofactor", _first_size, room=_square),
    "cofactor_along": Sized("ad_cofactor_along", _first_size, room=_square),
    "lstsq": Sized("ad_lstsq", lambda s, v: (*s[0], _size(s[1][1:])), room=lambda s: 3 * _size(s[0])),
    "pinv": Sized("ad_pinv", _matrix, room=lambda s: 5 * _size(s[0])),
    "cross": Sized("ad_cross", lambda s, v: ()), "einsum": Summed(),
    "kron": Sized("ad_kron", lambda s, v: (*_rows(s[0]), *_rows(s[1]))),
    "tile": Sized("ad_tile", _tiles, 1), "sum_tiles": Sized("ad_sum_tiles", _whole_and_part, 1),
    "take": Sized("ad_take", lambda s, v: (s[0][0], _size(s[1]))),
    "sum_at": Sized("ad_sum_at", lambda s, v: (v[0], _size(s[1]), 1 if s[0] else 0), 2),
    "polyval": Sized("ad_polyval", lambda s, v: (s[0][0], _size(v))),
    "vander": Sized("ad_vander", lambda s, v: (_size(s[0]), v[-1]), 1),
    "searchsorted": Sized("ad_searchsorted", lambda s, v: (s[0][0], _size(v))),
    "interp": Sized("ad_interp", lambda s, v: (_size(v), s[1][0])),
    "size_of": Sized("ad_size_of", lambda s, v: (_size(s[0]),)),
    "blocks": Sized("ad_blocks", _matrix),
    "matrix_power_along": Sized("ad_matrix_power_along", _first_size, room=lambda s: 4 * _size(s[0])),
    "matrix_power": Sized("ad_matrix_power", _first_size, room=lambda s: 2 * _size(s[0])),
}  # fmt: skip
