"""Ctrl-C at any moment leaves the caller's NumPy as it was."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy
import pytest

import adcli

from .test_api import METHODS
from .test_api_copies import ARRAYS, MORE, REQUIRED

_FEW, _MOMENTS = 40, 120  # so many in a row: at each run of a third of the methods, and of all among the slow tests


class Interrupted:
    """Raises KeyboardInterrupt at the n-th of the lines that run in NumPy's error state, or change it."""

    def __init__(self, moment: int) -> None:
        self.left = self.moment = moment

    def _line(self, frame: FrameType, event: str, argument: object) -> Any:
        if event in ("line", "return"):
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
        return self._line

    def __call__(self, frame: FrameType, event: str, argument: object) -> Any:
        path, name = frame.f_code.co_filename, frame.f_code.co_name
        changes = path.endswith("_ufunc_config.py") and name in ("__enter__", "__exit__", "inner")
        return self._line if changes or path.endswith("ieee.py") else None

    def interrupts(self, call: Callable[[], object]) -> bool:
        """Whether a call was interrupted: it had so many moments."""
        before = sys.gettrace()
        sys.settrace(self)
        try:
            call()
        except KeyboardInterrupt:
            return True
        finally:
            sys.settrace(before)
        return False


def _asked(program: adcli.DifferentiableProgram, method: str) -> object:
    report = getattr(program, method)({}, **REQUIRED.get(method, {}), **MORE.get(method, {}))
    return None if isinstance(report, str) else (report.to_dict(), report.tables())


def _calls(method: str) -> list[Callable[[], object]]:
    program, start = adcli.parse(ARRAYS), adcli.parse(ARRAYS).at
    calls: list[Callable[[], object]] = [lambda: _asked(program, method), lambda: _asked(adcli.parse(ARRAYS), method)]
    if method == "gradient":
        calls += [
            lambda: program.gradient(difference="none"),
            lambda: start({}).run,
            lambda: start({}).run_for_gradient,
        ]
    if method == "tape":
        calls += [lambda: program.tape().sweep("L"), lambda: [row.partials for row in program.tape().entries]]
    return calls


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("method", "moments"),
    [
        *((method, _FEW) for method in METHODS[::3]),
        *(pytest.param(method, _MOMENTS, marks=pytest.mark.slow) for method in METHODS),
    ],
)
def test_an_interrupt_leaves_the_error_state(method: str, moments: int) -> None:
    state, function = numpy.geterr(), numpy.geterrcall()
    calls = _calls(method)
    for call in calls:
        call()
        moment = 1
        while moment < moments * 10 and Interrupted(moment).interrupts(call):
            assert (numpy.geterr(), numpy.geterrcall()) == (state, function), moment
            moment += 1 if moment < moments else 97
        assert moment > 1 or call is not calls[0]
