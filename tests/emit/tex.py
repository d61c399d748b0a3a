"""A reader of the lines of numbers that functions in LaTeX have: it computes what they say."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

_TOKEN = re.compile(r"\s+|\\(?:text|mathit|operatorname|bar|dot)\b|\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|[A-Za-z]|\S")
_FUNCTIONS: Mapping[str, Callable[[float], float]] = {
    r"\sin": math.sin, r"\cos": math.cos, r"\exp": math.exp, r"\log": math.log, r"\tanh": math.tanh,
}  # fmt: skip
_RELATIONS = {"<": operator.lt, ">": operator.gt, r"\le": operator.le, r"\ge": operator.ge}
_LOOP = re.compile(r"\\par\\noindent For \$(.+?) = (-?\d+),\\, \\dots,\\, (-?\d+)\$")
_TABLE = re.compile(r"\\par\\noindent \$(.+?)\^\{\(0\)\},.* are \$(.+)\$\.$")
_PARAGRAPH = re.compile(r"\\par\\noindent\\hangindent2em \$(.*)\$\\par")

Values = dict[tuple[str, "int | None"], float]  # by the name, and the number of the pass


class _Line(NamedTuple):
    left: str
    relation: str
    right: str


def computed(text: str, inputs: Mapping[str, float]) -> Values:
    """The values that all lines of a text define, from the values of inputs, by their names in TeX.

    Raises AssertionError where what has to hold does not.
    """
    values: Values = {(name, None): value for name, value in inputs.items()}
    lines = [line for line in text.split("\n") if not line.startswith("%")]
    place = 0
    while place < len(lines):
        table, loop = _TABLE.match(lines[place]), _LOOP.match(lines[place])
        place += 1
        if table:
            for number, value in enumerate(table[2].split(r",\allowbreak\ ")):
                values[table[1], number] = _Reader(value, values).whole()
        if loop is None:
            _do(lines[place - 1 : place], values)
            continue
        end = next(other for other in range(place, len(lines)) if _is_words(lines[other]))
        first, last = int(loop[2]), int(loop[3])
        for number in range(first, last + 1) if first <= last else range(first, last - 1, -1):
            _do(lines[place:end], {loop[1]: number}, values)
        place = end
    return values


def _is_words(line: str) -> bool:
    return line.startswith(r"\par") and not _PARAGRAPH.match(line)


def _do(lines: Sequence[str], *scopes: dict) -> None:
    """Compute what lines define, in a pass or outside of loops."""
    values: Values = scopes[-1]
    counter = {(name, None): float(number) for name, number in scopes[0].items()} if len(scopes) > 1 else {}
    for text in lines:
        line = _line(text)
        if line is None:
            continue
        right = _Reader(line.right, values, counter).whole()
        left = _Reader(line.left, values, counter)
        if line.relation == "=":
            values[left.name()] = right
        else:
            assert _RELATIONS[line.relation](left.whole(), right), text


def _line(text: str) -> _Line | None:
    """A line that defines, or requires, something."""
    paragraph = _PARAGRAPH.match(text)
    if paragraph:
        left, _, right = paragraph[1].partition(" = ")
        return _Line(left, "=", right)
    if " &" not in text:
        return None
    left, _, rest = text.removesuffix(r" \\").partition(" &")
    relation, _, right = rest.partition(" ")
    boxed = re.fullmatch(r"\\parbox\[t\]\{0\.68\\linewidth\}\{\\raggedright\$(.*)\$\\strut\}", right)
    return _Line(left, relation, (boxed[1] if boxed else right).removesuffix(r" \quad \text{(required)}"))


class _Reader:
    """Reads a formula of numbers: sums of products of powers."""

    def __init__(self, text: str, values: Values, counter: Values | None = None) -> None:
        self._tokens = [token for token in _TOKEN.findall(text) if not token.isspace()]
        self._place = 0
        self._values = values
        self._counter = counter or {}

    def whole(self) -> float:
        value = self._sum()
        assert self._place == len(self._tokens), (self._tokens, self._place)
        return value

    def _next(self) -> str:
        return self._tokens[self._place] if self._place < len(self._tokens) else ""

    def _take(self, expected: str = "") -> str:
        token = self._next()
        assert token and expected in ("", token), (self._tokens, self._place, expected)
        self._place += 1
        return token

    def _takes(self, token: str) -> bool:
        taken = self._next() == token
        self._place += taken
        return taken

    def _sum(self) -> float:
        total = self._product()
        while self._next() in ("+", "-"):
            total = total + self._product() if self._take() == "+" else total - self._product()
        return total

    def _product(self) -> float:
        if self._takes("-"):
            return -self._product()
        product = self._power()
        while self._next() not in ("", "+", "-", ")", "}"):
            if self._takes("/"):
                product /= self._power()
            else:
                self._takes(r"\cdot") or self._takes(r"\,")
                product *= self._power()
        return product

    def _power(self) -> float:
        if self._next() in _FUNCTIONS:
            return self._function()
        base = self._atom()
        if self._takes("^"):
            base = math.pow(base, self._braced())
        return base

    def _function(self) -> float:
        function, exponent = _FUNCTIONS[self._take()], 1.0
        if self._takes("^"):
            exponent = self._braced()
        return function(self._atom()) ** exponent

    def _atom(self) -> float:
        if self._takes("("):
            value = self._sum()
            self._take(")")
            return value
        if self._takes(r"\frac"):
            return self._braced() / self._braced()
        if re.match(r"\d", self._next()):
            return float(self._take())
        name = self.name()
        return self._counter[name] if name in self._counter else self._values[name]

    def _braced(self) -> float:
        self._take("{")
        value = self._sum()
        self._take("}")
        return value

    def name(self) -> tuple[str, int | None]:
        """A name, with the number of the pass beside it."""
        text = self._take()
        while self._next() == "{":
            text += self._group()
        if self._takes("_"):
            text += f"_{self._group()}"
        if self._tokens[self._place : self._place + 3] == ["^", "{", "("]:
            self._place += 3
            number = self._sum()
            self._take(")")
            self._take("}")
            assert number == int(number)
            return text, int(number)
        return text, None

    def _group(self) -> str:
        """What stands in braces, with these."""
        start = self._place
        depth = 0
        while self._place == start or depth:
            depth += {"{": 1, "}": -1}.get(self._take(), 0)
        return "".join(self._tokens[start : self._place])
