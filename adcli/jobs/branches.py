"""A straight line that ran, as functions of numbers and of columns: in Python, in the engine, in NumPy.

Python and the engine give the interpreter's bits. NumPy has functions of its own, which may be two units in the last
place off: it is for columns where there is no engine, and for second derivatives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from adcli.emit.function import OK, Function, Request, function_of
from adcli.emit.python import python_text
from adcli.errors import AdError
from adcli.native.library import engine, may_be_there
from adcli.native.plan import Line, NativePlan, NotOurs
from adcli.program.program import Program, differentiates
from adcli.tape.selected import Selected
from adcli.tape.tape import Tape, Value

LONGEST = 3_000  # entries of a tape that becomes a function of Python: a longer one takes long to compile
NAME = "derived"  # what an emitted function is called


class Branch:
    """One straight line as functions.

    Attributes:
        length: how many entries the line has
        numbers: the function of numbers, which gives a status and the results
    """

    numbers: Callable[..., tuple[Any, ...]]

    def __init__(
        self,
        program: Program,
        point: Mapping[str, Value],
        tape: Tape,
        selected: Selected,
        request: Request,
    ) -> None:
        """Take a run of numbers, and what is wanted of it.

        Raises AdError `no-emission` where Python has no way to say it, and NotOurs where it is too long for Python, and
        nothing for the engine.
        """
        self.length = len(tape)
        self._request = request
        self._seeds = tuple(selected.seeds(tape))
        self._tape = None if request.order > 1 or differentiates(program) else tape  # that is nothing in the engine yet
        self._line: Line | None = None
        self._emitted: Function | None = None
        if self.length <= LONGEST:
            self._emitted = function_of(program, [(point, tape)], request, raises=True)
            self.numbers = _function(python_text(self._emitted, minus_zero=False))
        if self._in_engine(False) is None and self._emitted is None:
            raise NotOurs

    def _in_engine(self, is_worth_compiling: bool) -> Line | None:
        """The line in the engine, where this has all its operations, and is there."""
        found = None if self._tape is None else engine(is_worth_compiling)
        if self._tape is None or found is None:
            return self._line
        tape, self._tape = self._tape, None
        inputs = [tape.inputs[name] for name in self._request.wrt] if self._request.order else []
        try:
            self._line = Line(NativePlan(tape, found, self._seeds), self._seeds, inputs)
        except NotOurs:
            return None
        self.numbers = self._of_line
        return self._line

    def _of_line(self, *point: float) -> tuple[Any, ...]:
        assert self._line is not None
        status, found = self._line.gradient(point)
        return (status, found[0], tuple(found[1:])) if self._request.order else (status, found[0])

    def columns(self, points: Any, is_worth_compiling: bool, results: Any) -> Any | None:
        """The statuses of points, the columns of a matrix; `results`, with a row for each result, is filled in.

        None where there is no way to say it but that of numbers, one by one.
        """
        line = self._in_engine(is_worth_compiling)
        if line is not None:
            return line.columns(points, results)
        if self._tape is not None and may_be_there():
            return self._one_by_one(points, results)
        if self._by_numpy is None:
            return None
        statuses, *found = self._by_numpy(*points)
        results[:] = _joined(found, points.shape[1])
        return statuses

    def _one_by_one(self, points: Any, results: Any) -> Any:
        """The same by numbers: for the few rows for which the engine is not worth compiling, with its bits."""
        import numpy as np

        statuses = np.empty(points.shape[1], np.int8)
        for row, point in enumerate(points.T.tolist()):
            status, *found = self.numbers(*point)
            statuses[row] = status
            if status == OK:
                results[:, row] = [found[0], *(found[1] if self._request.order else ())]
        return statuses

    @cached_property
    def _by_numpy(self) -> Callable[..., tuple[Any, ...]] | None:
        """The function of columns; None where NumPy has no way to say it."""
        from adcli.emit.numpy import numpy_text

        try:
            return None if self._emitted is None else _function(numpy_text(self._emitted))
        except AdError:
            return None


def _joined(found: Sequence[Any], count: int) -> Any:
    import numpy as np

    value, *derivatives = found  # which are 0 and not -0
    parts = (np.reshape(part + 0.0, (-1, count)) for part in derivatives)
    return np.concatenate([np.reshape(value, (1, count)), *parts])


def _function(text: str) -> Callable[..., Any]:
    names: dict[str, Any] = {}
    exec(compile(text, "<emitted>", "exec"), names)
    function: Callable[..., Any] = names[NAME]
    return function
