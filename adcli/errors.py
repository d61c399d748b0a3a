"""What can go wrong for a reason that the user can mend, as data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from adcli.records import NamedTuple


class Text(Protocol):
    """What a message needs of a source (`syntax/source.py`): its name, and places in it."""

    name: str

    def place(self, offset: int) -> tuple[int, int]:
        """The line and the column of an offset."""

    def file_at(self, offset: int) -> str:
        """The name of the file that an offset lies in."""

    def line_at(self, offset: int) -> str:
        """The text of the line that an offset lies in."""


class Problem(NamedTuple):
    """One mistake, or one warning: what it is, where it is, and what to do about it.

    Attributes:
        code: a short name that never changes, such as `unknown-name`
        message: one line, without a full stop
        span: the start and end offsets in the source, or None where there is no place
        label: what stands beside the carets under the place
        note: a fact that helps to understand
        help: what to do
    """

    code: str
    message: str
    span: tuple[int, int] | None = None
    label: str = ""
    note: str = ""
    help: str = ""


class AdError(Exception):
    """All the mistakes that one step found; `source` is the text that their spans refer to."""

    def __init__(self, problems: Problem | Iterable[Problem], source: Text | None = None) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        self.source = source
        super().__init__("; ".join(map(self._with_place, self.problems)))

    def __reduce__(self) -> tuple[Any, ...]:
        """What it is made of, so that a process of a pool can hand it to its parent."""
        return type(self), (self.problems, self.source), self.__dict__

    def _with_place(self, problem: Problem) -> str:
        if self.source is None or problem.span is None:
            return problem.message
        line, column = self.source.place(problem.span[0])
        return f"{self.source.file_at(problem.span[0])}:{line}:{column}: {problem.message}"


class CheckFailedError(AdError):
    """What is not to be gone on with, because a check that was asked for fails; the program itself is well."""
