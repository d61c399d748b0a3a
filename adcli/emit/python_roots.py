"""Roots in texts of Python: the search that runs here, and the equations as functions that it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from adcli.emit.equations import UNKNOWN, EquationLines, equation_lines
from adcli.emit.function import ELSEWHERE, NOT_FINITE
from adcli.emit.identifiers import Identifiers
from adcli.emit.lines import RootLine, Solved

_INDENT = "    "
WORDS = {"_Point", "_Ended", "_root_of", "_roots_of", "search_of_one", "search_of_several", "collections", "itertools"}
LIBRARIES = {"collections", "math"}
ENDS_ELSEWHERE = f"raise _Ended({ELSEWHERE})"

_ROOT = f'''\
_Point = collections.namedtuple("_Point", "at off_by jacobian noise branch")


class _Ended(Exception):
    """A search for a root ends with a status."""


def _root_of(search, equations, start, branch):
    """The root of equations; raises _Ended where none is found, and where it lies in another branch of theirs."""
    found, _, is_root, _ = search(equations, start)
    if not is_root:
        raise _Ended({NOT_FINITE})
    if found.branch != branch:
        raise _Ended({ELSEWHERE})
    return found.at'''
_ROOTS = """\
def _roots_of(equations, branch, shape, start, *given):
    \"\"\"The root of each row, and the statuses with which searches end.\"\"\"
    columns = np.broadcast_arrays(np.empty(shape), start, *given)[1:]
    roots, ended = np.full(shape, np.nan), np.zeros(shape, int)
    for place in np.ndindex(*shape):
        own, *others = [float(column[place]) for column in columns]
        try:
            roots[place] = _root_of(search_of_one, lambda at: equations(at, *others), own, branch)
        except _Ended as end:
            ended[place] = end.args[0]
    return roots, ended"""


class Searches:
    """The equations that lines solve, each written once.

    Attributes:
        texts: the functions
    """

    def __init__(self, owner: str, names: Identifiers, body: Callable[[EquationLines, int], Iterator[str]]) -> None:
        """Take what the function with the lines is called, what names are, and what writes one branch of equations."""
        self._owner = owner
        self._names = names
        self._body = body
        self._known: dict[Solved, tuple[str, EquationLines]] = {}
        self.texts: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._known)

    def helpers(self, columns: bool = False) -> list[str]:
        """The texts of what searches need, besides the search."""
        if not self._known:
            return []
        return [_ROOT, _ROOTS] if columns else [_ROOT]

    def equations(self, line: RootLine) -> tuple[str, EquationLines]:
        """What the function of a root's equations is called, and their lines."""
        if line.solved not in self._known:
            own = equation_lines(line.solved)
            name = self._names.fresh(f"_{self._owner}_equations_{len(self._known) + 1}")
            self._known[line.solved] = name, own
            self.texts += self._functions(name, own)
        return self._known[line.solved]

    def _functions(self, name: str, own: EquationLines) -> Iterator[str]:
        """The function of some equations: of several branches those, and one that asks them in turn."""
        parameters = ", ".join(map(self._names.of, [UNKNOWN, *own.parameters]))
        numbers = range(len(own.branches))
        names = [name] if len(numbers) == 1 else [self._names.fresh(f"{name}_{number + 1}") for number in numbers]
        for number in numbers:
            body = self._body(own, number)
            yield "\n".join([f"def {names[number]}({parameters}):", *(f"{_INDENT}{text}".rstrip() for text in body)])
        if len(numbers) > 1:
            yield "\n".join(
                [
                    f"def {name}({parameters}):", f"{_INDENT}for branch in ({', '.join(names)}):", f"{2 * _INDENT}try:",
                    f"{3 * _INDENT}return branch({parameters})", f"{2 * _INDENT}except _Ended as ended:",
                    f"{3 * _INDENT}if ended.args[0] != {ELSEWHERE}:", f"{4 * _INDENT}raise",
                    f"{_INDENT}{ENDS_ELSEWHERE}",
                ]
            )  # fmt: skip
