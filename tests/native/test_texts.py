"""Numbers as text in the engine: letter for letter what Python writes, and the number that Python reads."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil

import numpy as np
import pytest

from adcli.native import threads
from adcli.native.engine import Engine
from adcli.native.source import POWERS, leading_bits
from adcli.native.texts import Columns, Texts, read_cells, texts_of, written_lines
from adcli.native.trial import spells_as_python

# V. Paxson, "A Program for Testing IEEE Decimal-Binary Conversion", 1991: digits whose number is close to the middle of
# two doubles, to less (table 3) and to more than it (table 4).
HARD = """
5e125 69e267 999e-26 7861e-34 75569e-254 928609e-261 9210917e80 84863171e114 653777767e273 5232604057e-298
27235667517e-109 653532977297e-123 3142213164987e-294 46202199371337e-72 231010996856685e-73 9324754620109615e212
78459735791271921e49 272104041512242479e200 6802601037806061975e198
9e-265 85e-37 623e100 3571e263 81661e153 920657e-23 4603285e-24 87575437e-309 245540327e122 6138508175e120
83356057653e193 619534293513e124 2335141086879e218 36167929443327e-159 609610927149051e-255 3743626360493413e-165
94080055902682397e-242 899810892172646163e283 7120190517612959703e120
"""


def read(engine: Engine, lines: Sequence[str]) -> Columns:
    return read_cells(engine, "".join([f"{line}\n" for line in lines]).encode(), ",", 1, [0], [])


def finite(bits: np.ndarray) -> list[float]:
    numbers = bits.astype(np.uint64).view(float)
    return [number for number in numbers.tolist() if np.isfinite(number)]


def test_powers_are_rounded_up() -> None:
    for power in POWERS:
        bits, exact = leading_bits(power), Fraction(10) ** power
        assert 2**127 <= bits < 2**128
        size = exact.numerator.bit_length() - exact.denominator.bit_length() - 128
        assert bits in [ceil(exact / Fraction(2) ** k) for k in (size, size + 1)]


@pytest.mark.parametrize("seed", range(3))
def test_any_bits(engine: Engine, seed: int) -> None:
    draw = np.random.default_rng(seed)
    assert spells_as_python(engine, finite(draw.integers(0, 2**64, 50_000, np.uint64)))
    assert spells_as_python(engine, finite(draw.integers(0, 2**53, 10_000, np.uint64)))  # below the normal ones
    assert spells_as_python(engine, (draw.integers(0, 2**63, 10_000) * 10.0 ** draw.integers(-25, 25, 10_000)).tolist())


def test_numbers_beside_those_of_which_one_bit_is_set(engine: Engine) -> None:
    """Below a power of two numbers are closer, which the shortest digits have to know."""
    powers = np.array([2.0**power for power in range(-1074, 1024)])
    for numbers in (np.nextafter(powers, np.inf), np.nextafter(powers, -np.inf), powers + np.spacing(powers) * 2):
        assert spells_as_python(engine, numbers[np.isfinite(numbers)].tolist())
    assert spells_as_python(engine, [9007199254740993.0, 2.0**-44, 5e-324, 1.7976931348623157e308, 1e16, 1e-4, 1e-5])


def test_digits_that_are_hard_to_read(engine: Engine) -> None:
    texts = HARD.split()
    found = read(engine, texts)
    assert not found.lines
    assert found.numbers[0].tolist() == list(map(float, texts))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("9007199254740993", 2.0**53),  # between two doubles, of which this is the even one
        ("9007199254740995", 2.0**53 + 4),
        ("9007199254740993.001", 2.0**53 + 2),
        ("+.5e00000000000000001", 5.0),
        ("0" * 400 + "7." + "0" * 400, 7.0),
        ("0." + "0" * 400 + "7e401", 7.0),
        ("1" + "0" * 400 + "e-400", 1.0),
        ("-0e999", -0.0),
        ("2.4703282292062327e-324", 0.0),  # half of the smallest number is 2.47032822920623272…e-324
        ("2.4703282292062328e-324", 5e-324),
        ("1e-400", 0.0),
        ("17976931348623157e292", 1.7976931348623157e308),
    ],
)
def test_a_number_is_the_nearest_one(engine: Engine, text: str, number: float) -> None:
    assert float(text) == number
    found = read(engine, [text, f"  {text} "])
    assert not found.lines
    assert list(map(repr, found.numbers[0].tolist())) == [repr(number)] * 2


# Besides what is no plain number: the middle of two doubles, where a power of ten has no end in the binary system.
STRANGE = ["", " ", "-", ".", "e5", "1e", "1e+", "1.5.2", "1_0", "nan", "inf", "1e309", "0x1", "--1", "1 2", "#1",
           "\t1", "4503599627370497.5", "9007199254740993.0000000000001"]  # fmt: skip


@pytest.mark.parametrize("text", STRANGE)
def test_what_python_has_to_look_at(engine: Engine, text: str) -> None:
    found = read(engine, ["1", text, "2"])
    assert (found.strange.tolist(), found.lines) == ([1], [f"{text}\n".encode()])
    assert found.numbers[0][[0, 2]].tolist() == [1.0, 2.0]


@pytest.fixture(params=[1, 2, 7])
def shared(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many threads, however few rows there are."""
    monkeypatch.setattr(threads, "_LEAST", 1)
    monkeypatch.setattr(threads, "_most", [request.param])


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("between", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_cells_in_their_places(engine: Engine, between: str, end: str) -> None:
    rows = [(f"{place}", f" é{place % 3} ", f"{place / 7!r} ", "") for place in range(40)]
    for last in (end, ""):
        text = end.join(map(between.join, rows)) + last
        numbers, texts, strange, lines = read_cells(engine, text.encode(), between, 4, [2, 0], [1, 3, 1])
        assert [column.tolist() for column in numbers] == [[place / 7 for place in range(40)], list(range(40))]
        assert [column.tolist() for column in texts] == [[row[place].lstrip() for row in rows] for place in (1, 3, 1)]
        assert not strange.size and not lines


@pytest.mark.usefixtures("shared")
def test_lines_of_cells(engine: Engine) -> None:
    names = [f"é{place}" for place in range(40)]
    numbers = np.array([[place / 7, np.nan][place % 5 == 3] for place in range(80)])[::2]
    columns: list[Texts | np.ndarray] = [texts_of(names), numbers, -numbers]
    found = written_lines(engine, columns, [b"<", b"|", b"|"], b">\n", b"none")
    expected = [f"<{name}|{number!r}|{-number!r}>\n" for name, number in zip(names, numbers.tolist(), strict=True)]
    assert found.decode() == "".join(expected).replace("-nan", "none").replace("nan", "none")


def test_cells_in_quotes(engine: Engine) -> None:
    text = b'"a, b","1.5"\n "c"," -2 "\n"","3"\n"d" ,4\n"e""",5\n"f,6\n'
    (numbers,), (texts,), strange, _ = read_cells(engine, text, ",", 2, [1], [0])
    assert (texts.tolist()[:3], numbers.tolist()[:3]) == (["a, b", "c", ""], [1.5, -2.0, 3.0])
    assert strange.tolist() == [3, 4, 5]
