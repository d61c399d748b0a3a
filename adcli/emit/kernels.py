"""The kernels that a text needs of ours, as the text of Python functions that stand alone.

A kernel calls others, and reads constants beside it: all of them are found from the functions themselves, so that
what is emitted is what runs here.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from math import isfinite
from types import FunctionType, ModuleType
from typing import Any

from adcli.records import NamedTuple


class Kernel(NamedTuple):
    """A function that stands alone.

    Attributes:
        name: what it is called, and what the others call it
        tree: its definition, without annotations; in it what it calls has those names
        needs: the other kernels that it calls
        constants: the values that it reads, by name
        libraries: the modules of Python that it uses
    """

    name: str
    tree: ast.FunctionDef
    needs: tuple[Callable[..., Any], ...]
    constants: dict[str, Any]
    libraries: frozenset[str]


class NoSourceError(Exception):
    """A function is not made of functions of ours and of `math`."""


def kernels(functions: Iterable[Callable[..., Any]]) -> list[Kernel]:
    """The kernels of some functions and of all that they call, those that are called before those that call them.

    Raises NoSourceError where one of them is more than a function of ours.
    """
    found: dict[Callable[..., Any], Kernel | None] = {}
    ordered: list[Kernel] = []
    todo = [(function, False) for function in reversed(list(functions))]
    while todo:
        function, is_done = todo.pop()
        if is_done:
            kernel = found[function]
            assert kernel is not None
            ordered.append(kernel)
        elif function not in found:
            found[function] = kernel = kernel_of(function)
            todo.append((function, True))
            todo += [(need, False) for need in reversed(kernel.needs)]
    return ordered


@cache
def kernel_of(function: Callable[..., Any]) -> Kernel:
    """One kernel; raises NoSourceError."""
    inner: Any = inspect.unwrap(function)
    if not isinstance(inner, FunctionType) or inner.__closure__ or inner.__name__ == "<lambda>":
        raise NoSourceError(getattr(function, "__name__", str(function)))
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(inner))).body
    assert isinstance(tree, ast.FunctionDef)
    naming = _Standing(inner, tree)
    tree = naming.visit(tree)
    tree.name = name_of_kernel(inner)
    return Kernel(tree.name, tree, tuple(naming.needs), naming.constants, frozenset(naming.libraries))


def name_of_kernel(function: Callable[..., Any]) -> str:
    """What a kernel is called where it stands alone."""
    name = function.__name__.strip("_")
    return f"{name}_" if hasattr(builtins, name) else name


class _Standing(ast.NodeTransformer):
    """Takes a function out of its module: what it reads of that is noted, and called what kernels are called."""

    def __init__(self, function: FunctionType, tree: ast.FunctionDef) -> None:
        self._globals = function.__globals__
        nodes = list(ast.walk(tree))
        self._own = {node.arg for node in nodes if isinstance(node, ast.arg)}
        self._own |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        self.needs: list[Callable[..., Any]] = []
        self.constants: dict[str, Any] = {}
        self.libraries: set[str] = set()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self._own |= {
            part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        }
        node.decorator_list = [self.visit(decorator) for decorator in node.decorator_list]
        node.returns = None
        for argument in (*node.args.args, *filter(None, [node.args.vararg])):
            argument.annotation = None
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        assert node.value is not None
        return ast.copy_location(ast.Assign([node.target], self.visit(node.value)), node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and isinstance(self._known(node.value.id), ModuleType):
            module = self._known(node.value.id)
            if not module.__name__.startswith("adcli."):
                self.libraries.add(module.__name__)
                return node
            return self._replaced(node, getattr(module, node.attr), node.attr)
        self.generic_visit(node)
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self._own or hasattr(builtins, node.id):
            return node
        return self._replaced(node, self._known(node.id), node.id)

    def _known(self, name: str) -> Any:
        if name in self._own:
            return None
        if name not in self._globals:
            raise NoSourceError(name)
        return self._globals[name]

    def _replaced(self, node: ast.expr, value: Any, name: str) -> ast.AST:
        if value is cache:
            self.libraries.add("functools")
            return ast.copy_location(ast.parse("functools.cache", mode="eval").body, node)
        if isinstance(value, type) and not value.__module__.startswith("adcli."):  # such as Fraction
            self.libraries.add(value.__module__)
            return ast.copy_location(ast.parse(f"{value.__module__}.{value.__name__}", mode="eval").body, node)
        if callable(value):
            return ast.copy_location(self._kernel(value), node)
        if isinstance(value, tuple) and any(map(callable, value)):
            return ast.copy_location(ast.Tuple([self._part(part) for part in value], ast.Load()), node)
        if not isinstance(value, (int, float, tuple)):
            raise NoSourceError(name)
        self.constants[name.strip("_")] = value
        return ast.copy_location(ast.Name(name.strip("_"), ast.Load()), node)

    def _part(self, value: Any) -> ast.expr:
        """A part of a tuple that has functions: a number, a function of Python, or one of ours."""
        if not callable(value):
            return ast.Constant(value)
        module = value.__module__
        if module == "builtins":
            return ast.Name(value.__name__, ast.Load())
        if module != "math":
            return self._kernel(value)
        self.libraries.add(module)
        return ast.Attribute(ast.Name(module, ast.Load()), value.__name__, ast.Load())

    def _kernel(self, function: Callable[..., Any]) -> ast.Name:
        """The name of another function of ours, which is needed then."""
        if function not in self.needs:
            self.needs.append(function)
        return ast.Name(name_of_kernel(inspect.unwrap(function)), ast.Load())


def python_texts(functions: Iterable[Callable[..., Any]]) -> Iterator[str]:
    """The kernels of some functions as Python: constants, then functions. Raises NoSourceError."""
    found = kernels(functions)
    constants: dict[str, Any] = {}
    for kernel in found:
        constants |= kernel.constants
    for name, value in constants.items():
        is_named = isinstance(value, float) and not isfinite(value)  # `nan` and `inf` are no words of Python
        yield f"{name} = float('{value}')" if is_named else f"{name} = {value!r}"
    for kernel in found:
        yield ast.unparse(ast.fix_missing_locations(kernel.tree))


def libraries(functions: Iterable[Callable[..., Any]]) -> set[str]:
    """The modules of Python that the kernels of some functions use."""
    return set().union(*(kernel.libraries for kernel in kernels(functions)))
