"""What was probably meant where a token cannot stand: mostly what other languages write there."""

from __future__ import annotations

import re

from adcli.syntax.characters import BRACKETS, COMMENT, NO_TEXTS, WHERE, character
from adcli.syntax.neighbours import side_by_side
from adcli.syntax.stumbles import RESERVED, Remedy, Repair, Stumble, instead

_DEFINE = "a function is defined with `def`"
_ASSIGN = "an assignment is `name = value`"
_BLOCK = "a block stands between `{` and `}`"
_RANGE = "a loop is `for k = 1 to 10`, and `step -1` counts down"

ELSE_IF = ("elif", "elseif", "elsif")
# Words that begin a statement elsewhere, or are one.
_WORDS = {
    **dict.fromkeys(ELSE_IF, "write `else if`"),
    **dict.fromkeys(("function", "func", "fun", "fn", "lambda"), _DEFINE),
    **dict.fromkeys(("let", "var", "const", "float", "double", "int", "real", "local", "global"), _ASSIGN),
    **dict.fromkeys(("then", "begin", "do"), _BLOCK),
    **dict.fromkeys(("end", "endif", "endfor", "endwhile", "done", "fi", "pass"), "a block ends with `}`"),
    "print": "`output y` names what a program gives",
    "import": "there is nothing to import: all functions are there",
    "from": "there is nothing to import: all functions are there",
}  # fmt: skip
_DOWN = {"downto": "TO", "upto": "TO", "until": "TO", "by": "STEP"}  # and what stands for each


def remedy(stumble: Stumble) -> Remedy:
    """What to write instead, with how to read on; the text is empty where it is anybody's guess."""
    if stumble.kind == "UNEXPECTED":
        return character(stumble)
    if stumble.kind == "TEXT":
        return instead(NO_TEXTS, "NUMBER", len(stumble.text))
    certain = _rows(stumble) or _braces(stumble) or _sign(stumble) or _decimal_comma(stumble) or _replaced(stumble)
    return certain or side_by_side_in_its_place(stumble) or Remedy(_text(stumble))


def side_by_side_in_its_place(stumble: Stumble) -> Remedy | None:
    """Two values side by side, unless what stands there is a statement or the header of a block."""
    if not stumble.alone and (_header(stumble) or _statement(stumble)):
        return None
    return None if _word(stumble) or _comparison(stumble) else side_by_side(stumble)


def _text(stumble: Stumble) -> str:
    if known := _sizes(stumble):
        return known
    if stumble.kind in ("_NEWLINE", "$END", "_SEMICOLON", "RBRACE") and (stumble.words or stumble.kind == "RBRACE"):
        return _early_end(stumble)
    if stumble.kind == "COLON":
        return _colon(stumble)
    if stumble.kind == "QUOTE":
        named = stumble.words and stumble.first == stumble.before and not stumble.alone
        return f"a name has no `'` in it: write `d{stumble.before} = …`" if named else NO_TEXTS
    return (
        _expression_alone(stumble) if stumble.alone
        else _header(stumble) or _statement(stumble)
    ) or _comparison(stumble) or _word(stumble) or _comma(stumble)  # fmt: skip


def _rows(stumble: Stumble) -> Remedy | None:
    """`[1, 2; 3, 4]`."""
    if stumble.kind == "_SEMICOLON" and stumble.bracket == "[":
        length = stumble.rest.find("]")
        repair = Repair((), length) if length > 0 else None
        return Remedy("a matrix is written by rows: `[[1, 2], [3, 4]]`", repair)
    return None


def _braces(stumble: Stumble) -> Remedy | None:
    """Braces where an expression may stand, or behind the name of a function."""
    in_value = stumble.alone or "=" in stumble.words or stumble.first == "return" or stumble.before in ("^", "**")
    named = stumble.before.isidentifier() and stumble.first != "for"
    may_stand = named or not {"NUMBER", "LPAR"}.isdisjoint(stumble.expected)
    if stumble.kind != "LBRACE" or not (in_value and may_stand) or "}" not in stumble.rest:
        return None
    kind = "LPAR" if named or "," not in stumble.rest.partition("}")[0] else "LBRACKET"
    where = "behind a function" if named else "in an expression"
    text = "an array is `[1, 2]`" if kind == "LBRACKET" else f"the brackets {where} are `(` and `)`"
    return instead(text, kind, 1)


