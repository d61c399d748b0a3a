"""The engine's texts in C: interpreters of instructions on numbers, made of the rows of the table.

An instruction is some integers: which operation, the slot of its result, and those of its operands. There is one for
the value of each row, one of the sweep for each row and each choice of operands that are active, and two of tangents
(`moving.py`), which have a library of their own, as they take as long to compile as all others. Each does the same
operations in the same order as the row's Python, so that it gives the same bits; where the row's own formula has no
finite number, the caller sees it in the results, and asks those that know what an edge is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress

from adcli.emit.c import c_file
from adcli.emit.c_lines import c_expression
from adcli.emit.c_needs import Needs
from adcli.emit.lines import NOWHERE
from adcli.errors import AdError
from adcli.native.instructions import (
    BLOCK,
    COMPARISONS,
    DIRECTIONS,
    Row,
    choices,
    comparison_code,
    operand_lines,
    text_of,
)
from adcli.native.moving import Moving, backward_case, forward_case, moving_texts
from adcli.records import NamedTuple
from adcli.resources import resource_text
from adcli.rules.formulas import formula_tree, times
from adcli.rules.primitive import Primitive
from adcli.rules.shapes import Refused
from adcli.rules.table import CONDITIONS, COPY, PRIMITIVES
from adcli.syntax import nodes
from adcli.tape.describe import function_text

POWERS = range(-342, 325)  # of ten: what the numbers that are read and written come to
_MOST_OPERANDS = 3  # of those that take any number
_MARK = "/* {} */"
_ALL = (COPY, *CONDITIONS.values(), *PRIMITIVES.values())


class _Written(NamedTuple):
    """A row with its texts: of its value, and of what each operand receives."""

    row: Row
    value: str
    terms: Sequence[str]


class _Moved(NamedTuple):
    """A row with its texts of tangents, by the choice of operands."""

    row: Row
    moving: Sequence[Moving]


def engine_text() -> str:
    """The text of the engine, in C99. To be compiled with `-ffp-contract=off`."""
    needs = Needs()
    written = [text for primitive in _ALL for text in _written(primitive, needs)]
    inserted = {"ROWS": f'"{text_of(text.row for text in written)}"', "COMPARISONS": "\n".join(_comparisons())}
    for width in (1, BLOCK):
        inserted[f"VALUES OF {width}"] = "\n".join(_values(written, width))
        inserted[f"ADJOINTS OF {width}"] = "\n".join(_adjoints(written, width))
    return c_file([resource_text("native", "line.c"), _filled("engine.c", inserted), _numbers_as_text()], needs)


def products_text() -> str:
    """The text of what gives products with Hessians; the same holds for it."""
    needs = Needs()
    moved = [text for primitive in _ALL for text in _moved(primitive, needs)]
    inserted = {
        "ROWS": f'"{text_of(text.row for text in moved)}"', "DIRECTIONS": str(DIRECTIONS),
        "TANGENTS": "\n".join(_forward(moved)), "MOVED ADJOINTS": "\n".join(_backward(moved)),
    }  # fmt: skip
    return c_file([resource_text("native", "line.c"), _filled("products.c", inserted)], needs)


def _filled(name: str, inserted: Mapping[str, str]) -> str:
    """The text of a file with what belongs at its marks."""
    text = resource_text("native", name)
    for mark, lines in inserted.items():
        text = text.replace(_MARK.format(mark), lines)
    return text


def _numbers_as_text() -> str:
    """What reads and writes numbers, with its table of powers."""
    halves = (divmod(leading_bits(power), 2**64) for power in POWERS)
    powers = ",\n".join(f"{{{high:#x}, {low:#x}}}" for high, low in halves)
    return _filled("text.c", {"LEAST POWER": str(POWERS.start), "POWERS": powers})


def leading_bits(power: int) -> int:
    """The first 128 bits of a power of ten, rounded up."""
    ten = 10 ** abs(power)
    over, under = (1 << 127 + ten.bit_length(), ten) if power < 0 else (ten << 128, 1 << ten.bit_length())
    rounded_up: int = -(-over // under)
    return rounded_up


def _written(primitive: Primitive, needs: Needs) -> Iterator[_Written]:
    """The row with each number of operands, where C has its functions."""
    for count in _counts(primitive):
        letters = {letter: f"{letter}[i]" for letter in primitive.letters(count)}
        operands = tuple(nodes.Name(letter, NOWHERE) for letter in letters)
        tree = operands[0] if primitive is COPY else nodes.Apply(function_text(primitive), operands, NOWHERE)
        letters |= {"v": "v[i]", "g": "g[i]"}
        try:
            value = c_expression(tree, letters, needs)
        except AdError:
            continue
        try:
            formulas = [formula_tree(times(partial, "g")) for partial in primitive.formulas(count)]
            terms = [c_expression(formula, letters, needs) for formula in formulas]
        except (AdError, Refused):
            terms = []
        yield _Written(Row(primitive.name, count, bool(terms)), value, terms)


def _moved(primitive: Primitive, needs: Needs) -> Iterator[_Moved]:
    """The same with its tangents, where the engine sweeps it."""
    for row, _, terms in _written(primitive, Needs()):
        moving = moving_texts(primitive, row.arity, needs) if terms else []
        if moving:
            yield _Moved(row, moving)


def _counts(primitive: Primitive) -> Sequence[int]:
    """The numbers of operands that a row may have; none for what is no operation on numbers."""
    if not primitive.elementwise:
        return ()
    return range(2, _MOST_OPERANDS + 1) if primitive.variadic else (primitive.arity,)


def _comparisons() -> Iterator[str]:
    for comparison in COMPARISONS:
        for holds in (False, True):
            code = comparison_code(comparison, holds)
            yield f"case {code}: return {'' if holds else '!'}(a {comparison} b);"


def _values(written: Sequence[_Written], width: int) -> Iterator[str]:
    """The instructions of values, of so many rows at once."""
    for code, (row, value, _) in enumerate(written):
        yield from _case(code, row, _value_case(row, value, width))


def _value_case(row: Row, value: str, width: int) -> Iterator[str]:
    yield f"double *restrict v = values + (size_t)at[1] * {width};"
    yield from operand_lines(_letters(row), value, 2, width=width)
    yield f"for (int i = 0; i < {width}; ++i) v[i] = {value};"


def _adjoints(written: Sequence[_Written], width: int) -> Iterator[str]:
    """The instructions of the sweep."""
    each = ((row, flags, terms) for row, _, terms in written if row.is_swept for flags in choices(row.arity))
    for code, (row, flags, terms) in enumerate(each):
        yield from _case(code, row, _adjoint_case(row, flags, terms, width))


def _adjoint_case(row: Row, flags: Sequence[bool], terms: Sequence[str], width: int) -> Iterator[str]:
    """What each active operand receives, all of which is computed before any of it is added."""
    active = list(compress(range(row.arity), flags))
    read = " ".join(terms[place] for place in active)
    yield f"const double *g = adjoints + (size_t)at[1] * {width};"
    yield from operand_lines(("v", *_letters(row)), read, 1, width=width)
    for place in active:
        yield f"double own{place}[{width}], *restrict t{place} = {_place(width, place)};"
    sums = " ".join(f"t{place}[i] = {terms[place]};" for place in active)
    yield f"for (int i = 0; i < {width}; ++i) {{ {sums} }}"
    yield from (f"add_{width}(adjoints, at[{place + 2}], t{place});" for place in active)


def _place(width: int, place: int) -> str:
    """Where the contribution to an operand is computed."""
    return f"own{place}" if width == 1 else f"place_{width}(adjoints, at[{place + 2}], own{place})"


def _forward(moved: Sequence[_Moved]) -> Iterator[str]:
    """The instructions of tangents."""
    for code, (row, moving) in enumerate((row, moving) for row, all_moving in moved for moving in all_moving):
        yield from _case(code, row, forward_case(_letters(row), moving.forward))


def _backward(moved: Sequence[_Moved]) -> Iterator[str]:
    """The instructions of the sweep of adjoints with their tangents."""
    each = (
        (row, flags, moving)
        for row, all_moving in moved
        for flags, moving in zip(choices(row.arity), all_moving, strict=True)
    )
    for code, (row, flags, moving) in enumerate(each):
        yield from _case(code, row, backward_case(_letters(row), flags, moving.backward))


def _case(code: int, row: Row, lines: Iterable[str]) -> Iterator[str]:
    yield f"case {code}: {{"
    yield from lines
    yield f"at += {row.arity + 2}; break; }}"


def _letters(row: Row) -> Sequence[str]:
    return row.primitive.letters(row.arity)
