"""What may stand at a place of a parse, the tokens that a repair puts there, and brackets that are never closed."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any, cast

import lark

from adcli.errors import Problem
from adcli.syntax.messages import unclosed
from adcli.syntax.source import Span
from adcli.syntax.stumbles import OPERATOR, Repair

CLOSING = {"RPAR": "LPAR", "RBRACKET": "LBRACKET"}
# The texts of the tokens that are put in, where the tree has them.
_TEXTS = {
    "NUMBER": "1", "COMPARISON": "==", "STAR": "*", "PLUS": "+", "MINUS": "-", "POWER": "^", "AND": "and", "OR": "or",
    "NOT": "not", "LPAR": "(", "LBRACKET": "[",
}  # fmt: skip


def tokens_of(
    repair: Repair, token: lark.Token, first: lark.Token, expected: AbstractSet[str]
) -> list[lark.Token] | None:
    """The tokens of a repair, at the place of a token of the statement that begins with `first`.

    None where the first of them could not stand either.
    """
    kinds = [kind for kind, _ in repair.tokens]
    if kinds[:1] == [OPERATOR]:
        kinds[0] = next((kind for kind in ("STAR", "PLUS") if kind in expected), OPERATOR)
    if kinds and not repair.from_start and kinds[0] not in expected:
        return None
    at = token.start_pos
    return [
        lark.Token(kind, text or _TEXTS.get(kind, ""), at, token.line, first.column, end_pos=at)
        for kind, (_, text) in zip(kinds, repair.tokens, strict=True)
    ]


def is_put_in(token: lark.Token) -> bool:
    """Whether a token stands in no text: a repair has put it in, or `syntax/inline.py`."""
    return token.start_pos == token.end_pos


def expected_terminals(state: Any) -> frozenset[str]:
    """The terminals that could stand next. Older Larks copy all that was parsed for each one that they try."""
    table = state.parse_conf.parse_table
    terminals = table.states[state.state_stack[-1]]
    return frozenset(terminal for terminal in terminals if terminal.isupper() and may_stand(terminal, state))


def may_stand(terminal: str, state: Any) -> bool:
    """Whether a terminal could stand next."""
    states, end_state = state.parse_conf.parse_table.states, state.parse_conf.end_state
    return _leads_on(terminal, list(state.state_stack), states, end_state)


def _leads_on(terminal: str, stack: list[Any], states: Any, end_state: Any) -> bool:
    """Whether a terminal can be shifted, perhaps after reductions: the parse table, walked without values."""
    while True:
        step = states[stack[-1]].get(terminal)
        if step is None:
            return False
        action, rule = step
        if action.name == "Shift":
            return True
        del stack[len(stack) - len(rule.expansion) :]
        stack.append(states[stack[-1]][rule.origin.name][1])
        if terminal == "$END" and stack[-1] == end_state:
            return True


def unclosed_bracket(tokens: list[lark.Token]) -> Problem | None:
    """The innermost bracket that is open at the end, unless a bracket closes another one: the parser says that."""
    open_brackets: list[lark.Token] = []
    for token in tokens:
        if token.type in CLOSING.values():
            open_brackets.append(token)
        elif token.type in CLOSING:
            if not open_brackets or open_brackets[-1].type != CLOSING[token.type]:
                return None
            open_brackets.pop()
    return unclosed(str(open_brackets[-1]), span_of(open_brackets[-1])) if open_brackets else None


def span_of(token: lark.Token) -> Span:
    """Where a token stands."""
    return Span(cast(int, token.start_pos), cast(int, token.end_pos))


def column_of(token: lark.Token) -> int:
    """The column of a token, and of one that is put in, that of the statement."""
    return cast(int, token.column)
