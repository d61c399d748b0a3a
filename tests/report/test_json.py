"""JSON that is written piece by piece is that of the whole, to the byte, and no more is made than is written."""

from __future__ import annotations

import copy
import csv
import io
import json
import pickle
from pathlib import Path

import numpy
import pytest

import adcli
from adcli.report.cells import Records
from adcli.report.csv import cell_text, to_csv
from adcli.report.json import json_of
from adcli.report.report import Report
from adcli.report.tape import TapeReport
from adcli.syntax.formula import Formula

SAMPLES = Path(__file__).parents[2] / "samples"
LONG = 2_345  # more than are written at once


def whole(report: Report, *extra: Report) -> str:
    """The same by Python's own writer, from plain data."""
    data = report.to_dict()
    for other in extra:
        data.update(other.own_dict())
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


@pytest.mark.parametrize("name", ["baydin", "black_scholes", "newton", "xor_network", "huber", "cancellation/cosine"])
def test_samples_are_written_as_by_python(name: str) -> None:
    program = adcli.load(SAMPLES / f"{name}.ad")
    point = {variable.name: 0.75 for variable in program.program.inputs if variable.declaration.default is None}
    reports = (
        program.evaluate(point), program.tape(point), program.sweep(point), program.gradient(point, difference="none"),
        program.gradient(point),
    )  # fmt: skip
    for report in reports:
        assert "".join(json_of(report)) == whole(report)
    first, *others = reports
    assert "".join(json_of(first, others)) == whole(first, *others)


def test_long_arrays_and_what_is_not_finite() -> None:
    program = adcli.parse(
        f"input x[{LONG}]\ninput M[3, 2] = [[1, 2], [3, 4], [5, 6]]\ninput e[2, {LONG}]\n"
        "output y = sum(log(x)) + sum(M * M) + sum(e)\n"
    )
    x = numpy.linspace(0, 1, LONG)  # log(0) is -inf, with a derivative that is infinite
    report = program.gradient(x=x, e=numpy.ones((2, LONG)), difference="none")
    assert "".join(json_of(report)) == whole(report)
    assert json.loads("".join(json_of(report)))["gradient"]["y"]["x"][0] == "Infinity"


def test_long_tapes() -> None:
    program = adcli.parse(f"input x = 2\ny = x\nfor k = 1 to {LONG} {{\n    y = y * 0.999 + sin(x)\n}}\noutput y\n")
    for report in (program.tape(), program.sweep(), program.evaluate()):
        assert "".join(json_of(report)) == whole(report)


# Rows of the same operations again and again, of numbers with signs, at edges, at infinities, past the range of floats.
ALIKE = """
input x = 0.5
input z = 0
y = x
p = z
for k = 1 to 6 {
    p = p + (y - -2) * x^2 - x^k / -3 + 2^-y + x * x - z * 0.25 + (-y)^3 - (0.1 - x)
    y = max(y, 3 - k) + abs(z) + (z + k - 4)^0 + where(x > 0, p, -p) / (1 + p * p)
    q = z^2 + sqrt(abs(z)) + z^0.5 + 1e308 * (k + x) * x - k
    r = if_large(y) / z - log(z * y)
}
def if_large(u) = where(u > 1, u, 1)
output y
output s = p + q + r
"""


def by_python(records: Records) -> str:
    """CSV of the cells by Python's own writer."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(records.headings)
    writer.writerows([cell_text(cell) for cell in row] for row in records.rows)
    return text.getvalue()


@pytest.mark.parametrize("wrt", [None, ["z"], ["x"]])
def test_rows_that_are_alike_are_written_as_each_would_be(wrt: list[str] | None) -> None:
    program = adcli.parse(ALIKE)
    tape, sweep = program.tape(wrt=wrt), program.sweep(of="y", wrt=wrt)
    for report in (tape, sweep, program.sweep(of="s", wrt=wrt)):  # what s passes on is hardly ever finite
        assert "".join(json_of(report)) == whole(report)
        assert "".join(to_csv([report.records()])) == by_python(report.records())
    for rows in (tape.rows(), sweep.contributions()):
        alike = [row.alike() for row in rows]
        assert None in alike  # such as z^0.5 at 0
        assert sum(row is not None for row in alike) > len(alike) / 4
    assert len("".join(json_of(pickle.loads(pickle.dumps(tape))))) > 10_000


def test_rows_are_made_as_they_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    report = adcli.parse(f"input x = 2\ny = x\nfor k = 1 to {LONG} {{\n    y = y + sin(x)\n}}\noutput y\n").tape()
    made = []
    entry = TapeReport._entry
    monkeypatch.setattr(TapeReport, "_entry", lambda self, place: made.append(place) or entry(self, place))
    pieces = json_of(report)
    while not made:
        next(pieces)
    assert 0 < len(made) < LONG
    assert len(list(pieces)) < LONG / 10  # and they are not written one by one
    assert len(made) > 2 * LONG


SIGNS = """
input x = 0.5
a = -2 * x + 3 * x^2 - (-3)^2 * x^(-2)
b = -x - -x - (-1) / (x - 2) + x^1.5 + (-x)^3 + x^.5
c = a - b * (a / b / 3) - (a - (b - -4)) + abs(x - 0.5)
output d = where(c > -1, c, -a) + max(a, -2) + 2^x
"""


@pytest.mark.parametrize("text", [SIGNS, SIGNS + "w = [x, -2, 3 * x]\noutput e = sum(w^2) + w[1] * w[0] - norm(w)\n"])
def test_a_text_of_an_entry_is_that_of_its_tree(text: str) -> None:
    program = adcli.parse(text)
    told = [row.operation for row in program.tape().entries]
    told += [partial.formula for row in program.tape().entries for partial in row.partials if partial.formula]
    told += [part for row in program.sweep(of="d").rows for part in (row.formula, row.receiver, row.operation)]
    told = [formula for formula in told if isinstance(formula, Formula)]
    assert len(told) > 100
    for formula in told:
        assert Formula(*formula.parts) == formula  # written anew from the tree, with the labels in it
        for again in (copy.deepcopy(formula), pickle.loads(pickle.dumps(formula))):
            assert (again, again.parts) == (formula, formula.parts)
