"""The value of an input from the command line: a constant expression, or a data file."""

from __future__ import annotations

from adcli.tape.inputs import value_from
from adcli.tape.tape import Value

_SUFFIXES = (".csv", ".tsv", ".txt", ".npy", ".npz", ".json")


def given_value(text: str, what: str) -> Value:
    """What an option gives. Raises AdError as `value_from` and `read_array` do."""
    if text.partition("[")[0].lower().endswith(_SUFFIXES):
        from adcli.cli.data import names_file, read_array  # most programs read no files

        if names_file(text):
            return read_array(text, what)
    return value_from(text, what)
