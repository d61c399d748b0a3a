"""A tape as a program of the language: the straight line that ran, with what no output needs left out."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import chain, count
from typing import NamedTuple

from adcli.rules.arrays import CONCAT, RESHAPE, STACK
from adcli.rules.dispatch import shape_of
from adcli.rules.facts import Notation
from adcli.rules.primitive import Primitive
from adcli.rules.table import CONDITIONS, CONSTANT, CONSTANTS, COPY, INPUT, SELECT
from adcli.syntax import nodes
from adcli.syntax.format import INDENT, format_expression, format_tree
from adcli.syntax.parse import parse_expression
from adcli.syntax.source import Source, Span
from adcli.tape.describe import function_text
from adcli.tape.equations import Trace
from adcli.tape.labels import label_node, labels
from adcli.tape.reach import entries_behind
from adcli.tape.roots import Root, root_of
from adcli.tape.tape import Guard, Tape, Value

_NOWHERE = Span(0, 0)
_ROOM = 60  # characters of an expression that an entry without a name may have inside another one


class Emitted(NamedTuple):
    """What is to be printed.

    Attributes:
        tape: what ran, with what was recorded behind it
        title: the lines of the comment at the top
        declarations: the text of each input, in order
        names: what some entries are called; the others have their labels
        outputs: what the program gives, and the entry of each; None where it is zero
        guards: those that are checked where the program runs
    """

    tape: Tape
    title: Sequence[str]
    declarations: Sequence[str]
    names: Mapping[int, str]
    outputs: Mapping[str, int | None]
    guards: Sequence[Guard] = ()


def program_text(emitted: Emitted) -> str:
    """The text of a program that computes the outputs by the operations of the tape, and requires the guards."""
    lines = [f"# {line}".rstrip() for line in emitted.title]
    lines += emitted.declarations
    writer = _Writer(emitted)
    lines += writer.statements()
    lines += ["", *writer.outputs()]
    return "".join(f"{line}\n" for line in lines)


class _Writer:
    """Entries become statements, or parts of the one statement that uses them.

    Attributes:
        definitions: the functions that the next statement needs
    """

    def __init__(self, emitted: Emitted, functions: set[str] | None = None) -> None:
        """Take what is to be printed; of what becomes the body of a function, also the names that functions have."""
        self.definitions: list[str] = []
        self._is_outermost = functions is None
        self._tape = tape = emitted.tape
        self._emitted = emitted
        self._ends = [entry for entry in emitted.outputs.values() if entry is not None]
        checked = [side for guard in emitted.guards for side in (guard.left, guard.right)]
        self._needed = entries_behind(tape, [*self._ends, *checked])
        self._uses = _uses(tape, self._needed, [*self._ends, *checked])
        self._expressions: dict[int, nodes.Expression] = {}
        self._names = _unique_names(emitted, self._needed)
        self._functions = set(self._names.values()) if functions is None else functions
        self._place: tuple[str, int] | None = None  # file and line of the last comment

    def statements(self) -> Iterator[str]:
        """The statements, in the order of the tape, under comments that say which line of the source they come from."""
        tape = self._tape
        guards = sorted(self._emitted.guards, key=lambda guard: guard.position)[::-1]
        for entry in range(len(tape)):
            while guards and guards[-1].position <= entry:
                yield from self._require(guards.pop())
            if self._needed[entry]:
                yield from self._entry(entry)
        for guard in reversed(guards):
            yield from self._require(guard)

    def _entry(self, entry: int) -> Iterator[str]:
        tape = self._tape
        operation = tape.operations[entry]
        if operation is CONSTANT:
            if shape_of(tape.values[entry]):
                self._expressions[entry] = parse_expression(Source("", number_literal(tape.values[entry])))
                return
            text = tape.names[entry] or ""
            # `pi` may be an input of the program
            self._expressions[entry] = label_node(repr(tape.values[entry]) if text in tape.inputs else text)
            return
        if operation is INPUT:
            self._expressions[entry] = nodes.Name(self._names[entry], _NOWHERE)
            return
        operands = [self._expressions[operand] for operand in tape.operands[entry]]
        root = root_of(tape, entry)
        if root is not None:
            yield from self._root(entry, *root, operands)
            return
        if operation.notation is Notation.UPDATE:
            yield from self._update(entry, operation, operands)
            return
        tree = operands[0] if operation is COPY else _applied(operation, operands)
        if operation.notation is Notation.CONDITION:  # which has no value in the language: it stands in a `where`
            self._expressions[entry] = tree
            return
        named = tape.names[entry] is not None or entry in self._emitted.names
        inline = not named and (self._uses[entry] == 1 or not isinstance(tree, nodes.Apply))
        if inline and len(format_expression(tree)) <= _ROOM:
            self._expressions[entry] = tree
            return
        name = self._names[entry]
        self._expressions[entry] = nodes.Name(name, _NOWHERE)
        yield from self._comment(tape.spans[entry])
        yield _assignment(name, tree)

    def _update(self, entry: int, operation: Primitive, operands: list[nodes.Expression]) -> Iterator[str]:
        """Another version of an array: its old one under the new name, then what is put into it."""
        array, value, *subscripts = operands
        name = nodes.Name(self._names[entry], _NOWHERE)
        self._expressions[entry] = name
        yield from self._comment(self._tape.spans[entry])
        yield _assignment(name.name, array)
        yield _assignment(name.name, nodes.Apply(operation.name, (name, value, *subscripts), _NOWHERE))

    def _root(self, entry: int, root: Root, trace: Trace, operands: list[nodes.Expression]) -> Iterator[str]:
        """A root: a function of what its equations are off by, as they ran at the root, and a `solve` with it."""
        needed = entries_behind(trace.tape, [trace.residual])
        read = [(inner, operand) for inner, operand in zip(trace.operands, operands[root.starts :], strict=True)
                if needed[inner]]  # fmt: skip
        name, function = nodes.Name(self._names[entry], _NOWHERE), self._free_function("equations")
        parameters = {trace.unknown: "unknown", **{inner: f"u{place}" for place, (inner, _) in enumerate(read, 1)}}
        inside = _Writer(Emitted(trace.tape, (), (), parameters, {"off_by": trace.residual}), self._functions)
        body = [line for line in inside.statements() if line and not line.startswith("#")]
        body.append(f"return {format_expression(inside.value(trace.residual))}")
        self.definitions += inside.definitions
        self.definitions.append(
            "\n".join([f"def {function}({', '.join(parameters.values())}) {{", *map(_indented, body), "}"])
        )
        self._expressions[entry] = name
        if self._is_outermost:
            yield from self._comment(self._tape.spans[entry])
            yield from self.definitions
            self.definitions.clear()
        off_by = nodes.Apply(function, (name, *(operand for _, operand in read)), _NOWHERE)
        equation = nodes.Apply("==", (off_by, nodes.Number("0", _NOWHERE)), _NOWHERE)
        start = _start(operands[: root.starts], [self._tape.values[place] for place in self._tape.operands[entry]])
        yield _statement(nodes.Solve((name,), (start,), (equation,), _NOWHERE))

    def _free_function(self, name: str) -> str:
        """A name that no function of the program has, nor any value."""
        free = free_name(name, self._functions, 2)
        self._functions.add(free)
        return free

    def value(self, entry: int) -> nodes.Expression:
        """What stands for an entry."""
        return self._expressions[entry]

    def _require(self, guard: Guard) -> Iterator[str]:
        """A decision as a check: what ran is what is meant only while it comes out as it did."""
        sides = (self._expressions[guard.left], self._expressions[guard.right])
        tree: nodes.Expression = nodes.Apply(guard.comparison, sides, _NOWHERE)
        yield from self._comment(guard.span)
        yield _statement(nodes.Require(tree if guard.holds else nodes.Apply("not", (tree,), _NOWHERE), _NOWHERE))

    def _comment(self, span: Span | None) -> Iterator[str]:
        if span is None:
            return
        source = self._tape.source
        place = source.file_at(span.start), source.place(span.start)[0]
        if place == self._place:
            return
        text = source.line_at(span.start).partition("#")[0].strip()
        if text:  # zeros of what an output does not follow stand in no line
            self._place = place
            yield ""
            yield f"# line {place[1]}{'' if place[0] == source.name else f' of {place[0]}'}: {text}"

    def outputs(self) -> Iterator[str]:
        """The statements that name the results, in their order; a result that is another value is a copy of it."""
        plain: list[str] = []
        for name, entry in self._emitted.outputs.items():
            tree = nodes.Number("0", _NOWHERE) if entry is None else self._expressions[entry]
            if isinstance(tree, nodes.Name) and tree.name == name:
                plain.append(name)
                continue
            yield from _plain_outputs(plain)
            plain = []
            yield _statement(nodes.Output((nodes.Name(name, _NOWHERE),), (tree,), _NOWHERE))
        yield from _plain_outputs(plain)


def _indented(text: str) -> str:
    return "\n".join(f"{INDENT}{line}" for line in text.split("\n"))


def _start(starts: Sequence[nodes.Expression], values: Sequence[Value]) -> nodes.Expression:
    """Where a search begins, as a number or as one vector."""
    if len(starts) == 1 and len(shape_of(values[0])) < 2:
        return starts[0]
    if not any(shape_of(value) for value in values[: len(starts)]):
        return nodes.Apply(function_text(STACK), tuple(starts), _NOWHERE)
    parts = [_flat(start, value) for start, value in zip(starts, values, strict=False)]
    return nodes.Apply(CONCAT.name, tuple(parts), _NOWHERE)


def _flat(start: nodes.Expression, value: Value) -> nodes.Expression:
    """A value as a vector."""
    shape = shape_of(value)
    if not shape:
        return nodes.Apply(function_text(STACK), (start,), _NOWHERE)
    return start if len(shape) == 1 else nodes.Apply(RESHAPE.name, (start, label_node("-1")), _NOWHERE)


def _applied(operation: Primitive, operands: list[nodes.Expression]) -> nodes.Expression:
    """An operation as the language writes it."""
    function = function_text(operation)
    if operation is SELECT and isinstance(operands[0], nodes.Apply) and operands[0].function in CONDITIONS:
        function = "where"
    return simplified(nodes.Apply(function, tuple(operands), _NOWHERE))


def _plain_outputs(names: Sequence[str]) -> Iterator[str]:
    if names:
        yield f"output {', '.join(names)}"


def _uses(tape: Tape, needed: Sequence[bool], ends: Iterable[int]) -> list[int]:
    uses = [0] * len(tape)
    for entry, operands in enumerate(tape.operands):
        if needed[entry]:
            for operand in operands:
                uses[operand] += 1
    for end in ends:
        uses[end] += 1
    return uses


def _unique_names(emitted: Emitted, needed: Sequence[bool]) -> dict[int, str]:
    """The name of each entry that may need one. The name of a result is that of its own entry alone."""
    labelled = labels(emitted.tape)
    results = {entry: name for name, entry in reversed(list(emitted.outputs.items())) if entry is not None}
    taken = {*emitted.outputs, *emitted.tape.inputs, *CONSTANTS}
    names: dict[int, str] = {}
    for entry, operation in enumerate(emitted.tape.operations):
        if not needed[entry] or operation is CONSTANT:
            continue
        if operation is INPUT:
            names[entry] = emitted.names.get(entry) or labelled[entry]
        elif entry in results:
            names[entry] = results[entry]
        else:
            plain = emitted.names.get(entry) or labelled[entry]
            names[entry] = free_name(plain, taken, 1)
        taken.add(names[entry])
    return names


def free_name(name: str, taken: Container[str], first: int) -> str:
    """A name, or if it is taken the name with the first number behind it, from `first` on, that is not."""
    choices = chain([name], (f"{name}_{number}" for number in count(first)))
    return next(choice for choice in choices if choice not in taken)


def simplified(tree: nodes.Apply) -> nodes.Expression:
    """An operation without what changes nothing, to the last bit: `* 1`, `/ 1`, `^ 1`, `- 0`; whole numbers done."""
    function, operands = tree.function, tree.operands
    numbers = [_number(operand) for operand in operands]
    if function == "-" and len(operands) == 1:
        (inner,) = operands
        twice = isinstance(inner, nodes.Apply) and inner.function == "-" and len(inner.operands) == 1
        return inner.operands[0] if twice and isinstance(inner, nodes.Apply) else tree
    if len(operands) != 2:
        return tree
    left, right = operands
    if None not in numbers and function in ("+", "-", "*"):
        a, b = (number or 0.0 for number in numbers)
        value = {"+": a + b, "-": a - b, "*": a * b}[function]
        if value.is_integer() and abs(value) < 2**53:
            return label_node(str(int(value)))
    if function == "*" and numbers[0] in (1.0, -1.0):
        return right if numbers[0] == 1 else _negative(right)
    if function == "*" and numbers[1] in (1.0, -1.0):
        return left if numbers[1] == 1 else _negative(left)
    if function in ("/", "^") and numbers[1] == 1:
        return left
    if function == "-" and numbers[1] == 0:
        return left
    if function == "+":
        positive = _without_sign(right)
        return tree if positive is None else nodes.Apply("-", (left, positive), _NOWHERE)
    return tree


def _without_sign(tree: nodes.Expression) -> nodes.Expression | None:
    """What a term is the negative of, if it is written with a sign: `-a`, `-a * b`."""
    if not isinstance(tree, nodes.Apply):
        return None
    if tree.function == "-" and len(tree.operands) == 1:
        return tree.operands[0]
    if tree.function in ("*", "/"):
        first = tree.operands[0]
        if isinstance(first, nodes.Apply) and first.function == "-" and len(first.operands) == 1:
            return nodes.Apply(tree.function, (first.operands[0], tree.operands[1]), _NOWHERE)
    return None


def _negative(tree: nodes.Expression) -> nodes.Expression:
    return simplified(nodes.Apply("-", (tree,), _NOWHERE))


def _number(tree: nodes.Expression) -> float | None:
    """The value of a literal, which may have a sign."""
    if isinstance(tree, nodes.Number):
        return float(tree.text)
    if isinstance(tree, nodes.Apply) and tree.function == "-" and len(tree.operands) == 1:
        inner = tree.operands[0]
        return -float(inner.text) if isinstance(inner, nodes.Number) else None
    return None


def _assignment(name: str, tree: nodes.Expression) -> str:
    return _statement(nodes.Assignment(nodes.Name(name, _NOWHERE), tree, _NOWHERE))


def _statement(statement: nodes.Statement) -> str:
    return format_tree(nodes.Tree("", (statement,))).rstrip("\n")


def number_literal(value: Value) -> str:
    """A number, or an array, as a program writes it, with all its digits: `2`, `0.1`, `-1e-08`, `[1, 2]`."""
    if type(value) is not float and shape_of(value):
        return (
            f"[{', '.join(number_literal(item) if shape_of(item) else number_literal(float(item)) for item in value)}]"
        )
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)
