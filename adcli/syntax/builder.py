"""Tokens → nodes: what the parsers call as they reduce a rule of `ad.lark`."""

from __future__ import annotations

from typing import Any, TypeAlias, cast

from adcli.records import NamedTuple
from adcli.syntax import nodes
from adcli.syntax.source import Span


class Token(NamedTuple):
    """A token: the name of its terminal, its text, and its place."""

    type: str
    text: str
    start: int
    end: int


Children: TypeAlias = list[Token]


class _Subscripts(NamedTuple):
    """Subscripts as `.:,.`, with the operands that the points stand for."""

    pattern: str
    operands: tuple[nodes.Expression, ...]


class _Place(NamedTuple):
    """A target of several values that is a part of an array; its own kind, as values are expressions too."""

    target: nodes.Apply


_Parameter: TypeAlias = tuple[nodes.Name, "nodes.Expression | None"]


class TreeBuilder:
    """Builds the node of each rule of `ad.lark`, as the parser reduces it; a method is named like its rule."""

    def number(self, children: Children) -> nodes.Number:
        """`2`, `1e-3`."""
        ((_, text, start, end),) = children
        return _new(nodes.Number, (text, _new(Span, (start, end))))

    def name(self, children: Children) -> nodes.Name:
        """A name: of an input, an assigned value or a constant."""
        ((_, text, start, end),) = children
        return _new(nodes.Name, (text if text.isascii() else _composed(text), _new(Span, (start, end))))

    def negative(self, children: tuple[Token, nodes.Expression]) -> nodes.Apply:
        """`-x`, `not x > 0`."""
        sign, operand = children
        return nodes.Apply(sign.text, (operand,), Span(sign.start, operand.span.end))

    def binary(self, children: tuple[nodes.Expression, Token, nodes.Expression]) -> nodes.Apply:
        """`x + y`, `x < y` and the like; `**` is another spelling of `^`."""
        left, operator, right = children
        symbol = "^" if operator.text == "**" else operator.text
        return _new(nodes.Apply, (symbol, (left, right), _new(Span, (left.span[0], right.span[1]))))

    def chosen(self, children: list[Any]) -> nodes.Apply:
        """`a if x > 0 else b`: another spelling of `where(x > 0, a, b)`."""
        value, _, condition, _, other = children
        return nodes.Apply("where", (condition, value, other), Span(value.span.start, other.span.end))

    def compared(self, children: list[Any]) -> nodes.Apply:
        """`x < y`, and `x < y < z`, which are two comparisons joined by `and`, with the same node between them."""
        result = None
        for place in range(0, len(children) - 2, 2):
            left, comparison, right = children[place : place + 3]
            pair = nodes.Apply(comparison.text, (left, right), Span(left.span.start, right.span.end))
            whole = Span(children[0].span.start, right.span.end)
            result = pair if result is None else nodes.Apply("and", (result, pair), whole)
        assert result is not None
        return result

    def arguments(self, children: list[nodes.Expression | Token]) -> tuple[tuple[nodes.Expression, ...], str]:
        """The operands of a call, and what stands in the name of its function: an axis or a text."""
        operands: list[nodes.Expression] = []
        suffix = ""
        for child in children:
            axis = "" if isinstance(child, Token) else nodes.axis_of(child)
            if isinstance(child, Token):
                suffix += f" {child.text[1:-1]}"
            elif axis:
                suffix += axis
            else:
                operands.append(child)
        return tuple(operands), suffix

    def named(self, children: tuple[Token, nodes.Expression]) -> nodes.Apply:
        """`v = 1`, among the operands of a call."""
        name, value = children
        return nodes.Apply(f"{_composed(name.text)}=", (value,), Span(name.start, value.span.end))

    def text(self, children: Children) -> Token:
        """`"ij,jk->ik"`, among the operands of a call."""
        return children[0]

    def call(
        self,
        children: tuple[Token, Token, tuple[tuple[nodes.Expression, ...], str] | None, Token],
    ) -> nodes.Apply:
        """`sin(x)`, `sum(A, axis = 0)`, `f(x, k = 2)`."""
        function, _, arguments, closing = children
        operands, suffix = arguments or ((), "")
        return nodes.Apply(_composed(function.text) + suffix, operands, Span(function.start, closing.end))

    def gathered(self, children: list[Any]) -> nodes.Comprehension:
        """`sum(x[i]^2 for i = 0 to n - 1)`."""
        function, _, body, clauses, closing = children
        return nodes.Comprehension(
            _composed(function.text), body, clauses, Span(function.start, closing.end)
        )  # fmt: skip

    def listed(self, children: list[Any]) -> nodes.Comprehension:
        """`[i^2 for i = 1 to 9]`."""
        opening, body, clauses, closing = children
        return nodes.Comprehension("[]", body, clauses, Span(opening.start, closing.end))

    def clauses(self, children: list[nodes.Index | nodes.Expression]) -> tuple[nodes.Index | nodes.Expression, ...]:
        """The indices of a comprehension, and the conditions between them."""
        return tuple(children)

    def index(self, children: list[Any]) -> nodes.Index:
        """`for i = 0 to n - 1`."""
        keyword, variable, first, _, last, _, step = children
        span = Span(keyword.start, (step or last).span.end)
        return nodes.Index(self.name([variable]), first, last, step, span)

    def filter(self, children: tuple[Token, nodes.Expression]) -> nodes.Expression:
        """`if i != j`, in a comprehension."""
        return children[1]

    def array(self, children: list[Any]) -> nodes.Apply:
        """`[1, 2, 3]`."""
        opening, *elements, closing = children
        return nodes.Apply("[]", tuple(elements), Span(opening.start, closing.end))

    def transposed(self, children: tuple[nodes.Expression, Token]) -> nodes.Apply:
        """`A'`."""
        operand, quote = children
        return nodes.Apply("'", (operand,), Span(operand.span.start, quote.end))

    def slice(self, children: tuple[nodes.Expression | None, ...]) -> _Subscripts:
        """`1:`, `:-1`, `::2`."""
        start, _, stop, second_colon, step = children
        pattern = f"{'' if start is None else '.'}:{'' if stop is None else '.'}"
        if step is not None:
            pattern += ":."
        assert second_colon is None or isinstance(second_colon, Token)
        return _Subscripts(pattern, tuple(bound for bound in (start, stop, step) if bound is not None))

    def subscripts(self, children: list[Any]) -> _Subscripts:
        """What stands between `[` and `]` behind an array."""
        parts = [child if isinstance(child, _Subscripts) else _Subscripts(".", (child,)) for child in children]
        pattern = ",".join(part.pattern for part in parts)
        return _Subscripts(pattern, tuple(operand for part in parts for operand in part.operands))

    def indexed(self, children: tuple[nodes.Expression, Token, _Subscripts, Token]) -> nodes.Apply:
        """`w[2]`, `X[1:, j]`."""
        array, _, (pattern, operands), closing = children
        return nodes.Apply(f"[{pattern}]", (array, *operands), Span(array.span.start, closing.end))

    def update(self, children: tuple[Token, Token, _Subscripts, Token, nodes.Expression]) -> nodes.Assignment:
        """`w[2] = x`: the name is bound to a new version of the array."""
        token, _, (pattern, operands), _, value = children
        target = self.name([token])
        span = Span(target.span.start, value.span.end)
        return nodes.Assignment(target, nodes.Apply(f"[{pattern}]=", (target, value, *operands), span), span)

    def augmented(self, children: tuple[Token, Token, nodes.Expression]) -> nodes.Assignment:
        """`a += x`."""
        token, operator, value = children
        target = self.name([token])
        span = Span(target.span.start, value.span.end)
        return nodes.Assignment(
            target, nodes.Apply(operator.text[:-1], (target, value), span), span, operator.text[:-1]
        )

    def augmented_update(self, children: list[Any]) -> nodes.Assignment:
        """`w[2] += x`."""
        token, opening, subscripts, closing, operator, value = children
        part = self.indexed((self.name([token]), opening, subscripts, closing))
        whole = nodes.Apply(operator.text[:-1], (part, value), Span(part.span.start, value.span.end))
        return self.update((token, opening, subscripts, closing, whole))._replace(operator=operator.text[:-1])

    def unpacking(self, children: list[Any]) -> nodes.Unpacking:
        """`a, b = b, a`, `Q, R = qr(A)`."""
        opening = children[0] if isinstance(children[0], Token) and children[0].type == "LPAR" else None
        targets = tuple(
            self.name([child]) if isinstance(child, Token) else child.target
            for child in children
            if isinstance(child, _Place) or (isinstance(child, Token) and child.type not in ("LPAR", "RPAR"))
        )
        values, end = _values([child for child in children if not isinstance(child, _Place)])
        start = targets[0].span.start if opening is None else opening.start
        return nodes.Unpacking(targets, values, Span(start, end))

    def place(self, children: tuple[Token, Token, _Subscripts, Token]) -> _Place:
        """`w[2]`, among the targets of several values."""
        token, opening, subscripts, closing = children
        return _Place(self.indexed((self.name([token]), opening, subscripts, closing)))

    def where(
        self,
        children: tuple[Token, Token, nodes.Expression, nodes.Expression, nodes.Expression, Token],
    ) -> nodes.Apply:
        """`where(x > 0, a, b)`."""
        keyword, _, *operands, closing = cast("list[Any]", children)
        return nodes.Apply("where", tuple(operands), Span(keyword.start, closing.end))

    def parenthesised(self, children: tuple[Token, nodes.Expression, Token]) -> nodes.Expression:
        """`(x + y)`: the expression itself, whose span takes the brackets in."""
        opening, inside, closing = children
        span = Span(opening.start, closing.end)
        return inside._replace(span=span)

    def input(
        self,
        children: tuple[
            Token,
            tuple[tuple[nodes.Number | nodes.Name, ...], int] | None,
            nodes.Expression | None,
            Token | None,
            Token | None,
            nodes.Expression | None,
            nodes.Expression | None,
            Token | None,
        ],
    ) -> nodes.Input:
        """`x = 2 in [0, 4]`, `w[3] = [1, 2, 3]`: one declaration of an `input` statement."""
        token, brackets, default, _, _, low, high, closing = children
        name = self.name([token])
        shape, end = brackets or ((), name.span.end)
        if low is not None and high is not None and closing is not None:
            return nodes.Input(name, default, (low, high), Span(name.span.start, closing.end), shape)
        span = Span(name.span.start, end if default is None else default.span.end)
        return nodes.Input(name, default, None, span, shape)

    def shape(self, children: Children) -> tuple[tuple[nodes.Number | nodes.Name, ...], int]:
        """`[n, 2]`, with where it ends."""
        _, *sizes, closing = children
        parts = tuple([self.number([size]) if size.type == "NUMBER" else self.name([size]) for size in sizes])
        return parts, closing.end

    def inputs(self, children: list[Any]) -> nodes.Inputs:
        """An `input` statement; its comment, the help text, is put in by `parse`, which has the text."""
        keyword, *declarations = children
        span = Span(keyword.start, declarations[-1].span.end)
        return nodes.Inputs(tuple(declarations), "", span)

    def assignment(self, children: tuple[Token, nodes.Expression]) -> nodes.Assignment:
        """`a = x * y`."""
        target, value = children
        return nodes.Assignment(self.name([target]), value, Span(target.start, value.span.end))

    def output(self, children: list[Any]) -> nodes.Output:
        """`output u, v`, `output u = a, v = b`."""
        keyword, *parts = children
        end = (parts[-1][1] or parts[-1][0]).span.end
        names, values = zip(*parts, strict=True)
        return nodes.Output(names, values, Span(keyword.start, end))

    def output_part(
        self, children: tuple[Token, nodes.Expression | None]
    ) -> tuple[nodes.Name, nodes.Expression | None]:
        """`u`, or `u = a`, of an `output`."""
        return self.name([children[0]]), children[1]

    def state(self, children: tuple[Token, Token, nodes.Expression]) -> nodes.State:
        """`state c = 0`."""
        keyword, target, value = children
        return nodes.State(self.name([target]), value, Span(keyword.start, value.span.end))

    def block(self, children: list[Any]) -> nodes.Block:
        """`{ … }`."""
        opening, *statements, closing = children
        return nodes.Block(tuple(statements), Span(opening.start, closing.end))

    def parameters(self, children: list[_Parameter]) -> tuple[_Parameter, ...]:
        """The parameters of a function."""
        return tuple(children)

    def parameter(self, children: tuple[Token, nodes.Expression | None]) -> _Parameter:
        """`u`, or `v = 1`, of a function."""
        return self.name([children[0]]), children[1]

    def definition(
        self,
        children: tuple[
            Token, Token, Token, tuple[_Parameter, ...] | None, Token,
            nodes.Expression | nodes.Block,
        ],
    ) -> nodes.Definition:  # fmt: skip
        """`def f(x) = x^2`, `def f(x, k = 2) { return x^k }`."""
        keyword, name, _, parameters, _, body = children
        names, defaults = zip(*parameters, strict=True) if parameters else ((), ())
        return nodes.Definition(self.name([name]), names, body, Span(keyword.start, body.span.end), defaults)

    def rule(self, children: list[Any]) -> nodes.Definition:
        """`rule f(a) = sin(a) with derivative cos(a)`."""
        *definition, _, _ = children[:8]
        partials = children[8:]
        function = self.definition(cast("Any", definition))
        span = Span(function.span.start, partials[-1].span.end)
        return function._replace(span=span, partials=tuple(partials))

    def return_value(self, children: list[Any]) -> nodes.Return:
        """`return x`, `return a, b`."""
        values, end = _values(children)
        return nodes.Return(values, Span(children[0].start, end))

    def use(self, children: Children) -> nodes.Use:
        """`use "file.ad"`."""
        keyword, path = children
        return nodes.Use((), path.text[1:-1], _span(path), Span(keyword.start, path.end))

    def use_some(self, children: Children) -> nodes.Use:
        """`use f, g from "file.ad"`."""
        keyword, *names, _, path = children
        span = Span(keyword.start, path.end)
        return nodes.Use(tuple(self.name([name]) for name in names), path.text[1:-1], _span(path), span)

    def break_loop(self, children: Children) -> nodes.Break:
        """`break`."""
        return nodes.Break(_span(children[0]))

    def continue_loop(self, children: Children) -> nodes.Continue:
        """`continue`."""
        return nodes.Continue(_span(children[0]))

    def conditional(self, children: list[Any]) -> nodes.Conditional:
        """`if … else if … else …`."""
        *parts, _, otherwise = children  # `if`, condition, block; then `else`, `if`, condition, block; …
        branches = []
        for index in range(0, len(parts), 4):
            keyword, condition, body = parts[index : index + 3]
            branches.append(nodes.Branch(condition, body, Span(keyword.start, condition.span.end)))
        end = (otherwise or branches[-1].body).span.end
        return nodes.Conditional(tuple(branches), otherwise, Span(branches[0].span.start, end))

    def for_loop(self, children: list[Any]) -> nodes.ForLoop:
        """`for k = 1 to n step 2 { … }`, `for k = 1 to n checkpoint 20 { … }`."""
        keyword, variable, first, _, last, _, step, _, checkpoint, body = children
        start = keyword.start
        header, span = Span(start, (checkpoint or step or last).span.end), Span(start, body.span.end)
        return nodes.ForLoop(self.name([variable]), first, last, step, body, header, span, checkpoint)

    def while_loop(self, children: tuple[Token, nodes.Expression, nodes.Block]) -> nodes.WhileLoop:
        """`while x > 1 { … }`."""
        keyword, condition, body = children
        start = keyword.start
        return nodes.WhileLoop(condition, body, Span(start, condition.span.end), Span(start, body.span.end))

    def require(self, children: tuple[Token, nodes.Expression]) -> nodes.Require:
        """`require x > 0`."""
        keyword, condition = children
        return nodes.Require(condition, Span(keyword.start, condition.span.end))

    def root(self, children: list[Any]) -> nodes.Solve:
        """`solve x from 1 in x^2 == a`."""
        keyword, *rest = children
        kinds = [child.type if isinstance(child, Token) else "" for child in rest]
        start = kinds.index("", 1) - 1  # of the soft words behind the keyword, `from` is the last one
        end = kinds.index("IN", start)
        starts, equations = tuple(rest[start + 1 : end]), tuple(rest[end + 1 :])
        unknowns = tuple([self.name([token]) for token in rest[:start]])
        return nodes.Solve(unknowns, starts, equations, Span(keyword.start, equations[-1].span.end))

    def claim(self, children: list[Any]) -> nodes.Claim:
        """`claim dL/dx = y`, or `claim dL/dx = 5.88 ± 0.01`."""
        keyword, output, _, variable, value, error = children
        error = error and self.number([error])
        return nodes.Claim(output, variable, value, Span(keyword.start, (error or value).span.end), error)

    def claimed(self, children: list[Any]) -> nodes.Expression:
        """`dL`, or `dv[1]`, of a claim."""
        return (
            self.name(children[:1])
            if children[1] is None
            else self.indexed((self.name(children[:1]), children[1], children[2], children[3]))
        )

    def expression_alone(self, children: list[nodes.Expression]) -> nodes.Expression:
        """A text that is one expression."""
        return children[0]

    def program(self, children: list[nodes.Statement]) -> list[nodes.Statement]:
        """The statements of a program."""
        return children


def _values(children: list[Any]) -> tuple[tuple[nodes.Expression, ...], int]:
    """The values of a statement, which brackets may stand around, and where they end."""
    values = tuple(child for child in children if not isinstance(child, Token))
    last = children[-1]
    return values, last.end if isinstance(last, Token) else last.span.end


def _composed(name: str) -> str:
    """A name as one text, however its accents are written: `é` may be one character or two."""
    if name.isascii():
        return name
    import unicodedata

    return unicodedata.normalize("NFC", name)


def _span(token: Token) -> Span:
    return _new(Span, (token.start, token.end))


_new = tuple.__new__  # a record at once: a long text has ten of them for each line
