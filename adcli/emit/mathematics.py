"""Formulas in TeX: expressions of the language, and the texts that join them in tables.

What a function is called in TeX is a fact of its row in the table of primitives. Nothing here recurses over a tree, so
that no nesting is too deep.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

from adcli.emit.letters import LETTERS, escaped
from adcli.emit.lines import AT
from adcli.rules.formulas import as_shown
from adcli.rules.table import primitive_named
from adcli.syntax import nodes
from adcli.syntax.formula import Formula

# How tightly what is written binds, as in the language; a quotient on one line stands apart in a product.
_OR, _AND, _NOT, _COMPARISON, _SUM, _QUOTIENT, _PRODUCT, _POWER, _POSTFIX, _ATOM = range(1, 11)
_LOOSE = {"or": _OR, "and": _AND, **dict.fromkeys(nodes.COMPARISONS, _COMPARISON), "+": _SUM, "-": _SUM}

# A text that is done, or a tree with how tightly it must bind, and whether something stands behind it that would be
# taken for a part of the operand of a function without brackets.
_Part: TypeAlias = "str | tuple[nodes.Expression, int, bool]"

BY_ELEMENTS = "_by_elements"  # the product of two arrays that is none of matrices, as a function in a tree
_TIMES = "\0"  # between two factors: what stands there depends on what they begin and end with
_SHORT = 5  # letters of a name, or digits of a number, in a fraction
_ACCENTS = ("bar_", "dot_")
_GREEK = re.compile(
    r"(alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|upsilon|phi|chi|psi"
    r"|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega)$"
)
_SIGNS = {
    "→": r"\to ", "±": r"\pm ", "×": r"\times ", "·": r"\cdot ", "…": r"\dots ", "*": r"\cdot ", "∂": r"\partial ",
    "%": r"\%", "&": r"\&", "#": r"\#", "$": r"\$", "{": r"\{", "}": r"\}", "^": r"\wedge ", "~": r"\sim ",
    "\\": r"\backslash ", "'": r"^{\top}", "_": r"\_", "<=": r"\le ", ">=": r"\ge ", "!=": r"\ne ",
}  # fmt: skip
_JOINING = {"receives": r"\mathrel{+}=", "comma": r",\allowbreak ", "semicolon": r";\allowbreak\quad "}
_NAME = r"[^\W\d]\w*"
_NUMBER = r"(?:\d+(?:,\d{3})+|\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_TOKEN = re.compile(
    rf"(?P<partial>∂{_NAME}(?:\[[^\]]*\])?/∂(?:{_NAME}(?:\[[^\]]*\])?|{_NUMBER}))|(?P<name>{_NAME}(?:\[[^\]]*\])?)"
    rf"|(?P<number>(?:(?<![^\s\[(])-)?{_NUMBER})|(?P<receives>\+=)|(?P<comma>, ?)|(?P<semicolon>; ?)"
    r"|(?P<space>\s+)|(?P<sign>[<>!]=|.)",
    re.DOTALL,
)
_COMPONENT = re.compile(rf"({_NAME})\[([^\]]*)\]$")


def formula_tex(text: str) -> str:
    """What stands between two `$`: of a formula its trees, and the texts between them; of a plain text its words."""
    parts = text.parts if isinstance(text, Formula) else (text,)
    return "".join(_joined(part, names=False) if isinstance(part, str) else expression_tex(part) for part in parts)


def names_tex(text: str) -> str:
    """The same of names, such as `w[2]`, `x, y` and `∂/∂x`."""
    return _joined(text, names=True)


def number_tex(text: str) -> str:
    """`8 \\times 10^{-13}`: a number as it stands in a table."""
    if text.startswith("-"):
        text, sign = text[1:], "{-}"
    else:
        sign = ""
    if "^" in text:
        base, _, exponent = text.partition("^")
        return f"{sign}{base}^{{{exponent}}}"
    mantissa, _, exponent = text.lower().partition("e")
    digits = sign + mantissa.replace(",", "{,}")
    if not exponent:
        return digits
    power = rf"10^{{{int(exponent)}}}"
    return sign + power if mantissa == "1" else rf"{digits}\times {power}"


def name_tex(name: str) -> str:
    """`\\bar{a}_{2}`: a name, with the accents of adjoints and tangents, and the number of a version below."""
    accents = ""
    while name.startswith(_ACCENTS) and len(name) > len(_ACCENTS[0]):
        accents, name = f"{accents}\\{name[:3]}{{", name[4:]
    closing = "}" * accents.count("{")
    stem, below = _stem_and_index(name)
    return f"{accents}{_letters(stem)}{closing}" + (f"_{{{_letters(below)}}}" if below else "")


def _stem_and_index(name: str) -> tuple[str, str]:
    """`a_2` and `x1` with what stands below the line apart; of longer names with more parts nothing does."""
    stem, _, below = name.rpartition("_")
    if not (stem and "_" not in stem and below and (below.isdigit() or len(below) == 1)):
        stem, below = name, ""
    match = re.fullmatch(r"(.*[^\d_])(\d+)", stem)
    if match and (len(match[1]) == 1 or _GREEK.match(match[1])):
        return match[1], f"{match[2]},{below}".rstrip(",")
    return stem, below


def _letters(name: str) -> str:
    if _GREEK.match(name):
        return f"\\{name}" if name != "epsilon" else r"\varepsilon"
    if re.fullmatch(r"[A-Za-z]|[\d,]+", name):
        return name
    if name in LETTERS:
        return LETTERS[name]
    return rf"\mathit{{{escaped(name)}}}" if name.isascii() else rf"\text{{\itshape {escaped(name)}}}"


def _joined(text: str, names: bool) -> str:
    """A text that joins trees, or stands alone."""
    pieces = []
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup, match.group()
        if kind == "partial":
            above, below = token.split("/∂")
            pieces.append(rf"\frac{{\partial {component_tex(above[1:])}}}{{\partial {component_tex(below)}}}")
        elif kind == "name":
            word = {"inf": r"\infty ", "nan": r"\mathrm{nan}"}.get(token)
            pieces.append(word or (component_tex(token) if names else rf"\text{{{escaped(token)}}}"))
        elif kind == "number":
            pieces.append(number_tex(token))
        elif kind == "space":
            pieces.append("" if names else r"\ " if _is_between_words(text, match) else "")
        else:
            pieces.append(
                {"receives": r"\mathrel{+}=", "comma": r",\allowbreak ", "semicolon": r";\allowbreak\quad "}.get(
                    kind or ""
                )
                or _sign(token)
            )
    return "".join(pieces)


def _is_between_words(text: str, match: re.Match[str]) -> bool:
    """Whether a space stands behind a word, and before a word or a tree: mathematics has spaces of its own."""
    before, behind = text[: match.start()][-1:], text[match.end() :][:1]
    if before.isalpha():
        return not behind or behind.isalnum() or behind == "-"
    return before.isdigit() and behind.isalpha()


def _sign(token: str) -> str:
    return _SIGNS.get(token) or (token if token.isascii() else escaped(token))


def component_tex(label: str) -> str:
    """A name, or a component of an array: `w_{2}`."""
    match = _COMPONENT.match(label)
    if match is None:
        return name_tex(label) if label[:1].isalpha() or label[:1] == "_" else number_tex(label)
    return _with_index(name_tex(match[1]), _joined(match[2], names=True))


def _with_index(array: str, index: str) -> str:
    """An index below a name, or in brackets behind what has one already."""
    return f"{array}[{index}]" if array.endswith("}") and "_{" in array else f"{array}_{{{index}}}"


# Trees


def expression_tex(expression: nodes.Expression) -> str:
    """The TeX of an expression or a condition."""
    pieces: list[str] = []
    todo: list[_Part] = [(expression, 0, False)]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            pieces.append(item)
            continue
        node, least, closed = item
        if isinstance(node, nodes.Apply):
            node = as_shown(node)
        if isinstance(node, nodes.Number):
            text = number_tex(node.text)
            pieces += ["(", text, ")"] if least > _POWER and "^" in text else [text]
        elif isinstance(node, nodes.Name):
            pieces.append(name_tex(node.name) if node.name[:1].isalpha() or "_" in node.name else _sign(node.name))
        else:
            binding, parts = _comprehension(node) if isinstance(node, nodes.Comprehension) else _parts(node, closed)
            if binding < least:
                _, parts = (binding, parts) if isinstance(node, nodes.Comprehension) else _parts(node, False)
                parts = ["(", *parts, ")"]
            todo.extend(reversed(parts))
    return _multiplied(pieces)


def _multiplied(pieces: list[str]) -> str:
    """The pieces, with a sign between two factors only where they would run into each other."""
    result = []
    for place, piece in enumerate(pieces):
        if piece != _TIMES:
            result.append(piece)
            continue
        before, behind = pieces[place - 1], pieces[place + 1]
        if behind[:1].isdigit():
            result.append(r" \cdot ")
        elif _is_letter(before) and (_is_letter(behind) or behind.endswith(" ")):
            result.append(" ")
        else:
            result.append(r"\,")
    return "".join(result)


def _is_letter(piece: str) -> bool:
    """Whether a factor is a number or one letter, which stands beside another without a space between."""
    return re.fullmatch(r"[\d.]+|(\\(bar|dot)\{)*(\w|\\[A-Za-z]+)\}*(_\{[\d,]+\})?", piece) is not None


def _comprehension(node: nodes.Comprehension) -> tuple[int, list[_Part]]:
    """A comprehension with its indices below and above: the sum over i from 0 to n - 1."""
    sign = "" if node.function == "[]" else _command(node.function, 1) or _upright(node.function)
    parts: list[_Part] = []
    for clause in node.clauses:
        if isinstance(clause, nodes.Index):
            below: list[_Part] = [f"_{{{name_tex(clause.variable.name)}=", (clause.first, 0, True), "}^{"]
            parts += [sign, *below, (clause.last, 0, True), "}"]
        else:
            parts += [r"_{", (clause, 0, True), "}"]
    if node.function == "[]":
        return _SUM, ["(", (node.body, 0, True), ")", *parts]
    return _SUM, [*parts, " ", (node.body, _PRODUCT, False)]


def _parts(node: nodes.Apply, closed: bool) -> tuple[int, list[_Part]]:
    """How tightly an application binds, and its parts: texts, and operands with the least that they must bind."""
    function, operands = node.function, node.operands
    if len(operands) == 2 and function != AT:
        left, right = operands
        if function in _LOOSE:
            return _loose(function, left, right)
        if function == BY_ELEMENTS:
            return _PRODUCT, [(left, _first(left), True), r" \odot ", (right, _POWER, closed)]
        if function in ("*", "@"):
            return _PRODUCT, [(left, _first(left), True), _TIMES, (right, _POWER, closed)]
        if function == "/":
            if _is_short(left) and _is_short(right):
                return _ATOM - 1, [r"\frac{", (left, 0, False), "}{", (right, 0, False), "}"]
            return _QUOTIENT, [(left, _first(left), True), " / ", (right, _POWER, True)]
        if function == "^":
            return _power(left, right, closed)
    if function == "-":
        return _SUM, ["-", (operands[0], _QUOTIENT, closed)]
    if function == "not":
        return _NOT, [_command(function, 1), " ", (operands[0], _NOT, closed)]
    if function[0] == "[":
        return _brackets(function, operands)
    if function == AT:
        return _ATOM, [(operands[0], _ATOM, True), "^{(", (operands[1], 0, False), ")}"]
    return _call(function, operands, closed)


def _loose(function: str, left: nodes.Expression, right: nodes.Expression) -> tuple[int, list[_Part]]:
    """Sums, comparisons, and what joins them."""
    binding = _LOOSE[function]
    sign = function if function in "+-<>" else "=" if function == "==" else _command(function, 2)
    first = _SUM if binding == _COMPARISON else binding
    second = _ATOM + 1 if binding == _SUM and _begins_with_minus(right) else binding + 1
    return binding, [(left, first, False), f" {sign} ", (right, second, False)]


def _first(factor: nodes.Expression) -> int:
    """How tightly the first factor must bind: a minus goes with the whole product."""
    return 0 if isinstance(factor, nodes.Apply) and _is_minus(factor) else _PRODUCT


def _is_minus(node: nodes.Apply) -> bool:
    return node.function == "-" and len(node.operands) == 1


def _begins_with_minus(node: nodes.Expression) -> bool:
    while isinstance(node, nodes.Apply) and node.function in ("*", "@", "/") and len(node.operands) == 2:
        node = node.operands[0]
    return isinstance(node, nodes.Apply) and _is_minus(node)


def _power(base: nodes.Expression, exponent: nodes.Expression, closed: bool) -> tuple[int, list[_Part]]:
    """`x^{2}`, and `\\cos^{2} x`."""
    above: list[_Part] = ["^{", (exponent, 0, False), "}"]
    if isinstance(base, nodes.Apply) and isinstance(exponent, nodes.Number) and exponent.text.isdigit():
        command = _command(base.function, 1) if _is_ours(base) else "#"
        if "#" not in command and "_" not in command and command not in _BIG:
            return _POWER, _applied(f"{command}^{{{exponent.text}}}", base.operands[0], closed)
    return _POWER, [(base, _ATOM + _is_raised(base), True), *above]


def _brackets(function: str, operands: Sequence[nodes.Expression]) -> tuple[int, list[_Part]]:
    """`[a, b]`, `w_{2}`, `X[1:, j]`, and `w_{2} = x` of a new element."""
    if function == "[]":
        return _ATOM, ["[", *_listed(operands), "]"]
    new = operands[1] if function.endswith("=") else None
    array, *subscripts = operands if new is None else (operands[0], *operands[2:])
    pattern = function[1:-1] if new is None else function[1:-2]
    below = isinstance(array, nodes.Name) and "_{" not in name_tex(array.name)
    rest = iter(subscripts)
    index: list[_Part] = []
    for letter in pattern:
        texts = {",": r",\,", ":": "{:}"}
        index.append((next(rest), 0, False) if letter == "." else texts.get(letter, letter))
    opening, ending = ("_{", "}") if below else ("[", "]")
    parts: list[_Part] = [(array, _ATOM, True), opening, *index, ending]
    return (_ATOM, parts) if new is None else (0, [*parts, " = ", (new, 0, False)])


def _call(function: str, operands: Sequence[nodes.Expression], closed: bool) -> tuple[int, list[_Part]]:
    """A function, as its row says: a command in front of the operands, or a pattern around them."""
    name, axis = nodes.function_and_axis(function)
    name, text = nodes.function_and_text(name)
    if text is not None:
        return _ATOM, [f"{_upright(name)}_{{{_subscripts(text)}}}(", *_listed(operands), ")"]
    command = _command(name, len(operands))
    if command in _BIG and len(operands) == 1:  # as a sum over an index, it goes over all that is multiplied
        return _SUM, [_along(command, axis), " ", (operands[0], _PRODUCT, False)]
    if "#" in command:
        return _filled(command, operands) if axis is None else _called(_along(_upright(name), axis), operands)
    if len(operands) > 1:
        return _called(_along(command, axis), operands)
    closed = closed or (axis is None and primitive_named(function, 1) is None)
    return _ATOM, _applied(_along(command, axis), operands[0], closed)


def _called(command: str, operands: Sequence[nodes.Expression]) -> tuple[int, list[_Part]]:
    return _ATOM, [command, "(", *_listed(operands), ")"]


_BIG = (r"\sum", r"\prod")


def _along(command: str, axis: int | None) -> str:
    """What goes along an axis, with the index that it goes over below: i counts rows, and j columns."""
    return command if axis is None else f"{command}_{{{'ij'[axis]}}}" if axis in (0, 1) else f"{command}_{{({axis})}}"


def _filled(pattern: str, operands: Sequence[nodes.Expression]) -> tuple[int, list[_Part]]:
    """A pattern with its operands: `#1` is the first, `#;` are all, and `#*` sizes, which are those without a place."""
    pieces = re.split(r"#([\d;*])", pattern)
    postfix = pattern.startswith("#1")
    placed = {int(piece) - 1 for piece in pieces[1::2] if piece.isdigit()}
    parts: list[_Part] = []
    for place, piece in enumerate(pieces):
        if place % 2 == 0:
            parts += [piece] if piece else []
        elif piece == ";":
            parts += _listed(operands, r";\allowbreak\, ")
        elif piece == "*":
            parts += _listed([size for other, size in enumerate(operands) if other not in placed], r" \times ")
        else:
            operand = operands[int(piece) - 1]
            raised = pieces[place + 1].startswith("^") and _is_raised(operand)
            parts.append((operand, _ATOM + raised if postfix else 0, postfix))
    return _POSTFIX if postfix else _ATOM, parts


def _is_raised(node: nodes.Expression) -> bool:
    """Whether something stands above a node already, beside which nothing else can."""
    return isinstance(node, nodes.Apply) and (node.function in ("'", AT) or _is_pattern(node, "}"))


def _subscripts(text: str) -> str:
    """`ij,jk->ik` as letters below."""
    return escaped(text).replace(",", r",\, ").replace(escaped("->"), r"\to ")


def _applied(command: str, operand: nodes.Expression, closed: bool) -> list[_Part]:
    """A function of one operand: without brackets if that is a name or a number and nothing stands behind it."""
    if not closed and (isinstance(operand, (nodes.Name, nodes.Number)) or operand.function in ("'", AT)):
        return [f"{command} ", (operand, _POSTFIX, False)]
    return [f"{command}(", (operand, 0, False), ")"]


def _listed(operands: Sequence[nodes.Expression], between: str = r",\allowbreak\, ") -> list[_Part]:
    parts: list[_Part] = []
    for operand in operands:
        parts += [between, (operand, 0, False)]
    return parts[1:]


def _is_ours(node: nodes.Apply) -> bool:
    """Whether a function of one operand is in the table of primitives, and not the program's own."""
    is_call = node.function.isidentifier() and len(node.operands) == 1
    return is_call and primitive_named(node.function, 1) is not None


def _command(function: str, count: int) -> str:
    """What the row of a function says of its TeX; a function of the program has its own name."""
    primitive = primitive_named(function, count)
    return name_tex(function) if primitive is None else primitive.tex or _upright(primitive.name)


def _upright(name: str) -> str:
    return rf"\operatorname{{{escaped(name)}}}"


def _is_pattern(node: nodes.Apply, ending: str) -> bool:
    command = _command(node.function, len(node.operands)) if node.function[0] != "[" else ""
    return command.startswith("#1") and command.endswith(ending)


def _is_short(node: nodes.Expression) -> bool:
    """Whether it is good to read in the small type of a fraction on a line: a leaf, or one operation on leaves."""
    if not isinstance(node, nodes.Apply):
        return _is_small(node)
    if len(node.operands) > 2 or node.function[0] == "[" or node.function == "/":
        return False
    return all(map(_is_small, node.operands))


def _is_small(leaf: nodes.Expression) -> bool:
    if not isinstance(leaf, (nodes.Number, nodes.Name)):
        return False
    return len(leaf.text if isinstance(leaf, nodes.Number) else leaf.name) <= _SHORT
