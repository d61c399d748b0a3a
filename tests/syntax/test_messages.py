from __future__ import annotations

from adcli.syntax.grammar import load_parser
from adcli.syntax.messages import SOFT, TERMINALS, in_words


def test_every_terminal_has_a_name_in_words() -> None:
    ignored = set(load_parser().options.__dict__.get("ignore", ()))
    terminals = {t.name for t in load_parser().terminals if not t.name.startswith("__IGNORE")} - ignored
    assert terminals | {"$END"} == set(TERMINALS)


def test_sets_are_named_as_a_reader_thinks_of_them() -> None:
    soft = set(SOFT)
    start = {"NUMBER", "NAME", "LPAR", "LBRACKET", "MINUS", "WHERE"} | soft
    assert in_words(start) == "an expression"
    assert in_words(start | {"NOT"}) == "an expression"
    assert in_words({"NAME"} | soft) == "a name"
    statement = {"INPUT", "OUTPUT", "NAME", "DEF", "RETURN", "IF", "FOR", "WHILE", "BREAK", "CONTINUE"} | soft
    assert in_words(statement | {"_NEWLINE", "_SEMICOLON", "$END"}) == "a statement"
    assert in_words(statement | {"_NEWLINE", "_SEMICOLON", "RBRACE"}) == "a statement"
    assert (
        in_words({"PLUS", "MINUS", "STAR", "SLASH", "AT", "POWER", "QUOTE", "LBRACKET", "RPAR"}) == "an operator or `)`"
    )
    assert in_words({"PLUS", "MINUS", "COMPARISON"}) == "an operator"
