"""The warehouse: the PostgreSQL database where tables are built, given by an address or embedded in the project.

>>> with open_warehouse(None, Path("my-project")) as warehouse:  # doctest: +SKIP
...     connection = warehouse.connect()
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import parse_dsn

from headrace.diagnostics import Diagnostic, diagnose
from headrace.program.settings import setting_statements
from headrace.run import embedded
from headrace.run.failure import WarehouseError
from headrace.run.refusal import explain_loss, explain_refusal

__all__ = ["OLDEST_VERSION", "Warehouse", "WarehouseError", "open_warehouse"]

OLDEST_VERSION = 15
_VARIABLE = "HEADRACE_WAREHOUSE"
_CONNECT_TIMEOUT = 10  # seconds, where neither the address nor PGCONNECT_TIMEOUT says

# Messages in English, so that they can be recognized, for roles that may choose; and what younger servers can limit.
_SETTINGS_WHERE_ALLOWED = """
DO $$ BEGIN
    PERFORM pg_catalog.set_config('lc_messages', 'C', false);
EXCEPTION WHEN insufficient_privilege THEN NULL;
END $$;
SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name = 'transaction_timeout'
"""


class Warehouse:
    """A database to build tables in; a context manager that stops an embedded server nobody else uses.

    ``shown`` is its address without the password, for messages; ``version`` is like ``"18.6"`` and ``number`` like
    ``180006``; ``server`` is the embedded server, None where the database is somebody else's. Threads may share it:
    each takes connections of its own.
    """

    def __init__(self, parameters: Mapping[str, str], server: embedded.Server | None = None) -> None:
        """Connects once, to learn the version. Raises WarehouseError where there is no database to work in."""
        self._parameters = dict(parameters)
        self.server = server
        self.shown = _shown(self._parameters) if server is None else f"the embedded PostgreSQL in {server.data.parent}"
        with_version = self.connect()
        try:
            self.number: int = with_version.server_version
            said: str = with_version.info.parameter_status("server_version") or ""
        finally:
            with_version.close()
        self.version = said.split(" ")[0]
        if self.number < OLDEST_VERSION * 10000:
            raise WarehouseError(diagnose("R134", warehouse=self.shown, found=self.version, oldest=OLDEST_VERSION))

    def connect(self, application_name: str = "headrace", *, autocommit: bool = False) -> Connection:
        """A new connection with ``headrace.program.settings.SETTINGS`` in force, outside of a transaction.

        The caller closes it. Raises WarehouseError where the server refuses or is not there.
        """
        parameters: dict[str, Any] = {"application_name": application_name, **self._parameters}
        try:
            connection: Connection = psycopg2.connect(**parameters)
        except psycopg2.Error as error:
            raise WarehouseError(explain_refusal(str(error), self.shown, parameters)) from error
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                # One round trip. Not the startup packet's "options": poolers refuse those.
                cursor.execute("; ".join((*setting_statements(), _SETTINGS_WHERE_ALLOWED.strip())))
            connection.autocommit = autocommit
        except psycopg2.Error as error:
            connection.close()
            raise WarehouseError(
                explain_loss(error, self.shown) or diagnose("R133", warehouse=self.shown, reason=str(error).strip())
            ) from error
        return connection

    def explain_loss(self, error: BaseException) -> Diagnostic | None:
        """R132 where ``error`` means that the connection is gone (server stopped, network lost), else None."""
        return explain_loss(error, self.shown)

    def close(self) -> None:
        """Let go of an embedded server; nothing else to do. Connections are their callers' to close, before."""
        if self.server is not None:
            self.server.close()

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_warehouse(
    url: str | None,
    folder: Path | None,
    environ: Mapping[str, str] = os.environ,
    *,
    declared: str | None = None,
) -> Warehouse:
    """The warehouse to use: ``url`` (``--warehouse``), else HEADRACE_WAREHOUSE of ``environ``, else ``declared`` (the
    project's ``warehouse:``), else the embedded server of the project in ``folder``.

    An address is a ``postgresql://`` or ``postgres://`` URL (a driver, ``postgresql+psycopg2://``, is ignored) or a
    libpq string, ``"service=prod"``; what it leaves open comes from libpq's environment (PGHOST, PGPASSWORD,
    PGSERVICE, ~/.pgpass …). Raises WarehouseError.
    """
    for address, origin in (
        (url, "--warehouse"),
        (environ.get(_VARIABLE), _VARIABLE),
        (declared, "warehouse: in headrace.yaml"),
    ):
        if address:
            return Warehouse(_parameters_of(address, origin, environ))
    if folder is None:
        raise WarehouseError(diagnose("R120"))
    server = embedded.start(folder)
    try:
        return Warehouse(_parameters_of_server(server), server)
    except BaseException:
        server.close()
        raise


def _parameters_of(address: str, origin: str, environ: Mapping[str, str]) -> dict[str, str]:
    """libpq's parameters of an address. The parser is libpq's own; SQLAlchemy's would cost 0.3 s to import."""
    scheme, separator, rest = address.strip().partition("://")
    if separator:
        if scheme.split("+")[0].lower() not in ("postgresql", "postgres"):
            raise WarehouseError(diagnose("R122", origin=origin, scheme=scheme.split("+")[0]))
        address = f"postgresql://{rest}"
    try:
        parameters: dict[str, str] = parse_dsn(address)
    except psycopg2.Error:  # its text can hold parts of the password
        raise WarehouseError(diagnose("R121", origin=origin)) from None
    # An @ or / in the password, not written %40 or %2F, has moved parts of it into the host or the database's name.
    lost_user = separator and "@" in rest.partition("?")[0] and "user" not in parameters
    port_is_number = set(parameters.get("port", "")) <= set("0123456789,")
    if lost_user or "@" in parameters.get("host", "")[1:] or not port_is_number:
        raise WarehouseError(diagnose("R121", origin=origin))
    if "PGCONNECT_TIMEOUT" not in environ and "service" not in parameters:
        parameters.setdefault("connect_timeout", str(_CONNECT_TIMEOUT))
    # Routers forget silent connections; a build can be silent for an hour.
    parameters.setdefault("keepalives_idle", "60")
    return parameters


def _parameters_of_server(server: embedded.Server) -> dict[str, str]:
    return {
        "host": str(server.socket) if server.socket else server.host,
        "port": str(server.port),
        "user": server.user,
        "password": server.password,
        "dbname": server.dbname,
        "connect_timeout": str(_CONNECT_TIMEOUT),
        # It offers neither: asking would cost a round trip each.
        "sslmode": "disable",
        "gssencmode": "disable",
    }


def _shown(parameters: Mapping[str, str]) -> str:
    """The address for messages: everything that helps to find the server, and no password.

    >>> _shown({"host": "db", "user": "ann", "password": "secret", "dbname": "sales"})
    'postgresql://ann:***@db/sales'
    """
    if "service" in parameters and "host" not in parameters:
        return f"service={parameters['service']}"
    host = parameters.get("host") or parameters.get("hostaddr", "")
    if host.startswith(("/", "@")):
        host = quote(host, safe="")
    elif ":" in host:
        host = f"[{host}]"
    user = quote(parameters.get("user", ""), safe="")
    if "password" in parameters:
        user += ":***"
    port = f":{parameters['port']}" if "port" in parameters else ""
    return f"postgresql://{user}{'@' if user else ''}{host}{port}/{quote(parameters.get('dbname', ''), safe='')}"
