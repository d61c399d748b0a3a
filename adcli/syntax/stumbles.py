"""A token that cannot stand where it stands, and what is known of what was meant."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from adcli.records import NamedTuple
from adcli.syntax.source import Span

RESERVED = frozenset(
    {
        "INPUT", "OUTPUT", "DEF", "RETURN", "IF", "ELSE", "FOR", "WHILE", "BREAK", "CONTINUE", "WHERE", "AND", "OR",
        "NOT", "WITH",
    }
)  # fmt: skip
OPERATOR = "OPERATOR"  # any operator that may stand there: for what is meant by names, one is as good as another


class Stumble(NamedTuple):
    """A token that cannot stand where it stands.

    Attributes:
        kind, text, span: of the token
        expected: the terminals that could stand there
        words: the tokens of the statement in front of it
        bracket: the innermost bracket that is open, or nothing
        rest: the line from the token on
        alone: whether the statement should be one expression
        touches: whether nothing stands between the token and the one in front
        functions: the functions of the language, if they are known
    """

    kind: str
    text: str
    span: Span
    expected: AbstractSet[str]
    words: tuple[str, ...] = ()
    bracket: str = ""
    rest: str = ""
    alone: bool = False
    touches: bool = False
    functions: AbstractSet[str] = frozenset()

    @property
    def before(self) -> str:
        """The token in front."""
        return self.words[-1] if self.words else ""

    @property
    def first(self) -> str:
        """The token that begins the statement."""
        return self.words[0] if self.words else ""


class Repair(NamedTuple):
    """How to read on as if the right thing had stood there, so that the rest of the statement is checked as well.

    Attributes:
        tokens: the kinds and the texts of those that are put in, in front of the token
        length: of what is passed over then, from the token on; if 0, the token itself comes next
        from_start: whether what has been read of the statement is forgotten before that
        doubtful: names of which nothing more is to be said
        closed_by: a character further on that belongs to this one, and is passed over in silence
    """

    tokens: tuple[tuple[str, str], ...] = ()
    length: int = 0
    from_start: bool = False
    doubtful: tuple[str, ...] = ()
    closed_by: str = ""


class Remedy(NamedTuple):
    """What to write instead, and how to read on where that is certain."""

    text: str
    repair: Repair | None = None


def instead(text: str, kind: str, length: int, *doubtful: str) -> Remedy:
    """A remedy where a token of another kind stands for some characters; no kind where they only go."""
    return Remedy(text, Repair(((kind, ""),) if kind else (), length, doubtful=doubtful))


def inserted(text: str, kind: str, *doubtful: str) -> Remedy:
    """A remedy where a token is missing."""
    return Remedy(text, Repair(((kind, ""),), doubtful=doubtful))
