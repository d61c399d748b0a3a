"""Rows that a program makes: the root that `solve x from 1 in x^2 == a` gives, a function of what the equation reads.

The root x of F(x, a) = 0 moves by dx = -(∂F/∂x)^-1 (∂F/∂a) da, by the implicit function theorem: an operand receives
-(∂F/∂a)^T (∂F/∂x)^-T g of the root's adjoint g. No formula of the language says that of any F. So the formulas of such
a row call companions, which are rows as well, and have no derivatives: a recorded sweep asks the row's `recorder`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Any, Protocol
from weakref import WeakValueDictionary

from adcli.rules.facts import NO_SUM, NOT_ANALYTIC, UNKNOWN
from adcli.rules.kinks import Kink
from adcli.rules.primitive import ArrayPrimitive, Recorder
from adcli.rules.shapes import Shape

# The rows of roots, and what their formulas call, by their names.
MADE: WeakValueDictionary[str, ArrayPrimitive] = WeakValueDictionary()

SOURCE = "implicit function theorem; Griewank and Walther, Evaluating Derivatives, 2nd ed. (2008), section 15.1"

_serial = count(1)


class RootKernels(Protocol):
    """How a root is computed, and its derivatives. An operand's position counts the starts, which come first."""

    starts: int

    def root(self, *operands: Any) -> Any:
        """The root."""

    def complex(self, *operands: Any) -> Any:
        """The root for operands that are complex."""

    def precise(self, *operands: Any) -> Any:
        """The root for operands that have many digits."""

    def received(self, position: int, g: Any, v: Any, *operands: Any) -> Any:
        """What an operand receives of the adjoint of the root v."""

    def received_at_most(self, position: int, g: Any, v: Any, *operands: Any) -> Any:
        """The same with the absolute value of all that is added up."""

    def moved(self, position: int, tangent: Any, v: Any, *operands: Any) -> Any:
        """How the root moves with the tangent of an operand."""

    def rounding(self, operation: Any, operands: Sequence[Any], value: Any) -> Any:
        """How far each number of the root may be off."""

    @property
    def kink(self) -> Kink | None:
        """Where the root has no derivative, as something in its equations has none; None where all is smooth."""

    def shape(self, shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
        """The shape of the root: it is one vector, or a number where a number alone is unknown."""


def root_row(kernels: RootKernels, operands: int, recorder: Recorder) -> ArrayPrimitive:
    """The row of the roots of some equations, as a function of so many operands, the first of which are the starts."""
    name = f"root{next(_serial)}"
    letters = [f"a{place + 1}" for place in range(operands)]
    behind = f"v, {', '.join(letters)}"
    places = range(kernels.starts, operands)
    companions: list[ArrayPrimitive] = []

    def companion(what: str, kernel: Callable[..., Any], position: int) -> str:
        row = _companion(f"{name}_{what}{position + 1}", partial(kernel, position), operands + 2)
        MADE[row.name] = row
        companions.append(row)
        return row.name

    def formulas(what: str, kernel: Callable[..., Any], letter: str) -> tuple[str, ...]:
        calls = {place: companion(what, kernel, place) for place in places}
        return tuple(
            f"{calls[place]}({letter.format(place + 1)}, {behind})" if place in calls else ""
            for place in range(operands)
        )

    largest = formulas("most", kernels.received_at_most, "g")
    row = ArrayPrimitive(
        name, "where equations hold", (), array=kernels.root, complex=kernels.complex, precise=kernels.precise,
        rounding=kernels.rounding, terms=NO_SUM, kink=kernels.kink, shape=kernels.shape, by=tuple(places), mixes=True,
        cancels=lambda shapes: largest, bilinear=False, view=False, remembers=False, counts=(operands, None),
        vjp=formulas("to", kernels.received, "g"), jvp=formulas("by", kernels.moved, "da{}"), source=SOURCE,
        recorder=recorder, symbol="root", convention="what is used in its equations",
    )  # fmt: skip
    row.__dict__["companions"] = tuple(companions)  # which live as long as it
    MADE[name] = row
    return row


def is_root(operation: Any) -> bool:
    """Whether an operation is that of a `solve` statement."""
    return getattr(operation, "source", "") is SOURCE


def _companion(name: str, kernel: Callable[..., Any], operands: int) -> ArrayPrimitive:
    """What a formula calls: it is computed, and not differentiated."""
    return ArrayPrimitive(
        name, "part of the derivative of a root", (), array=kernel, complex=NOT_ANALYTIC, precise=UNKNOWN,
        rounding=UNKNOWN, terms=NO_SUM, kink=None, shape=_any_shape, by=(), mixes=True, cancels=False, bilinear=False,
        view=False, remembers=False, counts=(operands, operands),
    )  # fmt: skip


def _any_shape(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    return shapes[0]
