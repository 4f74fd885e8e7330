"""``headrace.lock``: what was found in the database and decides what is compiled, kept beside the documents.

The file is YAML, to be committed: sorted, one line a value, so that a difference shows what came or went.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from headrace.catalog.pivots import PivotFacts, Pivots
from headrace.diagnostics import Diagnostic, diagnose
from headrace.models import read_yaml
from headrace.models.scalar import PlainText, is_null

LOCK = "headrace.lock"
VERSION = "1"

_HEAD = """\
# Written by `headrace discover`; commit it. These are the values that pivots make columns of: to see those of today,
# run `headrace discover` again.
headrace: 1
"""
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = ("null", "true", "false", "yes", "no", "on", "off", "y", "n")


def lock_text(pivots: Pivots) -> str:
    """The text of the file.

    >>> facts = PivotFacts.from_json({"columns": {"month": "date"}, "values": ["2024-01-01"]})
    >>> print(lock_text({"sales": {"by_month": facts}}).split("headrace: 1\\n")[1], end="")
    pivots:
      sales:
        by_month:
          columns: {month: "date"}
          values:
            - "2024-01-01"
    """
    if not any(pivots.values()):
        return _HEAD + "pivots: {}\n"
    lines = ["pivots:"]
    for node in sorted(name for name, steps in pivots.items() if steps):
        lines.append(f"  {_key(node)}:")
        for step in sorted(pivots[node]):
            facts = pivots[node][step].to_json()
            columns = ", ".join(f"{_key(name)}: {_scalar(type_)}" for name, type_ in facts["columns"].items())
            lines += [f"    {_key(step)}:", f"      columns: {{{columns}}}"]
            lines.append("      values:" if facts["values"] else "      values: []")
            lines += [f"        - {_scalar(value)}" for value in facts["values"]]
    return _HEAD + "\n".join(lines) + "\n"


def read_lock(text: str, path: str = LOCK) -> tuple[Pivots, tuple[Diagnostic, ...]]:
    """What the file says, as far as it can be read, and what is wrong with it."""
    reading = read_yaml(text, path)
    problems = tuple(each for each in reading.diagnostics if each.severity == "error")
    data = reading.data
    if problems or not isinstance(data, dict):
        return {}, (_unreadable(path, problems[0].message if problems else "it holds no pivots"),)
    if data.get("headrace") != VERSION:
        return {}, (_unreadable(path, f"it is of version {data.get('headrace')}, and this Headrace reads {VERSION}"),)
    pivots: dict[str, dict[str, PivotFacts]] = {}
    given = data.get("pivots")
    for node, steps in given.items() if isinstance(given, dict) else ():
        for step, facts in steps.items() if isinstance(steps, dict) else ():
            try:
                pivots.setdefault(node, {})[step] = PivotFacts.from_json(_nulls(facts))
            except ValueError as error:
                return {}, (_unreadable(path, f"{node}, {step}: {error}"),)
    return pivots, ()


def _unreadable(path: str, problem: str) -> Diagnostic:
    hint = "Run headrace discover to write it anew."
    return diagnose("P210", hints=[hint], path=path, problem=problem).at(file=path)


def _nulls(value: Any) -> Any:
    """Data as JSON has it: the word null without quotes is None."""
    if isinstance(value, Mapping):
        return {str(key): _nulls(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_nulls(item) for item in value]
    return None if is_null(value) else str(value) if isinstance(value, PlainText) else value


def _key(name: str) -> str:
    return name if _PLAIN.fullmatch(name) and name.casefold() not in _WORDS else _scalar(name)


def _scalar(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
