"""Numbers from files: tables, NumPy's arrays and JSON, and what is wrong with them."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from pathlib import Path

import numpy
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adcli.cli.data import names_file, read_array, read_point
from adcli.errors import AdError, Problem

from ..conftest import ROOT, run_adcli

KINDS = ("csv", "tsv", "txt", "npy", "npz", "json")
BMI = "height,weight,name\n1.7,65,Ann\n1.8,80,Bob\n"


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, content: str | bytes) -> None:
    Path(name).write_bytes(content.encode() if isinstance(content, str) else content)


def npy(array: object) -> bytes:
    file = io.BytesIO()
    numpy.save(file, numpy.asarray(array))
    return file.getvalue()


def npz(**arrays: object) -> bytes:
    file = io.BytesIO()
    numpy.savez(file, **{name: numpy.asarray(array) for name, array in arrays.items()})
    return file.getvalue()


def read(text: str) -> object:
    """What `read_array` gives, as lists."""
    value = read_array(text, "`--X`")
    if isinstance(value, float):
        return value
    assert value.dtype == numpy.float64
    assert value.ndim in (1, 2)
    assert value.flags.c_contiguous
    return value.tolist()


def problem(text: str) -> Problem:
    with pytest.raises(AdError) as caught:
        read_array(text, "`--X`")
    (only,) = caught.value.problems
    assert "\n" not in only.message
    assert only.help or only.note or only.code == "data-file"
    return only


@pytest.mark.parametrize(
    "text",
    [
        *(f"data.{kind}" for kind in KINDS),
        *(f"data.{kind.upper()}[a]" for kind in KINDS),
        "some folder/data.csv[height,weight]",
        "data.csv[height [cm],1]",
        "data.csv[]",
        "data[1].csv",
        "data.old.csv.txt",
    ],
)
def test_names_of_files(text: str) -> None:
    assert names_file(text)


@pytest.mark.parametrize(
    "text",
    ["", "[1, 2]", "x.5", "pi/4", "1.5", "-2", "data", "csv", "data.csv.gz", "data.csvx", "[x.csv]", "data.csv[1"],
)
def test_no_names_of_files(text: str) -> None:
    assert not names_file(text)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", "1\n2\n3\n", [1, 2, 3]),
        ("a.csv", "7", [7]),
        ("a.csv", "1,2\n3,4\n", [[1, 2], [3, 4]]),
        ("a.csv", "1,2,3\n", [[1, 2, 3]]),
        ("a.CSV", "x,y\n1,2\n", [[1, 2]]),
        ("a.csv", "x\n1\n2", [1, 2]),
        ("a.csv", ",y\n1,2\n", [[1, 2]]),
        ("a.csv", "name,2nd\n1,2\n", [[1, 2]]),
        ("a.csv", "body_mass,größe\n1,2\n", [[1, 2]]),
        ("a.csv", "\ufeffx,y\r\n1,2\r\n3,4\r\n", [[1, 2], [3, 4]]),
        ("a.csv", "\ufeff1,2\n", [[1, 2]]),
        ("a.csv", "# made today\n\nx,y\n  \n1,2\n#3,4\n5,6\n\n", [[1, 2], [5, 6]]),
        ("a.csv", '"x, in m","y"\n"1", "2"\n', [[1, 2]]),
        ("a.csv", '"x\nin m",y\n1,2\n', [[1, 2]]),
        ("a.csv", "x;y\n1;2\n", [[1, 2]]),
        ("a.csv", "1;2\n3;4\n", [[1, 2], [3, 4]]),
        ("a.csv", " 1e-3 ,\t-2, +.5,3.\n", [[1e-3, -2, 0.5, 3]]),
        ("a.csv", "\u00a01\u00a0,2\n", [[1, 2]]),
        ("a.csv", "\x1c1,2\n", [[1, 2]]),
        ("a.tsv", "x\ty z\n1\t2\n", [[1, 2]]),
        ("a.txt", "  1   2\n\t3\t4  \n", [[1, 2], [3, 4]]),
        ("a.txt", 'x "y z"\n1 2\n', [[1, 2]]),
    ],
)
def test_tables(name: str, content: str, expected: object) -> None:
    write(name, content)
    assert read(name) == expected


@pytest.mark.parametrize(
    ("content", "part", "expected"),
    [
        (BMI, "height", [1.7, 1.8]),
        (BMI, "weight, height", [[65, 1.7], [80, 1.8]]),
        (BMI, "1", [65, 80]),
        (BMI, "1,height,1", [[65, 1.7, 65], [80, 1.8, 80]]),
        ("1,2\n3,4\n", "1", [2, 4]),
        ("1,\n2,\n", "0", [1, 2]),  # what is missing elsewhere does not matter
        ("1,2020-01-01\n2,2020-01-02\n", "0", [1, 2]),
        ("land,2019,2020\n7,1,2\n", "2020,land", [[2, 7]]),
        ("land,2019,2020\n7,1,2\n", "2019", [1]),
        ("x,1,0\n2,3,4\n5,6,7\n", "x,1,0", [[2, 3, 4], [5, 6, 7]]),  # a name goes before a number
        ("x,y,x\n1,2,3\n", "2", [3]),
        ('"x, in m",y\n1,2\n', '"x, in m",y', [[1, 2]]),
        ("height [cm],b\n1,2\n", "height [cm]", [1]),
        ("NA\n1\n", "NA", [1]),
    ],
)
def test_columns(content: str, part: str, expected: object) -> None:
    write("a.csv", content)
    assert read(f"a.csv[{part}]") == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("height,weight\n1,2\n\n#\n3,abc\n", "`a.csv`, line 5, column `weight`: `abc` is not a number"),
        ("1,2\n3,abc\n", "`a.csv`, line 2, column 2: `abc` is not a number"),
        ("x,\n1,abc\n", "`a.csv`, line 2, column 2: `abc` is not a number"),
        ("1,abc\n3,4\n", "`a.csv`, line 1, column 2: `abc` is not a number"),  # no header is lost in silence
        ("1_000\n2\n", "`a.csv`, line 1, column 1: `1_000` is not a number"),
        ("2\n1_000\n", "`a.csv`, line 2, column 1: `1_000` is not a number"),
        ("2\n١\n", "`a.csv`, line 2, column 1: `١` is not a number"),
        ("2\n0x10\n", "`a.csv`, line 2, column 1: `0x10` is not a number"),
        ("x;y\n1,5;2\n", "`a.csv`, line 2, column `x`: `1,5` is not a number"),
        ('x\n"1\n2"\n', "`a.csv`, line 2, column `x`: `1�2` is not a number"),
        ("x\n\n" + "a" * 100, f"`a.csv`, line 3, column `x`: `{'a' * 39}…` is not a number"),
        ("1,2\n3,\n", "`a.csv`, line 2, column 2: a value is missing"),
        ("1,\n3,4\n", "`a.csv`, line 1, column 2: a value is missing"),
        (",\n3,4\n", "`a.csv`, line 1, column 1: a value is missing"),
        ("x,y\n , 1\n", "`a.csv`, line 2, column `x`: a value is missing"),
        ("1,nan\n2,3\n", "`a.csv`, line 1, column 2: `nan` is not a finite number"),
        ("nan\n1\n", "`a.csv`, line 1, column 1: `nan` is not a finite number"),
        ("1\n-Infinity\n", "`a.csv`, line 2, column 1: `-Infinity` is not a finite number"),
        ("1\n1e999\n", "`a.csv`, line 2, column 1: `1e999` is not a finite number"),
        ("NA\n1\n", "`a.csv`, line 1, column 1: `NA` is not a number"),
        ("\n1,2\n3,4\n5,6,7\n", "`a.csv`, line 4 has 3 values, and line 2 has 2"),
        ("x,y\n1,2\n3\n", "`a.csv`, line 3 has 1 value, and line 2 has 2"),
        ("x,y\n1,2,3\n4,5,6\n", "`a.csv`, line 2 has 3 values, and the header in line 1 has 2 (and 1 more)"),
        ("1\nx\n2\ny\nz\n", "`a.csv`, line 2, column 1: `x` is not a number (and 2 more)"),
        ('"x\ny"\n1\nz\n', "`a.csv`, line 4, column `x y`: `z` is not a number"),
    ],
)
def test_values_that_are_wrong(content: str, message: str) -> None:
    write("a.csv", content)
    found = problem("a.csv")
    assert (found.code, found.message) == ("data-value", message)
    assert found.help


@pytest.mark.parametrize(
    ("content", "text", "help"),
    [
        ("x;y\n1,5;2\n", "a.csv", "write a point before the decimals; commas separate values, in a .csv file only"),
        ("x\n1_000\n", "a.csv", "write the digits without `_`"),
        ("x\n1e999\n", "a.csv", "the largest number is about 1.8e308"),
        ("x\nabc\n", "a.csv", "write a number, such as 2.5, -3 or 1e-6"),
        (BMI, "a.csv", "write a number, such as 2.5, -3 or 1e-6, or take only some columns: `a.csv[height]`"),
        ("1,2\na,3\n", "a.csv", "write a number, such as 2.5, -3 or 1e-6, or take only some columns: `a.csv[1]`"),
        (
            "year,2019\n1,2\n",
            "a.csv",
            "write a number, such as 2.5, -3 or 1e-6; if the line is a header, take columns by its names: "
            "`a.csv[year]`",
        ),
        (BMI, "a.csv[name]", "write a number, such as 2.5, -3 or 1e-6"),
    ],
)
def test_help_for_values(content: str, text: str, help: str) -> None:
    write("a.csv", content)
    assert problem(text).help == help


def test_a_line_of_tabs_is_a_row_without_values() -> None:
    write("a.tsv", "1\t2\n\t\n")
    assert problem("a.tsv").message == "`a.tsv`, line 2, column 1: a value is missing"


@pytest.mark.parametrize("content", ["", "\n\n", "# nothing\n", "x,y\n", "\ufeff"])
@pytest.mark.parametrize("kind", ["csv", "tsv", "txt"])
def test_tables_without_numbers(kind: str, content: str) -> None:
    write(f"a.{kind}", content)
    found = problem(f"a.{kind}")
    assert (found.code, found.message) == ("data-file", f"`a.{kind}` holds no numbers")


@pytest.mark.parametrize(
    ("content", "part", "message", "note", "help"),
    [
        (BMI, "hieght", "has no column `hieght`", "its columns: `height`, `weight`, `name`", "did you mean `height`?"),
        (BMI, "Height", "has no column `Height`", "its columns: `height`, `weight`, `name`", "did you mean `height`?"),
        (BMI, "3", "has no column `3`", "its columns: `height`, `weight`, `name`", ""),
        (BMI, "-1", "has no column `-1`", "its columns: `height`, `weight`, `name`", ""),
        (BMI, "9" * 5000, f"has no column `{'9' * 39}…`", "its columns: `height`, `weight`, `name`", ""),
        (
            "1,2\n3,4\n",
            "x",
            "has no column `x`",
            "it has 2 columns and no header",
            "take columns by number, counted from 0: `a.csv[0]` is the first",
        ),
        ("x,y,x\n1,2,3\n", "x", "has 2 columns `x`", "", "take one by its number, counted from 0: `a.csv[0]`"),
        (
            "5.1,2,setosa\n4.9,3,setosa\n",
            "0,1",
            ", line 1 may be a header, or a row of values: `setosa` is not a number, and `5.1` is",
            "",
            "write a line with the names of the columns above it, or take columns by the names in it",
        ),
    ],
)
def test_columns_that_are_wrong(content: str, part: str, message: str, note: str, help: str) -> None:
    write("a.csv", content)
    gap = "" if message.startswith(",") else " "
    assert problem(f"a.csv[{part}]") == Problem("data-file", f"`a.csv`{gap}{message}", note=note, help=help)


@pytest.mark.parametrize("part", ["", " ", "a,", ",a", '"a'])
def test_brackets_without_columns(part: str) -> None:
    write("a.csv", BMI)
    expected = Problem("data-file", f"`a.csv[{part}]` does not name columns", help="write `a.csv[height,weight]`")
    assert problem(f"a.csv[{part}]") == expected


def test_many_columns_are_not_all_listed() -> None:
    write("a.csv", ",".join(f"c{index}" for index in range(1000)) + "\n")
    assert problem("a.csv[x]").note.endswith("`c19` and 980 more")


def test_a_quotation_mark_that_is_not_closed() -> None:
    write("a.csv", '#\nx,y\n1,2\n"3,4\n5,6\n')
    found = problem("a.csv")
    assert found.message.startswith("`a.csv`, line 4: the cells cannot be told apart: ")
    assert found.help == "look for a quotation mark that is not closed"


@pytest.mark.parametrize("kind", KINDS)
def test_files_that_cannot_be_read(kind: str) -> None:
    Path(f"folder.{kind}").mkdir()
    found = problem(f"folder.{kind}")
    assert (found.code, found.message) == ("data-file", f"`folder.{kind}` is a directory, not a data file")
    write(f"there.{kind}", "")
    help = f"did you mean `there.{kind}`?"
    assert problem(f"thera.{kind}") == Problem("data-file", f"there is no file `thera.{kind}`", help=help)
    assert problem(f"there.{kind}/x.{kind}").message == f"cannot read `there.{kind}/x.{kind}`: Not a directory"
    assert problem(f"\0.{kind}").code == "data-file"


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt", "a.json"])
def test_files_that_are_no_text(name: str) -> None:
    write(name, b"1,2\n3,\xff\n")
    expected = f"`{name}` is not UTF-8 text: byte 0xff at line 2, column 3"
    assert problem(name) == Problem("data-file", expected, help="save the file as UTF-8")


def test_a_text_that_names_no_file() -> None:
    help = "a data file ends with .csv, .tsv, .txt, .npy, .npz or .json"
    assert problem("pi/4") == Problem("data-file", "`--X` is given `pi/4`, which names no data file", help=help)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (2.5, 2.5),
        (numpy.int64(3), 3.0),
        ([1, 2], [1, 2]),
        ([True, False], [1, 0]),
        (numpy.array([[1, 2], [3, 4]], dtype=">f4", order="F"), [[1, 2], [3, 4]]),
        (numpy.arange(6, dtype=numpy.uint8).reshape(3, 2).T, [[0, 2, 4], [1, 3, 5]]),
        ([[1]], [[1]]),
    ],
)
def test_numpy_arrays(array: object, expected: object) -> None:
    write("a.npy", npy(array))
    write("a.npz", npz(x=array))
    assert read("a.npy") == expected
    assert type(read("a.npy")) is type(expected)
    assert read("a.npz") == read("a.npz[x]") == expected


REAL = "save an array of real numbers: its `dtype` should be float64"


@pytest.mark.parametrize(
    ("array", "code", "message", "help"),
    [
        ([1j], "data-file", "holds elements of type complex128, not real numbers", REAL),
        (["a"], "data-file", "holds elements of type <U1, not real numbers", REAL),
        (["2020-01-01"], "data-file", "holds elements of type <U10, not real numbers", REAL),
        (numpy.array(["2020"], "M8[Y]"), "data-file", "holds elements of type datetime64[Y], not real numbers", REAL),
        (
            numpy.zeros((2, 3, 4)),
            "data-file",
            "has 3 dimensions: its shape is (2, 3, 4)",
            "an input is a number, a vector or a matrix: save a part of the array",
        ),
        (numpy.zeros((0, 3)), "data-file", "holds no numbers", ""),
        (numpy.nan, "data-value", ": `nan` is not a finite number", "every element should be a finite number"),
        (
            [[1, 2], [numpy.inf, 3], [4, numpy.nan]],
            "data-value",
            ", element [1, 0]: `inf` is not a finite number (and 1 more)",
            "every element should be a finite number",
        ),
    ],
)
def test_numpy_arrays_that_are_wrong(array: object, code: str, message: str, help: str) -> None:
    write("a.npy", npy(array))
    write("a.npz", npz(x=array))
    gap = "" if message[0] in ",:" else " "
    for text, name in (("a.npy", "`a.npy`"), ("a.npz", "`a.npz`, array `x`")):
        found = problem(text)
        assert (found.code, found.message, found.help) == (code, f"{name}{gap}{message}", help)
    with pytest.raises(AdError) as caught:
        read_point("a.npz")
    assert caught.value.problems[0].message == f"`a.npz`, array `x`{gap}{message}"


def test_a_pickle_is_not_loaded() -> None:
    write("a.npy", npy(numpy.array([{}], object)))
    write("a.npz", npz(x=numpy.array([{}], object)))
    for name in ("a.npy", "a.npz"):
        assert problem(name) == Problem("data-file", f"`{name}` holds Python objects, not numbers", help=REAL)


@pytest.mark.parametrize("content", [b"", b"\x80\x04K\x01.", b"1,2\n", npz(x=1)])
def test_what_is_no_npy(content: bytes) -> None:
    write("a.npy", content)
    help = "`numpy.save` writes such a file"
    assert problem("a.npy") == Problem("data-file", "`a.npy` is not a NumPy array", help=help)


@pytest.mark.parametrize("content", [b"", b"\x80\x04K\x01.", b"1,2\n", npy(1)])
def test_what_is_no_npz(content: bytes) -> None:
    write("a.npz", content)
    help = "`numpy.savez` writes such a file"
    expected = Problem("data-file", "`a.npz` is not an archive of NumPy arrays", help=help)
    assert problem("a.npz") == expected
    with pytest.raises(AdError) as caught:
        read_point("a.npz")
    assert caught.value.problems == (expected,)


@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_truncated_arrays(name: str) -> None:
    whole = npy([1, 2, 3]) if name == "a.npy" else npz(x=[1, 2, 3])
    for length in range(8, len(whole)):
        write(name, whole[:length])
        found = problem(name)
        assert found.code == "data-file"
        assert found.message.startswith(f"`{name}` is damaged and cannot be read: ")


@pytest.mark.parametrize("count", [1000, 10**13, 10**30, -1])
def test_a_header_that_promises_too_much(count: int) -> None:
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({count},), }}\n".encode()
    write("a.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(8))
    assert problem("a.npy").message.startswith("`a.npy` is damaged and cannot be read: ")


def test_a_member_that_is_no_array() -> None:
    with zipfile.ZipFile("a.npz", "w") as archive:
        archive.writestr("readme", "hello")
    help = "`numpy.savez` writes such a file"
    assert problem("a.npz") == Problem("data-file", "`a.npz`, array `readme` is not a NumPy array", help=help)


def test_columns_of_npy() -> None:
    write("a.npy", npy([1]))
    assert problem("a.npy[x]") == Problem("data-file", "`a.npy` holds one array, and no `x`", help="write `a.npy`")


def test_arrays_of_npz() -> None:
    write("a.npz", npz(height=[1, 2], weight=3))
    assert read("a.npz[height]") == [1, 2]
    assert read("a.npz[ weight ]") == 3.0
    message = "`a.npz` holds 2 arrays: `height`, `weight`"
    assert problem("a.npz") == Problem("data-file", message, help="take one of them: `a.npz[height]`")
    note, help = "its arrays: `height`, `weight`", "did you mean `height`?"
    assert problem("a.npz[hight]") == Problem("data-file", "`a.npz` has no array `hight`", note=note, help=help)


def test_points() -> None:
    write("p.npz", npz(x=2, v=[1, 2], m=[[1, 2]]))
    point = read_point("p.npz")
    assert list(point) == ["x", "v", "m"]
    assert isinstance(point["x"], float)
    assert {name: numpy.asarray(value).tolist() for name, value in point.items()} == {
        "x": 2.0,
        "v": [1.0, 2.0],
        "m": [[1.0, 2.0]],
    }


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        ("p.npz", npz(), "`p.npz` holds no numbers"),
        ("p.npz", npz(x=1, y=[]), "`p.npz`, array `y` holds no numbers"),
        ("q.npz", None, "there is no file `q.npz`"),
        ("-", None, "`-` is not an archive of NumPy arrays"),
    ],
)
def test_points_that_are_wrong(path: str, content: bytes | None, message: str) -> None:
    if content is not None:
        write(path, content)
    with pytest.raises(AdError) as caught:
        read_point(path)
    assert [(found.code, found.message) for found in caught.value.problems] == [("data-file", message)]


@pytest.mark.parametrize(
    ("content", "text", "expected"),
    [
        ("2", "a.json", 2.0),
        ("\ufeff-2.5e-3\n", "a.json", -2.5e-3),
        ("[1, 2.5]", "a.json", [1, 2.5]),
        ("[[1, 2], [3, 4]]", "a.json", [[1, 2], [3, 4]]),
        ("[[1], [3]]", "a.json", [[1], [3]]),
        (f"[0.{'1' * 5000}, {'0.' + '0' * 5000}]", "a.json", [0.1111111111111111, 0]),
        (f"{'1' * 300}", "a.json", float("1" * 300)),
        ('{"a": [1], "b c": 2, "d": "text"}', "a.json[a]", [1]),
        ('{"a": [1], "b c": 2, "d": "text"}', "a.json[ b c ]", 2.0),
    ],
)
def test_json(content: str, text: str, expected: object) -> None:
    write("a.json", content)
    assert read(text) == expected


@pytest.mark.parametrize(
    ("content", "text", "code", "message"),
    [
        ("", "a.json", "data-file", "`a.json` is not JSON that can be read: Expecting value: line 1 column 1 (char 0)"),
        ("[]", "a.json", "data-file", "`a.json` holds no numbers"),
        ("[[], []]", "a.json", "data-file", "`a.json` holds no numbers"),
        ("{}", "a.json", "data-file", "`a.json` holds an empty object"),
        ('{"a": 1, "b": 2}', "a.json", "data-file", "`a.json` holds an object with the members `a`, `b`"),
        ('{"alpha": 1}', "a.json[alfa]", "data-file", "`a.json` has no member `alfa`"),
        ("[1]", "a.json[0]", "data-file", "`a.json` holds no JSON object, so no member `0`"),
        ("NaN", "a.json", "data-value", "`a.json`: `nan` is not a finite number"),
        ("[1, -Infinity]", "a.json", "data-value", "`a.json`, element [1]: `-inf` is not a finite number"),
        ("1" * 5000, "a.json", "data-value", "`a.json`: `inf` is not a finite number"),
        ("1e999", "a.json", "data-value", "`a.json`: `inf` is not a finite number"),
        ("true", "a.json", "data-value", "`a.json`: `true` is not a number"),
        ('"12"', "a.json", "data-value", '`a.json`: `"12"` is not a number'),
        ("[1, null, null]", "a.json", "data-value", "`a.json`, element [1]: `null` is not a number (and 1 more)"),
        ("[1, {}]", "a.json", "data-value", "`a.json`, element [1]: `{…}` is not a number"),
        ("[[1, 2], [3]]", "a.json", "data-value", "`a.json`, element [1] has 1 value, and element [0] has 2"),
        (
            "[[1], 2, 3]",
            "a.json",
            "data-value",
            "`a.json`, element [1]: `2.0` is not a list, and element [0] is one (and 1 more)",
        ),
        ("[[], 1]", "a.json", "data-value", "`a.json`, element [1]: `1.0` is not a list, and element [0] is one"),
        ("[[1, 2], [3, false]]", "a.json", "data-value", "`a.json`, element [1, 1]: `false` is not a number"),
        ("[[[1]]]", "a.json", "data-value", "`a.json`, element [0, 0]: a list stands where a number should be"),
        (
            '{"a": [1, "\\ud800"]}',
            "a.json[a]",
            "data-value",
            '`a.json`, member `a`, element [1]: `"�"` is not a number',
        ),
    ],
)
def test_json_that_is_wrong(content: str, text: str, code: str, message: str) -> None:
    write("a.json", content)
    found = problem(text)
    assert (found.code, found.message) == (code, message)


def test_json_that_is_deeply_nested() -> None:
    write("a.json", "[" * 100_000)
    assert problem("a.json").message.startswith("`a.json` is not JSON that can be read: ")


FINITE = st.floats(allow_nan=False, allow_infinity=False)
MATRICES = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(FINITE, min_size=width, max_size=width), min_size=1, max_size=5)
)
IN_ONE_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@IN_ONE_FOLDER
@given(MATRICES, st.booleans())
def test_what_is_written_is_read(rows: list[list[float]], header: bool) -> None:
    names = [f"c{index}" for index in range(len(rows[0]))]
    for kind, separator in (("csv", ","), ("csv", ";"), ("tsv", "\t"), ("txt", "  ")):
        lines = [separator.join(map(repr, row)) for row in rows]
        write(f"a.{kind}", "\n".join([separator.join(names), *lines] if header else lines))
        assert read(f"a.{kind}") == rows
        assert read(f"a.{kind}[{'c1' if header else '1'},0]") == [[row[1], row[0]] for row in rows]
    write("a.json", json.dumps({"a": rows, "v": rows[0], "s": rows[0][0]}))
    assert (read("a.json[a]"), read("a.json[v]"), read("a.json[s]")) == (rows, rows[0], rows[0][0])
    write("a.npy", npy(rows))
    write("a.npz", npz(a=rows, v=rows[0]))
    assert read("a.npy") == read("a.npz[a]") == rows
    assert numpy.asarray(read_point("a.npz")["v"]).tolist() == rows[0]


LIKE_TABLES = st.text(st.sampled_from('12.,;-e \t\n"#x_\u00a0\x1c\u0661'), max_size=40).map(str.encode)
DAMAGED = st.builds(
    lambda whole, place, some: whole[: place % len(whole)] + some + whole[place % len(whole) + len(some) :],
    st.sampled_from([npy([[1.5, 2]]), npy(3), npz(a=[1, 2], b=3), b'{"a": [[1, 2], [3, 4]]}', b"a,b\n1,2\n3,4\n"]),
    st.integers(0, 2000),
    st.binary(max_size=3),
)


@IN_ONE_FOLDER
@given(
    st.one_of(st.binary(max_size=100), LIKE_TABLES, DAMAGED),
    st.sampled_from(KINDS),
    st.sampled_from(["", "[a]", "[0]"]),
)
@example(b"\x1c1\n", "csv", "")
@example(b"PK\x05\x06" + bytes(18), "npz", "")
def test_whatever_is_in_a_file_is_read_or_refused(content: bytes, kind: str, part: str) -> None:
    write(f"a.{kind}", content)
    try:
        value = read_array(f"a.{kind}{part}", "`--X`")
    except AdError as error:
        assert [found.code in ("data-file", "data-value") for found in error.problems] == [True]
        assert "\n" not in error.problems[0].message
    else:
        assert numpy.isfinite(value).all()
        assert numpy.ndim(value) <= 2
    if kind == "npz":
        try:
            read_point("a.npz")
        except AdError as error:
            assert error.problems[0].code in ("data-file", "data-value")


def test_the_module_needs_no_numpy() -> None:
    import subprocess
    import sys

    code = "import sys, adcli.cli.data as data; data.names_file('a.csv'); assert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


def test_a_key_that_is_given_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "twice.json"
    path.write_text('{"x": 2, "y": 3, "x": 4}')
    for arguments in (["--at", str(path)], ["--x", f"{path}[x]", "--y", "3"]):
        result = run_adcli("eval", str(ROOT / "samples/sine_product.ad"), *arguments)
        assert result.status == 2
        assert "`x` is given twice" in result.err
    result = run_adcli("check", str(ROOT / "samples/sine_product.ad"), "--claim-file", str(path))
    assert result.status == 2
    assert "`x` is given twice" in result.err


def test_an_array_that_an_archive_has_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "twice.npz"
    content = io.BytesIO()
    numpy.save(content, numpy.array([1.0, 2.0]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(path, "w") as archive:
            for _ in range(2):
                archive.writestr("w.npy", content.getvalue())
    for arguments in (["--at", str(path)], ["--w", str(path)], ["--w", "[1, 2]", "--claim-file", str(path)]):
        result = run_adcli("check", "-e", "sum(w)", *arguments)
        assert result.status == 2
        assert "holds `w` twice" in result.err
