"""Modules in JavaScript as one script, with nothing in it that is not needed.

A module is put behind those that it imports. What stands at its top level stays where something leads to it, and of the
two tables of functions those that a program computes with. Which functions there are in JavaScript these tables tell,
and nothing else does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from adcli.records import NamedTuple
from adcli.resources import resource_text
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.table import CONSTANT, INPUT

TABLES = {"NUMBERS": "emit/script/numbers.mjs", "KERNELS": "emit/script/arrays.mjs"}  # of functions, and their files
_IMPORT = re.compile(r"^import \{[^}]*\} from '([^']+)';\n", re.MULTILINE)
_EXPORT = re.compile(r"^export ", re.MULTILINE)
_DECLARED = re.compile(r"(?:async )?(?:function\*?|class|const|let) +([\w$]+)")
_STATEMENT = re.compile(r"^(?=[^\s})\]/*])", re.MULTILINE)  # at the top level
_ENTRY = re.compile(r"^(?=  (?:'[^']+'|\w+)(?:[:,(]))", re.MULTILINE)  # of a table
_KEY = re.compile(r"  (?:'([^']+)'|(\w+))")
_WORD = re.compile(r"[\w$]+")
_REMARK = re.compile(r"^/[/*].*", re.MULTILINE | re.DOTALL)  # at the top level, and all behind it


class Statement(NamedTuple):
    """A statement at the top level of a module.

    Attributes:
        name: what it declares; empty where it declares nothing
        text: without `export`
        remark: the comment above it
    """

    name: str
    text: str
    remark: str


def table_of(primitive: Primitive) -> str:
    """The table in which a function of a row is looked up: of numbers, or of whole arrays."""
    return "KERNELS" if isinstance(primitive, ArrayPrimitive) else "NUMBERS"


def name_in_table(primitive: Primitive) -> str:
    """What the function of a row is called there."""
    return primitive.kernel if isinstance(primitive, ArrayPrimitive) else primitive.name


def has_javascript(primitive: Primitive) -> bool:
    """Whether there is a function in JavaScript for a row; the leaves of a tape need none."""
    return primitive in (INPUT, CONSTANT) or name_in_table(primitive) in table_entries(table_of(primitive))


@cache
def table_entries(table: str) -> Mapping[str, str]:
    """The names and the texts of the functions in a table."""
    (statement,) = (one for one in statements(_text(TABLES[table])) if one.name == table)
    return dict(entries(statement))


def statements(text: str) -> Iterator[Statement]:
    """The statements at the top level of a module, without what it imports."""
    remark = ""
    for part in _STATEMENT.split(_EXPORT.sub("", _IMPORT.sub("", text))):
        code = _REMARK.sub("", part)
        declared = _DECLARED.match(code)
        if code.strip():
            yield Statement(declared[1] if declared else "", code.rstrip("\n") + "\n", remark)
        behind = part[len(code) :]
        remark = "" if behind.endswith("\n\n") else behind.rpartition("\n\n")[2]


def entries(table: Statement) -> Iterator[tuple[str, str]]:
    """The names and the texts of the entries of a table."""
    _, *found = _ENTRY.split(table.text.rpartition("\n};")[0])
    for entry in found:
        key = _KEY.match(entry)
        assert key is not None
        yield key[1] or key[2], entry.rstrip("\n")


def words_of(text: str) -> list[str]:
    """The words of a script, which may be names."""
    return _WORD.findall(text)


def reached(found: Sequence[Statement], start: Iterable[str]) -> set[str]:
    """The names to which some words lead."""
    texts = {one.name: one.text for one in found if one.name}
    names: set[str] = set()
    todo = list(start)
    while todo:
        word = todo.pop()
        if word in texts and word not in names:
            names.add(word)
            todo += words_of(texts[word])
    return names


@cache
def modules(start: str) -> Mapping[str, str]:
    """The modules to which one leads, by their paths in the package, each behind those that it imports."""
    done: dict[str, str] = {}
    todo = [(start, False)]
    while todo:
        path, is_ready = todo.pop()
        if path in done:
            continue
        text = _text(path)
        if is_ready:
            done[path] = text
        else:
            todo.append((path, True))
            todo += [(other, False) for other in reversed([*_imported(path, text)]) if other not in done]
    return done


def _text(path: str) -> str:
    folder, _, name = path.partition("/")
    return resource_text(folder, name)


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
