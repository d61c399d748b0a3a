"""What questions, hints and diagnoses say: each sentence once, for the quiz and for the page.

A name in braces is replaced by a name, a formula or a number of the run.
"""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    # of several kinds
    "other sign": "This has the right size and the other sign.",
    "or": " It could also be this: ",
    "no guess": "{text} fits none of the usual slips, so no guess is made about it. The hints go step by step.",
    "at line": " (line {line})",
    "twice": "twice",
    "three times": "three times",
    "four times": "four times",
    "so often": "{count} times",
    "entry": "{label} = {operation}",
    # a partial
    "partial": "What is the partial ∂{target}/∂{source} of {target} = {operation}?",
    "partial where": "What is the partial ∂{target}/∂{source} of {target} = {operation}, where {stated}?",
    "partial hint 1": "Only this one entry counts. If {source} grew by a little, by how much would {target} grow, "
    "compared with that?",
    "partial hint 2": "The rule of the operation says ∂{target}/∂{source} = {formula}.",
    "partial name": "It is a value that stands on the tape: that of {formula}.",
    "partial put in": "Put {stated} into {formula}.",
    "partial work out": "Work out {formula}.",
    "partial because": "∂{target}/∂{source} = {formula}: this one factor is what the sweep multiplies by.",
    "partial sign": "This has the right size and the other sign. The rule here is {formula}.",
    "partial degrees": "This takes the angle for degrees. Angles are in radians here.",
    "partial value": "This is the value of {target}. The partial asks how fast it changes.",
    "partial source": "This is the value of {source} itself.",
    "partial inverse": "This is one over it: the partial of the step the other way round.",
    "partial whole way": "This is {bar}, the whole way from {source} to {swept}. The question is about the one step to "
    "{target}.",
    # a contribution
    "contribution": "The sweep is at {target} = {operation}, where {bar} = {adjoint}. What does it add to {into}?",
    "contribution hint 1": "An entry sends its adjoint back to each of its operands, times one factor. Which is it for "
    "{source}?",
    "contribution added": "{into} += {bar} * {factor}.",
    "contribution numbers": "With the numbers: {adjoint} · {partial}.",
    "contribution partial": "This is the partial alone. {bar} is not 1 here, and multiplies it.",
    "contribution adjoint": "This is {bar}, before the step to {source} has multiplied it by its partial.",
    "contribution sum": "This adds the two. Along one path factors multiply.",
    "contribution quotient": "This divides by the partial, and the chain rule multiplies.",
    "contribution end": "This is what {into} has in the end. The question is about this one addition.",
    # the adjoint of what is read several times
    "adjoint": "{label} is read {often}. What stands in {bar} after the sweep from {swept}?",
    "adjoint hint 1": "Which entries read {label}? Each of them sends something back, and each one counts.",
    "adjoint hint 2": "They send {terms}, and += adds them.",
    "numbers": "With the numbers: {numbers}.",
    "adjoint because": "Every entry that reads it has sent its part, and the parts add.",
    "adjoint other": "This is what {other} sends. {label} is read in one more place, {entry}{line}: what arrives from "
    "there is added.",
    "adjoint without": "What {entry}{line} sends is not in this. All else is.",
    "adjoint alone": "This is what {reader} sends, and {label} is read elsewhere as well.",
    "adjoint taken off": "This is the sum with the part of {reader} taken off instead of added.",
    "adjoint no partial": "This fits a sum in which {bar} arrives without its partial {formula}.",
    "adjoint product": "This is the product of the contributions. Where paths meet, they add.",
    "adjoint value": "This is the value of {label}. The adjoint asks how the output answers to it.",
    # the derivative by an input
    "gradient": "What is d{swept}/d{label}, at {point}?",
    "gradient hint 1": "Follow what reads {label}, and what reads that, up to {swept}. Multiply along each path; add "
    "the paths.",
    "gradient path": "One path leads there: {paths}.",
    "gradient paths": "{count} paths lead there: {paths}.",
    "gradient because": "It is the sum over {paths}.",
    "the one path": "the one path",
    "both paths": "both paths",
    "all paths": "all {count} paths",
    "gradient other right": "This leaves out the path {path}. The other path is right.",
    "gradient others right": "This leaves out the path {path}. The other paths are right.",
    "gradient reader": "This is {bar}. The step through {entry} multiplies it by one more partial.",
    "gradient other": "This is the derivative by {other}. Which factor does {label} have beside it?",
    "gradient twice": "This is twice the derivative. Is a path counted two times?",
    "gradient half": "This is half of the derivative. A factor 2 is missing.",
    "gradient value": "This is the value of {swept}, not its derivative.",
    # whether the output grows
    "growth": "{label} grows a little from {value}. What does {swept} do?",
    "grows": "it grows",
    "falls": "it falls",
    "stays": "it stays, to first order",
    "growth hint 1": "The sign of {bar} answers this.",
    "growth hint 2": "Read the partials on the way from {label} to {swept}: how many are negative?",
    "growth hint 3": "The paths bring {brings}.",
    "too many": "more than can be told",
    "growth because": "{bar} = {adjoint}.",
    "growth leads": "Compare the signs of the paths from {label} to {swept}, then which of them is larger.",
    # which of two inputs moves it more
    "which": "{one} and {two} grow by the same small amount. Which moves {swept} more?",
    "which hint 1": "Compare the sizes of the two adjoints, without their signs.",
    "which hint 2": "They are {bar_one} and {bar_two}: what multiplies each of them in the last step?",
    "which hint 3": "Compare {steps_one} with {steps_two}.",
    "which because": "{bar_one} = {adjoint_one}, {bar_two} = {adjoint_two}.",
    "which leads": "What counts is what an input is multiplied by, and that is often not the input itself.",
    # a tangent
    "tangent": "In forward mode {dot_start} is 1, and the tangents of the other inputs are 0, at {point}. What is "
    "{dot}, of {label} = {operation}?",
    "tangent hint 1": "Go along with the program: which operands of {label} move with {start}?",
    "tangent sum": "{dot} = {terms}.",
    "tangent without": "What comes through {operand} is not in this. All operands that move add.",
    "tangent adjoint": "This is {bar}, of the reverse sweep. Forward mode starts at the input.",
    "tangent value": "This is the value of {label}. The tangent asks how fast it changes.",
    "tangent further": "This is the tangent of {swept}, further on.",
    "tangent partial": "This is one partial alone. {moving} is {tangent}, and multiplies it.",
    # what a gradient costs
    "cost forward": "One run executes {value} entries, and there are {inputs} inputs. How many does forward mode "
    "execute for the whole gradient of {swept}, the run included, if its sweeps take {sweeps} in all?",
    "cost forward hint 1": "Forward mode follows one input at a time, beside the run.",
    "cost forward hint 2": "It is the entries of the run, and those of one sweep for each input.",
    "cost forward hint 3": "{value} + {sweeps}.",
    "cost forward because": "Each further input adds a sweep. Reverse mode needs one: {reverse} entries for all "
    "inputs.",
    "cost sweeps": "These are the sweeps alone. The run before them executes entries too.",
    "cost of reverse": "This is the count of reverse mode: one run and one sweep.",
    "cost of differences": "This is the count of central differences: two runs for each input.",
    "cost of forward": "This is the count of forward mode.",
    "cost differences": "One run executes {value} entries, and there are {inputs} inputs. How many do central "
    "differences execute for the whole gradient of {swept}?",
    "cost differences hint 1": "A central difference runs the program beside the point. How often for one input?",
    "cost differences hint 2": "Two runs for each input.",
    "cost differences hint 3": "2 · {inputs} · {value}.",
    "cost differences because": "Two runs for each input. Reverse mode executes {reverse} entries for all of them.",
    "cost one run": "This is one run for each input. A central difference takes two.",
    "cost one-sided": "This is the count of one-sided differences: a run for each input, and one more.",
    # the step of a difference, which the page asks
    "check": "A central difference by {label} is taken with three steps. Which of them comes closest to the "
    "derivative?",
    "check step": "h = {step}",
    "check hint 1": "Move the step below and watch how many digits agree.",
    "check hint 2": "A large step sees the curve of the function; a tiny one subtracts two numbers that agree in "
    "nearly all digits.",
    "check hint 3": "The first error falls as h², the second grows as 1/h. They meet in between.",
    "check because": "The two errors meet near there: with a larger step the curve of the function is seen, with a "
    "smaller one rounding.",
    "check leads": "Two errors work against each other here: one shrinks with the step, the other grows.",
    # what is said of answers
    "right": "Right.",
    "not yet": "Not yet.",
    "it is": "It is {truth}.",
    "hint": "Hint {number} of {count}: {hint}",
    "no further hint": "There is no further hint; `show` shows the answer.",
    "none of the answers": "that is none of the answers: choose {keys}",
    "nothing to ask": "there is nothing to ask about this program at this level",
    "other levels": "there is something at --level {levels}",
    "no level": "it needs an input, and operations on it",
    "unreadable": "that could not be read: {reason}",
    "unreadable text": "write a number, or a formula over the names of the program, such as `y * cos(a)`",
    "unreadable name": "the program has no value `{name}`",
    "unreadable array": "the answer is one number",
}


def said(key: str, /, **fields: object) -> str:
    """A sentence, with what stands in its places."""
    return WORDS[key].format_map(fields)
