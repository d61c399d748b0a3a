"""The modules of the page's script as one script, with nothing in it that a page does not need.

A module is put behind those that it imports. What stands at its top level stays where what begins the page leads to it,
and of the two tables of functions those that a program computes with.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from adcli.resources import resource_text

_START = "main.mjs"  # from which all others are reached
_IMPORT = re.compile(r"^import \{[^}]*\} from '([^']+)';\n", re.MULTILINE)
_EXPORT = re.compile(r"^export ", re.MULTILINE)
_DECLARED = re.compile(r"(?:async )?(?:function\*?|class|const|let) +([\w$]+)")
_STATEMENT = re.compile(r"^(?=[^\s})\]/*])", re.MULTILINE)  # at the top level
_ENTRY = re.compile(r"^(?=  (?:'[^']+'|\w+)(?:[:,(]))", re.MULTILINE)  # of a table
_KEY = re.compile(r"  (?:'([^']+)'|(\w+))")
_WORD = re.compile(r"[\w$]+")
_COMMENT = re.compile(r"^ *(?://[^\n]*|/\*.*?\*/)\n", re.MULTILINE | re.DOTALL)  # that has its lines to itself
_INDENT = re.compile(r"^ +", re.MULTILINE)

# What readers may write in an answer, whatever the program computes with.
_ANSWERED = {
    "sqrt", "exp", "log", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "abs", "sign",
    "min", "max", "floor", "ceil", "add", "sub", "mul", "div", "pow", "neg", "copy",
}  # fmt: skip
TABLES = {"NUMBERS": "numbers.mjs", "KERNELS": "arrays.mjs"}  # of functions, and their files


class _Statement(NamedTuple):
    """A statement at the top level of a module: the name that it declares, if it does, and its text."""

    name: str
    text: str


def script_text(functions: Mapping[str, Collection[str]]) -> str:
    """The script of a page that computes with these functions, by the name of their table."""
    statements = [
        _Statement(one.name, _with_entries(one, functions[one.name])) if one.name in TABLES else one
        for text in modules().values()
        for one in _statements(text)
    ]
    reached = _reached(statements)
    kept = [one.text for one in statements if not one.name or one.name in reached]
    return shortened("".join(kept)).replace("</script", "<\\/script")


def shortened(text: str) -> str:
    """A script or a style without its comments, blank lines and indents."""
    return re.sub(r"\n\n+", "\n", _INDENT.sub("", _COMMENT.sub("", text))).lstrip("\n")


@cache
def table_names(table: str) -> frozenset[str]:
    """The names of the functions in a table of the script."""
    text = resource_text("page", f"script/{TABLES[table]}")
    (statement,) = (one for one in _statements(text) if one.name == table)
    return frozenset(name for name, _ in _entries(statement))


def _statements(text: str) -> Iterator[_Statement]:
    for part in _STATEMENT.split(_EXPORT.sub("", _IMPORT.sub("", _COMMENT.sub("", text)))):
        declared = _DECLARED.match(part)
        if part.strip():
            yield _Statement(declared[1] if declared else "", part)


def _entries(table: _Statement) -> Iterator[tuple[str, str]]:
    """The names and the texts of the entries of a table."""
    _, *entries = _ENTRY.split(table.text.rpartition("\n};")[0])
    for entry in entries:
        key = _KEY.match(entry)
        assert key is not None
        yield key[1] or key[2], entry.rstrip("\n")


def _with_entries(table: _Statement, names: Collection[str]) -> str:
    """A table with these entries alone."""
    wanted = {*names, *_ANSWERED}
    entries = [text for name, text in _entries(table) if name in wanted]
    return "\n".join([table.text.partition("\n")[0], *entries, "};\n"])


def _reached(statements: list[_Statement]) -> set[str]:
    """The names to which the statements lead that declare none."""
    words = {one.name: set(_WORD.findall(one.text)) for one in statements if one.name}
    reached: set[str] = set()
    todo = [word for one in statements if not one.name for word in _WORD.findall(one.text)]
    while todo:
        word = todo.pop()
        if word in words and word not in reached:
            reached.add(word)
            todo += words[word]
    return reached


@cache
def modules() -> Mapping[str, str]:
    """The modules of the script by their paths, each behind those that it imports."""
    done: dict[str, str] = {}
    todo = [(_START, False)]
    while todo:
        path, is_ready = todo.pop()
        if path in done:
            continue
        text = resource_text("page", f"script/{path}")
        if is_ready:
            done[path] = text
        else:
            todo.append((path, True))
            todo += [(other, False) for other in reversed([*_imported(path, text)]) if other not in done]
    return done


def _imported(path: str, text: str) -> Iterator[str]:
    """The paths of the modules that one imports."""
    for other in _IMPORT.findall(text):
        parts = path.split("/")[:-1]
        for part in other.split("/"):
            if part == "..":
                parts.pop()
            elif part != ".":
                parts.append(part)
        yield "/".join(parts)
