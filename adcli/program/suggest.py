"""The name that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable

_LONG = 8  # letters of a name in which two may be wrong


def did_you_mean(name: str, known: Iterable[str], closeness: float = 0.5) -> str:
    """``did you mean `sin`?`` for the known name closest to the given one; empty where none is close."""
    from difflib import get_close_matches  # a mistake may cost the import, a good program not

    known = list(known)
    same_letters = [candidate for candidate in known if candidate.lower() == name.lower()]
    close = same_letters or get_close_matches(name, known, n=1, cutoff=closeness)
    return f"did you mean `{close[0]}`?" if close else ""


def mistyped(name: str, known: Iterable[str]) -> str:
    """The same where the name is a known one with a slip of the finger: names that look alike may mean other things.

    A letter is wrong, missing, one too many, or changes places with its neighbour; of a long name two. Capitals and
    underscores do not count.
    """
    written = _plain(name)
    most = 2 if len(written) >= _LONG else 1 if len(written) > 2 else 0
    slips = [(_slips(written, _plain(candidate), most), candidate) for candidate in known]
    fewest, close = min(slips, key=lambda pair: pair[0], default=(most + 1, ""))
    return f"did you mean `{close}`?" if fewest <= most else ""


def _plain(name: str) -> str:
    return name.lower().replace("_", "")


def _slips(written: str, meant: str, most: int) -> int:
    """How many letters are to be changed, left out, put in or exchanged with their neighbours; above `most` any number.

    It is the optimal string alignment distance.
    """
    if abs(len(written) - len(meant)) > most:
        return most + 1
    two_above: list[int] = []
    above = list(range(len(meant) + 1))
    for i, letter in enumerate(written, 1):
        row = [i]
        for j, other in enumerate(meant, 1):
            fewest = min(above[j] + 1, row[-1] + 1, above[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == meant[j - 2] and other == written[i - 2]:
                fewest = min(fewest, two_above[j - 2] + 1)
            row.append(fewest)
        two_above, above = above, row
    return above[-1]
