"""The languages in which a function can be emitted, each imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import NamedTuple

from adcli.emit.function import Function


class Language(NamedTuple):
    """A language.

    Attributes:
        name: what users call it
        suffix: of its files
        nests_arrays: whether an operation that gives an array may stand inside another one
    """

    name: str
    suffix: str
    nests_arrays: bool = True

    def text(self, function: Function) -> str:
        """A function in the language. Raises AdError `no-emission` for what it has no way to say."""
        spell: Callable[[Function], str] = getattr(import_module(f"adcli.emit.{self.name}"), f"{self.name}_text")
        return spell(function)


LANGUAGES: Mapping[str, Language] = {
    language.name: language for language in (Language("ad", ".ad"), Language("python", ".py"), Language("numpy", ".py"))
}
DOT = "dot"  # the graph, which is no function
TARGETS = (*LANGUAGES, DOT)
