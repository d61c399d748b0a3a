"""The codes of messages that the sources of adcli can give, by reading the sources."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

from .conftest import ROOT

_Definition: TypeAlias = tuple[str, str]  # a module and a name in it
_PROBLEM = ("adcli.errors", "Problem")


class _Module(NamedTuple):
    name: str
    tree: ast.Module
    strings: dict[str, str]  # its constants that are strings
    imported: dict[str, _Definition]


class _Parameter(NamedTuple):
    """Where a function, or a class, is given a code."""

    place: int
    name: str
    default: ast.expr | None


class _Call(NamedTuple):
    module: _Module
    functions: tuple[ast.FunctionDef, ...]  # those around it, the innermost first
    call: ast.Call


def codes_given() -> set[str]:
    """Every code of a `Problem`, however many functions hand it on.

    It starts from the calls of `Problem`, and of exceptions that have a code. Where the code of a call is a parameter
    of the function around it, the calls of that function are looked at as well, until there is none left. A code that
    is copied from another problem or an exception (`error.code`) was given where that was made. Raises AssertionError
    where a code cannot be read.
    """
    calls: dict[_Definition, list[_Call]] = {}
    for module in _modules().values():
        for call in _calls(module):
            calls.setdefault(_called(call), []).append(call)
    takers = {_PROBLEM: _Parameter(0, "code", None), **_exceptions()}
    codes: set[str] = set()
    todo = list(takers)
    while todo:
        taker = todo.pop()
        for call in calls.get(taker, []):
            given = _given(call, takers[taker])
            for expression in [] if given is None else _alternatives(given):
                code = _text(call.module, expression)
                if code is not None:
                    codes.add(code)
                elif not (isinstance(expression, ast.Attribute) and expression.attr == "code"):
                    definition, parameter = _handed_on(call, expression)
                    if definition not in takers:
                        takers[definition] = parameter
                        todo.append(definition)
    return codes


@cache
def tree_of(path: Path) -> ast.Module:
    """What a file of Python parses to, which several tests read."""
    return ast.parse(path.read_text(encoding="utf-8"))


def statements(tree: ast.AST, without: str = "") -> Iterator[ast.AST]:
    """A tree and the statements in it, however deep, without their expressions, which are most of its nodes.

    Of an `if` whose condition is the name `without`, none of what is inside.
    """
    todo = [tree]
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == without:
            continue
        todo += [
            child for child in ast.iter_child_nodes(node)
            if isinstance(child, (ast.stmt, ast.excepthandler, ast.match_case))
        ]  # fmt: skip


@cache
def _modules() -> dict[str, _Module]:
    modules = {}
    for path in sorted((ROOT / "adcli").rglob("*.py")):
        tree = tree_of(path)
        strings, imported = {}, {}
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                strings.update({target.id: node.value.value for target in node.targets if isinstance(target, ast.Name)})
        for node in statements(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                imported.update({alias.asname or alias.name: (node.module, alias.name) for alias in node.names})
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        modules[name] = _Module(name, tree, strings, imported)
    return modules


def _exceptions() -> dict[_Definition, _Parameter]:
    """The classes that are made with a code, which becomes that of a `Problem` where they are caught."""
    classes = {}
    for module in _modules().values():
        for node in statements(module.tree):
            for method in node.body if isinstance(node, ast.ClassDef) else []:
                if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                    parameter = _parameter(method, "code")
                    if parameter is not None:
                        classes[module.name, node.name] = parameter
    return classes


def _parameter(function: ast.FunctionDef, name: str) -> _Parameter | None:
    """Of that name, if it is a text: `code` may be the code of a program as well."""
    names = [argument.arg for argument in function.args.args]
    if name not in names or ast.unparse(function.args.args[names.index(name)].annotation or ast.Name("")) != "str":
        return None
    place, defaults = names.index(name), function.args.defaults
    from_end = len(names) - place
    default = defaults[-from_end] if from_end <= len(defaults) else None
    return _Parameter(place - (names[0] in ("self", "cls")), name, default)


def _calls(module: _Module) -> Iterator[_Call]:
    todo: list[tuple[ast.AST, tuple[ast.FunctionDef, ...]]] = [(module.tree, ())]
    while todo:
        node, functions = todo.pop()
        if isinstance(node, ast.Call):
            yield _Call(module, functions, node)
        inner = (node, *functions) if isinstance(node, ast.FunctionDef) else functions
        todo += [(child, inner) for child in ast.iter_child_nodes(node)]


def _called(call: _Call) -> _Definition:
    """What a call calls, as far as its name tells; `problem._replace(code=…)` makes a `Problem` too."""
    function = call.call.func
    if isinstance(function, ast.Attribute) and function.attr == "_replace" and "problem" in ast.unparse(function.value):
        return _PROBLEM
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    return call.module.imported.get(name, (call.module.name, name))


def _given(call: _Call, parameter: _Parameter) -> ast.expr | None:
    """The code that a call gives."""
    for keyword in call.call.keywords:
        if keyword.arg == parameter.name:
            return keyword.value
    return call.call.args[parameter.place] if len(call.call.args) > parameter.place else parameter.default


def _alternatives(expression: ast.expr) -> list[ast.expr]:
    if isinstance(expression, ast.IfExp):
        return [*_alternatives(expression.body), *_alternatives(expression.orelse)]
    return [expression]


def _text(module: _Module, expression: ast.expr) -> str | None:
    """A string, or the constant of that name in this module or in the one that it is imported from."""
    if isinstance(expression, ast.Constant):
        return str(expression.value)
    if not isinstance(expression, ast.Name):
        return None
    home, name = module.imported.get(expression.id, (module.name, expression.id))
    return _modules()[home].strings.get(name) if home in _modules() else None


def _handed_on(call: _Call, expression: ast.expr) -> tuple[_Definition, _Parameter]:
    """The function around a call that has the code from its own caller."""
    place = f"{call.module.name}, line {call.call.lineno}: {ast.unparse(expression)}"
    assert isinstance(expression, ast.Name), place
    for function in call.functions:
        parameter = _parameter(function, expression.id)
        if parameter is not None:
            return (call.module.name, function.name), parameter
    raise AssertionError(place)
