"""Which name of a program is computed from which: enough for `lint` to tell what cannot matter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from adcli.program.calls import ordered_operands, value_given
from adcli.program.program import Program
from adcli.records import NamedTuple
from adcli.syntax import nodes


class Scope(NamedTuple):
    """The program, or a function: its name, and the names that are its own."""

    function: str = ""
    own: frozenset[str] = frozenset()

    def name(self, name: str) -> str:
        """What a name is called in the whole program: `u`, or `f.u` if it is a function's own."""
        return f"{self.function}.{name}" if name in self.own else name

    @property
    def decides(self) -> str:
        """Stands for all that decides what of this scope runs."""
        return f"{self.function}?"


def inside(definition: nodes.Definition) -> list[nodes.Statement]:
    """The statements of a function; none where its body is an expression."""
    return list(nodes.own_statements(definition.body.statements)) if isinstance(definition.body, nodes.Block) else []


# An expression, the names that it adds its own to, and the indices of the comprehensions that it stands in.
_Task: TypeAlias = tuple[nodes.Expression, set[str], frozenset[str]]


class Names:
    """Which name is computed from which, whatever the order of the lines: enough to tell what cannot matter.

    Beside the names, `f.u` is a function's own, `f(` what it returns, and `f?` what decides which of its lines run.

    Attributes:
        functions: the functions that the program defines
        states: the names declared `state`
        sources: what each of these is computed from
        read: all that anything else reads, and the outputs
        passed: the functions that are passed to others, which tell them what parameters they have
        equalities: each comparison for equality, with the names that it compares
        scopes: the program, then each function, with the statements of its own
    """

    def __init__(self, program: Program) -> None:
        statements = program.tree.statements
        self.functions = {s.name.name: s for s in statements if isinstance(s, nodes.Definition)}
        self.states = {s.target.name for s in statements if isinstance(s, nodes.State)}
        self.sources: dict[str, set[str]] = {}
        self.read: set[str] = set(program.outputs)
        self.passed: set[str] = set()
        self.equalities: list[tuple[nodes.Apply, set[str]]] = []
        top = nodes.own_statements(statements)
        self.scopes: list[tuple[Scope, list[nodes.Statement]]] = []
        self._collect([statement for statement in top if not isinstance(statement, nodes.Definition)], Scope())
        for name, definition in self.functions.items():
            own_statements = inside(definition)
            own = {parameter.name for parameter in definition.parameters}
            own |= {t.name for s in own_statements for t in nodes.targets_of(s) if t.name not in self.states}
            self._collect([definition, *own_statements], Scope(name, frozenset(own)))

    def of(self, name: str) -> set[str]:
        """What a name is computed from."""
        return self.sources.setdefault(name, set())

    def _collect(self, statements: list[nodes.Statement], scope: Scope) -> None:
        self.scopes.append((scope, statements))
        for statement in statements:
            targets = {scope.name(target.name) for target in nodes.targets_of(statement)}
            returns = isinstance(statement, (nodes.Return, nodes.Definition))
            given: set[str] = set()
            read: set[str] = set()
            for expression in nodes.expressions_of(statement):
                only_decides = isinstance(statement, nodes.ForLoop) and expression is statement.last
                self._walk(expression, self.of(scope.decides) if only_decides else given, read, scope)
            for target in {f"{scope.function}("} if returns else targets:
                self.of(target).update(given)
                if not isinstance(statement, nodes.Inputs):
                    self.of(target).add(scope.decides)
            if nodes.headers_of(statement):
                self.of(scope.decides).update(given)
            if isinstance(statement, nodes.Assignment) and not self._may_change_a_state(statement):
                read -= targets  # `n = n + 1` alone is no use of n
            elif isinstance(statement, nodes.Solve):
                read -= targets  # nor is an equation of what it solves for
            self.read |= read - {f"{scope.function}("}

    def _may_change_a_state(self, statement: nodes.Assignment) -> bool:
        """Whether a statement calls a function of the program where there are states."""
        calls = (node.function for node in nodes.subexpressions(statement.value) if isinstance(node, nodes.Apply))
        return bool(self.states) and any(function in self.functions for function in calls)

    def _walk(self, expression: nodes.Expression, given: set[str], read: set[str], scope: Scope) -> None:
        """Note what an expression reads, and add to `given` what its value is computed from."""
        decides = self.of(scope.decides)
        todo: list[_Task] = [(expression, given, frozenset())]
        while todo:
            node, into, own = todo.pop()
            if isinstance(node, nodes.Number) or (isinstance(node, nodes.Name) and node.name in own):
                continue
            if isinstance(node, nodes.Name):
                into.add(scope.name(node.name))
                read.add(scope.name(node.name))
                continue
            if isinstance(node, nodes.Comprehension):
                todo += self._comprehension(node, into, own, decides)
                continue
            if node.function in scope.own:  # a parameter that is a function
                read.add(scope.name(node.function))
            for passed in map(value_given, node.operands):
                if isinstance(passed, nodes.Name) and passed.name in self.functions:  # which is passed
                    self.passed.add(passed.name)
                    self._called(passed.name, into, read, scope)
            function = self.functions.get(node.function)
            if function is not None:
                self._called(node.function, into, read, scope)
                operands, _ = ordered_operands(node, function)
                for parameter, operand in zip(function.parameters, operands, strict=True):
                    if operand is not None:
                        todo.append((operand, self.of(f"{node.function}.{parameter.name}"), own))
            elif node.function == "where":
                condition, *sides = node.operands
                todo += [(condition, decides, own), *((side, into, own) for side in sides)]
            elif node.function in ("==", "!="):
                compared: set[str] = set()
                self.equalities.append((node, compared))
                for side in node.operands:
                    todo += [(side, compared, own), (side, into, own)]
            else:
                todo += [(operand, into, own) for operand in node.operands]

    def _called(self, function: str, into: set[str], read: set[str], scope: Scope) -> None:
        """Note that a function is called where a value is computed."""
        into.add(f"{function}(")
        read.add(f"{function}(")
        self.of(f"{function}(").add(f"{function}?")
        self.of(f"{function}?").add(scope.decides)

    def _comprehension(
        self, node: nodes.Comprehension, into: set[str], own: frozenset[str], decides: set[str]
    ) -> Iterator[_Task]:
        """What a comprehension computes from, and what decides how often; its indices are its own."""
        for clause in node.clauses:
            if isinstance(clause, nodes.Index):
                for bound in nodes.bounds_of(clause):
                    yield bound, decides if bound is clause.last else into, own
                own |= {clause.variable.name}
            else:
                yield clause, decides, own
        yield node.body, into, own

    def own_read(self, definition: nodes.Definition) -> set[str]:
        """The parameters and the own names of a function that it reads."""
        targets = (target for statement in inside(definition) for target in nodes.targets_of(statement))
        own = (*definition.parameters, *targets)
        return {name.name for name in own if f"{definition.name.name}.{name.name}" in self.read}

    def behind(self, names: Iterable[str], decisions: bool = True) -> set[str]:
        """The names, and all that they may depend on; without `decisions`, all that they may be computed from."""
        reached: set[str] = set()
        todo = list(names)
        while todo:
            name = todo.pop()
            if name not in reached and (decisions or not name.endswith("?")):
                reached.add(name)
                todo.extend(self.sources.get(name, ()))
        return reached

    def computed_from(self, names: Iterable[str]) -> set[str]:
        """The names, and all that may be computed from them, by more than a decision."""
        users: dict[str, list[str]] = {}
        for name, sources in self.sources.items():
            for source in sources:
                users.setdefault(source, []).append(name)
        reached: set[str] = set()
        todo = list(names)
        while todo:
            name = todo.pop()
            if name not in reached and not name.endswith("?"):
                reached.add(name)
                todo.extend(users.get(name, ()))
        return reached
