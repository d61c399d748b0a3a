"""A program as plain data, and back: what a file can keep.

A program is a web of named tuples: its code, and what it was written as, which is its tree and its functions. The web
becomes one list of its parts, in which each stands behind those that it is made of, and names them by their places in
the list. Parts of one kind that are made of none of each other are written together, as columns of such places: many
are made at once. What consists of numbers and texts alone is no web, and is kept as it is.

The list has two chapters. A run needs the first one, with the code. The other one, with most of the tree, stays bytes
until somebody asks what was written: a message, `lint`, a listing.
"""

from __future__ import annotations

import gc
import marshal
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import chain
from types import MappingProxyType
from typing import Any, TypeAlias

from adcli.program import code, functions, program
from adcli.program.code import BasicBlock
from adcli.program.later import Later
from adcli.program.program import Program
from adcli.rules.primitive import Primitive
from adcli.rules.table import row_named
from adcli.syntax import nodes
from adcli.syntax.source import Source, Span

# Plain values, and behind them groups of parts: their kind, which columns are numbers and no places, and the columns;
# or the parts one by one, where a few are made of many, all of which are numbers or none.
_Columns: TypeAlias = "tuple[int, tuple[bool, ...] | bool, list[bytes]]"
_Chapter: TypeAlias = "tuple[list[Any], list[_Columns]]"
Flat: TypeAlias = "tuple[_Chapter, bytes]"  # the second chapter is packed: few unpack it
_Group: TypeAlias = "tuple[int, int, tuple[bool, ...]]"  # the level, the kind, and which parts are numbers
_Form: TypeAlias = "tuple[int, tuple[Any, ...]]"  # the kind of a part, and what it is made of


class CannotBeKept(Exception):  # noqa: N818
    """Something in a program is of no kind that is known here."""


def flattened(value: Program) -> Flat:
    """A program as plain data; raises CannotBeKept."""
    web = _Web(value.source)
    *run, written = value
    with _no_search_for_garbage():
        return web.chapter(tuple(run)), zlib.compress(marshal.dumps(web.chapter(written.value)), 1)


def restored(flat: Flat, source: Source) -> Program:
    """The program of what `flattened` has made of it, with its text."""
    chapter, later = flat
    known: list[Any] = [source]
    run = _made(chapter, known)
    return Program._make((*run, Later(lambda: _made(marshal.loads(zlib.decompress(later)), known.copy()))))


def _made(chapter: _Chapter, parts: list[Any]) -> Any:
    """The last part of a chapter, all parts of which are put behind those that are known."""
    plain, groups = chapter
    parts += plain
    part = parts.__getitem__
    with _no_search_for_garbage():
        for kind, counts, columns in groups:
            places = [memoryview(column).cast("I") for column in columns]
            if isinstance(counts, bool):
                parts += [_MAKERS[kind](tuple(row if counts else map(part, row))) for row in places]
                continue
            rows = [column if own else map(part, column) for column, own in zip(places, counts, strict=True)]
            parts += list(map(_MAKERS[kind], zip(*rows, strict=True) if rows else [()]))
    return parts[-1]


@contextmanager
def _no_search_for_garbage() -> Iterator[None]:
    """Of many parts that are made, all of which stay, it would find none, again and again."""
    searched = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searched:
            gc.enable()


def _block(parts: tuple[Any, ...]) -> BasicBlock:
    """A block; `on_numbers` tells for each row whether its function is the one of numbers alone."""
    rows, on_numbers, operands, targets, order, names, places, *others = parts
    functions = [row.value if plain else row.function for row, plain in zip(rows, on_numbers, strict=True)]
    steps = list(zip(functions, operands, targets, strict=True))
    numbers = memoryview(order).cast("I")
    in_order = tuple(map(steps.__getitem__, numbers)), tuple(map(rows.__getitem__, numbers))
    return BasicBlock(*in_order, names, Later(partial(_spans, places)), *others)


def _spans(places: bytes) -> tuple[Span, ...]:
    """The spans of which all starts are written, and then all ends."""
    numbers = memoryview(places).cast("I")
    return tuple(map(_new_span, zip(numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :], strict=True)))


