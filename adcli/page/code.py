"""A program's code as data: what `script/tape.mjs` runs, block for block what the interpreter runs."""

from __future__ import annotations

from math import isfinite
from typing import Any

from adcli.errors import AdError, Problem
from adcli.page.rules import RuleBook
from adcli.program.code import BasicBlock, Code, Decide, End, Solve
from adcli.program.program import Program
from adcli.rules.table import COPY, STACK
from adcli.syntax import nodes
from adcli.syntax.format import format_expression
from adcli.syntax.source import Source, Span
from adcli.tape.describe import region_node_text


def code_data(program: Program, book: RuleBook) -> dict[str, Any]:
    """The code of a program and of its functions; the rules of what they do are put into the book."""
    coder = _Coder(program.source, book)
    book.add(COPY)  # of sizes
    return {
        "code": coder.code(program.code),
        "functions": {name: coder.code(code) for name, code in program.functions.items()},
        "sizes": [_size(program, name) for name in program.sizes],
        "gathers": book.add(STACK),
    }


def _size(program: Program, name: str) -> dict[str, Any]:
    """A size that an input binds: which dimension of which."""
    variable = next(variable for variable in program.inputs if name in (variable.shape or ()))
    line = program.source.place(variable.declaration.span.start)[0]
    return {"name": name, "input": variable.name, "axis": (variable.shape or ()).index(name), "line": line}


class _Coder:
    def __init__(self, source: Source, book: RuleBook) -> None:
        self._source = source
        self._book = book
        self._nodes: dict[int, int] = {}

    def code(self, code: Code) -> dict[str, Any]:
        return {
            "size": code.size,
            "constants": [[slot, text, _number(value)] for slot, text, value in code.constants],
            "blocks": [self._block(block) for block in code.blocks],
            "bindings": dict(code.bindings),
            "globals": code.globals,
            "states": code.states,
            "assigned": code.assigned,
        }

    def _block(self, block: BasicBlock) -> dict[str, Any]:
        rows = zip(block.steps, block.operations, block.names, block.spans, strict=True)
        return {
            "steps": [
                [self._book.add(operation), list(operands), target, name, self._line(span)]
                for (_, operands, target), operation, name, span in rows
            ],
            "end": self._end(block.end),
        }

    def _end(self, end: End) -> dict[str, Any]:
        if isinstance(end, Solve):
            help_text = "`adcli graph -o graph.html` draws the program at one point"
            message = "a page cannot solve equations"
            raise AdError(Problem("no-javascript", message, end.node.span, help=help_text), self._source)
        fields = {name: self._field(value) for name, value in end._asdict().items()}
        if isinstance(end, Decide):
            fields["text"] = " ".join(self._source.text[slice(*end.span)].split())
        return {"kind": type(end).__name__, **fields}

    def _field(self, value: Any) -> Any:
        if isinstance(value, Span):
            return self._line(value)
        if hasattr(value, "span"):
            return self._node(value)
        if hasattr(value, "_asdict"):  # an end in another one
            return self._end(value)
        return value

    def _node(self, node: Any) -> dict[str, Any]:
        """A loop, a call or a condition: a number that tells it from others, its place and its text."""
        span = getattr(node, "header", node.span)
        number = self._nodes.setdefault(id(node), len(self._nodes))
        return {
            "number": number,
            "kind": _KINDS.get(type(node), "other"),
            "line": self._line(span),
            "text": _text(node),
        }

    def _line(self, span: Span | None) -> int | None:
        return None if span is None else self._source.own_line(span.start)


_KINDS = {
    nodes.ForLoop: "for", nodes.WhileLoop: "while", nodes.Index: "index", nodes.Apply: "call",
}  # fmt: skip


def _number(value: float) -> float | str:
    """A number as JSON has it; of an infinite one, which it has not, the text."""
    return value if isfinite(value) else "Infinity"


def _text(node: Any) -> str:
    if isinstance(node, (nodes.ForLoop, nodes.WhileLoop, nodes.Index, nodes.Apply)):
        return region_node_text(node)
    return format_expression(node.condition) if isinstance(node, nodes.Require) else ""
