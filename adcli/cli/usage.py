"""What is wrong with a command line, and what was probably meant."""

from __future__ import annotations

import os
import shlex
from collections.abc import Container, Iterable, Sequence

import click

from adcli.cli.arguments import Word, is_assignment
from adcli.errors import AdError, Problem
from adcli.program.suggest import did_you_mean

_MOST_INPUTS = 20  # that are named
_NEEDS_VALUE = "put the value between the two"
_OF_EXPRESSIONS = frozenset("*^+()=;√²³×·")  # hardly a file has these in its name
# What people call a command that has another name here.
_OTHER_NAMES = {
    "run": "eval", "value": "eval", "evaluate": "eval", "trace": "tape", "backward": "sweep", "backprop": "sweep",
    "gradient": "grad", "derivative": "grad", "diff": "grad", "derive": "grad", "d": "grad", "differentiate": "grad",
    "verify": "check", "test": "check", "forward": "jvp", "reverse": "vjp", "hess": "hessian", "jac": "jacobian",
    "examples": "samples", "example": "samples", "demo": "samples", "format": "fmt", "init": "new", "create": "new",
    "functions": "rules", "derivatives": "rules", "list": "samples", "man": "help", "version": "--version",
}  # fmt: skip


def no_program(ctx: click.Context, words: Iterable[Word]) -> AdError:
    """Nothing on the command line names a program."""
    path = ctx.command_path
    help_text = f"`{path} --help` lists what there is; `adcli new model.ad` writes a program to start from"
    if given := [word.text or "" for word in words if not word.option]:
        help_text = f"an input is an option, behind the program: `{path} model.ad {_as_options(given)}`"
    return AdError(Problem("usage", "no program is named: give a file, `-` or -e EXPRESSION", help=help_text))


def several_programs(ctx: click.Context) -> AdError:
    """A file and an expression, or two expressions."""
    help_text = f"an expression with spaces stands in quotes; `{ctx.command_path} --help` lists what there is"
    return AdError(Problem("usage", "give one program: a file, or one -e EXPRESSION", help=help_text))


def unknown_options(
    ctx: click.Context, words: Iterable[Word], known: Iterable[str], program: str, inputs: Sequence[str]
) -> list[Problem]:
    """A problem for each option that neither the command has nor, as an input, the program."""
    names = ", ".join(f"`{name}`" for name in inputs[:_MOST_INPUTS]) + (" …" if len(inputs) > _MOST_INPUTS else "")
    note = f"the inputs of {program}: {names}" if inputs else f"{program} has no inputs"
    problems = []
    for word in words:
        if word.known:
            continue
        name = word.option.lstrip("-")
        message = f"there is no option `{word.option}`, and no input of that name"
        if not word.option.startswith("--") and name in inputs:
            message = f"there is no option `{word.option}`"
            help_text = f"an input has two dashes: `--{name} {word.text or 'NUMBER'}`"
        else:
            close = did_you_mean(word.option, known, 0.7)
            help_text = f"{close} `{ctx.command_path} --help` lists what there is".strip()
        problems.append(Problem("usage", message, note=note, help=help_text))
    return problems


def forgotten_values(words: Iterable[Word], known: Container[str]) -> list[Problem]:
    """A problem for each option behind which, in the place of its value, the next option stands."""
    return [
        Problem("usage", f"`{word.option}` has no value: `{word.text}` behind it is an option", help=_NEEDS_VALUE)
        for word in words
        if word.text is not None and word.option in known and word.text in known
    ]


def words_too_many(words: Iterable[str]) -> list[Problem]:
    """A problem for `x=2`, and one for words that are there beside the program."""
    given = [word for word in words if is_assignment(word)]
    extra = [word for word in words if word not in given]
    problems = []
    if given:
        message = f"{_listed(given)}: an input is an option"
        problems.append(Problem("usage", message, help=f"write {_as_options(given)}"))
    if extra:
        help_text = "run the command once for each; an expression, and a value with spaces, stands in quotes"
        problems.append(Problem("usage", f"{_listed(extra)}: a command takes one program", help=help_text))
    return problems


def _listed(words: Iterable[str]) -> str:
    return " and ".join(f"`{word}`" for word in words)


