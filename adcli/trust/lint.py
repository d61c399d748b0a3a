"""What is suspicious in a program before it runs: warnings, each with a code and a place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from adcli.errors import Problem
from adcli.program.check import constant_code, own_statements, targets_of
from adcli.program.code import Code
from adcli.program.liveness import needed_values
from adcli.program.program import Program
from adcli.rules.table import CONSTANTS
from adcli.syntax import nodes
from adcli.tape.execute import constant_value
from adcli.trust.guards import EQUALITY


def suspicions(program: Program) -> list[Problem]:
    """All warnings of a program, in the order of their places."""
    statements = program.tree.statements
    names = _Names(program)
    found = [
        *_unused(program, names),
        *_unused_inputs(program, names),
        *_dead_assignments(program, names),
        *_shadowed_constants(statements),
        *_divisions_by_zero(statements),
        *_equalities(statements, names),
        *_unreachable(statements),
    ]
    return sorted(found, key=lambda problem: problem.span or (0, 0))


def expressions_of(statement: nodes.Statement) -> tuple[nodes.Expression, ...]:
    """The expressions and conditions of a statement itself; not those of statements in its blocks."""
    if isinstance(statement, (nodes.Assignment, nodes.State, nodes.Return)):
        return (statement.value,)
    if isinstance(statement, nodes.Output):
        return (statement.value,) if statement.value is not None else ()
    if isinstance(statement, nodes.Definition):
        return () if isinstance(statement.body, nodes.Block) else (statement.body,)
    return headers_of(statement)


def headers_of(statement: nodes.Statement) -> tuple[nodes.Expression, ...]:
    """The expressions and conditions that decide whether the blocks of a statement run, and how often."""
    if isinstance(statement, nodes.Conditional):
        return tuple(branch.condition for branch in statement.branches)
    if isinstance(statement, nodes.WhileLoop):
        return (statement.condition,)
    if isinstance(statement, nodes.ForLoop):
        return (statement.first, statement.last, *(() if statement.step is None else (statement.step,)))
    return ()


def _read(expressions: Iterable[nodes.Expression]) -> Iterator[str]:
    """The names that expressions read, and the functions that they call, as `f(`."""
    for expression in expressions:
        for node in nodes.subexpressions(expression):
            if isinstance(node, nodes.Name):
                yield node.name
            elif isinstance(node, nodes.Apply):
                yield f"{node.function}("


class _Names:
    """Which name is computed from which, whatever the order of the lines: enough to tell what cannot matter.

    A function counts as one more name, `f(`: it depends on what it is given anywhere, and on all that it reads.

    Attributes:
        sources: what each name is computed from
        read: all that is read anywhere, and the outputs
        local: for each function the names of its own that it reads
    """

    def __init__(self, program: Program) -> None:
        self.functions = {s.name.name: s for s in program.tree.statements if isinstance(s, nodes.Definition)}
        self.sources: dict[str, set[str]] = {}
        self.read: set[str] = set(program.outputs)
        self.local: dict[str, set[str]] = {}
        top = own_statements(program.tree.statements)
        self.states = {s.target.name for s in top if isinstance(s, nodes.State)}
        self._collect(top, frozenset(), "")
        for name, definition in self.functions.items():
            body = definition.body
            statements = own_statements(body.statements) if isinstance(body, nodes.Block) else []
            own = {parameter.name for parameter in definition.parameters}
            own |= {t.name for s in statements for t in targets_of(s) if t.name not in self.states or t.name in own}
            self.local[name] = set()
            self._collect([definition, *statements], frozenset(own), name)

    def _collect(self, statements: Iterable[nodes.Statement], own: frozenset[str], function: str) -> None:
        """Note what some statements read and what from; in a function its own names are the function's."""
        deciding: set[str] = set()  # whatever decides anything here may matter to all that follows from it
        for statement in statements:
            found = set(_read(expressions_of(statement)))
            deciding |= set(_read(headers_of(statement)))
            self._calls(expressions_of(statement), own, function)
            if function:
                self.local[function] |= found & own
                self.sources.setdefault(f"{function}(", set()).update(found - own)
                self.read |= found - own
                for target in targets_of(statement):
                    if target.name not in own:  # a state
                        self.sources.setdefault(target.name, set()).add(f"{function}(")
            else:
                self.read |= found
                for target in targets_of(statement):
                    self.sources.setdefault(target.name, set()).update(found)
        if not function:
            for statement in statements:
                for target in targets_of(statement):
                    if not isinstance(statement, nodes.Inputs):
                        self.sources[target.name] |= deciding

    def _calls(self, expressions: Iterable[nodes.Expression], own: frozenset[str], function: str) -> None:
        for expression in expressions:
            for node in nodes.subexpressions(expression):
                if isinstance(node, nodes.Apply) and node.function in self.functions:
                    given = set(_read(node.operands))
                    if function and given & own:
                        given = given - own | {f"{function}("}
                    self.sources.setdefault(f"{node.function}(", set()).update(given)

    def behind(self, names: Iterable[str]) -> set[str]:
        """The names, and all that they may depend on."""
        reached: set[str] = set()
        todo = list(names)
        while todo:
            name = todo.pop()
            if name not in reached:
                reached.add(name)
                todo.extend(self.sources.get(name, ()))
        return reached


