"""Lines as statements of C."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from adcli.emit.c_arrays import Operations
from adcli.emit.c_expressions import Numbers
from adcli.emit.c_needs import LANGUAGE, Needs
from adcli.emit.c_numbers import ONE, constant, dialect_of, is_reduction, primitive_of
from adcli.emit.c_places import Array, Shape, elements_of
from adcli.emit.c_statements import comment
from adcli.emit.function import ELSEWHERE
from adcli.emit.identifiers import Identifiers
from adcli.emit.infix import spelled
from adcli.emit.lines import (
    AT,
    NOWHERE,
    Carry,
    Definition,
    History,
    Line,
    Origin,
    Repeat,
    Requirement,
    RootLine,
    Update,
)
from adcli.emit.refused import no_spelling
from adcli.emit.repeated import Looping, at_the_end, before
from adcli.syntax import nodes

_MOST = 100  # lines of a piece of a long function
_UNIT = "column == {} ? 1.0 : 0.0"


def c_expression(tree: nodes.Expression, names: Mapping[str, str], needs: Needs | None = None) -> str:
    """An expression of numbers in C, such as the formula of a partial, with names as the mapping calls them.

    Raises AdError `no-emission` where C has none of its functions.
    """
    known = Needs() if needs is None else needs
    settled = Writer({}, Identifiers(()), known).settled(tree)
    return spelled(settled, dialect_of(lambda name: names.get(name, name), known))


class Writer(Operations):
    """Writes the lines of one branch, and notes what they need."""

    def write(self, lines: Iterable[Line]) -> None:
        """Write lines as statements."""
        start = len(self._lines)
        for line in lines:
            self._line(line)
            if self._piece and len(self._lines) - start > _MOST:
                self._cut(self._piece, start)
                start = len(self._lines)

    def define(self, name: str, value: nodes.Expression) -> None:
        """Write a name for a value."""
        if name in self._passes:  # no input moves it: it stands in a table
            return
        if not self._shapes.get(name, ()):
            known = constant(self.settled(value))
            if known is not None:
                self._values[name] = known
                return
            self._define_number(name, value)
        elif self._constants(value) is not None or (isinstance(value, nodes.Name) and self._around is None):
            self._texts[name] = self.array(value).text
        else:
            self._into(self._target(name), value)

    def _define_number(self, name: str, value: nodes.Expression) -> None:
        primitive = primitive_of(value)
        if isinstance(value, nodes.Apply) and primitive is not None and is_reduction(primitive):
            self._apply(self.target(name), value, primitive)
            return
        text = self.number(value)
        if self._piece and name not in self._declared:
            self._declare(name)
        if self._piece or name in self._declared:
            self.say(f"{self._name_of_target(name)} = {text};")
        else:
            own = self._names.of(name)
            self._note(f"const double {own} = {text};", own)

    def _declare(self, name: str) -> None:
        """A name for a number that gets its value later."""
        text = self._declaration(name)
        if text:
            self.say(text)

    def _declaration(self, name: str, value: str = "") -> str:
        """What declares a number, which may have a value at first; nothing for a place in the room without one."""
        own = self._names.of(name)
        if self._piece:
            self._texts[name] = f"room[{self._place(1)}]"
            return f"{self._texts[name]} = {value};" if value else ""
        self._defining = own
        return f"double {own} = {value};" if value else f"double {own};"

    def _name_of_target(self, name: str) -> str:
        """What a number is called that is given a value; it is not read by that."""
        return self._texts.get(name) or self._names.of(name)

    def target(self, name: str) -> Array:
        """What a name stands for, which is to be filled: an array, or what points to a number."""
        if self._shapes.get(name):
            return self._target(name)
        if name not in self._declared:
            self._declare(name)
        return Array(f"&{self._name_of_target(name)}", ())

    def _target(self, name: str) -> Array:
        """The array that a name stands for, which is to be filled."""
        if name not in self._declared:
            self._texts[name] = self._allocated(self._names.of(name), self._shapes[name])
        return Array(self._texts[name], self._shapes[name])

    # Loops

    def _repeated(self, line: Repeat) -> None:
        """A loop; what no input moves in it is not computed but stands in tables."""
        for carry in line.carries:
            self._shapes[carry.name] = self._shapes.get(carry.following, ())
        self._shapes |= {history.name: history.shape for history in line.histories}
        self._rows |= dict(line.tables)
        passes = self._known_passes(line)
        line = self._without(line, passes)
        for text in before(line, self._looping):
            self.say(text)
        self._around, self._passes = line, passes
        self._declared.update(line.leaves)
        self._counters.append(self._names.of(line.counter))
        self.block(self._looping.head(line.counter, line.passes))
        self.write(line.body)
        for text in at_the_end(line, self._looping):
            self.say(text)
        self.end()
        self._counters.pop()
        self._around, self._passes = None, {}
        self._values |= {name: numbers[-1] for name, numbers in passes.items()}

    def _without(self, line: Repeat, passes: Mapping[str, Numbers]) -> Repeat:
        """A loop without what no input moves; the rows of that are known from here on."""
        kept: list[History] = []
        for history in line.histories:
            initial = [] if history.initial is None else [constant(self.settled(history.initial))]
            if history.following in passes and None not in initial:
                known = [number for number in initial if number is not None]
                self._rows[history.name] = (*known, *passes[history.following])
            else:
                kept.append(history)
        carries = tuple(carry for carry in line.carries if carry.name not in passes)
        leaves = tuple(name for name in line.leaves if name not in passes)
        return line._replace(tables=(), carries=carries, histories=tuple(kept), leaves=leaves)

    def _known_passes(self, line: Repeat) -> dict[str, Numbers]:
        """What names that no input moves are in the passes of a loop."""
        initials = {carry.name: constant(self.settled(carry.initial)) for carry in line.carries
                    if not self._shapes[carry.name]}  # fmt: skip
        carried = {name: value for name, value in initials.items() if value is not None}
        while True:
            passes, lost = self._computed_passes(line, carried)
            if not lost:
                return passes
            carried = {name: value for name, value in carried.items() if name not in lost}

    def _computed_passes(self, line: Repeat, carried: Mapping[str, float]) -> tuple[dict[str, Numbers], set[str]]:
        """The same, if some carried values are such, and which of these are not."""
        numbers: dict[str, list[float]] = {name: [] for name in carried}
        definitions = [part for part in line.body if isinstance(part, Definition) and not self._shapes.get(part.name)]
        followings = {carry.name: carry.following for carry in line.carries if carry.name in carried}
        self._around, self._passes = line, numbers
        handed, lost = dict(carried), set[str]()
        for turn in range(line.passes):
            for name, value in handed.items():
                numbers[name].append(value)
            with self._in_pass(turn):
                definitions = [part for part in definitions if self._is_known(part, numbers)]
            lost = {name for name, following in followings.items() if len(numbers.get(following, ())) <= turn}
            if lost:
                break
            handed = {name: numbers[following][turn] for name, following in followings.items()}
        self._around, self._passes = None, {}
        return {name: tuple(row) for name, row in numbers.items() if len(row) == line.passes}, lost

    def _is_known(self, line: Definition, numbers: dict[str, list[float]]) -> bool:
        """Whether no input moves a value in this pass, which is noted then."""
        value = constant(self.settled(line.value))
        if value is not None:
            numbers.setdefault(line.name, []).append(value)
        return value is not None

    @property
    def _looping(self) -> Looping:
        """How loops are written; the numbers of tables stand at the top of the file."""
        return Looping(
            head=lambda counter, passes: "for (int {0} = 0; {0} < {1}; ++{0})".format(self._names.of(counter), passes),
            table=lambda row, values: "",
            carry=self._first,
            history=self._row,
            keep=lambda history, counter: self._filled(
                self._in_row(history, counter), nodes.Name(history.following, NOWHERE)
            ),
            hand=lambda carry: self._filled(
                Array(self._name_of_target(carry.name), self._shapes[carry.name]), nodes.Name(carry.following, NOWHERE)
            ),
            leave=self._leave,
        )

    def _first(self, carry: Carry) -> str:
        """What declares what is handed from pass to pass."""
        if self._shapes[carry.name]:
            return self._filled(self._target(carry.name), carry.initial)
        return self._declaration(carry.name, self._held(carry.initial))

    def _row(self, history: History) -> Iterator[str]:
        """What makes room for the values of all passes."""
        self._texts[history.name] = self._allocated(self._names.of(history.name), (history.size, *history.shape))
        if history.initial is not None:
            yield self._filled(self._in_row(history), history.initial)

    def _leave(self, name: str) -> Iterator[str]:
        """What declares a value that is read behind a loop."""
        if self._shapes.get(name):
            self._target(name)
        else:
            yield self._declaration(name, "0.0")

    def _in_row(self, history: History, counter: str = "") -> Array:
        """The first element of a row, or that of a pass."""
        first = nodes.Number("1" if counter and history.initial is not None else "0", NOWHERE)
        moving = (nodes.Name(counter, NOWHERE), ONE) if counter else ()
        place = nodes.Apply(AT, (nodes.Name(history.name, NOWHERE), first, *moving), NOWHERE)
        return self.array(place) if history.shape else Array(spelled(place, self._dialect), ())

    def _filled(self, target: Array, tree: nodes.Expression) -> str:
        """What puts a value into an array, or into a number."""
        if not target.shape:
            return f"{target.text} = {self._held(tree)};"
        source = self.array(tree)
        self._used.update((target.text, source.text))
        return f"ad_copy({target.text}, {source.text}, {target.size});"

    def _held(self, tree: nodes.Expression) -> str:
        """A number that inputs move from here on: a compiler may not know it."""
        known = self.over_passes(tree) is not None or constant(self.settled(tree)) is not None
        text = self.number(tree)
        return f"ad_held({text})" if known else text

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
            case Repeat():
                self._repeated(line)
            case RootLine() if self._needs.write_root:
                self._needs.write_root(self, line)
            case Update(name, old, function, operands):
                source = self.array(old)
                target = self._target(name)
                self._called("ad_copy", [target.text, source.text, str(target.size)])
                self._put(target, function[1:-2], operands)
            case _:
                raise no_spelling(LANGUAGE, line)

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
            self._called("ad_copy", [place, self.array(tree).text, str(elements_of(shape))])
        elif shape:
            self._called("ad_zeros", [place, str(elements_of(shape))])
        else:
            self.say(f"{target}[{start}] = {'0.0' if tree is None else self.number(tree)};")
