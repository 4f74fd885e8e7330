"""Asks random flows of whatever ``headrace`` can be imported until one fails: ``python -m tests.mutations.asking``.

``tests.mutations`` runs it with a mutated copy on the path. It prints one line of JSON: which flow failed and how, or
null, and how many were asked.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg2
from case_runs import undone
from random_totals import compare_totals

import headrace
from headrace.program.settings import setting_statements
from tests.expansions.test_random_expansions import compare_strategies
from tests.oracle.comparing import compare_flow

KINDS: dict[str, Callable[[int, Any], object]] = {
    "flow": compare_flow,
    "expansion": compare_strategies,
    "totals": compare_totals,
}
"""Makers of random flows, each asked in turn: what is done with a seed and a cursor."""

_SLOW = "60s"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("server")
    parser.add_argument("flows", type=int)
    options = parser.parse_args(arguments)
    connection = psycopg2.connect(options.server)
    with connection.cursor() as cursor:
        cursor.execute("; ".join([*setting_statements(), f"SET statement_timeout = '{_SLOW}'"]))
    connection.commit()
    failed, asked = first_failure(connection, options.flows)
    print(json.dumps({"failed": failed, "asked": asked, "headrace": str(Path(headrace.__file__).parent)}))


def first_failure(connection: Any, flows: int) -> tuple[dict[str, Any] | None, int]:
    """The first of so many flows that fails, and how many were asked up to it."""
    for number in range(flows):
        seed, place = divmod(number, len(KINDS))
        kind = [*KINDS][place]
        try:
            with undone(connection) as cursor:
                KINDS[kind](seed, cursor)
        except Exception as error:
            lines = [line for line in str(error).splitlines() if line.strip()]
            told = lines[0][:200] if lines else ""
            return {"kind": kind, "seed": seed, "error": f"{type(error).__name__}: {told}"}, number + 1
    return None, flows


if __name__ == "__main__":
    main()
