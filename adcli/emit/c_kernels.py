"""Kernels of numbers in C, translated from their Python: the same operations in the same order, so the same bits.

Every number is a double. The whole numbers of a kernel are small, and a double counts them as well. What a kernel may
be made of is little: assignments, loops over ranges and tables, conditions, and functions that C has as well. What is
made of more is refused by NoSourceError.
"""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from adcli.emit.identifiers import Identifiers
from adcli.emit.infix import AND, ATOM, CHOICE, COMPARISON, NOT, OR, PRODUCT, SIGN, SUM
from adcli.emit.kernels import Kernel, NoSourceError, kernel_of, name_of_kernel
from adcli.records import NamedTuple
from adcli.rules.spellings.c import BUILTINS, KERNELS, MATH, OVER, WORDS

PREFIX = "ad_"
_INDENT = "    "
_OPERATORS = {ast.Add: ("+", SUM), ast.Sub: ("-", SUM), ast.Mult: ("*", PRODUCT), ast.Div: ("/", PRODUCT)}
_COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}


class CKernel(NamedTuple):
    """A kernel in C.

    Attributes:
        name: what the function is called
        text: its definition; empty where the library has it
        tables: the tables that it reads: their names and numbers
        needs: the kernels that it calls
        is_variadic: whether it takes its operands as an array and their number
        gathered: of those that take their operands so, with how many it calls them one by one
    """

    name: str
    text: str
    tables: dict[str, tuple[float, ...]]
    needs: tuple[Callable[..., Any], ...]
    is_variadic: bool
    gathered: tuple[tuple[Callable[..., Any], int], ...]


def number(value: float) -> str:
    """A number in C, with all its digits."""
    if math.isnan(value):
        return "NAN"
    return repr(float(value)).replace("inf", "INFINITY")


def signed(value: float) -> tuple[str, int]:
    """A number that may have a sign, and how tightly it holds together."""
    return number(value), SIGN if math.copysign(1.0, value) < 0 else ATOM


def c_kernels(functions: Iterable[Callable[..., Any]]) -> list[CKernel]:
    """The kernels of some functions and of all that they call, those that are called before those that call them.

    Raises NoSourceError where one of them cannot be translated.
    """
    done: dict[Callable[..., Any], CKernel] = {}
    todo = [(function, False) for function in reversed(list(functions))]
    began: dict[Callable[..., Any], CKernel] = {}
    while todo:
        function, is_done = todo.pop()
        if is_done:
            done[function] = began[function]
        elif function not in began:
            began[function] = kernel = c_kernel(function)
            todo.append((function, True))
            todo += [(need, False) for need in reversed(kernel.needs)]
    return list(done.values())


_known: dict[Callable[..., Any], CKernel] = {}


def c_kernel(function: Callable[..., Any]) -> CKernel:
    """One kernel; raises NoSourceError."""
    if function not in _known:
        _known[function] = _translated(function)
    return _known[function]


def _translated(function: Callable[..., Any]) -> CKernel:
    inner: Any = inspect.unwrap(function)
    name = name_of_kernel(function)
    if name in KERNELS:
        return CKernel(KERNELS[name], "", {}, (), False, ())
    kernel = kernel_of(function)
    kinds = inner.__annotations__.items()
    arrays = {name for name, kind in kinds if str(kind).startswith("tuple") and name != "return"}
    translator = _Translator(kernel, arrays)
    text = translator.function(_summary(inner))
    return CKernel(
        f"{PREFIX}{kernel.name}", text, translator.tables, tuple(translator.needs),
        kernel.tree.args.vararg is not None, tuple(translator.gathered),
    )  # fmt: skip


def _summary(function: Callable[..., Any]) -> str:
    return (inspect.getdoc(function) or "").partition("\n")[0]


class _Loop(NamedTuple):
    """What a loop goes over.

    Attributes:
        head: the head of the loop in C
        bindings: what the names have in each round
    """

    head: str
    bindings: tuple[tuple[ast.expr, str], ...]


