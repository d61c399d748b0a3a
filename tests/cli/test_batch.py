"""`adcli batch`: each row as the methods have it, whatever the file, the format and the number of processes."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy
import pytest

import adcli as api
from adcli.cli import data_blocks, data_quick
from adcli.native.library import engine

from ..conftest import ROOT, SAMPLES, Adcli

SCHOLES, BOOK = "samples/black_scholes.ad", "samples/options.csv"
KINDS = ("csv", "tsv", "jsonl", "npy", "parquet")
POINTS = [(1.5, 2.0), (-0.25, 1e-3), (3.0, 7.0), (0.1, 0.2), (2.0, -5.5)]


def _table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def _program(tmp_path: Path) -> str:
    """A program that decides in two ways, and has no value at some points."""
    path = tmp_path / "model.ad"
    path.write_text("input x, y = 2\nif x > 1 { L = x * y } else { L = sqrt(x) * exp(y) }\noutput L\n")
    return str(path)


def _write(path: Path, kind: str) -> str:
    """The points as a file of a kind, in the columns y and x."""
    path = path / f"rows.{kind}"
    rows = [(y, x) for x, y in POINTS]
    if kind in ("csv", "tsv"):
        between = "\t" if kind == "tsv" else ","
        path.write_text("".join(f"{between.join(map(str, row))}\n" for row in [("y", "x"), *rows]))
    elif kind == "jsonl":
        path.write_text("".join(json.dumps({"y": y, "x": x}) + "\n" for y, x in rows))
    elif kind == "npy":
        numpy.save(path, numpy.array(rows, dtype=[("y", float), ("x", float)]))
    else:
        arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
        parquet.write_table(arrow.table({"y": [y for y, _ in rows], "x": [x for _, x in rows]}), path)
    return str(path)


def _expected(program: str, order: int = 1) -> list[list[float] | None]:
    """The value and the derivatives at each point by the methods; None where there is none."""
    loaded = api.load(program)
    found: list[list[float] | None] = []
    for x, y in POINTS:
        value = loaded.function(order=0)(x, y) if x > 0 else math.nan
        if math.isnan(value):
            found.append(None)
            continue
        slopes = loaded.gradient(x=x, y=y, difference="none").gradient["L"]
        row = [value, slopes["x"], slopes["y"]]
        if order == 2:
            hessian = loaded.hessian(x=x, y=y).hessian["L"]
            row += [hessian["x"]["x"], hessian["x"]["y"], hessian["y"]["y"]]
        found.append(row)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_file_gives_the_same(adcli: Adcli, tmp_path: Path, kind: str) -> None:
    program = _program(tmp_path)
    result = adcli("batch", program, _write(tmp_path, kind), "--order", "2")
    assert result.status == 1
    rows = _table(result.out)
    names = ["L", "dL/dx", "dL/dy", "d2L/dx/dx", "d2L/dx/dy", "d2L/dy/dy"]
    assert list(rows[0]) == [*names, "problem"]
    for row, expected in zip(rows, _expected(program, 2), strict=True):
        if expected is None:
            assert row["problem"]
            assert {row[name] for name in names} == {""}
        else:
            assert row["problem"] == ""
            assert [float(row[name]) for name in names] == pytest.approx(expected, rel=1e-15)
    assert "1 of 5 rows has a problem" in result.err
    assert f"{'row 2' if kind in ('npy', 'parquet') else 'line 2' if kind == 'jsonl' else 'line 3'}: " in result.err


@pytest.mark.parametrize("kind", ["csv", "jsonl", "npy", "parquet"])
def test_each_kind_of_result_says_the_same(adcli: Adcli, tmp_path: Path, kind: str) -> None:
    if kind == "parquet":
        pytest.importorskip("pyarrow")
    program = _program(tmp_path)
    path = tmp_path / f"results.{kind}"
    result = adcli("batch", program, _write(tmp_path, "csv"), "-o", str(path))
    assert (result.status, result.out) == (1, "")
    expected = [row or [math.nan] * 3 for row in _expected(program)]
    assert _read(path, kind) == pytest.approx(numpy.array(expected), rel=1e-15, nan_ok=True)
    assert [child.name for child in tmp_path.iterdir() if "tmp" in child.name] == []


def _read(path: Path, kind: str) -> Any:
    if kind == "npy":
        return numpy.load(path)
    if kind == "csv":
        rows: Any = [[float(row[name] or "nan") for name in list(row)[:3]] for row in _table(path.read_text())]
    elif kind == "jsonl":
        rows = [list(json.loads(line).values())[:3] for line in path.read_text().splitlines()]
    else:
        parquet = pytest.importorskip("pyarrow.parquet")
        rows = [list(row.values())[:3] for row in parquet.read_table(path).to_pylist()]
    return numpy.array(rows, float)


def test_a_book_of_options(adcli: Adcli) -> None:
    result = adcli("batch", SCHOLES, BOOK, "--rate", "0.1", "--keep", "id,spot")
    rows = _table(result.out)
    # Hull, "Options, Futures, and Other Derivatives", example 15.6: the call is worth 4.76
    assert (rows[0]["id"], rows[0]["spot"], round(float(rows[0]["call"]), 2)) == ("C40", "42", 4.76)
    assert len(rows) == 20
    assert [row["id"] for row in rows if row["problem"]] == ["C36-bad"]
    assert (result.status, "line 14: the input `volatility`: a value is missing" in result.err) == (1, True)
    slopes = api.load(str(SAMPLES / "black_scholes.ad")).gradient(difference="none").gradient["call"]
    assert [float(rows[0][f"dcall/d{name}"]) for name in slopes] == pytest.approx(list(slopes.values()), rel=1e-14)


def test_ten_thousand_rows_in_blocks_and_in_processes(
    adcli: Adcli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The closed forms of the Greeks, of Hull's chapter 19, in NumPy; what is written does not depend on `--jobs`."""
    monkeypatch.setattr(data_blocks, "ROWS", 3_000)
    draw = numpy.random.default_rng(5)
    columns = [draw.uniform(low, high, 10_000) for low, high in ((20, 80), (20, 80), (0.1, 0.6), (0.1, 3))]
    spot, strike, volatility, time = columns
    path = tmp_path / "book.csv"
    numbers = numpy.stack(columns, axis=1).tolist()
    path.write_text("spot,strike,volatility,time\n" + "".join(f"{','.join(map(repr, row))}\n" for row in numbers))
    one, two = (adcli("batch", SCHOLES, str(path), "--rate", "0.1", "--jobs", jobs) for jobs in ("1", "2"))
    assert (one.status, one.err) == (0, "")
    assert one.out == two.out
    d1 = (numpy.log(spot / strike) + (0.1 + volatility**2 / 2) * time) / (volatility * numpy.sqrt(time))
    delta = numpy.array([math.erfc(-value / math.sqrt(2)) / 2 for value in d1])
    vega = spot * numpy.sqrt(time) * numpy.exp(-(d1**2) / 2) / math.sqrt(2 * math.pi)
    rows = _table(one.out)
    assert [float(row["dcall/dspot"]) for row in rows] == pytest.approx(delta, rel=1e-9, abs=1e-13)
    assert [float(row["dcall/dvolatility"]) for row in rows] == pytest.approx(vega, rel=1e-9, abs=1e-12)


