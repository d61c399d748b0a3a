"""Characters that the language does not use: what others mean by them, and which token stands for each."""

from __future__ import annotations

import re

from adcli.syntax.stumbles import OPERATOR, Remedy, Repair, Stumble, instead

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ", "0123456789-+n")
_POWER = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ]+")
_FRACTIONS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3", "⅛": "1/8"}
MODULES = {"np", "numpy", "math", "cmath", "jnp", "torch", "scipy", "tf", "Math", "special", "linalg", "sp", "sympy"}
WHERE = "a choice is `where(x > 0, a, b)`"
NO_TEXTS = "there are no texts, only numbers"
COMMENT = "a comment starts with `#`"
BRACKETS = "to go on in the next line, put the expression in brackets"
_MULTIPLY = "to multiply, write `*`"
_MINUS = "the minus sign is `-`"
_DERIVATIVE = "a derivative is `derivative(x^2, x)`; a claimed one is written with the letter d: `claim dL/dx = …`"
_MODULE = "functions stand without a module in front of them"

# A character, what to write, and the token that it stands for.
_TOKENS = {
    **dict.fromkeys("×·⋅∙∗•", (_MULTIPLY, OPERATOR)),
    **dict.fromkeys("÷⁄∕", ("to divide, write `/`", OPERATOR)),
    **dict.fromkeys("−–—‐", (_MINUS, "MINUS")),
    "↑": ("a power is `a ^ b`", "POWER"),
    "≤": ("write `<=`", "COMPARISON"), "≥": ("write `>=`", "COMPARISON"), "≠": ("write `!=`", "COMPARISON"),
    "∧": ("`and` joins two conditions", "AND"), "∨": ("`or` joins two conditions", "OR"),
    "¬": ("`not` turns a condition round", "NOT"), "√": ("for a square root, write `sqrt(…)`", ""),
    "∞": ("write `inf`", "NUMBER"), "←": ("an assignment is `name = value`", "_EQUAL"),
    "…": ("write out what is meant by `…`", None),
    "∂": (_DERIVATIVE, None), "∇": ("`adcli grad` gives the gradient of a program", None),
    "∑": ("a sum is `sum(f(k) for k = 1 to 10)`", None),
    "∫": ("an integral is `integrate(f, a, b)`, of a function that `def` defines", None),
    "∏": ("a product is `prod(f(k) for k = 1 to 10)`", None),
    "∈": ("a range is `input x in [0, 4]`", None), "→": ("a function is defined with `def f(x) = …`", None),
    "?": (WHERE, None), '"': (NO_TEXTS, None), "`": (NO_TEXTS, None),
}  # fmt: skip


def character(stumble: Stumble) -> Remedy:
    """What was meant by a character that has no meaning."""
    text, before, rest = stumble.text, stumble.before, stumble.rest
    if (power := _POWER.match(rest)) and before in ("^", "**"):
        return instead(f"write `{before}{power[0].translate(_SUPERSCRIPTS)}`", "NUMBER", len(power[0]))
    if power:
        return instead(f"for a power, write `{before}^{power[0].translate(_SUPERSCRIPTS)}`", "", len(power[0]))
    if text in _FRACTIONS:
        return instead(f"write `{_FRACTIONS[text]}`, in brackets", "NUMBER", 1)
    if text == "%":
        return _percent(stumble)
    if text in "&|!~":
        return _sign(stumble)
    if text == ".":
        return _point(stumble)
    if text == "\\":
        return _backslash(stumble)
    if text == "$" and "NUMBER" not in stumble.expected and rest[1:].strip():
        return instead("", OPERATOR, 1)
    if text == "$":
        return Remedy("write the expression without `$`", Repair((), 1, closed_by="$"))
    known, kind = _TOKENS.get(text, ("", None))
    return Remedy(known) if kind is None else instead(known, kind, 1)


def _percent(stumble: Stumble) -> Remedy:
    if not stumble.words:
        return Remedy(COMMENT)
    behind = stumble.rest[1:].strip()
    if stumble.before[-1:].isdigit() and (not behind or behind[0] in "+-*/^),]"):
        return instead(f"a percentage is `{stumble.before} / 100`; for the remainder, write `mod(a, b)`", "", 1)
    return instead("for the remainder, write `mod(a, b)`", OPERATOR, 1)


def _sign(stumble: Stumble) -> Remedy:
    """`&&`, `||`, `!`, `~`, and `|x|`."""
    text, before, rest = stumble.text, stumble.before, stumble.rest
    twice = rest.startswith(text * 2)
    if text == "&":
        return instead("`and` joins two conditions", "AND", 2 if twice else 1)
    if text == "|" and (twice or "|" not in rest[1:]):
        return instead("`or` joins two conditions", "OR", 2 if twice else 1)
    if text == "|":
        return Remedy("for the absolute value, write `abs(…)`", Repair((), 1, closed_by="|"))
    if text == "~":
        return Remedy("for unequal, write `!=`" if rest.startswith("~=") else "`not` turns a condition round")
    if text == "!" and (before[-1:].isalnum() or before == ")"):
        return instead("a factorial is `exp(lgamma(n + 1))`", "", 1)
    return instead("`not` turns a condition round", "NOT", 1)


def _point(stumble: Stumble) -> Remedy:
    before, rest = stumble.before, stumble.rest
    if before in MODULES and (path := re.match(r"\.(\w+\.)*(?=\w)", rest)):
        function = re.match(r"\w+", rest[path.end() :])
        name = function[0] if function else ""
        return instead(f"functions stand without a module: `{name}(…)`", OPERATOR, path.end(), before, name)
    if rest[1:2] in ("*", "/", "^"):
        return instead(
            f"operators work element by element: write `{rest[1]}`; the product of matrices is `@`", "", 1
        )  # fmt: skip
    if rest.startswith(".T") and not rest[2:3].isalnum():
        return instead("the transpose of `A` is `A'`", "", 2)
    if rest.startswith((".shape", ".size")):
        return Remedy("the number of rows is `length(A)`, that of columns `length(A, axis = 1)`")
    word = re.match(r"\.(\w+)(\(?)", rest)
    if word and word[2]:
        return Remedy(f"functions stand in front: `{word[1]}(…)`")
    if word and before.isidentifier():
        return Remedy(f"a name has no point in it: write `{before}_{word[1]}`, or `{before} * {word[1]}`")
    return Remedy("" if before else _MODULE)


def _backslash(stumble: Stumble) -> Remedy:
    before, behind = stumble.before, stumble.rest[1:]
    if word := re.match(r"[a-zA-Z]+", behind):
        return Remedy(f"this is no TeX: write `{'a / b' if word[0] in ('frac', 'dfrac') else word[0]}`")
    if before and behind.strip():
        return Remedy("for the solution of `A @ x = b`, write `solve(A, b)`")
    return Remedy(BRACKETS)
