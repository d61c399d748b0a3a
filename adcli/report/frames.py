"""Problems as people read them: the line of the source, carets under the place, and what to do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from adcli.errors import Problem, Text

Paint = Callable[[str, str], str]

# What a terminal would act upon, as a mark of one column.
_STAND_INS = {"\t": " ", "\xa0": " ", **{chr(code): chr(0x2400 + code) for code in range(32) if code != 9}}
_LONG_NUMBER = re.compile(r"\d{50,}")
_WIDEST = 120  # characters of a source line that are shown; of a longer one the part around the place


def plain(text: str, role: str) -> str:
    """Paint nothing."""
    return text


def visible(text: str) -> str:
    r"""A text in which what a terminal would act upon is written out, as `\x1b`: the name of a file may have that.

    Of a number of very many digits the first and the last ones are left.
    """
    text = _LONG_NUMBER.sub(lambda match: f"{match[0][:20]}…{match[0][-5:]} ({len(match[0]):,} digits)", text)
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() or letter == "\n" else letter.encode("unicode_escape").decode()
        for letter in text
    )


def frame(problem: Problem, source: Text | None, level: str = "error", paint: Paint = plain) -> str:
    """The text of one problem.

    `paint` gets a text and its role: `error`, `warning`, `place`, or `frame` for the line and its borders.
    """
    lines = [f"{paint(f'{level}[{problem.code}]', level)}: {visible(problem.message)}"]
    indent = " "
    if source is not None and problem.span is not None:
        number, column = source.place(problem.span[0])
        indent = " " * (len(str(number)) + 2)
        lines += _excerpt(problem, source, number, column, level, paint)
    if problem.span is not None and source is not None and (problem.note or problem.help):
        lines.append(paint(f"{indent}|", "frame"))
    for kind, text in (("note", problem.note), ("help", problem.help)):
        if text:
            lines.append(f"{paint(f'{indent}=', 'frame')} {kind}: {visible(text)}")
    return "\n".join(lines) + "\n"


def _excerpt(problem: Problem, source: Text, number: int, column: int, level: str, paint: Paint) -> list[str]:
    assert problem.span is not None
    gutter = " " * (len(str(number)) + 2)
    line, start = source.line_at(problem.span[0]), column - 1
    end = min(max(start + problem.span[1] - problem.span[0], start + 1), max(len(line), start + 1))
    cut = max(0, start - _WIDEST // 2) if len(line) > _WIDEST else 0
    if cut or len(line) > _WIDEST:
        line, start, end = "…" + line[cut : cut + _WIDEST] + "…", start - cut + 1, min(end - cut, _WIDEST) + 1
    line = "".join(letter if letter.isprintable() else _STAND_INS.get(letter, "�") for letter in line)
    carets = " " * text_width(line[:start]) + paint("^" * max(text_width(line[start:end]), end - start, 1), level)
    return [
        f"{gutter[:-1]}{paint('-->', 'frame')} {visible(source.file_at(problem.span[0]))}:{number}:{column}",
        paint(f"{gutter}|", "frame"),
        f"{paint(f' {number} |', 'frame')} {line}".rstrip(),
        f"{paint(f'{gutter}|', 'frame')} {carets} {visible(problem.label)}".rstrip(),
    ]


def text_width(text: str) -> int:
    """How many columns of a terminal a text takes: wide letters two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )
