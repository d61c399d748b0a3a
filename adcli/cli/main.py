"""The `adcli` command: who reads a command line, and how a run ends."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from adcli.cli.arguments import value_given
from adcli.cli.plain import plain_status
from adcli.cli.status import ExitStatus, in_main_thread
from adcli.errors import AdError, CheckFailedError, Problem
from adcli.syntax.source import forget_reads
from adcli.tape.limits import free_memory


def main(arguments: list[str]) -> int:
    """Run the command line; its exit status. Whatever happens, the user gets a message and not a traceback."""
    forget_reads()
    try:
        with _ended_in_good_order(), _memory_that_there_is():
            return _watched(arguments) if "--watch" in arguments else _run(arguments)
    except KeyboardInterrupt:  # between what follows, which has answers of its own
        return _interrupted()
    except Terminated:
        return _terminated()


def _watched(arguments: list[str]) -> int:
    from adcli.cli.watch import watched

    try:
        return watched(lambda: _run(arguments))
    except AdError as error:
        return _complain(error, arguments)


def _run(arguments: list[str]) -> int:
    try:
        return _status(arguments)
    except MemoryError as error:
        needed = str(error)
    gc.collect()  # what was computed is let go with the error: there is memory for a message then
    help_text = "smaller arrays take less, and so does --difference none where a command compares"
    note = needed[:1].lower() + needed[1:]
    problem = Problem("too-large", "there is not enough memory for this", note=note, help=help_text)
    return _complain(AdError(problem), arguments)


def _status(arguments: list[str]) -> int:
    if sys.flags.optimize > 1 and (not arguments or {"--help", "-h"}.intersection(arguments)):
        print("Python runs with -OO, which leaves out the texts of the help", file=sys.stderr)
    try:
        status: int | None = plain_status(arguments)
        if status is None:
            from adcli.cli.group import status_of  # click takes longer to import than a gradient takes

            status = status_of(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except AdError as error:
        return _complain(error, arguments)
    except KeyboardInterrupt:
        return _interrupted()
    except Terminated:
        return _terminated()
    except BrokenPipeError:
        return _reader_gone()
    except MemoryError:
        raise  # to where all of this is let go
    except SystemExit:
        if "_ADCLI_COMPLETE" in os.environ:  # click completes a command line, and ends
            raise
        return _reader_gone()  # click's way to end when nobody reads
    except OSError as error:
        reason = f"cannot write the result: {error.strerror or error}"
        return _complain(AdError(Problem("output", reason)), arguments)
    except Exception as error:
        if _is_of_interrupt(error):
            return _interrupted()
        if os.environ.get("ADCLI_TRACEBACK"):
            raise
        what = f"{type(error).__name__}: {error}"
        help_text = "this is a mistake in adcli, not in your program; ADCLI_TRACEBACK=1 shows where"
        _complain(AdError(Problem("internal", what, help=help_text)), arguments)
        return ExitStatus.INTERNAL


def _interrupted() -> ExitStatus:
    print("interrupted", file=sys.stderr)
    return ExitStatus.INTERRUPTED


def _terminated() -> ExitStatus:
    print("terminated", file=sys.stderr)
    return ExitStatus.TERMINATED


def _is_of_interrupt(error: BaseException | None) -> bool:
    """Whether something was interrupted that told it as an error of another kind, as extension modules do at import."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


class Terminated(BaseException):
    """The system, or somebody else, ends this process: what it has begun to write is put away first."""


@contextmanager
def _ended_in_good_order() -> Iterator[None]:
    """Raise Terminated where the process is asked to end, if nobody has chosen otherwise."""

    def ended(number: int, frame: object) -> None:
        raise Terminated

    chosen = signal.getsignal(signal.SIGTERM)
    if chosen is not signal.SIG_DFL or not in_main_thread():
        yield
        return
    signal.signal(signal.SIGTERM, ended)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, chosen)


@contextmanager
def _memory_that_there_is() -> Iterator[None]:
    """Refuse this process more memory than is free, where else the system would end it without a word."""
    try:
        import resource

        with open("/proc/self/statm", encoding="utf-8") as file:
            used = int(file.read().split()[5]) * resource.getpagesize()
        before, most = resource.getrlimit(resource.RLIMIT_DATA)
        limit = used + free_memory()
        if before == resource.RLIM_INFINITY or limit < before:
            resource.setrlimit(resource.RLIMIT_DATA, (limit, most))
    except (ImportError, OSError, ValueError):  # another system
        yield
        return
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (before, most))


def _reader_gone() -> ExitStatus:
    """Who reads has seen enough. Nothing more can be written, not even at exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitStatus.DONE


def _complain(error: AdError, arguments: list[str]) -> ExitStatus:
    """Write the problems to standard error, if there is one; they keep their status where there is none."""
    from adcli.cli.complain import write_json, write_problems

    with suppress(OSError):
        if value_given(arguments, "-f", "--format") == "json":
            write_json(error)
        else:
            color = {"always": True, "never": False}.get(value_given(arguments, "--color") or "")
            write_problems(error.problems, error.source, "error", color)
    return ExitStatus.CHECK_FAILED if isinstance(error, CheckFailedError) else ExitStatus.UNUSABLE
