"""What it means that a server refuses or leaves: libpq's words as diagnostics.

A connection that fails has no SQLSTATE in psycopg2, so the words are recognized. libpq's own are English here; those
of a server set to another language fall to R133, which quotes them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import psycopg2

from headrace.diagnostics import Diagnostic, diagnose

# In this order: the first that is found counts. A host with several addresses gives one line for each.
_REFUSALS: tuple[tuple[str, str], ...] = (
    ("password authentication failed", "R125"),
    ("no password supplied", "R125"),
    ("empty password", "R125"),
    (r'role ".*" does not exist', "R125"),
    ("authentication failed", "R125"),
    (r'database ".*" does not exist', "R126"),
    ("permission denied for database", "R126"),
    (r"no pg_hba\.conf entry|pg_hba\.conf rejects", "R128"),
    ("server does not support SSL", "R129"),
    ("certificate|SSL error", "R130"),
    ("too many (clients|connections)|remaining connection slots", "R131"),
    ("the database system is (starting up|shutting down|in recovery mode|not yet accepting)", "R135"),
    ("could not translate host name", "R124"),
    ("definition of service|service file", "R136"),
    ("refused|No such file or directory|timeout expired|timed out|unreachable|No route to host", "R123"),
)

# Connections that were fine: 57P01 to 57P05 the server ends or ends them, class 08 the connection broke.
_LOST_STATES = ("57P01", "57P02", "57P03", "57P05")
_LOST_WORDS = re.compile(
    "server closed the connection|terminating connection|connection already closed|could not receive data"
    "|could not send data|SSL connection has been closed|SSL SYSCALL error|no connection to the server"
    "|Connection reset|Connection timed out"
)


def explain_refusal(said: str, warehouse: str, parameters: Mapping[str, Any]) -> Diagnostic:
    """The diagnostic for what libpq said when a connection could not be made; ``warehouse`` is shown."""
    reason = _reason(said)
    host = parameters.get("host") or _found(r'server (?:at|on socket) "([^"]+)"', said) or "localhost"
    values: dict[str, Any] = {
        "warehouse": warehouse,
        "reason": reason,
        "host": host,
        "port": parameters.get("port") or _found(r"port (\d+)", said) or "5432",
        "user": parameters.get("user") or _found(r'(?:user|role) "([^"]+)"', said) or "",
        "dbname": parameters.get("dbname") or _found(r'database "([^"]+)"', said) or "",
    }
    if "no pg_hba.conf entry" in said and parameters.get("sslmode") == "disable":
        return diagnose("R127", **values)
    for pattern, code in _REFUSALS:
        if re.search(pattern, said):
            return diagnose(code, **values)
    return diagnose("R133", **values)


def explain_loss(error: BaseException, warehouse: str) -> Diagnostic | None:
    """R132 where ``error`` says that a connection that worked is gone, else None."""
    if not isinstance(error, (psycopg2.OperationalError, psycopg2.InterfaceError, psycopg2.DatabaseError)):
        return None
    state = error.pgcode or ""
    if state.startswith("08") or state in _LOST_STATES or (not state and _LOST_WORDS.search(str(error))):
        return diagnose("R132", warehouse=warehouse, reason=_reason(str(error)))
    return None


def _reason(said: str) -> str:
    """The server's words without libpq's preface and its guesses (on lines that begin with a tab), each once."""
    words = [line for line in said.splitlines() if not line.startswith("\t")] or said.splitlines()
    lines = [re.sub(r"^connection to server .*? failed: ", "", line.strip()) for line in words]
    lines = [re.sub(r"^(FATAL|ERROR):\s+", "", line) for line in lines if line]
    return " ".join(dict.fromkeys(lines)).rstrip(".")


def _found(pattern: str, text: str) -> str | None:
    match = re.search(pattern, text)
    return match.group(1) if match else None
