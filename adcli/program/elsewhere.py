"""What other languages and books call what the language has under another name, or does not have."""

from __future__ import annotations

from adcli.rules.smooth import HYPERBOLIC, POWERS_AND_EXPONENTIALS, PROBABILITY, TRIGONOMETRIC

_BOOL = "a condition compares: `1 > 0`"
# Names that stand for one value everywhere: nobody means an input by them.
_CONSTANTS = {
    **dict.fromkeys(("PI", "Pi"), "write `pi`"),
    **dict.fromkeys(("Inf", "infinity", "Infinity"), "write `inf`"),
    **dict.fromkeys(("nan", "NaN"), "NaN is `0 / 0`"),
    **dict.fromkeys(("True", "true", "False", "false"), _BOOL),
    **dict.fromkeys(("None", "null", "nil"), "every value is a number"),
}

ELSEWHERE = {
    **_CONSTANTS,
    **{name: f"write `{here}(…)`" for here, names in {
        "log": ("ln", "loge", "Ln", "LN"), "log2": ("lb", "ld"), "log10": ("lg",), "tan": ("tg",),
        "asin": ("arcsin",), "acos": ("arccos",),
        "atan": ("arctan", "arctg", "atg"), "atan2": ("arctan2",), "sinh": ("sh",), "cosh": ("ch",), "tanh": ("th",),
        "asinh": ("arcsinh", "arsinh"), "acosh": ("arccosh", "arcosh"), "atanh": ("arctanh", "artanh"),
        "abs": ("fabs", "absolute"), "sign": ("sgn", "signum"), "mod": ("fmod", "rem"),
        "sigmoid": ("logistic", "expit"),
        "lgamma": ("gammaln", "loggamma"), "max": ("maximum", "fmax"), "min": ("minimum", "fmin"),
        "where": ("select", "ifelse", "iif", "piecewise", "cond"),
    }.items() for name in names},
    **dict.fromkeys(("pow", "power"), "a power is `a ^ b`"),
    **dict.fromkeys(("print", "printf", "disp", "println"), "`output y` names what a program gives"),
    **dict.fromkeys(
        ("diff", "deriv", "differentiate", "D", "d"),
        "a derivative is `derivative(x^2, x)`; `adcli grad` gives those by all inputs",
    ),
    **dict.fromkeys(("grad", "gradient", "nabla"), "`adcli grad` gives all derivatives; `derivative(x^2, x)` is one"),
    **{name: f"`adcli {name}` gives it for a program" for name in ("jacobian", "hessian", "jvp", "vjp", "hvp")},
    **dict.fromkeys(("jac", "jacrev", "jacfwd"), "`adcli jacobian` gives it for a program"),
    **dict.fromkeys(
        ("integrate", "integral", "int", "quad", "trapz"),
        "there are no integrals: a `for` loop adds up, as of `f(t) * h` over the middles of intervals",
    ),
    **dict.fromkeys(("lim", "limit"), "there are no limits: write what holds there, or choose with `where`"),
    **dict.fromkeys(("factorial", "gamma", "Gamma"), "write `exp(lgamma(a))`; a factorial is `exp(lgamma(n + 1))`"),
    **dict.fromkeys(("cot", "ctg", "cotan"), "write `1 / tan(a)`"),
    **dict.fromkeys(("sec",), "write `1 / cos(a)`"),
    **dict.fromkeys(("csc", "cosec"), "write `1 / sin(a)`"),
    **dict.fromkeys(("coth",), "write `1 / tanh(a)`"),
    **dict.fromkeys(("csch",), "write `1 / sinh(a)`"),
    **dict.fromkeys(("acot", "arccot"), "write `atan(1 / a)`"),
    **dict.fromkeys(("root", "nthroot"), "a root is a power: `a^(1/3)`; the real cube root is `cbrt(a)`"),
    **dict.fromkeys(("sqr", "square"), "write `a^2`"),
    **dict.fromkeys(("if", "If"), "a choice is `where(x > 0, a, b)`"),
    **dict.fromkeys(("trunc", "fix"), "write `sign(a) * floor(abs(a))`"),
    **dict.fromkeys(("Sum", "summation", "product", "Product"), "a `for` loop adds up or multiplies"),
    "range": "a loop is `for k = 1 to 10`",
    "end": "the last element is `x[-1]`",
    **dict.fromkeys(("len", "numel", "nrow", "size", "shape"), "the number of rows is `length(A)`"),
    **dict.fromkeys(("matmul", "mm"), "the product of matrices is `A @ B`"),
    **dict.fromkeys(("inner", "vdot"), "write `dot(a, b)`"),
    **dict.fromkeys(("identity", "I"), "write `eye(n)`"),
    **dict.fromkeys(("array", "vector", "matrix"), "an array is written `[1, 2, 3]`"),
    **dict.fromkeys(("concatenate", "vcat", "hstack", "append"), "write `concat(a, b)`"),
    **dict.fromkeys(("vstack", "rbind"), "write `stack(a, b)`"),
}  # fmt: skip

# Functions of one number that are known by these names everywhere. `length` or `min` may well be an input.
_FAMILIES = (POWERS_AND_EXPONENTIALS, TRIGONOMETRIC, HYPERBOLIC, PROBABILITY)
_WELL_KNOWN = frozenset({row.name for family in _FAMILIES for row in family} | {"abs"})


def is_meant_otherwise(name: str) -> bool:
    """Whether a name that nothing defines is meant as a function or a constant: `sin[x]`, `2 * PI`."""
    return name in _CONSTANTS or name.lower() in _WELL_KNOWN
