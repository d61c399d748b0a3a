"""What `adcli adjoint` and `adcli tangent` say: a sweep as the text of a program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from adcli.emit.derivatives import adjoint_program, tangent_program
from adcli.report.kinks import conventions_used
from adcli.report.products import directions
from adcli.run import Names, Options, Run, chosen_inputs, differentiated_outputs
from adcli.tape.inputs import Given


@dataclass(frozen=True)
class AdjointProgramOptions(Options[str]):
    """What `adcli adjoint` is asked.

    Attributes:
        of: the name of the value to differentiate; by default the first output
        wrt: the inputs to differentiate by; by default all
        keep_guards: whether the program is to require that the decisions come out as they did
    """

    of: str | None = None
    wrt: Names = None
    keep_guards: bool = False

    def report(self, run: Run) -> str:
        """The reverse sweep as the text of a program."""
        inputs = chosen_inputs(run.program, self.wrt)
        (output,) = differentiated_outputs(run, self.of or run.program.outputs[0])
        used = conventions_used(run.tape, [output], inputs)
        return adjoint_program(run.program, run.point, run.tape, output, inputs, self.keep_guards, used)


@dataclass(frozen=True)
class TangentProgramOptions(Options[str]):
    """What `adcli tangent` is asked.

    Attributes:
        dot: the defaults of the tangents of inputs
        of: the name of the value whose tangent is asked for; by default every output
        wrt: the inputs that have tangents; by default all
        keep_guards: whether the program is to require that the decisions come out as they did
    """

    dot: Mapping[str, Given] = field(default_factory=dict)
    of: str | None = None
    wrt: Names = None
    keep_guards: bool = False

    def report(self, run: Run) -> str:
        """The forward sweep as the text of a program."""
        outputs = run.program.outputs if self.of is None else (self.of,)
        inputs, direction = chosen_inputs(run.program, self.wrt), directions(run, self.dot)
        used = conventions_used(run.tape, outputs, inputs)
        return tangent_program(run.program, run.point, run.tape, outputs, inputs, direction, self.keep_guards, used)
