"""Commands that take a program: its inputs become their options."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from functools import cached_property, partial
from typing import Any

import click

from adcli.api import DifferentiableProgram, expression, load
from adcli.cli.arguments import options_of, program_words, programs_among, words_of
from adcli.cli.command import Command
from adcli.cli.given import given_value
from adcli.cli.writing import STANDARD_OUTPUT, require_writable
from adcli.errors import AdError, Problem
from adcli.program.program import InputVariable
from adcli.run import Start
from adcli.syntax.format import format_expression
from adcli.syntax.source import STANDARD_INPUT
from adcli.tape.inputs import missing_inputs, missing_problem, suggested_value
from adcli.tape.limits import MAX_ENTRIES
from adcli.tape.tape import Value

_LOADED = "adcli.loaded"
_EXPRESSION = ("-e", "--expression")
_WRITTEN = {"output": "--output", "plot": "--plot", "trace": "--trace", "residual_file": "--residuals"}
_UNITS = {"k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12}


class Loaded:
    """The program that a command line names, and the inputs that it gives.

    Attributes:
        program: the program
        argument: how the command line names it
        at: the inputs given by `--at`
        options: the inputs given by options of their own, which come before those of `--at`
        parameters: of the command with this program, once they are made
    """

    def __init__(self, program: DifferentiableProgram, argument: list[str]) -> None:
        self.program = program
        self.argument = argument
        self.at: dict[str, Value] = {}
        self.options: dict[str, Value] = {}
        self.parameters: list[click.Parameter] | None = None

    @property
    def given(self) -> dict[str, Value]:
        """All the inputs that are given."""
        return {**self.at, **self.options}

    @cached_property
    def start(self) -> Start:
        """The program at its inputs: all that a command asks is asked of one run."""
        return self.program.at(self.given)

    @property
    def inputs(self) -> tuple[InputVariable, ...]:
        """The program's inputs."""
        return self.program.program.inputs


def loaded_program(ctx: click.Context) -> Loaded | None:
    """The program that the command line names, if one could be loaded."""
    loaded: Loaded | None = ctx.meta.get(_LOADED)
    return loaded


