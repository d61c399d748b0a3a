"""The point at which a program runs: a finite number, or an array of such, for every input."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from adcli.errors import AdError, Problem
from adcli.program.program import InputVariable, Program
from adcli.program.suggest import did_you_mean
from adcli.rules.dispatch import is_finite, shape_of
from adcli.rules.shapes import shape_text
from adcli.tape.components import flattened, name_of
from adcli.tape.execute import constant_value
from adcli.tape.given import as_array, as_float, rounded_warning
from adcli.tape.tape import Value

# What may be given for an input: a number, an array or nested lists of numbers, or the text of a constant expression.
Given: TypeAlias = Any

_MOST_ELEMENTS = 2**28  # of an array that a number stands for
_NUMBER = re.compile(r"(-|\+(?=[0-9]))?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")  # as in ad.lark, with a sign
_SIGNED_SPECIALS = {"inf", "+inf", "-inf", "infinity", "+infinity", "-infinity", "nan", "+nan", "-nan"}


def resolve(
    program: Program, given: Mapping[str, Given], fitting: Container[tuple[tuple[int, ...], ...]] = ()
) -> tuple[dict[str, Value], list[Problem]]:
    """The value of every input, given or by default, and warnings for those outside their declared range.

    A value may be a number, an array, nested lists of numbers, or the text of a constant expression. An array is
    given as it is declared, and binds the names in its shape; a number for an array stands for all its elements.
    `fitting` has shapes of all inputs that are known to fit together. Raises AdError with all of: `unknown-input`,
    `missing-input`, `bad-value`, `not-finite`, `empty-range`, `shape`.
    """
    problems = unknown_inputs(program, given)
    warnings: list[Problem] = []
    point: dict[str, Value] = {}
    all_given = not problems and len(given) == len(program.inputs)
    missing = [] if all_given else missing_inputs(program, given)
    for variable in program.inputs:
        name = variable.name
        if name in missing:
            continue
        number = given.get(name)
        if type(number) is float and variable.range is None and math.isfinite(number):  # as most of very many are
            point[name] = number
            continue
        try:
            point[name] = value = (
                value_given(given[name], f"the input `{name}`") if name in given else default_value(variable)
            )
            if variable.range is not None:
                warnings += _range_warning(variable, value)
            if name in given and type(given[name]) is not float:
                warnings += rounded_warning(given[name], value, f"the input `{name}`", variable.declaration.span)
        except AdError as error:
            problems += error.problems
    if tuple(map(shape_of, point.values())) not in fitting:
        problems += _fit_shapes(program, point)
    if missing:
        problems.append(missing_problem(missing))
    if problems:
        raise AdError(problems, program.source)
    return point, warnings


def missing_inputs(program: Program, given: Iterable[str]) -> list[str]:
    """The inputs that have neither a given value nor a default."""
    given = set(given)
    return [variable.name for variable in program.inputs if variable.default is None and variable.name not in given]


def missing_problem(missing: list[str], help: str = "") -> Problem:
    """The problem of inputs without a value: all of them in one message."""
    names = [f"`{name}`" for name in missing]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    what = f"the input {listed} has no value" if len(names) == 1 else f"the inputs {listed} have no value"
    return Problem("missing-input", what, help=help)


def unknown_inputs(program: Program, given: Iterable[str]) -> list[Problem]:
    """A problem for each name that is not an input of the program."""
    known = [variable.name for variable in program.inputs]
    if set(known).issuperset(given):
        return []
    inputs = ", ".join(f"`{name}`" for name in known) or "none"
    return [
        Problem(
            "unknown-input",
            f"the program has no input `{name}`",
            note=f"its inputs: {inputs}",
            help=f"an array is taken whole: `{name_of(name)}`" if name_of(name) in known else did_you_mean(name, known),
        )
        for name in given
        if name not in known
    ]


def _fit_shapes(program: Program, point: dict[str, Value]) -> list[Problem]:
    """Bind the sizes by the arrays that are given, and make arrays of numbers that stand for all elements."""
    bound: dict[str, int] = {}
    if all(_is_as_declared(variable, point.get(variable.name), bound) for variable in program.inputs):
        return []
    sizes: dict[str, tuple[int, str]] = {}
    problems: list[Problem] = []
    given = [variable for variable in program.inputs if variable.name in point and variable.shape is not None]
    for variable in sorted(
        given, key=lambda variable: type(point[variable.name]) is float
    ):  # arrays bind, numbers fill
        value, wanted = point[variable.name], variable.shape or ()
        shape = shape_of(value)
        if not shape and wanted:
            unbound = [size for size in wanted if isinstance(size, str) and size not in sizes]
            if unbound:
                problems.append(_shape_problem(variable, shape, sizes, f"nothing tells how large `{unbound[0]}` is"))
            else:
                known = [sizes[size][0] if isinstance(size, str) else size for size in wanted]
                if math.prod(known) > _MOST_ELEMENTS:
                    message = (
                        f"the input `{variable.name}` has {math.prod(known):,} elements, for which there is no room"
                    )
                    problems.append(Problem("too-large", message, variable.declaration.span))
                    continue
                point[variable.name] = _filled(value, known)
            continue
        for size, length in zip(wanted, shape, strict=False):
            if isinstance(size, str):
                sizes.setdefault(size, (length, variable.name))
        known = [sizes[size][0] if isinstance(size, str) else size for size in wanted[: len(shape)]]
        if len(wanted) != len(shape) or list(shape) != known:
            problems.append(_shape_problem(variable, shape, sizes))
    return problems


def _is_as_declared(variable: InputVariable, value: Value | None, bound: dict[str, int]) -> bool:
    """Whether a value has exactly the shape of its declaration, with the sizes that are bound; it binds the others."""
    wanted, shape = variable.shape, shape_of(value)
    if wanted is None:
        return True
    if value is None or len(wanted) != len(shape):
        return False
    for size, length in zip(wanted, shape, strict=True):
        if (bound.setdefault(size, length) if isinstance(size, str) else size) != length:
            return False
    return True


def _filled(number: float, shape: Sequence[int]) -> Value:
    import numpy

    return numpy.full(shape, number)


def _shape_problem(
    variable: InputVariable, shape: tuple[int, ...], sizes: Mapping[str, tuple[int, str]], note: str = ""
) -> Problem:
    wanted = variable.shape or ()
    declared = f"`{variable.name}[{', '.join(map(str, wanted))}]`" if wanted else "a number"
    message = f"the input `{variable.name}` is declared {declared}, and is given {shape_text(shape)}"
    bound = [
        f"`{size}` is {sizes[size][0]}, from `{sizes[size][1]}`"
        for size in wanted
        if isinstance(size, str) and size in sizes
    ]
    elsewhere = [text for text in bound if not text.endswith(f"from `{variable.name}`")]
    help_text = "" if wanted else f"declare its shape: `input {variable.name}[n]`"
    return Problem("shape", message, variable.declaration.span, "", note or "; ".join(elsewhere), help_text)


def value_from(text: str, what: str) -> Value:
    """The value of a constant expression, such as `-2`, `1e-3`, `pi/4` or `[1, 2, 3]`.

    Raises AdError `bad-value` or `not-finite`; `what` is what the message calls it, such as "the input `x`".
    """
    if text.strip().lower() in _SIGNED_SPECIALS:
        raise AdError(_not_finite(text.strip(), what))
    plain = text.strip()
    if _NUMBER.fullmatch(plain) and math.isfinite(float(plain)):
        return float(plain)
    return _value_of_expression(text, plain, what)


def _value_of_expression(text: str, plain: str, what: str) -> Value:
    from adcli.program.declarations import constant_code  # which a number does not need
    from adcli.syntax.parse import parse_expression
    from adcli.syntax.source import Source

    source = Source(what, plain[1:] if plain[:1] == "+" and plain[1:2].isalnum() else plain)
    help_text = "give a number or a constant expression, such as 2.5, -3, 1e-6, pi/4 or '[1, 2, 3]'"
    try:
        code, problems = constant_code(parse_expression(source), what)
    except AdError:
        raise AdError(_bad_value(text, what, help_text)) from None
    if any(problem.code == "number-too-large" for problem in problems):
        raise AdError(_not_finite(text, what))
    if problems:
        first = problems[0]
        if first.code != "not-constant":  # a function that is misspelt, or has too many operands
            help_text = f"{first.message}; {first.help}" if first.help else first.message
        raise AdError(_bad_value(text, what, help_text))
    try:
        value = constant_value(code)
    except AdError as error:
        first = error.problems[0]
        raise AdError(Problem("bad-value", f"{what} is given `{text}`: {first.message}", help=first.help)) from None
    if not is_finite(value):
        raise AdError(_not_finite(f"{text} = {value}" if type(value) is float else text, what))
    return value


def suggested_value(variable: InputVariable) -> str:
    """A value that the input may have, as a text: the middle of its range, or 1; for an array as many of that."""
    number = "1"
    if variable.range is not None:
        low, high = (constant_value(bound) for bound in variable.range)
        middle = low + (high - low) / 2
        short = float(f"{middle:.3g}")
        number = repr(short if low <= short <= high else middle).removesuffix(".0")
    text = number
    for size in reversed(variable.shape or ()):
        text = f"[{', '.join([text] * (size if isinstance(size, int) else 3))}]"
    return text


def default_value(variable: InputVariable) -> Value:
    """The default of an input that has one; raises AdError `not-finite`."""
    assert variable.default is not None
    default = constant_value(variable.default)
    if not is_finite(default):
        problem = _not_finite(str(default), f"the default of `{variable.name}`")
        raise AdError(problem._replace(span=variable.declaration.span))
    return default


def _bad_value(text: str, what: str, help_text: str) -> Problem:
    return Problem("bad-value", f"{what} is given `{text}`, which is not a number", help=help_text)


def value_given(given: Given, what: str) -> Value:
    """What is given as a float or an array; raises AdError `bad-value` or `not-finite`."""
    if isinstance(given, str):
        return value_from(given, what)
    try:
        if not hasattr(given, "__array__") and not isinstance(given, (list, tuple)):
            return _finite(as_float(given, what), what)
        value = as_array(given, what)
    except OverflowError:
        raise AdError(_not_finite("a number beyond 1.8e308", what)) from None
    if not is_finite(value):
        shown = str(value) if type(value) is float else "values of which some are infinite or NaN"
        raise AdError(_not_finite(shown, what))
    return value


def _finite(value: float, what: str) -> float:
    if not math.isfinite(value):
        raise AdError(_not_finite(str(value), what))
    return value


def _not_finite(shown: str, what: str) -> Problem:
    help_text = "the largest number is about 1.8e308"
    return Problem("not-finite", f"{what} is given {shown}, which is not a finite number", help=help_text)


def declared_range(variable: InputVariable) -> tuple[float, float] | None:
    """The bounds of an input's range; None where it has none. Raises AdError `empty-range`."""
    if variable.range is None:
        return None
    low, high = (constant_value(bound) for bound in variable.range)
    if not low <= high:
        raise AdError(
            Problem(
                "empty-range",
                f"the range of `{variable.name}` is empty: no number lies between {low:g} and {high:g}",
                variable.declaration.span,
                help="write the smaller bound first",
            )
        )
    return low, high


def _range_warning(variable: InputVariable, value: Value) -> list[Problem]:
    bounds = declared_range(variable)
    if bounds is None:
        return []
    low, high = bounds
    outside = {
        label: number for label, number in flattened({variable.name: value}).items() if not low <= number <= high
    }
    if not outside:
        return []
    label, number = next(iter(outside.items()))
    more = f", and {len(outside) - 1:,} more" if len(outside) > 1 else ""
    message = f"the input `{label}` = {number:g} is outside its declared range [{low:g}, {high:g}]{more}"
    return [Problem("outside-range", message, variable.declaration.span)]
