"""Each row of the table in the engine: the interpreter's bits, of the value and of what the operands receive."""

from __future__ import annotations

import itertools
import random
from contextlib import suppress

import pytest

from adcli.native.engine import Engine, ProductEngine
from adcli.native.instructions import choices
from adcli.native.trial import differs, gives_the_same_bits, moves_as_python, products
from adcli.rules.table import PRIMITIVES

EDGES = (0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, 3.0, -3.0, 1e-300, -1e-300, 5e-324, 1e300, -1e300, 1e16, 0.1, 709.0)

# What C has no function for: the rest is in the engine.
_WITHOUT = (
    "polygamma gamma factorial sinc_derivative i0 i1 iv j0 j1 jv y0 y1 yv i0e i1e i0e_moment beta betaln binom "
    "polygamma_step log_ndtr ndtri erfinv erfcinv erfcx erfcx_integral expi gammainc gammaincc gammaincinv "
    "gammainccinv gamma_density betainc betaincinv beta_density"
)
WITHOUT = {*_WITHOUT.split()}


def test_every_row_is_in_the_engine_or_known_to_be_without(engine: Engine, product_engine: ProductEngine) -> None:
    elementwise = {row.name for row in PRIMITIVES.values() if row.elementwise}
    assert elementwise - {name for name, _ in engine.values} == WITHOUT
    assert {row.name for row in engine.rows if not row.is_swept} == {"digamma", "sinc"}  # by what has no C
    assert {row.name for row in engine.rows if row.is_swept} - {row.name for row in product_engine.rows} == {"lgamma"}


def test_each_row_has_the_bits_of_the_interpreter(engine: Engine, product_engine: ProductEngine) -> None:
    assert gives_the_same_bits(engine)
    assert moves_as_python(engine, product_engine)


@pytest.mark.parametrize("part", range(4))
def test_at_random_points_and_at_edges(engine: Engine, part: int) -> None:
    chosen = random.Random(part)
    for row in engine.rows[part::4]:
        points = [tuple(chosen.choice((1, 10, 1e-3)) * chosen.gauss(0, 1) for _ in range(row.arity)) for _ in range(30)]
        points += list(itertools.product(EDGES, repeat=row.arity))[:: 7 if row.arity > 1 else 1]
        for operands in points:
            with suppress(ArithmeticError, ValueError):  # a kernel of ours may refuse operands
                assert not differs(engine, row.primitive, operands), (row.name, operands)


@pytest.mark.parametrize("part", range(4))
def test_second_derivatives_at_random_points_and_at_edges(
    engine: Engine, product_engine: ProductEngine, part: int
) -> None:
    """By each choice of operands, along some of them: the bits of Python, or no number."""
    chosen = random.Random(part)
    for row in product_engine.rows[part::4]:
        for active in choices(row.arity):
            points = [tuple(chosen.choice((1, 10, 1e-3)) * chosen.gauss(0, 1) for _ in active) for _ in range(5)]
            points += [tuple(chosen.choice(EDGES) for _ in active) for _ in range(15)]
            samples = [sample for sample in row.primitive.samples if len(sample) == row.arity]
            for operands in (*samples, *points):
                moving = {place: chosen.choice((0.75, -2.0)) for place, wanted in enumerate(active) if wanted}
                with suppress(ArithmeticError, ValueError):  # a kernel of ours may refuse operands
                    found, expected = products(engine, product_engine, row, list(map(float, operands)), active, moving)
                    assert operands not in samples or found is not None or row.primitive.edges, (row.name, operands)
                    assert found is None or repr(found) == repr(expected), (row.name, operands, active)
