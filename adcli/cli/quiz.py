"""`adcli quiz`: questions on a program, in the terminal or by a pipe."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import textwrap
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from adcli.cli.options import of_option
from adcli.cli.program_command import Loaded, ProgramCommand
from adcli.cli.status import ExitStatus
from adcli.cli.writing import write_over
from adcli.errors import AdError, Problem
from adcli.syntax.source import read_source

if TYPE_CHECKING:
    from adcli.teach.question import Question
    from adcli.teach.quiz import Quiz

_WIDEST = 96
_USAGE = "Answer with a number or a formula, such as y*(1+cos(a)). ? gives a hint, show the answer, quit ends."
_HINT, _SHOW, _QUIT = ("?", "hint"), ("show", "skip"), ("quit", "q", "exit")


@click.command(
    "quiz",
    cls=ProgramCommand,
    short_help="Questions on a program, with hints.",
    examples=(
        ("quiz model.ad", "partials and contributions"),
        ("quiz model.ad --level 2 --seed 7", "adjoints and gradients, others of them"),
        ("quiz model.ad --answers answers.txt", "an answer a line, without a terminal"),
    ),
)
@of_option("the first output")
@click.option("--level", type=click.IntRange(1, 3), default=1, show_default=True,
              help="1: partials, contributions. 2: adjoints, gradients. 3: tangents, costs.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Chooses among the questions that there are.")
@click.option("--count", type=click.IntRange(1, 50), default=8, show_default=True, metavar="N",
              help="At most so many questions.")  # fmt: skip
@click.option("--answers", metavar="FILE", help="Take the answers from a file, one a line.")
@click.option("--restart", is_flag=True, help="Begin anew, where a quiz that was left would go on.")
def command(loaded: Loaded, answers: str | None, restart: bool, **options: Any) -> ExitStatus:
    """Run PROGRAM and ask about it: partials, contributions, adjoints, gradients, tangents, costs.

    A wrong answer is told what it may come from, and there are three hints to each question. It is passed with two
    thirds of the points, of which a hint or a second try takes half: the exit status is 0 then, and else 1.
    On a terminal a quiz that was left goes on where it was.
    """
    from adcli.teach.quiz import QuizOptions

    if answers is None and loaded.argument == ["-"]:
        help_text = "--answers FILE has them"
        raise AdError(Problem("usage", "standard input has the program, and can have no answers", help=help_text))
    quiz = QuizOptions(**options).answer(loaded.start)
    keeps = answers is None and sys.stdin is not None and sys.stdin.isatty()
    path = _progress_path(loaded, options) if keeps else None
    if path is not None and not restart:
        _go_on(quiz, path)
    lines = iter(read_source(answers).text.splitlines()) if answers is not None else _typed()
    _ask(quiz, lines, path, echoes=not keeps)
    return ExitStatus.DONE if quiz.is_passed else ExitStatus.CHECK_FAILED


def _typed() -> Iterator[str]:
    while sys.stdin is not None and (line := sys.stdin.readline()):
        yield line.rstrip("\n")


def _ask(quiz: Quiz, lines: Iterator[str], path: str | None, echoes: bool) -> None:
    """Ask until all is answered, or nothing more comes."""
    _say(_USAGE)
    asked = -1
    while (question := quiz.present) is not None:
        if asked != len(quiz.results):
            asked = len(quiz.results)
            _say(f"\n{asked + 1} of {len(quiz.questions)}. {question.asked}")
            _say_choices(question)
        click.echo("> ", nl=False)
        line = next(lines, None)
        if echoes:
            click.echo("" if line is None else line)
        if line is None or line.strip().lower() in _QUIT:
            if line is None and not echoes:
                click.echo()
            break
        if line.strip():
            _say(_reply(quiz, line))
            _keep(quiz, path)
    _end(quiz, path)


def _reply(quiz: Quiz, line: str) -> str:
    word = line.strip().lower()
    if word in _HINT:
        return quiz.hint()
    if word in _SHOW:
        return quiz.show()
    try:
        return quiz.answer(line)
    except AdError as error:
        message = error.problems[0].message
        return message[:1].upper() + message[1:] + ("" if message.endswith(".") else ".")


def _say_choices(question: Question) -> None:
    for place, choice in enumerate(question.choices, 1):
        click.echo(f"   {place}  {choice.text}")


def _say(text: str) -> None:
    width = min(shutil.get_terminal_size().columns - 1, _WIDEST)
    for line in text.split("\n"):
        click.echo(textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False))


def _end(quiz: Quiz, path: str | None) -> None:
    from adcli.teach.quiz import HELPED, RIGHT

    count = len(quiz.questions)
    right, helped = quiz.results.count(RIGHT), quiz.results.count(HELPED)
    parts = [f"{right} of {count} right at once"]
    if helped:
        parts.append(f"{helped} with a hint or at a later try")
    if quiz.present is not None:
        parts.append(f"{count - len(quiz.results)} left")
    _say(f"\n{', '.join(parts)}: {round(100 * quiz.score)} %, {'passed' if quiz.is_passed else 'not passed'}")
    if path is not None and quiz.present is None:
        with suppress(OSError):
            os.unlink(path)


# Where a quiz was left


def _progress_path(loaded: Loaded, options: dict[str, Any]) -> str:
    """The file that keeps how far this quiz has come: in `XDG_STATE_HOME`, or where that is by default."""
    start = loaded.start
    key = json.dumps([start.program.source.text, str(start.point), sorted(options.items(), key=str)], default=str)
    base = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(base, "adcli", f"quiz-{hashlib.sha256(key.encode()).hexdigest()[:16]}.json")


def _go_on(quiz: Quiz, path: str) -> None:
    """Take up what is kept, if it is of these questions."""
    from adcli.teach.quiz import HELPED, RIGHT, SHOWN

    try:
        with open(path, encoding="utf-8") as file:
            results = json.load(file)
    except (OSError, ValueError):
        return
    if isinstance(results, list) and len(results) < len(quiz.questions) and {*results} <= {RIGHT, HELPED, SHOWN}:
        quiz.results = results
        _say(f"This goes on where it was left; --restart begins anew. {len(results)} are done.")


def _keep(quiz: Quiz, path: str | None) -> None:
    """Write how far it has come; where that cannot be written the quiz goes on without."""
    if path is None:
        return
    with suppress(OSError, AdError):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write_over(path, json.dumps(quiz.results))
