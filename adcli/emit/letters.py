"""Letters and signs that TeX writes as commands."""

from __future__ import annotations

# Greek letters by their names.
_GREEK = (
    ("αβγδεζηθικλμν", "alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu"),
    ("ξπρςστυφχψω", "xi pi rho varsigma sigma tau upsilon varphi chi psi omega"),
    ("ΓΔΘΛΞΠΣΦΨΩ", "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"),
    ("ϵϑϕµ", "epsilon vartheta phi mu"),
)
_LATIN = {"ο": "o", **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧ", "ABEZHIKMNOPTX", strict=True)), "Υ": r"\Upsilon"}
LETTERS = _LATIN | {
    letter: f"\\{name}" for letters, names in _GREEK for letter, name in zip(letters, names.split(), strict=True)
}

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "_": r"\_", "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}", "#": r"\#", "%": r"\%", "&": r"\&", "$": r"\$", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", "`": r"\textasciigrave{}", "…": r"\dots{}", "“": "``", "”": "''",
    "∂": r"$\partial$", "→": r"$\to$", "±": r"$\pm$", "·": r"$\cdot$", "×": r"$\times$", "≤": r"$\le$",
    "≥": r"$\ge$", "≠": r"$\ne$", "−": r"$-$", "²": r"$^2$", "³": r"$^3$", "∞": r"$\infty$", "√": r"$\surd$",
    "●": r"$\bullet$", "○": r"$\circ$", "│": r"\textbar{}", "─": "-", "\t": " ",
} | {letter: f"${command}$" for letter, command in LETTERS.items()}  # fmt: skip


def escaped(text: str) -> str:
    """A text as TeX's own text."""
    return "".join(_SPECIAL.get(character, character) for character in text)


def unknown_letters(text: str) -> str:
    """Those of a text that pdflatex has no letters for."""
    return "".join(dict.fromkeys(letter for letter in text if ord(letter) > 0x17F))


def with_needs(packages: str, text: str, also: str = "") -> str:
    """A fragment under comments that say what its document needs: packages, and a font for strange letters."""
    unknown = unknown_letters("".join(line for line in text.split("\n") if not line.startswith("%")))
    letters = f"% needs XeLaTeX or LuaLaTeX, and a font that has the letters {unknown}\n" if unknown else ""
    return f"% needs \\usepackage{{{packages}}}{also}\n{letters}{text}"
