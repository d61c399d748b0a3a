"""What is said where a language has no way to say something."""

from __future__ import annotations

from adcli.emit.lines import Definition, Line, RootLine, Update
from adcli.errors import AdError, Problem
from adcli.rules.primitive import Primitive


def no_spelling(language: str, what: Primitive | Line, help_text: str = "") -> AdError:
    """The error of what cannot be emitted in a language."""
    if isinstance(what, Primitive):
        name = f"`{what.symbol or what.name}`"
    elif isinstance(what, RootLine):
        name = "`solve`"
    else:
        name = f"an array with another element (`{what.name}`)" if isinstance(what, (Definition, Update)) else "this"
    return AdError(Problem("no-emission", f"{name} cannot be written in {language}", help=help_text))