def _sign(stumble: Stumble) -> Remedy | None:
    """A sign that is not needed, and operators of other languages that are made of several."""
    kind, text, before, rest = stumble.kind, stumble.text, stumble.before, stumble.rest
    if kind == "PLUS" and stumble.words and "NUMBER" in stumble.expected:
        return instead("a number without a sign is positive: leave out the `+`", "", 1)
    if kind == "PLUS" and stumble.alone and not stumble.words:
        return instead("a number without a sign is positive: leave out the `+`", "", 1)
    if kind == "POWER" and before in ("^", "**"):
        return instead("a power is `a ^ b`", "", len(text))
    if kind == "SLASH" and before == "/":
        text = f"{COMMENT}; a whole quotient is `floor(a / b)`"
        return instead(text, "", 1) if re.match(r"/\s*(\d|\(|\w\b)", rest) else Remedy(text)
    updates = kind in ("PLUS", "MINUS", "STAR", "SLASH", "POWER") and re.match(r"[-+*/^]{1,2}=[^=]", rest)
    if updates and len(stumble.words) == 1 and not stumble.alone:
        return instead(f"write the name twice: `{before} = {before} {text} …`", "_EQUAL", updates.end() - 1)
    return None


def _decimal_comma(stumble: Stumble) -> Remedy | None:
    behind = re.match(r",(\d+)", stumble.rest)
    value = stumble.alone or "=" in stumble.words
    if stumble.kind != "_COMMA" or not (behind and value and stumble.before.isdigit()) or stumble.bracket:
        return None
    return instead(f"the decimal point is `.`: write `{stumble.before}.{behind[1]}`", "", len(behind[0]))


def _replaced(stumble: Stumble) -> Remedy | None:
    """A token that stands for another one."""
    return _equality(stumble) or _condition(stumble) or _loop(stumble) or _beginning(stumble)


def _equality(stumble: Stumble) -> Remedy | None:
    kind, text, before, rest, expected = stumble.kind, stumble.text, stumble.before, stumble.rest, stumble.expected
    if kind == "_EQUAL" and rest[1:2] in ("<", ">") and "COMPARISON" in expected:
        return instead(f"write `{rest[1]}=`", "COMPARISON", 2)
    if kind == "_EQUAL" and before in ("==", "!="):
        return instead("equality is `==`", "", 1)
    if kind == "_EQUAL" and "COMPARISON" in expected and stumble.words:
        return instead("equality is `==`", "COMPARISON", 1)
    if kind == "COMPARISON" and before == "<" and text == ">":
        return instead("for unequal, write `!=`", "", 1)
    if kind == "COMPARISON" and len(stumble.words) == 1 and "_EQUAL" in expected and not stumble.alone:
        length = 2 if rest.startswith("<-") else len(text)
        return instead(f"an assignment is `{before} = …`", "_EQUAL", length) if text in ("==", "<") else None
    if kind == "COLON" and rest.startswith(":=") and "_EQUAL" in expected:
        return instead(_ASSIGN, "_EQUAL", 2)
    return None


def _condition(stumble: Stumble) -> Remedy | None:
    kind, expected = stumble.kind, stumble.expected
    if kind == "NAME" and stumble.text in ("then", "do") and re.match(r"\w+\s*\{", stumble.rest):
        return instead(_BLOCK, "", len(stumble.text))
    if kind == "COLON" and re.match(r":\s*\{", stumble.rest) and stumble.first in ("if", "while", "for", "def", "else"):
        return instead(_BLOCK, "", 1)
    if kind == "COLON" and "LBRACE" in expected and re.match(r":\s*($|#|return\b[^;]*$|\w+\s*=[^=;]*$)", stumble.rest):
        return instead(_block(stumble), "LBRACE", 1)
    if kind == "NAME" and stumble.text in ELSE_IF and "ELSE" in expected:
        return Remedy(_WORDS[stumble.text], Repair((("ELSE", "else"), ("IF", "if")), len(stumble.text)))
    return None


