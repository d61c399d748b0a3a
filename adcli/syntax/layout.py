"""Source → canonical text with its comments: what `adcli fmt` prints.

Comments stay where they were: on a line of their own, or behind the statement that they stood behind. Of several empty
lines one is kept. A statement with a comment inside it, in a long bracket, is left as it is written.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from adcli.records import NamedTuple
from adcli.syntax.format import INDENT, Line, statement_lines
from adcli.syntax.parse import parse
from adcli.syntax.source import Source

_COMMENT = re.compile(r"#[^\n]*")


class _Comment(NamedTuple):
    text: str
    start: int


def format_source(source: Source) -> str:
    """The canonical text of a program; raises AdError where it has syntax errors."""
    comments = [_Comment(match[0].rstrip(), match.start()) for match in _COMMENT.finditer(source.text)]
    starts = [comment.start for comment in comments]
    page = _Page(source)
    done = 0
    for line in statement_lines(parse(source)):
        before = bisect_left(starts, line.span.start)
        opened = line.text.startswith("}")
        for comment in comments[done:before]:
            page.comment(comment, line.depth + opened)
        done = bisect_left(starts, line.span.end)
        page.statement(line, has_comments=done > before)
    for comment in comments[done:]:
        page.comment(comment, 0)
    return "".join(f"{line}\n" for line in page.lines)


class _Page:
    """The lines so far, and where in the source the last of them ends."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.lines: list[str] = []
        self._line = 0  # of the source
        self._behind_statement = False

    def statement(self, line: Line, has_comments: bool) -> None:
        """Add a statement, or the start or the end of a block."""
        text = self.source.text[slice(*line.span)] if has_comments else line.text
        self._empty_line(self.source.place(line.span.start)[0], closing=text.startswith("}"))
        first, *others = text.split("\n")
        indent = INDENT * line.depth
        # what is left as it is written has its own indent
        self.lines += [indent + first, *((other.rstrip() if has_comments else indent + other) for other in others)]
        self._line, _ = self.source.place(line.span.end)
        self._behind_statement = True

    def comment(self, comment: _Comment, depth: int) -> None:
        """Add a comment: behind the statement that it stands behind, or on a line of its own."""
        line, _ = self.source.place(comment.start)
        if self._behind_statement and line == self._line:
            self.lines[-1] += f"  {comment.text}"
        else:
            self._empty_line(line)
            self.lines.append(INDENT * depth + comment.text)
        self._line = line
        self._behind_statement = False

    def _empty_line(self, line: int, closing: bool = False) -> None:
        """Keep one empty line where the source has some, but for the edges of a block and of the text."""
        opening = bool(self.lines) and _without_comment(self.lines[-1]).endswith("{")
        if self.lines and line > self._line + 1 and not opening and not closing:
            self.lines.append("")


def _without_comment(line: str) -> str:
    return line.partition("#")[0].rstrip()
