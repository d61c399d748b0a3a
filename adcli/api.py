"""The Python API: programs that evaluate and differentiate themselves. The command line is thin over it."""

from __future__ import annotations

import contextvars  # noqa: F401  # `contained` takes it where it is there
import os
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from adcli.program.load import kept_problems, load_expression, load_program
from adcli.program.program import Program
from adcli.run import Earlier, Names, Options, Start
from adcli.syntax.source import Source, read_source
from adcli.tape.ieee import contained
from adcli.tape.inputs import Given
from adcli.tape.limits import LIMITS, Limits

if TYPE_CHECKING:
    from adcli.errors import Problem
    from adcli.graph.report import GraphReport
    from adcli.jobs.function import DerivedFunction
    from adcli.report.check import CheckReport
    from adcli.report.cost import CostReport
    from adcli.report.evaluation import Evaluation
    from adcli.report.family import FamilyReport
    from adcli.report.fit import FitReport
    from adcli.report.gradient import Gradient
    from adcli.report.hessian import HessianReport
    from adcli.report.hessian_product import HessianProduct
    from adcli.report.jacobian import JacobianReport
    from adcli.report.minimize import MinimizeReport
    from adcli.report.precision import PrecisionReport
    from adcli.report.products import AdjointReport, TangentReport
    from adcli.report.root import RootReport
    from adcli.report.selection import Selection
    from adcli.report.sparsity import SparsityReport
    from adcli.report.sweep import SweepReport
    from adcli.report.tape import TapeReport
    from adcli.report.uncertainty import UncertaintyReport
    from adcli.report.why import WhyReport
    from adcli.report.worksheet import WorksheetReport
    from adcli.trust.claims_given import GivenClaims
    from adcli.trust.compare import Progress

Point = Mapping[str, Given]
Report = TypeVar("Report")


