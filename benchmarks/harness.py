"""The habit of all benchmarks: rivals in turn in one run, medians, a table for people, one line of JSON last."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of several rounds of one thing."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, seconds: list[float]) -> Timing:
        return cls(statistics.median(seconds), min(seconds), max(seconds))


def arguments(description: str) -> argparse.Namespace:
    """The options of every benchmark: ``--quick`` for a minute's version, ``--rounds``."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="a version that takes at most a minute")
    parser.add_argument("--rounds", type=int, default=None, help="rounds of each rival")
    return parser.parse_args()


def in_turn(
    rivals: Mapping[str, Callable[[], object]], rounds: int, before: Callable[[], object] | None = None
) -> dict[str, Timing]:
    """Each rival once a round, one after the other, so that the machine's moods fall on all alike.

    ``before`` runs before each, and is not timed.
    """
    seconds: dict[str, list[float]] = {name: [] for name in rivals}
    for _ in range(rounds):
        for name, run in rivals.items():
            if before is not None:
                before()
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    return {name: Timing.of(each) for name, each in seconds.items()}


def report(name: str, timings: Mapping[str, Timing], base: str, figures: Mapping[str, float] | None = None) -> None:
    """Prints the table, each rival with its ratio to ``base``, and the line of JSON."""
    width = max(len(each) for each in timings)
    print(f"{'':{width}}  {'median':>10}  {'least':>10}  {'most':>10}  {'ratio':>7}")
    for rival, timing in timings.items():
        ratio = timing.median / timings[base].median
        cells = "  ".join(f"{1000 * each:7.1f} ms" for each in (timing.median, timing.least, timing.most))
        print(f"{rival:{width}}  {cells}  {ratio:7.2f}")
    for figure, value in (figures or {}).items():
        print(f"{figure}: {value:.4g}")
    medians = {rival: round(timing.median, 6) for rival, timing in timings.items()}
    print(json.dumps({"benchmark": name, "base": base, "medians": medians, "figures": dict(figures or {})}))