def test_what_a_row_gives_does_not_depend_on_the_blocks_before(
    adcli: Adcli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_blocks, "ROWS", 2)
    program = tmp_path / "steps.ad"
    program.write_text("input x\ny = x\nwhile y > 1 { y = y / 2 + sin(y) / 9 }\noutput y\n")
    points = [3.0, 0.5, 0.7, 40.0, 3.1, 0.5]
    text = "x\n" + "".join(f"{point}\n" for point in points)
    whole = adcli("batch", str(program), "-", stdin=text.encode()).out.splitlines()
    parts = [adcli("batch", str(program), "-", stdin=f"x\n{a}\n{b}\n".encode()).out.splitlines()[1:]
             for a, b in zip(points[::2], points[1::2], strict=True)]  # fmt: skip
    assert whole[1:] == [line for part in parts for line in part]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("", "a value is missing"),
        ("abc", "`abc` is not a number"),
        ("nan", "`nan` is not a finite number"),
        ("1e999", "`1e999` is not a finite number"),
        ("1_000", "`1_000` is not a number"),
        ("-1", "value is nan: in the program, sqrt(x) = nan, line 1"),
        ("0", "dvalue/dx is inf"),
        ("1,2", "the row has 3 values, and the header has 2"),
    ],
)
def test_a_row_with_a_problem_keeps_its_place(adcli: Adcli, cell: str, reason: str) -> None:
    text = f"id,x\n# a comment\na,4\nb,{cell}\n\nc,9\n"
    result = adcli("batch", "-e", "sqrt(x)", "-", "--keep", "id", stdin=text.encode())
    rows = _table(result.out)
    assert [row["id"] for row in rows] == ["a", "b", "c"]
    assert [row["value"] for row in rows[::2]] == ["2.0", "3.0"]
    assert [row["dvalue/dx"] for row in rows[::2]] == ["0.25", repr(1 / 6)]
    assert rows[1]["dvalue/dx"] == ""
    assert reason in rows[1]["problem"]
    assert result.status == 1
    assert "line 4: " in result.err


