"""Random flows without end: ``python -m tests.oracle.soak [--seed FIRST] [--flows COUNT]``, or ``make soak``.

Each flow is run on PostgreSQL 15 and 18, an expansion in each of its strategies. The seeds that are done are told every
500 flows, so that a run that was stopped goes on with ``--seed``. A flow that fails is made as small as it can be, and
shown; the exit status is 1.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg2

sys.path.insert(0, str(Path(__file__).parents[1]))

from case_runs import undone
from linguistic import linguistic_database

from headrace.program.settings import setting_statements
from headrace.run import embedded

from .comparing import STRATEGIES, plain_and_rewritten, run, smaller, told, with_strategy
from .making_flows import MadeFlow, random_flow

_OLDEST = Path("/usr/lib/postgresql/15/bin")
_TOLD_EVERY = 500
_MOST_FAILURES = 20


@contextmanager
def connections() -> Iterator[list[Any]]:
    """A connection to a server of each version there is, started here and stopped at the end.

    Where it knows languages, texts are ordered by the rules of one.
    """
    folder = Path(tempfile.gettempdir()).resolve() / f"headrace-soak-{os.urandom(4).hex()}"
    folder.mkdir()
    folder.chmod(0o755)
    try:
        with ExitStack() as stack:
            made = []
            for name, programs in (("15", _OLDEST), ("18", None)):
                if programs is not None and not programs.exists():
                    continue
                (folder / name).mkdir()
                server = stack.enter_context(embedded.start(folder / name, programs=programs))
                connection = psycopg2.connect(stack.enter_context(linguistic_database(server.url)))
                stack.callback(connection.close)
                with connection.cursor() as cursor:
                    cursor.execute("; ".join(setting_statements()))
                connection.commit()
                made.append(connection)
            yield made
    finally:
        shutil.rmtree(folder)


def failure(made: MadeFlow, connections: list[Any], strategies: tuple[str | None, ...] = STRATEGIES) -> str | None:
    """What is wrong with the flow's rows, None where they are right."""
    is_expanded = any(node.for_each for node in made.flow.nodes.values())
    for strategy in strategies if is_expanded else (None,):
        given = made if strategy is None else with_strategy(made, strategy)
        try:
            for flow in plain_and_rewritten(given):
                for connection in connections:
                    with undone(connection) as cursor:
                        run(flow, cursor)
        except AssertionError as error:
            return f"strategy {strategy}\n{error}"
        except Exception:
            return f"strategy {strategy}\n{traceback.format_exc()}"
    return None


def kind(failure: str | None) -> str | None:
    """What failures of one kind have in common, so that making a flow smaller does not lead to another."""
    if failure is None:
        return None
    second = failure.splitlines()[1]
    return second[:4] if second[:1].isupper() else "rows"


def least_failing(made: MadeFlow, connections: list[Any], strategies: tuple[str | None, ...], what: str) -> MadeFlow:
    """The flow as small as it can be made while it fails in the same way."""
    return smaller(made, lambda each: kind(failure(each, connections, strategies)) == kind(what))


def main() -> int:
    parser = argparse.ArgumentParser(prog="soak")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--flows", type=int, default=50_000, help="how many flows")
    options = parser.parse_args()
    last, begun, failed = options.seed + options.flows, time.monotonic(), []
    with connections() as opened:
        for seed in range(options.seed, last):
            made = random_flow(seed)
            what = failure(made, opened)
            if what is not None:
                failed.append(seed)
                least = least_failing(made, opened, STRATEGIES, what)
                print(f"{failure(least, opened)}\n{told(seed, least)}\n{'=' * 80}", flush=True)
                if len(failed) >= _MOST_FAILURES:
                    break
            if (seed + 1 - options.seed) % _TOLD_EVERY == 0:
                print(f"seeds {options.seed} to {seed}: {len(failed)} failed,"
                      f" {time.monotonic() - begun:.0f} s; go on with --seed {seed + 1}", flush=True)  # fmt: skip
    print(f"{options.flows} flows from seed {options.seed}: failed {failed or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
