"""What the grammar's terminals are called in a message, and what a syntax error says."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from adcli.errors import Problem
from adcli.syntax.source import Span
from adcli.syntax.stumbles import Stumble

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
    "REQUIRE": "`require`",
    "CLAIM": "`claim`",
    "WHERE": "`where`",
    "AND": "`and`",
    "OR": "`or`",
    "NOT": "`not`",
    "IN": "`in`",
    "TO": "`to`",
    "STEP": "`step`",
    "CHECKPOINT": "`checkpoint`",
    "RULE": "`rule`",
    "WITH": "`with`",
    "DERIVATIVE": "`derivative`",
    "BREAK": "`break`",
    "CONTINUE": "`continue`",
    "USE": "`use`",
    "FROM": "`from`",
    "SOLVE": "`solve`",
    "_EQUAL": "`=`",
    "AUGMENTED": "`+=`",
    "COMPARISON": "a comparison",
    "_COMMA": "`,`",
    "_SEMICOLON": "`;`",
    "LBRACKET": "`[`",
    "RBRACKET": "`]`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "PLUS": "`+`",
    "_PLUS_MINUS": "`±`",
    "MINUS": "`-`",
    "STAR": "`*`",
    "SLASH": "`/`",
    "AT": "`@`",
    "POWER": "`^`",
    "QUOTE": "`'`",
    "COLON": "`:`",
    "TEXT": "a text",
    "UNEXPECTED": "a character that the language does not use",
    "_NEWLINE": "the end of the line",
    "$END": "the end of the program",
}

# Words that are names as well, where the grammar gives them no other meaning.
SOFT = frozenset(
    {"IN", "TO", "STEP", "CHECKPOINT", "STATE", "REQUIRE", "CLAIM", "RULE", "DERIVATIVE", "USE", "FROM", "SOLVE"}
)

# Sets of terminals that a reader thinks of as one thing, largest first.
_GROUPS = (
    (
        frozenset({"INPUT", "OUTPUT", "NAME", "DEF", "RETURN", "IF", "FOR", "WHILE", "BREAK", "CONTINUE", *SOFT}),
        "a statement",
    ),
    (frozenset({"NUMBER", "NAME", "LPAR", "LBRACKET", "MINUS", "WHERE", "NOT", *SOFT}), "an expression"),
    (frozenset({"NUMBER", "NAME", "LPAR", "LBRACKET", "MINUS", "WHERE", *SOFT}), "an expression"),
    (frozenset({"NAME", *SOFT}), "a name"),
    (frozenset({"PLUS", "MINUS", "STAR", "SLASH", "AT", "POWER"}), "an operator"),
    (frozenset({"PLUS", "MINUS", "STAR", "SLASH", "AT"}), "an operator"),
    (frozenset({"PLUS", "MINUS"}), "an operator"),
    (frozenset({"_NEWLINE", "_SEMICOLON", "$END"}), "the end of the statement"),
    (frozenset({"_NEWLINE", "_SEMICOLON", "RBRACE"}), "the end of the statement"),
    (frozenset({"_NEWLINE", "_SEMICOLON"}), "the end of the statement"),
    (frozenset({"_NEWLINE", "$END"}), "the end of the expression"),
)


def in_words(terminals: AbstractSet[str]) -> str:
    """`an operator, `)` or the end of the statement`."""
    rest = set(terminals)
    if "INPUT" in rest:  # where a statement may start, an empty line may stand: nobody expects that
        rest -= {"_NEWLINE", "_SEMICOLON", "$END", "RBRACE"}
    if {"PLUS", "LPAR"} <= rest and "NUMBER" not in rest:  # behind a name, which may be that of a function
        rest -= {"LPAR"}
    if {"_EQUAL", "LBRACKET"} <= rest:  # behind the name that a statement assigns
        rest -= {"LBRACKET", "_COMMA", "AUGMENTED"}
    if "PLUS" in rest:  # every expression may go on in more ways than an operator: few mean them
        rest -= {"COMPARISON", "AND", "OR", "IF", "FOR"}
    if {"PLUS", "QUOTE"} <= rest:  # what may stand behind a value binds tighter than an operator: few mean it
        rest -= {"QUOTE", "LBRACKET"}
    words = []
    for group, name in _GROUPS:
        if group <= rest:
            rest -= group
            words.append(name)
    words += [TERMINALS[terminal] for terminal in TERMINALS if terminal in rest]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def unexpected(stumble: Stumble, help_text: str = "") -> Problem:
    """The problem of a token that cannot stand where it stands, with what to write instead."""
    kind, text, span, expected = stumble.kind, stumble.text, stumble.span, stumble.expected
    shown = expected - {"_SEMICOLON"} if stumble.alone else expected
    label = f"expected {in_words(shown)}" if shown else ""
    if kind in ("_NEWLINE", "$END") or (kind == "_SEMICOLON" and not expected & {"_NEWLINE", "$END"}):
        what = "program" if kind == "$END" and not stumble.words else "expression" if stumble.alone else "statement"
        return Problem("syntax", f"the {what} ends too early", span, label, help=help_text)
    if kind == "UNEXPECTED":
        return Problem("syntax", f"the character {_shown(text)} has no meaning here", span, label, help=help_text)
    if kind == "RBRACE" and not expected:
        return Problem("unopened-bracket", "`}` closes no open brace", span)
    if kind in ("RPAR", "RBRACKET") and stumble.bracket + text not in ("()", "[]"):
        bracket = stumble.bracket
        message = f"`{text}` cannot close `{bracket}`" if bracket else f"`{text}` closes no open bracket"
        return Problem("unopened-bracket", message, span, label)
    return Problem("syntax", f"`{text}` cannot stand here", span, label, help=help_text)


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
