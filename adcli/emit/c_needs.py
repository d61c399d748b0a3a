"""What texts of C need behind them: kernels that they call, and tables of numbers that they read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from adcli.emit.c_kernels import PREFIX, c_kernel, c_kernels, number, of_these, text_of_these
from adcli.emit.kernels import NoSourceError
from adcli.emit.lines import RootLine
from adcli.emit.refused import no_spelling
from adcli.rules.primitive import Primitive
from adcli.rules.spellings.c import BUILTINS, MATH
from adcli.syntax import nodes

INDENT = "    "
LANGUAGE = "C"


class Needs:
    """What the texts of a file need: kernels that they call, and tables of numbers that they read."""

    def __init__(self, write_root: Callable[[Any, RootLine], None] | None = None) -> None:
        """Take what writes roots, by what writes lines, where there may be any."""
        self.write_root = write_root
        self._tables: dict[tuple[str, ...], str] = {}  # by their texts: those of 0 and -0 are not the same
        self._kernels: dict[Callable[..., Any], None] = {}
        self._gathered: dict[tuple[Callable[..., Any], int], None] = {}

    def call(self, primitive: Primitive, operands: Sequence[nodes.Expression], texts: Sequence[str]) -> str:
        """An elementwise function applied to numbers; raises AdError `no-emission` where C has none."""
        value = primitive.value
        if not primitive.elementwise:
            raise no_spelling(LANGUAGE, primitive)
        arguments = f"({', '.join(texts)})"
        if value.__module__ == "math" and value.__name__ in MATH:
            return f"{MATH[value.__name__]}{arguments}"
        if value.__module__ in ("builtins", "_operator") and (value.__name__, len(texts)) in BUILTINS:
            return f"{BUILTINS[value.__name__, len(texts)]}{arguments}"
        try:
            c_kernels([value])
        except NoSourceError:
            raise no_spelling(LANGUAGE, primitive) from None
        self._kernels[value] = None
        kernel = c_kernel(value)
        if not kernel.is_variadic:
            return f"{kernel.name}{arguments}"
        self._gathered[value, len(texts)] = None
        return f"{of_these(kernel.name, len(texts))}{arguments}"

    def table(self, values: tuple[float, ...]) -> str:
        """What the table with some numbers is called."""
        return self._tables.setdefault(tuple(map(number, values)), f"{PREFIX}table_{len(self._tables) + 1}")

    def definitions(self) -> Iterator[str]:
        """The definitions of the tables, of the kernels, and of all that these need."""
        kernels = c_kernels(self._kernels)
        tables: dict[str, Sequence[str]] = {}
        gathered = dict(self._gathered)
        for kernel in kernels:
            tables |= {name: tuple(map(number, values)) for name, values in kernel.tables.items()}
            gathered |= dict.fromkeys(kernel.gathered)
        tables |= {name: texts for texts, name in self._tables.items()}
        yield from (_table_text(name, texts) for name, texts in tables.items())
        done: set[tuple[str, int]] = set()
        for kernel in kernels:
            if kernel.text:
                yield kernel.text
            for function, count in gathered:
                place = (c_kernel(function).name, count)
                if place[0] == kernel.name and place not in done:
                    done.add(place)
                    yield text_of_these(*place)


def _table_text(name: str, texts: Sequence[str]) -> str:
    """A table of numbers, in lines of a few."""
    rows = [", ".join(texts[start : start + 6]) for start in range(0, len(texts), 6)]
    return "\n".join([f"static const double {name}[{len(texts)}] = {{", *(f"{INDENT}{row}," for row in rows), "};"])
