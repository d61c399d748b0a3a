"""Program × inputs → Tape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from adcli.errors import AdError, Problem
from adcli.program.code import Code, EnterFor, EnterWhile, Solve
from adcli.program.program import Program, differentiates
from adcli.rules.dispatch import shape_of
from adcli.rules.table import COPY
from adcli.syntax import nodes
from adcli.syntax.source import Source, Span
from adcli.tape.execution import Execution, OnLoop
from adcli.tape.ieee import quiet
from adcli.tape.interpreter import proceed, run
from adcli.tape.limits import LIMITS, Limits
from adcli.tape.tape import Tape, Value

if TYPE_CHECKING:
    from adcli.tape.domains import OneSided
    from adcli.tape.storage import Storage


def execute(
    program: Program,
    point: Mapping[str, Value],
    limits: Limits = LIMITS,
    forget: bool = False,
    on_loop: OnLoop | None = None,
    one_sided: OneSided | None = None,
) -> Tape:
    """Run a program at a point, which has a value for every input.

    `forget` forgets arrays that no reverse sweep reads; `on_loop` runs loops in its own way, `one_sided` runs it
    infinitesimally to one side of the point, as `Execution` says.

    Raises AdError: `too-many-entries` or `too-much-memory` beyond the limits, `unassigned` where a name has no value
    because no line that gives it one has run, `bad-loop` where the bounds of a loop give no number of iterations,
    `requirement` where a `require` fails.
    """
    tape = Tape(program.source)
    arguments = [
        tape.input(variable.name, point[variable.name], variable.declaration.span) for variable in program.inputs
    ]
    arguments += [_size(tape, program, name, point) for name in program.sizes]
    tape.arrays = program.arrays  # as far as anybody knows before the run
    tape.forgot = forget and program.arrays and not differentiates(program)
    with quiet(tape):
        execution = Execution(program.code, tape, arguments, program.functions, limits, _derivative, solve_equations)
        execution.storage = _storage(tape, program) if tape.forgot and _repeats(program) else None
        execution.on_loop, execution.one_sided = on_loop, one_sided
        try:
            slots = proceed(execution)
        except MemoryError:
            raise execution.out_of_memory() from None
    if program.arrays:
        # an operation on whole arrays may be given numbers, as the transpose may
        whole = any(not operation.elementwise for operation in set(tape.operations))
        tape.arrays = whole or any(type(value) is not float for value in tape.values)
    bindings = program.code.bindings
    tape.bindings = {name: slots[slot] for name, slot in bindings.items() if slots[slot] is not None}
    for name in program.outputs:
        if name not in tape.bindings:
            help_text = "give it a value above, or in every branch"
            message = f"the output `{name}` has no value: no line that assigns it has run"
            problem = Problem("unassigned", message, _place_of_output(program, name), "an output", help=help_text)
            raise AdError(problem, program.source)
    return tape


def _place_of_output(program: Program, name: str) -> Span | None:
    """Where a name is declared an output; without such a statement, where it is assigned."""
    statements = nodes.own_statements(program.tree.statements)
    declared = [n.span for s in statements if isinstance(s, nodes.Output) for n in s.names if n.name == name]
    assigned = [n.span for s in statements for n in nodes.targets_of(s) if n.name == name]
    return next(iter(declared or assigned), None)


def _repeats(program: Program) -> bool:
    """Whether a program has loops or calls: a straight line takes no more memory than its text is long."""
    return bool(program.functions) or any(
        isinstance(block.end, (EnterFor, EnterWhile)) for block in program.code.blocks
    )


def _storage(tape: Tape, program: Program) -> Storage:
    from adcli.tape.storage import Storage  # which programs of numbers do not need

    return Storage(tape, program)


def _size(tape: Tape, program: Program, name: str, point: Mapping[str, Value]) -> int:
    """The entry of a size: a constant under its name, as it does not vary with what has it."""
    variable = next(variable for variable in program.inputs if name in (variable.shape or ()))
    size = shape_of(point[variable.name])[(variable.shape or ()).index(name)]
    constant = tape.constant(str(size), float(size))
    return tape.append(COPY, (constant,), float(size), name, variable.declaration.span)


def constant_value(code: Code) -> Value:
    """The value of an expression without inputs. Raises AdError where its arrays do not fit together."""
    tape = Tape(Source("", ""))
    tape.arrays = any(not operation.elementwise for operation in code.operations())
    with quiet(tape):
        entry: int = run(code, tape, ())[code.result]
    return tape.values[entry]


def _derivative(tape: Tape, value: int, variable: int, span: Span) -> int:
    from adcli.tape.record import record_derivative  # most programs need none

    return record_derivative(tape, value, variable, span)


def solve_equations(execution: Execution, end: Solve) -> None:
    """Append the root of a `solve` statement."""
    from adcli.tape.roots import solve  # most programs need none

    solve(execution, end)
