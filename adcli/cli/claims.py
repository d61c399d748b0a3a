"""`--claim-file`: derivatives as another program has computed them: JSON, CSV, NumPy arrays, or lines of claims."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator

from adcli.cli.data_arrays import archive_of, array_of
from adcli.cli.json_text import json_of
from adcli.errors import AdError, Problem
from adcli.program.program import Program
from adcli.syntax.source import STANDARD_INPUT, read_source
from adcli.trust.claimed import Written
from adcli.trust.claims_given import ClaimData, bad_data

_INPUT = ("input", "variable", "name")
_DERIVATIVE = ("gradient", "derivative", "claim", "value")


def claims_in(path: str, program: Program) -> list[ClaimData]:
    """The derivatives in a file; raises AdError `bad-claim`, and what `read_source` raises."""
    kind = path.lower().rpartition(".")[2]
    if kind == "npy":
        return [ClaimData(array_of(path), f"`{path}`")]
    if kind == "npz":
        with archive_of(path) as arrays:
            return [ClaimData(dict(arrays.items()), f"`{path}`")]
    if path == STANDARD_INPUT == program.source.name:
        message = "standard input can be read once, and both the program and the claims are to come from it"
        raise AdError(Problem("usage", message, help="name a file for one of them"))
    text = read_source(path).text
    if kind in ("csv", "tsv"):
        return _each_once(path, program, list(_from_csv(path, text)))
    return [_from_json(path, text)] if kind == "json" or _looks_like_json(text) else list(_from_lines(path, text))


def _each_once(path: str, program: Program, claims: list[ClaimData]) -> list[ClaimData]:
    """The same claims; raises AdError where there are none, or one twice."""
    if not claims:
        raise bad_data(f"`{path}` holds no derivatives")
    times = Counter((claim.output or program.outputs[0], *claim.data) for claim in claims)
    output, variable = max(times, key=lambda pair: times[pair])
    if times[output, variable] > 1:
        raise bad_data(f"`{path}` gives the derivative of `{output}` by `{variable}` twice", "give it once")
    return claims


def _looks_like_json(text: str) -> bool:
    """Whether a text starts as JSON does, and no claim."""
    start = text.lstrip()[:1]
    return not start or start in '{["-' or start.isdigit()


def _from_json(path: str, text: str) -> ClaimData:
    try:
        data = json_of(text, Written, Written)
    except (ValueError, RecursionError) as error:
        raise bad_data(f"`{path}` is not JSON that can be read: {error}") from None
    if isinstance(data, dict) and isinstance(data.get("gradient"), dict):  # what `adcli grad --format json` writes
        data = data["gradient"]
    if isinstance(data, str) or data is None:
        raise bad_data(f"`{path}` holds no numbers")
    return ClaimData(data, f"`{path}`")


def _from_lines(path: str, text: str) -> Iterator[ClaimData]:
    """The claims in a text, one to a line; comments and empty lines are left out."""
    for number, line in enumerate(text.splitlines(), start=1):
        claim = line.partition("#")[0].strip().removeprefix("claim ")
        if claim:
            yield ClaimData(claim, f"{path}, line {number}")


def _from_csv(path: str, text: str) -> Iterator[ClaimData]:
    separator = "\t" if path.lower().endswith(".tsv") else ","
    try:
        rows = list(csv.reader(text.splitlines(), delimiter=separator, skipinitialspace=True, strict=True))
    except csv.Error as error:
        raise bad_data(f"`{path}` is not CSV that can be read: {error}") from None
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    by, of = (next((header.index(name) for name in names if name in header), None) for names in (_INPUT, _DERIVATIVE))
    if by is None or of is None:
        raise bad_data(f"`{path}` has no columns `input` and `gradient` in its first line")
    output = header.index("output") if "output" in header else None
    for number, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        if len(row) != len(header):
            raise bad_data(f"`{path}`, line {number}: {len(row)} cells, and the first line has {len(header)}")
        if row[by].strip() == "(direction)":  # of `adcli grad --format csv`
            continue
        of_output = "" if output is None else row[output].strip()
        yield ClaimData({row[by].strip(): row[of]}, f"`{path}`, line {number}", of_output)
