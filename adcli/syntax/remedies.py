"""What was probably meant where a token cannot stand: mostly what other languages write there."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import NamedTuple

from adcli.syntax.source import Span

RESERVED = frozenset(
    {"INPUT", "OUTPUT", "DEF", "RETURN", "IF", "ELSE", "FOR", "WHILE", "WHERE", "AND", "OR", "NOT"}
)  # fmt: skip
SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True))

_DEFINE = "a function is defined with `def`"
_ASSIGN = "an assignment is `name = value`"
_BLOCK = "a block stands between `{` and `}`"
_BRACKETS = "to go on in the next line, put the expression in brackets"
_WHERE = "a choice is `where(x > 0, a, b)`"
_RANGE = "a loop is `for k = 1 to 10`, and `step -1` counts down"
_NO_TEXTS = "there are no texts, only numbers"

_CHARACTERS = {
    "∂": "a claimed derivative is written with the letter d: `claim dL/dx = …`",
    "&": "`and` joins two conditions", "!": "`not` turns a condition round", "~": "for unequal, write `!=`",
    "×": "to multiply, write `*`", "·": "to multiply, write `*`", "÷": "to divide, write `/`",
    "−": "the minus sign is `-`", "–": "the minus sign is `-`", "√": "for a square root, write `sqrt(…)`",
    "≤": "write `<=`", "≥": "write `>=`", "≠": "write `!=`", "?": _WHERE, '"': _NO_TEXTS,
    "\\": _BRACKETS, ".": "functions stand without a module: `sin(x)`",
}  # fmt: skip
# Words that begin a statement elsewhere, or are one.
_WORDS = {
    **dict.fromkeys(("elif", "elseif", "elsif"), "write `else if`"),
    **dict.fromkeys(("function", "func", "fun", "fn", "lambda"), _DEFINE),
    **dict.fromkeys(("let", "var", "const", "float", "double", "int", "real", "local", "global"), _ASSIGN),
    **dict.fromkeys(("then", "begin", "do"), _BLOCK),
    **dict.fromkeys(("end", "endif", "endfor", "endwhile", "done", "fi", "pass"), "a block ends with `}`"),
    "break": "there is no `break`: a `while` loop ends when its condition fails",
    "continue": "there is no `continue`: put what is to be left out in an `if`",
    "print": "`output y` names what a program gives",
    "import": "there is nothing to import: all functions are there",
    "from": "there is nothing to import: all functions are there",
}  # fmt: skip
_MODULES = {"np", "numpy", "math", "jnp", "torch", "scipy", "tf", "Math", "special", "linalg"}
_DOWN = {"downto", "by", "until", "upto"}


class Stumble(NamedTuple):
    """A token that cannot stand where it stands.

    Attributes:
        kind, text, span: of the token
        expected: the terminals that could stand there
        words: the tokens of the statement in front of it
        bracket: the innermost bracket that is open, or nothing
        rest: the line from the token on
        alone: whether the text should be one expression
    """

    kind: str
    text: str
    span: Span
    expected: AbstractSet[str]
    words: tuple[str, ...] = ()
    bracket: str = ""
    rest: str = ""
    alone: bool = False

    @property
    def before(self) -> str:
        """The token in front."""
        return self.words[-1] if self.words else ""

    @property
    def first(self) -> str:
        """The token that begins the statement."""
        return self.words[0] if self.words else ""


def remedy(stumble: Stumble) -> str:
    """What to write instead; empty where that is anybody's guess."""
    if known := _rows_and_sizes(stumble):
        return known
    if stumble.kind in ("_NEWLINE", "$END", "_SEMICOLON", "RBRACE") and (stumble.words or stumble.kind == "RBRACE"):
        return _early_end(stumble)
    if stumble.kind == "UNEXPECTED":
        return _character(stumble)
    if stumble.kind == "COLON":
        return _colon(stumble)
    if stumble.kind == "QUOTE":
        return _NO_TEXTS
    return (
        _expression_alone(stumble) if stumble.alone
        else _header(stumble) or _statement(stumble)
    ) or _comparison(stumble) or _word(stumble) or _product(stumble)  # fmt: skip


