"""The name that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str], closeness: float = 0.5) -> str:
    """``did you mean `sin`?`` for the known name closest to the given one; empty where none is close."""
    from difflib import get_close_matches  # a mistake may cost the import, a good program not

    known = list(known)
    same_letters = [candidate for candidate in known if candidate.lower() == name.lower()]
    close = same_letters or get_close_matches(name, known, n=1, cutoff=closeness)
    return f"did you mean `{close[0]}`?" if close else ""
