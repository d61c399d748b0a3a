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
    "_IN": "`in`",
    "_EQUAL": "`=`",
    "_COMMA": "`,`",
    "_SEMICOLON": "`;`",
    "_LBRACKET": "`[`",
    "RBRACKET": "`]`",
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

# Sets of terminals that a reader thinks of as one thing, largest first.
_GROUPS = (
    (frozenset({"INPUT", "OUTPUT", "NAME"}), "a statement"),
    (frozenset({"NUMBER", "NAME", "LPAR", "MINUS"}), "an expression"),
    (frozenset({"PLUS", "MINUS", "STAR", "SLASH", "POWER"}), "an operator"),
    (frozenset({"PLUS", "MINUS", "STAR", "SLASH"}), "an operator"),
    (frozenset({"_NEWLINE", "_SEMICOLON", "$END"}), "the end of the statement"),
    (frozenset({"_NEWLINE", "$END"}), "the end of the expression"),
)


def in_words(terminals: AbstractSet[str]) -> str:
    """`an operator, `)` or the end of the statement`."""
    rest = set(terminals)
    if "INPUT" in rest:  # where a statement may start, an empty line may stand: nobody expects that
        rest -= {"_NEWLINE", "_SEMICOLON", "$END"}
    words = []
    for group, name in _GROUPS:
        if group <= rest:
            rest -= group
            words.append(name)
    words += [TERMINALS[terminal] for terminal in TERMINALS if terminal in rest]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def unexpected(kind: str, text: str, span: Span, expected: AbstractSet[str], before: str, open_bracket: str) -> Problem:
    """The problem of a token that cannot stand behind the token `before`, in the bracket `open_bracket`."""
    label = f"expected {in_words(expected)}"
    if kind in ("_NEWLINE", "$END") or (kind == "_SEMICOLON" and not expected & {"_NEWLINE", "$END"}):
        help_text = "to go on in the next line, put the expression in brackets"
        return Problem("syntax", "the text ends too early", span, label, help=help_text if before else "")
    if kind == "UNEXPECTED":
        return Problem("syntax", f"the character {_shown(text)} has no meaning here", span, label)
    if kind in ("RPAR", "RBRACKET") and open_bracket + text not in ("()", "[]"):
        message = f"`{text}` cannot close `{open_bracket}`" if open_bracket else f"`{text}` closes no open bracket"
        return Problem("unopened-bracket", message, span, label)
    help_text = ""
    if text in ("input", "output", "in") and "NAME" in expected:
        help_text = f"`{text}` is a word of the language and cannot be a name"
    elif kind in ("NAME", "LPAR") and (before == ")" or before[:1].isdigit()):
        help_text = f"to multiply, write `{before} * {text}`"
    return Problem("syntax", f"`{text}` cannot stand here", span, label, help=help_text)


def _shown(character: str) -> str:
    """A character as a reader can see it: by its code point and name where it leaves no mark of its own."""
    if character.isprintable() and not character.isspace():
        return f"`{character}`"
    import unicodedata

    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()


def unclosed(bracket: str, span: Span) -> Problem:
    """The problem of a bracket that is never closed, at the place that opened it."""
    closing = ")" if bracket == "(" else "]"
    return Problem(
        "unclosed-bracket",
        f"`{bracket}` is never closed",
        span,
        "opened here",
        help=f"add `{closing}` where the part in brackets ends",
    )