def _rows_and_sizes(stumble: Stumble) -> str:
    """Matrices and their sizes, as other languages write them."""
    if stumble.kind == "_COMMA" and stumble.bracket == "(" and stumble.words[-3:-1] == ("(", "("):
        return "sizes stand side by side: `zeros(2, 3)`"
    if stumble.kind == "_SEMICOLON" and stumble.bracket == "[":
        return "a matrix is written by rows: `[[1, 2], [3, 4]]`"
    return ""


def _early_end(stumble: Stumble) -> str:
    """The line ends where something is still to come."""
    first, before = stumble.first, stumble.before
    if "LBRACE" in stumble.expected:
        return "a block starts with `{`, in the same line"
    if before in _WORDS:
        return _WORDS[before]
    if first == "state":
        return "write `state c = 0`"
    if first == "return":
        return "write `return` and a value"
    if first == "require":
        return "a condition compares: `x > 0`"
    if first == "claim":
        return "write `claim dL/dx = …`"
    if stumble.expected == {"_EQUAL"} or "_EQUAL" in stumble.expected:
        return f"a statement gives a name a value: `{before} = …`"
    return _BRACKETS if stumble.kind == "_NEWLINE" else ""


def _character(stumble: Stumble) -> str:
    text, before, rest = stumble.text, stumble.before, stumble.rest
    if text in SUPERSCRIPTS:
        return f"for a power, write `{before}^{SUPERSCRIPTS[text]}`"
    if text == "%":
        return "for the remainder, write `mod(a, b)`" if stumble.words else "a comment starts with `#`"
    if text == "|":
        return "`or` joins two conditions" if rest.startswith("||") else "for the absolute value, write `abs(…)`"
    if text == "." and (before.isidentifier() or before in (")", "]")) and before not in _MODULES:
        return _behind_a_point(rest[1:])
    if text == "\\" and before and rest[1:].strip():
        return "for the solution of `A @ x = b`, write `solve(A, b)`"
    if text == "!" and (before.isalnum() or before == ")"):
        return ""
    return _CHARACTERS.get(text, "")


def _behind_a_point(rest: str) -> str:
    """What other languages write with a point behind a value."""
    if rest[:1] in ("*", "/", "^"):
        return f"operators work element by element: write `{rest[0]}`; the product of matrices is `@`"
    if rest.startswith("T"):
        return "the transpose of `A` is `A'`"
    if rest.startswith(("shape", "size")):
        return "the number of rows is `length(A)`, that of columns `length(A, axis = 1)`"
    word = rest.partition("(")[0]
    return f"functions stand in front: `{word}(…)`" if word.isidentifier() else _CHARACTERS["."]


def _colon(stumble: Stumble) -> str:
    if stumble.rest.startswith(":="):
        return _ASSIGN
    if stumble.first == "for":
        return _RANGE
    if stumble.bracket == "[" or "(" in stumble.words:
        return ""
    return _BLOCK if stumble.first in ("if", "while", "else", "elif", "def") and not stumble.bracket else ""


def _expression_alone(stumble: Stumble) -> str:
    if stumble.kind == "_EQUAL" or (stumble.kind in RESERVED and not stumble.words):
        return "this is one expression; statements stand in a program"
    return ""


def _header(stumble: Stumble) -> str:
    """In front of a block."""
    first, text, kind = stumble.first, stumble.text, stumble.kind
    if kind == "ELSE":
        return "`else` stands behind the `}` of an `if`" if not stumble.words else _WHERE
    if first == "for" and (text in ("in", "(") or stumble.before in _DOWN or text in _DOWN):
        return _RANGE
    if kind == "IF" and stumble.words and stumble.words[-1] != "else":
        return _WHERE
    starts_value = kind in ("NAME", "NUMBER", "RETURN", "OUTPUT")
    if first in ("if", "while", "}", "else") and starts_value and "LBRACE" in stumble.expected:
        return _BLOCK
    return ""