def _unused(program: Program, names: _Names) -> Iterator[Problem]:
    """Names that nothing reads. A name that starts with `_` says so itself."""
    seen: set[str] = set()
    for statement in own_statements(program.tree.statements):
        if isinstance(statement, nodes.Definition):
            yield from _unused_in_function(statement, names)
        elif not isinstance(statement, (nodes.Inputs, nodes.ForLoop)):
            yield from _unread(targets_of(statement), names.read | seen, "is never used")
            seen |= {target.name for target in targets_of(statement)}


def _unused_in_function(definition: nodes.Definition, names: _Names) -> Iterator[Problem]:
    name = definition.name.name
    if f"{name}(" not in names.read:
        yield from _unread([definition.name], frozenset(), "is a function that is never called")
    read = names.local[name] | names.states
    yield from _unread(definition.parameters, names.local[name], "is a parameter that is never used")
    if isinstance(definition.body, nodes.Block):
        seen = {parameter.name for parameter in definition.parameters}
        for statement in own_statements(definition.body.statements):
            if isinstance(statement, nodes.Assignment):
                yield from _unread([statement.target], read | seen, "is never used")
                seen.add(statement.target.name)


def _unread(targets: Iterable[nodes.Name], read: Iterable[str], what: str) -> Iterator[Problem]:
    for target in targets:
        if target.name not in read and not target.name.startswith("_"):
            help_text = "remove it, or start its name with `_`"
            yield Problem("unused-name", f"`{target.name}` {what}", target.span, help=help_text)


def _unused_inputs(program: Program, names: _Names) -> Iterator[Problem]:
    needed = names.behind(program.outputs)
    for variable in program.inputs:
        if variable.name not in needed:
            message = f"no output depends on the input `{variable.name}`"
            label = "its derivatives are all 0"
            if len(program.outputs) == 1:
                message = f"the output `{program.outputs[0]}` does not depend on the input `{variable.name}`"
            yield Problem("unused-input", message, variable.declaration.name.span, label)


def _shadowed_constants(statements: Iterable[nodes.Statement]) -> Iterator[Problem]:
    seen = set()
    for statement in nodes.nested(statements):
        parameters = statement.parameters if isinstance(statement, nodes.Definition) else ()
        for target in (*targets_of(statement), *parameters):
            if target.name in CONSTANTS and target.name not in seen:
                seen.add(target.name)
                message = f"`{target.name}` is no longer {CONSTANTS[target.name]:.6g}"
                label = "hides the constant of this name"
                yield Problem("shadows-constant", message, target.span, label, help="use another name")


