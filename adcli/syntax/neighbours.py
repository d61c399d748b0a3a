"""Two values side by side: a product without `*`, a function without brackets, a number of another language."""

from __future__ import annotations

import re

from adcli.syntax.stumbles import OPERATOR, Remedy, Repair, Stumble, inserted, instead

_VALUES = frozenset({"NAME", "LPAR", "WHERE", "NUMBER", "STATE", "IN", "TO", "STEP", "CHECKPOINT", "AXIS", "CLAIM"})
_WORDS = {
    "mod": "for the remainder, write `mod(a, b)`", "rem": "for the remainder, write `mod(a, b)`",
    "div": "a whole quotient is `floor(a / b)`", "times": "to multiply, write `*`", "plus": "to add, write `+`",
    "over": "to divide, write `/`", "minus": "to subtract, write `-`",
    "xor": "`and`, `or` and `not` join conditions",
}  # fmt: skip
_LONGEST = 30  # digits of a number that is written otherwise
_TRANSPOSED = "`'` transposes; a derivative is `derivative(f(x), x)`"


def side_by_side(stumble: Stumble) -> Remedy | None:
    """What was meant by a value behind a value; None where that is anybody's guess."""
    if stumble.kind not in _VALUES or not stumble.words:
        return None
    if stumble.bracket == "[" and "_COMMA" in stumble.expected and "]" in stumble.rest:
        return _in_an_array(stumble)
    if not _ends_value(stumble.before):
        return None
    return _number(stumble) or _word(stumble) or _slope(stumble) or _function(stumble) or _product(stumble)


def _ends_value(word: str) -> bool:
    return word in (")", "]", "'") or word[:1].isdigit() or word[:1] == "." or word.isidentifier()


def _in_an_array(stumble: Stumble) -> Remedy:
    inside = stumble.rest.partition("]")[0]
    if ";" in inside:
        return instead("a matrix is written by rows: `[[1, 2], [3, 4]]`", "", len(inside))
    return inserted("write a comma between the two", "_COMMA")


def _number(stumble: Stumble) -> Remedy | None:
    """A number that is written otherwise elsewhere."""
    text, before = stumble.text, stumble.before
    if not before[:1].isdigit():
        return None
    skip = len(text)
    if stumble.kind == "NUMBER":
        if stumble.touches and text.startswith("."):
            return instead("a number has one decimal point", "", skip)
        if re.fullmatch(r"\d{3}(\.\d*)?", text) and before.isdigit() and len(before) <= 3:
            groups = re.match(r"\d{3}(\s\d{3})*(\.\d*)?", stumble.rest)
            assert groups is not None
            whole = before + re.sub(r"\s", "", groups[0])
            return instead(f"digits are not grouped: write `{whole}`", "", len(groups[0]))
        return None
    if not (stumble.touches and stumble.kind == "NAME"):
        return None
    if re.fullmatch(r"(_\d+)+", text) and before.isdigit():
        return instead(f"digits are not grouped: write `{before + text.replace('_', '')}`", "", skip)
    if before == "0" and re.fullmatch(r"[xX][0-9a-fA-F]+|[bB][01]+|[oO][0-7]+", text):
        decimal = f": write `{int(before + text, 0)}`" if len(text) < _LONGEST else ""
        return instead(f"numbers are decimal{decimal}", "", skip)
    if text in ("e", "E") and stumble.rest[1:2] not in ("^", "*"):
        return instead(f"an exponent has digits: `{before}e3`; to multiply, write `{before} * e`", "", skip)
    if text in ("j", "i", "J") and stumble.rest[1:2] in ("", " ", ")", "+", "-"):
        return inserted(f"numbers are real; to multiply, write `{before} * {text}`", OPERATOR, text)
    if text in ("f", "d", "L", "u", "F"):
        return inserted(f"every number is a double: write `{before}`; to multiply, `{before} * {text}`", OPERATOR, text)
    return None


def _word(stumble: Stumble) -> Remedy | None:
    """An operator that is a word elsewhere."""
    text = stumble.text
    if text in _WORDS and re.match(r"\w+\s*[\w(.\[]", stumble.rest) and not stumble.rest.startswith(f"{text}("):
        return instead(_WORDS[text], OPERATOR, len(text))
    return None


def _slope(stumble: Stumble) -> Remedy | None:
    """`d/dx x^2`."""
    words = stumble.words
    if words[-3:-1] in (("d", "/"), ("∂", "/")) and re.fullmatch("d.*", words[-1]):
        variable = words[-1][1:] or "x"
        return inserted(f"a derivative is `derivative(x^2, {variable})`", OPERATOR, "d", words[-1])
    return None


def _function(stumble: Stumble) -> Remedy | None:
    """`sin x`, `sin^2(x)`, `sin^-1(x)`, `f'(x)`."""
    text, words, before = stumble.text, stumble.words, stumble.before
    if before == "'":
        return inserted(_TRANSPOSED, OPERATOR, *words[-2:-1])
    power = re.search(r"(\w+) (?:\^|\*\*) (- )?(\d+)$", " ".join(words[-4:]))
    if power and (power[1] in stumble.functions or power[1].lower() in stumble.functions):
        function = power[1].lower()
        operand = "…" if text == "(" else text
        if power[2] and power[3] == "1" and f"a{function}" in stumble.functions:
            remedy = f"the inverse function is `a{function}({operand})`; a quotient is `1 / {function}({operand})`"
        else:
            remedy = f"a power of a function is `{function}({operand})^{(power[2] or '').strip()}{power[3]}`"
        return inserted(remedy, OPERATOR, power[1])
    if text != "(" and before.lower() in stumble.functions and not stumble.bracket and _has_comma(stumble.rest):
        return Remedy(f"to call a function, write `{before.lower()}({stumble.rest.strip()})`")
    if text != "(" and before.lower() in stumble.functions:
        remedy = f"to call a function, write `{before.lower()}({text})`"
        return inserted(remedy, OPERATOR, before)
    return None


def _has_comma(text: str) -> bool:
    """Whether there is a comma outside brackets."""
    depth = 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            return True
    return False


def _product(stumble: Stumble) -> Remedy | None:
    text, before, kind = stumble.text, stumble.before, stumble.kind
    if not {"STAR", "PLUS"} & stumble.expected:
        return None
    if kind == "NAME" and re.match(r"\w+\s*=[^=]", stumble.rest) and "=" in stumble.words and not stumble.bracket:
        return Remedy("a statement starts on a line of its own, or behind `;`")
    called = kind in ("NAME", "WHERE") and re.match(r"\w+\s*\(", stumble.rest)
    if text[0] == "π" and len(text) > 1:
        text = f"π * {text[1:]}"
    right = "(…)" if text == "(" else f"{text}(…)" if called else text
    if before in (")", "]"):
        return inserted(f"to multiply, write `{'(…)' if before == ')' else '[…]'} * {right}`", OPERATOR)
    if before[:1].isdigit() or before[:1] == ".":
        return inserted(f"to multiply, write `{_left(stumble.words)} * {right}`", OPERATOR)
    if text == "(":
        return None
    call = "" if called else f"; to call a function, `{before}({text})`"
    return Remedy(f"to multiply, write `{before} * {right}`{call}", Repair(((OPERATOR, ""),)))


def _left(words: tuple[str, ...]) -> str:
    """The number in front, with what it is the exponent of."""
    power = re.search(r"(\w+) \^ (- )?(\S+)$", " ".join(words[-4:]))
    return f"{power[1]}^{(power[2] or '').strip()}{power[3]}" if power else words[-1]
