"""Tables in LaTeX, for an article and for a frame of beamer: formulas as mathematics, no line wider than the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from adcli.emit.letters import escaped, with_needs
from adcli.emit.mathematics import expression_tex, formula_tex, names_tex, number_tex
from adcli.emit.measure import narrowest, width
from adcli.errors import AdError
from adcli.records import NamedTuple
from adcli.report.cells import Cell, Column, Digits, Table, cell_text, is_array
from adcli.syntax.formula import Formula
from adcli.syntax.parse import parse_expression
from adcli.syntax.source import Source

_PACKAGES, _IN_BEAMER = "amsmath,array,booktabs,longtable", "; in beamer a frame with [allowframebreaks]"
# Sizes of type, and how much a line of beamer's, or of an article, has room for in them: in points of type at 10pt.
_SIZES = (("normalsize", 280), ("small", 305), ("footnotesize", 338), ("scriptsize", 380), ("tiny", 505))
_ARTICLE = (("normalsize", 336), ("small", 366), ("footnotesize", 408), ("scriptsize", 460), ("tiny", 600))
# In which order type is tried, and whether lines may be broken.
_ATTEMPTS = (
    *((size, False) for size in _SIZES[:3]), *((size, True) for size in _SIZES[1:3]),
    *((size, broken) for size in _SIZES[3:] for broken in (False, True)),
)  # fmt: skip
_GAP = 9.0  # between two columns
_MARGIN = 1.03  # what is estimated may be a little off
_NUMBER = re.compile(r"[-+]?(\d+)(\.\d+)?$")
_WORD = re.compile(r"([\[(]*)([-+±]?)(\d+\^-?\d+|\d+(?:,\d{3})*\.?\d*(?:e[+-]?\d+)?|inf)([\]),:%]*)")
_SIGN = {"±": r"\pm "}
_LINE, _HIGH = 1.2, 1.7  # how far lines are apart, and those with fractions in them, in lines of the type
_SHORT = 10  # lines of a table that is never broken over pages
# What ends a row of several lines: a page is broken below all of it, not below its first line.
_BREAK = r"\noalign{\nobreak\vskip0pt\penalty0}"
_MOST_DIGITS = 12  # of a number that may be aligned by its point


class _Laid(NamedTuple):
    """The columns of a table as they fit the page.

    Attributes:
        size: of the type in beamer
        room: how much of the line they take in it
        widths: of the columns that are broken over lines, as shares of the line; None for one as wide as it is
    """

    size: str
    room: float
    widths: tuple[float | None, ...]

    @property
    def command(self) -> str:
        """What chooses the type: an article has a longer line."""
        article = next((size for size, most in _ARTICLE if self.room <= most), self.size)
        return f"\\{self.size}" if article == self.size else rf"\ifdim\linewidth<340pt\{self.size}\else\{article}\fi"


class _Set(NamedTuple):
    """A table in TeX.

    Attributes:
        headings: of the columns
        rows: of cells; one of a single cell stands across all columns
    """

    columns: tuple[Column, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def to_latex(tables: Sequence[Table], digits: Digits) -> str:
    """The tables, each under its title."""
    return with_needs(_PACKAGES, "\n".join(_one(table, digits) for table in tables), _IN_BEAMER)


def _one(table: Table, digits: Digits) -> str:
    title = rf"\noindent\textbf{{{escaped(table.title)}}}\par\nobreak\vspace{{2pt}}"
    lines = [r"\begingroup\raggedright", title]
    if table.picture:
        lines += _picture(table)
    else:
        for part in _fitting(_typeset(table, digits)):
            lines += _lines(part, _laid(part))
    if table.caption:
        lines += [rf"{{\small\noindent {escaped(line)}\par}}" for line in table.caption.split("\n")]
    return "".join(f"{line}\n" for line in [*lines, r"\medskip\endgroup"])


def _picture(table: Table) -> Iterator[str]:
    """A picture made of letters, which stand below each other: no `verbatim`, which a frame of beamer cannot hold."""
    drawn = [str(row[0]) for row in table.rows]
    room = 5.3 * max(map(len, drawn), default=0)
    size = next((size for size, most in _SIZES if room <= most), _SIZES[-1][0])
    yield rf"{{\{size}\ttfamily\noindent"
    yield from (escaped(line).replace(" ", "~") + r"\\" for line in drawn)
    yield r"\par}"


def _typeset(table: Table, digits: Digits) -> _Set:
    """The cells in TeX; a cell of several lines becomes several rows."""
    columns = table.columns
    aligned = [_aligned(table, place, digits) for place in range(len(columns))]
    rows: list[tuple[str, ...]] = []
    for number, row in enumerate(table.rows):
        if number in table.headings:
            rows.append((_text(row[0]),))
            continue
        lines = [cell if isinstance(cell, tuple) else (cell,) for cell in row]
        for at in range(max(map(len, lines), default=0)):
            cells = [line[at] if at < len(line) else None for line in lines]
            rows.append(tuple(map(_cell, cells, columns, aligned, [digits] * len(cells))))
    headings = tuple(_heading(column.heading) for column in columns)
    return _Set(columns, headings, tuple(rows))


def _heading(text: str) -> str:
    return f"${names_tex(text)}$" if text.startswith("∂") else "$=$" if text == "=" else escaped(text)


def _aligned(table: Table, place: int, digits: Digits) -> int:
    """How many digits behind the point stand in a column of numbers that can stand point below point; else 0."""
    if not table.columns[place].number:
        return 0
    cells = (row[place] for number, row in enumerate(table.rows) if number not in table.headings)
    texts = [text for cell in cells if (text := cell_text(cell, digits))]
    matches = [match for text in texts if (match := _NUMBER.match(text))]
    behind = max((len(match[2] or ".") - 1 for match in matches), default=0)
    before = max((len(match[1]) for match in matches), default=0)
    return behind if len(matches) == len(texts) and before + behind <= _MOST_DIGITS else 0


def _cell(cell: Cell, column: Column, decimals: int, digits: Digits) -> str:
    text = cell_text(cell, digits)
    if not text:
        return ""
    if isinstance(cell, Formula):
        return _text(cell)
    if column.number or isinstance(cell, float) or is_array(cell):
        return _numbers(text) + _padding(text, decimals)
    if column.names:
        return f"${names_tex(text)}$"
    return _code(text) if column.code else escaped(text)


def _text(text: str) -> str:
    """A text, or a formula; what is long may be broken between its parts."""
    if not isinstance(text, Formula):
        return escaped(text)
    words = text.parts[0] if isinstance(text.parts[0], str) else ""
    lead = re.match(r"\s*[a-z\d]+  +", words)
    if lead is None:
        return f"${formula_tex(text)}$"
    rest = Formula(words[lead.end() :], *text.parts[1:])
    return rf"{escaped(lead.group().strip())}\quad ${formula_tex(rest)}$"


def _code(text: str) -> str:
    """An expression as the program has it, or words that stand in its place."""
    try:
        return f"${expression_tex(parse_expression(Source('cell', text)))}$"
    except AdError:
        return escaped(text)


def _numbers(text: str) -> str:
    """Numbers, and the words among them; what is long may be broken at its spaces."""
    return " ".join(_number(word) for word in text.split(" "))


def _number(word: str) -> str:
    """A number with the brackets and commas around it, or a word."""
    match = _WORD.fullmatch(word)
    if match is None:
        return escaped(word)
    opening, sign, digits, closing = match.groups()
    number = r"\infty" if digits == "inf" else number_tex(digits)
    return f"{opening}${_SIGN.get(sign, sign)}{number}${escaped(closing)}"


def _padding(text: str, decimals: int) -> str:
    """What is as wide as the digits that a number has less behind its point than others of its column."""
    match = _NUMBER.match(text)
    missing = decimals + (not match[2]) - max(len(match[2] or "") - 1, 0) if decimals and match else 0
    return rf"\phantom{{{'.' if missing > decimals else ''}{'0' * min(missing, decimals)}}}" if missing else ""


# What fits


def _fitting(table: _Set) -> Iterator[_Set]:
    """A table, or the parts of one that is too wide in the smallest type: each has the first column."""
    todo = [table]
    while todo:
        part = todo.pop()
        if len(part.columns) <= 2 or _laid_out(part) is not None:
            yield part
            continue
        middle = (len(part.columns) + 1) // 2
        todo += [_part(part, middle, len(part.columns)), _part(part, 1, middle)]


def _part(table: _Set, start: int, end: int) -> _Set:
    """The first column and some of the others."""
    rows = tuple(row if len(row) == 1 else (row[0], *row[start:end]) for row in table.rows)
    columns = (table.columns[0], *table.columns[start:end])
    return _Set(columns, (table.headings[0], *table.headings[start:end]), rows)


def _laid(table: _Set) -> _Laid:
    found = _laid_out(table)
    if found is not None:
        return found
    wide = [max(map(width, column), default=0.0) for column in _columns(table)]
    return _Laid(*_SIZES[-1], tuple(0.9 * each / sum(wide) for each in wide))


def _laid_out(table: _Set) -> _Laid | None:
    """The largest type in which the table fits; lines are rather broken than set in very small type."""
    cells = [[row for row in column if row] for column in _columns(table)]
    natural = [max(map(width, column), default=0.0) * _MARGIN for column in cells]
    least = [
        max(map(narrowest, column), default=0.0) * _MARGIN if _may_break(kind, column) else wide
        for kind, column, wide in zip(table.columns, cells, natural, strict=True)
    ]
    gaps = _GAP * (len(natural) - 1)
    unbroken = (None,) * len(natural)
    for (size, room), broken in _ATTEMPTS:
        if not broken and sum(natural) + gaps <= room:
            return _Laid(size, sum(natural) + gaps, unbroken)
        if broken and sum(least) + gaps <= room * 0.92:
            return _Laid(size, room, _shared(natural, least, room - gaps, room))
    return None


def _columns(table: _Set) -> list[list[str]]:
    whole = [row for row in table.rows if len(row) > 1 or len(table.columns) == 1]
    return [[heading, *(row[at] for row in whole)] for at, heading in enumerate(table.headings)]


def _may_break(column: Column, cells: Sequence[str]) -> bool:
    """Whether a column may be broken over lines: prose, formulas, and arrays."""
    return column.breaks or any(" " in cell for cell in cells[1:] if column.number)


def _shared(natural: Sequence[float], least: Sequence[float], room: float, line: float) -> tuple[float | None, ...]:
    """The widths of the columns that are broken: what is left over goes to those that want it, as much as they do."""
    wanted = sum(natural) - sum(least)
    part = max(0.0, min(1.0, (room - sum(least)) / wanted)) if wanted else 1.0
    return tuple(
        None if wide == narrow else (narrow + part * (wide - narrow)) / line
        for wide, narrow in zip(natural, least, strict=True)
    )


def _lines(table: _Set, laid: _Laid) -> Iterator[str]:
    """The table: in one piece, or, if it is long, one that goes on over pages, under its headings again."""
    stretch = _HIGH if any(r"\frac" in cell for row in table.rows for cell in row) else _LINE
    yield rf"{{{laid.command}\setlength{{\tabcolsep}}{{{_GAP / 20:g}em}}\renewcommand{{\arraystretch}}{{{stretch}}}%"
    kinds = "".join(map(_alignment, table.columns, laid.widths))
    long = _height(table, laid) > _SHORT
    if long:
        yield r"\setlength{\LTleft}{0pt}\setlength{\LTpre}{2pt}\setlength{\LTpost}{4pt}\setcounter{LTchunksize}{1000}%"
    yield rf"\begin{{longtable}}[l]{{@{{}}{kinds}@{{}}}}" if long else rf"\begin{{tabular}}[b]{{@{{}}{kinds}@{{}}}}"
    yield r"\toprule"
    yield _row(table.headings)
    yield r"\midrule\endhead" if long else r"\midrule"
    end = _BREAK if long and any(laid.widths) else ""
    for row in table.rows:
        yield _row([_across(row[0], len(table.columns), laid.size)] if len(row) < len(table.columns) else row) + end
    yield r"\bottomrule"
    yield r"\end{longtable}}" if long else r"\end{tabular}\par}"


def _height(table: _Set, laid: _Laid) -> int:
    """How many lines the rows have, about."""
    room = dict(_SIZES)[laid.size]
    shares = [1.0 if share is None else share for share in laid.widths]
    return sum(
        max((1 + int(width(cell) / (share * room)) for cell, share in zip(row, shares, strict=False)), default=1)
        for row in table.rows
    )


def _across(text: str, columns: int, size: str) -> str:
    """A row of one cell, over several lines where it is longer than one."""
    long = width(text) * _MARGIN > dict(_SIZES)[size]
    kind = r">{\raggedright\arraybackslash}p{\linewidth}" if long else "l"
    return rf"\multicolumn{{{columns}}}{{@{{}}{kind}@{{}}}}{{{text}}}"


def _alignment(column: Column, share: float | None) -> str:
    if share is None:
        return "r" if column.number else "l"
    side = "left" if column.number else "right"
    return rf">{{\ragged{side}\arraybackslash}}p{{{share:.3f}\linewidth}}"


def _row(cells: Sequence[str]) -> str:
    return f"{' & '.join(cells)} \\\\"
