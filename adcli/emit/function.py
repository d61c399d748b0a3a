"""What a program computes as a function in another language: its value, its gradient, its Hessian.

The function is the straight line of a run: what holds only there, it checks, and gives a status instead of a wrong
number. Of several runs that decide in different ways, each is a branch, and the first one whose checks hold counts.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from enum import Enum

from adcli.emit.edges import equals, kept_edges
from adcli.emit.heading import changeable_guards, conventions, declaration_text, validity
from adcli.emit.lines import Lines, RootLine, Wanted
from adcli.emit.naming import bound_names, fresh_names
from adcli.emit.writing import lines_of
from adcli.program.program import InputVariable, Program
from adcli.records import NamedTuple, dataclass
from adcli.rules.dispatch import shape_of
from adcli.syntax.source import Span
from adcli.tape.counting import with_exact_counts
from adcli.tape.labels import adjoint_name, tangent_name
from adcli.tape.reach import active_entries, varying_entries, varying_guards
from adcli.tape.record import record_forward, record_sweep
from adcli.tape.recorded_terms import append_zeros
from adcli.tape.selected import select, with_entries
from adcli.tape.tape import Guard, Tape, Value
from adcli.tape.what_ran import told_places

OK, ELSEWHERE, NOT_FINITE = 0, 1, 2  # the statuses of emitted functions


MOST_KEPT = 10**6  # numbers that the versions of a row may be where each pass makes one


class Repeats(Enum):
    """What a language may have in loops."""

    NOTHING = "nothing"
    NUMBERS = "numbers"
    VECTORS = "numbers and vectors, in rows of which each pass makes another version"
    ALL = "numbers and arrays"

    def holds(self, value: Value) -> bool:
        """Whether a value may be computed in a loop."""
        most = {Repeats.NOTHING: -1, Repeats.NUMBERS: 0, Repeats.VECTORS: 1}
        return len(shape_of(value)) <= most.get(self, 2)

    @property
    def most_kept(self) -> int | None:
        """How many numbers the versions of a row may be; None for any number."""
        return MOST_KEPT if self is Repeats.VECTORS else None


class Parameter(NamedTuple):
    """An input of a function, as the program declares it, with the sizes and the value that it had in the run."""

    variable: InputVariable
    value: Value

    @property
    def name(self) -> str:
        """What it is called."""
        return self.variable.name

    @property
    def declaration(self) -> str:
        """Its text in a program, which is long where it is a large array, and which few languages ask for."""
        return declaration_text(self.variable, self.value)

    @property
    def shape(self) -> tuple[int, ...]:
        """Its sizes; none for a number."""
        return shape_of(self.value)

    @property
    def size(self) -> int:
        """How many components it has."""
        return 1 if not self.shape else int(self.value.size)


@dataclass(frozen=True)
class Request:
    """What a function is to compute.

    Attributes:
        of: the value of the program, or a component of one
        wrt: the inputs to differentiate by
        order: 0 for the value, 1 with the gradient, 2 with the Hessian
        name: what the function is called
    """

    of: str
    wrt: tuple[str, ...]
    order: int
    name: str


@dataclass(frozen=True)
class Names:
    """What the results of a function are called.

    Attributes:
        value: the value
        gradient: the derivative by each input
        direction: of the Hessian's column that is computed, the component of each input
        product: how the derivative by each input changes along that
    """

    value: str
    gradient: Mapping[str, str]
    direction: Mapping[str, str]
    product: Mapping[str, str]


@dataclass(frozen=True)
class Function:
    """A function, to be spelled in a language.

    Attributes:
        request: what it computes
        title: the lines of the comment at its top
        parameters: its inputs
        names: of its results
        branches: the lines of each straight line. Their results have those names; what is missing among them is 0
    """

    request: Request
    title: Sequence[str]
    parameters: Sequence[Parameter]
    names: Names
    branches: Sequence[Lines]

    @property
    def solves(self) -> bool:
        """Whether it solves equations."""
        return any(isinstance(line, RootLine) for branch in self.branches for line in (*branch.outer, *branch.inner))

    @property
    def differentiated(self) -> list[Parameter]:
        """The inputs that it differentiates by."""
        return [parameter for parameter in self.parameters if parameter.name in self.request.wrt]

    def constants(self, texts: Mapping[str, str]) -> dict[str, str]:
        """What a language calls the constants, without those whose names inputs have."""
        taken = {parameter.name for parameter in self.parameters}
        return {name: text for name, text in texts.items() if name not in taken}


def function_of(
    program: Program,
    runs: Sequence[tuple[Mapping[str, Value], Tape]],
    request: Request,
    nests_arrays: bool = True,
    repeats: Repeats = Repeats.NOTHING,
    raises: bool = False,
    used: Sequence[str] = (),
) -> Function:
    """The function of a program that computes what is asked for wherever one of the runs decided alike.

    Raises AdError `unknown-name` where the program has no such value. It is a number, if derivatives are asked for.

    Args:
        program: what ran
        runs: the points, and the tapes
        request: what is asked for
        nests_arrays: whether an operation that gives an array may stand inside another one
        repeats: what may stand in a loop
        raises: whether the language raises an error at some numbers that are not finite
        used: which conventions rules have used at these points, as it is told there
    """
    point, tape = runs[0]
    parameters = [Parameter(variable, point[variable.name]) for variable in program.inputs]
    names = _names(tape, request)
    title: list[str] = []
    branches: list[Lines] = []
    for own_point, own_tape in runs:
        title += validity(own_tape, own_point, changeable_guards(own_tape))
        branches.append(_branch(own_tape, request, names, nests_arrays, repeats, raises))
    return Function(request, [_first_line(program, request), *title, *conventions(used)], parameters, names, branches)


def told(function: Function) -> list[str]:
    """What is told of the results of a function, in any language, as lines."""
    lines = [
        f"The status is {OK}, or {ELSEWHERE} where a decision comes out in another way than in the run",
        f"that this was made of, or {NOT_FINITE} where a number is infinite or none: there are no results then.",
    ]
    if function.solves:
        lines.append(f"It is {NOT_FINITE} as well where a search for a root finds none.")
    if function.request.order:
        lines.append(f"Derivatives are by {', '.join(function.request.wrt)}, in this order.")
    return lines


def _branch(tape: Tape, request: Request, names: Names, nests_arrays: bool, repeats: Repeats, raises: bool) -> Lines:
    """The lines of one run."""
    derived = _derived(tape, request, names)
    guards = guards_of(derived.tape)

    def nests(value: Value) -> bool:
        return nests_arrays or not shape_of(value)

    results, called = derived.results, derived.names
    looping = None if repeats is Repeats.NOTHING else repeats.holds
    most = repeats.most_kept
    return lines_of(Wanted(derived.tape, results, called, guards, derived.inner, nests, looping, most, raises=raises))


def _first_line(program: Program, request: Request) -> str:
    by = f" by {', '.join(request.wrt)}" if request.order else ""
    what = ("", ", with its gradient", ", with its gradient and its Hessian")[request.order]
    return f"{request.of} of {program.source.name}{what}{by}."


def _names(tape: Tape, request: Request) -> Names:
    taken = set(tape.inputs)
    value = fresh_names([request.of], lambda name: name, ())[request.of]
    if value in taken:  # what an input became by assignments has its name
        value = fresh_names([value], lambda name: f"{name}_value", taken)[value]
    taken.add(value)
    gradient = fresh_names(request.wrt, adjoint_name, taken)
    taken.update(gradient.values())
    direction = fresh_names(request.wrt, tangent_name, taken)
    taken.update(direction.values())
    product = fresh_names(request.wrt, lambda name: tangent_name(adjoint_name(name)), taken)
    return Names(value, gradient, direction, product)


class _Derived(NamedTuple):
    """A run with what was recorded behind it.

    Attributes:
        tape: the run, with the sweeps
        results: the entry of each result
        names: of other entries
        inner: what depends on the direction
    """

    tape: Tape
    results: Mapping[str, int]
    names: Mapping[int, str]
    inner: Container[int]


def _derived(tape: Tape, request: Request, names: Names) -> _Derived:
    tape, entries = with_entries(tape, [select(tape, request.of)])
    value = entries[request.of]
    results = {names.value: value}
    longer = tape.copy()  # to which entries may be appended
    if request.order == 0:
        return _Derived(longer, results, {}, ())
    inputs = {name: longer.inputs[name] for name in request.wrt}
    adjoints = record_sweep(longer, {value: longer.constant("1", 1.0)}, active_entries(longer, list(inputs.values())))
    for entry in inputs.values():
        if shape_of(longer.values[entry]):  # an array that nothing was received by is an array of zeros
            adjoints.setdefault(entry, append_zeros(longer, entry))
    results |= {names.gradient[name]: adjoints[entry] for name, entry in inputs.items() if entry in adjoints}
    called = bound_names(tape, dict(reversed(list(adjoints.items()))), adjoint_name, names.gradient)
    if request.order == 1:
        return _Derived(longer, results, called, ())
    end = len(longer)
    dots = {entry: longer.input(names.direction[name], longer.values[entry] * 0.0 + 1.0, Span(0, 0))
            for name, entry in inputs.items()}  # fmt: skip
    tangents = record_forward(longer, dots, end)
    for name, entry in inputs.items():
        product = tangents.get(adjoints[entry]) if entry in adjoints else None
        if product is None and shape_of(longer.values[entry]):
            product = append_zeros(longer, entry)
        if product is not None:
            results[names.product[name]] = product
    called |= {dot: names.direction[name] for name, dot in zip(inputs, dots.values(), strict=True)}
    inner = {entry for entry, moves in enumerate(varying_entries(longer, dots.values())) if moves}
    return _Derived(longer, results, called, inner)


def guards_of(tape: Tape) -> list[Guard]:
    """What has to come out as it did: decisions, the subscripts and sizes that the lines know, and edges of rules."""
    varying = varying_entries(tape, tape.inputs.values(), by_shape=False)
    decisions = varying_guards(tape, varying)
    places = [equals(tape, entry, told) for entry, told in told_places(tape, varying)]
    return [*with_exact_counts(tape, decisions), *places, *kept_edges(tape, varying)]
