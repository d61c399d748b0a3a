"""The parser of a text without mistakes: Lark's own tables, read in one loop, in half of Lark's time.

It knows nothing of the language, and tells nothing of mistakes: where no move is possible it gives up, and Lark reads
the text from its beginning and says what is wrong where. What Lark keeps its tables in is not what it promises, so one
that keeps them otherwise does all of it itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import chain
from typing import Any, TypeAlias

import lark
from lark.parse_tree_builder import ExpandSingleChild
from lark.parsers.lalr_analysis import Shift

from adcli.records import NamedTuple

# To shift into a state; or to reduce: how many children, to which symbol, and what makes a value of them, which is
# nothing where a single child goes on as it is.
_Move: TypeAlias = "int | tuple[int, str, Callable[[list[Any]], Any] | None]"
_END = "$END"


class _Stuck(Exception):  # noqa: N818
    """There is no move."""


class Tables(NamedTuple):
    """What Lark knows of a grammar.

    Attributes:
        terminals: all of them in one expression, each a group of its name
        ignored: the names of those that are left out
        renamed: what other terminal a text may be, such as a name that is a keyword
        filtered: what takes tokens out of a stream
        states: what may be done in each state at each symbol
        callbacks: what makes a value, by the rule
        starts, ends: the first and the last state of a text, by the symbol that the text is
        moves: by the state and the terminal, those that were made already
        ways: where those lead that leave a value as it is: by the state below it, the state, and the terminal
    """

    terminals: re.Pattern[str]
    ignored: frozenset[str]
    renamed: Mapping[str, Callable[[lark.Token], lark.Token]]
    filtered: Callable[[Iterator[lark.Token]], Iterator[lark.Token]]
    states: Mapping[int, Mapping[str, tuple[Any, Any]]]
    callbacks: Mapping[Any, Callable[[list[Any]], Any]]
    starts: Mapping[str, int]
    ends: Mapping[str, int]
    moves: dict[int, dict[str, _Move]]
    ways: dict[tuple[int, int, str], int]


def parsed(parser: lark.Lark, text: str, start: str) -> Any:
    """What Lark makes of a text that is a `start`.

    Raises what `Lark.parse` raises.
    """
    tables = _tables_of(parser)
    if tables is not None:
        try:
            return _parsed(tables, text, start)
        except _Stuck:
            pass
    return parser.parse(text, start=start)


@cache
def _tables_of(parser: lark.Lark) -> Tables | None:
    try:
        frontend: Any = parser.parser
        loop, lexer, postlex = frontend.parser.parser, frontend.lexer.lexer, frontend.lexer.postlexer
        (terminals,) = lexer.scanner._mres
        table = loop.parse_table
        return Tables(
            terminals, lexer.ignore_types, lexer.callback, postlex.process, table.states, loop.callbacks,
            table.start_states, table.end_states, {state: {} for state in table.states}, {},
        )  # fmt: skip
    except (AttributeError, TypeError, ValueError):
        return None


def _tokens(tables: Tables, text: str) -> Iterator[lark.Token]:
    """The tokens of a text, with their places and without their lines, which trees do not have."""
    new, kind_of = str.__new__, lark.Token
    ignored, renamed = tables.ignored, tables.renamed
    kinds: dict[tuple[str, str], str] = {}
    place = 0
    for match in tables.terminals.finditer(text):
        start, end = match.span()
        if start != place:
            raise _Stuck
        place = end
        kind: str = match.lastgroup  # type: ignore[assignment]  # each has a name
        if kind in ignored:
            continue
        token: Any = new(kind_of, match.group())
        if kind in renamed:
            known = kinds.get((kind, token))
            if known is None:
                known = kinds[kind, str(token)] = renamed[kind](lark.Token(kind, str(token))).type
            kind = known
        token.type = kind
        token.start_pos = start
        token.end_pos = end
        yield token
    if place != len(text):
        raise _Stuck


def _parsed(tables: Tables, text: str, start: str) -> Any:
    moves, ways, goto, end_state = tables.moves, tables.ways, tables.states, tables.ends[start]
    state = tables.starts[start]
    states, values = [state], list[Any]()
    for token in chain(tables.filtered(_tokens(tables, text)), [lark.Token(_END, "")]):
        kind = token.type
        while True:
            try:
                move = moves[state][kind]
            except KeyError:
                move = moves[state][kind] = _move(tables, state, kind)
            if move.__class__ is int:
                states.append(move)
                values.append(token)
                state = move
                break
            size, symbol, make = move  # type: ignore[misc]
            if make is None:
                way = states[-2], state, kind
                known = ways.get(way)
                if known is None:
                    known = ways[way] = _way(tables, *way, end_state)
                states[-1] = state = known
            elif size == 1:
                values[-1] = make(values[-1:])
                states[-1] = state = goto[states[-2]][symbol][1]
            else:
                if size:
                    children = values[-size:]
                    del states[-size:], values[-size:]
                else:
                    children = []
                values.append(make(children))
                state = goto[states[-1]][symbol][1]
                states.append(state)
            if state == end_state and kind == _END:
                return values[-1]
    raise _Stuck


def _move(tables: Tables, state: int, kind: str) -> _Move:
    try:
        action, to = tables.states[state][kind]
    except KeyError:
        raise _Stuck from None
    if action is Shift:
        return int(to)
    make = tables.callbacks[to]
    size = len(to.expansion)
    return size, to.origin.name, None if size == 1 and isinstance(make, ExpandSingleChild) else make


def _way(tables: Tables, below: int, state: int, kind: str, end_state: int) -> int:
    """The state in which something happens to a value again, or the text ends."""
    while True:
        try:
            move = _move(tables, state, kind)
        except _Stuck:
            return state
        if isinstance(move, int) or move[2] is not None or (state == end_state and kind == _END):
            return state
        state = tables.states[below][move[1]][1]
