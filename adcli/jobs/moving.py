"""Which inputs a job moves: those that are asked for, or all that the result depends on."""

from __future__ import annotations

from collections.abc import Sequence

from adcli.errors import AdError, Problem
from adcli.run import Names, Run, chosen_inputs
from adcli.tape.reach import active_entries


def moving_inputs(run: Run, entry: int, wrt: Names, among: Sequence[str] | None = None) -> tuple[list[str], Run]:
    """The inputs to move, and the run with a warning of those that are left alone, as the entry does not follow them.

    Args:
        run: at the start
        entry: what is computed from the inputs
        wrt: those that are asked for; by default all
        among: the default, where it is not all

    Raises AdError `unknown-input`, and `idle-parameter` where one that is asked for by name moves nothing.
    """
    chosen = chosen_inputs(run.program, wrt)
    if wrt is None and among is not None:
        chosen = [name for name in chosen if name in among]
    idle = [name for name in chosen if not active_entries(run.tape, [run.tape.inputs[name]])[entry]]
    if not idle:
        return chosen, run
    spans = {variable.name: variable.declaration.span for variable in run.program.inputs}
    what = run.tape.names[entry] or "the result"
    problems = [
        Problem("idle-parameter", f"`{what}` does not follow `{name}`: nothing that it is computed from varies with it",
                spans[name], help="leave it out of --wrt")
        for name in idle
    ]  # fmt: skip
    if wrt is not None:
        raise AdError(problems, run.program.source)
    known = {warning.span for warning in run.warnings}
    told = tuple(
        problem._replace(message=f"`{name}` stays as it is: `{what}` does not follow it", help="")
        for problem, name in zip(problems, idle, strict=True)
        if problem.span not in known  # as of an input that nothing reads at all
    )
    return [name for name in chosen if name not in idle], run._replace(warnings=(*run.warnings, *told))
