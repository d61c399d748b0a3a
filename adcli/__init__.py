"""See, check and trust a derivative: automatic differentiation of small programs.

import adcli
program = adcli.load("samples/sine_product.ad")
program.gradient(x=2, y=3).gradient["L"]["x"]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adcli.api import DifferentiableProgram, expression, load, parse
    from adcli.errors import AdError, Problem
    from adcli.jobs.uncertain import Uncertain
    from adcli.report.selection import Selection

__version__ = "0.1.0"
__all__ = [
    "AdError", "DifferentiableProgram", "Problem", "Selection", "Uncertain", "__version__", "expression", "load",
    "parse",
]  # fmt: skip

_HOMES = {
    "AdError": "adcli.errors",
    "Problem": "adcli.errors",
    "DifferentiableProgram": "adcli.api",
    "Selection": "adcli.report.selection",
    "Uncertain": "adcli.jobs.uncertain",
    "expression": "adcli.api",
    "load": "adcli.api",
    "parse": "adcli.api",
}


def __getattr__(name: str) -> Any:
    """Import a name of the API when it is first used, so that `import adcli` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'adcli' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """The names of the API, also those that are not imported yet."""
    return sorted({*globals(), *__all__})
