"""SciPy, whose solvers the jobs use: an extra, imported where a job begins."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from adcli.errors import AdError, Problem


def solvers(module: str = "optimize") -> Any:
    """A module of SciPy, such as `optimize`. Raises AdError `usage` where SciPy is not installed."""
    try:
        return import_module(f"scipy.{module}")
    except ImportError:
        help_text = "pip install 'adcli[jobs]', or pip install scipy"
        raise AdError(Problem("usage", "this needs SciPy, which is not installed", help=help_text)) from None
