from __future__ import annotations

from collections.abc import Iterator

import pytest

from adcli.native import library, runs


@pytest.fixture
def engine() -> library.Engine:
    """The engine of this machine, which has a compiler."""
    found = library.engine(True)
    assert found is not None
    return found


@pytest.fixture
def product_engine(engine: library.Engine) -> library.ProductEngine:
    """What gives products with Hessians there."""
    found = library.product_engine(True)
    assert found is not None
    return found


@pytest.fixture
def at_once(product_engine: library.ProductEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines of any length become plans of the engine from their second run on."""
    monkeypatch.setattr(runs, "LONG", 1)


@pytest.fixture
def anew() -> Iterator[None]:
    """A process that knows of no engine, before and after."""
    library.forget_engine()
    yield
    library.forget_engine()
