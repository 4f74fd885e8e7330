"""Names of the files that ``headrace compile`` writes: safe on every system, whatever a node is called."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping

# Names that Windows keeps for devices, also with an ending.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³")}
_LONGEST = 100  # bytes of UTF-8; file systems end at 255, and a path has to fit as well


def file_names(nodes: Iterable[str], ending: str = ".sql", taken: Iterable[str] = ("program",)) -> Mapping[str, str]:
    """The file for each node. A node's name serves where it is a plain one; elsewhere what is plain of it, and a hash.

    >>> file_names(["customers", "../Best customers"])
    {'customers': 'customers.sql', '../Best customers': 'Best_customers-25d5d543.sql'}

    Two nodes never share a file, also where the file system ignores case: of those that would, only the first in the
    order of their names goes without a hash. ``taken`` are names that other files have.
    """
    given = list(nodes)
    files: dict[str, str] = {}
    used = {name.casefold() for name in taken}
    for node in sorted(given):
        stem = _plain(node)
        if not stem or stem != node or stem.casefold() in used:
            stem = f"{stem}-{hashlib.sha256(node.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}".lstrip("-")
        used.add(stem.casefold())
        files[node] = stem + ending
    return {node: files[node] for node in given}


def _plain(name: str) -> str:
    stem = re.sub(r"[^\w.-]+", "_", unicodedata.normalize("NFC", name)).strip("._-")
    while len(stem.encode()) > _LONGEST:
        stem = stem[:-1]
    if stem.partition(".")[0].casefold() in _DEVICES:
        stem = f"node_{stem}"
    return stem
