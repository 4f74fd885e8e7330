"""Formulas and editors: from text to typed tree, a formula seen before, the parser's start, completion and the like."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from benchmarks.compile import project
from benchmarks.harness import Timing, arguments, report
from headrace.compiler import Engine
from headrace.grammar.check import type_formula
from headrace.grammar.completion import tokens_of
from headrace.grammar.expression import Column, Level, Scope
from headrace.grammar.memory import FormulaMemory
from headrace.grammar.parse import parse
from headrace.grammar.types import Type
from headrace.models.formatting import format_document
from headrace.policy import OWNER

FORMULAS = (
    'round(amount * 1.2, 2) + if(country = "FR", quantity, 0) - 1',
    'case when amount > 100 and country in ("FR", "DE") then 1 else quantity + 1 end',
    'coalesce(country, "?") & "-" & upper(left(country, 2 + 1))',
    'sum(amount where country = "FR" and quantity > 1 per year(day), country order by day)',
)
"""Formulas of 20 to 22 tokens."""

LEVELS: tuple[Level, ...] = ("row", "window")

TARGETS = {
    "a formula of 20 tokens, typed": 400e-6,
    "a formula seen before": 20e-6,
    "complete": 5e-3,
    "explain": 5e-3,
    "hover": 5e-3,
    "format a formula": 5e-3,
}
"""Seconds in the median, on a machine that does nothing else."""

_START = """
import time
start = time.perf_counter()
from headrace.grammar.lalr import run
loaded = time.perf_counter()
from headrace.grammar.parse import parse
import headrace.grammar.check
ready = time.perf_counter()
parse("sum(a) + 1")
print(loaded - start, ready - loaded, time.perf_counter() - ready)
"""


def main() -> None:
    options = arguments(__doc__ or "")
    rounds = options.rounds or (200 if options.quick else 2000)
    for formula in FORMULAS:
        if not 20 <= len(tokens_of(formula)) <= 24:
            raise SystemExit(f"{formula} has {len(tokens_of(formula))} tokens")
        said = type_formula(formula, scope(), levels=LEVELS).diagnostics
        if said:
            raise SystemExit(f"{formula}: {said[0].message}")
    timings = {**typing(rounds), **editing(rounds)}
    first = start(3 if options.quick else 9)
    figures = {
        "import of the parser, ms": 1000 * first[0],
        "import of the checker and the catalogue, ms": 1000 * first[1],
        "first formula, ms": 1000 * first[2],
    }
    figures |= {f"{name}, part of its target": timings[name].median / seconds for name, seconds in TARGETS.items()}
    report("formulas", timings, "a formula of 20 tokens, typed", figures)


def scope() -> Scope:
    kinds = {"amount": "decimal", "country": "text", "quantity": "integer", "day": "date"}
    return Scope(columns={name: Column(Type(kind), name) for name, kind in kinds.items()})


def typing(rounds: int) -> dict[str, Timing]:
    """Each formula in turn, over a scope made anew, as every step has one of its own."""
    memory = FormulaMemory()
    scopes = [scope() for _ in range(50)]
    for formula in FORMULAS:
        memory.type_formula(formula, scopes[0], levels=LEVELS)

    def each(work: Callable[[str, Scope], object]) -> Timing:
        return measured(lambda at: work(FORMULAS[at % len(FORMULAS)], scopes[at % len(scopes)]), rounds)

    return {
        "a formula of 20 tokens, parsed": each(lambda text, _: parse(text)),
        "a formula of 20 tokens, typed": each(lambda text, names: type_formula(text, names, levels=LEVELS)),
        "a formula seen before": each(lambda text, names: memory.type_formula(text, names, levels=LEVELS)),
    }


def editing(rounds: int) -> dict[str, Timing]:
    """What an editor asks at every key, in a document of ten nodes."""
    engine, document = Engine(OWNER), project(10)
    pointer = "/nodes/node_7/steps/1/derive/net"
    written = "round(amount / 1.2"
    texts = [written[: length + 1] for length in range(len(written))]
    flow = "headrace: 1\nnodes:\n  a:\n    from: b\n    steps:\n" + "      - {filter: (AMOUNT)>1}\n" * 50
    few = max(rounds // 20, 5)

    def typed(at: int) -> str:
        return texts[at % len(texts)]

    return {
        "complete": measured(lambda at: engine.complete(document, None, pointer, typed(at)), rounds),
        "complete, the first time": measured(lambda _: Engine(OWNER).complete(document, None, pointer, ""), few),
        "explain": measured(lambda at: engine.explain(document, None, pointer, typed(at)), rounds),
        "hover": measured(lambda at: engine.hover(document, None, pointer, 1, typed(at)), rounds),
        "format a formula": measured(lambda at: engine.format(FORMULAS[at % len(FORMULAS)], formula=True), rounds),
        "format a document of 50 steps": measured(lambda _: format_document(flow), few),
    }


def measured(work: Callable[[int], object], rounds: int) -> Timing:
    work(0)
    seconds = []
    for at in range(rounds):
        begun = time.perf_counter()
        work(at)
        seconds.append(time.perf_counter() - begun)
    return Timing.of(seconds)


def start(rounds: int) -> tuple[float, float, float]:
    """Seconds to import the parser, to import the checker with the catalogue, and to parse a first formula."""
    runs = []
    for _ in range(rounds):
        done = subprocess.run([sys.executable, "-c", _START], capture_output=True, text=True, check=True)
        runs.append([float(each) for each in done.stdout.split()])
    parser, checker, first = (statistics.median(each) for each in zip(*runs, strict=True))
    return parser, checker, first


if __name__ == "__main__":
    main()
