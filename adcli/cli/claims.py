"""`--claim-file`: derivatives as another program has computed them, in JSON or CSV."""

from __future__ import annotations

import csv
import json
import math
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from adcli.errors import AdError, Problem
from adcli.program.claims import CODE
from adcli.program.program import Program
from adcli.program.suggest import did_you_mean
from adcli.syntax.source import read_source
from adcli.tape.components import name_of
from adcli.trust.claimed import Numbers, written

_FORMS = (
    'write {"L": {"x": 5.88}} in JSON, or in CSV the columns `input` and `gradient`, and `output` if there are several'
)
_INPUT = ("input", "variable", "name")
_DERIVATIVE = ("gradient", "derivative", "claim", "value")


def claims_in(path: str, program: Program) -> list[Numbers]:
    """The derivatives in a file; raises AdError `bad-claim`, and what `read_source` raises.

    A number is taken for rounded in its last digit if it has at least five, else for exact.
    """
    text = read_source(path).text
    entries = _from_csv(path, text) if path.lower().endswith((".csv", ".tsv")) else _from_json(path, text, program)
    claims = [_numbers(path, program, *entry) for entry in entries]
    if not claims:
        raise _bad(f"`{path}` holds no derivatives")
    times = Counter((claim.output, claim.variable) for claim in claims)
    output, variable = max(times, key=lambda pair: times[pair])
    if times[output, variable] > 1:
        raise _bad(f"`{path}` gives the derivative of `{output}` by `{variable}` twice", "give it once")
    return claims


def _bad(message: str, help_text: str = _FORMS) -> AdError:
    return AdError(Problem(CODE, message, help=help_text))


def _numbers(path: str, program: Program, output: str, variable: str, values: Any, place: str) -> Numbers:
    output = output or program.outputs[0]
    inputs = [variable.name for variable in program.inputs]
    for name, known, what in ((output, program.code.bindings, "value"), (variable, inputs, "input")):
        if name_of(name) not in known:
            raise _bad(f"{place}: the program has no {what} `{name}`", did_you_mean(name, known) or _FORMS)
    texts = dict(_components(variable, values))
    numbers = {label: written(_decimal(text, f"{place}: the derivative by `{label}`")) for label, text in texts.items()}
    return Numbers(output, variable, numbers, f"d{output}/d{variable} in {path}")


def _components(label: str, values: Any) -> Iterator[tuple[str, Any]]:
    """The components of a number, of a vector or of a matrix by their names."""
    if not isinstance(values, list):
        yield label, values
        return
    for place, value in enumerate(values):
        if isinstance(value, list):
            yield from ((f"{label}[{place}, {column}]", element) for column, element in enumerate(value))
        else:
            yield f"{label}[{place}]", value


def _decimal(text: Any, what: str) -> Decimal:
    try:
        if not isinstance(text, (str, Decimal)):
            raise InvalidOperation
        number = Decimal(text.strip() if isinstance(text, str) else text)
        if not math.isfinite(float(number)):
            raise InvalidOperation
        return number
    except (InvalidOperation, OverflowError):
        raise _bad(f"{what} is no number: {json.dumps(text, default=str)}") from None


def _from_json(path: str, text: str, program: Program) -> Iterator[tuple[str, str, Any, str]]:
    try:
        data = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except (ValueError, RecursionError) as error:
        raise _bad(f"`{path}` is not JSON that can be read: {error}") from None
    if isinstance(data, dict) and isinstance(data.get("gradient"), dict):  # what `adcli grad --format json` writes
        data = data["gradient"]
    if not isinstance(data, dict):
        raise _bad(f"`{path}` holds no JSON object")
    if not any(isinstance(value, dict) for value in data.values()):
        if len(program.outputs) > 1:
            raise _bad(f"`{path}` does not say of which output the derivatives are")
        data = {program.outputs[0]: data}
    for output, derivatives in data.items():
        if not isinstance(derivatives, dict):
            raise _bad(f"`{output}` in `{path}` is no object of derivatives")
        for variable, values in derivatives.items():
            yield output, variable, values, f"`{path}`"


def _from_csv(path: str, text: str) -> Iterator[tuple[str, str, Any, str]]:
    separator = "\t" if path.lower().endswith(".tsv") else ","
    try:
        rows = list(csv.reader(text.splitlines(), delimiter=separator, skipinitialspace=True, strict=True))
    except csv.Error as error:
        raise _bad(f"`{path}` is not CSV that can be read: {error}") from None
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    by, of = (next((header.index(name) for name in names if name in header), None) for names in (_INPUT, _DERIVATIVE))
    if by is None or of is None:
        raise _bad(f"`{path}` has no columns `input` and `gradient` in its first line")
    output = header.index("output") if "output" in header else None
    for number, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        if len(row) != len(header):
            raise _bad(f"`{path}`, line {number}: {len(row)} cells, and the first line has {len(header)}")
        if row[by].strip() == "(direction)":  # of `adcli grad --format csv`
            continue
        yield ("" if output is None else row[output].strip()), row[by].strip(), row[of], f"`{path}`, line {number}"
