"""Names as PostgreSQL takes them: at most 63 bytes, and different where they have to be."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

LONGEST = 63
"""Bytes of the longest identifier; PostgreSQL cuts longer ones without a word."""


SYSTEM_COLUMNS = frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"})
"""What every table of PostgreSQL has already, so that none of its own columns can be called so."""


def physical_name(name: str, suffix: str = "") -> str:
    """``name`` where it fits with ``suffix`` and is free; otherwise a readable beginning of it and a hash of the whole.

    >>> physical_name("customers")
    'customers'
    >>> len(physical_name("é" * 60).encode())
    63
    """
    whole = name + suffix
    # Four bytes are the most that a character takes: counting them takes longer, and mostly need not be.
    fits = len(whole) <= LONGEST // 4 or len(whole.encode()) <= LONGEST
    if fits and whole not in SYSTEM_COLUMNS:
        return whole
    tail = "_" + sha256(name.encode()).hexdigest()[:8] + suffix
    head = name.encode()[: LONGEST - len(tail.encode())].decode(errors="ignore")
    return head + tail


class NameSpace:
    """Names given out once each, as they will stand in SQL."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {physical_name(name) for name in taken}

    def claim(self, wanted: str) -> str:
        """``wanted``, or ``wanted_2``, ``wanted_3`` … where it was given out before."""
        name, count = physical_name(wanted), 1
        while name in self._taken:
            count += 1
            name = physical_name(wanted, f"_{count}")
        self._taken.add(name)
        return name