class DifferentiableProgram:
    """A program and what can be asked of it.

    Every method takes the inputs by name, `program.gradient(x=2, y="pi/4")`, or in a mapping in front,
    which is the way for an input that is called like one of the method's own options. Inputs with a default
    may be left out. All raise AdError where the inputs do not fit the program.

    The other keywords of a method are the fields of the record of options that it makes, such as `GradientOptions`,
    which tells more of each.
    """

    def __init__(self, program: Program, limits: Limits = LIMITS) -> None:
        """Take a program, and the limits of its tape, so that a loop without an end ends in an error.

        `program.max_entries` and `program.max_memory` (in bytes; None is half of what is free) change them.
        """
        self.program = program
        self.max_entries, self.max_memory = limits
        self._earlier = Earlier()

    @property
    def limits(self) -> Limits:
        """The limits of its tapes."""
        if (self.max_entries, self.max_memory) != LIMITS:
            from adcli.report.options import ENTRIES, MEMORY, require

            require("`max_entries`", self.max_entries, ENTRIES)
            require("`max_memory`", self.max_memory, MEMORY)
        return Limits(self.max_entries, self.max_memory)

    def __getstate__(self) -> dict[str, object]:
        """What is pickled: the program, which is its text, and the limits."""
        return {name: self.__dict__[name] for name in ("program", "max_entries", "max_memory", "_earlier")}

    def __repr__(self) -> str:
        return f"<adcli program {self.program.source.name}>"

    @cached_property
    @contained
    def lint(self) -> list[Problem]:
        """What is suspicious in the program, whatever its inputs."""
        return list(kept_problems(self.program, _suspicions))

    def at(self, given: Point) -> Start:
        """The program at a point, where it runs once, whatever is asked of it: `options.answer(program.at(given))`."""
        return Start(self.program, given, self.limits, self.lint, self._earlier)

    @contained
    def _answer(self, options: Options[Report], point: Point | None, inputs: Point) -> Report:
        """What a method answers, at its inputs. Raises AdError `usage` for an option that is not what it may be."""
        from adcli.report.options import BY_NAME, checked, require

        options = checked(options)
        if point is not None:
            require("the point", point, BY_NAME)
        return options.answer(self.at({**(point or {}), **inputs}))

    def function(self, *, of: str | None = None, wrt: Names = None, order: int = 1) -> DerivedFunction:
        """The first output, or the value `of`, with its derivatives as a function: `value, gradient = f(x, y)`.

        It takes the inputs in the order of the program, or by name; columns of numbers, of which it gives columns; and
        runs without an interpreter where the program decides as it did before. With `order` 0 it gives the value alone,
        with 2 the Hessian as well. It can be pickled. Raises AdError `unknown-input`, and `usage` for another order.
        """
        from adcli.jobs.function import derived_function
        from adcli.report.options import ORDER, require

        require("the option `order`", order, ORDER)
        return derived_function(self.program, of, wrt, order, self.limits)

    def evaluate(
        self, point: Point | None = None, /, *, selection: Selection | None = None, **inputs: Given
    ) -> Evaluation:
        """Every named value, or what a `selection` leaves."""
        from adcli.report.evaluation import EvaluationOptions

        return self._answer(EvaluationOptions(selection), point, inputs)

    def gradient(
        self,
        point: Point | None = None,
        /,
        *,
        of: str | None = None,
        wrt: Names = None,
        difference: str | None = None,
        seed: int = 0,
        checkpoint: int | None = None,
        nonsmooth: str = "report",
        progress: Progress | None = None,
        **inputs: Given,
    ) -> Gradient:
        """The derivatives of every output, or of the value `of`, beside finite differences.

        `.gradient["L"]["w"]` has the shape of the input `w`: a float or a NumPy array.

        `wrt` chooses the inputs, `difference` ("all", "direction", "none") what is compared, and `seed` the random
        direction; `checkpoint`, `nonsmooth` and `progress` are told of in GradientOptions.
        """
        from adcli.report.gradient import GradientOptions

        return self._answer(GradientOptions(of, wrt, difference, seed, checkpoint, nonsmooth, progress), point, inputs)

    def check(
        self,
        point: Point | None = None,
        /,
        *,
        of: str | None = None,
        wrt: Names = None,
        order: int = 1,
        random: int = 0,
        seed: int = 0,
        everything: bool = False,
        nonsmooth: str = "report",
        claims: GivenClaims = (),
        margins: bool = False,
        curve: str | None = None,
        progress: Progress | None = None,
        tolerance: float | None = None,
        **inputs: Given,
    ) -> CheckReport:
        """The derivatives by every way there is, and a verdict on each and on the whole: `.verdict`.

        `claims` are derivatives to be judged: a text, "dL/dx = y", numbers by input, {"x": 5.88}, an array for the one
        input of its shape, or a list of such. `of`, `wrt`, `order`, `random`, `seed`, `everything`, `nonsmooth`,
        `margins`, `curve`, `progress` and `tolerance` are told of in CheckOptions.
        """
        from adcli.report.check import CheckOptions

        return self._answer(
            CheckOptions(
                of, wrt, order, random, seed, everything, nonsmooth, claims, margins, curve, progress, tolerance
            ),
            point,
            inputs,
        )

    def tape(
        self, point: Point | None = None, /, *, wrt: Names = None, selection: Selection | None = None, **inputs: Given
    ) -> TapeReport:
        """What ran, entry by entry; its `.sweep("L")` is the reverse sweep from an output.

        `wrt` chooses the inputs that count as active, `selection` the entries.
        """
        from adcli.report.tape import TapeOptions

        return self._answer(TapeOptions(wrt, selection), point, inputs)

    def sweep(
        self,
        point: Point | None = None,
        /,
        *,
        of: str | None = None,
        wrt: Names = None,
        selection: Selection | None = None,
        nonsmooth: str = "report",
        **inputs: Given,
    ) -> SweepReport:
        """The reverse sweep from the first output, or from the value `of`, contribution by contribution.

        `wrt` chooses the inputs, `selection` the entries. Where there is no derivative this is reported; `nonsmooth`
        "error" raises an error, "quiet" says nothing.
        """
        from adcli.report.sweep import SweepOptions

        return self._answer(SweepOptions(of, wrt, selection, nonsmooth), point, inputs)

    def graph(
        self,
        point: Point | None = None,
        /,
        *,
        of: str | None = None,
        wrt: Names = None,
        sweep: bool = False,
        most: int = 40,
        open_pass: int = 1,
        down: bool | None = None,
        nonsmooth: str = "report",
        **inputs: Given,
    ) -> GraphReport:
        """The computation as a graph: `picture("svg")` draws it, and a notebook shows it.

        `of` names the value that it leads to, `wrt` chooses the inputs; with `sweep` it has adjoints and contributions.
        It has about `most` nodes: of a longer tape many entries are one, and of long loops the pass `open_pass` stays.
        It goes to the right, or `down` where that would be too wide. Where a sweep meets a kink this is warned of;
        `nonsmooth` is "report", "error" or "quiet".
        """
        from adcli.graph.report import GraphOptions

        return self._answer(GraphOptions(of, wrt, sweep, most, open_pass, down, nonsmooth), point, inputs)

    def page(self, point: Point | None = None, /, **inputs: Given) -> str:
        """The text of a page on which the program is recorded and swept anew at each move of a slider.

        The sliders start at the point. Raises AdError `no-javascript` for a function that a browser cannot compute.
        """
        from adcli.page.options import PageOptions

        return self._answer(PageOptions(), point, inputs)

    def worksheet(
        self,
        point: Point | None = None,
        /,
        *,
        of: str | None = None,
        wrt: Names = None,
        key: bool = False,
        selection: Selection | None = None,
        **inputs: Given,
    ) -> WorksheetReport:
        """The tape and the sweep with blanks to fill in; with `key` the answers stand in them.

        `of`, `wrt` and `selection` are those of `sweep`.
        """
        from adcli.report.worksheet import WorksheetOptions

        return self._answer(WorksheetOptions(of, wrt, key, selection), point, inputs)

    def why(
        self,
        point: Point | None = None,
        /,
        *,
        of: str | None = None,
        wrt: Names = None,
        paths: int = 5,
        **inputs: Given,
    ) -> WhyReport:
        """Where the derivatives of the first output, or of the value `of`, come from: their largest paths.

        `wrt` chooses inputs or components of them, as "x,w[2]"; of a single one there are so many `paths`.
        """
        from adcli.report.why import WhyOptions

        return self._answer(WhyOptions(of, wrt, paths), point, inputs)

    def jvp(
        self,
        point: Point | None = None,
        /,
        *,
        dot: Mapping[str, Given],
        of: str | None = None,
        check: bool = False,
        selection: Selection | None = None,
        nonsmooth: str = "report",
        **inputs: Given,
    ) -> TangentReport:
        """The tangent of every output, or of the value `of`, given those of some inputs by `dot`; one forward sweep.

        `.tangents["r"]` has the shape of the output `r`, and each tangent in `dot` that of its input.

        `check` compares with differences, `selection` chooses the entries.
        """
        from adcli.report.products import TangentOptions

        return self._answer(TangentOptions(dot, of, check, selection, nonsmooth), point, inputs)

    def vjp(
        self,
        point: Point | None = None,
        /,
        *,
        bar: Mapping[str, Given],
        wrt: Names = None,
        check: bool = False,
        nonsmooth: str = "report",
        **inputs: Given,
    ) -> AdjointReport:
        """The adjoint of every input, given those of some outputs by `bar`; one reverse sweep.

        `.adjoints["w"]` has the shape of the input `w`, and each adjoint in `bar` that of its output.

        `wrt` chooses the inputs, `check` compares with differences.
        """
        from adcli.report.products import AdjointOptions

        return self._answer(AdjointOptions(bar, wrt, check, nonsmooth), point, inputs)

    def jacobian(
        self,
        point: Point | None = None,
        /,
        *,
        of: Names = None,
        wrt: Names = None,
        mode: str | None = None,
        check: bool = False,
        nonsmooth: str = "report",
        **inputs: Given,
    ) -> JacobianReport:
        """The derivatives of all outputs, or of the values `of`, as "L,M".

        `.jacobian["r"]["w"]` has the sizes of the output `r`, then those of the input `w`.

        `wrt` chooses the inputs. The `mode` is that which needs fewer sweeps, or "forward" or "reverse"; `check`
        compares with differences.
        """
        from adcli.report.jacobian import JacobianOptions

        return self._answer(JacobianOptions(of, wrt, mode, check, nonsmooth), point, inputs)

    def hessian(
        self,
        point: Point | None = None,
        /,
        *,
        of: str | None = None,
        wrt: Names = None,
        check: bool = False,
        nonsmooth: str = "report",
        **inputs: Given,
    ) -> HessianReport:
        """The second derivatives of every output, or of the value `of`.

        `.hessian["L"]["v"]["w"]` has the sizes of the input `v`, then those of `w`; `.by_component` is by numbers.

        `wrt` chooses the inputs, `check` compares with differences of the gradient.
        """
        from adcli.report.hessian import HessianOptions

        return self._answer(HessianOptions(of, wrt, check, nonsmooth), point, inputs)

    def sparsity(
        self,
        point: Point | None = None,
        /,
        *,
        matrix: str = "hessian",
        of: Names = None,
        wrt: Names = None,
        mode: str | None = None,
        **inputs: Given,
    ) -> SparsityReport:
        """Which derivatives can be other than 0, and which inputs or outputs share a sweep for them.

        The `matrix` is "hessian", of every output or of the values `of`, or "jacobian", of all of them together; its
        `mode` is that which needs fewer sweeps, or "forward" or "reverse". `wrt` chooses the inputs.

        `.structures[0].pattern.rows[3]` are the columns of the row 3, and `.structures[0].colouring` has the colours.
        """
        from adcli.report.sparsity import SparsityOptions

        return self._answer(SparsityOptions(matrix, of, wrt, mode), point, inputs)

    def hvp(
        self,
        point: Point | None = None,
        /,
        *,
        dot: Mapping[str, Given],
        of: str | None = None,
        wrt: Names = None,
        mode: str | None = None,
        check: bool = False,
        nonsmooth: str = "report",
        **inputs: Given,
    ) -> HessianProduct:
        """The second derivatives of every output, or of the value `of`, times the direction `dot`.

        `.product["L"]["w"]` has the shape of the input `w`.

        The `mode` is "forward-over-reverse", "reverse-over-forward" or "reverse-over-reverse"; `wrt` chooses the
        inputs, `check` compares with differences of the gradient.
        """
        from adcli.report.hessian_product import ProductOptions

        return self._answer(ProductOptions(dot, of, wrt, mode, check, nonsmooth), point, inputs)

    def uncertainty(
        self,
        point: Point | None = None,
        /,
        *,
        uncertainty: Mapping[str, Given] | None = None,
        of: str | None = None,
        wrt: Names = None,
        correlation: Mapping[Any, Given] | None = None,
        covariance: Given = None,
        coverage: float = 0.95,
        samples: int = 1_000_000,
        significant: int = 2,
        seed: int = 0,
        progress: Progress | None = None,
        **inputs: Given,
    ) -> UncertaintyReport:
        """How sure every output is, or the value `of`: `.outcomes["L"].combined.uncertainty`, `.rows("L")`.

        `uncertainty` has a number, an array, a text such as "5%" or an `adcli.Uncertain` for each input that is not
        exact; `correlation` a number for pairs of these, {("x", "y"): 0.3}; or `covariance` is the matrix of all.

        `wrt` chooses the inputs whose uncertainty counts; `coverage`, `samples`, `significant`, `seed` and
        `progress` are told of in UncertaintyOptions.
        """
        from adcli.report.uncertainty import UncertaintyOptions

        return self._answer(
            UncertaintyOptions(
                uncertainty, of, wrt, correlation, covariance, coverage, samples, significant, seed, progress
            ),
            point,
            inputs,
        )

    def adjoint(
        self,
        point: Point | None = None,
        /,
        *,
        of: str | None = None,
        wrt: Names = None,
        keep_guards: bool = False,
        **inputs: Given,
    ) -> str:
        """The reverse sweep from the first output, or from the value `of`, as the text of a program.

        `wrt` chooses the inputs; with `keep_guards` the program requires that its decisions come out as they did.
        """
        from adcli.report.programs import AdjointProgramOptions

        return self._answer(AdjointProgramOptions(of, wrt, keep_guards), point, inputs)

    def tangent(
        self,
        point: Point | None = None,
        /,
        *,
        dot: Mapping[str, Given] | None = None,
        of: str | None = None,
        wrt: Names = None,
        keep_guards: bool = False,
        **inputs: Given,
    ) -> str:
        """The forward sweep as the text of a program; `dot` gives the defaults of its tangents.

        `wrt` chooses the inputs that have tangents; `of` and `keep_guards` are those of `jvp` and `adjoint`.
        """
        from adcli.report.programs import TangentProgramOptions

        return self._answer(TangentProgramOptions(dot or {}, of, wrt, keep_guards), point, inputs)

    def emit(
        self,
        point: Point | None = None,
        /,
        *,
        to: str = "python",
        of: str | None = None,
        wrt: Names = None,
        order: int = 1,
        function: str | None = None,
        points: Sequence[Mapping[str, Given]] = (),
        **inputs: Given,
    ) -> str:
        """The first output, or the value `of`, as the text of a function in another language.

        `to` is one of the languages of `adcli emit`. With `order` 1 the function gives the gradient by the inputs `wrt`
        as well, with 2 the Hessian. It is called as the program is, or `function`. It covers what ran at the point;
        with `points` what runs at each of these instead.
        """
        from adcli.graph.emitted import EmitOptions

        return self._answer(EmitOptions(to, of, wrt, order, function, points), point, inputs)

    def cost(
        self,
        point: Point | None = None,
        /,
        *,
        of: str | None = None,
        wrt: Names = None,
        measure: bool = True,
        checkpoint: int | None = None,
        **inputs: Given,
    ) -> CostReport:
        """What the gradient of the first output, or of the value `of`, costs by each method.

        `wrt` chooses the inputs, `measure` whether times are measured, `checkpoint` how many states are kept.
        """
        from adcli.report.cost import CostOptions

        return self._answer(CostOptions(of, wrt, measure, checkpoint), point, inputs)

    def precision(
        self,
        point: Point | None = None,
        /,
        *,
        of: str | None = None,
        wrt: Names = None,
        verify: bool = False,
        everything: bool = False,
        **inputs: Given,
    ) -> PrecisionReport:
        """How far rounding may have taken each output, or the value `of`, and which entries bring that.

        `wrt` chooses the inputs of the condition numbers; `verify` runs the same operations with 50 digits, which
        takes mpmath; `everything` tells every entry that was rounded, and not the first 10.
        """
        from adcli.report.precision import PrecisionOptions

        return self._answer(PrecisionOptions(of, wrt, verify, everything), point, inputs)

    def minimize(
        self,
        point: Point | None = None,
        /,
        *,
        of: str | None = None,
        wrt: Names = None,
        method: str | None = None,
        steps: int = 1000,
        rate: float = 0.01,
        maximize: bool = False,
        iterated: Callable[[Any], None] | None = None,
        **inputs: Given,
    ) -> MinimizeReport:
        """Where the first output, or the value `of`, is least, searched for from the inputs: `.solution["w"]`.

        `wrt` chooses the inputs that move, within their ranges. The `method` is "trust", "newton", "bfgs", "lbfgs",
        "gd" or "adam"; `steps`, `rate`, `maximize` and `iterated` are told of in MinimizeOptions. SciPy searches.
        Raises CheckFailedError where a derivative is wrong.
        """
        from adcli.report.minimize import MinimizeOptions

        return self._answer(MinimizeOptions(of, wrt, method, steps, rate, maximize, iterated), point, inputs)

    def fit(
        self,
        point: Point | None = None,
        /,
        *,
        residual: str | None = None,
        wrt: Names = None,
        weights: str | None = None,
        sigma: str | None = None,
        loss: str | None = None,
        loss_scale: float = 1.0,
        confidence: float = 0.95,
        response: str | None = None,
        steps: int = 1000,
        iterated: Callable[[Any], None] | None = None,
        **inputs: Given,
    ) -> FitReport:
        """The parameters at which the squares of the array `residual` are least, from the inputs: `.solution["b"]`.

        Their errors stand in `.parameters`, by component. `wrt` chooses the parameters; `weights`, `sigma`, `loss`,
        `loss_scale`, `confidence`, `response`, `steps` and `iterated` are told of in FitOptions. SciPy searches. Raises
        CheckFailedError where a derivative is wrong.
        """
        from adcli.report.fit import FitOptions

        return self._answer(
            FitOptions(residual, wrt, weights, sigma, loss, loss_scale, confidence, response, steps, iterated),
            point,
            inputs,
        )

    def root(
        self,
        point: Point | None = None,
        /,
        *,
        solve: Names = None,
        of: Names = None,
        wrt: Names = None,
        looked: Callable[[Any], None] | None = None,
        **inputs: Given,
    ) -> RootReport:
        """The values of the inputs `solve` at which all outputs, or the values `of`, are zero: `.solution["x"]`.

        `.sensitivity["x"]["a"]` is the derivative of the root by another input; `wrt` chooses these. The search begins
        at the inputs; `looked` is told of each point. Raises CheckFailedError where a derivative is wrong.
        """
        from adcli.report.root import RootOptions

        return self._answer(RootOptions(solve, of, wrt, looked), point, inputs)

    @contained
    def cost_of_family(
        self, sizes: Sequence[int], /, *, of: str | None = None, each: str | None = None, measure: bool = True
    ) -> FamilyReport:
        """How the cost of a gradient grows: at several sizes, by what a loop gives to the name `each`."""
        from adcli.report.family import FamilyOptions
        from adcli.report.options import checked

        return checked(FamilyOptions(sizes, of, each, measure)).report(self.program, self.limits)


@contained
def load(path: str | os.PathLike[str]) -> DifferentiableProgram:
    """Read a program from a file; raises AdError with all its mistakes."""
    return DifferentiableProgram(load_program(read_source(os.fsdecode(path))))


@contained
def parse(text: str, name: str = "<text>") -> DifferentiableProgram:
    """Read a program from a text; raises AdError with all its mistakes."""
    return DifferentiableProgram(load_program(_source(name, text)))


@contained
def expression(text: str) -> DifferentiableProgram:
    """Read an expression, or statements, of which the last may be one: its value is the output `value`.

    Where no `input` says what the inputs are, they are the names that nothing gives a value.
    """
    return DifferentiableProgram(load_expression(_source("<expression>", text)))


def _suspicions(program: Program) -> list[Problem]:
    from adcli.trust.lint import suspicions

    return suspicions(program)


def _source(name: str, text: str) -> Source:
    if not (isinstance(name, str) and isinstance(text, str)):  # what tells of that need not be imported before
        from adcli.report.options import TEXT, require

        require("a program", text, TEXT)
        require("the name of a program", name, TEXT)
    return Source(name, text)
