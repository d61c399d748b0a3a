"""Expressions as statements of C: operations on arrays as loops over elements, and as calls of helpers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adcli.emit.c_expressions import Expressions
from adcli.emit.c_kernels import PREFIX
from adcli.emit.c_needs import LANGUAGE
from adcli.emit.c_numbers import ZERO, constant, is_condition, literal, primitive_of, spelling_of
from adcli.emit.c_places import Array, Shape, elements_of, index_text, lengths_along, place_text
from adcli.emit.infix import place_in_row, spelled
from adcli.emit.lines import AT, COUNT, NOWHERE, Definition
from adcli.emit.refused import no_spelling
from adcli.rules.einsum import sizes_of, subscripts_of
from adcli.rules.facts import Notation
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.spellings.c import Along, Joined, Repeated, Sized, Summed
from adcli.syntax import nodes


class Operations(Expressions):
    """Expressions, with the statements that compute what is in them."""

    def number(self, tree: nodes.Expression) -> str:
        """An expression of numbers; statements that it needs are written before."""
        return spelled(self._hoisted(self.settled(tree)), self._dialect)

    def array(self, tree: nodes.Expression) -> Array:
        """An expression as an array, which may have a single element; statements that it needs are written before."""
        shape = self.shape(tree)
        known = self._constants(tree)
        if known is not None:
            return Array(self._needs.table(known), shape)
        if isinstance(tree, nodes.Name) and shape:
            return Array(self._name(tree.name), shape)
        if isinstance(tree, nodes.Apply) and tree.function == AT and shape:
            row, *place = tree.operands
            at = place_in_row(place, self._dialect)
            offset = f"{elements_of(shape)} * {f'({at})' if ' ' in at else at}"
            return Array(f"({spelled(row, self._dialect)} + {offset})", shape)
        if not shape:
            text = self._temporary()
            self.say(f"const double {text}[1] = {{{self.number(tree)}}};")
            return Array(text, shape)
        target = Array(self._allocated(self._temporary(), shape), shape)
        self._into(target, tree)
        return target

    def _hoisted(self, tree: nodes.Expression) -> nodes.Expression:
        """An expression of numbers in which what operations on arrays give has names: those are written before."""
        if not isinstance(tree, nodes.Apply):
            return tree
        primitive = primitive_of(tree)
        if primitive is None or primitive.elementwise:
            return tree._replace(operands=tuple(self._hoisted(operand) for operand in tree.operands))
        return self._result(tree, primitive)

    def _result(self, tree: nodes.Apply, primitive: Primitive) -> nodes.Expression:
        """The number that an operation on arrays gives, as a name."""
        if primitive.notation is Notation.PART:
            array = self.array(tree.operands[0])
            start, _ = self._part(array.shape, tree.function[1:-1], tree.operands[1:])
            return self._named(f"{array.text}[{start}]", array.text)
        text = self._temporary()
        self.say(f"double {text};")
        self._apply(Array(f"&{text}", ()), tree, primitive)
        return self._named(text)

    # What is put into an array

    def _into(self, target: Array, tree: nodes.Expression) -> None:
        """Write what puts an expression into an array."""
        primitive = primitive_of(tree) if isinstance(tree, nodes.Apply) else None
        if isinstance(tree, nodes.Apply) and primitive is not None and not primitive.elementwise:
            self._apply(target, tree, primitive)
        else:
            self._each(target, tree)

    def _apply(self, target: Array, tree: nodes.Apply, primitive: Primitive) -> None:
        assert isinstance(primitive, ArrayPrimitive)
        if primitive.notation is Notation.PART:
            self._take(target, tree)
            return
        spelling = spelling_of(primitive)
        match spelling:
            case Joined():
                self._join(target, tree.operands)
            case Repeated():
                self._each(target, tree.operands[0])
            case Along(helper, goes_last, rooms):
                axis = primitive.settings[0] if primitive.settings else -1 if goes_last else None
                arrays = [self.array(operand) for operand in tree.operands]
                texts = [
                    target.text,
                    *(array.text for array in arrays),
                    *map(str, lengths_along(arrays[0].shape, axis)),
                ]
                self._called(helper, texts + self._rooms(rooms * arrays[0].size))
            case Sized(helper, known_sizes, count, room, defaults):
                own = [self.shape(operand) for operand in tree.operands]
                missing = [literal(value) for value in defaults[: len(defaults) + 2 - len(own)]]
                arrays = [self.array(operand) for operand in (*tree.operands[:count], *missing)]
                texts = [target.text, *(array.text for array in arrays), *map(str, known_sizes(own, target.shape))]
                self._called(helper, texts + self._rooms(room(own) if room else 0))
            case Summed():
                self._sum(target, tree, primitive.settings[0])
            case _:
                raise no_spelling(LANGUAGE, primitive)

    def room_for(self, size: int) -> str:
        """What points to room for so many numbers; 0 for none."""
        return self._rooms(size)[0] if size else "0"

    def _rooms(self, size: int) -> list[str]:
        """The room of a helper that needs some."""
        return [self._allocated(self._temporary(), (size,))] if size else []

    def _sum(self, target: Array, tree: nodes.Apply, text: str) -> None:
        """The sum of products by their subscripts: a loop for each letter, those of the result first."""
        arrays = [self.array(operand) for operand in tree.operands]
        sizes = sizes_of(text, [array.shape for array in arrays])
        letters = subscripts_of(text)

        def element(array: Array, own: str) -> str:
            widths = [elements_of(array.shape[place + 1 :]) for place in range(len(own))]
            terms = [f"{PREFIX}{letter} * {width}" for letter, width in zip(own, widths, strict=True)]
            return f"{array.text}[{' + '.join(terms) or '0'}]"

        result = Array(f"({target.text})" if target.text[0] == "&" else target.text, target.shape)
        self._called("ad_zeros", [target.text, str(target.size)])
        self._used.update(array.text for array in arrays)
        order = [*letters.result, *(letter for letter in sizes if letter not in letters.result)]
        for depth, letter in enumerate(order):
            index = f"{PREFIX}{letter}"
            self.say(f"for (int {index} = 0; {index} < {sizes[letter]}; ++{index})", deeper=depth)
        product = " * ".join(element(array, own) for array, own in zip(arrays, letters.operands, strict=True))
        self.say(f"{element(result, letters.result)} += {product};", deeper=len(order))

    def _join(self, target: Array, operands: Sequence[nodes.Expression]) -> None:
        """One after another."""
        start = 0
        for operand in operands:
            if self.shape(operand):
                array = self.array(operand)
                self._called("ad_copy", [f"{target.text} + {start}", array.text, str(array.size)])
                start += array.size
            else:
                self.say(f"{target.text}[{start}] = {self.number(operand)};")
                start += 1

    def _each(self, target: Array, tree: nodes.Expression) -> None:
        """Element by element."""
        text = spelled(self._element(tree, target.shape), self._dialect)
        self._loop(target.shape, [f"{target.text}[{place_text(target.shape, target.shape)}] = {text};"])

    def _loop(self, sizes: Sequence[int], body: Sequence[str]) -> None:
        for depth, (size, index) in enumerate(zip(sizes, "ij", strict=False)):
            self.say(f"for (int {index} = 0; {index} < {size}; ++{index})", deeper=depth)
        self.say(*body, deeper=len(sizes))

    def _element(self, tree: nodes.Expression, shape: Shape) -> nodes.Expression:
        """An expression as that of its element at i, or at i and j."""
        own = self.shape(tree)
        if not own:
            return self._scalar(tree)
        primitive = primitive_of(tree) if isinstance(tree, nodes.Apply) else None
        is_operation = isinstance(tree, nodes.Apply) and tree.function not in ("[]", AT)
        if isinstance(tree, nodes.Apply) and is_operation and (primitive is None or primitive.elementwise):
            return tree._replace(operands=tuple(self._element(operand, shape) for operand in tree.operands))
        array = self.array(tree)
        return self._named(f"{array.text}[{place_text(own, shape)}]", array.text)

    def _scalar(self, tree: nodes.Expression) -> nodes.Expression:
        """A number in a loop: what is more than a name or a literal is computed before it."""
        ready = self._hoisted(self.settled(tree))
        if not isinstance(ready, nodes.Apply) or constant(ready) is not None or is_condition(ready):
            return ready
        text = self._temporary()
        self.say(f"const double {text} = {spelled(ready, self._dialect)};")
        return self._named(text)

    # Parts of arrays

    def _part(
        self, shape: Shape, pattern: str, bounds: Sequence[nodes.Expression]
    ) -> tuple[str, list[tuple[int, int | str]]]:
        """Where a part begins, and of each axis that it keeps the number of elements and the step between them."""
        rest = iter(bounds)
        known = [0]  # in the passes of a loop, or in all
        texts: list[str] = []
        axes: list[tuple[int, int | str]] = []
        parts = [*pattern.split(","), *[":"] * (len(shape) - pattern.count(",") - 1)]
        for place, (part, size) in enumerate(zip(parts, shape, strict=True)):
            width = elements_of(shape[place + 1 :])
            if part == ".":
                bound = next(rest)
                numbers = self._whole_numbers(bound)
                if numbers is None:
                    text = f"ad_place({self.number(bound)}, {size})"
                    texts.append(text if width == 1 else f"{text} * {width}")
                else:
                    known = _sums(known, [number % size * width for number in numbers])
                continue
            ends = [self._whole_numbers(next(rest)) if text else [None] for text in [*part.split(":"), ""][:3]]
            slices = [slice(*own).indices(size) for own in _side_by_side(ends, pattern)]
            known = _sums(known, [start * width for start, _, _ in slices])
            axes.append((len(range(*slices[0])), self._whole_text([step * width for _, _, step in slices])))
        start_text = self._whole_text(known)
        start = " + ".join([*texts, *([str(start_text)] if start_text or not texts else [])])
        return start, axes

    def _whole_numbers(self, tree: nodes.Expression) -> list[int] | None:
        """The number that an expression is, or those that it is in the passes of a loop; None where inputs move it."""
        numbers = self.over_passes(tree)
        value = constant(self.settled(tree)) if numbers is None else None
        found = numbers if value is None else (value,)
        return None if found is None else [int(number) for number in found]

    def _whole_text(self, numbers: Sequence[int]) -> int | str:
        """A whole number, or that of each pass."""
        if len(set(numbers)) == 1:
            return numbers[0]
        tree = self._of_passes(tuple(map(float, numbers)))
        assert isinstance(tree, nodes.Apply)
        if tree.function != COUNT:
            return f"(int){spelled(tree, self._dialect)}"
        counter, *_ = tree.operands
        place = [str(numbers[0]), str(numbers[1] - numbers[0])]
        first, stride = (nodes.Number(text, NOWHERE) for text in place)
        return place_in_row([first, counter, stride], self._dialect)

    def _take(self, target: Array, tree: nodes.Apply) -> None:
        """A part of an array."""
        array = self.array(tree.operands[0])
        start, axes = self._part(array.shape, tree.function[1:-1], tree.operands[1:])
        self._used.add(array.text)
        source = f"{array.text}[{index_text([step for _, step in axes], start)}]"
        own = index_text([elements_of(target.shape[place + 1 :]) for place in range(len(axes))], "0")
        self._loop([count for count, _ in axes], [f"{target.text}[{own}] = {source};"])

    def _put(self, target: Array, pattern: str, operands: Sequence[nodes.Expression]) -> None:
        """Put a value into a part of an array."""
        value, *bounds = operands
        start, axes = self._part(target.shape, pattern, bounds)
        room = tuple(count for count, _ in axes)
        if self.shape(value):
            array = self.array(value)
            self._used.add(array.text)
            text = f"{array.text}[{place_text(array.shape, room)}]"
        else:
            text = spelled(self._scalar(value), self._dialect) if room else self.number(value)
        place = index_text([step for _, step in axes], start)
        self._loop(room, [f"{target.text}[{place}] = {text};"])


def _sums(numbers: Sequence[int], others: Sequence[int]) -> list[int]:
    """The sums of numbers of each pass; one alone is that of all."""
    count = max(len(numbers), len(others))
    return [numbers[turn % len(numbers)] + others[turn % len(others)] for turn in range(count)]


def _side_by_side(ends: Sequence[Sequence[int | None] | None], pattern: str) -> Iterator[tuple[int | None, ...]]:
    """The bounds of a part in each pass."""
    known = [end for end in ends if end is not None]
    if len(known) < len(ends):
        raise no_spelling(LANGUAGE, Definition(f"[{pattern}]", ZERO))
    for turn in range(max(map(len, known))):
        yield tuple(end[turn % len(end)] for end in known)
