"""JSON that a command reads: a key that is given twice is refused, where else the last one would be taken."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


def json_of(text: str, whole: Callable[[str], Any], decimal: Callable[[str], Any] = float) -> Any:
    """What a text of JSON holds, with what is to become of its numbers; raises ValueError or RecursionError."""
    return json.loads(text, parse_int=whole, parse_float=decimal, object_pairs_hook=_each_once)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"`{name[:40]}` is given twice in one object")
        found[name] = value
    return found
