"""What a value with gaps is; `readings/gaps.py` computes with them."""

from __future__ import annotations

from typing import Any

from adcli.records import NamedTuple


class Gapped(NamedTuple):
    """A value with gaps.

    Attributes:
        value: a number or an array; 0 in the gaps
        there: True where there is no gap; False for a number that is nothing; else for each element whether it is there
    """

    value: Any
    there: Any = True
