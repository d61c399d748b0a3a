"""What a message says of a name, a function or a call that is wrong."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence

from adcli.errors import Problem
from adcli.program.calls import operands_text
from adcli.program.elsewhere import ABSENT, ELSEWHERE, NOT_HERE, is_meant_otherwise
from adcli.program.suggest import did_you_mean, mistyped
from adcli.rules.along import ALONG
from adcli.rules.primitive import Primitive
from adcli.rules.shapes import Refused, Shape, listed, plural, shape_text
from adcli.rules.table import CONSTANTS, FUNCTIONS, NEGATION, PRIMITIVES
from adcli.syntax import nodes
from adcli.syntax.source import Span

DERIVATIVE = "derivative"  # the one function that the table does not have
EINSUM = "einsum"  # of which it has a row for each text


def number_too_large(text: str, span: Span) -> Problem:
    """A literal beyond the largest double."""
    help_text = "the largest number is about 1.8e308"
    return Problem("number-too-large", f"`{text}` is too large for a number", span, help=help_text)


def used_before_assignment(name: nodes.Name, line: int, by_itself: bool, updated: bool = False) -> Problem:
    """A name that gets its value further down, or `by_itself`, as in `c = c + 1`; `updated` as in `c[0] = 1`."""
    help_text = f"it is defined on line {line}: move that line above this one"
    if by_itself:
        help_text = f"give it its first value above: `{name.name} = 0`, or `state {name.name} = 0` to keep it in calls"
        if updated:
            help_text = f"give it all its elements above, as in `{name.name} = zeros(3)`"
    message = f"`{name.name}` is used before it has a value"
    return Problem("used-before-assignment", message, name.span, "not yet defined here", help=help_text)


def unknown_name(name: nodes.Name, known: Iterable[str] | None, functions: Iterable[str]) -> Problem:
    """A name that nothing defines. To search all `known` names for each of thousands of mistakes would take long."""
    text = name.name
    help_text = ""
    names = [] if known is None else list(known)
    close = "" if is_meant_otherwise(text) else did_you_mean(text, names, closeness=0.75)
    if text in FUNCTIONS or text in functions:
        help_text = f"`{text}` is a function: write `{text}(…)`"
    elif text.lower() in FUNCTIONS:
        help_text = f"did you mean the function `{text.lower()}(…)`?"
    elif text in ELSEWHERE and not close:  # `beta` is meant as an input where there is `betas`
        help_text = ELSEWHERE[text]
    elif known is not None:
        help_text = close or did_you_mean(text, [*names, *CONSTANTS])
    label = "not an input, and not assigned above"
    return Problem("unknown-name", f"`{text}` is not defined", name.span, label, help=help_text)


def unknown_function(call: nodes.Apply, is_value: bool, functions: Iterable[str] | None) -> Problem:
    """A function that does not exist, or a value that is called like one."""
    name, text, axis = _named(call.function)
    span = function_span(call)
    if name == EINSUM or (text is not None and (name in FUNCTIONS or name in (functions or ()))):
        return _wrong_text(name, call.span)
    if axis is not None and name in FUNCTIONS:
        message, label = f"`{name}` goes along no axis", "given an axis"
        help_text = "these do: " + ", ".join(f"`{name}`" for name in (*ALONG, "length"))
        return Problem("unknown-function", message, span, label, help=help_text)
    if is_value or name in CONSTANTS:
        message, label = f"`{name}` is a value, not a function", "called like a function"
        help_text = f"to multiply, write `{name} * (…)`; for an element, `{name}[0]`, counted from 0"
        return Problem("unknown-function", message, span, label, help=help_text)
    primitive = PRIMITIVES.get(name)
    if primitive is not None:  # one that has an operator
        operator = "-a" if primitive is NEGATION else f"a {primitive.symbol} b"
        help_text = f"write it with its operator: `{operator}`"
    elif name in ELSEWHERE:
        help_text = ELSEWHERE[name]
    elif name[:1] == "d" and len(name) == 2:  # `d/dx (x^2)`
        help_text = f"a derivative is `{DERIVATIVE}(x^2, {name[1:]})`"
    else:
        known = [] if functions is None else [*functions, *FUNCTIONS, "where", DERIVATIVE, EINSUM]
        help_text = NOT_HERE if name in ABSENT else mistyped(name, known)
        if not help_text and 0 < len(call.operands) < 3:
            help_text = f"for an element, write `{name}[0]`, counted from 0; for a product, `{name} * (…)`"
            help_text += "; `def` defines a function"
    message, label = f"there is no function `{name}`", "not a function of the language, and not defined"
    return Problem("unknown-function", message, span, label, help=help_text)


def _named(function: str) -> tuple[str, str | None, int | None]:
    """The name of a function, and the text and the axis that stand behind it; None for each that does not."""
    name, axis = nodes.function_and_axis(function)
    return *nodes.function_and_text(name), axis


def function_span(call: nodes.Apply) -> Span:
    """Where a call names its function."""
    return Span(call.span.start, call.span.start + len(_named(call.function)[0]))


def _wrong_text(name: str, span: Span) -> Problem:
    """A text for a function that takes none, `einsum` without its subscripts or with an axis."""
    if name == EINSUM:
        message = "`einsum` takes its subscripts as a text, and no axis"
        return Problem("wrong-operand", message, span, help='as in `einsum("ij,jk->ik", A, B)`')
    return Problem("wrong-operand", f"`{name}` takes no text", span, "given one", help="leave it out")


def wrong_subscripts(call: nodes.Apply) -> Problem | None:
    """What is wrong with the text that `einsum` is given, whatever its operands are; None for nothing."""
    name, text, axis = _named(call.function)
    if name != EINSUM or text is None or axis is not None:
        return None
    from adcli.rules.einsum import subscripts_of  # which few programs need

    try:
        subscripts_of(text)
    except Refused as error:
        return Problem("wrong-operand", str(error), call.span, help=error.remedy)
    return None


def wrong_arity(primitive: Primitive, count: int, span: Span) -> Problem:
    """A call of a primitive with the wrong number of operands."""
    most = primitive.most
    wanted = operands_text(primitive.arity)
    if most != primitive.arity:
        wanted = f"{primitive.arity} or more operands" if most is None else f"{primitive.arity} to {most} operands"
    name, text = nodes.function_and_text(primitive.name)
    letters = ", ".join(primitive.letters(most or primitive.arity)) + (", …" if primitive.variadic else "")
    given = letters if text is None else f'"{text}", {letters}'
    help_text = f"write `{name}({given})`: {primitive.summary}"
    if name in ELSEWHERE:  # that others call something else by
        help_text = ELSEWHERE[name]
    elif name in ALONG and count > 1:
        help_text = f"an axis is named: `{primitive.name}({letters}, axis = 0)`"
        if count > 2:
            help_text = f"over an array it is `{primitive.name}([1, 2, 3])`; over the values of an index, a `for` loop"
    return _wrong_arity(name, wanted, count, span, help_text)


def _wrong_arity(name: str, wanted: str, count: int, span: Span, help_text: str) -> Problem:
    message = f"`{name}` takes {wanted}, and is given {count}"
    return Problem("wrong-arity", message, span, f"given {operands_text(count)}", help=help_text)


def wrong_derivative(call: nodes.Apply) -> Problem:
    """A `derivative` that does not say by which name."""
    message = f"`{DERIVATIVE}` takes an expression and a name"
    return Problem("wrong-derivative", message, call.span, "by what?", help=f"write `{DERIVATIVE}(x^2 * y, x)`")


def wrong_solve(statement: nodes.Solve, inputs: Container[str]) -> Iterator[Problem]:
    """Unknowns that are none, another number of starts, and conditions that are no equations."""
    seen: set[str] = set()
    for name in statement.unknowns:
        if name.name in inputs:
            message = f"`{name.name}` is an input, which has a value already"
            yield Problem("solved-name", message, name.span, "an unknown?", help="solve for another name")
        elif name.name in seen:
            message = f"`{name.name}` is an unknown already"
            yield Problem("solved-name", message, name.span, "named twice", help="name each unknown once")
        seen.add(name.name)
    unknowns, starts = len(statement.unknowns), len(statement.starts)
    if unknowns != starts:
        message = f"the search for {plural(unknowns, 'unknown')} begins from {_values(starts)}"
        span = Span(statement.starts[0].span.start, statement.starts[-1].span.end)
        yield Problem("solve-count", message, span, help="give each unknown a start: `solve x, y from 1, 2 in …`")
    for equation in statement.equations:
        if not isinstance(equation, nodes.Apply) or equation.function != "==":
            help_text = "write `left == right`; separate several equations by commas"
            yield Problem("not-an-equation", "what is solved is an equation", equation.span, "no `==`", help=help_text)


def unequal_count(unknowns: int, equations: int, statement: nodes.Solve) -> Problem:
    """Another number of equations than of unknown numbers; of arrays each element is one."""
    message = f"{plural(unknowns, 'unknown')} cannot be found from {plural(equations, 'equation')}"
    help_text = "there are as many equations as unknowns; an array counts as many as it has elements"
    return Problem("solve-count", message, statement.span, help=help_text)


def changes_state(statement: nodes.Solve) -> Problem:
    """Equations that give a state another value: nobody knows how often they run."""
    message = "the equations call a function that changes a state"
    help_text = "let that function return what it computes"
    return Problem("not-an-equation", message, statement.span, "run again and again", help=help_text)


def wrong_unpacking(names: int, values: int, span: Span) -> Problem:
    """More names than values, or fewer."""
    message = f"{names} names are given {_values(values)}"
    help_text = "give as many: `a, b = b, a`; or one vector of that length, whose elements they get"
    return Problem("unpacking", message, span, help=help_text)


def wrong_length(shape: Shape, names: int, span: Span) -> Problem:
    """Several names for the elements of something that has another number of them."""
    message = f"{names} names are given {shape_text(shape)}"
    help_text = "several names get as many values, the elements of a vector, or the rows of a matrix"
    return Problem("unpacking", message, span, help=help_text)


def no_values(node: nodes.Comprehension) -> Problem:
    """A comprehension over no values, of which there is no mean, no smallest one and no array."""
    what = "an array" if node.function == "[]" else f"`{node.function}`"
    help_text = "only a `sum` and a `prod` may be over nothing; look at the bounds of the index"
    return Problem("no-values", f"there is no value to make {what} of", node.span, "over nothing", help=help_text)


def not_a_function(definition: nodes.Definition, parameter: str, operand: nodes.Expression) -> Problem:
    """A value for a parameter that is called like a function."""
    message = f"`{definition.name.name}` calls its parameter `{parameter}`, and this is no function"
    help_text = "give the name of a function, such as `sin`, or of one that `def` defines"
    return Problem("not-a-function", message, operand.span, "a value", help=help_text)


def named_operand(name: str, operand: nodes.Expression) -> Problem:
    """An operand by name, for a function of the language."""
    message = "a function of the language has no names for its operands"
    help_text = "an axis is a whole number: `axis = 0`" if name == "axis" else f"leave out `{name} =`"
    return Problem("wrong-operand", message, operand.span, "given by name", help=help_text)


def several_values(call: nodes.Apply, count: int) -> Problem:
    """A function that returns several values where one is wanted."""
    names = ", ".join("abcdefgh"[:count]) if count <= 8 else "a, b, …"
    message = f"`{call.function}` returns {_values(count)}, and here one is wanted"
    return Problem("several-values", message, call.span, help=f"give each a name: `{names} = {call.function}(…)`")


def _values(count: int) -> str:
    return "1 value" if count == 1 else f"{count} values"


def compares_arrays(shapes: Sequence[Shape], span: Span) -> Problem:
    """A decision on arrays, outside a `where`."""
    message = f"a decision compares two numbers, and this compares {listed(shapes)}"
    help_text = "`where(x > 0, a, b)` chooses element by element; `min(x) > 0` asks of all elements"
    return Problem("compares-arrays", message, span, help=help_text)


def derivative_of_array(shape: Shape, span: Span) -> Problem:
    """A `derivative` of something that is not one number."""
    help_text = "take an element of it, or `sum` it"
    message = f"`{DERIVATIVE}` is of a number, and this is {shape_text(shape)}"
    return Problem("derivative-of-array", message, span, help=help_text)


def not_constant(problem: Problem, what: str) -> Problem:
    """An unknown name, in an expression that may have no names at all."""
    message = f"{what} may use numbers, `pi`, `e` and `inf` only"
    return problem._replace(code="not-constant", message=message, label="a name", help="write its value")
