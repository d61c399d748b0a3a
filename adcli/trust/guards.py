"""Decisions and kinks beside which a derivative should not be believed, as another formula holds close by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from adcli.errors import Problem
from adcli.rules.primitive import Primitive
from adcli.tape.describe import guard_text
from adcli.tape.ieee import quiet
from adcli.tape.labels import Labels, labels
from adcli.tape.reach import active_entries, entries_behind
from adcli.tape.tape import COMPARE, Guard, Tape

EQUALITY = "equality-guard"  # the code of its warning
KINK = "kink"
EQUAL_SIDES = "equal-sides"
ONLY_DECIDES = "only-decides"  # that of an input which only decides
NO_INPUT = "no-input"  # that of a program that nothing can be differentiated by
HIDDEN_CURVATURE = "hidden-curvature"  # that of a power whose second derivative a convention hides
OF_LINT_ALONE = (NO_INPUT, HIDDEN_CURVATURE)  # what no run needs to be told
_EQUALITIES = ("==", "!=")


def doubtful_guards(tape: Tape, active: Sequence[bool]) -> list[Problem]:
    """A warning for each place at which active values were compared for equality, or were equal when compared."""
    doubtful: dict[tuple[int, int], list[Guard]] = {}
    values = tape.values
    for guard in tape.guards:
        if guard.required or guard.of_rule:  # there is no other way to be near, or the operation is told of
            continue
        left, right = values[guard.left], values[guard.right]
        # a `for` loop goes on to a bound that rounding keeps it from reaching exactly
        equal = left == right or COMPARE[guard.comparison](left, right) != guard.holds
        if (equal or guard.comparison in _EQUALITIES) and (active[guard.left] or active[guard.right]):
            doubtful.setdefault(guard.span, []).append(guard)
    if not doubtful:
        return []
    moves, names = _moving(tape, active), labels(tape)
    told = [[guard for guard in guards if moves[guard.left] or moves[guard.right]] for guards in doubtful.values()]
    return [_warning(tape, guards, names) for guards in told if guards]


def _moving(tape: Tape, active: Sequence[bool]) -> list[bool]:
    """For each entry whether it moves with the inputs: what rounds, or decides, is constant but for its jumps."""
    moves: list[bool] = []
    steps: dict[Primitive, bool] = {}
    for entry, (operation, operands) in enumerate(zip(tape.operations, tape.operands, strict=True)):
        step = steps.get(operation)
        if step is None:
            step = steps[operation] = _is_step(operation, len(operands))
        moved = any(map(moves.__getitem__, operands)) if operands else active[entry]
        moves.append(moved and not (step and not _is_at_kink(tape, entry)))
    return moves


def _is_step(operation: Primitive, count: int) -> bool:
    """Whether an operation is constant between its jumps."""
    return operation.kink is not None and operation.elementwise and set(operation.formulas(count)) == {"0"}


def _warning(tape: Tape, guards: list[Guard], names: Labels) -> Problem:
    first = guards[0]
    text = guard_text(tape, first, names)
    times = "" if len(guards) == 1 else f", and {len(guards) - 1:,} times more"
    if first.comparison in _EQUALITIES:
        message = f"`{text}` is decided by equality{times}: at almost every other point it is decided the other way"
        help_text = "compare with `<` or `>`, or with a tolerance"
        if first.holds != (first.comparison == "=="):
            message = f"`{text}` is decided by equality{times}: only at single points is it decided the other way"
        return Problem(EQUALITY, message, first.span, "compares a value that depends on an input", "", help_text)
    message = f"`{text}` is decided with equal sides{times}: close by it is decided the other way"
    note = "the derivative is that of the side taken here, and may have no meaning"
    return Problem(EQUAL_SIDES, message, first.span, f"both sides are {tape.values[first.left]:g}", note)


def is_smooth(tape: Tape) -> bool:
    """Whether no operation is at a kink and no decision has equal sides: what most points are, and cheap to know."""
    return next(tied_guards(tape), None) is None and not entries_at_kinks(tape)


def tied_guards(tape: Tape) -> Iterator[Guard]:
    """The decisions whose two sides are the same number, and which might come out otherwise."""
    for guard in tape.guards:
        if not (guard.required or guard.of_rule) and _is_tied(tape, guard):
            yield guard


def _is_tied(tape: Tape, guard: Guard) -> bool:
    left = tape.values[guard.left]
    return type(left) is float and bool(left == tape.values[guard.right])


def entries_at_kinks(tape: Tape) -> list[int]:
    """The entries whose operation is at a kink."""
    kinked = kinked_entries(tape) if tape.plan is None else tape.plan.kinked
    if not kinked:
        return []
    with quiet(tape):
        return [entry for entry in kinked if _is_at_kink(tape, entry)]


def kinked_entries(tape: Tape) -> list[int]:
    """The entries whose operation has a kink somewhere."""
    kinked = {operation for operation in set(tape.operations) if operation.kink is not None}
    return [entry for entry, operation in enumerate(tape.operations) if operation in kinked] if kinked else []


def that_matter(
    tape: Tape, entries: Iterable[int], guards: Iterable[Guard], outputs: Iterable[int], inputs: Iterable[str]
) -> tuple[list[int], list[Guard]]:
    """Those of some entries and decisions that depend on the inputs.

    Of the entries only those count that an output is computed from, or a decision that a kink may turn: one of a rule,
    or with equal sides.
    """
    entries, guards = list(entries), list(guards)
    active = active_entries(tape, [tape.inputs[name] for name in inputs])
    if not tape.arrays:  # where nothing moves but by derivatives
        guards = [guard for guard in guards if active[guard.left] or active[guard.right]]
    if not (entries or guards):
        return [], []
    moves = _moving(tape, active) if guards else active
    turned = (guard for guard in tape.guards if guard.of_rule or _is_tied(tape, guard))
    behind = entries_behind(tape, [*outputs, *(side for guard in turned for side in (guard.left, guard.right))])
    operands = tape.operands
    return (
        [entry for entry in entries if behind[entry] and any(active[operand] for operand in operands[entry])],
        [guard for guard in guards if moves[guard.left] or moves[guard.right]],
    )


def is_at_kink(tape: Tape, entry: int) -> bool:
    """Whether an entry's operation is at a kink, or an element of an array is."""
    with quiet(tape):
        return _is_at_kink(tape, entry)


def _is_at_kink(tape: Tape, entry: int) -> bool:
    kink = tape.operations[entry].kink
    if kink is None:
        return False
    gap = kink.gap(tape.operand_values(entry), tape.values[entry])
    return gap == 0 if type(gap) is float else bool((gap == 0).any())
