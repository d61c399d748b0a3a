"""Hessians, by products with directions: one for each column, or for each colour of them, where they are sparse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from math import isfinite
from typing import Any

from adcli.derive.colouring import Colouring, columns_coloured, star_coloured
from adcli.derive.components import Components
from adcli.derive.known import KnownColourings
from adcli.derive.modes import forward_over_recorded, hessian_product, with_recorded_sweep
from adcli.derive.places import Places, places_of, require_room
from adcli.derive.products import Products
from adcli.derive.sparsity import Pattern, hessian_pattern, pays
from adcli.records import NamedTuple, dataclass
from adcli.rules.arrays import is_stated
from adcli.tape.tape import PlannedHessian, Tape, Value

_PAYS_FROM = 6  # products with one Hessian, which take as long as to plan for them

Times = Callable[[Mapping[str, Value]], dict[str, Value]]


class Hessian(NamedTuple):
    """The second derivatives of an entry, and how they were computed.

    Attributes:
        components: of the inputs
        numbers: rows, by component and by component again; where few are not 0, these
        places: where they stand then, else None
        products: of how many products with directions they were made
        mirrored: whether some were computed once for themselves and for their mirror images
    """

    components: Components
    numbers: Any
    places: Places | None
    products: int
    mirrored: bool

    @property
    def rows(self) -> Mapping[str, Mapping[str, Value]]:
        """By input, and by input again; of arrays with the sizes of the first, then those of the second."""
        return self.components.by_name(self.components, self.whole)

    @property
    def whole(self) -> Any:
        """By component and by component again: a list of rows, or an array."""
        return self.numbers if self.places is None else self.places.whole(self.numbers)


@dataclass(frozen=True)
class HessianColouring:
    """The pattern of a Hessian and the colours of its columns; `mirrored` if these are those of a star colouring."""

    pattern: Pattern
    colouring: Colouring
    mirrored: bool

    @cached_property
    def places(self) -> Places:
        """Where the second derivatives stand."""
        return places_of(self.pattern.width, self.pattern.width, _places(self))


def hessian_times(tape: Tape, output: int, inputs: Sequence[str]) -> Times:
    """The Hessian of an entry as a function of directions, as in `hessian_product`: what they share is made once."""
    return SecondDerivatives(tape, output, inputs).times


def hessian(tape: Tape, output: int, inputs: Sequence[str]) -> Mapping[str, Mapping[str, Value]]:
    """The second derivatives of an entry by input, and by input again."""
    return second_derivatives(tape, output, inputs).rows


def second_derivatives(tape: Tape, output: int, inputs: Sequence[str], known: KnownColourings | None = None) -> Hessian:
    """The second derivatives of an entry, of products with directions.

    Where it is sparse, inputs that have nothing to do with each other share a product, and the numbers are the same. If
    that saves products, one number stands for a derivative and its mirror image; else the two are as far apart as
    rounding has left them. Which inputs share one may be known from earlier runs of the program.
    """
    return SecondDerivatives(tape, output, inputs).all(known)


def hessian_colouring(tape: Tape, output: int, inputs: Sequence[str]) -> HessianColouring:
    """The pattern of the Hessian of an entry, and the colours of its columns.

    They are such that each derivative is found beside its mirror image, if that takes no more of them, or if a rule of
    the program states derivatives, which may be of no function: then the two differ.
    """
    pattern = hessian_pattern(tape, output, inputs)
    if pattern.nonzeros == pattern.width**2:
        return HessianColouring(pattern, Colouring(range(pattern.width), pattern.width), False)
    if any(map(is_stated, set(tape.operations))):
        return HessianColouring(pattern, columns_coloured(pattern), False)
    stars = star_coloured(pattern)
    if max(map(len, pattern.rows), default=0) <= stars.number:
        columns = columns_coloured(pattern)
        if columns.number <= stars.number:
            return HessianColouring(pattern, columns, False)
    return HessianColouring(pattern, stars, True)


class SecondDerivatives:
    """The second derivatives of an entry by some inputs: what all products with directions share is made once."""

    def __init__(self, tape: Tape, output: int, inputs: Sequence[str]) -> None:
        self._tape, self._output, self._inputs = tape, output, inputs
        self._components = Components.of(tape, {name: tape.inputs[name] for name in inputs})
        self._recorded = with_recorded_sweep(tape, output, inputs) if tape.arrays else None
        self._asked = 0  # for how many products

    @cached_property
    def _plan(self) -> Products:
        return Products(self._tape, self._output, self._inputs)

    @cached_property
    def _by_plan_of_tape(self) -> PlannedHessian | None:
        """What gives products where a plan made the tape, if that can."""
        tape = self._tape
        return None if tape.plan is None else tape.plan.hessian(tape, self._output, self._inputs, self._inputs)

    def _is_planned(self, more: int) -> bool:
        """Whether a plan of a tape of numbers pays, when some more products are asked for."""
        self._asked += more
        return self._recorded is None and self._by_plan_of_tape is None and self._asked > _PAYS_FROM

    def times(self, direction: Mapping[str, Value]) -> dict[str, Value]:
        """The Hessian times a direction."""
        if self._recorded is not None:
            return forward_over_recorded(*self._recorded, direction, self._inputs)
        product = self._plan.times(direction) if self._is_planned(1) else None
        if product is not None:
            return dict(zip(self._inputs, product, strict=True))
        return hessian_product(self._tape, self._output, direction, self._inputs)

    def all(self, known: KnownColourings | None = None) -> Hessian:
        """All second derivatives, by the colours of the pattern where that pays.

        Raises MemoryError, before the work, where there is no memory for them.
        """
        require_room(self._components.size, self._components.size)
        if pays(self._tape, self._components.size):
            coloured = self._coloured(known)
            compressed = self._compressed(coloured) if coloured.colouring.number < self._components.size else None
            if compressed is not None:
                return compressed
        return Hessian(self._components, self._dense(), None, self._components.size, False)

    def _coloured(self, known: KnownColourings | None) -> HessianColouring:
        asked = self._output, *self._inputs
        colour = partial(hessian_colouring, self._tape, self._output, self._inputs)
        return colour() if known is None else known.of(self._tape, asked, colour)

    def _dense(self) -> list[list[float]]:
        """A product for each column."""
        every = [[place] for place in range(self._components.size)]
        return self._together(every) or [*map(self._product, every)]

    def _product(self, group: Sequence[int]) -> list[float]:
        """The product with the sum of the directions of some components."""
        return self._components.flat(self.times(self._components.named_units(group)))

    def _compressed(self, coloured: HessianColouring) -> Hessian | None:
        """A product for each colour; None where one is not finite, of which columns alone may know more."""
        groups = coloured.colouring.groups
        products = self._together(groups)
        if products is None or not all(all(map(isfinite, product)) for product in products):
            return None
        numbers = coloured.places.among(products)
        return Hessian(self._components, numbers, coloured.places, len(groups), coloured.mirrored)

    def _together(self, groups: Sequence[Sequence[int]]) -> list[list[float]] | None:
        """For each group of components the product with the sum of their directions; None where one is not finite."""
        found = None if self._by_plan_of_tape is None else self._by_plan_of_tape.together(groups)
        if found is not None:
            return found
        return self._plan.together(groups) if self._is_planned(len(groups)) else [*map(self._product, groups)]


def _places(coloured: HessianColouring) -> Iterator[tuple[int, int, int, int]]:
    """Of each second derivative its row and its column, the colour and the component of the product.

    Where another column of its colour comes to a component, the number stands in the product of the mirror image.
    """
    colours = coloured.colouring.colours
    for row, columns in enumerate(coloured.pattern.rows):
        alone = _alone([colours[column] for column in columns])
        for column in columns:
            if colours[column] in alone:
                yield column, row, colours[column], row
            else:
                yield column, row, colours[row], column


def _alone(colours: Sequence[int]) -> set[int]:
    """The colours that occur once."""
    once: set[int] = set()
    often: set[int] = set()
    for colour in colours:
        (often if colour in once else once).add(colour)
    return once - often
