"""Tables in LaTeX: `tabular` with booktabs rules, in text that pdflatex reads."""

from __future__ import annotations

from collections.abc import Sequence

from adcli.report.cells import Digits, Table, cell_text

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "_": r"\_", "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}", "#": r"\#", "%": r"\%", "&": r"\&", "$": r"\$", "<": r"\textless{}",
    ">": r"\textgreater{}", "∂": r"$\partial$", "→": r"$\to$", "±": r"$\pm$", "·": r"$\cdot$", "…": r"\dots{}",
}  # fmt: skip
# Greek letters by their names; names in other alphabets need XeLaTeX or LuaLaTeX.
_GREEK = (
    ("αβγδεζηθικλμν", "alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu"),
    ("ξπρςστυφχψω", "xi pi rho varsigma sigma tau upsilon varphi chi psi omega"),
    ("ΓΔΘΛΞΠΣΦΨΩ", "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"),
)
_SPECIAL |= {
    letter: f"$\\{name}$" for letters, names in _GREEK for letter, name in zip(letters, names.split(), strict=True)
}


def to_latex(tables: Sequence[Table], digits: Digits) -> str:
    """The tables, each under its title."""
    return "% needs \\usepackage{booktabs}\n" + "\n".join(_one(table, digits) for table in tables)


def _one(table: Table, digits: Digits) -> str:
    alignment = "".join("r" if column.number else "l" for column in table.columns)
    lines = [rf"\par\noindent\textbf{{{_escaped(table.title)}}}\par\smallskip"]
    if table.picture:
        drawn = [str(row[0]) for row in table.rows]
        return "".join(f"{line}\n" for line in [*lines, r"\begin{verbatim}", *drawn, r"\end{verbatim}", table.caption])
    lines += [rf"\begin{{tabular}}{{{alignment}}}", r"\toprule"]
    lines.append(_row([_escaped(column.heading) for column in table.columns]))
    lines.append(r"\midrule")
    for number, row in enumerate(table.rows):
        cells = [_cell(cell_text(cell, digits)) for cell in row]
        if number in table.headings:
            cells = [rf"\multicolumn{{{len(cells)}}}{{l}}{{{cells[0]}}}"]
        lines.append(_row(cells))
    lines += [r"\bottomrule", r"\end{tabular}"]
    if table.caption:
        lines += [rf"\par {_escaped(line)}" for line in table.caption.split("\n")]
    return "".join(f"{line}\n" for line in lines)


def _row(cells: list[str]) -> str:
    return f"{' & '.join(cells)} \\\\"


def _cell(text: str) -> str:
    lines = [_escaped(line) for line in text.split("\n")]
    if len(lines) == 1:
        return lines[0]
    stacked = r" \\ ".join(lines)
    return rf"\shortstack[l]{{{stacked}}}"


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in text)
