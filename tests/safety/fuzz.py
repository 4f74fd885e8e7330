"""Asks a million random formulas: ``make fuzz``, or ``python -m tests.safety.fuzz --texts 1000000 --seed 1``.

Text ``n`` of a seed is always the same, so what crashed can be asked again by ``--only n``.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from tests.safety.asking import ask
from tests.safety.texts import text_of

_BATCH = 2_000
_MOST_SHOWN = 5
_SLOW = 2.0
"""Seconds after which a text counts as crashed: it would keep a host waiting."""

Found = tuple[int, str]


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where no text crashed, else 1, with how to see each again."""
    parser = argparse.ArgumentParser(prog="python -m tests.safety.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=1_000_000, help="how many texts")
    parser.add_argument("--seed", type=int, default=None, help="the series; without it one by chance")
    parser.add_argument("--only", type=int, default=None, help="ask this text alone, and show it")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    options = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(2**32) if options.seed is None else options.seed
    if options.only is not None:
        print(repr(text_of(seed, options.only)))
        ask(text_of(seed, options.only))
        return 0
    print(f"seed {seed}, {options.texts:,} texts, {options.jobs} at once", flush=True)
    start = time.perf_counter()
    done = 0
    crashed: list[Found] = []
    for count, found in _batches(seed, options.texts, options.jobs):
        done += count
        crashed += found
        if sys.stderr.isatty() or done % (50 * _BATCH) == 0:
            rate = done / (time.perf_counter() - start)
            print(f"{done:,} texts, {rate:,.0f} a second, {len(crashed)} crashed", file=sys.stderr, flush=True)
    if not crashed:
        print(f"{done:,} texts, none of which crashed")
        return 0
    for number, said in crashed[:_MOST_SHOWN]:
        print(f"\n{said}\nTo see it again: python -m tests.safety.fuzz --seed {seed} --only {number}")
    print(f"\n{len(crashed):,} of {done:,} texts crashed")
    return 1


def _batches(seed: int, texts: int, jobs: int) -> Iterator[tuple[int, list[Found]]]:
    starts = range(0, texts, _BATCH)
    sizes = [min(_BATCH, texts - start) for start in starts]
    if jobs == 1:
        for start, size in zip(starts, sizes, strict=True):
            yield size, _asked(seed, start, size)
        return
    with ProcessPoolExecutor(jobs) as pool:
        found = pool.map(_asked, [seed] * len(sizes), starts, sizes)
        yield from zip(sizes, found, strict=True)


def _asked(seed: int, start: int, size: int) -> list[Found]:
    """What crashed of a part of the series."""
    found = []
    for number in range(start, start + size):
        text = text_of(seed, number)
        began = time.perf_counter()
        try:
            ask(text)
        except Exception:  # whatever it is, it is what is looked for
            found.append((number, f"{text!r}\n{traceback.format_exc(limit=-4)}"))
            continue
        seconds = time.perf_counter() - began
        if seconds > _SLOW:
            found.append((number, f"{text!r}\ntook {seconds:.1f} seconds"))
    return found


if __name__ == "__main__":
    sys.exit(main())
