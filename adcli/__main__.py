"""The entry of the `adcli` command, and of `python -m adcli`."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys


def run() -> None:
    """Run the command line and end the process with its status."""
    gc.disable()  # a command's process keeps what it makes: to look for garbage in it costs, and finds none
    streams = [stream for stream in (sys.stdout, sys.stderr) if stream is not None]
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # an encoding without → or θ is no reason to fail
    try:
        from adcli.cli.main import main

        status = main(sys.argv[1:])
    except KeyboardInterrupt:  # before main could say it better
        status = 130
    for stream in streams:
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)  # the system frees a process at once; the interpreter would take it apart object by object


if __name__ == "__main__":
    run()