def test_a_requirement_is_a_problem(adcli: Adcli, tmp_path: Path) -> None:
    path = tmp_path / "model.ad"
    path.write_text("input x\nrequire x > 0\noutput y = x^2\n")
    result = adcli("batch", str(path), "-", stdin=b"x\n1\n-1\n3\n")
    assert [row["y"] for row in _table(result.out)] == ["1.0", "", "9.0"]
    assert "requir" in _table(result.out)[1]["problem"]


def test_json_rows_keep_their_kinds(adcli: Adcli) -> None:
    lines = [
        '{"id": 7, "x": 2, "tag": "a, b"}',
        '{"x": 3, "tag": null}',
        "[1]",
        '{"x": "4", "id": true}',
        '{"x": 1, "k": 5}',
    ]
    text = "\n".join(lines).encode()
    arguments = ("batch", "-e", "k * x^2", "-", "--at", "k=1", "--keep", "id,tag")
    rows = [json.loads(line) for line in adcli(*arguments, "--format", "jsonl", stdin=text).out.splitlines()]
    assert rows[0] == {"id": 7, "tag": "a, b", "value": 4.0, "dvalue/dx": 4.0, "dvalue/dk": 4.0, "problem": None}
    assert [row["id"] for row in rows] == [7, None, None, True, None]
    assert [row["value"] for row in rows] == [4.0, 9.0, None, None, None]
    assert [row["problem"] for row in rows[2:]] == [
        "the line is no JSON object", 'the input `x`: `"4"` is not a number', "the first row has no `k`",
    ]  # fmt: skip
    assert adcli(*arguments, stdin=text).out.splitlines()[1] == '7,"a, b",4.0,4.0,4.0,'


def test_cells_in_quotes_may_go_over_lines(adcli: Adcli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_blocks, "ROWS", 2)
    text = '\ufeff"the id";x\n"one\n""two""";1\n"three\n\n";2\n\nfour;\n'.encode()
    result = adcli("batch", "-e", "x^2", "-", "--keep", "the id", stdin=text)
    assert [row["the id"] for row in _table(result.out)] == ['one\n"two"', "three\n\n", "four"]
    assert [row["value"] for row in _table(result.out)] == ["1.0", "4.0", ""]
    assert "line 8: " in result.err


def test_a_matrix_has_the_inputs_that_are_left(adcli: Adcli, tmp_path: Path) -> None:
    path = tmp_path / "points.npy"
    numpy.save(path, numpy.array([[1.0, 2.0], [3.0, 4.0]]))
    result = adcli("batch", "-e", "x * y + k", str(path), "--k", "10", "--order", "0")
    assert result.out == "value,problem\n12.0,\n22.0,\n"
    result = adcli("batch", "-e", "x * y + k", str(path))
    assert (result.status, "2 columns without names" in result.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "text", "message"),
    [
        (("-e", "x^2"), "x\n1\n", "no rows are named"),
        (("-e", "x^2", "-"), "", "holds no numbers"),
        (("-e", "x^2", "-"), "1\n2\n", "has no header"),
        (("-e", "x^2", "-"), "a,b\n1,2\n", "the input `x` has no value"),
        (("-e", "x^2", "-", "--x", "1"), "a,b\n1,2\n", "no column of `-` is an input"),
        (("-e", "x^2", "-", "--x", "1"), "x\n1\n", "is a column of `-`, and given"),
        (("-e", "x * y", "-"), "x\n1\n", "the input `y` has no value"),
        (("-e", "x * y", "-", "--y", "[1, 2]"), "x\n1\n", "is given several numbers"),
        (("-e", "x^2", "-"), "x,x\n1,2\n", "2 columns `x`"),
        (("-e", "x^2", "-", "--keep", "ids"), "id,x\n1,2\n", "did you mean `id`"),
        (("-e", "x^2", "-", "--keep", "value"), "value,x\n1,2\n", "has this name"),
        (("-e", "x^2", "-"), 'x\n1\n"2\n', "cannot be told apart"),
        (("-e", "x^2", "-"), f"x,t\n1,a\n2,{'a' * 200_000}\n", "line 3: the cells cannot be told apart"),
        (("-e", "x^2", "-", "-o", "results.xlsx"), "x\n1\n", "cannot be written as `.xlsx`"),
        (("-e", "x^2", "-", "--format", "npy"), "x\n1\n", "standard output takes lines"),
        (("-e", "x^2", "-", "-o", "results.npy", "--keep", "id"), "x,id\n1,2\n", "numbers alone"),
        (("-e", "x^2", "rows.xlsx"), "", "is no file of rows"),
        (("-e", "x^2", "nothing.csv"), "", "there is no file"),
        (("-", "-"), "input x\noutput x\n", "cannot be the program and its rows"),
        (("-e", "x^2", "-", "other.csv"), "x\n1\n", "give one program"),
        ((SCHOLES, BOOK, "other.csv"), "", "`other.csv`"),
        (("-e", "sum(w) * x", "-", "--w", "[1, 2]"), "x\n1\n", "several numbers"),
    ],
)
def test_what_cannot_be_done_is_said(
    adcli: Adcli, tmp_path: Path, arguments: tuple[str, ...], text: str, message: str
) -> None:
    words = [str(tmp_path / word) if word.startswith("results.") else word for word in arguments]
    result = adcli("batch", *words, stdin=text.encode())
    assert (result.status, result.out) == (2, "")
    assert message in result.err
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_old_file(adcli: Adcli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_blocks, "ROWS", 1)
    path = tmp_path / "results.csv"
    path.write_text("old")
    result = adcli("batch", "-e", "x^2", "-", "-o", str(path), stdin=b"x\n1\n\xff\n")
    assert (result.status, "line 3 is not UTF-8" in result.err) == (2, True)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    (tmp_path / "link.csv").hardlink_to(path)
    assert adcli("batch", "-e", "x^2", "-", "-o", str(path), stdin=b"x\n1\n").status == 0
    assert (tmp_path / "link.csv").read_text() == "value,dvalue/dx,problem\n1.0,2.0,\n"


