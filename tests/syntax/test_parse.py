from __future__ import annotations

import pytest

from adcli.errors import AdError
from adcli.syntax import nodes
from adcli.syntax.format import format_expression, format_tree
from adcli.syntax.parse import parse, parse_expression, read
from adcli.syntax.source import Source, Span

from .trees import said


def expression(text: str) -> nodes.Expression:
    return parse_expression(Source("t", text))


def bracketed(node: nodes.Expression) -> str:
    """The expression with every application in brackets."""
    if not isinstance(node, nodes.Apply):
        return node.text if isinstance(node, nodes.Number) else node.name
    return f"({' '.join([node.function, *map(bracketed, node.operands)])})"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a + b - c", "(- (+ a b) c)"),
        ("a - (b - c)", "(- a (- b c))"),
        ("a * b / c", "(/ (* a b) c)"),
        ("a + b * c", "(+ a (* b c))"),
        ("-x^2", "(- (^ x 2))"),
        ("(-x)^2", "(^ (- x) 2)"),
        ("2^-1", "(^ 2 (- 1))"),
        ("2^3^2", "(^ 2 (^ 3 2))"),
        ("2**3", "(^ 2 3)"),
        ("a * -b", "(* a (- b))"),
        ("-a * b", "(* (- a) b)"),
        ("--a", "(- (- a))"),
        ("2^-3^2", "(^ 2 (- (^ 3 2)))"),
        ("f(a, b + 1)", "(f a (+ b 1))"),
        ("f()", "(f)"),
        ("((a))", "a"),
        ("1.5e-3 + .5 + 2.", "(+ (+ 1.5e-3 .5) 2.)"),
        ("θ_1 * Ünder", "(* θ_1 Ünder)"),
    ],
)
def test_precedence(text: str, tree: str) -> None:
    assert bracketed(expression(text)) == tree


def test_every_span_is_exact() -> None:
    text = "output L = (a + b) * sin( -x ^ 2 )"
    (statement,) = parse(Source("t", text)).statements
    found = []
    todo: list[object] = [statement]
    while todo:
        node = todo.pop()
        if isinstance(node, tuple) and not isinstance(node, Span):
            todo.extend(node)
            span = getattr(node, "span", None)
            if span is not None:
                found.append(text[slice(*span)])
    assert sorted(found) == sorted(
        [text, "L", "(a + b) * sin( -x ^ 2 )", "(a + b)", "a", "b", "sin( -x ^ 2 )", "-x ^ 2", "x ^ 2", "x", "2"]
    )


def test_inputs() -> None:
    text = "input x = 2 in [0, 4]   # width, in m\ninput y, z = 3; input w in [-1, 1]"
    statements = parse(Source("t", text)).statements
    assert all(isinstance(statement, nodes.Inputs) for statement in statements)
    first, second, third = (statement for statement in statements if isinstance(statement, nodes.Inputs))
    assert first.help == "width, in m"
    assert second.help == ""
    (x,) = first.declarations
    assert said(x.default) == ("Number", "2", None)
    assert x.range is not None
    assert [format_expression(bound) for bound in x.range] == ["0", "4"]
    y, z = second.declarations
    assert (y.default, y.range) == (None, None)
    assert said(z.default) == ("Number", "3", None)
    assert third.declarations[0].default is None


def test_statements_end_at_newlines_and_semicolons() -> None:
    assert len(parse(Source("t", "\n\na = 1;;b = 2 # c = 3\n\n;c = 4;\n")).statements) == 3


def test_newlines_in_brackets_do_not_count() -> None:
    tree = parse(Source("t", "a = (1\n + 2 # a comment\n\n + 3)\nb = f(1,\n2)\ninput x in [0,\n 1]"))
    assert len(tree.statements) == 3


def test_the_leading_comment_describes() -> None:
    assert parse(Source("t", "\n# One.\n#\n#  Two.\n\n# not this\nx = 1")).description == "One.\n\nTwo."
    assert parse(Source("t", "x = 1 # no\n# no")).description == ""


@pytest.mark.parametrize("depth", [5_000])
def test_deep_nesting(depth: int) -> None:
    deep = "(" * depth + "x" + ")" * depth
    assert format_expression(expression(deep)) == "x"
    tower = "-(" * depth + "x" + ")" * depth
    assert format_expression(expression(tower)).startswith("--")
    calls = "f(" * depth + "x" + ")" * depth
    assert format_expression(expression(calls)) == calls


def test_the_canonical_text() -> None:
    text = "# A  program.\ninput  x=2 in[0,4] # help\ny=( x*2 )+(3^(-1))-(a-(b))\noutput y ,x\noutput z=f( x,1 )"
    canonical = (
        "# A  program.\ninput x = 2 in [0, 4]  # help\ny = x * 2 + 3^-1 - (a - b)\noutput y, x\noutput z = f(x, 1)\n"
    )
    assert format_tree(parse(Source("t", text))) == canonical
    assert format_tree(parse(Source("t", canonical))) == canonical


def problems(text: str) -> list[tuple[str, str]]:
    """The code of each problem and the text that its carets are under."""
    return [(problem.code, text[slice(*(problem.span or (0, 0)))]) for problem in read(Source("t", text)).problems]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a = 1 +", [("syntax", "")]),
        ("a = 2x", [("syntax", "x")]),
        ("a = $", [("syntax", "$")]),
        ("3", [("syntax", "3")]),
        ("a b = 3", [("syntax", "b")]),
        ("input = 3", [("syntax", "=")]),
        ("output output", [("syntax", "output")]),
        ("a = (1 + 2", [("unclosed-bracket", "(")]),
        ("a = ((1 + 2)", [("unclosed-bracket", "(")]),
        ("a = 1)", [("unopened-bracket", ")")]),
        ("input x in [0, 1)", [("unopened-bracket", ")")]),
        ("a = f(,)", [("syntax", ",")]),
        ("a = 1 b = 2\nc = * 3\nd = 4\ne = (5\nf = 6", [("syntax", "b"), ("syntax", "*"), ("unclosed-bracket", "(")]),
        ("a = (\n  1 +\nb = 2\nc = )", [("unclosed-bracket", "("), ("unopened-bracket", ")")]),
        ("a = f(1\noutput a\nb = 3 4", [("unclosed-bracket", "("), ("syntax", "4")]),
    ],
)
def test_syntax_errors(text: str, found: list[tuple[str, str]]) -> None:
    assert problems(text) == found


def test_what_can_be_read_is_read() -> None:
    reading = read(Source("t", "a = 1\nb = = 2\nc = 3"))
    assert len(reading.tree.statements) == 2
    assert reading.doubtful == {"b"}


def test_an_expression_is_one() -> None:
    with pytest.raises(AdError):
        expression("1; b = 2")
    with pytest.raises(AdError) as caught:
        expression("1 +")
    assert caught.value.problems[0].span == (3, 3)


def test_the_spans_of_an_expression_are_those_of_its_text() -> None:
    tree = expression("\n sin(x) + (y\n * 2)")
    assert isinstance(tree, nodes.Apply)
    assert [operand.span for operand in tree.operands] == [(2, 8), (11, 19)]
