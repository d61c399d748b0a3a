"""What a run passed by: branches, sides of `where` and loops that could have used a value, and what decided that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from adcli.program.program import Program
from adcli.records import NamedTuple
from adcli.syntax import nodes
from adcli.syntax.format import for_text, format_expression
from adcli.syntax.source import Span
from adcli.tape.tape import Tape, outcome_text
from adcli.trust.names import Names, Scope


class Untaken(NamedTuple):
    """A place that did not run, where a value that depends on an input would have been used.

    Attributes:
        decision: what decided that, such as "`x > 0` fails"
        decided: where
        use: the expression or the name that would have been used
    """

    decision: str
    decided: Span
    use: nodes.Expression


def untaken_uses(program: Program, tape: Tape, name: str, output: str) -> list[Untaken]:
    """The places that did not run in which a value might have been computed from an input, in the order of the text.

    What depends on what is told by the names alone, whatever the order of the lines. A value that is no name of the
    program's own level is taken for its outputs.
    """
    names = Names(program)
    matter = names.behind([output] if output in names.sources else program.outputs, decisions=False)
    if name not in matter:
        return []
    places: dict[Span, Untaken] = {}
    for scope, statements in names.scopes:
        for piece in _pieces(statements, tape):
            parts = [part for statement, part in piece.parts if _results(statement, scope) & matter]
            for use in sorted(_uses(parts, scope, names, name), key=lambda use: use.span):
                places.setdefault(piece.span, Untaken(piece.decision, piece.decided, use))
    return [places[span] for span in sorted(places)]


class _Piece(NamedTuple):
    """Expressions that did not run, each with its statement; where they stand, and what decided it."""

    parts: list[tuple[nodes.Statement, nodes.Expression]]
    span: Span
    decision: str
    decided: Span


def _pieces(statements: Iterable[nodes.Statement], tape: Tape) -> Iterator[_Piece]:
    outcomes: dict[Span, set[bool]] = defaultdict(set)
    for guard in tape.guards:
        outcomes[guard.span].add(guard.holds)
    ran = {region.node.span for region in tape.regions if region.iterations}
    for statement in statements:
        if isinstance(statement, nodes.Conditional):
            yield from _branches(statement, outcomes)
        elif isinstance(statement, nodes.WhileLoop):
            if outcome(statement.condition, outcomes) == {False}:
                yield _block(statement.body, statement.condition, False)
        elif isinstance(statement, nodes.ForLoop) and statement.span not in ran:
            text = f"`{for_text(statement)}` does not run"
            yield _Piece(_expressions(statement.body), statement.body.span, text, statement.header)
        for expression in nodes.expressions_of(statement):
            for node in nodes.subexpressions(expression):
                if isinstance(node, nodes.Apply) and node.function == "where":
                    ways = outcome(node.operands[0], outcomes)
                    for side, holds in zip(node.operands[1:], (True, False), strict=True):
                        if ways == {not holds}:
                            yield _Piece([(statement, side)], side.span, *_decision(node.operands[0], not holds))


def _branches(statement: nodes.Conditional, outcomes: Mapping[Span, set[bool]]) -> Iterator[_Piece]:
    for branch in statement.branches:
        ways = outcome(branch.condition, outcomes)
        if ways == {False}:
            yield _block(branch.body, branch.condition, False)
        elif ways == {True}:  # nothing behind it is asked
            behind = [other.body for other in statement.branches if other.span > branch.span]
            for body in (*behind, *([statement.otherwise] if statement.otherwise is not None else [])):
                yield _block(body, branch.condition, True)
            return


def _block(body: nodes.Block, condition: nodes.Expression, holds: bool) -> _Piece:
    return _Piece(_expressions(body), body.span, *_decision(condition, holds))


def _decision(condition: nodes.Expression, holds: bool) -> tuple[str, Span]:
    return f"`{format_expression(condition)}` {outcome_text(holds)}", condition.span


def _expressions(body: nodes.Block) -> list[tuple[nodes.Statement, nodes.Expression]]:
    inside = nodes.nested(body.statements)
    return [(statement, part) for statement in inside for part in nodes.expressions_of(statement)]


def _results(statement: nodes.Statement, scope: Scope) -> set[str]:
    """What a statement gives a value, as `Names` calls it."""
    if isinstance(statement, (nodes.Return, nodes.Definition)):
        return {f"{scope.function}("}
    return {scope.name(target.name) for target in nodes.targets_of(statement)}


def _uses(parts: Iterable[nodes.Expression], scope: Scope, names: Names, name: str) -> Iterator[nodes.Expression]:
    """Those of the expressions that are computed from an input."""
    for part in parts:
        read = {scope.name(name.name) for name in nodes.names_read(part)}
        if name in names.behind(read, decisions=False):
            yield part


def outcome(condition: nodes.Expression, outcomes: Mapping[Span, set[bool]]) -> set[bool]:
    """In which ways a condition came out, by its comparisons: in none where it never ran, in both where it did both."""
    ways: dict[Span, set[bool]] = {}  # in which the condition and each of its parts came out
    for node in list(nodes.subexpressions(condition))[::-1]:  # the parts of a condition come before it
        if not isinstance(node, nodes.Apply):
            continue
        sides = [ways.get(operand.span, set()) for operand in node.operands]
        if node.function == "not":
            ways[node.span] = {not holds for holds in sides[0]}
        elif node.function in ("and", "or"):
            ends = node.function == "or"  # what the first side says without the second
            ways[node.span] = ({ends} & sides[0]) | (sides[1] if (not ends) in sides[0] else set())
        elif node.function in nodes.COMPARISONS:
            ways[node.span] = set(outcomes.get(node.span, ()))
    return ways.get(condition.span, set())
