"""The same generated project as Headrace, dbt and SQLMesh projects, each compiled by a cold process, in turn.

Each rival has an environment of its own below ``--environments`` (made with pip where it is not there, which takes
minutes). dbt and SQLMesh look for a database when they start: ``--url`` names one; nothing is built in it. Headrace
compiles without one.

    python -m benchmarks.compile_rivals --nodes 500 --url postgresql://postgres@127.0.0.1:5432/postgres
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from benchmarks.compile import project
from benchmarks.harness import in_turn, report

_REQUIRED = {"dbt": ("dbt-core==1.10.*", "dbt-postgres==1.9.*"), "sqlmesh": ("sqlmesh[postgres]",)}
_OF_A_FILE = 20
"""Nodes in one file of a Headrace project, a chain; the rivals have one file a model."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--url", required=True, help="a PostgreSQL that dbt and SQLMesh may connect to")
    parser.add_argument("--environments", type=Path, default=Path(tempfile.gettempdir()) / "headrace-rivals")
    options = parser.parse_args()
    bins = {name: _environment(name, options.environments) for name in _REQUIRED}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        sizes = (options.nodes // 10, options.nodes)
        rivals: dict[str, Callable[[], object]] = {}
        for nodes in sizes:
            ours, dbt, sqlmesh = (folder / f"{name}_{nodes}" for name in ("headrace", *_REQUIRED))
            write_headrace(ours, nodes)
            write_dbt(dbt, nodes, options.url)
            write_sqlmesh(sqlmesh, nodes, options.url)
            rivals[f"headrace compile, {nodes} nodes"] = _cold(ours, sys.executable, "-m", "headrace", "compile")
            rivals[f"dbt compile, {nodes} models"] = _cold(dbt, bins["dbt"] / "dbt", "compile", "--no-partial-parse")
            rivals[f"sqlmesh info, {nodes} models"] = _cold(sqlmesh, bins["sqlmesh"] / "sqlmesh", "info")
        timings = in_turn(rivals, options.rounds, before=lambda: _forget(folder))
    base = f"headrace compile, {options.nodes} nodes"
    ten_times = timings[base].median / timings[f"headrace compile, {options.nodes // 10} nodes"].median
    report("compile_rivals", timings, base, {"ten times the nodes, times the time": ten_times})


def _environment(name: str, folder: Path) -> Path:
    """The programs of a rival, installed where they are not."""
    bins = folder / name / "bin"
    if not (bins / name).exists():
        venv.create(folder / name, with_pip=True)
        subprocess.run([bins / "python", "-m", "pip", "install", "--quiet", *_REQUIRED[name]], check=True)
    return bins


def _cold(folder: Path, *command: str | Path) -> Callable[[], object]:
    settings = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "SQLMESH__DISABLE_ANONYMIZED_ANALYTICS": "1"}
    environment = {**os.environ, **settings}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # where it is set, each start would compile our modules again

    def run() -> None:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{' '.join(map(str, command))} in {folder}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")

    return run


def _forget(folder: Path) -> None:
    """What a rival keeps between runs, so that every run is a first one."""
    for kept in (*folder.glob("*/target"), *folder.glob("*/.cache"), *folder.glob("*/.headrace")):
        shutil.rmtree(kept)


def write_headrace(folder: Path, nodes: int) -> None:
    """A Headrace project of ``nodes`` tables."""
    whole = project(nodes)
    (folder / "flows").mkdir(parents=True)
    (folder / "headrace.yaml").write_text(yaml.safe_dump({"headrace": 1, "name": "generated"}))
    (folder / "flows/sources.yaml").write_text(yaml.safe_dump({"headrace": 1, "sources": whole["sources"]}))
    made = list(whole["nodes"].items())
    for first in range(0, nodes, _OF_A_FILE):
        document = {"headrace": 1, "nodes": dict(made[first : first + _OF_A_FILE])}
        (folder / f"flows/chain_{first // _OF_A_FILE}.yaml").write_text(yaml.safe_dump(document, sort_keys=False))


def _query(number: int, relation: Callable[[str], str]) -> str:
    """What node ``number`` of ``project`` says, as somebody would write it by hand."""
    start = "sales" if number % 20 == 0 else f"node_{number - 1}"
    joined = ""
    if number % 5 == 4:
        joined = f"\nLEFT JOIN {relation(f'node_{number - 3}')} AS o ON o.id = s.id"
    return f"""WITH computed AS (
  SELECT
    s.id, s.country, s.amount, s.day,
    s.amount / 1.2 AS net,
    s.amount - s.amount / 1.2 AS tax,
    UPPER(s.country) || '-' || s.id AS label,
    s.amount > 100 AS is_large
  FROM {relation(start)} AS s{joined}
  WHERE s.amount > {number % 7}
)
SELECT id, country, amount, net, day FROM computed
"""


def _connection(url: str, database: str) -> dict[str, object]:
    """The server as either rival has it written; they differ in the key of the ``database``."""
    parts = urlsplit(url)
    return {
        "type": "postgres",
        "host": parts.hostname,
        "port": parts.port or 5432,
        "user": parts.username,
        "password": parts.password or "none",
        database: parts.path.lstrip("/"),
    }


def write_dbt(folder: Path, nodes: int, url: str) -> None:
    """The same as a dbt project."""
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(
        yaml.safe_dump(
            {
                "name": "generated",
                "version": "1.0.0",
                "profile": "generated",
                "models": {"generated": {"+materialized": "table"}},
            }
        )
    )
    output = {**_connection(url, "dbname"), "schema": "generated", "threads": 1}
    (folder / "profiles.yml").write_text(yaml.safe_dump({"generated": {"target": "here", "outputs": {"here": output}}}))
    sources = {"version": 2, "sources": [{"name": "shop", "tables": [{"name": "sales"}]}]}
    (folder / "models/sources.yml").write_text(yaml.safe_dump(sources))

    def relation(name: str) -> str:
        return "{{ source('shop', 'sales') }}" if name == "sales" else f"{{{{ ref('{name}') }}}}"

    for number in range(nodes):
        (folder / f"models/node_{number}.sql").write_text(_query(number, relation))


def write_sqlmesh(folder: Path, nodes: int, url: str) -> None:
    """The same as a SQLMesh project."""
    (folder / "models").mkdir(parents=True)
    connection = _connection(url, "database")
    config = {
        "gateways": {"here": {"connection": connection, "state_connection": {"type": "duckdb"}}},
        "default_gateway": "here",
        "model_defaults": {"dialect": "postgres", "start": "2024-01-01"},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    columns = {"id": "bigint", "country": "text", "amount": "numeric", "day": "date"}
    (folder / "external_models.yaml").write_text(yaml.safe_dump([{"name": "shop.sales", "columns": columns}]))
    for number in range(nodes):
        query = _query(number, lambda name: f"shop.{name}")
        (folder / f"models/node_{number}.sql").write_text(f"MODEL (name shop.node_{number}, kind FULL);\n\n{query}")


if __name__ == "__main__":
    main()
