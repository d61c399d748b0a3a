"""The fields that reports declare: the document of the JSON is written from them, and the JSON has them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pytest

from adcli.graph.report import GraphReport
from adcli.report.cells import Column, Table, number, number_text, prose
from adcli.report.check import CheckReport
from adcli.report.cost import CostReport
from adcli.report.evaluation import Evaluation
from adcli.report.family import FamilyReport
from adcli.report.fields import Field, as_dict, picked, records_of, table, within
from adcli.report.fit import FitReport
from adcli.report.gradient import Gradient
from adcli.report.hessian import HessianReport
from adcli.report.hessian_product import HessianProduct
from adcli.report.jacobian import JacobianReport
from adcli.report.minimize import MinimizeReport
from adcli.report.precision import PrecisionReport
from adcli.report.products import AdjointReport, TangentReport
from adcli.report.report import HEAD
from adcli.report.root import RootReport
from adcli.report.rules import Rules
from adcli.report.sparsity import SparsityReport
from adcli.report.sweep import SweepReport
from adcli.report.tape import TapeReport
from adcli.report.uncertainty import UncertaintyReport
from adcli.report.why import WhyReport
from adcli.report.worksheet import WorksheetReport

from ..conftest import ROOT, Adcli

DOCUMENT = ROOT / "adcli" / "report" / "README.md"
START = "<!-- written from the fields that reports declare: pytest tests/report/test_fields.py --update -->\n"
COMMANDS: dict[str, tuple[Field, ...]] = {
    "every command": HEAD,
    "eval": Evaluation.fields,
    "grad": Gradient.fields,
    "check": CheckReport.fields,
    "tape": TapeReport.fields,
    "sweep": SweepReport.fields,
    "graph": GraphReport.fields,
    "worksheet": WorksheetReport.fields,
    "why": WhyReport.fields,
    "jvp": TangentReport.fields,
    "vjp": AdjointReport.fields,
    "jacobian": JacobianReport.fields,
    "hessian": HessianReport.fields,
    "hessian --sparsity": SparsityReport.fields,
    "hvp": HessianProduct.fields,
    "cost": CostReport.fields,
    "cost --inputs": FamilyReport.fields,
    "precision": PrecisionReport.fields,
    "minimize": MinimizeReport.fields,
    "fit": FitReport.fields,
    "root": RootReport.fields,
    "uncertainty": UncertaintyReport.fields,
    "rules": Rules.fields,
}
SINE = "samples/sine_product.ad"
RUNS = [
    "eval", "grad", "grad --difference direction", "check", "check --order 2 --random 2 --margins --curve x",
    "tape", "sweep", "graph --sweep", "worksheet", "worksheet --key", "why --wrt x", "jvp --dot x=1 --check",
    "vjp --bar L=1 --check",
    "jacobian --check", "hessian --check",
    "hvp --dot x=1 --check", "cost --no-time", "precision --verify", "minimize --steps 3", "root --solve x",
    "uncertainty --at x=2(1) --samples 100",
]  # fmt: skip
OTHER_RUNS = [
    "grad samples/kinks/hinge.ad", "sweep samples/kinks/hinge.ad", "check samples/claims/degrees.ad",
    "why samples/cancellation/cosine.ad", "precision samples/cancellation/cosine.ad --verify",
    "tape samples/linear_regression.ad", "tape samples/newton.ad",
    "cost samples/leapfrog_pendulum.ad --checkpoint 3 --no-time", "minimize samples/rosenbrock.ad",
    "fit samples/calibration.ad --residual error", "fit samples/linear_regression.ad --residual residual",
    "uncertainty samples/polar.ad --angle 1±0.1 --samples 100",
]  # fmt: skip


def lines(fields: Sequence[Field], indent: str = "") -> Iterator[str]:
    """The fields as a list, those of the objects that they hold below each."""
    for field in fields:
        form = f" {field.form}" if field.form else ""
        when = f" ({field.when})" if field.when else ""
        yield f"{indent}- `{field.key}`{form}{when}: {field.about}"
        yield from lines([inner for inner in field.fields if inner.key], indent + "  ")


def section() -> str:
    """What the document says of every command."""
    rows = []
    for command, fields in COMMANDS.items():
        name = command if command == "every command" else f"`{command}`"
        rows.append(f"| {name} | {', '.join(f'`{field.key}`' for field in fields)} |")
    text = ["| command | keys |", "| :-- | :-- |", *rows]
    for command, fields in COMMANDS.items():
        title = "Every command" if command == "every command" else f"`adcli {command}`"
        text += ["", f"### {title}", "", *lines(fields)]
    return "\n".join(text) + "\n"


def test_the_document_says_what_is_declared(request: pytest.FixtureRequest) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    head, mark, old = text.partition(START)
    assert mark
    if request.config.getoption("--update"):
        DOCUMENT.write_text(head + START + "\n" + section(), encoding="utf-8")
        old = "\n" + section()
    assert old == "\n" + section()


def is_row(value: Any, fields: Sequence[Field]) -> bool:
    """Whether a dictionary is an object with these fields, and not one by names."""
    return isinstance(value, dict) and fields[0].key in value and set(value) <= {field.key for field in fields}


def hold(value: Any, fields: Sequence[Field], where: str) -> None:
    """Assert that each object has its keys in order, and no key but those."""
    if is_row(value, fields):
        wanted = [field for field in fields if field.key and (field.key in value or not field.when)]
        assert list(value) == [field.key for field in wanted], where
        for field in wanted:
            if field.fields:
                hold(value[field.key], [inner for inner in field.fields if inner.key], f"{where}.{field.key}")
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            hold(item, fields, where)
    else:
        assert value is None, where


@pytest.mark.parametrize("run", [f"{run.split()[0]} {SINE} {' '.join(run.split()[1:])}" for run in RUNS] + OTHER_RUNS)
def test_the_json_has_the_fields(adcli: Adcli, run: str) -> None:
    result = adcli(*run.split(), "--format", "json")
    assert result.status in (0, 1), result.err
    report = json.loads(result.out)
    command = run.split()[0]
    fields = (*HEAD, *COMMANDS[command])
    assert list(report) == [field.key for field in fields if field.key in report or not field.when]
    hold(report, fields, command)


def test_the_json_of_what_has_no_point(adcli: Adcli) -> None:
    report = json.loads(adcli("rules", "--format", "json").out)
    assert list(report) == ["rules"]
    hold(report, Rules.fields, "rules")
    run = ["cost", "samples/speelpenning_loop.ad", "--inputs", "2,4", "--no-time", "--format", "json"]
    hold(json.loads(adcli(*run).out), (*HEAD, *FamilyReport.fields), "cost --inputs")


def test_every_field_has_a_sentence() -> None:
    def everything(fields: Sequence[Field]) -> Iterator[Field]:
        for field in fields:
            yield field
            yield from everything(field.fields)

    for command, fields in COMMANDS.items():
        for field in everything(fields):
            assert bool(field.about) == bool(field.key), (command, field.key)


class Part(NamedTuple):
    """A part of a row."""

    size: float


class Row(NamedTuple):
    """A row with a part, or without."""

    name: str
    value: float
    part: Part | None = None


ROW = (
    Field("name", "what it is called", column=Column("name"), show=lambda row: row.name.upper()),
    Field("value", "a number", csv="number", record=lambda row: f"<{row.value}>", column=number("value")),
    Field("", column=prose("half"), text=lambda row, digits: f"half of it is {number_text(row.value / 2, digits)}"),
    *within("part", (Field("size", "of the part", column=number("size"), show=lambda part: part.size * 100),)),
)
ROWS = (Row("a", 1 / 3, Part(0.5)), Row("b", 2.0))


def test_a_field_becomes_json_csv_and_a_column() -> None:
    assert as_dict(ROWS[0], ROW) == {"name": "a", "value": 1 / 3, "size": 0.5}
    headings, rows = records_of(ROWS, ROW)
    assert headings == ("name", "number", "size")
    assert list(rows) == [("a", f"<{1 / 3}>", 0.5), ("b", "<2.0>", None)]
    assert table("rows", ROWS, ROW, "below", 2) == Table(
        "rows",
        (Column("name"), Column("value", number=True), Column("half", breaks=True), Column("size", number=True)),
        (("A", 1 / 3, "half of it is 0.17", 50.0), ("B", 2.0, "half of it is 1", None)),
        "below",
    )


def test_fields_are_picked_in_the_order_asked_for() -> None:
    assert [field.key for field in picked(ROW, "size name")] == ["size", "name"]
    assert [column.heading for column in table("rows", ROWS, picked(ROW, "size name")).columns] == ["size", "name"]


def test_a_table_has_texts_and_cells_among_its_rows() -> None:
    rows = ["two more", ROWS[0], ("all", None, None, 3.0), ROWS[1]]
    shown = table("rows", rows, ROW, marked=lambda row: row.part is not None, dimmed=lambda row: row.value == 2)
    assert shown.rows[0] == ("two more", None, None, None)
    assert shown.rows[2] == ("all", None, None, 3.0)
    assert (shown.headings, shown.marked, shown.dimmed) == ({0}, {1}, {3})
