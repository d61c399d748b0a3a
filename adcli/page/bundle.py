"""The script of a page: its modules as one, with nothing in it that the page does not need."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from adcli.emit.bundle import TABLES, Statement, entries, modules, reached, statements, words_of

START = "page/script/main.mjs"  # from which all others are reached
_COMMENT = re.compile(r"^ *(?://[^\n]*|/\*.*?\*/)\n", re.MULTILINE | re.DOTALL)  # that has its lines to itself
_INDENT = re.compile(r"^ +", re.MULTILINE)

# What readers may write in an answer, whatever the program computes with.
_ANSWERED = {
    "sqrt", "exp", "log", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "abs", "sign",
    "min", "max", "floor", "ceil", "add", "sub", "mul", "div", "pow", "neg", "copy",
}  # fmt: skip


def script_text(functions: Mapping[str, Collection[str]]) -> str:
    """The script of a page that computes with these functions, by the name of their table."""
    found = [
        one._replace(text=_with_entries(one, functions[one.name])) if one.name in TABLES else one
        for text in modules(START).values()
        for one in statements(text)
    ]
    names = reached(found, [word for one in found if not one.name for word in words_of(one.text)])
    kept = [one.text for one in found if not one.name or one.name in names]
    return shortened("".join(kept)).replace("</script", "<\\/script")


def shortened(text: str) -> str:
    """A script or a style without its comments, blank lines and indents."""
    return re.sub(r"\n\n+", "\n", _INDENT.sub("", _COMMENT.sub("", text))).lstrip("\n")


def _with_entries(table: Statement, names: Collection[str]) -> str:
    """A table with these entries alone."""
    wanted = {*names, *_ANSWERED}
    kept = [text for name, text in entries(table) if name in wanted]
    return "\n".join([table.text.partition("\n")[0], *kept, "};\n"])