class ProgramCommand(Command):
    """A command whose options are its own and, once the command line names a program, the program's inputs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params[:0] = [
            click.Argument(["program"], required=False, type=click.Path(allow_dash=True), expose_value=False),
            click.Option(["-e", "--expression"], metavar="EXPRESSION", expose_value=False,
                         help="An expression, or statements, in place of a program; free names are the inputs."),
            click.Option(["--at"], multiple=True, metavar="POINT", expose_value=False, callback=_give_at,
                         help="The inputs, as x=2,y=3 or as the name of a .json or .npz file."),
            click.Option(["--max-entries"], type=float, default=MAX_ENTRIES, metavar="N",
                         expose_value=False, callback=_limit, help="The limit of the tape; by default 1e7."),
            click.Option(["--max-memory"], metavar="SIZE", expose_value=False, callback=_limit_memory,
                         help="The same in bytes, as 500MB or 8GB; by default half of what is free."),
            click.Option(["--watch"], is_flag=True, expose_value=False,
                         help="Run again whenever the program, or a file with its inputs, is saved."),
        ]  # fmt: skip

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """`[OPTIONS] PROGRAM`."""
        return [self.options_metavar or "", "PROGRAM"]

    def value_of(self, ctx: click.Context, name: str, text: str, what: str) -> Value:
        """The value of an input from the text that is given; `what` is what messages call it. A command may know more.

        Raises AdError as `given_value` does.
        """
        return given_value(text, what)

    def known_inputs(self, ctx: click.Context, loaded: Loaded) -> Iterable[str]:
        """The inputs that have a value when the command begins. A command may have them from elsewhere."""
        return loaded.given

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find the program among the arguments and load it; its inputs are options from then on."""
        helping = any(name in args for name in ctx.help_option_names)
        words = program_words(args, options_of(super().get_params(ctx)))
        expressions = [word.text for word in words if word.option in _EXPRESSION]
        named = [("expression", text) for text in expressions if text is not None]
        named += [("path", text) for text in programs_among(words)[:1]]
        if len(named) > 1:
            raise _usage().several_programs(ctx)
        if named:
            _load_into(ctx, *named[0])
        elif not (helping or ctx.resilient_parsing or expressions):
            raise _usage().no_program(ctx, words)
        if helping and not ctx.resilient_parsing:
            return super().parse_args(ctx, list(ctx.help_option_names[:1]))
        if named and not ctx.resilient_parsing:
            self._refuse_unknown(ctx, args, named[0])
        return super().parse_args(ctx, args)

    def _refuse_unknown(self, ctx: click.Context, args: list[str], named: tuple[str, str]) -> None:
        """Tell all options at once that neither the command nor the program has, and all words that mean nothing."""
        known = options_of(self.get_params(ctx))
        words = words_of(args, known, named)
        others = [word.text or "" for word in words if not word.option]
        kind, name = named
        if kind == "path" and name in others:  # else an input has taken it for its value, and says what is wrong
            others.remove(name)
        if all(word.known and word.text not in known for word in words) and not others:
            return
        inputs = [variable.name for variable in ctx.meta[_LOADED].inputs]
        program = f"`{name}`" if kind == "path" else "the expression"
        problems = _usage().unknown_options(ctx, words, known, program, inputs)
        forgotten = _usage().forgotten_values(words, known)  # the words behind it may be for another option
        raise AdError([*problems, *(forgotten or _usage().words_too_many(others))])

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The command's own parameters, and the inputs of the program."""
        own = super().get_params(ctx)
        loaded = loaded_program(ctx)
        if loaded is None:
            return own
        if loaded.parameters is None:
            taken = {name for parameter in own for name in parameter.opts}
            inputs = enumerate(loaded.inputs)
            free = [_InputOption(variable, at) for at, variable in inputs if f"--{variable.name}" not in taken]
            loaded.parameters = [*own, *free]
        return list(loaded.parameters)

    def format_subject(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What the program says of itself, and its inputs."""
        loaded = loaded_program(ctx)
        if loaded is None:
            return
        program = loaded.program.program
        if program.tree.description:
            with formatter.section(program.source.name):
                for line in program.tree.description.split("\n"):
                    formatter.write_text(line)
        forms = {
            option.variable.name: option.form for option in self.get_params(ctx) if isinstance(option, _InputOption)
        }
        rows = [(forms.get(each.name, f"--at {each.name}=NUMBER"), _input_help(each)) for each in loaded.inputs]
        if rows:
            with formatter.section("Inputs of the program"):
                formatter.write_dl(rows)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The command's own options, apart from the program's inputs."""
        options = [option for option in super().get_params(ctx) if isinstance(option, click.Option)]
        with formatter.section("Options"):
            formatter.write_dl([record for option in options if (record := option.get_help_record(ctx)) is not None])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command with the loaded program as its first argument; all missing inputs are named at once."""
        loaded: Loaded = ctx.meta[_LOADED]
        program = loaded.program.program
        # `cost --inputs` gives the one input its values itself
        missing = [] if ctx.params.get("sizes") else missing_inputs(program, self.known_inputs(ctx, loaded))
        if missing:
            help_text = f"for example: {_working_command(ctx, loaded, missing)}"
            raise AdError(missing_problem(missing, help_text), program.source)
        require_writable_files(ctx)
        return ctx.invoke(self.callback, loaded, **ctx.params) if self.callback is not None else None


class _InputOption(click.Option):
    """An input of the program as an option; its value goes to the point."""

    def __init__(self, variable: InputVariable, position: int) -> None:
        self.variable = variable
        metavar = "NUMBER" if variable.shape == () else "VALUES"
        self.form = f"--{variable.name} {metavar}"
        super().__init__(
            [f"--{variable.name}", f"input_{position}"],  # the name need not be one of Python's
            metavar=metavar,
            help=_input_help(variable),
            expose_value=False,
            callback=self._give,
        )

    def _give(self, ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:
        if value is not None and not ctx.resilient_parsing:
            name = self.variable.name
            ctx.meta[_LOADED].options[name] = _command_of(ctx).value_of(ctx, name, value, f"`--{name}`")


def _command_of(ctx: click.Context) -> ProgramCommand:
    """The command that is called, which knows how its inputs are read."""
    assert isinstance(ctx.command, ProgramCommand)
    return ctx.command


def require_writable_files(ctx: click.Context) -> None:
    """Refuse files that a command is to write and cannot, or twice: before anything long begins.

    Raises AdError `output`, and `usage` where two options name one file.
    """
    known: dict[str, str] = {}
    for name, option in _WRITTEN.items():
        path = ctx.params.get(name)
        if path is None or path == STANDARD_OUTPUT:
            continue
        require_writable(path, option)
        other = known.setdefault(os.path.realpath(path), option)
        if other != option:
            raise AdError(Problem("usage", f"{option} and {other} are both to write `{path}`", help="name two files"))


def _give_at(ctx: click.Context, parameter: click.Parameter, points: tuple[str, ...]) -> None:
    loaded = loaded_program(ctx)
    if loaded is not None and points and not ctx.resilient_parsing:
        from adcli.cli.at import at_point

        for point in points:
            loaded.at.update(at_point(point, read=partial(_command_of(ctx).value_of, ctx)))


def _limit(ctx: click.Context, parameter: click.Parameter, value: float) -> None:
    if not 1 <= value <= sys.maxsize:
        raise click.BadParameter("expected a number of entries, such as 1e6", ctx, parameter)
    loaded = loaded_program(ctx)
    if loaded is not None:
        loaded.program.max_entries = int(value)


def _limit_memory(ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:
    loaded = loaded_program(ctx)
    if value is None or loaded is None:
        return
    number, unit = value.strip().rstrip("bB"), 1.0
    if number[-1:].lower() in _UNITS:
        number, unit = number[:-1], _UNITS[number[-1:].lower()]
    try:
        size = float(number) * unit
    except ValueError:
        size = 0.0
    if not 1 <= size <= sys.maxsize:
        raise click.BadParameter("expected a size, such as 500MB or 8GB", ctx, parameter)
    loaded.program.max_memory = int(size)


def _input_help(variable: InputVariable) -> str:
    declaration = variable.declaration
    facts = [variable.help] if variable.help else []
    if variable.shape:
        facts.append(f"shape [{', '.join(map(str, variable.shape))}]")
    if declaration.default is None:
        facts.append("required")
    else:
        facts.append(f"default {format_expression(declaration.default)}")
    if declaration.range is not None:
        low, high = map(format_expression, declaration.range)
        facts.append(f"range [{low}, {high}]")
    return "; ".join(facts)


def _usage() -> Any:
    from adcli.cli import usage  # a command line without a mistake needs none of it

    return usage


def _load_into(ctx: click.Context, kind: str, text: str) -> None:
    if ctx.resilient_parsing:  # the shell completes a command line that may be unfinished
        try:
            if text != STANDARD_INPUT:
                ctx.meta[_LOADED] = _loaded(kind, os.path.expanduser(text))  # the shell has not done it yet
        except AdError:
            pass
        return
    try:
        ctx.meta[_LOADED] = _loaded(kind, text)
    except AdError as error:
        raise _usage().with_meaning(error, text, ctx.command_path) from None


def _loaded(kind: str, text: str) -> Loaded:
    if kind == "expression":
        return Loaded(expression(text), ["-e", text])
    return Loaded(load(text), [text])


def _working_command(ctx: click.Context, loaded: Loaded, missing: list[str]) -> str:
    """A command line that gives the missing inputs a value."""
    import shlex

    variables = {variable.name: variable for variable in loaded.inputs}
    values: Mapping[str, str] = {
        name: _short(loaded.given[name]) if name in loaded.given else suggested_value(variables[name])
        for name in variables
        if name in loaded.given or name in missing
    }
    own = {name for parameter in ctx.command.params for name in parameter.opts}
    options = [f"--{name} {_quoted(value)}" for name, value in values.items() if f"--{name}" not in own]
    colliding = [f"{name}={value}" for name, value in values.items() if f"--{name}" in own]
    if colliding:
        options.append(f"--at {_quoted(','.join(colliding))}")
    return " ".join([ctx.command_path, shlex.join(loaded.argument), *options])


def _short(value: Value) -> str:
    if type(value) is not float:
        return str(value.tolist())
    return repr(value).removesuffix(".0")


def _quoted(text: str) -> str:
    """A text as the shell takes it."""
    return f"'{text}'" if "[" in text else text
