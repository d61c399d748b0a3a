"""How large a tape may become: in entries, and in bytes, of which there are as many as the machine has free."""

from __future__ import annotations

import time
from functools import lru_cache

from adcli.records import NamedTuple

MAX_ENTRIES = 10_000_000
ENTRY_BYTES = 200  # that an entry of numbers takes: at most, when all columns are noted
_UNKNOWN = 4 * 2**30  # bytes that are free, where the system does not tell
_FRESH = 1.0  # seconds for which it is believed that as much is free
_CGROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)  # of version 2 and of version 1


class Limits(NamedTuple):
    """The limits of a tape.

    Attributes:
        entries: how many entries and decisions it may have
        bytes: how much memory it may take, with its arrays; None for half of what is free
    """

    entries: int = MAX_ENTRIES
    bytes: int | None = None

    @property
    def memory(self) -> int:
        """How many bytes a tape may take now."""
        return free_memory() // 2 if self.bytes is None else self.bytes

    @property
    def numbers(self) -> int:
        """How many entries and decisions a tape of numbers may have now."""
        return min(self.entries, self.memory // ENTRY_BYTES)

    def within(self, others: Limits) -> bool:
        """Whether what these allow is allowed by others as well."""
        return self.entries <= others.entries and (others.bytes is None or self.bytes == others.bytes)


LIMITS = Limits()


def free_memory() -> int:
    """How many bytes this process may still take, as the system and its control group say."""
    return _free_memory(int(time.monotonic() / _FRESH))


@lru_cache(maxsize=1)
def _free_memory(moment: int) -> int:
    known = [free for free in (_available(), *(_left(*files) for files in _CGROUPS)) if free is not None]
    return min(known, default=_UNKNOWN)


def _available() -> int | None:
    for line in _text_of("/proc/meminfo").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _left(limit: str, used: str) -> int | None:
    """What a control group leaves; None where it has no limit."""
    texts = _text_of(limit).strip(), _text_of(used).strip()
    return max(int(texts[0]) - int(texts[1]), 0) if all(text.isdigit() for text in texts) else None


def _text_of(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, ValueError):
        return ""


def bytes_text(count: float) -> str:
    """`1.5 GB`, `640 kB`."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.4g} {unit}"
        count /= 1000
    return f"{count:.4g} GB"
