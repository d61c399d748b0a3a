"""What may stand at a place of a parse, and the tokens that a repair puts there."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

import lark

from adcli.syntax.stumbles import OPERATOR, Repair

# The texts of the tokens that are put in, where the tree has them.
_TEXTS = {
    "NUMBER": "1", "COMPARISON": "==", "STAR": "*", "PLUS": "+", "MINUS": "-", "POWER": "^", "AND": "and", "OR": "or",
    "NOT": "not", "LPAR": "(", "LBRACKET": "[",
}  # fmt: skip


def tokens_of(repair: Repair, token: lark.Token, expected: AbstractSet[str]) -> list[lark.Token] | None:
    """The tokens of a repair, at the place of a token; None where the first of them could not stand either."""
    kinds = [kind for kind, _ in repair.tokens]
    if kinds[:1] == [OPERATOR]:
        kinds[0] = next((kind for kind in ("STAR", "PLUS") if kind in expected), OPERATOR)
    if kinds and not repair.from_start and kinds[0] not in expected:
        return None
    at = token.start_pos
    return [
        lark.Token(kind, text or _TEXTS.get(kind, ""), at, token.line, end_pos=at)
        for kind, (_, text) in zip(kinds, repair.tokens, strict=True)
    ]


def is_put_in(token: lark.Token) -> bool:
    """Whether a token stands in no text: a repair has put it in, or `syntax/inline.py`."""
    return token.start_pos == token.end_pos


def expected_terminals(state: Any) -> frozenset[str]:
    """The terminals that could stand next. Older Larks copy all that was parsed for each one that they try."""
    table = state.parse_conf.parse_table
    end_state = state.parse_conf.end_state
    return frozenset(
        terminal
        for terminal in table.states[state.state_stack[-1]]
        if terminal.isupper() and _leads_on(terminal, list(state.state_stack), table.states, end_state)
    )


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
