"""The parser of a text without mistakes: Lark's own tables, read in one loop, in a quarter of Lark's time.

It knows nothing of the language, and tells nothing of mistakes: where no move is possible it gives up, and Lark reads
the text from its beginning and says what is wrong where. What Lark keeps its tables in is not what it promises, so one
that keeps them otherwise does all of it itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from itertools import accumulate, chain, compress
from operator import itemgetter
from typing import Any, TypeAlias

import lark
from lark.parse_tree_builder import ChildFilter, ExpandSingleChild
from lark.parsers.lalr_analysis import Shift

from adcli.records import NamedTuple
from adcli.syntax.builder import Token
from adcli.syntax.grammar import Build

_Make: TypeAlias = Callable[[list[Any]], Any]
# To shift into a state; or to reduce: how many children, to which symbol, and what makes a value of them, which is
# nothing where a single child goes on as it is.
_Move: TypeAlias = "int | tuple[int, str, _Make | None]"
_END = "$END"
_GROUP = re.compile(r"(\\.)|\((?:\?P<\w+>|(?!\?))", re.DOTALL)  # the opening of one that catches, or a letter as it is
_new_token: Callable[[Iterable[Any]], Token] = partial(tuple.__new__, Token)


class _Stuck(Exception):  # noqa: N818
    """There is no move."""


class Tables(NamedTuple):
    """What Lark knows of a grammar.

    Attributes:
        terminals: all of them in one expression, each a group of its name
        texts: the same without groups, which finds the texts alone
        ignored: the names of those that are left out
        renamed: what other terminal a text may be, such as a name that is a keyword
        filtered: what takes tokens out of a stream
        states: what may be done in each state at each symbol
        reductions: how many children, to which symbol, and what makes a value, by the rule
        starts, ends: the first and the last state of a text, by the symbol that the text is
        moves: by the state and the terminal, those that were made already
        ways: where a symbol leads that stands behind a state and in front of a terminal: known ones
    """

    terminals: re.Pattern[str]
    texts: re.Pattern[str]
    ignored: frozenset[str]
    renamed: Mapping[str, Callable[[lark.Token], lark.Token]]
    filtered: Callable[[Iterator[Token]], Iterator[Token]]
    states: Mapping[int, Mapping[str, tuple[Any, Any]]]
    reductions: Mapping[Any, tuple[int, str, _Make | None]]
    starts: Mapping[str, int]
    ends: Mapping[str, int]
    moves: dict[int, dict[str, _Move]]
    ways: dict[tuple[int, str, str], int]


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
        texts = re.compile(_GROUP.sub(lambda found: found[1] or "(?:", terminals.pattern), terminals.flags)
        table = loop.parse_table
        return Tables(
            terminals, texts, lexer.ignore_types, lexer.callback, postlex.process, table.states,
            _reductions(loop.callbacks), table.start_states, table.end_states, {s: {} for s in table.states}, {},
        )  # fmt: skip
    except (AttributeError, TypeError, ValueError, re.error):
        return None


# What makes values. Lark puts the children of a rule such as `_values` into the place of it; here these are a list, and
# where there is never more than one of them, as of `_name`, it is this child itself.


def _reductions(callbacks: Mapping[Any, Any]) -> dict[Any, tuple[int, str, _Make | None]]:
    alone = _alone(callbacks)
    reductions: dict[Any, tuple[int, str, _Make | None]] = {}
    for rule, callback in callbacks.items():
        size, symbol = len(rule.expansion), rule.origin.name
        as_it_is = size == 1 and (symbol in alone or isinstance(callback, ExpandSingleChild))
        reductions[rule] = size, symbol, None if as_it_is else _make_of(rule, callback, alone)
    return reductions


def _alone(callbacks: Mapping[Any, Any]) -> set[str]:
    """The symbols in whose place there is always one child."""
    alone = {rule.origin.name for rule in callbacks if rule.origin.name.startswith("_")}
    several = {""}
    while several:
        several = {
            rule.origin.name
            for rule in callbacks
            if rule.origin.name in alone and not (len(rule.expansion) == 1 and _is_one_child(rule.expansion[0], alone))
        }
        alone -= several
    return alone


def _is_one_child(symbol: Any, alone: set[str]) -> bool:
    return not symbol.filter_out if symbol.is_term else not symbol.name.startswith("_") or symbol.name in alone


def _make_of(rule: Any, callback: Any, alone: set[str]) -> _Make:
    """What makes a value of the children of a rule: a method of the builder, of those that it is to have."""
    places = [(place, False, 0) for place in range(len(rule.expansion))]
    nothing_behind = 0
    while isinstance(callback, (ChildFilter, ExpandSingleChild)):
        if isinstance(callback, ChildFilter):
            places = [
                (place, several, nothing[0] if nothing else 0) for place, several, *nothing in callback.to_include
            ]
            nothing_behind = getattr(callback, "append_none", 0)
        callback = callback.node_builder
    method = callback.method if isinstance(callback, Build) else _as_list
    places = [(place, several and rule.expansion[place].name not in alone, n) for place, several, n in places]
    if nothing_behind or not places or any(several or nothing for _, several, nothing in places):
        return partial(_of_some, places, nothing_behind, method)
    if len(places) == len(rule.expansion):
        return method
    if len(places) == 1:
        ((place, _, _),) = places
        return lambda children: method([children[place]])
    taken = itemgetter(*[place for place, _, _ in places])
    return lambda children: method(taken(children))


def _as_list(children: list[Any]) -> list[Any]:
    return children


def _of_some(places: list[tuple[int, bool, int]], nothing_behind: int, method: _Make, children: list[Any]) -> Any:
    """What a method makes of the children at some places, in front of which so many may be missing."""
    taken: list[Any] = []
    for place, several, nothing in places:
        taken += [None] * nothing
        if not several:
            taken.append(children[place])
        elif taken:
            taken += children[place]
        else:
            taken = children[place]  # which nobody else has: what becomes longer bit by bit is not copied each time
    return method(taken + [None] * nothing_behind if nothing_behind else taken)


class _Kinds(dict[str, str]):
    """The terminal of each text that was met before; empty for what is left out."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def __missing__(self, text: str) -> str:
        tables = self._tables
        match = tables.terminals.fullmatch(text)
        if match is None:
            raise _Stuck
        kind: str = match.lastgroup  # type: ignore[assignment]  # each has a name
        if kind in tables.ignored:
            kind = ""
        elif kind in tables.renamed:
            kind = tables.renamed[kind](lark.Token(kind, text)).type
        self[text] = kind
        return kind


