"""Expressions in NumPy: each function as the table of spellings has it, or as a kernel that comes along."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from adcli.emit.function import Function
from adcli.emit.identifiers import Identifiers
from adcli.emit.infix import ATOM, Dialect, spelled, spelled_number
from adcli.emit.kernels import NoSourceError, kernels, name_of_kernel
from adcli.emit.refused import no_spelling
from adcli.rules.facts import ONE_BY_ONE, Notation
from adcli.rules.functions import elementwise_kernel
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.spellings.numpy import SPELLINGS
from adcli.syntax import nodes


class Expressions:
    """Writes expressions in NumPy, and notes the functions that these call.

    Attributes:
        kernels, modules: of those, what comes along, and what is imported
    """

    def __init__(self, function: Function, names: Identifiers, called: dict[Callable[..., Any], None]) -> None:
        """Take the function, how names are written, and the kernels that are called already, which get more."""
        self.kernels = called
        self.modules: set[str] = set()
        self._dialect = Dialect(
            number=repr, name=names.of, call=self._call,
            constants=function.constants(
                {"pi": "np.pi", "π": "np.pi", "e": "np.e", "inf": "np.inf", "nan": "np.nan"}
            ),
            choice=lambda condition, yes, no: f"np.where({condition}, {yes}, {no})",
            operators={}, choice_level=ATOM, counts_conditions=False,
            not_finite={"inf": "np.inf", "nan": "np.nan"},
            functions={"and": "np.logical_and", "or": "np.logical_or", "not": "np.logical_not"},
        )  # fmt: skip

    def text(self, tree: nodes.Expression) -> str:
        """An expression as it is written; a condition as a number."""
        return spelled_number(tree, self._dialect)

    def condition(self, tree: nodes.Expression) -> str:
        """A condition as it is written."""
        return spelled(tree, self._dialect)

    def _call(self, primitive: Primitive, operands: Sequence[nodes.Expression], texts: Sequence[str]) -> str:
        if isinstance(primitive, ArrayPrimitive):
            return self._array_call(primitive, operands, texts)
        spelling: Any = SPELLINGS.get(primitive.name)
        if spelling is None and primitive.array is not ONE_BY_ONE:
            kernel = elementwise_kernel(primitive)
            spelling = kernel if _stands_alone(kernel) else None
        if spelling is None:
            return f"np.vectorize({self._kernel(primitive, primitive.value)}, otypes=[float])({', '.join(texts)})"
        return self._filled(primitive, spelling, operands, texts)

    def _array_call(self, primitive: ArrayPrimitive, operands: Sequence[nodes.Expression], texts: Sequence[str]) -> str:
        if primitive.notation is Notation.PART:
            return f"{_closed(texts[0])}[{self.index(str(primitive.settings[0]), operands[1:])}]"
        spelling = SPELLINGS.get("first" if primitive.array == "first" else primitive.kernel)
        if spelling is None:
            raise no_spelling("NumPy", primitive)
        axis = f", axis={primitive.settings[0]}" if primitive.takes_axis and primitive.settings else ""
        return self._filled(primitive, spelling, operands, texts, axis)

    def _filled(
        self, primitive: Primitive, spelling: Any, operands: Sequence[nodes.Expression], texts: Sequence[str],
        axis: str = "",
    ) -> str:  # fmt: skip
        """A pattern with the texts of the operands, or a call of a function with them."""
        if isinstance(spelling, str):
            counts = ", ".join(map(self._whole, operands if "{0}" not in spelling else operands[1:]))
            place = axis.rpartition("=")[2] or "0"
            closed, together = map(_closed, texts), ", ".join(texts)
            setting = repr(*getattr(primitive, "settings", ())[:1]) if "{setting}" in spelling else ""
            return spelling.format(*closed, all=together, axis=axis, place=place, counts=counts, setting=setting)
        return f"{self._kernel(primitive, spelling)}({', '.join(texts)}{axis})"

    def _kernel(self, primitive: Primitive, function: Callable[..., Any]) -> str:
        """What a function is called in the text."""
        if not _stands_alone(function):
            raise no_spelling("NumPy", primitive)
        if type(function).__module__ == "numpy":
            return f"np.{function.__name__}"
        if function.__module__ == "math":
            self.modules.add("math")
            return f"math.{function.__name__}"
        self.kernels[function] = None
        return name_of_kernel(function)

    def index(self, pattern: str, subscripts: Sequence[nodes.Expression]) -> str:
        """An index between brackets: a pattern, in which each point stands for a subscript."""
        rest = iter(subscripts)
        text = "".join(self._whole(next(rest)) if symbol == "." else symbol for symbol in pattern)
        return text.replace(",", ", ")

    def _whole(self, subscript: nodes.Expression) -> str:
        text = self.text(subscript)
        try:
            return str(int(float(text)))
        except ValueError:
            return f"int({text})"


def _stands_alone(function: Callable[..., Any]) -> bool:
    """Whether a function is one of NumPy or of `math`, or is made of such."""
    if type(function).__module__ == "numpy" or getattr(function, "__module__", "") == "math":
        return True
    try:
        return bool(kernels([function]))
    except NoSourceError:
        return False


_CLOSED = (ast.Name, ast.Call, ast.Subscript, ast.Attribute)


def _closed(text: str) -> str:
    """A text that anything may stand behind."""
    return text if isinstance(ast.parse(text, mode="eval").body, _CLOSED) else f"({text})"