def _as_options(given: Iterable[str]) -> str:
    pairs = [text.partition("=") for text in given]
    return " ".join(f"--{name} {shlex.quote(value)}" for name, _, value in pairs)


def meant_by_file(path: str, command: str) -> str:
    """What to do where a file is not there: its name may be an expression, or that of a sample; empty if neither."""
    name = path.removesuffix(".ad")
    if not path.endswith(".ad") and _OF_EXPRESSIONS.intersection(path):
        return f"an expression stands behind -e: `{command} -e {shlex.quote(path)}`"
    from adcli.cli.samples import sample_names, samples_called

    name = name.replace(os.sep, "/").removeprefix("samples/")
    matches = samples_called(name)
    if len(matches) != 1:
        close = did_you_mean(name, sample_names(), 0.8)
        return f"{close} `adcli samples copy NAME` makes a file of a sample" if close else ""
    file = f"{os.path.basename(matches[0])}.ad"
    return f"it is a sample: `adcli samples copy {matches[0]}` makes the file {file} of it"


def with_meaning(error: AdError, path: str, command: str) -> AdError:
    """The same error; of a file that is not there with what was probably meant."""
    (problem, *others) = error.problems
    if problem.code != "missing-file" or others or problem.help:
        return error
    return AdError(problem._replace(help=meant_by_file(path, command)), error.source)


def usage_error(error: click.ClickException, arguments: list[str], commands: Sequence[str]) -> AdError:
    """A mistake that click has found, as one of ours."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    named = next((argument for argument in arguments[:1] if argument in commands), "")
    path = context.command_path if context is not None else f"adcli {named}".strip()
    help_text = f"`{path} --help` lists what there is"
    message = _in_our_words(error.format_message())
    if isinstance(error, click.NoSuchOption):
        message = f"there is no option `{error.option_name}`"
        if not named:
            help_text = _behind_a_command(arguments, commands) or help_text
        elif error.possibilities:
            close = " or ".join(f"`{name}`" for name in sorted(error.possibilities))
            help_text = f"did you mean {close}? {help_text}"
    elif message.startswith("no such command"):
        group = context.command if context is not None else None
        known = group.list_commands(context) if context is not None and isinstance(group, click.Group) else []
        wanted = next((argument for argument in arguments if argument == _quoted(message)), arguments[0])
        message = f"there is no command `{wanted}`"
        help_text = _meant_by_command(wanted, arguments, known, path) or help_text
    return AdError(Problem("usage", message, help=help_text))


def _in_our_words(message: str) -> str:
    """What click says of an option, as one line that begins and ends as ours do."""
    message = " ".join(message.rstrip(".").split()).replace("'. Choose from: ", "': one of ")
    message = message.replace("is not a valid integer range", "is not a whole number")
    return message[:1].lower() + message[1:]


def _meant_by_command(wanted: str, arguments: list[str], known: Sequence[str], group: str) -> str:
    """What to do where a word is no command of a group: it may be a program, or what others call a command."""
    if group == "adcli" and (os.path.exists(wanted) or wanted.endswith(".ad")):
        return f"a command stands in front of a program: `adcli grad {shlex.join(arguments)}`"
    if group == "adcli" and _OF_EXPRESSIONS.intersection(wanted):
        return f"a command stands in front, and -e before an expression: `adcli grad -e {shlex.join(arguments)}`"
    other = _OTHER_NAMES.get(wanted.lower(), "") if group == "adcli" else ""
    close = f"did you mean `{other}`?" if other else did_you_mean(wanted, known)
    return f"{close} `{group} --help` lists what there is" if close else ""


def _behind_a_command(arguments: list[str], commands: Sequence[str]) -> str:
    """What to do with options that stand where a command should."""
    command = next((argument for argument in arguments if argument in commands), None)
    if command is None:
        return f"a command stands in front: `adcli grad {shlex.join(arguments)}`"
    rest = [argument for argument in arguments if argument != command]
    return f"options stand behind the command: `adcli {command} {shlex.join(rest)}`"


def _quoted(message: str) -> str:
    """What a message of click has between its first quotation marks."""
    return message.partition("'")[2].partition("'")[0]
