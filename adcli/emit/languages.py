"""The languages in which a function can be emitted, each imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from importlib import import_module

from adcli.emit.function import Function, Repeats
from adcli.records import NamedTuple


class Target(str, Enum):
    """What a function can be emitted as: a language, or the graph of what ran."""

    AD = "ad"
    PYTHON = "python"
    NUMPY = "numpy"
    C = "c"
    C_HEADER = "c-header"
    JAVASCRIPT = "javascript"
    LATEX = "latex"
    DOT = "dot"


class Language(NamedTuple):
    """A language.

    Attributes:
        target: what users call it, and what its module is called
        nests_arrays: whether an operation that gives an array may stand inside another one
        repeats: what may stand in a loop
        raises: whether it raises an error at some numbers that are not finite, instead of computing with them
        spelled_by: the function that writes it, if that is another than `c.c_text` of `c`
    """

    target: Target
    nests_arrays: bool = True
    repeats: Repeats = Repeats.NOTHING
    raises: bool = False
    spelled_by: str = ""

    def text(self, function: Function) -> str:
        """A function in the language. Raises AdError `no-emission` for what it has no way to say."""
        name = self.target.value
        module, _, function_name = (self.spelled_by or f"{name}.{name}_text").partition(".")
        spell: Callable[[Function], str] = getattr(import_module(f"adcli.emit.{module}"), function_name)
        return spell(function)


LANGUAGES: Mapping[Target, Language] = {
    language.target: language
    for language in (
        Language(Target.AD, repeats=Repeats.VECTORS), Language(Target.PYTHON, repeats=Repeats.NUMBERS, raises=True),
        Language(Target.NUMPY, repeats=Repeats.ALL, raises=True),
        Language(Target.C, nests_arrays=False, repeats=Repeats.ALL),
        Language(Target.C_HEADER, nests_arrays=False, repeats=Repeats.ALL, spelled_by="c.c_header"),
        Language(Target.JAVASCRIPT, repeats=Repeats.NUMBERS), Language(Target.LATEX, repeats=Repeats.ALL),
    )
}  # fmt: skip
