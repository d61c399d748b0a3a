"""Numbers for an input from a file: a table as CSV or such, a NumPy array, or JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from adcli.cli.data_arrays import archive_of, as_float64, from_archive, from_npy, no_archive
from adcli.cli.data_json import from_json
from adcli.cli.data_messages import bad_file, no_numbers, shown
from adcli.cli.data_tables import from_table

if TYPE_CHECKING:
    from adcli.cli.data_messages import Array


_FILE = re.compile(r"(.*?\.(csv|tsv|txt|npy|npz|json))(?:\[(.*)\])?", re.IGNORECASE | re.DOTALL)
_FORMS = "a data file ends with .csv, .tsv, .txt, .npy, .npz or .json"


def names_file(text: str) -> bool:
    """Whether the text of an option names a data file, such as `data.csv` or `data.csv[height,weight]`."""
    return _FILE.fullmatch(text) is not None


def read_array(text: str, what: str) -> float | Array:
    """The number, the vector or the matrix in a data file, or in some of its columns: `data.csv[height,weight]`.

    Raises AdError `data-file` where there is no such file, column or member, or it has another format, and
    `data-value` where a value is missing or is not a finite number. `what` is the option that names the file.
    """
    match = _FILE.fullmatch(text)
    if match is None:
        raise bad_file(f"{what} is given `{shown(text)}`, which names no data file", help=_FORMS)
    path, kind, part = match[1], match[2].lower(), match[3]
    if kind == "json":
        return from_json(path, part)
    if kind == "npz":
        return from_archive(path, part)
    if kind == "npy":
        if part is not None:
            raise bad_file(f"`{path}` holds one array, and no `{shown(part)}`", help=f"write `{path}`")
        return from_npy(path)
    return from_table(path, kind, part)


def read_point(path: str) -> dict[str, float | Array]:
    """Every array of an `.npz` archive, by its name.

    Raises AdError `data-file` or `data-value`, as `read_array` does.
    """
    if not path.lower().endswith(".npz"):
        raise no_archive(path)
    with archive_of(path) as arrays:
        if not arrays:
            raise no_numbers(path)
        return {name: as_float64(array, f"`{path}`, array `{shown(name)}`") for name, array in arrays.items()}
