"""After a syntax error: the text is parsed once more, going on behind each mistake, so that all are found at once.

Where it is certain what was meant, the parser goes on as if that had stood there: the mistake is noted, and the rest of
the statement is read, and checked, as well. Any other mistake spoils the statement that it stands in: the parser goes
back to where that began, and the tokens up to the next line, `;` or brace are passed over. What is in a block behind a
spoilt `if` or `def` is read as if it stood alone, and the brace that closes it is dropped.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

import lark

from adcli.errors import Problem
from adcli.syntax.recovery import NAMES, Recovery
from adcli.syntax.repairs import unclosed_bracket
from adcli.syntax.source import Source

if TYPE_CHECKING:
    from adcli.syntax import nodes

_MOST = 200  # problems: what a text of other language has of them is of no use to anybody


def parse_statements(
    source: Source, parser: lark.Lark, tokens: list[lark.Token], functions: AbstractSet[str]
) -> tuple[list[nodes.Statement], list[Problem], frozenset[str]]:
    """The statements that can be read, in order, the problems of the others, and the names in those."""
    recovery = Recovery(parser, "program", source, functions)
    for index, token in enumerate(tokens):
        if len(recovery.problems) >= _MOST:
            recovery.doubtful.update(str(rest) for rest in tokens[index:] if rest.type in NAMES)
            recovery.doubtful.add("{")
            break
        following = tokens[index + 1].type if index + 1 < len(tokens) else ""
        recovery.take(token, following)
    return recovery.result(), recovery.problems, frozenset(recovery.doubtful)


def expression_problem(source: Source, parser: lark.Lark) -> Problem:
    """What is wrong with a text that should be one expression."""
    recovery = Recovery(parser, "expression_alone", source)
    tokens = list(parser.lex(source.text))
    bracket = unclosed_bracket(tokens)
    if bracket is not None:
        return bracket
    for token in tokens:
        recovery.feed(token)
        if recovery.problems:
            return recovery.problems[0]
    recovery.finish()
    return recovery.problems[0]
