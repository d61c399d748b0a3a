"""Loops in languages that have them: all that differs between these is a `Looping`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from adcli.emit.lines import Carry, History, Repeat
from adcli.records import NamedTuple, dataclass
from adcli.syntax import nodes


@dataclass(frozen=True)
class Looping:
    """How a language writes what belongs to a loop.

    Attributes:
        head: how it begins, by its counter and its passes
        table: numbers, one for each pass, by the name of their row
        carry: the value that the first pass is handed
        history: the row of the values of all passes, with the value from before the loop, if that is the first
        keep: what puts the value of a pass into its row, by the counter
        hand: what a pass hands to the next one
        leave: what declares a name that is read behind the loop, where that has to be done before
        end: how it ends; empty where the indentation tells that
        indent: that of a pass
    """

    head: Callable[[str, int], str]
    table: Callable[[str, tuple[float, ...]], str]
    carry: Callable[[Carry], str]
    history: Callable[[History], Iterable[str]]
    keep: Callable[[History, str], str]
    hand: Callable[[Carry], str]
    leave: Callable[[str], Iterable[str]] = lambda name: ()
    end: str = ""
    indent: str = "    "


class Lists(NamedTuple):
    """The statements of loops in a language whose rows are lists that grow, with `{}` for what differs.

    Attributes:
        head: how a loop begins, by its counter and its passes
        numbers: a list of numbers, or what takes its place where it does not grow
        constant: what gives a name its value, once
        variable: the same of a name that gets other values
        assigned: what gives it one of those
        appended: what puts a value behind a list
        declared: what declares a name; empty where that has not to be done
        end, indent: as in `Looping`
    """

    head: str
    numbers: str
    constant: str
    variable: str
    assigned: str
    appended: str
    declared: str = ""
    end: str = ""
    indent: str = "    "

    def looping(
        self,
        name: Callable[[str], str],
        spelled: Callable[[nodes.Expression], str],
        number: Callable[[float], str],
    ) -> Looping:
        """Loops, from how names, expressions and numbers are written."""

        def history(row: History) -> list[str]:
            initial = "" if row.initial is None else spelled(row.initial)
            return [self.constant.format(name(row.name), f"[{initial}]")]

        return Looping(
            head=lambda counter, passes: self.head.format(name(counter), passes),
            table=lambda row, values: self.constant.format(
                name(row), self.numbers.format(", ".join(map(number, values)))
            ),
            carry=lambda carry: self.variable.format(name(carry.name), spelled(carry.initial)),
            history=history,
            keep=lambda row, counter: self.appended.format(name(row.name), name(row.following)),
            hand=lambda carry: self.assigned.format(name(carry.name), name(carry.following)),
            leave=lambda leaving: [self.declared.format(name(leaving))] if self.declared else [],
            end=self.end,
            indent=self.indent,
        )


def before(line: Repeat, looping: Looping) -> Iterator[str]:
    """What stands before a loop."""
    yield from (looping.table(row, values) for row, values in line.tables)
    yield from (looping.carry(carry) for carry in line.carries)
    for history in line.histories:
        yield from looping.history(history)
    for name in line.leaves:
        yield from looping.leave(name)


def at_the_end(line: Repeat, looping: Looping) -> Iterator[str]:
    """What stands at the end of each pass."""
    yield from (looping.keep(history, line.counter) for history in line.histories)
    yield from (looping.hand(carry) for carry in line.carries if carry.name != carry.following)


def repeated(line: Repeat, body: Iterable[str], looping: Looping) -> Iterator[str]:
    """A loop, from the statements of a pass."""
    yield from before(line, looping)
    yield looping.head(line.counter, line.passes)
    yield from (f"{looping.indent}{text}" for text in body)
    yield from (f"{looping.indent}{text}" for text in at_the_end(line, looping))
    if looping.end:
        yield looping.end
