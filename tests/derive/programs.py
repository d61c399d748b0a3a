"""Random programs of all statements, whose values are smooth and finite around a random point, or nearly everywhere."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st

INPUTS = ("x", "y", "z")
_UNARY = (
    "sin({})", "cos({})", "tanh({})", "atan({})", "exp(tanh({}))", "-{}", "{}^2", "asinh({})", "log(2 + sin({}))",
    "sqrt(3 + cos({}))", "1 / (2 + {}^2)", "{}^3", "expm1(sin({}))", "log1p({}^2)", "sinh(sin({}))", "cosh(sin({}))",
    "sum(sin({} * i) / i for i = 1 to 3)", "prod(2 + sin({}) / j for j = 3 to 1 step -1 if j != 2)",
    "mean({} * i * j for i = 1 to 2 for j = i to 2)",
)  # fmt: skip
_BINARY = ("{} + {}", "{} - {}", "{} * {}", "{} / (2 + cos({}))", "(2 + sin({}))^{}", "({} + 0.5) * -{}")
_NONANALYTIC = ("sigmoid({})", "softplus({})", "erf({})", "lgamma(3 + tanh({}))", "hypot({}, 1)", "atan2({}, 2)",
                "max({}, -50)", "abs({} + 100)")  # fmt: skip
_CALLS = (
    "f({}, {})",
    "g({})",
    "again({}, 3)",
    "where({} > {}, {}, {})",
    "where({} <= 0.1 and not {} < {}, g({}), {})",
    "{} if -1 < {} < 1 else {}",
    "({} > {} + 0.1) * {}",
    "f({}, v = {})",
    "applied(g, {})",
    "applied(cos, {})",
    "sum({} for i = 0 to 3 if -1 < {} * i <= 2)",
)
_CONDITIONS = ("{} > {}", "{} < 0.3", "{} > 0 or {} > 0.5", "not ({} >= {} and {} < 1)", "-0.5 < {} < {}")
_FUNCTIONS = """\
state c = 0.5
def f(u, v) {
    w = sin(u) * v
    c = atan(c + u / 4)
    if w > v {
        return w - c
    }
    return c * cos(v)
}
def g(u) = sin(f(u, c) + x)
def again(u, n) {
    if n < 1 {
        return u
    }
    return sin(again(u, n - 1) + n * y)
}
def applied(h, u, scale = 0.5) = h(scale * u) - h(u)
def pair(u, v) {
    if u > v {
        return g(u), v
    }
    return sin(v), u * cos(v)
}"""


class RandomProgram(NamedTuple):
    text: str
    point: dict[str, float]
    analytic: bool


class _Writer:
    """Writes the statements of one program."""

    def __init__(self, draw: st.DrawFn, templates: tuple[str, ...], blocks: bool) -> None:
        self.draw = draw
        self.templates = templates
        self.blocks = blocks
        self.lines: list[str] = []
        self.count = 0
        self.analytic = True

    def filled(self, template: str, names: list[str]) -> str:
        return template.format(*(self.draw(st.sampled_from(names)) for _ in range(template.count("{}"))))

    def assignment(self, names: list[str], targets: list[str], indent: str) -> str:
        template = self.draw(st.sampled_from(self.templates))
        self.analytic = self.analytic and template not in _NONANALYTIC
        target = self.draw(st.sampled_from(targets))
        # a bounded factor keeps the values small however they are combined
        bounded = self.draw(st.sampled_from(("sin", "atan")))
        operator = self.draw(st.sampled_from(("", "", "+", "-", "*"))) if target in names else ""
        self.lines.append(f"{indent}{target} {operator}= {bounded}({self.filled(template, names)})")
        return target

    def statements(self, names: list[str], targets: list[str], depth: int) -> None:
        """Some statements, which read `names` and assign `targets`: those have a value whatever runs, or are new.

        What is new in a block is used there only.
        """
        indent = "    " * depth
        for _ in range(self.draw(st.integers(1, 8 if depth == 0 else 3))):
            self.count += 1
            kind = self.draw(st.integers(0, 11)) if self.blocks and depth < 3 and targets else 0
            if kind < 6:
                target = self.assignment(names, [f"a{self.count}", *targets], indent)
                if target not in names:
                    names.append(target)
                    targets.append(target)
            elif kind < 8:
                self.lines.append(f"{indent}if {self.filled(self.draw(st.sampled_from(_CONDITIONS)), names)} {{")
                self.assignment(names, targets, indent + "    ")
                self.statements(list(names), list(targets), depth + 1)
                if self.draw(st.booleans()):
                    self.lines.append(f"{indent}}} else {{")
                    self.statements(list(names), list(targets), depth + 1)
                self.lines.append(f"{indent}}}")
            elif kind == 8:
                bounds = self.draw(st.sampled_from(("1 to 3", "2 to 0 step -1", "0 to 0.3 step 0.1", "1 to 0")))
                index = f"k{self.count}"
                self.lines.append(f"{indent}for {index} = {bounds} {{")
                self.statements([*names, index], list(targets), depth + 1)
                leave = self.draw(st.sampled_from(("", "break", "continue")))
                if leave:
                    condition = self.filled(self.draw(st.sampled_from(_CONDITIONS)), [*names, index])
                    self.lines.append(f"{indent}    if {condition} {{ {leave} }}")
                self.assignment(names, targets, indent + "    ")
                self.lines.append(f"{indent}}}")
            elif kind == 9:
                first, second = f"p{self.count}", self.draw(st.sampled_from(targets))
                value = self.draw(st.sampled_from(("pair({}, {})", "[sin({}), {}]", f"{second}, sin({{}})")))
                self.lines.append(f"{indent}{first}, {second} = {self.filled(value, names)}")
                names.append(first)
                targets.append(first)
            elif kind == 10 and len(targets) > 1:
                left, right = self.draw(st.permutations(targets))[:2]
                self.lines.append(f"{indent}{left}, {right} = {right}, {self.filled('atan({} - {})', names)}")
            else:
                counter = f"w{self.count}"
                self.lines += [f"{indent}{counter} = 2.5", f"{indent}while {counter} > 0 {{"]
                self.lines.append(f"{indent}    {counter} = {counter} - 1")
                self.statements(list(names), list(targets), depth + 1)
                self.lines.append(f"{indent}}}")


@st.composite
def random_programs(draw: st.DrawFn, analytic_only: bool = False, smooth_only: bool = False) -> RandomProgram:
    """A program of up to eight statements, with statements in blocks; names are bound again, and used many times.

    A smooth one is a straight line; another may have kinks and jumps, but at a random point seldom.
    """
    templates = _UNARY + _BINARY + (() if analytic_only else _NONANALYTIC) + (() if smooth_only else _CALLS)
    writer = _Writer(draw, templates, not smooth_only)
    names = list(INPUTS)
    writer.statements(names, [], 0)
    lines = [f"input {', '.join(INPUTS)}", *([] if smooth_only else [_FUNCTIONS]), *writer.lines]
    lines.append(f"output f = {' + '.join(names[-3:])}")
    number = st.floats(-2, 2).map(lambda value: round(value, 3))
    return RandomProgram("\n".join(lines), {name: draw(number) for name in INPUTS}, writer.analytic)
