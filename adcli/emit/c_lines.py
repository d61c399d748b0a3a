"""Lines as statements of C: numbers as expressions, operations on arrays as loops and as calls of helpers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from adcli.emit.c_kernels import PREFIX, c_kernel, c_kernels, number, of_these, text_of_these
from adcli.emit.function import ELSEWHERE
from adcli.emit.identifiers import Identifiers
from adcli.emit.infix import AND, COMPARISONS, NOT, Dialect, spelled
from adcli.emit.kernels import NoSourceError
from adcli.emit.lines import NOWHERE, Definition, Line, Origin, Requirement, RootLine, Update
from adcli.emit.refused import no_spelling
from adcli.rules import shapes
from adcli.rules.einsum import sizes_of, subscripts_of
from adcli.rules.facts import Notation
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.spellings.c import ARRAYS, BUILTINS, MATH, Along, Counted, Joined, Repeated, Sized, Spelling, Summed
from adcli.rules.table import CONDITIONS, CONSTANTS, SELECT, primitive_named
from adcli.syntax import nodes

Shape = tuple[int, ...]
INDENT = "    "
LANGUAGE = "C"
_MOST = 100  # lines of a piece of a long function
_UNIT = "column == {} ? 1.0 : 0.0"
_CHOICES = ("where", SELECT.name)
_OWN = ("value", "gradient", "hessian", "column", "room", "i", "j")  # what functions call their own values


class Needs:
    """What the texts of a file need: kernels that they call, and tables of numbers that they read."""

    def __init__(self, write_root: Callable[[Writer, RootLine], None] | None = None) -> None:
        """Take what writes roots, where there may be any."""
        self.write_root = write_root
        self._tables: dict[tuple[float, ...], str] = {}
        self._kernels: dict[Callable[..., Any], None] = {}
        self._gathered: dict[tuple[Callable[..., Any], int], None] = {}

    def call(self, primitive: Primitive, operands: Sequence[nodes.Expression], texts: Sequence[str]) -> str:
        """An elementwise function applied to numbers; raises AdError `no-emission` where C has none."""
        value = primitive.value
        if not primitive.elementwise:
            raise no_spelling(LANGUAGE, primitive)
        arguments = f"({', '.join(texts)})"
        if value.__module__ == "math" and value.__name__ in MATH:
            return f"{MATH[value.__name__]}{arguments}"
        if value.__module__ in ("builtins", "_operator") and (value.__name__, len(texts)) in BUILTINS:
            return f"{BUILTINS[value.__name__, len(texts)]}{arguments}"
        try:
            c_kernels([value])
        except NoSourceError:
            raise no_spelling(LANGUAGE, primitive) from None
        self._kernels[value] = None
        kernel = c_kernel(value)
        if not kernel.is_variadic:
            return f"{kernel.name}{arguments}"
        self._gathered[value, len(texts)] = None
        return f"{of_these(kernel.name, len(texts))}{arguments}"

    def table(self, values: tuple[float, ...]) -> str:
        """What the table with some numbers is called."""
        return self._tables.setdefault(values, f"{PREFIX}table_{len(self._tables) + 1}")

    def definitions(self) -> Iterator[str]:
        """The definitions of the tables, of the kernels, and of all that these need."""
        kernels = c_kernels(self._kernels)
        tables: dict[str, tuple[float, ...]] = {}
        gathered = dict(self._gathered)
        for kernel in kernels:
            tables |= kernel.tables
            gathered |= dict.fromkeys(kernel.gathered)
        tables |= {name: values for values, name in self._tables.items()}
        yield from (_table_text(name, values) for name, values in tables.items())
        done: set[tuple[str, int]] = set()
        for kernel in kernels:
            if kernel.text:
                yield kernel.text
            for function, count in gathered:
                place = (c_kernel(function).name, count)
                if place[0] == kernel.name and place not in done:
                    done.add(place)
                    yield text_of_these(*place)


def _table_text(name: str, values: Sequence[float]) -> str:
    """A table of numbers, in lines of a few."""
    texts = [number(value) for value in values]
    rows = [", ".join(texts[start : start + 6]) for start in range(0, len(texts), 6)]
    return "\n".join([f"static const double {name}[{len(texts)}] = {{", *(f"{INDENT}{row}," for row in rows), "};"])


def dialect_of(name: Callable[[str], str], needs: Needs) -> Dialect:
    """How C writes expressions of numbers."""
    return Dialect(
        number=number, constants={constant: number(value) for constant, value in CONSTANTS.items()},
        name=name, call=needs.call,
        choice=lambda condition, yes, no: f"{condition} ? {yes} : {no}",
        operators={"and": "&&", "or": "||", "not": "!"}, not_level=NOT, operand_of_or=AND + 1,
    )  # fmt: skip


def c_expression(tree: nodes.Expression, names: Mapping[str, str], needs: Needs | None = None) -> str:
    """An expression of numbers in C, such as the formula of a partial, with names as the mapping calls them.

    Raises AdError `no-emission` where C has none of its functions.
    """
    known = Needs() if needs is None else needs
    settled = Writer({}, Identifiers(()), known).settled(tree)
    return spelled(settled, dialect_of(lambda name: names.get(name, name), known))


def constant(tree: nodes.Expression) -> float | None:
    """The value of a literal, or of an operation of numbers on literals; None of any other expression."""
    if not isinstance(tree, nodes.Apply):
        return _literal_value(tree)
    values = [_literal_value(operand) for operand in tree.operands]
    primitive = _primitive(tree)
    if primitive is None or not primitive.elementwise or None in values:
        return None
    try:
        return float(primitive.value(*values))
    except (ArithmeticError, ValueError):
        return None


def _literal_value(tree: nodes.Expression) -> float | None:
    """The value of a number, which may have a sign."""
    sign = 1.0
    if isinstance(tree, nodes.Apply) and tree.function == "-" and len(tree.operands) == 1:
        sign, tree = -1.0, tree.operands[0]
    if isinstance(tree, nodes.Number):
        return sign * float(tree.text)
    return sign * CONSTANTS[tree.name] if isinstance(tree, nodes.Name) and tree.name in CONSTANTS else None


def literal(value: float) -> nodes.Expression:
    """A number as a tree; its sign is an operation."""
    if value != value:
        return nodes.Apply("-", (nodes.Name("inf", NOWHERE), nodes.Name("inf", NOWHERE)), NOWHERE)
    text = number(abs(value))
    tree: nodes.Expression = (
        nodes.Name("inf", NOWHERE) if text == "INFINITY" else nodes.Number(repr(abs(value)), NOWHERE)
    )
    return nodes.Apply("-", (tree,), NOWHERE) if text != number(value) else tree


class Array(NamedTuple):
    """An array in C: what points to it, and its sizes."""

    text: str
    shape: Shape

    @property
    def size(self) -> int:
        """How many elements it has."""
        return shapes_size(self.shape)


def shapes_size(shape: Shape) -> int:
    """How many elements an array of a shape has."""
    size = 1
    for count in shape:
        size *= count
    return size


class Piece(NamedTuple):
    """How a part of a long function is called: its name, and what it is given.

    Attributes:
        name: without the number of the part
        arguments: the names of the inputs in C
    """

    name: str
    arguments: Sequence[str]


class Writer:
    """Writes the lines of one branch, and notes what they need.

    A compiler takes the square of the time for twice as long a function. So a long one is cut into pieces, and all that
    has a name stands in the room then.
    """

    def __init__(
        self, known: Mapping[str, Shape], names: Identifiers, needs: Needs, piece: Piece | None = None
    ) -> None:
        """Take the shapes of all that has a name, what names are called in C, and what the file needs.

        Of a long function also how its pieces are called.
        """
        self.room = 0
        self.pieces: list[tuple[str, list[str]]] = []
        self._piece = piece
        self._needs = needs
        self._names = names
        self._shapes = known
        self._values: dict[str, float] = {}  # of names that no input moves
        self._texts: dict[str, str] = {}  # what names stand for that are called otherwise
        self._used: set[str] = set()
        self._defined: dict[str, int] = {}
        self._temporaries = 0
        self._dialect = dialect_of(self._name, needs)
        self._lines: list[str] = []
        self._indent = INDENT
        self._origin = ""

    # What is written

    def write(self, lines: Iterable[Line]) -> None:
        """Write lines as statements."""
        start = len(self._lines)
        for line in lines:
            self._line(line)
            if self._piece and len(self._lines) - start > _MOST:
                self._cut(self._piece, start)
                start = len(self._lines)

    def _cut(self, piece: Piece, start: int) -> None:
        """Make a function of the last statements, and call it."""
        name = f"{piece.name}_part_{len(self.pieces) + 1}"
        depth = len(self._indent) - len(INDENT)
        self.pieces.append((name, [text[depth:] for text in self._lines[start:]]))
        self._lines[start:] = []
        origin, self._origin = self._origin, ""  # which belongs to what comes
        self.ask(f"{name}({', '.join([*piece.arguments, 'room'])})")
        self._origin = origin

    def ask(self, call: str, *before: str) -> None:
        """Write a call that gives a status, behind what it needs: where that is not 0 it is the function's own."""
        self.block("")
        self.say(*before, f"const int status = {call};", "if (status)")
        self.say("return status;", deeper=1)
        self.end()

    def say(self, *texts: str, deeper: int = 0) -> None:
        """Write statements as they are, behind the comment that stands for the line that they come from."""
        if self._origin:
            self._lines.append(f"{self._indent}{self._origin}")
            self._origin = ""
        self._lines += [f"{self._indent}{INDENT * deeper}{text}" for text in texts]

    def block(self, head: str) -> None:
        """Begin a block."""
        self.say(f"{head} {{".lstrip())
        self._indent += INDENT

    def end(self) -> None:
        """End the block."""
        self._indent = self._indent[len(INDENT) :]
        self.say("}")

    def finished(self) -> Iterator[str]:
        """All statements, with a word on values that nothing reads: compilers warn of those."""
        unread = {place: name for name, place in self._defined.items() if name not in self._used}
        for place, text in enumerate(self._lines):
            yield text
            if place in unread:
                yield f"{text[: len(text) - len(text.lstrip())]}(void){unread[place]};"

    def unread(self, names: Iterable[str]) -> list[str]:
        """Those names of inputs that nothing reads, as C calls them."""
        return [own for own in map(self._names.of, names) if own not in self._used]

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
        if not shape:
            text = self._temporary()
            self.say(f"const double {text}[1] = {{{self.number(tree)}}};")
            return Array(text, shape)
        target = Array(self._allocated(self._temporary(), shape), shape)
        self._into(target, tree)
        return target

    def define(self, name: str, value: nodes.Expression) -> None:
        """Write a name for a value."""
        if not self._shapes.get(name, ()):
            known = constant(self.settled(value))
            if known is not None:
                self._values[name] = known
                return
            self._define_number(name, value)
        elif isinstance(value, nodes.Name) or self._constants(value) is not None:
            self._texts[name] = self.array(value).text
        else:
            self._into(self._target(name), value)

    def _define_number(self, name: str, value: nodes.Expression) -> None:
        primitive = _primitive(value)
        if isinstance(value, nodes.Apply) and primitive is not None and _is_reduction(primitive):
            self._apply(self.target(name), value, primitive)
            return
        own = self._names.of(name)
        text = self.number(value)
        if self._piece:
            self._texts[name] = f"room[{self._place(1)}]"
            self.say(f"{self._texts[name]} = {text};")
        else:
            self._note(f"const double {own} = {text};", own)

    def target(self, name: str) -> Array:
        """What a name stands for, which is to be filled: an array, or what points to a number."""
        if self._shapes.get(name, ()):
            return self._target(name)
        own = self._names.of(name)
        if self._piece:
            own = self._texts[name] = f"room[{self._place(1)}]"
        else:
            self._note(f"double {own};", own)
        return Array(f"&{own}", ())

    def use(self, *texts: str) -> None:
        """Note that some texts are read."""
        self._used.update(texts)

    def _target(self, name: str) -> Array:
        """The array that a name stands for, which is to be filled."""
        text = self._texts[name] = self._allocated(self._names.of(name), self._shapes[name])
        return Array(text, self._shapes[name])

    # Statements

    def _line(self, line: Line) -> None:
        match line:
            case Origin():
                self._origin = comment(str(line))
            case Definition(name, value):
                self.define(name, value)
            case Requirement(comparison, holds):
                condition = self.number(comparison)
                self.say(f"if ({f'!({condition})' if holds else condition})")
                self.say(f"return {ELSEWHERE};", deeper=1)
            case Update(name, old, function, operands):
                source = self.array(old)
                target = self._target(name)
                self._called("ad_copy", [target.text, source.text, str(target.size)])
                self._put(target, function[1:-2], operands)
            case RootLine() if self._needs.write_root:
                self._needs.write_root(self, line)
            case _:
                raise no_spelling(LANGUAGE, line)

    def _note(self, text: str, name: str) -> None:
        """A definition, of which a word is said where nothing reads it."""
        self.say(text)
        self._defined[name] = len(self._lines) - 1

    def direction(self, name: str, start: int) -> None:
        """Write the part of a unit direction that belongs to an input, whose components begin at a place."""
        shape = self._shapes[name]
        if not shape:
            self._define_number(name, nodes.Name(_UNIT.format(start), NOWHERE))
            return
        target = self._target(name)
        place = f"{start} + i" if start else "i"
        self._loop([target.size], [f"{target.text}[i] = column == {place} ? 1.0 : 0.0;"])

    def result(self, target: str, start: int, tree: nodes.Expression | None, shape: Shape) -> None:
        """Write what puts a result to its place in an array of results; one that nothing gives is 0."""
        place = f"{target} + {start}" if start else target
        if shape and tree is not None:
            self._called("ad_copy", [place, self.array(tree).text, str(shapes_size(shape))])
        elif shape:
            self._called("ad_zeros", [place, str(shapes_size(shape))])
        else:
            self.say(f"{target}[{start}] = {'0.0' if tree is None else self.number(tree)};")

    def _place(self, size: int) -> int:
        """Where in the room so many numbers have a place."""
        self.room += max(1, size)
        return self.room - max(1, size)

    def _allocated(self, own: str, shape: Shape) -> str:
        """What points to a new array, which may have a name of its own."""
        place = self._place(shapes_size(shape))
        if self._piece:
            return f"(room + {place})"
        self._note(f"double *const {own} = room + {place};", own)
        return own

    def _temporary(self) -> str:
        self._temporaries += 1
        return f"{PREFIX}t{self._temporaries}"

    def _name(self, name: str) -> str:
        text = self._texts.get(name) or (name if " " in name else self._names.of(name))
        self._used.add(text)
        return text

    def _called(self, helper: str, arguments: Sequence[str]) -> None:
        self._used.update(arguments)
        self.say(f"{helper}({', '.join(arguments)});")

    # Expressions of numbers

    def shape(self, tree: nodes.Expression) -> Shape:
        """The shape of an expression."""
        if isinstance(tree, nodes.Name):
            return self._shapes.get(tree.name, ())
        if not isinstance(tree, nodes.Apply):
            return ()
        own = [self.shape(operand) for operand in tree.operands]
        if tree.function == "[]":
            return (len(own), *own[0])
        primitive = _primitive(tree)
        if primitive is None or primitive.elementwise:
            found: Any = shapes.broadcast(own)
        else:
            assert isinstance(primitive, ArrayPrimitive)
            found = primitive.shape(own, [constant(self.settled(operand)) for operand in tree.operands])
        if None in found:
            raise no_spelling(LANGUAGE, primitive or Definition("", tree))
        return tuple(found)

    def settled(self, tree: nodes.Expression) -> nodes.Expression:
        """An expression in which what no input moves is a number: compilers may compute it with other digits."""
        if isinstance(tree, nodes.Name) and tree.name in self._values:
            return literal(self._values[tree.name])
        if isinstance(tree, nodes.Name) and tree.name in CONSTANTS and self._shapes.get(tree.name) == ():
            return self._named(self._name(tree.name))  # an input that is called like a constant
        if not isinstance(tree, nodes.Apply):
            return tree
        primitive = _primitive(tree)
        if isinstance(primitive, ArrayPrimitive) and isinstance(ARRAYS.get(primitive.kernel), Counted):
            return literal(float(self.shape(tree.operands[0])[primitive.settings[0]]))
        known = tree._replace(operands=tuple(self.settled(operand) for operand in tree.operands))
        value = constant(known)
        return known if value is None else literal(value)

    def _hoisted(self, tree: nodes.Expression) -> nodes.Expression:
        """An expression of numbers in which what operations on arrays give has names: those are written before."""
        if not isinstance(tree, nodes.Apply):
            return tree
        primitive = _primitive(tree)
        if primitive is None or primitive.elementwise:
            return tree._replace(operands=tuple(self._hoisted(operand) for operand in tree.operands))
        return self._result(tree, primitive)

    def _result(self, tree: nodes.Apply, primitive: Primitive) -> nodes.Expression:
        """The number that an operation on arrays gives, as a name."""
        if primitive.notation is Notation.PART:
            array = self.array(tree.operands[0])
            (start, _), *_ = self._part(array.shape, tree.function[1:-1], tree.operands[1:])
            return self._named(f"{array.text}[{start}]", array.text)
        text = self._temporary()
        self.say(f"double {text};")
        self._apply(Array(f"&{text}", ()), tree, primitive)
        return self._named(text)

    def _named(self, text: str, *used: str) -> nodes.Name:
        """A name that stands for a text."""
        self._used.update(used)
        self._texts[text] = text
        return nodes.Name(text, NOWHERE)

    # Operations on arrays

    def _into(self, target: Array, tree: nodes.Expression) -> None:
        """Write what puts an expression into an array."""
        primitive = _primitive(tree) if isinstance(tree, nodes.Apply) else None
        if isinstance(tree, nodes.Apply) and primitive is not None and not primitive.elementwise:
            self._apply(target, tree, primitive)
        else:
            self._each(target, tree)

    def _apply(self, target: Array, tree: nodes.Apply, primitive: Primitive) -> None:
        assert isinstance(primitive, ArrayPrimitive)
        if primitive.notation is Notation.PART:
            self._take(target, tree)
            return
        spelling = _spelling(primitive)
        match spelling:
            case Joined():
                self._join(target, tree.operands)
            case Repeated():
                self._each(target, tree.operands[0])
            case Along(helper, goes_last, rooms):
                axis = primitive.settings[0] if primitive.settings else -1 if goes_last else None
                arrays = [self.array(operand) for operand in tree.operands]
                texts = [target.text, *(array.text for array in arrays), *map(str, _along(arrays[0].shape, axis))]
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
            widths = [shapes_size(array.shape[place + 1 :]) for place in range(len(own))]
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
        self._loop(target.shape, [f"{target.text}[{_place(target.shape, target.shape)}] = {text};"])

    def _loop(self, sizes: Sequence[int], body: Sequence[str]) -> None:
        for depth, (size, index) in enumerate(zip(sizes, "ij", strict=False)):
            self.say(f"for (int {index} = 0; {index} < {size}; ++{index})", deeper=depth)
        self.say(*body, deeper=len(sizes))

    def _element(self, tree: nodes.Expression, shape: Shape) -> nodes.Expression:
        """An expression as that of its element at i, or at i and j."""
        own = self.shape(tree)
        if not own:
            return self._scalar(tree)
        primitive = _primitive(tree) if isinstance(tree, nodes.Apply) else None
        if isinstance(tree, nodes.Apply) and tree.function != "[]" and (primitive is None or primitive.elementwise):
            return tree._replace(operands=tuple(self._element(operand, shape) for operand in tree.operands))
        array = self.array(tree)
        return self._named(f"{array.text}[{_place(own, shape)}]", array.text)

    def _scalar(self, tree: nodes.Expression) -> nodes.Expression:
        """A number in a loop: what is more than a name or a literal is computed before it."""
        ready = self._hoisted(self.settled(tree))
        if not isinstance(ready, nodes.Apply) or constant(ready) is not None or _is_condition(ready):
            return ready
        text = self._temporary()
        self.say(f"const double {text} = {spelled(ready, self._dialect)};")
        return self._named(text)

    # Parts of arrays

    def _part(
        self, shape: Shape, pattern: str, bounds: Sequence[nodes.Expression]
    ) -> list[tuple[int | str, tuple[int, int] | None]]:
        """Where a part begins, and of each axis that it keeps the number of elements and the step between them."""
        rest = iter(bounds)
        offset = 0
        texts: list[str] = []
        axes: list[tuple[int, int]] = []
        parts = [*pattern.split(","), *[":"] * (len(shape) - pattern.count(",") - 1)]
        for place, (part, size) in enumerate(zip(parts, shape, strict=True)):
            width = shapes_size(shape[place + 1 :])
            if part == ".":
                bound = next(rest)
                known = constant(self.settled(bound))
                if known is None:
                    text = f"ad_place({self.number(bound)}, {size})"
                    texts.append(text if width == 1 else f"{text} * {width}")
                else:
                    offset += int(known) % size * width
                continue
            ends = [next(rest) if text else None for text in [*part.split(":"), ""][:3]]
            known_ends = [None if end is None else constant(self.settled(end)) for end in ends]
            if any(end is not None and value is None for end, value in zip(ends, known_ends, strict=True)):
                raise no_spelling(LANGUAGE, Definition(f"[{pattern}]", NOTHING))
            start, stop, step = slice(*(None if end is None else int(end) for end in known_ends)).indices(size)
            offset += start * width
            axes.append((len(range(start, stop, step)), step * width))
        start_text = " + ".join([*texts, *([str(offset)] if offset or not texts else [])])
        return [(start_text, None), *((start_text, axis) for axis in axes)]

    def _take(self, target: Array, tree: nodes.Apply) -> None:
        """A part of an array."""
        array = self.array(tree.operands[0])
        (start, _), *axes = self._part(array.shape, tree.function[1:-1], tree.operands[1:])
        self._used.add(array.text)
        strides = [axis for _, axis in axes if axis is not None]
        source = f"{array.text}[{_index([step for _, step in strides], start)}]"
        own = _index([shapes_size(target.shape[place + 1 :]) for place in range(len(strides))], "0")
        self._loop([count for count, _ in strides], [f"{target.text}[{own}] = {source};"])

    def _put(self, target: Array, pattern: str, operands: Sequence[nodes.Expression]) -> None:
        """Put a value into a part of an array."""
        value, *bounds = operands
        (start, _), *axes = self._part(target.shape, pattern, bounds)
        strides = [axis for _, axis in axes if axis is not None]
        room = tuple(count for count, _ in strides)
        if self.shape(value):
            array = self.array(value)
            self._used.add(array.text)
            text = f"{array.text}[{_place(array.shape, room)}]"
        else:
            text = spelled(self._scalar(value), self._dialect) if room else self.number(value)
        place = _index([step for _, step in strides], start)
        self._loop(room, [f"{target.text}[{place}] = {text};"])

    # Arrays of literals

    def _constants(self, tree: nodes.Expression) -> tuple[float, ...] | None:
        """The elements of an array that is written with its numbers; None of any other."""
        if not isinstance(tree, nodes.Apply) or tree.function != "[]":
            return None
        found: list[float] = []
        for operand in tree.operands:
            inner = self._constants(operand)
            value = constant(self.settled(operand)) if inner is None and not self.shape(operand) else None
            if inner is None and value is None:
                return None
            found += (value,) if inner is None else inner  # type: ignore[arg-type]
        return tuple(found)


