"""The entry of the `adcli` command, and of `python -m adcli`."""

import contextlib
import gc
import os
import sys


def run() -> None:
    """Run the command line and end the process with its status."""
    gc.disable()  # a command's process keeps what it makes: to look for garbage in it costs, and finds none
    from adcli.cli.main import main

    status = main(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
    os._exit(status)  # the system frees a process at once; the interpreter would take it apart object by object


if __name__ == "__main__":
    run()
