"""What the grammar's terminals are called in a message, and what a syntax error says."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from adcli.errors import Problem
from adcli.syntax.source import Span

TERMINALS = {
    "NUMBER": "a number",
    "NAME": "a name",
    "INPUT": "`input`",
    "OUTPUT": "`output`",
    "STATE": "`state`",
    "DEF": "`def`",
    "RETURN": "`return`",
    "IF": "`if`",
    "ELSE": "`else`",
    "FOR": "`for`",
    "WHILE": "`while`",
    "WHERE": "`where`",
    "AND": "`and`",
    "OR": "`or`",
    "NOT": "`not`",
    "IN": "`in`",
    "TO": "`to`",
    "STEP": "`step`",
    "_EQUAL": "`=`",
    "COMPARISON": "a comparison",
    "_COMMA": "`,`",
    "_SEMICOLON": "`;`",
    "_LBRACKET": "`[`",
    "RBRACKET": "`]`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "PLUS": "`+`",
    "MINUS": "`-`",
    "STAR": "`*`",
    "SLASH": "`/`",
    "POWER": "`^`",
    "UNEXPECTED": "a character that the language does not use",
    "_NEWLINE": "the end of the line",
    "$END": "the end of the program",
}

# Words that are names as well, where the grammar gives them no other meaning.
_SOFT = frozenset({"IN", "TO", "STEP", "STATE"})
_RESERVED = frozenset(
    {"INPUT", "OUTPUT", "DEF", "RETURN", "IF", "ELSE", "FOR", "WHILE", "WHERE", "AND", "OR", "NOT"}
)  # fmt: skip

# Sets of terminals that a reader thinks of as one thing, largest first.
_GROUPS = (
    (frozenset({"INPUT", "OUTPUT", "NAME", "DEF", "RETURN", "IF", "FOR", "WHILE", *_SOFT}), "a statement"),
    (frozenset({"NUMBER", "NAME", "LPAR", "MINUS", "WHERE", "NOT", *_SOFT}), "a condition"),
    (frozenset({"NUMBER", "NAME", "LPAR", "MINUS", "WHERE", *_SOFT}), "an expression"),
    (frozenset({"NAME", *_SOFT}), "a name"),
    (frozenset({"PLUS", "MINUS", "STAR", "SLASH", "POWER"}), "an operator"),
    (frozenset({"PLUS", "MINUS", "STAR", "SLASH"}), "an operator"),
    (frozenset({"PLUS", "MINUS"}), "an operator"),
    (frozenset({"_NEWLINE", "_SEMICOLON", "$END"}), "the end of the statement"),
    (frozenset({"_NEWLINE", "_SEMICOLON", "RBRACE"}), "the end of the statement"),
    (frozenset({"_NEWLINE", "_SEMICOLON"}), "the end of the statement"),
    (frozenset({"_NEWLINE", "$END"}), "the end of the expression"),
)

SUPERSCRIPTS = {"²": "2", "³": "3"}  # which are letters to Python, and so may stand in a name

# What other languages write, and what to write here.
_CHARACTERS = {
    "&": "`and` joins two conditions", "|": "`or` joins two conditions", "!": "`not` turns a condition round",
    "%": "for the remainder, write `mod(a, b)`", ":": "a block stands between `{` and `}`",
    "×": "to multiply, write `*`", "·": "to multiply, write `*`", "÷": "to divide, write `/`",
    "−": "the minus sign is `-`", "√": "for a square root, write `sqrt(…)`", "π": "write `pi`",
    "≤": "write `<=`", "≥": "write `>=`", "≠": "write `!=`",
}  # fmt: skip
_WORDS = {
    "elif": "write `else if`", "elseif": "write `else if`", "elsif": "write `else if`",
    "function": "a function is defined with `def`", "func": "a function is defined with `def`",
    "lambda": "a function is defined with `def`", "fn": "a function is defined with `def`",
    "let": "an assignment is `name = value`", "var": "an assignment is `name = value`",
    "const": "an assignment is `name = value`", "then": "a block stands between `{` and `}`",
}  # fmt: skip


def in_words(terminals: AbstractSet[str]) -> str:
    """`an operator, `)` or the end of the statement`."""
    rest = set(terminals)
    if "INPUT" in rest:  # where a statement may start, an empty line may stand: nobody expects that
        rest -= {"_NEWLINE", "_SEMICOLON", "$END", "RBRACE"}
    if {"PLUS", "LPAR"} <= rest and "NUMBER" not in rest:  # behind a name, which may be that of a function
        rest -= {"LPAR"}
    words = []
    for group, name in _GROUPS:
        if group <= rest:
            rest -= group
            words.append(name)
    words += [TERMINALS[terminal] for terminal in TERMINALS if terminal in rest]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def unexpected(kind: str, text: str, span: Span, expected: AbstractSet[str], before: str, open_bracket: str) -> Problem:
    """The problem of a token that cannot stand behind the token `before`, in the bracket `open_bracket`."""
    label = f"expected {in_words(expected)}" if expected else ""
    if kind in ("_NEWLINE", "$END") or (kind == "_SEMICOLON" and not expected & {"_NEWLINE", "$END"}):
        help_text = "to go on in the next line, put the expression in brackets"
        if "LBRACE" in expected:
            help_text = "a block starts with `{`, in the same line"
        return Problem("syntax", "the text ends too early", span, label, help=help_text if before else "")
    if kind == "UNEXPECTED":
        help_text = _CHARACTERS.get(text, "")
        return Problem("syntax", f"the character {_shown(text)} has no meaning here", span, label, help=help_text)
    if kind == "RBRACE" and not expected:
        return Problem("unopened-bracket", "`}` closes no open brace", span)
    if kind in ("RPAR", "RBRACKET") and open_bracket + text not in ("()", "[]"):
        message = f"`{text}` cannot close `{open_bracket}`" if open_bracket else f"`{text}` closes no open bracket"
        return Problem("unopened-bracket", message, span, label)
    return Problem("syntax", f"`{text}` cannot stand here", span, label, help=_remedy(kind, text, expected, before))


def _remedy(kind: str, text: str, expected: AbstractSet[str], before: str) -> str:
    """What was probably meant by a token that cannot stand where it stands."""
    if kind == "ELSE":
        return "`else` stands behind the `}` of an `if`"
    if kind in _RESERVED and "NAME" in expected:
        return f"`{text}` is a word of the language and cannot be a name"
    if kind == "_EQUAL" and before.upper() in _RESERVED:
        return f"`{before}` is a word of the language and cannot be a name"
    if kind == "_EQUAL" and "COMPARISON" in expected:
        return "equality is `==`"
    if kind in ("PLUS", "MINUS", "STAR", "SLASH") and expected == {"_EQUAL"}:
        return f"write the name twice: `{before} = {before} {text} …`"
    if kind == "COMPARISON" and expected & {"AND", "OR"}:
        return "compare two at a time: `a < b and b < c`"
    if kind == "COMPARISON":
        return "a comparison has no value: it may stand in `if`, `while` and `where(x > 0, a, b)`"
    if kind in ("LBRACE", "_COMMA", "RPAR", "AND", "OR") and "COMPARISON" in expected:
        return "a condition compares: `x > 0`"
    if kind == "NAME" and text[0] in SUPERSCRIPTS:
        return f"for a power, write `{before}^{SUPERSCRIPTS[text[0]]}`"
    if kind == "NAME" and (text in _WORDS or before in _WORDS):
        return _WORDS.get(before) or _WORDS[text]
    if kind in ("NAME", "LPAR", "WHERE", "NUMBER") and (before == ")" or before[:1].isdigit()):
        return f"to multiply, write `{before} * {text}`"
    return ""


def _shown(character: str) -> str:
    """A character as a reader can see it: by its code point and name where it leaves no mark of its own."""
    if character.isprintable() and not character.isspace():
        return f"`{character}`"
    import unicodedata

    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()


def unclosed(bracket: str, span: Span) -> Problem:
    """The problem of a bracket that is never closed, at the place that opened it."""
    closing = {"(": ")", "[": "]", "{": "}"}[bracket]
    where = "the block ends" if bracket == "{" else "the part in brackets ends"
    message = f"`{bracket}` is never closed"
    return Problem("unclosed-bracket", message, span, "opened here", help=f"add `{closing}` where {where}")
