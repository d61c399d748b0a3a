"""Random programs with vectors and matrices: shapes fit by construction, and values are smooth and bounded."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

Shape = tuple[int, ...]
NUMBER: Shape = ()
INPUTS: dict[str, Shape] = {"x": (3,), "A": (2, 3), "y": ()}
SHAPES: tuple[Shape, ...] = ((), (2,), (3,), (2, 3), (3, 2), (2, 2), (3, 3), (3, 1), (1, 3))

_UNARY = (
    "sin({})", "cos({})", "tanh({})", "-{}", "{}^2", "sqrt(3 + cos({}))", "1 / (2 + {}^2)", "exp(sin({}))", "{}^3",
    "asinh({})",
    "sigmoid({})", "softplus({})", "erf({})", "log1p({}^2)", "lgamma(3 + tanh({}))", "atan2({}, 2)",
    "hypot({}, 1)", "g({})",
)  # fmt: skip
_BINARY = (
    "{} + {}", "{} - {}", "{} * {}", "{} / (2 + cos({}))", "(2 + sin({}))^{}", "f({}, {})",
    "where({} > 0.31371, {a}, {b})", "where({} < 0.2172 or not {} > -0.4171, sqrt(2 + sin({a})), {b})",
    "where(-0.4171 < {} < 0.31371, {a}, {b})", "where({} > 0.1371, ({} < 0.5137) * {a}, {b})",
    "where({} > 0.1173, log(abs({}) + 0.5) * {a}, where({b} < 0.2371, {a}, {b}^2))",
)  # fmt: skip
_REGULAR = "[[4, 0, 0], [0, 4, 0], [1, 0, 4]]"
_APART = "[7, 0, 3.5]"  # with the sine of anything added no two are equal
_BOUNDS = "-0.4173, 0.3139"
_KNOTS = "[-1.3137, 0.2371, 0.9173], [1, 3, -2]"
_FUNCTIONS = """\
state c = 0.5
def f(u, v) {
    w = sin(u) * v
    c = atan(c + sum([mean(concat(reshape(w, -1), [1]))]) / 4)
    return w - c * cos(v)
}
def g(u) = sin(u * c) + x[1] * u
def total(v, k) {
    if k >= length(v) {
        return y
    }
    return sin(v[k]) + total(v, k + 1) * 0.5
}"""


class ArrayProgram(NamedTuple):
    text: str
    point: dict[str, Any]


class _Writer:
    """Writes the statements of one program; `names` has the shape of each name that has a value."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.names: dict[str, Shape] = dict(INPUTS)
        self.lines: list[str] = []
        self.count = 0

    def one_of(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def below(self, size: int) -> int:
        return self.draw(st.integers(0, size - 1))

    def expression(self, shape: Shape, depth: int) -> str:
        """An expression of a shape; its text can stand as an operand anywhere."""
        known = [name for name, own in self.names.items() if own == shape]
        if depth <= 0:
            return self.one_of(*known) if known else self.simple(shape)
        kind = self.below(8)
        if kind == 0 and known:
            return self.one_of(*known)
        if kind <= 2:
            return f"({self.one_of(*_UNARY).format(self.expression(shape, depth - 1))})"
        if kind <= 5:
            return f"({self.binary(shape, depth - 1)})"
        return self.structured(shape, depth - 1)

    def simple(self, shape: Shape) -> str:
        """Something of a shape from what there always is: the inputs."""
        if not shape:
            return self.one_of("y", "0.75", "x[0]", "A[1, 2]", "x[-1]")
        if len(shape) == 1:
            return self.one_of(f"x[:{shape[0]}]", f"A[0, :{shape[0]}]", f"({shape[0]} - ones({shape[0]}) * y)")
        rows, columns = shape
        return self.one_of(
            f"outer(x[:{rows}], A[0, :{columns}])",
            f"[{', '.join([f'x[:{columns}]'] * rows)}]",
            f"reshape(concat({', '.join(['x'] * 3)})[:{rows * columns}], {rows}, {columns})",
        )

    def binary(self, shape: Shape, depth: int) -> str:
        """An operator or a function of two operands, one of which may be repeated."""
        narrow: list[Shape] = [shape, NUMBER]
        if len(shape) == 1:
            narrow += [(1,)] if shape[0] != 1 else []
        if len(shape) == 2:
            narrow += [(shape[1],), (shape[0], 1), (1, shape[1])]
        other = self.one_of(*narrow)
        left, right = self.expression(shape, depth), self.expression(other, depth)
        if self.draw(st.booleans()):
            left, right = right, left
        template = self.one_of(*_BINARY)
        if "where" in template:  # the sides of a condition and those of the choice all fit into the shape
            whole = self.expression(shape, depth)
            return template.replace("{a}", left).replace("{b}", right).format(whole, whole)
        return template.format(left, right)

    def structured(self, shape: Shape, depth: int) -> str:
        """An operation on whole arrays with a result of this shape."""
        if not shape:
            return self.number(depth)
        return self.vector(shape[0], depth) if len(shape) == 1 else self.matrix(*shape, depth)

    def number(self, depth: int) -> str:
        array = self.expression(self.one_of(*SHAPES[1:]), depth)
        n = self.one_of(2, 3)
        vector, square = self.expression((n,), depth), self.expression((n, n), depth)
        return self.one_of(
            f"sum({array})", f"mean({array})", f"norm(sin({array}) + 3)", f"prod(1.5 + sin({array}))",
            f"logsumexp({array})", f"sum({vector}[i] * sin(y + i) for i = 0 to {n - 1})",
            f"mean({square}[i, j] * x[j] for i = 0 to {n - 1} for j = 0 to i)",
            f"prod(1.5 + sin({vector}[i]) for i = {n - 1} to 0 step -1 if i != 1)",
            f"norm({square}[i, j] + 5 for i = 0 to {n - 1} for j = i to {n - 1})",
            f"{vector}[{self.below(n)}]", f"{vector}[-{1 + self.below(n)}]",
            f"{square}[{self.below(n)}, {self.below(n)}]",
            f"dot({vector}, {self.expression((n,), depth)})", f"({vector} @ {self.expression((n,), depth)})",
            f"({vector} @ {square} @ {vector})", f"trace({square})", f"det(4 * eye({n}) + {square})",
            f"logdet(4 * eye({n}) + sin({square}))",
            f"total({vector}, 0)", f"sum(derivative(sum(sin(x) * y), x) * {self.expression((3,), depth)})",
            f"max({vector}, 50 + {vector})[0]", f"var({array})", f"std(sin({vector}) + {_APART}[:{n}])",
            f"median(sin({vector}) + {_APART}[:{n}])", f'einsum("i,ij,j->", {vector}, {square}, x[:{n}])',
            f'einsum("ii", {square})', f"polyval(sin({vector}), {self.expression(NUMBER, 0)})",
            f"interp({self.expression(NUMBER, 0)}, {_KNOTS})", f"kron({vector}, x)[{self.below(3 * n)}]",
        )  # fmt: skip

    def vector(self, n: int, depth: int) -> str:
        m = self.one_of(2, 3)
        wide, tall, own = (self.expression(shape, depth) for shape in ((n, m), (m, n), (n,)))
        given = self.expression((m,), depth)
        return self.one_of(
            f"({wide} @ {given})", f"({given} @ {tall})", f"sum({wide}, axis = 1)", f"mean({tall}, axis = 0)",
            f"prod({tall}, axis = 0)", f"logsumexp({wide}, axis = -1)", f"norm({wide} + 5, axis = 1)",
            f"{tall}[{self.below(m)}]", f"{wide}[:, {self.below(m)}]", f"{own}[::-1]", f"cumsum({own})",
            f"softmax({own})", f"[{own}[i] * sin(y + i) for i = 0 to {n - 1}]",
            f"sum({wide}[:, j] for j = 0 to {m - 1})",
            f"diag({self.expression((n, n), depth)})", f"concat({own}, {given})[{m}:]", f"concat({given}, {own})[:{n}]",
            f"[{', '.join(self.expression(NUMBER, 0) for _ in range(n))}]",
            f"solve(4 * eye({n}) + sin({self.expression((n, n), depth)}), {own})",
            f"solve_triangular(4 * eye({n}) + sin({self.expression((n, n), depth)}), {own}, {self.below(2)})",
            f"eigvalsh(6 * diag(linspace(0, {n - 1}, {n})) + sin({self.expression((n, n), depth)}))",
            f"linspace({self.expression(NUMBER, 0)}, {self.expression(NUMBER, 0)}, {n})",
            f"lstsq(sin({self.expression((3, n), depth)}) + {_REGULAR}[:, :{n}], {self.expression((3,), 0)})",
            f"sort(sin({own}) + {_APART}[:{n}])", f"clip({own}, {_BOUNDS})", f"interp({own}, {_KNOTS})",
            f"var({tall}, axis = 0)", f"diff(concat({own}, [y]))", f"roll({own}, {self.below(3) - 1})",
            f"kron({given}, {own})[-{n}:]", f"tile({given}, 2)[:{n}]", f"polyval(sin({given}), sin({own}))",
            f'einsum("ij,j->i", {wide}, {given})', f'einsum("ij,kj->i", {wide}, A[:, :{m}])',
            f"cross(concat({own}, x)[:3], x[::-1])[:{n}]",
            f"median(sin({tall}) + reshape({_APART}[:{m}], {m}, 1), axis = 0)",
        )  # fmt: skip

    def matrix(self, rows: int, columns: int, depth: int) -> str:
        m = self.one_of(2, 3)
        turned, own = (self.expression(shape, depth) for shape in ((columns, rows), (rows, columns)))
        choices = [
            f"{turned}'", f"({self.expression((rows, m), depth)} @ {self.expression((m, columns), depth)})",
            f"outer({self.expression((rows,), depth)}, {self.expression((columns,), depth)})",
            f"tril({own})", f"triu({own})", f"[{own}[i] * x[i] for i = 0 to {rows - 1}]",
            f"[{', '.join(self.expression((columns,), 0) for _ in range(rows))}]", f"softmax({own}, axis = 1)",
            f"cumsum({own}, axis = {self.below(2)})", f"reshape({turned}, {rows}, -1)", f"{own}[::-1, :]",
            f"{own}[:, ::-1]",
            f"concat({own}, {self.expression((m, columns), depth)})[{m}:]",
            f"sort(sin({own}) + {_APART}[:{columns}], axis = 1)", f"clip({own}, {_BOUNDS})",
            f"roll({own}, 1, axis = {self.below(2)})", f"kron({turned}, {own})[-{rows}:, -{columns}:]",
            f"diff(concat({own}, [x[:{columns}]]), axis = 0)", f"tile({own}, 1, 2)[:, 1:{columns + 1}]",
            f'einsum("ij,j->ij", {own}, x[:{columns}])', f'einsum("ji", {turned})',
            f'einsum("ij,kj,kl->il", {own}, {own}, {own})',
        ]  # fmt: skip
        if rows == columns:
            choices += [
                f"diag({self.expression((rows,), depth)})", f"inv(4 * eye({rows}) + sin({own}))",
                f"cholesky(4 * eye({rows}) + sin({own}))", f"solve(4 * eye({rows}) + sin({turned}), {own})",
                f"expm(sin({own}))", f"matrix_power(4 * eye({rows}) + sin({own}), -1 - {self.below(2)})",
                f"eigh(6 * diag(linspace(0, {rows - 1}, {rows})) + sin({own}))[1:]",
            ]  # fmt: skip
        if rows > columns:
            choices.append(f"qr(sin({own}) + {_REGULAR}[:{rows}, :{columns}])[:{rows}]")
            choices.append(
                f"svd(sin({own}) / 4 + {_REGULAR}[:{rows}, :{columns}] * linspace(1, {columns}, {columns}))[:{rows}]"
            )
        if rows != columns:
            choices.append(f"pinv(sin({turned}) / 4 + {_REGULAR}[:{columns}, :{rows}])")
        return self.one_of(*choices)

    def bounded(self, shape: Shape, depth: int) -> str:
        """Between -2 and 2, so that values stay small however they are combined."""
        return f"{self.one_of('sin', 'atan', 'tanh')}({self.expression(shape, depth)})"

    def statement(self, indent: str, depth: int) -> None:
        self.count += 1
        kind = self.below(10)
        names = list(self.names.items())
        if kind < 5 or (indent and kind > 7):
            shape = self.one_of(*SHAPES)
            known = [name for name, own in names if own == shape]  # in a block only those, and in their shapes
            targets = known if indent and known else [f"a{self.count}", *known]
            if indent and not known:
                return
            target = self.one_of(*targets)
            self.lines.append(f"{indent}{target} = {self.bounded(shape, depth)}")
            self.names[target] = shape
        elif kind < 8:
            self.update(indent, *self.one_of(*[(name, own) for name, own in names if own]))
        elif kind == 8:
            name, shape = self.one_of(*[(name, own) for name, own in names if own])
            index = f"k{self.count}" if len(shape) == 1 else f"k{self.count}, {self.below(shape[1])}"
            self.lines.append(f"for k{self.count} = 0 to {self.one_of(f'length({name}) - 1', shape[0] - 1)} {{")
            other = self.expression(NUMBER, 1)
            self.lines.append(f"    {name}[{index}] = sin({name}[{index}] * {other} + k{self.count})")
            self.statement("    ", 1)
            self.lines.append("}")
        else:
            left, right = self.expression(NUMBER, 1), self.one_of("0.3137", "y - 0.2173", "x[1]")
            self.lines.append(f"if {left} > {right} {{")
            self.lines.append(f"    y = {self.bounded(NUMBER, 1)}")
            self.statement("    ", 1)
            self.lines.append("}")

    def update(self, indent: str, name: str, shape: Shape) -> None:
        """Another element or part of an array that has a value."""
        if len(shape) == 1:
            (n,) = shape
            start = self.below(n)
            places: list[tuple[str, Shape]] = [
                (f"{start}", NUMBER),
                (f"-{1 + start}", NUMBER),
                (f"{start}:", (n - start,)),
                ("::-1", (n,)),
            ]
        else:
            rows, columns = shape
            i, j = self.below(rows), self.below(columns)
            places = [
                (f"{i}", (columns,)), (f":, {j}", (rows,)), (f"{i}, {j}", NUMBER),
                (f"{i}:, :{j + 1}", (rows - i, j + 1)),
            ]  # fmt: skip
        place, part = self.one_of(*places)
        part = self.one_of(part, NUMBER)
        operator = self.one_of("", "", "+", "*")
        self.lines.append(f"{indent}{name}[{place}] {operator}= {self.bounded(part, 1)}")


@st.composite
def array_programs(draw: st.DrawFn) -> ArrayProgram:
    """A program of some statements on numbers, vectors and matrices, that ends in one number."""
    writer = _Writer(draw)
    for _ in range(draw(st.integers(1, 5))):
        writer.statement("", draw(st.integers(1, 2)))
    last = list(writer.names.items())[-3:]
    terms = [f"sum({name})" if shape else name for name, shape in last]
    lines = ["input x[3], A[2, 3], y", _FUNCTIONS, *writer.lines, f"output result = {' + '.join(terms)}"]
    number = st.integers(-2000, 2000).map(lambda value: value / 1000 + 0.0001)
    values = {name: [draw(number) for _ in range(int(np.prod(shape)))] for name, shape in INPUTS.items()}
    return ArrayProgram("\n".join(lines), {name: shaped(values[name], shape) for name, shape in INPUTS.items()})


def shaped(values: list[float], shape: Shape) -> Any:
    return np.array(values).reshape(shape) if shape else values[0]


@st.composite
def directions(draw: st.DrawFn) -> dict[str, Any]:
    """A step for each input."""
    steps = st.floats(-2, 2).map(lambda value: round(value, 3))
    return {name: shaped([draw(steps) for _ in range(int(np.prod(shape)))], shape) for name, shape in INPUTS.items()}
