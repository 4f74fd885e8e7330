"""``catalog.json``: what the database knows of the tables that a project reads, kept beside the documents."""

from __future__ import annotations

import json

from headrace.catalog.catalog import Catalog, TableFacts
from headrace.diagnostics import Diagnostic, diagnose

CATALOG = "catalog.json"


def catalog_text(catalog: Catalog) -> str:
    """The text of the file: JSON, sorted, one line a column, so that a difference shows what has changed.

    >>> catalog = Catalog.from_json({"tables": {"shop.t": {"columns": {"id": "integer"}, "rows": 3}}})
    >>> print(catalog_text(catalog), end="")
    {
      "headrace": 1,
      "tables": {
        "shop.t": {
          "rows": 3,
          "keys": [],
          "columns": {
            "id": {"type": "integer", "nullable": true}
          }
        }
      }
    }
    """
    tables = []
    for name, facts in catalog.to_json()["tables"].items():
        columns = [f"        {_json(column)}: {_json(each)}" for column, each in facts["columns"].items()]
        rows = f'      "rows": {facts["rows"]},\n' if "rows" in facts else ""
        body = "{\n" + ",\n".join(columns) + "\n      }" if columns else "{}"
        keys = f'      "keys": {_json(facts["keys"])},\n'
        tables.append(f'    {_json(name)}: {{\n{rows}{keys}      "columns": {body}\n    }}')
    inner = "{\n" + ",\n".join(tables) + "\n  }" if tables else "{}"
    return f'{{\n  "headrace": {catalog.to_json()["headrace"]},\n  "tables": {inner}\n}}\n'


def read_catalog_text(text: str, path: str = CATALOG) -> tuple[dict[str, TableFacts], tuple[Diagnostic, ...]]:
    """The tables that the file tells of, and what is wrong with it."""
    try:
        data = json.loads(text)
        return dict(Catalog.from_json(data).tables), ()
    except (ValueError, RecursionError) as error:
        return {}, (unreadable(str(error) or "it nests too deeply", path),)


def unreadable(problem: str, path: str = CATALOG) -> Diagnostic:
    hint = "Run headrace catalog to write it anew."
    return diagnose("P210", hints=[hint], path=path, problem=problem.rstrip(".")).at(file=path)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
