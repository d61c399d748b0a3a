"""A course: a text in Markdown with programs and questions in it, as the sections of one page.

A heading of the second level begins a section. Three kinds of fenced blocks are live: `ad` has a program, `adcli` names
one (`page huber.ad --r 0.5`), and `question` asks something.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from adcli.errors import AdError, Problem
from adcli.page.data import program_section
from adcli.program.check import program_from
from adcli.records import NamedTuple
from adcli.run import Start
from adcli.syntax.source import Source, Span, read_source
from adcli.tape.inputs import value_from

_HINTS = 3


class Course(NamedTuple):
    """What a page is made of: its title, and its sections as data."""

    title: str
    sections: list[dict[str, Any]]


class _Block(NamedTuple):
    """A fenced block: its kind, its text, and where in the course it stands."""

    kind: str
    text: str
    span: Span


def course_from(path: str) -> Course:
    """Read a course. Raises AdError `course` for what cannot be understood, and what its programs raise."""
    source = read_source(path)
    return _Reader(source, os.path.dirname(path)).course()


class _Reader:
    """Reads a course from top to bottom."""

    def __init__(self, source: Source, folder: str) -> None:
        from markdown_it import MarkdownIt  # which comes with rich

        self._source = source
        self._folder = folder
        self._markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
        self._lines = source.text.split("\n")
        self._title = ""
        self._heading = ""
        self._sections: list[dict[str, Any]] = []
        self._tokens: list[Any] = []
        self._questions: list[dict[str, Any]] = []

    def course(self) -> Course:
        tokens = self._markdown.parse(self._source.text)
        place = 0
        while place < len(tokens):
            token = tokens[place]
            if token.type == "heading_open" and token.level == 0 and token.tag in ("h1", "h2"):
                text = _plain(tokens[place + 1])
                if token.tag == "h1" and not self._title:
                    self._title = text
                else:
                    self._end_text()
                    self._heading = text
                place += 3
                continue
            if token.type == "fence" and token.info.split()[:1] in (["ad"], ["adcli"], ["question"]):
                self._live(_Block(token.info.split()[0], token.content, self._span(token)))
            else:
                self._tokens.append(token)
            place += 1
        self._end_text()
        if not self._sections:
            raise self._wrong(Span(0, 0), "there is nothing in this course", "write texts and programs in Markdown")
        return Course(self._title or self._sections[0]["title"], self._sections)

    def _span(self, token: Any) -> Span:
        first = token.map[0] if token.map else 0
        start = sum(len(line) + 1 for line in self._lines[:first])
        return Span(start, start + len(self._lines[first]))

    def _live(self, block: _Block) -> None:
        if block.kind == "question":
            self._tokens += self._markdown.parse(f"@question {len(self._questions)}@")
            self._questions.append(self._question(block))
            return
        self._end_text()
        if block.kind == "ad":
            name = self._heading or "program"
            start = Start(program_from(Source(f"{self._source.name}: {name}", block.text)), {})
            self._sections.append(program_section(start.run, name))
        else:
            self._sections.append(program_section(self._named(block).run))

    def _named(self, block: _Block) -> Start:
        """The program that `page huber.ad --r 0.5` names, and its inputs."""
        words = shlex.split(block.text)
        if len(words) < 2 or words[0] != "page" or len(words) % 2:
            raise self._wrong(block.span, "this names no program", "write a line such as `page huber.ad --r 0.5`")
        names, values = words[2::2], words[3::2]
        if not all(name.startswith("--") for name in names):
            raise self._wrong(block.span, "this names no inputs", "write a line such as `page huber.ad --r 0.5`")
        given = {name[2:]: value_from(value, f"`{name}`") for name, value in zip(names, values, strict=True)}
        return Start(program_from(read_source(os.path.join(self._folder, words[1]))), given)

    def _end_text(self) -> None:
        """What has been read since the last heading or program, as a section."""
        if self._tokens or self._questions:
            text: str = self._markdown.renderer.render(self._tokens, self._markdown.options, {})
            text = re.sub(r"<p>@question (\d+)@</p>", r'<div data-question="\1"></div>', text)
            title = self._heading or self._title or "Introduction"
            self._sections.append({"kind": "text", "title": title, "html": text, "questions": self._questions})
        self._tokens, self._questions = [], []

    def _question(self, block: _Block) -> dict[str, Any]:
        fields = [*self._fields(block)]

        def of(key: str) -> list[str]:
            return [text for name, text in fields if name == key]

        asked, answers, choices = of("ask"), of("answer"), of("choice")
        if len(asked) != 1 or len(answers) != 1:
            raise self._wrong(block.span, "a question has one `ask:` and one `answer:`", _FORM)
        if choices:
            if answers[0] not in choices:
                raise self._wrong(block.span, f"the answer `{answers[0]}` is none of the choices", _FORM)
            truth = float(choices.index(answers[0]))
        else:
            truth = self._number(block, answers[0], "the answer")
        hints = of("hint")
        if len(hints) > _HINTS:
            raise self._wrong(block.span, f"a question has at most {_HINTS} hints", _FORM)
        return {
            "kind": "course", "asked": asked[0], "truth": truth, "hints": hints, "because": " ".join(of("because")),
            "slips": [{"number": self._number(block, name[6:], "the wrong answer"), "says": text}
                      for name, text in fields if name.startswith("wrong ")],
            "choices": [{"key": choice, "text": choice} for choice in choices],
            "leads": " ".join(of("leads")),
        }  # fmt: skip

    def _number(self, block: _Block, text: str, what: str) -> float:
        value = value_from(text, what)
        if type(value) is not float:
            raise self._wrong(block.span, f"{what} is one number", _FORM)
        return value

    def _fields(self, block: _Block) -> Iterator[tuple[str, str]]:
        for line in block.text.strip().split("\n"):
            name, colon, text = line.partition(":")
            known = name in ("ask", "answer", "choice", "hint", "because", "leads") or name.startswith("wrong ")
            if not (colon and known):
                raise self._wrong(block.span, f"`{line}` is no part of a question", _FORM)
            yield name, text.strip()

    def _wrong(self, span: Span, message: str, help_text: str) -> AdError:
        return AdError(Problem("course", message, span, help=help_text), self._source)


_FORM = "its lines begin with ask:, answer:, choice:, hint:, because:, leads: or `wrong NUMBER:`"


def _plain(inline: Any) -> str:
    """The text of a heading."""
    texts: Sequence[Any] = inline.children or ()
    return "".join(part.content for part in texts if part.type in ("text", "code_inline"))
