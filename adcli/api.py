"""The Python API: programs that evaluate and differentiate themselves. The command line is thin over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from adcli.program.check import program_from, program_from_expression
from adcli.program.program import Program, has_checkpoints
from adcli.report.model import Run, run_program
from adcli.syntax.source import Source, read_source
from adcli.tape.components import split_at_commas
from adcli.tape.machine import MAX_ENTRIES
from adcli.tape.point import Given

if TYPE_CHECKING:
    from adcli.errors import Problem
    from adcli.report.check import CheckReport
    from adcli.report.cost import CostReport
    from adcli.report.evaluation import Evaluation
    from adcli.report.family import FamilyReport
    from adcli.report.fold import Selection
    from adcli.report.gradient import Gradient
    from adcli.report.hessian import HessianProduct, HessianReport
    from adcli.report.jacobian import JacobianReport
    from adcli.report.precision import PrecisionReport
    from adcli.report.products import AdjointReport, TangentReport
    from adcli.report.sweep import SweepReport
    from adcli.report.tape import TapeReport
    from adcli.report.why import WhyReport
    from adcli.tape.replay import Plans
    from adcli.trust.claims import Numbers

Point = Mapping[str, Given]


class DifferentiableProgram:
    """A program and what can be asked of it.

    Every method takes the inputs by name, `program.gradient(x=2, y="pi/4")`, or in a mapping in front,
    which is the way for an input that is called like one of the method's own options. Inputs with a default
    may be left out. All raise AdError where the inputs do not fit the program.
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

    def evaluate(
        self, point: Point | None = None, /, *, selection: Selection | None = None, **inputs: Given
    ) -> Evaluation:
        """Every named value, or what a selection leaves."""
        from adcli.report.evaluation import evaluation
        from adcli.trust.guards import ONLY_DECIDES

        run = self._run(point, inputs)
        warnings = tuple(problem for problem in run.warnings if problem.code != ONLY_DECIDES)  # of derivatives alone
        return evaluation(run._replace(warnings=warnings), selection)

    def gradient(
        self,
        point: Point | None = None,
        /,
        *,
        of: str | None = None,
        wrt: str | Sequence[str] | None = None,
        difference: str | None = None,
        seed: int = 0,
        progress: Callable[[int, int], None] | None = None,
        checkpoint: int | None = None,
        nonsmooth: str = "report",
        **inputs: Given,
    ) -> Gradient:
        """The derivatives of every output, or of the value `of`, beside finite differences.

        Args:
            point: the inputs, in a mapping
            of: the name of the value to differentiate
            wrt: the inputs to differentiate by, as "x,y" or ["x", "y"]
            difference: "all", "direction" or "none"; by default all components up to 50 inputs, beyond that the
                20 largest and a random direction
            seed: of the random direction
            progress: called before each comparison with the number of those that are done, and of all
            checkpoint: how many states the reverse sweep of a loop may keep, for loops that do not say so themselves;
                with difference "none" the memory is bounded by that, as the whole tape is only needed to compare
            nonsmooth: what to do where there is no derivative: "report" it, raise an "error", or be "quiet"
            inputs: the inputs, by name
        """
        from adcli.report.gradient import bounded_gradients, gradients

        if difference == "none" and has_checkpoints(self.program, checkpoint):
            given = {**(point or {}), **inputs}
            return bounded_gradients(
                self.program, given, of, _names(wrt), checkpoint, self.max_entries, self.lint
            )  # fmt: skip
        run = self._run(point, inputs, lean=difference == "none" and of is None)
        return gradients(run, of, _names(wrt), difference, seed, progress, checkpoint, nonsmooth)

    def check(
        self,
        point: Point | None = None,
        /,
        *,
        of: str | None = None,
        wrt: str | Sequence[str] | None = None,
        order: int = 1,
        random: int = 0,
        seed: int = 0,
        everything: bool = False,
        nonsmooth: str = "report",
        progress: Callable[[int, int], None] | None = None,
        claims: Sequence[str | Numbers] = (),
        margins: bool = False,
        curve: str | None = None,
        **inputs: Given,
    ) -> CheckReport:
        """The derivatives by every way there is, and a verdict on each and on the whole: `.verdict`.

        Args:
            point: the inputs, in a mapping
            of: the name of the value to differentiate; by default every output
            wrt: the inputs to differentiate by, as "x,y" or ["x", "y"]
            order: 1 for gradients, 2 for Hessians
            random: how many random points of the inputs' ranges to check besides
            seed: of the random direction and points
            everything: whether to check all components; by default, of more than 50 the 20 largest
            nonsmooth: what to do where there is no derivative: "report" it, raise an "error", or be "quiet"
            progress: called before each comparison with the number of those that are done, and of all
            claims: derivatives that are claimed besides those in the program, as "dL/dx = y"
            margins: whether to look for the nearest kinks and decisions
            curve: the component of the inputs whose differences are taken at many steps
            inputs: the inputs, by name
        """
        from adcli.program.claims import claim_of, scope_of
        from adcli.report.check import check_report

        program = self.program
        scope = scope_of(program.code, [one.name for one in program.inputs], program.tree, program.arrays)
        claimed = [claim_of(one, scope) if isinstance(one, str) else one for one in claims]
        run = self._run(point, inputs)
        return check_report(
            run, of, _names(wrt), order, random, seed, everything, nonsmooth, progress, claimed, margins, curve
        )

    def tape(
        self,
        point: Point | None = None,
        /,
        *,
        wrt: str | Sequence[str] | None = None,
        selection: Selection | None = None,
        **inputs: Given,
    ) -> TapeReport:
        """What ran, entry by entry; its `.sweep("L")` is the reverse sweep from an output."""
        from adcli.report.tape import tape_report

        return tape_report(self._run(point, inputs), _names(wrt), selection)

    def sweep(
        self,
        point: Point | None = None,
        /,
        *,
        of: str | None = None,
        wrt: str | Sequence[str] | None = None,
        selection: Selection | None = None,
        nonsmooth: str = "report",
        **inputs: Given,
    ) -> SweepReport:
        """The reverse sweep from the first output, or from the value `of`, contribution by contribution.

        Where there is no derivative this is reported; `nonsmooth` "error" raises an error, "quiet" says nothing.
        """
        from adcli.report.sweep import sweep_report

        return sweep_report(self._run(point, inputs), of, _names(wrt), selection, nonsmooth)

    def why(
        self,
        point: Point | None = None,
        /,
        *,
        of: str | None = None,
        wrt: str | Sequence[str] | None = None,
        paths: int = 5,
        **inputs: Given,
    ) -> WhyReport:
        """Where the derivatives of the first output, or of the value `of`, come from: their largest paths.

        Args:
            point: the inputs, in a mapping
            of: the name of the value that is differentiated
            wrt: the inputs, or components of them, as "x,w[2]" or ["x", "w[2]"]; by default all
            paths: how many paths there are to be of one component; of several only the answers are given
            inputs: the inputs, by name
        """
        from adcli.report.why import why_report

        return why_report(self._run(point, inputs), of, _names(wrt), paths)

    def jvp(
        self,
        point: Point | None = None,
        /,
        *,
        dot: Mapping[str, Given],
        of: str | None = None,
        check: bool = False,
        selection: Selection | None = None,
        **inputs: Given,
    ) -> TangentReport:
        """The tangent of every output, or of the value `of`, given those of some inputs; one forward sweep."""
        from adcli.report.products import tangent_report

        return tangent_report(self._run(point, inputs), dot, of, check, selection)

    def vjp(
        self,
        point: Point | None = None,
        /,
        *,
        bar: Mapping[str, Given],
        wrt: str | Sequence[str] | None = None,
        check: bool = False,
        **inputs: Given,
    ) -> AdjointReport:
        """The adjoint of every input, given those of some outputs; one reverse sweep."""
        from adcli.report.products import adjoint_report

        return adjoint_report(self._run(point, inputs), bar, _names(wrt), check)

    def jacobian(
        self,
        point: Point | None = None,
        /,
        *,
        of: str | Sequence[str] | None = None,
        wrt: str | Sequence[str] | None = None,
        mode: str | None = None,
        check: bool = False,
        **inputs: Given,
    ) -> JacobianReport:
        """The derivatives of all outputs, in the mode that needs fewer sweeps, or in "forward" or "reverse"."""
        from adcli.report.jacobian import jacobian_report

        return jacobian_report(self._run(point, inputs), _names(of), _names(wrt), mode, check)

    def hessian(
        self,
        point: Point | None = None,
        /,
        *,
        of: str | None = None,
        wrt: str | Sequence[str] | None = None,
        check: bool = False,
        **inputs: Given,
    ) -> HessianReport:
        """The second derivatives of every output, or of the value `of`."""
        from adcli.report.hessian import hessian_report

        return hessian_report(self._run(point, inputs), of, _names(wrt), check)

    def hvp(
        self,
        point: Point | None = None,
        /,
        *,
        dot: Mapping[str, Given],
        of: str | None = None,
        wrt: str | Sequence[str] | None = None,
        mode: str | None = None,
        check: bool = False,
        **inputs: Given,
    ) -> HessianProduct:
        """The second derivatives times a direction.

        The mode is "forward-over-reverse", "reverse-over-forward" or "reverse-over-reverse".
        """
        from adcli.report.hessian import product_report

        return product_report(self._run(point, inputs), dot, of, _names(wrt), mode, check)

    def adjoint(
        self,
        point: Point | None = None,
        /,
        *,
        of: str | None = None,
        wrt: str | Sequence[str] | None = None,
        keep_guards: bool = False,
        **inputs: Given,
    ) -> str:
        """The reverse sweep from the first output, or from the value `of`, as the text of a program."""
        from adcli.emit.derivatives import adjoint_program
        from adcli.report.model import chosen_inputs, differentiated_outputs

        run = self._run(point, inputs)
        chosen = chosen_inputs(run.program, _names(wrt))
        (output,) = differentiated_outputs(run, of or run.program.outputs[0])
        return adjoint_program(*run[:3], output, chosen, keep_guards)

    def tangent(
        self,
        point: Point | None = None,
        /,
        *,
        dot: Mapping[str, Given] | None = None,
        of: str | None = None,
        keep_guards: bool = False,
        **inputs: Given,
    ) -> str:
        """The forward sweep as the text of a program; `dot` gives the defaults of its tangents."""
        from adcli.emit.derivatives import tangent_program
        from adcli.report.products import directions

        run = self._run(point, inputs)
        outputs = run.program.outputs if of is None else (of,)
        return tangent_program(*run[:3], outputs, directions(run, dot or {}), keep_guards)

    def cost(
        self,
        point: Point | None = None,
        /,
        *,
        of: str | None = None,
        wrt: str | Sequence[str] | None = None,
        measure: bool = True,
        checkpoint: int | None = None,
        **inputs: Given,
    ) -> CostReport:
        """What the gradient of the first output, or of the value `of`, costs by each method."""
        from adcli.report.cost import cost_report

        return cost_report(self._run(point, inputs), of, _names(wrt), measure, checkpoint)

    def cost_of_family(
        self, sizes: Sequence[int], /, *, of: str | None = None, each: str | None = None, measure: bool = True
    ) -> FamilyReport:
        """How the cost of a gradient grows: at several sizes, by what a loop gives to the name `each`."""
        from adcli.report.family import family_report

        return family_report(self.program, sizes, of, each, measure, self.max_entries)

    def precision(
        self,
        point: Point | None = None,
        /,
        *,
        of: str | None = None,
        wrt: str | Sequence[str] | None = None,
        verify: bool = False,
        everything: bool = False,
        **inputs: Given,
    ) -> PrecisionReport:
        """How far rounding may have taken each output, or the value `of`, and which entries bring that.

        Args:
            point: the inputs, in a mapping
            of: the name of the value, or of a component of it
            wrt: the inputs whose condition numbers are asked for
            verify: run the same operations with 50 digits and compare, which takes mpmath
            everything: tell every entry that was rounded, and not the first 10
            inputs: the inputs, by name
        """
        from adcli.report.precision import precision_report

        return precision_report(self._run(point, inputs), of, _names(wrt), verify, everything)

    def _run(self, point: Point | None, inputs: Mapping[str, Given], lean: bool = False) -> Run:
        """Run the program."""
        return run_program(self.program, {**(point or {}), **inputs}, self.max_entries, self.lint, lean, self._plans)


def _names(wrt: str | Sequence[str] | None) -> Sequence[str] | None:
    return [name.strip() for name in split_at_commas(wrt)] if isinstance(wrt, str) else wrt


def load(path: str) -> DifferentiableProgram:
    """Read a program from a file; raises AdError with all its mistakes."""
    return DifferentiableProgram(program_from(read_source(str(path))))


def parse(text: str, name: str = "<text>") -> DifferentiableProgram:
    """Read a program from a text; raises AdError with all its mistakes."""
    return DifferentiableProgram(program_from(Source(name, text)))


def expression(text: str) -> DifferentiableProgram:
    """Read one expression: its free names are the inputs, its value is the output `value`."""
    return DifferentiableProgram(program_from_expression(Source("<expression>", text)))
