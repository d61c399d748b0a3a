"""Sums of products by their subscripts, `einsum("ij,jk->ik", a, b)`: a row for each text, with its derivative.

The name of a row has the text behind it, `einsum ij,jk->ik`, as that of a sum along an axis has the axis. What an
operand receives is such a sum again: of the adjoint, which has the letters of the result, and the other operands.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from adcli.records import NamedTuple
from adcli.rules.along import Shapes
from adcli.rules.families import plain
from adcli.rules.primitive import ArrayPrimitive
from adcli.rules.shapes import Refused, Rule, Shape, listed, shape_text

EINSUM = "einsum "  # what names of such rows begin with
_MOST = 3  # operands
_LETTERS = "abc"  # what formulas call them
_REMEDY = 'give each operand a letter for each axis, and the result those that stay: `einsum("ij,jk->ik", A, B)`'


class Subscripts(NamedTuple):
    """The letters of the operands, and those of the result."""

    operands: tuple[str, ...]
    result: str

    @property
    def text(self) -> str:
        """All of them as NumPy takes them."""
        return f"{','.join(self.operands)}->{self.result}"


@cache
def subscripts_of(text: str) -> Subscripts:
    """The letters of a text; without `->` those of the result are those that stand once, in order. Raises Refused."""
    left, arrow, right = text.replace(" ", "").partition("->")
    strange = [letter for letter in f"{left}{right}" if not (letter.isascii() and letter.isalpha()) and letter != ","]
    if strange or "," in right:
        raise _refused(
            text, f"takes letters, with `,` between operands and `->` before the result, not `{(strange or [','])[0]}`"
        )
    operands = tuple(left.split(","))
    if not arrow:
        right = "".join(letter for letter in sorted(set(left) - {","}) if left.count(letter) == 1)
    if len(operands) > _MOST:
        raise _refused(text, f"has {len(operands)} operands, and takes at most {_MOST}")
    for letter in right:
        if letter not in left:
            raise _refused(text, f"has the letter `{letter}` in its result, which stands in no operand")
        if right.count(letter) > 1:
            raise _refused(text, f"has the letter `{letter}` twice in its result")
    for term in (*operands, right):
        if len(term) > 2:
            raise _refused(
                text, f"has an array with {len(term)} letters, `{term}`: there are vectors and matrices only"
            )
    return Subscripts(operands, right)


def _refused(text: str, what: str) -> Refused:
    return Refused(f'`einsum("{text}", …)` {what}', remedy=_REMEDY)


def sizes_of(text: str, shapes: Sequence[Shape]) -> dict[str, int | None]:
    """How far each letter goes; None where that is not known. Raises Refused."""
    sizes: dict[str, int | None] = {}
    operands = subscripts_of(text).operands
    if len(operands) != len(shapes):
        raise _refused(text, f"has letters for {len(operands)} operands, and is given {len(shapes)}")
    for term, shape in zip(operands, shapes, strict=True):
        if len(term) != len(shape):
            letters = f"`{term}`" if term else "no letter"
            raise _refused(text, f"has {letters} for {shape_text(shape)}: a letter for each axis")
        for letter, size in zip(term, shape, strict=True):
            known = sizes.setdefault(letter, size)
            if None not in (known, size) and known != size:
                raise _refused(text, f"has `{letter}` go to {known} and to {size}, in {listed(shapes)}")
            sizes[letter] = size if known is None else known
    return sizes


def shape_rule(text: str) -> Rule:
    """The shape of the result."""

    def rule(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
        sizes = sizes_of(text, shapes)
        return tuple(sizes[letter] for letter in subscripts_of(text).result)

    return rule


@cache
def einsum(text: str) -> ArrayPrimitive:
    """The row of a text; where the text makes no sense, its shape and its kernel say so."""
    count = text.count(",") + 1
    cancels = (lambda s: _received(text, s, True)) if count > 2 else False
    return plain(
        f"{EINSUM}{text}", "sum of products by subscripts", _samples(text), kernel="einsum", precise="einsum",
        settings=(text,),
        rounding="einsum", terms="einsum", shape=shape_rule(text), counts=(count, count),
        vjp=lambda s: _received(text, s), jvp=_tangents(text, count),
        bilinear=count == 2, cancels=cancels,
    )  # fmt: skip


def _samples(text: str) -> tuple[tuple[Any, ...], ...]:
    """Operands that fit; none where the text makes no sense."""
    try:
        terms = subscripts_of(text).operands
    except Refused:
        return ()
    sizes = {letter: 2 + place % 2 for place, letter in enumerate(dict.fromkeys("".join(terms)))}

    def array(term: str, start: float) -> Any:
        rows, *columns = [range(sizes[letter]) for letter in term] or [range(0)]
        if not columns:
            return [start + row for row in rows] if term else start
        return [[start + row - column for column in columns[0]] for row in rows]

    return (tuple(array(term, place - 1.5) for place, term in enumerate(terms)),)


def _call(terms: Sequence[str], result: str, operands: Sequence[str]) -> str:
    return f'einsum("{",".join(terms)}->{result}", {", ".join(operands)})'


def _tangents(text: str, count: int) -> tuple[str, ...]:
    letters = _LETTERS[:count]
    return tuple(
        f'einsum("{text}", {", ".join(f"d{other}" if other == letter else other for other in letters)})'
        for letter in letters
    )


def _received(text: str, s: Shapes, absolute: bool = False) -> tuple[str, ...]:
    """What each operand receives; or that with the absolute values of the others."""
    terms, result = subscripts_of(text)
    received = []
    for place, (own, shape) in enumerate(zip(terms, s, strict=True)):
        others = [other for other in range(len(terms)) if other != place]
        names = [f"abs({_LETTERS[other]})" if absolute else _LETTERS[other] for other in others]
        given = [result, *(terms[other] for other in others)]
        reached = "".join(letter for letter in dict.fromkeys(own) if any(letter in term for term in given))
        sums = "g" if given == [reached] else _call(given, reached, ["g", *names])
        received.append(_spread(sums, own, reached, shape, _LETTERS[place]))
    return tuple(received)


def _spread(sums: str, own: str, reached: str, shape: tuple[int, ...], operand: str) -> str:
    """What was summed to the letters that an operand shares, in its shape: on a diagonal, or repeated."""
    if own == reached:
        return sums
    if len(own) == 2 and own[0] == own[1]:
        return f"diag({sums})" if reached else f"{sums} * eye({shape[0]})"
    if reached and own[0] == reached:
        return f"expand(reshape({sums}, {shape[0]}, 1), {operand})"
    return f"expand({sums}, {operand})"
