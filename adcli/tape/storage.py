"""Forgetting arrays while a program runs: what neither the program nor a reverse sweep reads again.

A reverse sweep reads few of the values: of `a + b` none, of `a * b` the other factor. A gradient of a long loop over
arrays takes as much memory as what it reads, and not as much as all that was computed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from types import ModuleType
from typing import TypeAlias

from adcli.program.code import BasicBlock, Code
from adcli.program.findings import Findings
from adcli.program.liveness import last_reads
from adcli.program.program import Program
from adcli.rules.dispatch import shape_of
from adcli.rules.formulas import values_kept
from adcli.rules.functions import numpy_function
from adcli.rules.primitive import Primitive
from adcli.tape.memory import may_overwrite
from adcli.tape.reach import active_in_runs
from adcli.tape.tape import Tape, Value

# For each block, by its identity, and each operation in it the slots that nothing reads behind it; None for no arrays.
_EndedSlots: TypeAlias = "dict[int, list[tuple[int, ...]] | None]"
_LAST_READS: Findings[_EndedSlots] = Findings(100)  # by code


class Storage:
    """What a run that forgets has to remember.

    Attributes:
        active: for each entry whether it depends on an input
        needed: the entries whose values a sweep reads
        measured: how many entries the memory was added up of
        freed: how many bytes of arrays among these were forgotten since
    """

    def __init__(self, tape: Tape, program: Program) -> None:
        self.tape = tape
        self.active: list[bool] = []
        self.needed: set[int] = set()
        self.measured = self.freed = 0
        self._runs = 0  # of how many runs of blocks it is noted what is active
        self._program = program
        self._ended: _EndedSlots = {}

    def last_reads(self, code: Code, block: BasicBlock) -> Sequence[tuple[int, ...]] | None:
        """For each operation of a block the slots that nothing reads behind it; None where no array is among them."""
        if id(block) not in self._ended:
            self._ended.update(_LAST_READS.of(code, lambda: self._analysed(code)))
        return self._ended[id(block)]

    def _analysed(self, code: Code) -> _EndedSlots:
        program, functions = self._program, self._program.functions.values()
        own = code is program.code
        at_end = [code.bindings[name] for name in program.outputs] if own else [slot for _, slot in code.states]
        read_by_calls = {outer for function in functions for outer, _ in function.globals} if own else ()
        at_calls = [*read_by_calls, *(slot for _, slot in code.states)]
        constants = {slot for slot, _, _ in code.constants}
        result: _EndedSlots = {}
        for number, rows in last_reads(code, [*at_end, *read_by_calls], at_calls).items():
            block = code.blocks[number]
            ended = []
            for slots, step, operation, of_numbers in zip(
                rows, block.steps, block.operations, block.numbers, strict=True
            ):
                arrays = {*slots} - constants
                if of_numbers:
                    arrays &= set() if operation.elementwise else {*step[1][:1]}
                ended.append(tuple(arrays))
            result[id(block)] = None if all(block.numbers) and not any(ended) else ended
        return result

    def note(self, operation: Primitive, operands: Sequence[int]) -> None:
        """Note which values the rule of the entry reads that is to come."""
        self.catch_up()
        active = self.active
        pattern = tuple([active[operand] for operand in operands])
        active.append(True in pattern)
        if active[-1]:
            values = self.tape.values
            for position in values_kept(operation, pattern, *[shape_of(values[operand]) for operand in operands]):
                self.needed.add(len(active) - 1 if position < 0 else operands[position])

    def catch_up(self) -> None:
        """Note of the entries so far whether they are active: inputs, constants, and what came of numbers alone."""
        tape = self.tape
        while self._runs < len(tape.block_runs):
            runs = tape.block_runs[self._runs]
            self._catch_up(runs.start)
            active_in_runs(runs, self.active)
            self._runs += 1
        self._catch_up(len(tape.values))

    def _catch_up(self, end: int) -> None:
        active, operands, inputs = self.active, self.tape.noted_operands, self.tape.inputs.values()
        for entry in range(len(active), end):
            active.append(True in [active[operand] for operand in operands[entry]] or entry in inputs)

    def in_place(
        self, operation: Primitive, slots: Sequence[int], operands: Sequence[int], ended: Sequence[int]
    ) -> Value | None:
        """The result of a sum or a product in the memory of an operand that is not needed any more; None if none is.

        As NumPy does it for what has no name: a new array of some size costs more than the sum.
        """
        if not operation.ufunc:
            return None
        tape, values = self.tape, self.tape.values
        for slot, entry in zip(slots, operands, strict=True):
            value = values[entry]
            if type(value) is float or slot not in ended or entry in self.needed or not tape.noted_operands[entry]:
                continue
            # nothing but the tape refers to it: neither another name nor a part of it
            if may_overwrite(value, 1):
                others = [values[operand] for operand in operands]
                if all(type(other) is float or other.shape == value.shape for other in others):
                    values[entry] = stand_in(value.shape)
                    self._let_go(entry, value)
                    self._kernels.forget(value)
                    return numpy_function(operation.ufunc)(*others, out=value)
        return None

    @cached_property
    def _kernels(self) -> ModuleType:
        from adcli.rules.readings import sums

        return sums

    def forget(self, entry: int, held: Callable[[int], bool]) -> None:
        """Put a stand-in in the place of an array that nothing needs and no slot holds."""
        value = self.tape.values[entry]
        if (
            type(value) is not float
            and entry not in self.needed
            and self.tape.noted_operands[entry]
            and not held(entry)
        ):
            self.tape.values[entry] = stand_in(value.shape)
            self._let_go(entry, value)

    def _let_go(self, entry: int, value: Value) -> None:
        if entry < self.measured and value.base is None:
            self.freed += value.nbytes


@lru_cache(maxsize=1_000)
def stand_in(shape: tuple[int, ...]) -> Value:
    """An array of this shape that takes no memory: NaN everywhere, so that to read it would show."""
    import numpy

    return numpy.broadcast_to(numpy.nan, shape)