def _block(stumble: Stumble) -> str:
    return f"{_DEFINE}: `def f(u) = u^2`, or with a block between `{{` and `}}`" if stumble.first == "def" else _BLOCK


def _loop(stumble: Stumble) -> Remedy | None:
    if stumble.first != "for":
        return None
    if stumble.kind == "COLON" and "TO" in stumble.expected:
        return instead(_RANGE, "TO", 1)
    kind = _DOWN.get(stumble.text, "")
    return instead(_RANGE, kind, len(stumble.text)) if kind in stumble.expected else None


def _beginning(stumble: Stumble) -> Remedy | None:
    """A word that begins a statement elsewhere, and `f(x) = …`."""
    first, kind, rest = stumble.first, stumble.kind, stumble.rest
    if stumble.alone or len(stumble.words) != 1 or (first not in _WORDS and kind != "LPAR"):
        return None
    if _WORDS.get(first) == _ASSIGN and kind == "NAME" and re.match(r"\w+\s*=[^=]", rest):
        return Remedy(_ASSIGN, Repair(from_start=True))
    if _WORDS.get(first) == _DEFINE and kind == "NAME" and re.match(r"\w+\s*\(", rest):
        return Remedy(_DEFINE, Repair((("DEF", "def"),), from_start=True))
    if kind == "LPAR" and re.match(r"\(\s*\w+(\s*,\s*\w+)*\s*\)\s*=[^=]", rest) and not rest[1:].lstrip()[0].isdigit():
        text = f"a function is defined with `def {first}(…) = …`"
        return Remedy(text, Repair((("DEF", "def"), ("NAME", first)), from_start=True))
    return None


def _sizes(stumble: Stumble) -> str:
    """The size of a matrix, as other languages write it."""
    if stumble.kind == "_COMMA" and stumble.bracket == "(" and stumble.words[-3:-1] == ("(", "("):
        return "sizes stand side by side: `zeros(2, 3)`"
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
    return BRACKETS if stumble.kind == "_NEWLINE" else ""


def _colon(stumble: Stumble) -> str:
    if stumble.rest.startswith(":="):
        return _ASSIGN
    if stumble.alone and not stumble.bracket:
        return "a part of an array is `w[1:3]`, and a loop `for k = 1 to 10`"
    if stumble.first == "for":
        return _RANGE
    if stumble.first == "def" and stumble.before == ")":
        return _block(stumble)
    if stumble.bracket == "[" or "(" in stumble.words:
        return ""
    return _BLOCK if stumble.first in ("if", "while", "else", "elif", "def") and not stumble.bracket else ""


def _expression_alone(stumble: Stumble) -> str:
    if stumble.words and stumble.kind == "ELSE":
        return WHERE
    if stumble.kind == "_EQUAL" or (stumble.kind in RESERVED - {"NOT"} and not stumble.words):
        return "this is one expression; statements stand in a program"
    return ""


def _header(stumble: Stumble) -> str:
    """In front of a block."""
    first, text, kind = stumble.first, stumble.text, stumble.kind
    if kind == "ELSE":
        return "`else` stands behind the `}` of an `if`" if not stumble.words else WHERE
    if first == "for" and (text in ("in", "(") or stumble.before in _DOWN or text in _DOWN):
        return _RANGE
    opens = "LBRACE" in stumble.expected and "{" not in stumble.rest
    if first in ("if", "while", "}", "else") and opens and kind in ("NAME", "NUMBER", "RETURN", "OUTPUT"):
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
        return COMMENT
    if kind == "_COMMA" and first == "require":
        return "`and` joins two conditions"
    if first == "output" and len(words) == 2 and kind not in ("NAME", "NUMBER"):
        return f"write `output y = {words[1]}{stumble.rest.rstrip()}`"
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
    return ""


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
    return ""


def _word(stumble: Stumble) -> str:
    if stumble.kind != "NAME":
        return ""
    return _WORDS.get(stumble.before, "") or _WORDS.get(stumble.text, "")


def _comma(stumble: Stumble) -> str:
    """A comma between values."""
    kind = stumble.kind
    if kind == "_COMMA" and (stumble.alone or stumble.bracket == "("):
        return "an array is `[1, 2]`; the decimal point is `.`"
    return ""
