"""What `adcli emit` says: a value, its gradient and its Hessian as a function in another language; the graph as DOT."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

from adcli.emit.function import Request, function_of
from adcli.emit.languages import LANGUAGES, Target
from adcli.errors import AdError, Problem
from adcli.graph.report import GraphOptions
from adcli.program.program import Program
from adcli.records import dataclass
from adcli.report.kinks import conventions_used
from adcli.run import Names, Options, Run, Start, chosen_inputs, differentiated_outputs
from adcli.tape.inputs import Given
from adcli.tape.selected import select
from adcli.tape.what_ran import what_ran

_PLAIN = "f"  # what a function is called whose program has no name


@dataclass(frozen=True)
class EmitOptions(Options[str]):
    """What `adcli emit` is asked.

    Attributes:
        to: the language: or `dot` for the graph
        of: the value, or a component of one; by default the first output
        wrt: the inputs to differentiate by; by default all
        order: 0 for the value, 1 with the gradient, 2 with the Hessian
        function: what the function is called; by default as the program is
        points: other points, whose branches the function covers as well
    """

    to: str = "python"
    of: str | None = None
    wrt: Names = None
    order: int = 1
    function: str | None = None
    points: Sequence[Mapping[str, Given]] = ()

    def answer(self, start: Start) -> str:
        """The text of the function, of the run at the point, or of those at the points."""
        return self._text([start.at(point).run for point in self.points] if self.points else [start.run])

    def report(self, run: Run) -> str:
        """The text of the function of one run."""
        return self._text([run])

    def _text(self, runs: Sequence[Run]) -> str:
        target = Target(self.to)
        if target is Target.DOT:
            return str(GraphOptions(self.of, self.wrt, sweep=self.order > 0).report(runs[0]).picture(target.value))
        language, run = LANGUAGES[target], runs[0]
        of = self.of or run.program.outputs[0]
        if self.order:
            differentiated_outputs(run, of)
        else:
            select(run.tape, of)
        name = _function_name(run.program, self.function)
        request = Request(of, tuple(chosen_inputs(run.program, self.wrt)), self.order, name)
        different = [(run.point, run.tape) for run in _deciding_otherwise(runs)]
        tapes = [tape for _, tape in different] if self.order else []
        used = dict.fromkeys(text for tape in tapes for text in conventions_used(tape, [of], request.wrt))
        function = function_of(
            run.program, different, request, language.nests_arrays, language.repeats, language.raises, tuple(used)
        )
        return language.text(function)


def _deciding_otherwise(runs: Sequence[Run]) -> Iterator[Run]:
    """The first of the runs that do the same operations on the same entries."""
    known = set()
    for run in runs:
        done = what_ran(run.tape)
        if done not in known:
            known.add(done)
            yield run


def _function_name(program: Program, name: str | None) -> str:
    if name is None:
        stem = PurePath(program.source.name).stem
        return stem if _is_name(stem) else _PLAIN
    if not _is_name(name):
        help_text = "a name has letters of ASCII, digits and _, and is no word of the language"
        raise AdError(Problem("usage", f"a function cannot be called `{name}`", help=help_text))
    return name


def _is_name(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z_]\w*", text, re.ASCII) is not None and not keyword.iskeyword(text)
