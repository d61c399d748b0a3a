"""Random straight-line programs that are smooth and finite around a random point."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st

INPUTS = ("x", "y", "z")
_UNARY = (
    "sin({})", "cos({})", "tanh({})", "atan({})", "exp(tanh({}))", "-{}", "{}^2", "asinh({})", "log(2 + sin({}))",
    "sqrt(3 + cos({}))", "1 / (2 + {}^2)", "{}^3", "expm1(sin({}))", "log1p({}^2)", "sinh(sin({}))", "cosh(sin({}))",
)  # fmt: skip
_BINARY = ("{} + {}", "{} - {}", "{} * {}", "{} / (2 + cos({}))", "(2 + sin({}))^{}", "({} + 0.5) * -{}")
_NONANALYTIC = ("sigmoid({})", "softplus({})", "erf({})", "lgamma(3 + tanh({}))", "hypot({}, 1)", "atan2({}, 2)",
                "max({}, -50)", "abs({} + 100)")  # fmt: skip


class RandomProgram(NamedTuple):
    text: str
    point: dict[str, float]
    analytic: bool


@st.composite
def random_programs(draw: st.DrawFn, analytic_only: bool = False) -> RandomProgram:
    """A program of up to 12 assignments; names are bound again now and then, and used many times."""
    names = list(INPUTS)
    lines = [f"input {', '.join(INPUTS)}"]
    analytic = True
    for index in range(draw(st.integers(1, 12))):
        templates = _UNARY + _BINARY + (() if analytic_only else _NONANALYTIC)
        template = draw(st.sampled_from(templates))
        analytic = analytic and template not in _NONANALYTIC
        operands = [draw(st.sampled_from(names)) for _ in range(template.count("{}"))]
        target = draw(st.sampled_from([f"a{index}", *names[3:]]))
        # a bounded factor keeps the values small however they are combined
        lines.append(f"{target} = {draw(st.sampled_from(('sin', 'atan')))}({template.format(*operands)})")
        if target not in names:
            names.append(target)
    lines.append(f"output f = {' + '.join(names[-3:])}")
    number = st.floats(-2, 2).map(lambda value: round(value, 3))
    return RandomProgram("\n".join(lines), {name: draw(number) for name in INPUTS}, analytic)
