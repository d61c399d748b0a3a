"""What code that runs has besides the values of its slots: open calls, loops and choices, and its limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from adcli.errors import AdError, Problem
from adcli.program.code import BasicBlock, Call, Code, EnterFor, Solve
from adcli.rules.shapes import Refused, shape_text
from adcli.rules.table import CONSTANT
from adcli.syntax import nodes
from adcli.syntax.source import Span
from adcli.syntax.targets import assigned
from adcli.tape.limits import ENTRY_BYTES, LIMITS, Limits, bytes_text
from adcli.tape.tape import Region, Tape

if TYPE_CHECKING:
    from adcli.tape.domains import OneSided
    from adcli.tape.storage import Storage

_AT_ONCE = 2**24  # bytes that a loop may take before its memory is measured
CALL_WEIGHT = 10  # entries that an open call counts for: it holds about as much memory

# Appends the derivative of the first entry by the second, at a place in the source; its entry.
Derivative: TypeAlias = Callable[[Tape, int, int, Span], int]
# Appends the root of a `solve` statement, and gives the unknowns their slots.
OnSolve: TypeAlias = "Callable[[Execution, Solve], None]"
# Runs a loop, given how often; the block that follows, or None to leave it to the interpreter.
OnLoop: TypeAlias = "Callable[[Execution, EnterFor, int], int | None]"


# Where a call goes on when its function returns: code, slots, the call, and how many counters and regions were open.
Caller: TypeAlias = tuple[Code, list[Any], Call, int, int]


class Execution:
    """What the code that runs has besides its slots.

    Attributes:
        code, slots: of the function that runs, or of the program
        times: how often the next block runs: more than once for a loop's body without a decision in it
        limits, memory: of the tape, and what they leave it in bytes now
        limit: how many entries and guards there may be; each call makes it smaller
        array_bytes: what the arrays of the tape take
        stops_before: the block before which the run ends when no iterations are left: that of a loop's next one
        callers: the calls that are open
        counters: for each open `for` loop, the iterations still to come
        collections: for each comprehension whose values are collected, their entries so far
        choices: for each `where` that is chosen element by element, what is known so far
        regions: the loops and calls that are open
        differentiate: appends the derivative of one entry by another; code without `derivative` needs none
        solve: appends the root of a `solve` statement; code without one needs none
        storage: forgets arrays on the way
        around: whether a further iteration of a loop begins with the next block
        trail: the blocks that ran since an iteration of a loop began
        on_loop: runs a `for` loop of the program in its own way
        one_sided: runs infinitesimally to one side of the values of the parameters
    """

    def __init__(
        self,
        code: Code,
        tape: Tape,
        arguments: Sequence[int],
        functions: Mapping[str, Code],
        limits: Limits = LIMITS,
        differentiate: Derivative | None = None,
        solve: OnSolve | None = None,
    ) -> None:
        """Take the code, the tape, the entries of the parameters, the functions that may be called and the limits."""
        self.tape = tape
        self.differentiate, self.solve = differentiate, solve
        self.functions = functions
        self.limits, self.memory = limits, limits.memory
        self.limit = limits.numbers
        self.array_bytes, self._measured = 0, len(tape)
        self.code = code
        self.outermost = self.slots = self.frame(code, arguments)
        self.times = 1
        self.callers: list[Caller] = []
        self.counters: list[int] = []
        self.choices: list[Choice] = []
        self.collections: list[list[int]] = []
        self.storage: Storage | None = None
        self.on_loop: OnLoop | None = None
        self.one_sided: OneSided | None = None
        self.stops_before: int | None = None
        self.around = False
        self.trail: list[BasicBlock] = []
        self.regions: list[Region] = []
        self._frames: dict[str, list[Any]] = {}  # of each function, with its constants in their slots

    def frame(self, code: Code, arguments: Sequence[int]) -> list[Any]:
        """The slots of some code before it runs."""
        slots: list[Any] = [None] * code.size
        for slot, text, value in code.constants:
            slots[slot] = self.tape.constant(text, value)
        slots[: len(arguments)] = arguments
        return slots

    def held(self, entry: int) -> bool:
        """Whether some slot holds an entry."""
        if entry in self.slots or any(entry in slots for _, slots, *_ in self.callers):
            return True
        if any(entry in entries for entries in self.collections):
            return True
        return any(entry in (choice.mask, choice.first) for choice in self.choices)

    def frame_of(self, function: str) -> list[Any]:
        """The slots of a function before it runs."""
        slots = self._frames.get(function)
        if slots is None:
            slots = self._frames[function] = self.frame(self.functions[function], ())
        return slots[:]

    def constants_of(self, function: str) -> list[Any]:
        """The slots of a function, with its constants in theirs."""
        self.frame_of(function)
        return self._frames[function]

    def open(self, node: nodes.ForLoop | nodes.WhileLoop | nodes.Index | nodes.Apply) -> Region:
        """Begin a loop or a call."""
        before = len(self.tape.guards)
        region = Region(node, len(self.tape.values), -1, -1, [], -1, (before, before), [])
        self.regions.append(region)
        self.tape.noted_regions.append(region)
        return region

    def close(self) -> None:
        """End the innermost loop or call."""
        region = self.regions.pop()
        region.end = len(self.tape.values)
        region.after = len(self.tape.noted_regions)
        region.guards = region.guards[0], len(self.tape.guards)

    def begin_iteration(self, entry: int) -> None:
        """Note where an iteration of the innermost loop begins."""
        region = self.regions[-1]
        region.iterations.append(entry)
        region.iteration_guards.append(len(self.tape.guards))

    def measure(self) -> int:
        """How many bytes are left, with all arrays so far; raises AdError `too-much-memory` where none are."""
        values, size = self.tape.values, 0
        for value in values[self._measured :]:
            if type(value) is not float and value.base is None:  # else it is a part of another one
                size += value.nbytes
        self.array_bytes, self._measured = self.array_bytes + size, len(values)
        freed = 0
        if self.storage is not None:
            self.storage.measured, freed = len(values), self.storage.freed
        left = self.memory - (self.array_bytes - freed) - ENTRY_BYTES * (len(values) + len(self.tape.guards))
        if left < 0:
            raise self.too_much_memory()
        return left

    def at_once(self, most: int) -> int:
        """How many iterations of the innermost loop, as large as its last one, may run before memory is measured."""
        left, first = self.measure(), self.regions[-1].iterations[-1]
        last = self.tape.values[first:]
        size: int = sum(value.nbytes for value in last if type(value) is not float)
        return max(1, min(most, _AT_ONCE // max(size, 1), left // (size + ENTRY_BYTES * len(last))))

    def too_many(self, further: int = 0) -> AdError:
        """The error of a tape beyond its limit, in the innermost loop or call, so many iterations further on."""
        if self.limits.entries > self.memory // ENTRY_BYTES:
            return self.too_much_memory(further)
        message = f"the tape has reached its limit of {self.limits.entries:,} entries"
        return self._at_limit("too-many-entries", message, "--max-entries N", further)

    def too_much_memory(self, further: int = 0) -> AdError:
        """The same of one that takes more memory than it may."""
        message = f"the tape has reached its limit of {bytes_text(self.memory)}"
        return self._at_limit("too-much-memory", message, "--max-memory SIZE", further)

    def out_of_memory(self) -> AdError:
        """The error of a run for which the system has no more memory."""
        message = f"there is no memory for more than {len(self.tape):,} entries of the tape"
        return self._at_limit("too-much-memory", message, "", 0)

    def _at_limit(self, code: str, message: str, option: str, further: int) -> AdError:
        weight = ""
        if not self.regions:
            span, label = None, ""
        elif isinstance(self.regions[-1].node, nodes.Apply):
            call, calls = self.regions[-1].node, len(self.callers) - 1
            span, label = call.span, f"`{call.function}` is called here, inside {calls:,} open calls"
            weight = f"an open call takes as much memory as {CALL_WEIGHT} entries, and counts like them"
        else:
            iterations = len(self.regions[-1].iterations) + further
            span, label = self.regions[-1].node.header, f"in iteration {iterations:,} of this loop"
        help_text = "look for what should end it" + (f", or raise the limit: `{option}`" if option else "")
        return AdError(Problem(code, message, span, label, weight, help=help_text), self.tape.source)

    def counts(self, bounds: tuple[int, int, int]) -> bool:
        """Whether how often a `for` loop runs is a decision: its bounds and its step are not all written as numbers."""
        return any(self.tape.operations[self.slots[slot]] is not CONSTANT for slot in bounds)

    def no_value(self, slot: int, span: Span | None) -> AdError:
        """The error of a name that is read before a line that assigns it has run."""
        name = next((name for name, own in self.code.bindings.items() if own == slot), "what is passed")
        message = f"`{name}` has no value here: no line that assigns it has run"
        help_text = "give it a value above, or in every branch that leads here"
        if span is not None:  # of a whole statement, or of an operation: the name is somewhere in it
            start = span.start + assigned(self.tape.source.text[slice(*span)]).length
            place = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)").search(self.tape.source.text, start, span.end)
            span = Span(*place.span()) if place else span
        return AdError(Problem("unassigned", message, span, "read here", help=help_text), self.tape.source)

    def value(self, slot: int, span: Span) -> float:
        """The number of the entry in a slot."""
        entry: int | None = self.slots[slot]
        if entry is None:
            raise self.no_value(slot, span)
        value = self.tape.values[entry]
        if type(value) is not float:
            message = f"a bound of a loop is a number, and this is {shape_text(value.shape)}"
            raise AdError(Problem("bad-loop", message, span), self.tape.source)
        return value


class Choice:
    """A `where` whose sides both run: its node, how many calls were open, the mask, and the first side's value."""

    def __init__(self, node: nodes.Apply, depth: int, mask: int) -> None:
        self.node = node
        self.depth = depth
        self.mask = mask
        self.first: int | None = None


def refusal(tape: Tape, entries: Sequence[int], span: Span | None, error: Refused, in_rule: bool = False) -> AdError:
    """The error of an operation that its operands do not fit, or one `in_rule` for its derivative, with the shapes."""
    from adcli.tape.labels import labels  # which needs a tape

    names = labels(tape)
    where = ["it stands in the rule for the derivative of this operation"] if in_rule else []
    values = {names[entry]: tape.values[entry] for entry in entries}
    known = [f"`{name}` is {_shown(value)}" for name, value in values.items() if not _is_number(name)]
    return AdError(Problem(error.code, str(error), span, "", "; ".join([*where, *known]), error.remedy), tape.source)


def _shown(value: Any) -> str:
    return f"{value:g}" if type(value) is float else shape_text(value.shape)


def _is_number(label: str) -> bool:
    return label[:1] in "-.0123456789"
