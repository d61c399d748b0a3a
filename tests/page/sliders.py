"""Where the sliders of a page may stand."""

from __future__ import annotations

import math
import random
from typing import Any


def positions(data: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """The starting point, and random positions of the sliders."""
    generator = random.Random(len(data["source"]))

    def position(of: dict[str, Any]) -> float:
        steps = math.floor((of["high"] - of["low"]) / of["step"] + 1e-9)
        return float(f"{of['low'] + generator.randint(0, steps) * of['step']:.12g}")

    def filled(value: Any, of: dict[str, Any]) -> Any:
        return [filled(part, of) for part in value] if isinstance(value, list) else position(of)

    written = {of["name"]: of["value"] for of in data["inputs"]}
    return [written, *({of["name"]: filled(of["value"], of) for of in data["inputs"]} for _ in range(count - 1))]
