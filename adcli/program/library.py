"""The functions of the language that are written in the language: each in a file of the folder `library`."""

from __future__ import annotations

from adcli.resources import resource_text

LIBRARY_HOME = "adcli:"  # in front of the name of a file of the library
LIBRARY = ("integrate", "odeint", "cubic_spline")


def library_text(function: str) -> str:
    """The file that defines a function of the library, which may have others beside it."""
    return resource_text("library", f"{function}.ad")