def _divisions_by_zero(statements: Iterable[nodes.Statement]) -> Iterator[Problem]:
    for statement in nodes.nested(statements):
        for expression in expressions_of(statement):
            for node in nodes.subexpressions(expression):
                if isinstance(node, nodes.Apply) and node.function in ("/", "mod") and len(node.operands) == 2:
                    divisor = node.operands[1]
                    if _is_constant(divisor) and constant_value(constant_code(divisor, "")[0]) == 0:
                        message = "a division by a constant zero"
                        yield Problem("division-by-zero", message, divisor.span, "this is 0")


def _is_constant(expression: nodes.Expression) -> bool:
    return not any(
        isinstance(node, nodes.Name) or (isinstance(node, nodes.Apply) and node.function == "where")
        for node in nodes.subexpressions(expression)
    )


def _equalities(statements: Iterable[nodes.Statement], names: _Names) -> Iterator[Problem]:
    """Conditions that compare for equality what may depend on an input."""
    inputs = {d.name.name for s in statements if isinstance(s, nodes.Inputs) for d in s.declarations}
    for scope, expression in _conditions(statements):
        for node in nodes.subexpressions(expression):
            if isinstance(node, nodes.Apply) and node.function in ("==", "!="):
                behind = names.behind(set(_read(node.operands)) | ({f"{scope}("} if scope else set()))
                if behind & inputs:
                    message = f"`{node.function}` compares a value that depends on an input"
                    note = "equality holds at single points only: a derivative says nothing of them"
                    help_text = "compare with `<` or `>`"
                    yield Problem(EQUALITY, message, node.span, "decided by equality", note, help_text)


def _conditions(statements: Iterable[nodes.Statement]) -> Iterator[tuple[str, nodes.Expression]]:
    """All expressions with the function that they stand in, the empty text at the top level."""
    for statement in own_statements(statements):
        if isinstance(statement, nodes.Definition):
            body = statement.body
            inner = own_statements(body.statements) if isinstance(body, nodes.Block) else []
            for part in (statement, *inner):
                yield from ((statement.name.name, expression) for expression in expressions_of(part))
        else:
            yield from (("", expression) for expression in expressions_of(statement))


def _unreachable(statements: Iterable[nodes.Statement]) -> Iterator[Problem]:
    for statement in nodes.nested(statements):
        for block in nodes.blocks_of(statement):
            for before, behind in zip(block.statements, block.statements[1:], strict=False):
                if isinstance(before, nodes.Return):
                    message = "nothing behind `return` runs"
                    yield Problem("unreachable", message, behind.span, help="remove it")
                    break


# Assignments that are overwritten before they are read


def _dead_assignments(program: Program, names: _Names) -> Iterator[Problem]:
    """Assignments that no way through the program reads, of names that are read elsewhere."""
    outer = {pair[0] for code in program.functions.values() for pair in code.globals}
    top = own_statements(program.tree.statements)
    kept = outer | {program.code.bindings[name] for name in program.outputs if name in program.code.bindings}
    yield from _dead(program.code, top, names.read, names.states, kept, outer)
    for name, definition in names.functions.items():
        if isinstance(definition.body, nodes.Block):
            own = own_statements(definition.body.statements)
            yield from _dead(program.functions[name], own, names.local[name], names.states, set(), set())


def _dead(
    code: Code,
    statements: Iterable[nodes.Statement],
    read: set[str],
    states: set[str],
    at_end: set[int],
    at_calls: set[int],
) -> Iterator[Problem]:
    targets = {
        statement.span: statement.target
        for statement in statements
        if isinstance(statement, nodes.Assignment)
        and statement.target.name in read
        and statement.target.name not in states
    }
    if len(targets) == len({target.name for target in targets.values()}):
        return  # no name is assigned twice
    needed = needed_values(code, at_end, at_calls)
    for span, target in targets.items():
        if needed.get(span) is False:
            message = f"the value that `{target.name}` is given here is never used"
            yield Problem("dead-assignment", message, target.span, "overwritten before it is read", help="remove it")
