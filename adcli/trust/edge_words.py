"""Edges and paths of the chain rule in the words of a program, for who has made a mistake there.

Each is told as a text, together with the lines of the program that it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from adcli.tape.describe import operation_text
from adcli.tape.labels import Labels, labels
from adcli.tape.tape import Tape
from adcli.trust.component import entry_and_index
from adcli.trust.path_search import all_paths
from adcli.trust.paths import Edge, Path, Paths
from adcli.trust.wording import partial_equation

_TOLD_PATHS = 3  # of a sum that are told one by one
_SHOWN_PATHS = 200  # that are searched for the one to show

Told: TypeAlias = tuple[str, tuple[int, ...]]


class Teller:
    """Tells edges and paths."""

    def __init__(self, tape: Tape, output: int, component: str) -> None:
        """Take a run, the entry that is differentiated, and the component of the inputs by which."""
        self.tape = tape
        self.output = output
        self.component = component
        self.names: Labels = labels(tape)

    def through(self, edge: Edge) -> Told:
        """The only path through an edge; of several the operation that they share."""
        source, index = entry_and_index(self.tape, self.component)
        paths = Paths(self.tape, self.output, [source])
        if paths.count(source, index) <= _SHOWN_PATHS:
            through = [path for path in all_paths(paths, source, index) if edge in path.edges]
            if len(through) == 1:
                return self.path(through[0])
        entry, position = edge
        operand = self.names[self.tape.operands[entry][position]]
        text = f"what goes from {operand} through `{self._operation(entry)}`, line {self.tape.line(entry)}"
        return text, lines_of(self.tape, [entry])

    def path(self, path: Path) -> Told:
        """`the path x → a → L (lines 7, 9)`."""
        lines = lines_of(self.tape, path.entries[1:])
        chain = " → ".join(self.names[entry] for entry in path.entries)
        where = f"line {lines[0]}" if len(lines) == 1 else f"lines {', '.join(map(str, lines))}"
        return f"the path {chain} ({where})", lines

    def some(self, paths: Sequence[Path], left_out: Sequence[Path]) -> Told:
        """Those of all paths that are left out, or of many those that are not; of very many how many they are."""
        kept = [path for path in paths if path not in left_out]
        few, verb = (left_out, "leaves out") if len(left_out) <= max(len(kept), 2) else (kept, "counts only")
        texts = [self.path(path) for path in few]
        lines = tuple(dict.fromkeys(line for _, own in texts for line in own))
        if len(few) > _TOLD_PATHS:
            return f"the claim {verb} {len(few)} of the {len(paths)} paths", lines
        return f"the claim {verb} {' and '.join(text for text, _ in texts)}", lines

    def partial(self, edge: Edge) -> Told:
        """`∂a/∂x = y of x * y, line 7,`: the partial of an edge."""
        entry, position = edge
        equation = partial_equation(self.tape, entry, position, self.names)
        text = f"{equation} of `{self._operation(entry)}`, line {self.tape.line(entry)},"
        return text, lines_of(self.tape, [entry])

    def _operation(self, entry: int) -> str:
        """`a * b`."""
        return operation_text(self.tape, entry, self.names)


def lines_of(tape: Tape, entries: Iterable[int]) -> tuple[int, ...]:
    """The lines that entries come from, each once; a constant has none."""
    return tuple(dict.fromkeys(line for entry in entries if (line := tape.line(entry)) is not None))
