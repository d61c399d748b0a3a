"""The rows of the table as data: how a browser computes and writes what a program's tape is made of.

A formula is a tree: a number, a letter as a text, or a list of the key of a rule and its operands. What a key stands
for is computed by the function of the same name in `emit/script/numbers.mjs`, or by a kernel in `arrays.mjs` beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adcli.emit.bundle import has_javascript
from adcli.errors import AdError, Problem
from adcli.rules.facts import EVERY, Notation
from adcli.rules.formulas import formula_lines, formula_tree, leaves_gaps, times
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.shapes import Refused
from adcli.rules.table import SELECT, primitive_named
from adcli.syntax import nodes
from adcli.tape.describe import function_text

Shapes = tuple[tuple[int, ...], ...]
_WHERE = "where"  # which formulas write for what is `select` on the tape


class RuleBook:
    """The rules that a program may need, gathered one by one.

    Attributes:
        rules: by key
    """

    def __init__(self, deep: bool) -> None:
        """Begin with none; where it goes `deep`, what formulas are made of is differentiated as well."""
        self.rules: dict[str, dict[str, Any]] = {}
        self._deep = deep

    def add(self, primitive: Primitive) -> str:
        """The key of an operation of the program. Raises AdError `no-javascript` where no script has its function."""
        key = self._named(primitive)
        rule = self.rules[key]
        if isinstance(primitive, ArrayPrimitive):
            if "pullbacks" not in rule:
                self._pullbacks(primitive, rule)
        elif "partials" not in rule:
            rule["partials"] = {}  # before its formulas, which may name it
            self._edges(primitive, rule)
        return key

    def add_shapes(self, primitive: Primitive, shapes: Shapes) -> None:
        """Take what the operands of an operation receive that is applied to arrays of these shapes, or numbers."""
        rule = self.rules[self.add(primitive)]
        if not isinstance(primitive, ArrayPrimitive):
            self._partials(primitive, rule, len(shapes))
        elif callable(primitive.vjp):
            text = _shapes_text(shapes)
            if text not in rule["pullbacks"]:
                rule["pullbacks"][text] = self._formulas(primitive.pullbacks(shapes))

    def _named(self, primitive: Primitive) -> str:
        key = key_of(primitive)
        if key not in self.rules:
            _require_spelling(primitive)
            rule: dict[str, Any] = {"text": function_text(primitive), "notation": _notation(primitive)}
            if isinstance(primitive, ArrayPrimitive):
                rule |= {"kernel": primitive.kernel, "settings": list(primitive.settings)}
            if primitive.by is not EVERY:
                rule["by"] = list(primitive.known("by"))
            if primitive.kink is not None:
                rule["kink"] = True
            if primitive.variadic:
                rule["variadic"] = True
            self.rules[key] = rule
            if primitive.shown:
                rule["shown"] = self._tree(formula_tree(primitive.shown))
        return key

    def _pullbacks(self, primitive: ArrayPrimitive, rule: dict[str, Any]) -> None:
        rule["pullbacks"] = {}
        if not callable(primitive.vjp):
            rule["pullbacks"][""] = self._formulas(primitive.vjp)

    def _edges(self, primitive: Primitive, rule: dict[str, Any]) -> None:
        if primitive.edges:
            rule["edges"] = [None if edge is None else self._edge(*edge) for edge in primitive.edges]
        if not primitive.variadic:
            self._partials(primitive, rule, primitive.arity)

    def _partials(self, primitive: Primitive, rule: dict[str, Any], count: int) -> None:
        if str(count) not in rule["partials"]:
            rule["partials"][str(count)] = [self._slope(formula) for formula in primitive.formulas(count)]

    def _slope(self, partial: str) -> dict[str, Any] | None:
        """The formula of a partial, and of it times an adjoint `g`; None where there is none."""
        try:
            received = times(partial, "g")
        except Refused:
            return None
        slope = {"partial": self._formula(partial)["result"], "received": self._formula(received)["result"]}
        return slope | ({"gaps": True} if leaves_gaps(received) else {})

    def _edge(self, letter: str, partial: str) -> dict[str, Any]:
        """Where a letter is 0, and the partial's own formula has no number, this one is the partial."""
        return {"letter": letter, **(self._slope(partial) or {})}

    def _formulas(self, formulas: Iterable[str]) -> list[dict[str, Any] | None]:
        return [self._formula(formula) if formula else None for formula in formulas]

    def _formula(self, formula: str) -> dict[str, Any]:
        lines, result = formula_lines(formula)
        told = {"lines": [[line.target.name, self._tree(line.value)] for line in lines], "result": self._tree(result)}
        return told | ({"gaps": True} if leaves_gaps(formula) else {})

    def _tree(self, node: nodes.Expression) -> Any:
        if isinstance(node, nodes.Number):
            return int(node.text) if node.text.isdigit() else float(node.text)
        if isinstance(node, nodes.Name):
            return node.name
        assert isinstance(node, nodes.Apply)
        return [self._key_in_formula(node), *map(self._tree, node.operands)]

    def _key_in_formula(self, node: nodes.Apply) -> str:
        if node.function == _WHERE:
            self.rules.setdefault(_WHERE, self.rules[self._named(SELECT)] | {"text": _WHERE})
            return _WHERE
        primitive = primitive_named(node.function, len(node.operands))
        assert primitive is not None, node.function
        return self.add(primitive) if self._deep else self._named(primitive)


def key_of(primitive: Primitive) -> str:
    """What a rule is called: `sin`, and `array:sum axis=0` for an operation on whole arrays."""
    return f"array:{primitive.name}" if isinstance(primitive, ArrayPrimitive) else primitive.name


def _shapes_text(shapes: Shapes) -> str:
    """`4,2|2|`: shapes as a text."""
    return "|".join(",".join(map(str, shape)) for shape in shapes)


def _notation(primitive: Primitive) -> str:
    words = {Notation.PART: "part", Notation.UPDATE: "assignment", Notation.DISPLAY: "display", Notation.LEAF: "leaf"}
    return words.get(primitive.notation, "")


def _require_spelling(primitive: Primitive) -> None:
    if not has_javascript(primitive):
        message = f"`{primitive.symbol or primitive.name}` has no spelling in JavaScript, so no page can compute it"
        help_text = "`adcli graph -o graph.html` draws the program at one point"
        raise AdError(Problem("no-javascript", message, help=help_text))
