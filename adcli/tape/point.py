"""The point at which a program runs: a finite number for every input."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from adcli.errors import AdError, Problem
from adcli.program.check import constant_code
from adcli.program.program import InputVariable, Program
from adcli.program.suggest import did_you_mean
from adcli.syntax.parse import parse_expression
from adcli.syntax.source import Source
from adcli.tape.execute import constant_value

_SIGNED_SPECIALS = {"inf", "+inf", "-inf", "infinity", "+infinity", "-infinity", "nan", "+nan", "-nan"}


def resolve(program: Program, given: Mapping[str, float | str]) -> tuple[dict[str, float], list[Problem]]:
    """The value of every input, given or by default, and warnings for those outside their declared range.

    A value may be a number or the text of a constant expression. Raises AdError with all of: `unknown-input`,
    `missing-input`, `bad-value`, `not-finite`, `empty-range`.
    """
    problems = unknown_inputs(program, given)
    warnings: list[Problem] = []
    point: dict[str, float] = {}
    missing = missing_inputs(program, given)
    for variable in program.inputs:
        if variable.name in missing:
            continue
        try:
            point[variable.name] = value = _value(variable, given)
            warnings += _range_warning(variable, value)
        except AdError as error:
            problems += error.problems
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
    inputs = ", ".join(f"`{name}`" for name in known) or "none"
    return [
        Problem(
            "unknown-input",
            f"the program has no input `{name}`",
            note=f"its inputs: {inputs}",
            help=did_you_mean(name, known),
        )
        for name in given
        if name not in known
    ]


def number_from(text: str, what: str) -> float:
    """The value of a constant expression, such as `-2`, `1e-3` or `pi/4`.

    Raises AdError `bad-value` or `not-finite`; `what` is what the message calls it, such as "the input `x`".
    """
    if text.strip().lower() in _SIGNED_SPECIALS:
        raise AdError(_not_finite(text.strip(), what))
    plain = text.strip()
    source = Source(what, plain[1:] if plain[:1] == "+" and plain[1:2].isalnum() else plain)
    help_text = "give a number or a constant expression, such as 2.5, -3, 1e-6 or pi/4"
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
    value = constant_value(code)
    if not math.isfinite(value):
        raise AdError(_not_finite(f"{text} = {value}", what))
    return value


def suggested_value(variable: InputVariable) -> float:
    """A value that the input may have: the middle of its range, or 1."""
    if variable.range is None:
        return 1.0
    low, high = (constant_value(bound) for bound in variable.range)
    middle = low + (high - low) / 2
    return float(f"{middle:.3g}") if low <= float(f"{middle:.3g}") <= high else middle


def _value(variable: InputVariable, given: Mapping[str, float | str]) -> float:
    what = f"the input `{variable.name}`"
    if variable.name in given:
        value = given[variable.name]
        if isinstance(value, str):
            return number_from(value, what)
        return _finite(_as_float(value, what), what)
    assert variable.default is not None
    default = constant_value(variable.default)
    if not math.isfinite(default):
        problem = _not_finite(str(default), f"the default of `{variable.name}`")
        raise AdError(problem._replace(span=variable.declaration.span))
    return default


def _bad_value(text: str, what: str, help_text: str) -> Problem:
    return Problem("bad-value", f"{what} is given `{text}`, which is not a number", help=help_text)


def _as_float(value: object, what: str) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise AdError(Problem("bad-value", f"{what} is given {value!r}, which is not a number")) from None
    except OverflowError:
        raise AdError(_not_finite("a number beyond 1.8e308", what)) from None


def _finite(value: float, what: str) -> float:
    if not math.isfinite(value):
        raise AdError(_not_finite(str(value), what))
    return value


def _not_finite(shown: str, what: str) -> Problem:
    help_text = "the largest number is about 1.8e308"
    return Problem("not-finite", f"{what} is given {shown}, which is not a finite number", help=help_text)


def _range_warning(variable: InputVariable, value: float) -> list[Problem]:
    if variable.range is None:
        return []
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
    if low <= value <= high:
        return []
    return [
        Problem(
            "outside-range",
            f"the input `{variable.name}` = {value:g} is outside its declared range [{low:g}, {high:g}]",
            variable.declaration.span,
        )
    ]
