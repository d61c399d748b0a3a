"""Tables in LaTeX: what the text is made of, and, slowly, that it compiles and fits the page."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from adcli.emit.measure import narrowest, width
from adcli.report.cells import Column, Table, named, number, prose
from adcli.report.latex import to_latex

from ..conftest import ALL_SAMPLES, ROOT, Adcli, mostly_slow, sample_name

COMMANDS = ("eval", "grad", "tape", "sweep", "vjp", "jacobian", "hessian", "precision", "cost", "check", "why",
            "graph", "worksheet", "minimize")  # fmt: skip
OPTIONS = {"minimize": ("--steps", "3")}  # a whole search takes a minute here and there
PACKAGES = r"\usepackage{amsmath,array,booktabs,longtable}"
MOST_ROWS = 400  # of a table in a frame: TeX has no dimension for what is higher than ten metres


def environments(text: str) -> Iterator[str]:
    """What is begun and not ended, and the other way round."""
    opened: list[str] = []
    for word, name in re.findall(r"\\(begin|end)\{(\w+)\}", text):
        if word == "begin":
            opened.append(name)
        elif not opened or opened.pop() != name:
            yield name
    yield from opened


def is_balanced(line: str) -> bool:
    line = line.replace(r"\{", "").replace(r"\}", "").replace(r"\$", "")
    return line.count("{") == line.count("}") and line.count("$") % 2 == 0


@pytest.mark.parametrize("command", ["eval", "grad", "tape", "sweep"])
@pytest.mark.parametrize("sample", mostly_slow(ALL_SAMPLES, every=6), ids=sample_name)
def test_rows_are_balanced_and_have_all_cells(adcli: Adcli, sample: Path, command: str) -> None:
    text = adcli(command, str(sample), "--format", "latex").out
    assert not list(environments(text))
    assert "shortstack" not in text and "verbatim" not in text
    columns = 0
    for line in text.split("\n"):
        if line.startswith((r"\begin{tabular}", r"\begin{longtable}")):
            kinds = re.sub(r">\{[^}]*\}", "", line[line.index("]") + 1 :])
            columns = len(re.findall(r"p\{[^}]*\}|[lr]", kinds.replace("@{}", "")))
        elif r" \\" in line and line.endswith((r"\\", r"\penalty0}")) and not line.startswith(r"\multicolumn"):
            assert is_balanced(line)
            if columns and " & " in line:
                assert len(re.findall(r"(?<!\\)&", line)) == columns - 1


def test_a_sweep_reads_like_a_book(adcli: Adcli) -> None:
    text = adcli("sweep", "samples/sine_product.ad", "--format", "latex").out
    assert r"$\bar{a}\mathrel{+}=\bar{b} \cos a$ & $0.96017$ & 2nd of 2 & $1\to 1.96017$" in text
    assert text.index(r"$L=a + b;\allowbreak\quad \bar{L}=1$") < text.index(r"\bar{L} \cdot 1")


def test_every_special_character_is_escaped() -> None:
    table = Table("a_b & 50 % #1 {x} ~ ^ \\ $", (prose("x_y"),), (("a_b & 50 % #1 {x} ~ ^ \\ $ <|>",),))
    text = to_latex([table], 6)
    escaped = r"a\_b \& 50 \% \#1 \{x\} \textasciitilde{} \textasciicircum{} \textbackslash{} \$"
    assert text.count(escaped) == 2


def test_numbers_stand_point_below_point() -> None:
    table = Table("t", (named("x"), number("value")), (("a", 0.25), ("b", 12.0), ("c", -1.5)))
    rows = re.findall(r"\$[abc]\$ & (.*) \\", to_latex([table], 6))
    assert rows == [r"$0.25$", r"$12$\phantom{.00}", r"$-1.5$\phantom{0}"]


def test_a_table_that_is_too_wide_stands_in_parts() -> None:
    columns = (named("output"), *(number(f"∂/∂x_{place}") for place in range(40)))
    row = ("L", *(1.0 / (3 + place) for place in range(40)))
    text = to_latex([Table("jacobian", columns, (row,))], 6)
    assert text.count(r"\begin{tabular}") > 1
    assert all(text.count(rf"x_{{{place}}}$") == 1 for place in range(40))
    assert text.count("$L$") == text.count(r"\begin{tabular}")


def test_a_long_table_goes_on_over_pages() -> None:
    rows = tuple((str(place),) for place in range(100))
    assert r"\begin{longtable}" in to_latex([Table("t", (Column("x"),), rows)], 6)
    assert r"\begin{longtable}" not in to_latex([Table("t", (Column("x"),), rows[:5])], 6)


def test_letters_that_pdflatex_has_not_are_told() -> None:
    first = to_latex([Table("t", (named("x"),), (("площадь",), ("größe",), ("α",)))], 6).split("\n")
    assert first[0].startswith("% needs \\usepackage{")
    assert first[1].startswith("% needs XeLaTeX or LuaLaTeX") and "п" in first[1] and "α" not in first[1]


def test_widths() -> None:
    assert width("$12$") == pytest.approx(10)
    assert width("$x^{12}$") < width("$x12$")
    assert narrowest("$aaaa=b$") < width("$aaaa=b$")
    assert narrowest("one two") == pytest.approx(max(width("one"), width("two")))


def compiled(folder: Path, kind: str, names: list[str]) -> list[str]:
    """What pdflatex complains of: errors, and lines wider than the page by more than a point."""
    tool = shutil.which("pdflatex")
    assert tool, "this test needs pdflatex: apt-get install texlive-latex-recommended texlive-pictures"
    frame = (
        r"\begin{{frame}}[allowframebreaks]{{T}}\input{{{0}}}\end{{frame}}" if kind == "beamer" else r"\input{{{0}}}"
    )
    body = "\n".join(rf"\typeout{{FILE {name}}}{frame.format(name)}" for name in names)
    document = rf"\documentclass{{{kind}}}{PACKAGES}\begin{{document}}{body}\end{{document}}"
    (folder / f"{kind}.tex").write_text(document, encoding="utf-8")
    for _ in range(2):
        subprocess.run([tool, "-interaction=nonstopmode", kind], cwd=folder, capture_output=True, check=False)
    log = (folder / f"{kind}.log").read_text(encoding="utf-8", errors="replace")
    assert "Output written" in log
    complaints, name = [], ""
    for line in log.split("\n"):
        found = re.search(r"FILE (\S+)", line)
        name = found[1] if found else name
        wide = re.match(r"Overfull \\hbox \(([\d.]+)pt", line)
        if line.startswith("!") or (wide and float(wide[1]) > 1):
            complaints.append(f"{name}: {line}")
    return complaints


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["article", "beamer"])
def test_everything_compiles_and_fits(adcli: Adcli, tmp_path: Path, kind: str) -> None:
    names = []
    for command in COMMANDS:
        for sample in ALL_SAMPLES:
            options = OPTIONS.get(command, ())
            text = adcli(command, str(sample.relative_to(ROOT)), *options, "--format", "latex").out
            if text and (kind == "article" or text.count("\\\\\n") < MOST_ROWS):
                names.append(f"{command}-{sample_name(sample).replace('/', '-')}")
                (tmp_path / f"{names[-1]}.tex").write_text(text, encoding="utf-8")
    for name, run in (("rules", ["rules"]), ("fit", ["fit", "samples/calibration.ad", "--residual", "error"])):
        text = adcli(*run, "--format", "latex").out
        (tmp_path / f"{name}.tex").write_text(text, encoding="utf-8")
    assert len(names) > 300
    assert compiled(tmp_path, kind, [*names, "rules", "fit"]) == []
