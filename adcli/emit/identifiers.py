"""Names of programs as identifiers of other languages, whose words and functions they must not be."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

from adcli.emit.naming import free_name


class Identifiers:
    """What names are called: themselves, but for letters that a language has not, and words that it has."""

    def __init__(self, taken: Collection[str], only_ascii: bool = False, prefix: str = "") -> None:
        """Take the words that are no names, whether the letters are those of ASCII, and how no name begins."""
        self._taken = set(taken)
        self._only_ascii = only_ascii
        self._prefix = prefix
        self._known: dict[str, str] = {}

    def of(self, name: str) -> str:
        """What a name is called, now and later."""
        known = self._known.get(name)
        if known is None:
            # as Python compares names, for which `ﬁ` is `fi`
            plain = "".join(map(self._letter, unicodedata.normalize("NFKC", name)))
            if self._prefix and plain.startswith(self._prefix):
                plain = f"own_{plain}"
            known = self._known[name] = free_name(plain, self._taken, 2)
            self._taken.add(known)
        return known

    def has(self, name: str) -> bool:
        """Whether something is called so that is a name of the program."""
        return name in self._known.values()

    def fresh(self, name: str) -> str:
        """A name of its own, for what has none in the program."""
        free = free_name(name, self._taken, 2)
        self._taken.add(free)
        return free

    def _letter(self, letter: str) -> str:
        """A letter; of one that may not stand in a name, such as ①, its number."""
        has_it = letter.isascii() if self._only_ascii else f"a{letter}".isidentifier()
        return letter if has_it else f"u{ord(letter):04x}"