def _parts_of_block(block: BasicBlock) -> tuple[Any, ...]:
    """What a block is made of: rows, each once, however often it stands there; their order; and the rest."""
    numbers: dict[Any, int] = {}
    steps, rows, order = list[Any](), list[Primitive](), array("I")
    for step, row in zip(block.steps, block.operations, strict=True):
        number = numbers.setdefault((step, id(row)), len(steps))
        if number == len(steps):
            steps.append(step)
            rows.append(row)
        order.append(number)
    on_numbers = tuple([step[0] is row.value for step, row in zip(steps, rows, strict=True)])
    for step, row, plain in zip(steps, rows, on_numbers, strict=True):
        if not plain and step[0] is not row.function:
            raise CannotBeKept(row.name)
    _, operands, targets = zip(*steps, strict=True) if steps else ((), (), ())
    places = array("I", chain.from_iterable(zip(*block.spans, strict=True)))
    own = tuple(rows), on_numbers, operands, targets, order.tobytes()
    return *own, block.names, places.tobytes(), block.end, block.numbers


def _named_tuples(*modules: Any) -> list[type]:
    """The named tuples that modules define, in their order."""
    return [
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, tuple) and kind.__module__ == module.__name__
    ]


_PLAIN = frozenset({str, bytes, int, float, bool, type(None)})
_LEAVES = _PLAIN | {Span}  # half of all parts are spans, which are made of numbers alone
_MOST = 2**32  # of the numbers in a column, which has four bytes for each: `I`
_new_span: Callable[[Iterable[int]], Span] = partial(tuple.__new__, Span)
_CLASSES = (Span, *_named_tuples(nodes, code, functions, program))
_MAKERS: tuple[Callable[[tuple[Any, ...]], Any], ...] = (
    *(partial(tuple.__new__, kind) for kind in _CLASSES),
    tuple,
    lambda parts: dict(zip(parts[::2], parts[1::2], strict=True)),
    frozenset,
    lambda parts: row_named(*parts),
    _block,
)
_TUPLE, _MAPPING, _SET, _ROW, _BLOCK = range(len(_CLASSES), len(_MAKERS))
_KINDS: Mapping[type, int] = {
    **{kind: number for number, kind in enumerate(_CLASSES)},
    **{tuple: _TUPLE, dict: _MAPPING, MappingProxyType: _MAPPING, frozenset: _SET, BasicBlock: _BLOCK},
}
_SPAN = _KINDS[Span]
_SPANS = (1, _SPAN, (True, True))  # the group of nearly all
_ALIKE = frozenset({_TUPLE, _SET, _ROW})  # kinds of which equal parts may be one, as spans: nodes and mappings not