class _Translator:
    """Writes one kernel as C."""

    def __init__(self, kernel: Kernel, arrays: set[str]) -> None:
        """Take the kernel, and which of its parameters are arrays."""
        self._kernel = kernel
        self._needs = {name_of_kernel(inspect.unwrap(need)): need for need in kernel.needs}
        self._names = Identifiers(WORDS, prefix=PREFIX)
        self._arrays = set(arrays)
        self._outputs = _most_results(kernel.tree)
        self._counters = 0
        self.tables: dict[str, tuple[float, ...]] = {}
        self.needs: dict[Callable[..., Any], None] = {}
        self.gathered: dict[tuple[Callable[..., Any], int], None] = {}

    def function(self, summary: str) -> str:
        """The definition of the function, behind a comment."""
        tree = self._kernel.tree
        body = [statement for statement in tree.body if not _is_text(statement)]
        parameters = [argument.arg for argument in tree.args.args]
        heads = [self._parameter(name) for name in parameters]
        if tree.args.vararg is not None:
            self._arrays.add(tree.args.vararg.arg)
            heads.append(self._parameter(tree.args.vararg.arg))
        heads += [f"double *result_{place}" for place in range(1, self._outputs)]
        lines = [line for statement in body for line in self._statement(statement)]
        own = [name for name in _assigned(tree) if name not in parameters and name != "_"]
        declared = [f"double {', '.join(f'{self._names.of(name)} = 0' for name in own)};"] if own else []
        head = f"static double {PREFIX}{tree.name}({', '.join(heads)})"
        inside = [f"{_INDENT}{line}" for line in (*declared, *lines)]
        return "\n".join([*([f"/* {summary} */"] if summary else []), head, "{", *inside, "}"])

    def _parameter(self, name: str) -> str:
        own = self._names.of(name)
        return f"const double *{own}, int {own}_count" if name in self._arrays else f"double {own}"

    # Statements

    def _statement(self, node: ast.stmt) -> Iterator[str]:
        match node:
            case ast.Return(value=ast.Tuple(elts=elements)):
                for place, element in enumerate(elements[1:], 1):
                    yield f"*result_{place} = {self._value(element)};"
                yield f"return {self._value(elements[0])};"
            case ast.Return(value=ast.expr() as value):
                yield f"return {self._value(value)};"
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield f"{self._names.of(name)} = {self._value(value)};"
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=value):
                yield from self._assigned_together(targets, value)
            case ast.AugAssign(target=ast.Name() as target, op=operator, value=value):
                joined = ast.BinOp(ast.Name(target.id, ast.Load()), operator, value)
                yield f"{self._names.of(target.id)} = {self._value(joined)};"
            case ast.If(test=test, body=body, orelse=other):
                yield f"if ({self._condition(test)[0]}) {{"
                yield from self._block(body)
                if other:
                    yield "} else {"
                    yield from self._block(other)
                yield "}"
            case ast.While(test=test, body=body, orelse=[]):
                yield f"while ({self._condition(test)[0]}) {{"
                yield from self._block(body)
                yield "}"
            case ast.For(target=target, iter=sequence, body=body, orelse=[]):
                loop = self._loop(target, sequence)
                yield f"{loop.head} {{"
                yield from (f"{_INDENT}{text}" for text in self._bound(loop))
                yield from self._block(body)
                yield "}"
            case _:
                raise NoSourceError(ast.unparse(node))

    def _block(self, body: Sequence[ast.stmt]) -> Iterator[str]:
        return (f"{_INDENT}{line}" for statement in body for line in self._statement(statement))

    def _assigned_together(self, targets: Sequence[ast.expr], value: ast.expr) -> Iterator[str]:
        """Several names at once: all values are computed before the first name has one."""
        names = [self._names.of(target.id) for target in targets if isinstance(target, ast.Name)]
        if isinstance(value, ast.Call):
            text = self._value(value, [f"&{name}" for name in names[1:]])
            yield f"{names[0]} = {text};"
            return
        if isinstance(value, ast.IfExp) and isinstance(value.body, ast.Tuple) and isinstance(value.orelse, ast.Tuple):
            pairs = zip(value.body.elts, value.orelse.elts, strict=True)
            values: list[ast.expr] = [ast.IfExp(value.test, yes, no) for yes, no in pairs]
        elif isinstance(value, ast.Tuple):
            values = value.elts
        else:
            raise NoSourceError(ast.unparse(value))
        if len(names) != len(values):
            raise NoSourceError(ast.unparse(value))
        yield "{"
        for name, part in zip(names, values, strict=True):
            yield f"{_INDENT}const double new_{name} = {self._value(part)};"
        yield from (f"{_INDENT}{name} = new_{name};" for name in names)
        yield "}"

    def _loop(self, target: ast.expr, sequence: ast.expr) -> _Loop:
        """A loop over a range, a table or an array, forward or backward, with or without numbers."""
        self._counters += 1
        counter = f"step_{self._counters}"
        match sequence:
            case ast.Call(func=ast.Name(id="range"), args=bounds):
                return self._range(target, bounds, counter)
            case ast.Call(func=ast.Name(id="enumerate"), args=[inner], keywords=keywords):
                assert isinstance(target, ast.Tuple)
                loop = self._loop(target.elts[1], inner)
                place = f"{counter.replace(str(self._counters - 1), str(self._counters))}"
                first = self._value(keywords[0].value) if keywords else "0"
                return _Loop(loop.head, (*loop.bindings, (target.elts[0], f"{place} + {first}")))
            case ast.Call(func=ast.Name(id="reversed"), args=[inner]):
                name, count = self._array(inner)
                head = f"for (int {counter} = {count} - 1; {counter} >= 0; --{counter})"
            case _:
                name, count = self._array(sequence)
                head = f"for (int {counter} = 0; {counter} < {count}; ++{counter})"
        return _Loop(head, ((target, f"{name}[{counter}]"),))

    def _range(self, target: ast.expr, bounds: Sequence[ast.expr], counter: str) -> _Loop:
        texts = [self._value(bound) for bound in bounds]
        start, stop = ("0", texts[0]) if len(texts) == 1 else texts[:2]
        step = _constant(bounds[2], self._kernel.constants) if len(texts) == 3 else 1
        if not step:
            raise NoSourceError(ast.unparse(target))
        sign, relation = ("+", "<") if step > 0 else ("-", ">")
        head = f"for (double {counter} = {start}; {counter} {relation} {stop}; {counter} {sign}= {abs(step):g})"
        return _Loop(head, ((target, counter),))

    def _bound(self, loop: _Loop) -> Iterator[str]:
        for target, text in loop.bindings:
            if not isinstance(target, ast.Name):
                raise NoSourceError(ast.unparse(target))
            if target.id != "_":
                yield f"{self._names.of(target.id)} = {text};"

    def _array(self, node: ast.expr) -> tuple[str, str]:
        """A table or an array: its name, and how many elements it has."""
        match node:
            case ast.Name(id=name) if name in self._arrays:
                own = self._names.of(name)
                return own, f"{own}_count"
            case ast.Name(id=name) if isinstance(self._kernel.constants.get(name), tuple):
                return self._table(name, self._kernel.constants[name])
            case ast.Call(func=ast.Name(id=name), args=[]) if name in self._needs:
                return self._table(name, self._needs[name]())
            case ast.Tuple() if (values := _constant(node, self._kernel.constants)) is not None:
                return self._table(f"{self._kernel.name}_{len(self.tables)}", values)
        raise NoSourceError(ast.unparse(node))

    def _table(self, name: str, values: tuple[float, ...]) -> tuple[str, str]:
        self.tables[f"{PREFIX}{name.lower()}"] = values
        return f"{PREFIX}{name.lower()}", str(len(values))

    # Expressions

    def _value(self, node: ast.expr, outputs: Sequence[str] = ()) -> str:
        if isinstance(node, ast.Call):
            return self._call(node, outputs)[0]
        return self._expression(node)[0]

    def _inside(self, node: ast.expr, least: int) -> str:
        text, level = self._expression(node)
        return text if level >= least else f"({text})"

    def _expression(self, node: ast.expr) -> tuple[str, int]:
        """The text of a number, and how tightly it holds together."""
        known = _constant(node, self._kernel.constants)
        if isinstance(known, (int, float)):
            return signed(float(known))
        match node:
            case ast.Name(id=name) if name not in self._arrays:
                return self._names.of(name), ATOM
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"-{self._inside(operand, ATOM)}", SIGN
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
                symbol, level = _OPERATORS[type(operator)]
                return f"{self._inside(left, level)} {symbol} {self._inside(right, level + 1)}", level
            case ast.BinOp(left=left, op=ast.Pow() | ast.Mod() as operator, right=right):
                name = "ad_power" if isinstance(operator, ast.Pow) else "ad_mod"
                return self._applied(name, [left, right])
            case ast.IfExp(test=test, body=yes, orelse=no):
                choice = f"{self._inside(yes, CHOICE + 1)} : {self._inside(no, CHOICE)}"
                return f"{self._bracketed(test, CHOICE + 1)} ? {choice}", CHOICE
            case ast.Subscript(value=value, slice=place):
                name, _ = self._array(value)
                at = _constant(place, self._kernel.constants)
                return f"{name}[{at if isinstance(at, int) else f'(int)({self._value(place)})'}]", ATOM
            case ast.Call():
                return self._call(node)
        raise NoSourceError(ast.unparse(node))

    def _call(self, node: ast.Call, outputs: Sequence[str] = ()) -> tuple[str, int]:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="math"), attr=name)) if name in MATH:
                return self._applied(MATH[name], node.args)
            case ast.Call(func=ast.Name(id="len"), args=[sequence]):
                return self._array(sequence)[1], ATOM
            case ast.Call(func=ast.Name(id=name), args=[sequence]) if name in OVER:
                return self._over(OVER[name], sequence)
            case ast.Call(func=ast.Name(id=name)) if (name, len(node.args)) in BUILTINS:
                return self._applied(BUILTINS[name, len(node.args)], node.args)
            case ast.Call(func=ast.Attribute(value=sequence, attr="count"), args=[operand]):
                return self._over("ad_count", sequence, self._value(operand))
            case ast.Call(func=ast.Name(id=name)) if name in self._needs or name == self._kernel.name:
                return self._own(name, node, outputs)
        raise NoSourceError(ast.unparse(node))

    def _applied(self, name: str, operands: Sequence[ast.expr]) -> tuple[str, int]:
        return f"{name}({', '.join(map(self._value, operands))})", ATOM

    def _over(self, name: str, sequence: ast.expr, *more: str) -> tuple[str, int]:
        return f"{name}({', '.join([*self._array(sequence), *more])})", ATOM

    def _own(self, name: str, node: ast.Call, outputs: Sequence[str]) -> tuple[str, int]:
        """A call of a kernel of ours, or of the function itself."""
        if name != self._kernel.name:
            self.needs[self._needs[name]] = None
            is_variadic = c_kernel(self._needs[name]).is_variadic
            own = c_kernel(self._needs[name]).name
        else:
            is_variadic, own = False, f"{PREFIX}{name}"
        texts: list[str] = []
        for operand in node.args:
            if isinstance(operand, ast.Starred):
                texts += self._array(operand.value)
                is_variadic = False
            elif _is_array(operand, self._arrays, self._kernel.constants, self._needs):
                texts += self._array(operand)
            else:
                texts.append(self._value(operand))
        if is_variadic:
            self.gathered[self._needs[name], len(texts)] = None
            own = of_these(own, len(texts))
        return f"{own}({', '.join([*texts, *outputs])})", ATOM

    # Conditions

    def _bracketed(self, node: ast.expr, least: int) -> str:
        text, level = self._condition(node)
        return text if level >= least else f"({text})"

    def _condition(self, node: ast.expr) -> tuple[str, int]:
        """The text of what is true or false."""
        match node:
            case ast.Compare(left=left, ops=[ast.In()], comparators=[ast.Tuple(elts=values)]):
                return " || ".join(f"{self._inside(left, SUM)} == {self._inside(value, SUM)}" for value in values), OR
            case ast.Compare(left=left, ops=operators, comparators=rest):
                return self._comparisons([left, *rest], operators)
            case ast.BoolOp(op=operator, values=values):
                symbol, level = (" && ", AND) if isinstance(operator, ast.And) else (" || ", OR)
                return symbol.join(self._bracketed(value, AND + 1) for value in values), level
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"!{self._bracketed(operand, ATOM)}", NOT
            case ast.Call(func=ast.Attribute(attr="isfinite" | "isinf" | "isnan")):
                return self._value(node), ATOM
            case ast.Call(func=ast.Name(id="all"), args=[ast.GeneratorExp(elt=test, generators=[loop])]):
                return self._numbers(test, loop), ATOM
        return f"{self._inside(node, SUM)} != 0", COMPARISON

    def _comparisons(self, operands: Sequence[ast.expr], operators: Sequence[ast.cmpop]) -> tuple[str, int]:
        if any(type(operator) not in _COMPARISONS for operator in operators):
            raise NoSourceError(ast.unparse(operands[0]))
        texts = [self._inside(operand, SUM) for operand in operands]
        pairs = [
            f"{left} {_COMPARISONS[type(operator)]} {right}"
            for left, operator, right in zip(texts, operators, texts[1:], strict=False)
        ]
        return " && ".join(pairs), AND if len(pairs) > 1 else COMPARISON

    def _numbers(self, test: ast.expr, loop: ast.comprehension) -> str:
        """That all operands are numbers, which is the one thing that is asked of all of them."""
        name = ast.unparse(loop.target)
        if ast.unparse(test) != f"{name} == {name}":
            raise NoSourceError(ast.unparse(test))
        return self._over("ad_are_numbers", loop.iter)[0]


