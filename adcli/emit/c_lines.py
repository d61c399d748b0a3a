"""Lines as statements of C."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adcli.emit.c_arrays import Operations
from adcli.emit.c_needs import LANGUAGE, Needs
from adcli.emit.c_numbers import constant, dialect_of, is_reduction, primitive_of
from adcli.emit.c_places import Array, Shape, elements_of
from adcli.emit.c_statements import comment
from adcli.emit.function import ELSEWHERE
from adcli.emit.identifiers import Identifiers
from adcli.emit.infix import spelled
from adcli.emit.lines import NOWHERE, Definition, Line, Origin, Requirement, Update
from adcli.emit.refused import no_spelling
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
        own = self._names.of(name)
        primitive = primitive_of(value)
        if isinstance(value, nodes.Apply) and primitive is not None and is_reduction(primitive):
            if self._piece:
                own = self._texts[name] = f"room[{self._place(1)}]"
            else:
                self._note(f"double {own};", own)
            self._apply(Array(f"&{own}", ()), value, primitive)
            return
        text = self.number(value)
        if self._piece:
            self._texts[name] = f"room[{self._place(1)}]"
            self.say(f"{self._texts[name]} = {text};")
        else:
            self._note(f"const double {own} = {text};", own)

    def _target(self, name: str) -> Array:
        """The array that a name stands for, which is to be filled."""
        text = self._texts[name] = self._allocated(self._names.of(name), self._shapes[name])
        return Array(text, self._shapes[name])

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
