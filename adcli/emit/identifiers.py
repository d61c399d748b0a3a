"""Names of programs as identifiers of other languages, whose words and functions they must not be."""

from __future__ import annotations

from collections.abc import Collection

from adcli.emit.lines import free_name


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
            plain = name
            if self._only_ascii:
                plain = "".join(letter if letter.isascii() else f"u{ord(letter):04x}" for letter in name)
            if self._prefix and plain.startswith(self._prefix):
                plain = f"own_{plain}"
            known = self._known[name] = free_name(plain, self._taken, 2)
            self._taken.add(known)
        return known