NOTHING = nodes.Number("0", NOWHERE)


def comment(text: str) -> str:
    """A comment in one line."""
    return f"/* {text.replace('*/', '* /').replace('/*', '/ *')} */"


def _primitive(tree: nodes.Expression) -> Primitive | None:
    """The row of an operation; None of a choice, which has a way of its own to be written, and of a condition."""
    if not isinstance(tree, nodes.Apply) or tree.function in _CHOICES or _is_condition(tree):
        return None
    return primitive_named(tree.function, len(tree.operands))


def _is_condition(tree: nodes.Expression) -> bool:
    return isinstance(tree, nodes.Apply) and (tree.function in COMPARISONS or tree.function in CONDITIONS)


def _is_reduction(primitive: Primitive) -> bool:
    """Whether a number that it gives is computed by a helper."""
    return not primitive.elementwise and primitive.notation is not Notation.PART


def _spelling(primitive: Primitive) -> Spelling:
    spelling = ARRAYS.get(primitive.kernel) if isinstance(primitive, ArrayPrimitive) else None
    if spelling is None:
        raise no_spelling(LANGUAGE, primitive)
    return spelling


def _along(shape: Shape, axis: int | None) -> tuple[int, int, int]:
    """How many elements lie before an axis, on it and behind it; without an axis all lie on it."""
    if axis is None:
        return 1, shapes_size(shape), 1
    place = axis % len(shape)
    return shapes_size(shape[:place]), shape[place], shapes_size(shape[place + 1 :])


def _place(own: Shape, shape: Shape) -> str:
    """Where an array that is repeated to a shape has the element at i, or at i and j."""
    indices = "ij"[: len(shape)][len(shape) - len(own) :]
    terms = [
        index if width == 1 else f"{index} * {width}"
        for index, size, width in zip(indices, own, [shapes_size(own[k + 1 :]) for k in range(len(own))], strict=True)
        if size != 1 or own == shape
    ]
    return " + ".join(terms) or "0"


def _index(steps: Sequence[int], start: int | str) -> str:
    """The index at i and j, with steps along the axes, from a start."""
    terms = [index if step == 1 else f"{index} * {step}" for index, step in zip("ij", steps, strict=False)]
    return " + ".join([*([str(start)] if str(start) != "0" or not terms else []), *terms])
