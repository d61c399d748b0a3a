"""Steps and paths of the chain rule in the words of a program, for who has made a mistake there."""

from __future__ import annotations

from collections.abc import Sequence

from adcli.tape.components import index_of, name_of
from adcli.tape.describe import Labels, labels, operation_text, partial_text
from adcli.tape.tape import Tape
from adcli.trust.flows import Edge, edges_of
from adcli.trust.paths import Path, Paths

_TOLD_PATHS = 3  # of a sum that are told one by one
_SHOWN_PATHS = 200  # that are searched for the one to show


class Teller:
    """Steps and paths in words."""

    def __init__(self, tape: Tape, output: int, component: str) -> None:
        """Take a run, the entry that is differentiated, and the component of the inputs by which."""
        self.tape = tape
        self.output = output
        self.component = component
        self.names: Labels = labels(tape)

    def paths(self, step: Edge) -> tuple[str, tuple[int, ...]]:
        """The paths through a step: the one that there is, or the operation that they share."""
        source, index = self.tape.inputs[name_of(self.component)], index_of(self.component)
        found = Paths(self.tape, self.output, [source])
        if found.count(source, index) <= _SHOWN_PATHS:
            through = [path for path in found.all(source, index) if step in edges_of(path)]
            if len(through) == 1:
                return self.path(through[0])
        entry, position = step
        line = self.tape.line(entry)
        operand = self.names[self.tape.operands[entry][position]]
        text = f"what goes from {operand} through `{self.operation(entry)}`, line {line}"
        return text, () if line is None else (line,)

    def path(self, path: Path) -> tuple[str, tuple[int, ...]]:
        """`the path x → a → L (lines 7, 9)`."""
        lines = tuple(dict.fromkeys(line for entry in path.entries[1:] if (line := self.tape.line(entry)) is not None))
        chain = " → ".join(self.names[entry] for entry in path.entries)
        where = f"line {lines[0]}" if len(lines) == 1 else f"lines {', '.join(map(str, lines))}"
        return f"the path {chain} ({where})", lines

    def some(self, paths: Sequence[Path], left_out: Sequence[Path]) -> tuple[str, tuple[int, ...]]:
        """Those of all paths that are left out, or of many those that are not; of very many how many they are."""
        kept = [path for path in paths if path not in left_out]
        few, verb = (left_out, "leaves out") if len(left_out) <= max(len(kept), 2) else (kept, "counts only")
        texts = [self.path(path) for path in few]
        lines = tuple(dict.fromkeys(line for _, own in texts for line in own))
        if len(few) > _TOLD_PATHS:
            return f"the claim {verb} {len(few)} of the {len(paths)} paths", lines
        return f"the claim {verb} {' and '.join(text for text, _ in texts)}", lines

    def partial(self, step: Edge) -> tuple[str, tuple[int, ...]]:
        """`∂a/∂x = y, line 7`."""
        entry, position = step
        operand = self.names[self.tape.operands[entry][position]]
        formula, line = partial_text(self.tape, entry, position, self.names), self.tape.line(entry)
        text = f"∂{self.names[entry]}/∂{operand} = {formula} of `{self.operation(entry)}`, line {line},"
        return text, () if line is None else (line,)

    def operation(self, entry: int) -> str:
        """`a * b`."""
        return operation_text(self.tape, entry, self.names)
