"""The Python API: programs that evaluate and differentiate themselves. The command line is thin over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from adcli.program.check import program_from, program_from_expression
from adcli.program.program import Program
from adcli.run import Options, Start
from adcli.syntax.source import Source, read_source
from adcli.tape.inputs import Given
from adcli.tape.interpreter import MAX_ENTRIES

if TYPE_CHECKING:
    from adcli.errors import Problem
    from adcli.report.check import CheckReport
    from adcli.report.cost import CostReport
    from adcli.report.evaluation import Evaluation
    from adcli.report.family import FamilyReport
    from adcli.report.gradient import Gradient
    from adcli.report.hessian import HessianProduct, HessianReport
    from adcli.report.jacobian import JacobianReport
    from adcli.report.precision import PrecisionReport
    from adcli.report.products import AdjointReport, TangentReport
    from adcli.report.sweep import SweepReport
    from adcli.report.tape import TapeReport
    from adcli.report.why import WhyReport
    from adcli.tape.replay import Plans

Point = Mapping[str, Given]
Report = TypeVar("Report")


class DifferentiableProgram:
    """A program and what can be asked of it.

    Every method takes the inputs by name, `program.gradient(x=2, y="pi/4")`, or in a mapping in front,
    which is the way for an input that is called like one of the method's own options. Inputs with a default
    may be left out. All raise AdError where the inputs do not fit the program.

    The other keywords of a method are the fields of the options that it names, such as `GradientOptions`.
    """

    def __init__(self, program: Program, max_entries: int = MAX_ENTRIES) -> None:
        """Take a program; `max_entries` limits its tape, so that a loop without an end ends in an error."""
        self.program = program
        self.max_entries = max_entries
        self._plans: Plans = {}

    def __repr__(self) -> str:
        return f"<adcli program {self.program.source.name}>"

    @cached_property
    def lint(self) -> list[Problem]:
        """What is suspicious in the program, whatever its inputs."""
        from adcli.trust.lint import suspicions

        return suspicions(self.program)

    def at(self, given: Point) -> Start:
        """The program at a point, where it runs once, whatever is asked of it: `options.answer(program.at(given))`."""
        return Start(self.program, given, self.max_entries, self.lint, self._plans)

    def _answer(self, record: type[Options[Report]], point: Point | None, keywords: Mapping[str, Any]) -> Report:
        """Answer a method: its keywords are options as far as the record has such fields, and inputs else."""
        names = {field.name for field in fields(record)}  # type: ignore[arg-type]
        options = record(**{name: value for name, value in keywords.items() if name in names})
        inputs = {name: value for name, value in keywords.items() if name not in names}
        return options.answer(self.at({**(point or {}), **inputs}))

    def evaluate(self, point: Point | None = None, /, **keywords: Any) -> Evaluation:
        """Every named value, or what a `selection` leaves."""
        from adcli.report.evaluation import EvaluationOptions

        return self._answer(EvaluationOptions, point, keywords)

    def gradient(self, point: Point | None = None, /, **keywords: Any) -> Gradient:
        """The derivatives of every output, or of the value `of`, beside finite differences.

        `wrt` chooses the inputs, `difference` ("all", "direction", "none") what is compared, and `seed` the random
        direction; `checkpoint`, `nonsmooth` and `progress` are told of in GradientOptions.
        """
        from adcli.report.gradient import GradientOptions

        return self._answer(GradientOptions, point, keywords)

    def check(self, point: Point | None = None, /, **keywords: Any) -> CheckReport:
        """The derivatives by every way there is, and a verdict on each and on the whole: `.verdict`.

        Takes `of`, `wrt`, `order`, `random`, `seed`, `everything`, `nonsmooth`, `claims`, `margins`, `curve` and
        `progress`, which are told of in CheckOptions.
        """
        from adcli.report.check import CheckOptions

        return self._answer(CheckOptions, point, keywords)

    def tape(self, point: Point | None = None, /, **keywords: Any) -> TapeReport:
        """What ran, entry by entry; its `.sweep("L")` is the reverse sweep from an output.

        `wrt` chooses the inputs that count as active, `selection` the entries.
        """
        from adcli.report.tape import TapeOptions

        return self._answer(TapeOptions, point, keywords)

    def sweep(self, point: Point | None = None, /, **keywords: Any) -> SweepReport:
        """The reverse sweep from the first output, or from the value `of`, contribution by contribution.

        `wrt` chooses the inputs, `selection` the entries. Where there is no derivative this is reported; `nonsmooth`
        "error" raises an error, "quiet" says nothing.
        """
        from adcli.report.sweep import SweepOptions

        return self._answer(SweepOptions, point, keywords)

    def why(self, point: Point | None = None, /, **keywords: Any) -> WhyReport:
        """Where the derivatives of the first output, or of the value `of`, come from: their largest paths.

        `wrt` chooses inputs or components of them, as "x,w[2]"; of a single one there are so many `paths`.
        """
        from adcli.report.why import WhyOptions

        return self._answer(WhyOptions, point, keywords)

    def jvp(self, point: Point | None = None, /, **keywords: Any) -> TangentReport:
        """The tangent of every output, or of the value `of`, given those of some inputs by `dot`; one forward sweep.

        `check` compares with differences, `selection` chooses the entries.
        """
        from adcli.report.products import TangentOptions

        return self._answer(TangentOptions, point, keywords)

    def vjp(self, point: Point | None = None, /, **keywords: Any) -> AdjointReport:
        """The adjoint of every input, given those of some outputs by `bar`; one reverse sweep.

        `wrt` chooses the inputs, `check` compares with differences.
        """
        from adcli.report.products import AdjointOptions

        return self._answer(AdjointOptions, point, keywords)

    def jacobian(self, point: Point | None = None, /, **keywords: Any) -> JacobianReport:
        """The derivatives of all outputs, or of the values `of`, as "L,M".

        `wrt` chooses the inputs. The `mode` is that which needs fewer sweeps, or "forward" or "reverse"; `check`
        compares with differences.
        """
        from adcli.report.jacobian import JacobianOptions

        return self._answer(JacobianOptions, point, keywords)

    def hessian(self, point: Point | None = None, /, **keywords: Any) -> HessianReport:
        """The second derivatives of every output, or of the value `of`.

        `wrt` chooses the inputs, `check` compares with differences of the gradient.
        """
        from adcli.report.hessian import HessianOptions

        return self._answer(HessianOptions, point, keywords)

    def hvp(self, point: Point | None = None, /, **keywords: Any) -> HessianProduct:
        """The second derivatives of every output, or of the value `of`, times the direction `dot`.

        The `mode` is "forward-over-reverse", "reverse-over-forward" or "reverse-over-reverse"; `wrt` chooses the
        inputs, `check` compares with differences of the gradient.
        """
        from adcli.report.hessian import ProductOptions

        return self._answer(ProductOptions, point, keywords)

    def adjoint(self, point: Point | None = None, /, **keywords: Any) -> str:
        """The reverse sweep from the first output, or from the value `of`, as the text of a program.

        `wrt` chooses the inputs; with `keep_guards` the program requires that its decisions come out as they did.
        """
        from adcli.report.programs import AdjointProgramOptions

        return self._answer(AdjointProgramOptions, point, keywords)

    def tangent(self, point: Point | None = None, /, **keywords: Any) -> str:
        """The forward sweep as the text of a program; `dot` gives the defaults of its tangents.

        `of` and `keep_guards` are those of `jvp` and `adjoint`.
        """
        from adcli.report.programs import TangentProgramOptions

        return self._answer(TangentProgramOptions, point, keywords)

    def cost(self, point: Point | None = None, /, **keywords: Any) -> CostReport:
        """What the gradient of the first output, or of the value `of`, costs by each method.

        `wrt` chooses the inputs, `measure` whether times are measured, `checkpoint` how many states are kept.
        """
        from adcli.report.cost import CostOptions

        return self._answer(CostOptions, point, keywords)

    def precision(self, point: Point | None = None, /, **keywords: Any) -> PrecisionReport:
        """How far rounding may have taken each output, or the value `of`, and which entries bring that.

        `wrt` chooses the inputs of the condition numbers; `verify` runs the same operations with 50 digits, which
        takes mpmath; `everything` tells every entry that was rounded, and not the first 10.
        """
        from adcli.report.precision import PrecisionOptions

        return self._answer(PrecisionOptions, point, keywords)

    def cost_of_family(
        self, sizes: Sequence[int], /, *, of: str | None = None, each: str | None = None, measure: bool = True
    ) -> FamilyReport:
        """How the cost of a gradient grows: at several sizes, by what a loop gives to the name `each`."""
        from adcli.report.family import FamilyOptions

        return FamilyOptions(sizes, of, each, measure).report(self.program, self.max_entries)


def load(path: str) -> DifferentiableProgram:
    """Read a program from a file; raises AdError with all its mistakes."""
    return DifferentiableProgram(program_from(read_source(str(path))))


def parse(text: str, name: str = "<text>") -> DifferentiableProgram:
    """Read a program from a text; raises AdError with all its mistakes."""
    return DifferentiableProgram(program_from(Source(name, text)))


def expression(text: str) -> DifferentiableProgram:
    """Read one expression: its free names are the inputs, its value is the output `value`."""
    return DifferentiableProgram(program_from_expression(Source("<expression>", text)))