class _Web:
    """The parts of a program, as they are found.

    A part has a number from 0 on. What is plain has one below 0, and so has the text, which is not kept: -1.
    """

    def __init__(self, source: Source) -> None:
        self._plain: dict[tuple[type, Any], int] = {}  # the number of each plain value
        self._new_plain: list[Any] = []  # those of this chapter
        self._numbers = {id(source): -1}  # of the other ones; all of them stay while this does
        self._parts: list[tuple[int, ...]] = []  # of each part what it is made of
        self._levels: list[int] = []
        self._groups: dict[_Group, list[int]] = {}  # the parts of each, of this chapter
        self._places = {-1: 0}  # in the list
        self._alike: dict[tuple[_Group, tuple[int, ...]], int] = {}
        self._spans: dict[Span, int] = {}
        self._made_here: list[Any] = []  # which has to stay as well, lest another value get its identity

    def chapter(self, value: Any) -> _Chapter:
        """All that a value is made of and earlier chapters have not, and it itself as the last part."""
        self._made_here.append(value)
        self._take(value)
        plain, groups = self._new_plain, sorted(self._groups.items(), key=lambda item: item[0])
        self._new_plain, self._groups = [], {}
        places = self._places
        behind = len(places)
        first = len(plain) - len(self._plain) - 2
        places.update((first - place, behind + place) for place in range(len(plain)))
        order = chain.from_iterable(numbers for _, numbers in groups)
        places.update((number, place) for place, number in enumerate(order, len(places)))
        return plain, [self._columns(*group) for group in groups]

    def _columns(self, group: _Group, numbers: list[int]) -> _Columns:
        """The kind of a group, which columns are numbers themselves, and all columns."""
        _, kind, counts = group
        place = self._places.__getitem__
        rows = list(map(self._parts.__getitem__, numbers))
        if len(numbers) < len(counts) and len(set(counts)) == 1:
            return kind, counts[0], [array("I", row if counts[0] else map(place, row)).tobytes() for row in rows]
        pairs = zip(zip(*rows, strict=True), counts, strict=True)
        return kind, counts, [array("I", column if own else map(place, column)).tobytes() for column, own in pairs]

    def _take(self, value: Any) -> None:
        """Number all that a value is made of, and then itself."""
        numbers, todo = self._numbers, [value]
        under_way: dict[int, _Form] = {}
        while todo:
            item = todo.pop()
            place = id(item)
            if place in numbers:
                continue
            if type(item) is tuple and _is_plain(item):
                numbers[place] = self._plain_number((tuple, place), item)
                continue
            form = under_way.pop(place, None)
            if form is None:
                form = _form_of(item)
                missing = [part for part in form[1] if type(part) not in _LEAVES and id(part) not in numbers]
                if missing:
                    under_way[place] = form
                    todo += [item, *missing]
                    continue
            if form[0] == _BLOCK:
                self._made_here.append(form)
            numbers[place] = self._number(*form)

    def _plain_number(self, key: tuple[type, Any], value: Any) -> int:
        number = self._plain.get(key)
        if number is None:
            number = self._plain[key] = -2 - len(self._plain)
            self._new_plain.append(value)
        return number

    def _number(self, kind: int, parts: tuple[Any, ...]) -> int:
        places, counts, level = [], [], 0
        numbers, levels = self._numbers, self._levels
        for part in parts:
            own, place = False, -1
            kind_of_part = type(part)
            if kind_of_part is int and 0 <= part < _MOST:
                own, place = True, part
            elif kind_of_part in _PLAIN:
                key = kind_of_part, part if kind_of_part is not float else part.hex()  # -0.0 is another one than 0.0
                place = self._plain_number(key, part)
            else:
                place = self._span(part) if kind_of_part is Span else numbers[id(part)]
                if place >= 0 and levels[place] > level:
                    level = levels[place]
            places.append(place)
            counts.append(own)
        return self._numbered((level + 1, kind, tuple(counts)), tuple(places))

    def _span(self, span: Span) -> int:
        """The number of a span, of which equal ones are one."""
        number = self._spans.get(span)
        if number is None:
            plain = 0 <= span.start < _MOST and 0 <= span.end < _MOST
            number = self._numbered(_SPANS, span) if plain else self._number(_SPAN, span)
            self._spans[span] = number
        return number

    def _numbered(self, group: _Group, places: tuple[int, ...]) -> int:
        alike = group[1] in _ALIKE or not places  # of a group without columns there is one
        number = self._alike.get((group, places)) if alike else None
        if number is None:
            number = len(self._parts)
            self._parts.append(places)
            self._levels.append(group[0])
            self._groups.setdefault(group, []).append(number)
            if alike:
                self._alike[group, places] = number
        return number


def _is_plain(item: tuple[Any, ...]) -> bool:
    """Whether a tuple is made of plain values, and of tuples of these, alone."""
    parts = list(item)
    for part in parts:
        if type(part) is tuple:
            parts += part
        elif type(part) not in _PLAIN:
            return False
    return True


def _form_of(item: Any) -> _Form:
    kind = _KINDS.get(type(item))
    if kind is None:
        return _ROW, _parts_of_row(item)
    if kind == _BLOCK:
        return kind, _parts_of_block(item)
    return kind, tuple(chain.from_iterable(item.items())) if kind == _MAPPING else tuple(item) if kind == _SET else item


def _parts_of_row(item: Any) -> tuple[Any, ...]:
    if not isinstance(item, Primitive):
        raise CannotBeKept(type(item).__name__)
    parts = (item.name, not item.elementwise)
    if row_named(*parts) is not item:
        raise CannotBeKept(item.name)
    return parts
