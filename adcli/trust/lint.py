"""What is suspicious in a program before it runs: warnings, each with a code and a place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence

from adcli.errors import AdError, Problem
from adcli.program.code import Code
from adcli.program.declarations import constant_code
from adcli.program.liveness import liveness
from adcli.program.program import Program
from adcli.rules.table import CONSTANTS
from adcli.syntax import nodes
from adcli.tape.execute import constant_value
from adcli.trust.guards import EQUALITY, ONLY_DECIDES
from adcli.trust.names import Names, inside
from adcli.trust.smoothness import hidden_curvatures, without_inputs

_ENDS = {nodes.Return: "`return`", nodes.Break: "`break`", nodes.Continue: "`continue`"}
_MOST_LIVE = 10**9  # blocks times names that are followed through them: beyond that, nobody waits for the answer


def suspicions(program: Program) -> list[Problem]:
    """All warnings of a program, in the order of their places."""
    statements = program.tree.statements
    names = Names(program)
    problems = [
        *_unused(program, names),
        *_unused_inputs(program, names),
        *_dead_assignments(program, names),
        *_shadowed_constants(statements),
        *_divisions_by_zero(statements, names.functions),
        *_equalities(program, names),
        *_unreachable(statements),
        *hidden_curvatures(statements),
        *(() if program.inputs else (without_inputs(program),)),
    ]
    return sorted(problems, key=lambda problem: problem.span or (0, 0))


def _unused(program: Program, names: Names) -> Iterator[Problem]:
    """Names that nothing reads. A name that starts with `_` says so itself."""
    seen: set[str] = set()
    for statement in nodes.own_statements(program.tree.statements):
        if isinstance(statement, nodes.Definition):
            yield from _unused_in_function(statement, names)
        elif not isinstance(statement, (nodes.Inputs, nodes.ForLoop)):
            yield from _unread(_whole(statement, names.read), (names.read, seen), "is never used")
            seen |= {target.name for target in nodes.targets_of(statement)}


def _unused_in_function(definition: nodes.Definition, names: Names) -> Iterator[Problem]:
    name = definition.name.name
    if f"{name}(" not in names.read:
        yield from _unread([definition.name], (), "is a function that is never called")
    read = names.own_read(definition)
    if name not in names.passed:
        yield from _unread(definition.parameters, (read,), "is a parameter that is never used")
    seen = names.states | {parameter.name for parameter in definition.parameters}
    for statement in inside(definition):
        if isinstance(statement, nodes.Assignment):
            yield from _unread([statement.target], (read, seen), "is never used")
            seen.add(statement.target.name)


def _whole(statement: nodes.Statement, read: Container[str]) -> tuple[nodes.Name, ...]:
    """The names that a statement gives a value; none of several of which one is used."""
    targets = nodes.targets_of(statement)
    used = isinstance(statement, (nodes.Unpacking, nodes.Solve)) and any(target.name in read for target in targets)
    return () if used else targets


def _unread(targets: Iterable[nodes.Name], known: Sequence[Container[str]], what: str) -> Iterator[Problem]:
    for target in targets:
        if not (target.name.startswith("_") or any(target.name in names for names in known)):
            help_text = "remove it, or start its name with `_`"
            yield Problem("unused-name", f"`{target.name}` {what}", target.span, help=help_text)


def _unused_inputs(program: Program, names: Names) -> Iterator[Problem]:
    needed = names.behind(program.outputs)
    computed_from = names.behind(program.outputs, decisions=False)
    for variable in program.inputs:
        if variable.name in needed and variable.name not in computed_from:
            message = f"the input `{variable.name}` reaches the outputs through decisions only"
            note = "a decision has no derivative, though the outputs may change with it from run to run"
            label = "its derivatives are all 0"
            yield Problem(ONLY_DECIDES, message, variable.declaration.name.span, label, note)
        elif variable.name not in needed:
            message = f"no output depends on the input `{variable.name}`"
            label = "its derivatives are all 0"
            if len(program.outputs) == 1:
                message = f"the output `{program.outputs[0]}` does not depend on the input `{variable.name}`"
            yield Problem("unused-input", message, variable.declaration.name.span, label)


def _shadowed_constants(statements: Iterable[nodes.Statement]) -> Iterator[Problem]:
    seen = set()
    for statement in nodes.nested(statements):
        parameters = statement.parameters if isinstance(statement, nodes.Definition) else ()
        for target in (*nodes.targets_of(statement), *parameters):
            if target.name in CONSTANTS and target.name not in seen:
                seen.add(target.name)
                message = f"`{target.name}` is no longer {CONSTANTS[target.name]:.6g}"
                label = "hides the constant of this name"
                yield Problem("shadows-constant", message, target.span, label, help="use another name")


def _divisions_by_zero(statements: Iterable[nodes.Statement], own: Container[str]) -> Iterator[Problem]:
    """Divisions by what is 0 whatever the inputs are; `own` are the functions that the program defines."""
    for statement in nodes.nested(statements):
        for expression in nodes.expressions_of(statement):
            for node in nodes.subexpressions(expression):
                if isinstance(node, nodes.Apply) and node.function in {"/", "mod"} and node.function not in own:
                    divisor = node.operands[1]
                    if _is_constant(divisor, own) and _is_zero(divisor):
                        message = "a division by a constant zero"
                        yield Problem("division-by-zero", message, divisor.span, "this is 0")


def _is_zero(divisor: nodes.Expression) -> bool:
    """Whether a constant expression is the number 0; arrays that do not fit together are told elsewhere."""
    try:
        value = constant_value(constant_code(divisor, "")[0])
    except AdError:
        return False
    return type(value) is float and value == 0


def _is_constant(expression: nodes.Expression, own: Container[str]) -> bool:
    return not any(
        isinstance(node, nodes.Name)
        or (isinstance(node, nodes.Apply) and (node.function == "where" or node.function in own))
        for node in nodes.subexpressions(expression)
    )


def _equalities(program: Program, names: Names) -> Iterator[Problem]:
    """Conditions that compare for equality what may depend on an input."""
    varying = names.computed_from(variable.name for variable in program.inputs) if names.equalities else set()
    for node, compared in names.equalities:
        if not varying.isdisjoint(compared):
            message = f"`{node.function}` compares a value that depends on an input"
            note = "equality holds at single points only: a derivative says nothing of them"
            help_text = "compare with `<` or `>`"
            yield Problem(EQUALITY, message, node.span, "decided by equality", note, help_text)


def _unreachable(statements: Iterable[nodes.Statement]) -> Iterator[Problem]:
    for statement in nodes.nested(statements):
        for block in nodes.blocks_of(statement):
            for before, behind in zip(block.statements, block.statements[1:], strict=False):
                if nodes.always_ends(nodes.Block((before,), before.span), _ENDS):
                    message = f"nothing behind {_ending(before)} runs"
                    yield Problem("unreachable", message, behind.span, help="remove it")
                    break


def _ending(statement: nodes.Statement) -> str:
    """What ends every way through a statement, in words."""
    kinds = {type(inner) for inner in nodes.own_statements([statement])} & set(_ENDS)
    return " or ".join(word for kind, word in _ENDS.items() if kind in kinds)


# Values that are overwritten before they are read


def _dead_assignments(program: Program, names: Names) -> Iterator[Problem]:
    """Values that no way through the program reads, of names that are read elsewhere."""
    outer = {pair[0] for code in program.functions.values() for pair in code.globals}
    top = nodes.own_statements(program.tree.statements)
    kept = outer | {
        program.code.bindings[name] for name in (*program.outputs, *_claimed(program)) if name in program.code.bindings
    }
    yield from _dead(program.code, top, names.read - names.states, kept, outer)
    for name, definition in names.functions.items():
        yield from _dead(program.functions[name], inside(definition), names.own_read(definition), set(), set())


def _declared(statement: nodes.Inputs) -> list[nodes.Name]:
    """The inputs themselves, without the sizes in their shapes."""
    return [declaration.name for declaration in statement.declarations]


def _claimed(program: Program) -> Iterator[str]:
    """The names that claims read."""
    for statement in program.tree.statements:
        if isinstance(statement, nodes.Claim):
            yield from (name.name for name in nodes.names_read(statement.value))


def _dead(
    code: Code, statements: Iterable[nodes.Statement], read: set[str], at_end: set[int], at_calls: set[int]
) -> Iterator[Problem]:
    targets = [
        (statement, target)
        for statement in statements
        for target in (_declared(statement) if isinstance(statement, nodes.Inputs) else nodes.targets_of(statement))
    ]
    times = Counter(target.name for _, target in targets if target.name in read)
    again = {code.bindings[name] for name, count in times.items() if count > 1 and name in code.bindings}
    if not again or len(again) * len(code.blocks) > _MOST_LIVE:
        return
    alive = liveness(code, again, at_end, at_calls)
    for statement, target in targets:
        slot = code.bindings.get(target.name)
        if slot not in again:
            continue
        if isinstance(statement, nodes.Assignment) and alive.values.get(statement.span) is False:
            message = f"the value that `{target.name}` is given here is never used"
            yield Problem("dead-assignment", message, target.span, "overwritten before it is read", help="remove it")
        elif isinstance(statement, nodes.Inputs) and slot not in alive.at_start:
            message = f"the value of the input `{target.name}` is never used"
            label = "overwritten before it is read"
            yield Problem("unused-input", message, target.span, label, help="give one of the two another name")