def test_rows_are_not_written_over(adcli: Adcli, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("x\n1\n")
    result = adcli("batch", "-e", "x^2", str(rows), "-o", str(rows))
    assert (result.status, "would overwrite" in result.err, rows.read_text()) == (2, True, "x\n1\n")


def test_without_pyarrow_it_is_said(adcli: Adcli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, name, None)
    path = tmp_path / "rows.parquet"
    path.write_bytes(b"PAR1")
    result = adcli("batch", "-e", "x^2", str(path))
    assert (result.status, "adcli[data]" in result.err) == (2, True)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_all_read_and_write_the_same(adcli: Adcli, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    """Numbers of all sizes, whole ones, texts that look like numbers, and blocks that are not plain.

    By the engine, by pyarrow, and by neither.
    """
    pytest.importorskip("pyarrow")
    assert engine(True) is not None
    draw = numpy.random.default_rng(2)
    numbers = (draw.normal(size=200) * 10.0 ** draw.integers(-12, 25, 200)).tolist()
    numbers += [0.0, -0.0, 5.0, 1e-5, 1e16, 5e-324]
    rows = [f"{place},{number!r},é {place % 7}" for place, number in enumerate(numbers)]
    plain = "\n".join(["id,x,tag", *rows]) + "\n"
    good = [plain, plain.replace(",", ";"), plain.replace("é 3", '"a, b"'), plain.replace(",5.0,", ", +5,"),
            plain.replace("\n", "\r\n"), plain + "\n1,2,3", plain.replace(",", ";").replace("é", "a, b"),
            re.sub("[^,\n]+", '"\\g<0>"', plain), plain.replace("é 3", '"a ""b"""')]  # fmt: skip
    ends = (",,\n", "1,2\n", "1,1_0,\n", "1,nan,\n", "1,1e999,", "1,2,3,4\n#\n", "1,x\n2,3,4\n")
    bad = [*(plain + end for end in ends), (plain + ends[-1]).replace("\n", "\r\n")]
    for text in (*good, *bad):
        found = []
        for few, least in ((1, 10**9), (10**9, 1), (10**9, 10**9)):
            monkeypatch.setattr(data_blocks, "_FEW", few)
            monkeypatch.setattr(data_quick, "LEAST", least)
            result = adcli(
                "batch", "-e", "x + x^2 / 3", "-", "--keep", "tag,x,id", "--format", form, stdin=text.encode()
            )
            assert result.status == (text in bad), result.err
            found.append(result.out)
        assert found[0] == found[1] == found[2]
        assert found[0].count("\n") > len(numbers) - (form == "jsonl")


@pytest.mark.parametrize("size", [1, 7, 50, 2**22])
def test_blocks_of_any_size_say_the_same(adcli: Adcli, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    text = "id,x\n" + "".join(f'"the\n{place}",{place}\n# "\n{place},x\n' for place in range(20))
    expected = adcli("batch", "-e", "x^2", "-", "--keep", "id", stdin=text.encode())
    for rows in (1, 3, 100):
        monkeypatch.setattr(data_blocks, "ROWS", rows)
        monkeypatch.setattr(data_blocks, "_BYTES", size)
        assert adcli("batch", "-e", "x^2", "-", "--keep", "id", stdin=text.encode()) == expected
    assert expected.out.count("\n") == 1 + 3 * 20


@pytest.mark.parametrize("size", [20, 30, 2**22])
def test_a_quote_within_a_cell_opens_none(adcli: Adcli, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """A width of 7 inches, as csv reads it: what follows are rows, comments and empty lines as before it."""
    text = 'id,x\n7",1\n\n# no "row",\n"two\nlines",2\n\n7" a "b,3\n # "\n"a ""b"", 7""\n\n# c, "",d",4\n\n5,5'
    monkeypatch.setattr(data_blocks, "_BYTES", size)
    for rows in (1, 2, 100):
        monkeypatch.setattr(data_blocks, "ROWS", rows)
        found = _table(adcli("batch", "-e", "x^2", "-", "--keep", "id", stdin=text.encode()).out)
        ids = ['7"', "two\nlines", '7" a "b', '# "', 'a "b", 7"\n\n# c, ",d', "5"]
        assert [row["id"] for row in found] == ids
        assert [row["value"] for row in found] == ["1.0", "4.0", "9.0", "", "16.0", "25.0"]


def test_a_reader_that_has_seen_enough(tmp_path: Path) -> None:
    """`adcli batch … | head` ends without a word, however long the file is."""
    path = tmp_path / "rows.csv"
    path.write_text("x\n" + "".join(f"{number}\n" for number in range(1, 20_000)))
    words = [sys.executable, "-m", "adcli", "batch", "-e", "x^2", str(path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert [process.stdout.readline() for _ in range(2)] == [b"value,dvalue/dx,problem\n", b"1.0,2.0,\n"]
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_an_interrupt_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    path.write_text("old")
    words = [sys.executable, "-m", "adcli", "batch", "-e", "x^2", "-", "-o", str(path), "--jobs", "2"]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe, cwd=ROOT) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(b"x\n" + b"1\n" * 10)
        process.stdin.flush()
        while len(list(tmp_path.iterdir())) < 2:  # the file beside is there: it waits for more rows
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.stderr.read().strip() == b"interrupted"
    assert process.returncode == 130
    assert [path.read_text(), *tmp_path.iterdir()] == ["old", path]


def test_kept_columns_of_a_parquet_file_are_of_one_type(
    adcli: Adcli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(data_blocks, "ROWS", 2)
    first, second = tmp_path / "first.parquet", tmp_path / "second.parquet"
    text = b'{"id": 1, "x": 1}\n{"x": 2}\n{"id": "a", "x": 3}\n{"id": null, "x": 4}\n{"id": 1.5, "x": 5}\n'
    result = adcli("batch", "-e", "x^2", "-", "--keep", "id,x", "--order", "0", "-o", str(first), stdin=text)
    assert (result.status, result.err) == (0, "")
    assert parquet.read_table(first)["id"].to_pylist() == ["1", None, "a", None, "1.5"]
    assert adcli("batch", "-e", "y^2", str(first)).status == 2
    model = tmp_path / "model.ad"
    model.write_text("input value\noutput L = value^2\n")
    assert adcli("batch", str(model), str(first), "--keep", "id,value", "-o", str(second)).status == 0
    assert parquet.read_table(second).to_pylist()[4] == {
        "id": "1.5", "value": 25.0, "L": 625.0, "dL/dvalue": 50.0, "problem": None,
    }  # fmt: skip
    result = adcli("batch", "-e", "x^2", str(first))
    assert (result.status, "column `x` holds elements of type string" in result.err) == (2, True)


def test_fields_of_an_array_are_kept(adcli: Adcli, tmp_path: Path) -> None:
    path = tmp_path / "rows.npy"
    numpy.save(
        path, numpy.array([("a, b", 1, 2.5), ("c", 2, numpy.nan)], dtype=[("id", "U9"), ("n", "i4"), ("x", "f8")])
    )
    result = adcli("batch", "-e", "x + 1", str(path), "--keep", "id,n", "--order", "0")
    assert result.out == 'id,n,value,problem\n"a, b",1,3.5,\nc,2,,the input `x` is nan\n'
    assert (result.status, "row 2: the input `x` is nan" in result.err) == (1, True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_no_mistake_of_the_rows(adcli: Adcli) -> None:
    result = adcli("batch", SCHOLES, BOOK, "-o", "/dev/full", "--format", "csv")
    assert (result.status, "error[output]: cannot write" in result.err) == (2, True)
