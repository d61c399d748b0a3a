"""The state of a parse that goes on behind mistakes: `recover.py` tells how."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, cast

import lark

from adcli.errors import Problem
from adcli.records import NamedTuple
from adcli.syntax.messages import SOFT, unclosed, unexpected
from adcli.syntax.remedies import ELSE_IF, remedy
from adcli.syntax.repairs import CLOSING, column_of, expected_terminals, is_put_in, may_stand, span_of, tokens_of
from adcli.syntax.source import Source, Span
from adcli.syntax.stumbles import Repair, Stumble

if TYPE_CHECKING:
    from adcli.syntax import nodes

_STARTS = {
    "INPUT", "OUTPUT", "STATE", "DEF", "RETURN", "IF", "FOR", "WHILE", "BREAK", "CONTINUE", "REQUIRE", "CLAIM",
    "RBRACE",
}  # fmt: skip
NAMES = {"NAME", *SOFT}


class _Brace(NamedTuple):
    token: lark.Token
    parsed: bool  # whether the parser has seen it


class Recovery:
    """The state of a parse that goes on behind mistakes."""

    def __init__(
        self, parser: lark.Lark, start: str, source: Source, functions: AbstractSet[str] = frozenset()
    ) -> None:
        self.text = source.text
        self._alone = start == "expression_alone"
        self._functions = functions
        self._skip_to = 0  # where in the text a repair ends
        self._repaired = 0  # how many tokens of the statement stood before the last repair and what that put in
        self._pair = ""  # the other one of a character that was passed over
        self.parser: Any = parser.parse_interactive(start=start)  # Lark leaves its methods untyped
        self.problems: list[Problem] = []
        self.doubtful: set[str] = set()
        self._statement: list[lark.Token] = []  # the tokens of the statement so far
        self._spoilt = False
        self._brackets: list[lark.Token] = []
        self._braces: list[_Brace] = []
        self._dropped = False  # the last token was a closing brace that the parser has not seen
        self._closed = False  # the last token was one that it has seen
        self._last: lark.Token | None = None
        self._following = ""  # the type of the next token
        self._spoilt_if = False  # somewhere above
        self._in_c_header = False
        self._early = False  # the last statement ended too early
        self._header_alone = False  # the last statement was a spoilt header, whose brace may be in the next line

    def take(self, token: lark.Token, following: str) -> None:
        """Take one token of a program; `following` is the type of the next one."""
        self._following = following
        if token.type == "_NEWLINE":
            return  # lines are told from the tokens' places: in a bracket that is never closed there are none
        last = self._last
        if cast(int, token.start_pos) < self._skip_to:
            self._last = token
            return
        if last is not None and token.line != last.line:
            self._new_line(token, following)
        self._last = token
        dropped, self._dropped = self._dropped, False
        header_alone = self._header_alone and not self._statement
        self._header_alone = self._header_alone and bool(self._statement)
        early, self._early = self._early, False
        starts = token.type in _STARTS | NAMES or token.type in ("_SEMICOLON", "ELSE", "LBRACE")
        if early and not self._statement and not starts:
            self._spoil()  # the rest of the statement that ended in the line above
        elif token.type == "ELSE" and (dropped or (self._spoilt_if and not self._statement and not self._closed)):
            self._spoil()
            self._header_alone = True
        elif header_alone and token.type == "LBRACE":
            self._spoilt = True
            self._pass_over(token)
        elif token.type == "RBRACE":
            self._close(token)
        elif self._spoilt:
            self._pass_over(token)
        else:
            self.feed(token)
            if self._spoilt:
                self._pass_over(token)

    def _new_line(self, token: lark.Token, following: str) -> None:
        if self._brackets and not (token.type in _STARTS or (token.type == "NAME" and following == "_EQUAL")):
            return
        if self._brackets:  # a line that can only start a statement: the bracket is not closed any more
            bracket = self._brackets[-1]
            self._fail(unclosed(str(bracket), span_of(bracket)))
        if token.type != "ELSE" or self._spoilt or not self._closed:
            self._end_statement("_NEWLINE", "\n")
        self._close_indented(token)

    def _close_indented(self, token: lark.Token) -> None:
        """End the blocks of another language that a token stands outside of, by its indent."""
        ended = False
        while self._braces and is_put_in(brace := self._braces[-1].token) and column_of(token) <= column_of(brace):
            self._braces.pop()
            self.parser.feed_token(lark.Token("RBRACE", "}", brace.start_pos, token.line, end_pos=brace.end_pos))
            goes_on = token.type == "ELSE" or str(token) in ELSE_IF
            ended = not (goes_on and column_of(token) == column_of(brace))
            if ended:
                self._end_behind_block("_NEWLINE", "\n")
        self._closed = self._closed and not ended

    def _end_statement(self, kind: str, text: str) -> None:
        if not self._spoilt and self._last is not None:
            end = self._last.end_pos
            self.feed(lark.Token(kind, text, start_pos=end, end_pos=end))
        if self._spoilt:
            self._spoilt = False
            self.parser.feed_token(lark.Token(kind, text))
        self._statement = []
        self._pair = ""

    def _close(self, brace: lark.Token) -> None:
        """A closing brace: it ends the block, and the statement in it."""
        if self._brackets and is_put_in(self._brackets[-1]):  # for an opening brace
            kind = "RPAR" if self._brackets[-1].type == "LPAR" else "RBRACKET"
            self.feed(lark.Token(kind, "}", brace.start_pos, brace.line, end_pos=brace.end_pos))
            return
        if not self._braces:
            if not self._spoilt:
                self.problems.append(unexpected(Stumble("RBRACE", "}", span_of(brace), frozenset())))
                self._dropped = True
            return
        if self._brackets:
            self._fail(unclosed(str(self._brackets[-1]), span_of(self._brackets[-1])))
        opening = self._braces.pop()
        if not opening.parsed:
            if not self._spoilt and self._statement:
                self._end_statement("_SEMICOLON", ";")
            self._dropped = True
            self._spoilt = False
            return
        if not self._spoilt:
            self.feed(brace)
        if self._spoilt:  # by this brace, or before it
            self._spoilt = False
            self.parser.feed_token(brace)
        self._statement = []
        self._closed = True

    def _pass_over(self, token: lark.Token) -> None:
        if token.type == "_SEMICOLON" and not self._in_c_header:
            self._end_statement("_SEMICOLON", ";")
        elif token.type == "LBRACE" and not self._is_result():
            self.doubtful.add("{")
            self._braces.append(_Brace(token, parsed=False))
            self._end_statement("_SEMICOLON", ";")
        elif token.type in NAMES and not self._assigns():
            self.doubtful.add(str(token))

    def _assigns(self) -> bool:
        """Whether the statement is an assignment, which defines the name in front of its `=` alone."""
        return [token.type for token in self._statement[1:2]] == ["_EQUAL"]

    def feed(self, token: lark.Token) -> None:
        """Give the parser a token, or note why it cannot take it: before it reduces what the token stands behind."""
        if self._may_stand(token.type):
            self.parser.feed_token(token)
            self._taken(token)
        else:
            self._cannot_take(token)

    def _may_stand(self, kind: str) -> bool:
        """Whether a token may stand here; a number behind the value of an `output` and a comma may not."""
        if kind == "_COMMA" and self._following == "NUMBER" and not self._brackets:
            of_output = self._statement[:1] and self._statement[0].type == "OUTPUT" and len(self._statement) > 3
            return not of_output and may_stand(kind, self.parser.parser_state)
        return may_stand(kind, self.parser.parser_state)

    def _taken(self, token: lark.Token) -> None:
        if token.type in CLOSING.values():
            self._brackets.append(token)
        elif token.type in CLOSING:
            self._brackets.pop()
        elif token.type == "LBRACE":
            self._braces.append(_Brace(token, parsed=True))
        self._closed = False
        if token.type in ("LBRACE", "_SEMICOLON"):
            self._statement = []
        else:
            self._statement.append(token)

    def _cannot_take(self, token: lark.Token) -> None:
        """Note why a token cannot stand where it stands, and read on if it is certain what was meant."""
        if token.type == "UNEXPECTED" and self._pair == token:
            self._pair = ""
            return
        self._early = token.type == "_NEWLINE"
        if self._follows_a_repair(token.type):
            self._spoil()
            return
        stumble = self._stumble(token.type, str(token), span_of(token))
        known = remedy(stumble)
        if token.type == "LBRACE" and self._brackets and known.repair is None and not stumble.alone:
            self._statement.append(token)
            self._fail(unclosed(stumble.bracket, span_of(self._brackets[-1])))
            return
        problem = unexpected(stumble, known.text)
        first = self._statement[0] if self._statement else token
        tokens = known.repair and tokens_of(known.repair, token, first, stumble.expected)
        if known.repair is None or tokens is None:
            self._statement.append(token)
            self._fail(problem)
            return
        self.problems.append(problem)
        self._repair(token, known.repair, tokens)

    def _repair(self, token: lark.Token, repair: Repair, tokens: list[lark.Token]) -> None:
        """Give the parser what should have stood there; if it does not lead on, the statement is spoilt after all."""
        self.doubtful.update(name for name in repair.doubtful if name)
        self._pair = repair.closed_by or self._pair
        self._skip_to = cast(int, token.start_pos) + repair.length
        if repair.from_start:
            self._go_back()
            self._statement = []
        try:
            for following in tokens if repair.length else [*tokens, token]:
                self.parser.feed_token(following)
                self._taken(following)
        except lark.exceptions.UnexpectedToken:
            self._statement.append(token)
            self._spoil()
        self._repaired = len(self._statement) if repair.length else 0

    def _follows_a_repair(self, kind: str) -> bool:
        """Whether a mistake right behind a repair is none of its own."""
        behind = self._repaired == len(self._statement) > 0
        return behind and kind in ("_NEWLINE", "_SEMICOLON", "RBRACE", "$END")

    def _is_result(self) -> bool:
        """Whether the statement is the expression at the end of a text (`syntax/inline.py`)."""
        return bool(self._statement) and self._statement[0].type == "OUTPUT" and is_put_in(self._statement[0])

    def _stumble(self, kind: str, text: str, span: Span) -> Stumble:
        """A token that the parser cannot take, with what it stands beside."""
        line_end = self.text.find("\n", span.start)
        rest = self.text[span.start : line_end if line_end >= 0 else None]
        result = self._is_result()
        words = tuple(str(word) for word in self._statement[3 if result else 0 :])
        bracket = str(self._brackets[-1]) if self._brackets else ""
        touches = span.start > 0 and not self.text[span.start - 1].isspace()
        alone = self._alone or result
        return Stumble(kind, text, span, self._expected(), words, bracket, rest, alone, touches, self._functions)

    def _expected(self) -> frozenset[str]:
        return expected_terminals(self.parser.parser_state)

    def _fail(self, problem: Problem) -> None:
        self.problems.append(problem)
        self._spoil()

    def _spoil(self) -> None:
        """Go back to where the statement began. What is in it may have been meant to define its names."""
        self._spoilt = True
        statement = self._statement[:1] if self._assigns() else self._statement
        self.doubtful.update(str(token) for token in statement if token.type in NAMES)
        first = str(self._statement[0]) if self._statement else ""
        self._spoilt_if = self._spoilt_if or first in ("if", "elif", "else", "}")
        self._header_alone = first in ("if", "elif", "else", "for", "while", "def", "}")
        self._in_c_header = first == "for" and "(" in map(str, self._statement)  # of C: semicolons do not end it
        self._go_back()

    def _go_back(self) -> None:
        """Forget what the parser has read of the statement."""
        self._brackets = []
        self._pair = ""
        if self._closed:  # the statement in front is complete, but the parser waits for what comes behind it
            self._closed = False
            self._end_behind_block("_SEMICOLON", ";")
        self._drop()

    def _drop(self) -> None:
        """Take from the parser what it has since the last statement that is complete."""
        state = self.parser.parser_state
        actions = state.parse_conf.parse_table.states
        while "INPUT" not in actions[state.state_stack[-1]] and len(state.state_stack) > 1:
            state.state_stack.pop()
            state.value_stack.pop()

    def _end_behind_block(self, kind: str, text: str) -> None:
        """End the statement whose block has ended; a `rule` without a derivative is dropped, with its name noted."""
        if may_stand(kind, self.parser.parser_state):
            self.parser.feed_token(lark.Token(kind, text))
            return
        self.parser.feed_token(lark.Token("WITH", "with"))  # so that the block is one
        name = self.parser.parser_state.value_stack[-6]  # before `(`, the parameters, `)`, the block, and `with`
        self.doubtful.add(str(name.children[0]))
        self._drop()

    def finish(self) -> Any:
        """The end of the text: what the parser has made of it, or None with a problem."""
        try:
            return self.parser.feed_eof()
        except lark.exceptions.UnexpectedToken:
            before = self._statement[-1] if self._statement else None
            end = cast(int, before.end_pos) if before is not None else 0
            if self._follows_a_repair("$END"):
                self._spoil()
                return None
            stumble = self._stumble("$END", "", Span(end, end))
            self._fail(unexpected(stumble, remedy(stumble).text))
            return None

    def result(self) -> list[nodes.Statement]:
        """The statements of a program, at the end of its text."""
        if self._brackets:
            self._fail(unclosed(str(self._brackets[-1]), span_of(self._brackets[-1])))
        end = self._last.end_pos if self._last is not None else 0
        for brace in reversed(self._braces):
            if brace.parsed:
                if not is_put_in(brace.token):
                    self.problems.append(unclosed("{", span_of(brace.token)))
                if not self._spoilt:
                    self._end_statement("_NEWLINE", "\n")
                self._spoilt = False
                self.parser.feed_token(lark.Token("RBRACE", "}", start_pos=end, end_pos=end))
        statements = self.finish()
        if statements is None:
            statements = self.parser.feed_eof()
        return cast("list[nodes.Statement]", statements)
