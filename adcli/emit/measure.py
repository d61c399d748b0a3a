"""How wide a piece of TeX is, about: in points, in the type of an article at 10pt."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"\\([A-Za-z]+) ?|\\(.)|(.)", re.DOTALL)
_BREAK = re.compile(r"\\[A-Za-z]+|\\.|[{}]|[-+=<>]", re.DOTALL)
_DOLLAR = re.compile(r"(?<!\\)\$")
_RELATIONS = ("to", "le", "ge", "ne")
_COMMANDS = {
    **dict.fromkeys(("bar", "dot", "mathit", "mathrm", "mathrel", "text", "itshape", "operatorname"), 0.0),
    **dict.fromkeys(("frac", "allowbreak", "phantom"), 0.0),
    **dict.fromkeys(("lvert", "rvert", "textbar"), 2.8), **dict.fromkeys(("lVert", "rVert", "partial", "top"), 5.6),
    **dict.fromkeys(_RELATIONS, 15.6), **dict.fromkeys(("times", "pm"), 12.3), "cdot": 7.3, "quad": 10.0,
    "infty": 10.0, "dots": 13.0, "sqrt": 8.4, "ttfamily": 0.0,
}  # fmt: skip
_COMMAND, _LETTER, _CAPITAL = 5.6, 5.3, 7.8  # of others: of a letter of a command, and of a letter
_IN_BOTH = {
    **dict.fromkeys("0123456789", 5.0),
    **dict.fromkeys("[]:.", 2.8), **dict.fromkeys("()", 3.9), **dict.fromkeys("mMwW", 8.9),
}  # fmt: skip
_IN_MATHEMATICS = {
    **_IN_BOTH, **dict.fromkeys("+-", 12.3), **dict.fromkeys("=<>", 13.4), " ": 0.0, ",": 4.5,
}  # fmt: skip
_IN_TEXT = {**_IN_BOTH, **dict.fromkeys("ijl,;'", 2.8), **dict.fromkeys(" -~", 3.4)}
_SMALL = 0.75  # of an index
_ESCAPED = {",": 1.7, " ": 3.4}


def width(tex: str) -> float:
    """The width of a text with formulas between two `$`."""
    pieces = _DOLLAR.split(tex)
    return sum(_width(piece, _IN_MATHEMATICS if place % 2 else _IN_TEXT) for place, piece in enumerate(pieces))


def _width(tex: str, letters: dict[str, float]) -> float:
    """The width of a text, or of a formula, in which indices, exponents and fractions are smaller."""
    total, sizes, small = 0.0, [1.0], 0
    for match in _TOKEN.finditer(tex):
        token = match.group()
        if token == "{":
            sizes.append(sizes[-1] * (_SMALL if small else 1.0))
            small = max(small - 1, 0)
        elif token == "}":
            sizes = sizes[:-1] or [1.0]
        elif token in ("^", "_") and letters is _IN_MATHEMATICS:
            small = 1
        elif token == r"\frac":
            small = 2
        else:
            total += sizes[-1] * _one(match, letters)
    return total


def narrowest(tex: str) -> float:
    """The width of the widest piece that is not broken: a word of a text, or a term of a formula."""
    return max(map(width, _pieces(tex)), default=0.0)


def _one(match: re.Match[str], letters: dict[str, float]) -> float:
    command, special, letter = match.groups()
    if command:
        return _COMMANDS.get(command, _COMMAND * min(len(command), 6) + 1.7)
    if special:
        return _ESCAPED.get(special, _CAPITAL)
    return letters.get(letter, _CAPITAL if letter.isupper() else _LETTER)


def _pieces(tex: str) -> Iterator[str]:
    for place, piece in enumerate(_DOLLAR.split(tex)):
        if place % 2:
            yield from (f"${term}$" for term in _terms(piece))
        else:
            yield from piece.split(" ")


def _terms(tex: str) -> Iterator[str]:
    """A formula taken apart where TeX may break it: behind relations, signs and marked places outside of braces."""
    depth = start = 0
    for match in _BREAK.finditer(tex):
        token = match.group()
        depth += (token == "{") - (token == "}")
        breaks = token in ("=", "<", ">", r"\allowbreak", r"\cdot", r"\times") or token[1:] in _RELATIONS
        binary = token in ("+", "-") and tex[start : match.start()].rstrip()[-1:] not in ("", "(", "[", "{")
        if depth == 0 and (breaks or binary):
            yield tex[start : match.end()]
            start = match.end()
    yield tex[start:]