def _tokens(tables: Tables, text: str) -> Iterator[Token]:
    """The tokens of a text. What stands in a text tells which terminal it is, wherever it stands."""
    texts = tables.texts.findall(text)
    ends = list(accumulate(map(len, texts), initial=0))
    if ends[-1] != len(text):  # something is no token
        raise _Stuck
    kinds = list(map(_Kinds(tables).__getitem__, texts))
    return map(_new_token, compress(zip(kinds, texts, ends, ends[1:], strict=False), kinds))


def _parsed(tables: Tables, text: str, start: str) -> Any:
    moves, ways, end_state = tables.moves, tables.ways, tables.ends[start]
    state = tables.starts[start]
    states, values = [state], list[Any]()
    for token in chain(tables.filtered(_tokens(tables, text)), [Token(_END, "", len(text), len(text))]):
        kind = token[0]
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
                pass
            elif size == 1:
                values[-1] = make(values[-1:])
            elif size:
                children = values[-size:]
                del states[1 - size :], values[1 - size :]
                values[-1] = make(children)
            else:
                values.append(make([]))
                states.append(state)
            way = states[-2], symbol, kind
            known = ways.get(way)
            if known is None:
                known = ways[way] = _way(tables, *way, end_state)
            states[-1] = state = known
            if state == end_state and kind == _END:
                return values[-1]
    raise _Stuck


def _move(tables: Tables, state: int, kind: str) -> _Move:
    try:
        action, to = tables.states[state][kind]
    except KeyError:
        raise _Stuck from None
    return int(to) if action is Shift else tables.reductions[to]


def _way(tables: Tables, below: int, symbol: str, kind: str, end_state: int) -> int:
    """The state behind a symbol in which something happens to its value, or the text ends."""
    while True:
        state = int(tables.states[below][symbol][1])
        try:
            move = _move(tables, state, kind)
        except _Stuck:
            return state
        if isinstance(move, int) or move[2] is not None or (state == end_state and kind == _END):
            return state
        symbol = move[1]
