"""Which known name was meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import SequenceMatcher


def closest(name: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """The known names nearest to ``name``, best first; at most ``limit``, none where nothing is near.

    Case and the characters `` _-`` count for little: ``customerid`` finds ``customer_id``.

    >>> closest("amout", ["amount", "order_date", "customer_id"])
    ['amount']
    """
    if len(name) > 200:
        return []
    wanted = _bare(name)
    scored = []
    for candidate in dict.fromkeys(known):
        bare = _bare(candidate)
        if abs(len(bare) - len(wanted)) > max(3, len(wanted)):
            continue
        score = 1.0 if bare == wanted else SequenceMatcher(None, wanted, bare).ratio()
        if wanted and min(len(wanted), len(bare)) >= 3 and (bare.startswith(wanted) or wanted.startswith(bare)):
            score = max(score, 0.8)
        if score >= 0.7:
            scored.append((-score, candidate))
    return [candidate for _, candidate in sorted(scored)[:limit]]


def meant(name: str, known: Collection[str]) -> tuple[list[str], list[str]]:
    """The known names nearest to ``name``, and the hint that tells of them; where none is near, of what there is.

    Names keep their order; those of a set are sorted.

    >>> meant("amout", ["id", "amount"])
    (['amount'], ['Did you mean amount?'])
    >>> meant("zebra", ["id", "amount"])
    ([], ['There are: id, amount.'])
    """
    near = closest(name, known)
    if near:
        return near, [f"Did you mean {' or '.join(near)}?"]
    return [], there_are(known)


def there_are(known: Collection[str]) -> list[str]:
    """The hint that lists what there is, the first dozen of it; none where there is nothing.

    >>> there_are(["id", "amount"])
    ['There are: id, amount.']
    """
    some = sorted(known) if isinstance(known, (set, frozenset)) else list(known)
    return [f"There are: {', '.join(some[:12])}{' …' if len(some) > 12 else ''}."] if some else []


def _bare(name: str) -> str:
    return "".join(c for c in name.casefold() if c not in " _-")