def of_these(name: str, count: int) -> str:
    """What the function is called that gives so many operands to one that takes any number of them."""
    return f"{name}_{count}"


def text_of_these(name: str, count: int) -> str:
    """The definition of that function."""
    letters = [f"a{place}" for place in range(1, count + 1)]
    heads = ", ".join(f"double {letter}" for letter in letters)
    return "\n".join(
        [
            f"static double {of_these(name, count)}({heads})", "{",
            f"{_INDENT}const double operands[] = {{{', '.join(letters)}}};",
            f"{_INDENT}return {name}(operands, {count});", "}",
        ]
    )  # fmt: skip


def _constant(node: ast.expr, constants: dict[str, Any]) -> Any:
    """The value of an expression that no operand moves; None of another one."""
    known = {name: value for name, value in constants.items() if isinstance(value, (int, float, tuple))}
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id != "math" and part.id not in known:
            return None
        if isinstance(part, (ast.Starred, ast.GeneratorExp, ast.ListComp, ast.Compare, ast.BoolOp)):
            return None
    text = ast.unparse(node)
    try:
        value = eval(text, {"math": math, "__builtins__": {}}, known)
    except (ArithmeticError, ValueError):
        return None
    return value if isinstance(value, (int, float, tuple)) and not isinstance(value, bool) else None


def _is_array(node: ast.expr, arrays: set[str], constants: dict[str, Any], needs: dict[str, Any]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in arrays or isinstance(constants.get(node.id), tuple)
    return isinstance(node, ast.Call) and not node.args and isinstance(node.func, ast.Name) and node.func.id in needs


def _assigned(tree: ast.FunctionDef) -> list[str]:
    names = [part.id for part in ast.walk(tree) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
    inner = [
        ast.unparse(loop.target)
        for part in ast.walk(tree) if isinstance(part, ast.GeneratorExp) for loop in part.generators
    ]  # fmt: skip
    return [name for name in dict.fromkeys(names) if name not in inner]


def _most_results(tree: ast.FunctionDef) -> int:
    returns = [part.value for part in ast.walk(tree) if isinstance(part, ast.Return)]
    return max((len(value.elts) for value in returns if isinstance(value, ast.Tuple)), default=1)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
