"""JSON: one object, with all digits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def to_json(data: Mapping[str, Any]) -> str:
    """The text of a report's `to_dict()`, readable by strict parsers."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