def _statement(stumble: Stumble) -> str:
    """At the start of a statement, in front of its `=`."""
    kind, text, words, expected = stumble.kind, stumble.text, stumble.words, stumble.expected
    first = stumble.first
    if kind in RESERVED and "NAME" in expected and kind != "WHERE":
        return f"`{text}` is a word of the language and cannot be a name"
    if kind == "_EQUAL" and stumble.before.upper() in RESERVED:
        return f"`{stumble.before}` is a word of the language and cannot be a name"
    if kind in ("SLASH", "STAR", "POWER") and stumble.before == "/":
        return "a comment starts with `#`"
    if kind == "_COMMA" and words[1:2] == (",",):
        return "assign one name at a time"
    if kind == "_COMMA" and first == "require":
        return "`and` joins two conditions"
    if kind == "_COMMA" and first == "output" and len(words) > 2 and "=" not in words:
        return "an output with a value has a statement of its own"
    if kind == "_COMMA" and first == "return":
        return "a function returns one value"
    if first == "output" and len(words) == 2 and kind not in ("NAME", "NUMBER"):
        return f"write `output y = {words[1]}{stumble.rest.rstrip()}`"
    if first == "output" and kind == "_COMMA":
        return "an output with a value has a statement of its own"
    if "ELSE" in stumble.expected:
        return _WORDS.get(text) or "a statement starts on a line of its own, or behind `;`"
    if not words and kind in ("PLUS", "STAR", "SLASH", "POWER", "COMPARISON", "AND", "OR", "_COMMA"):
        return "to go on from the line above, put the whole expression in brackets"
    if not words and kind in ("NUMBER", "LPAR", "MINUS"):
        return "a statement gives a name a value: `name = …`"
    if len(words) == 1 and "_EQUAL" in expected:
        return _behind_a_name(stumble)
    return ""


def _behind_a_name(stumble: Stumble) -> str:
    """Where a statement is a name and something that is not `=`."""
    name, kind, text, rest = stumble.before, stumble.kind, stumble.text, stumble.rest
    if name in _WORDS:
        return _WORDS[name]
    if name.upper() in RESERVED or name.lower() == "state":
        return f"write `{name.lower()}` in small letters"
    if kind in ("PLUS", "MINUS", "STAR", "SLASH", "POWER"):
        if rest.startswith(f"{text}=") or rest.startswith(text * 2):
            amount = "…" if rest.startswith(f"{text}=") else "1"
            return f"write the name twice: `{name} = {name} {text} {amount}`"
        return f"a statement gives a name a value: `y = {name} {text} …`"
    if kind == "LPAR" and ("=" in rest and "==" not in rest):
        return f"a function is defined with `def {name}(…) = …`"
    if kind == "LPAR":
        return f"a statement gives a name a value: `y = {name}(…)`"
    if kind == "COMPARISON":
        return f"an assignment is `{name} = …`"
    return "assign one name at a time" if kind == "_COMMA" else ""


def _comparison(stumble: Stumble) -> str:
    kind, text, before, expected = stumble.kind, stumble.text, stumble.before, stumble.expected
    if kind == "COMPARISON" and before == "<" and text == ">":
        return "for unequal, write `!=`"
    if kind == "_EQUAL" and stumble.rest[1:2] in ("<", ">"):
        return f"write `{stumble.rest[1]}=`"
    if kind == "_EQUAL" and ("COMPARISON" in expected or before in ("==", "!=")):
        return "equality is `==`"
    if kind == "COMPARISON" and before in ("<", ">", "<=", ">=", "==", "!="):
        return ""
    if kind == "COMPARISON" and expected & {"AND", "OR"}:
        return "compare two at a time: `a < b and b < c`"
    if kind == "COMPARISON":
        return "a comparison has no value: it may stand in `if`, `while` and `where(x > 0, a, b)`"
    if kind in ("LBRACE", "_COMMA", "RPAR", "AND", "OR") and "COMPARISON" in expected:
        return "a condition compares: `x > 0`"
    return ""


def _word(stumble: Stumble) -> str:
    if stumble.kind != "NAME":
        return ""
    return _WORDS.get(stumble.before, "") or _WORDS.get(stumble.text, "")


def _product(stumble: Stumble) -> str:
    """Two values side by side."""
    kind, text, before = stumble.kind, stumble.text, stumble.before
    if kind not in ("NAME", "LPAR", "WHERE", "NUMBER", "STATE", "IN", "TO", "STEP"):
        return ""
    if "RBRACKET" in stumble.expected or (stumble.bracket == "[" and "_COMMA" in stumble.expected):
        return "write a comma between the two"
    right = "(…)" if text == "(" else text
    if before == ")" or before[:1].isdigit() or before[:1] == ".":
        return f"to multiply, write `{'(…)' if before == ')' else before} * {right}`"
    if before.isidentifier() and "PLUS" in stumble.expected and text != "(":
        return f"to multiply, write `{before} * {text}`; to call a function, `{before}({text})`"
    return ""
