"""Warehouses by address: which one is meant, what each connection is set to, and what is said where there is none."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import psycopg2.errors
import pytest

from headrace.diagnostics import Diagnostic
from headrace.program.settings import SETTINGS, setting_statements
from headrace.run.embedded import Server
from headrace.run.refusal import explain_loss, explain_refusal
from headrace.run.warehouse import Warehouse, WarehouseError, open_warehouse

SECRET = "s3cr3t"


def refused(url: str | None, folder: Path | None = None, **environ: str) -> Diagnostic:
    with pytest.raises(WarehouseError) as caught:
        open_warehouse(url, folder, environ).close()
    diagnostic = caught.value.diagnostic
    text = f"{diagnostic.to_json()} {caught.value}"
    assert SECRET not in text, "a password is never shown"
    assert "Traceback" not in text
    assert "\n" not in diagnostic.message
    return diagnostic


def address(server: Server, **parts: object) -> str:
    values = {"user": server.user, "password": server.password, "port": server.port, "dbname": "postgres"} | parts
    return "postgresql://{user}:{password}@127.0.0.1:{port}/{dbname}".format_map(values)


# Which warehouse


def test_the_argument_comes_before_the_variable_and_that_before_the_project(server: Server) -> None:
    good, bad = server.url, "postgresql://127.0.0.1:1/nothing"
    with open_warehouse(good, None, {"HEADRACE_WAREHOUSE": bad}, declared=bad) as warehouse:
        assert warehouse.server is None
    with open_warehouse(None, None, {"HEADRACE_WAREHOUSE": good}, declared=bad) as warehouse:
        assert warehouse.version == server.version
    with open_warehouse(None, None, {}, declared=good) as warehouse:
        assert warehouse.version == server.version
    with open_warehouse("", None, {"HEADRACE_WAREHOUSE": ""}, declared=good) as warehouse:
        assert warehouse.version == server.version, "empty is not given"


def test_without_any_address_the_projects_embedded_server(reachable: Path) -> None:
    with open_warehouse(None, reachable, {}) as warehouse:
        assert warehouse.server is not None
        assert warehouse.server.data.is_relative_to(reachable)
        assert warehouse.number // 10000 == 18
        connection = warehouse.connect()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        connection.close()
        assert warehouse.server.password not in warehouse.shown


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2", "postgresql+asyncpg"])
def test_every_spelling_of_a_postgresql_address(scheme: str, server: Server) -> None:
    with open_warehouse(server.url.replace("postgresql", scheme, 1), None, {}) as warehouse:
        assert warehouse.version == server.version
        assert warehouse.shown == f"postgresql://headrace:***@127.0.0.1:{server.port}/postgres"


def test_what_the_address_leaves_open_comes_from_libpq(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PGPASSWORD", server.password)
    monkeypatch.setenv("PGPORT", str(server.port))
    with open_warehouse("postgresql://headrace@127.0.0.1/postgres", None, {}) as warehouse:
        assert warehouse.version == server.version
    services = tmp_path / "services"
    services.write_text(
        f"[mine]\nhost=127.0.0.1\nport={server.port}\nuser=headrace\npassword={server.password}\ndbname=postgres\n"
    )
    monkeypatch.delenv("PGPASSWORD")
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    for url in ("postgresql://?service=mine", "service=mine"):
        with open_warehouse(url, None, {}) as warehouse:
            assert warehouse.version == server.version
            assert warehouse.shown == "service=mine"
    assert refused("service=other").code == "R136"


def test_names_with_special_characters(server: Server) -> None:
    with open_warehouse(server.url, None, {}) as warehouse:
        connection = warehouse.connect(autocommit=True)
        with connection.cursor() as cursor:
            cursor.execute('DROP ROLE IF EXISTS "an/n:é@b"')
            cursor.execute("""CREATE ROLE "an/n:é@b" LOGIN PASSWORD 's3cr3t:/@%'""")
        url = f"postgresql://an%2Fn%3A%C3%A9%40b:{SECRET}%3A%2F%40%25@127.0.0.1:{server.port}/postgres"
        with open_warehouse(url, None, {}) as other:
            assert SECRET not in other.shown
            assert other.shown == f"postgresql://an%2Fn%3A%C3%A9%40b:***@127.0.0.1:{server.port}/postgres"
        with connection.cursor() as cursor:
            cursor.execute('DROP ROLE "an/n:é@b"')
        connection.close()


# What each connection is set to


def test_every_connection_has_the_pinned_settings(server_url: str) -> None:
    # A database and a role that say otherwise, in every setting.
    other = {
        "client_encoding": "LATIN1",
        "TimeZone": "Asia/Kolkata",
        "timezone_abbreviations": "India",
        "DateStyle": "SQL, DMY",
        "IntervalStyle": "iso_8601",
        "standard_conforming_strings": "off",
        "search_path": "public",
        "extra_float_digits": "-15",
        "bytea_output": "escape",
        "lc_numeric": "POSIX",
        "lc_monetary": "POSIX",
        "lc_time": "POSIX",
        "transform_null_equals": "on",
        "array_nulls": "off",
        "default_transaction_isolation": "serializable",
        "default_transaction_read_only": "on",
        "statement_timeout": "10s",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "10s",
        "idle_session_timeout": "10s",
        "client_min_messages": "error",
        "jit": "on",
    }
    assert set(other) == {name for name, _ in SETTINGS}
    connection = psycopg2.connect(server_url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for name, value in other.items():
            if name != "client_encoding":  # the client names its own when it connects
                cursor.execute(f"ALTER DATABASE headrace_test SET {name} TO {value if ',' in value else repr(value)}")
        cursor.execute("ALTER DATABASE headrace_test SET lc_messages TO 'POSIX'")
    connection.close()

    with open_warehouse(server_url, None, {}) as warehouse:
        connection = warehouse.connect("my-run")
        with connection.cursor() as cursor:
            for name, value in SETTINGS:
                cursor.execute("SELECT current_setting(%s)", (name,))
                assert cursor.fetchone() == (value,), name
            cursor.execute("SELECT current_setting('lc_messages'), current_setting('application_name')")
            assert cursor.fetchone() == ("C", "my-run")
            cursor.execute("SELECT '2024-03-01'::timestamptz::text, 0.1::float8 + 0.2, '1 month'::interval::text")
            assert cursor.fetchone() == ("2024-03-01 00:00:00+00", 0.1 + 0.2, "1 mon")
        connection.close()
        again = warehouse.connect(autocommit=True)
        assert again.autocommit
        assert again.status == psycopg2.extensions.STATUS_READY, "outside of a transaction"
        again.close()


def test_ordinary_roles_can_set_them_all(server: Server) -> None:
    superuser = psycopg2.connect(server.url)
    superuser.autocommit = True
    with superuser.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS reader")
        cursor.execute(f"CREATE ROLE reader LOGIN PASSWORD '{SECRET}'")
    with open_warehouse(address(server, user="reader", password=SECRET), None, {}) as warehouse:
        connection = warehouse.connect()
        with connection.cursor() as cursor:
            cursor.execute("SHOW search_path")
            assert cursor.fetchone() == ("pg_catalog",)
        connection.close()
    with superuser.cursor() as cursor:
        cursor.execute("DROP ROLE reader")
    superuser.close()


def test_setting_statements_are_sql_for_psql() -> None:
    statements = setting_statements()
    assert "SET TimeZone TO 'UTC'" in statements
    assert "SET search_path TO 'pg_catalog'" in statements
    assert len(statements) == len(SETTINGS)


# Where there is none


def test_nothing_given() -> None:
    assert refused(None).code == "R120"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("mysql://ann:s3cr3t@host/db", "R122"),
        ("sqlite:///file.db", "R122"),
        ("postgresql://ann:pa/s3cr3t@host/db", "R121"),
        ("postgresql://ann:12/s3cr3t@host/db", "R121"),
        ("postgresql://ann:pa@s3cr3t@host/db", "R121"),
        ("postgresql://ann:s3cr3t@host:notaport/db", "R121"),
        ("postgresql://[::1/db", "R121"),
        ("postgresql://host/db?colour=s3cr3t", "R121"),
        ("just text s3cr3t", "R121"),
        ("postgresql://127.0.0.1:1/db", "R123"),
        ("postgresql://ann:s3cr3t@no-such-host.invalid/db", "R124"),
        ("postgresql://%2Fno%2Fsuch%2Ffolder/db", "R123"),
    ],
)
def test_addresses_that_lead_nowhere(url: str, code: str) -> None:
    diagnostic = refused(url)
    assert diagnostic.code == code
    named = refused(None, HEADRACE_WAREHOUSE=url)
    assert named.code == code
    if code in ("R121", "R122"):
        assert "--warehouse" in diagnostic.message
        assert "HEADRACE_WAREHOUSE" in named.message


def test_message_names_host_and_port() -> None:
    message = refused(f"postgresql://ann:{SECRET}@127.0.0.1:1/db").message
    assert "127.0.0.1, port 1 (" in message
    assert "Connection refused" in message


def test_wrong_password_unknown_user_and_database(server: Server) -> None:
    wrong = refused(address(server, password=SECRET))
    assert wrong.code == "R125"
    assert f"127.0.0.1, port {server.port} does not let headrace in" in wrong.message
    assert refused(address(server, user="nobody_here", password=SECRET)).code == "R125"
    missing = refused(address(server, dbname="no such database"))
    assert missing.code == "R126"
    assert "The database no such database on 127.0.0.1" in missing.message
    assert refused(f"postgresql://headrace@127.0.0.1:{server.port}/postgres").code == "R125"


def test_tls_asked_for_and_not_offered(server: Server) -> None:
    if server.version.startswith("18"):  # the wheel is built without
        assert refused(server.url + "?sslmode=require").code == "R129"


def test_closed_by_pg_hba(server: Server) -> None:
    rules = server.data / "pg_hba.conf"
    kept = rules.read_bytes()
    superuser = psycopg2.connect(server.url)
    superuser.autocommit = True
    with superuser.cursor() as cursor:
        try:
            rules.write_text("local all all scram-sha-256\n")
            cursor.execute("SELECT pg_reload_conf()")
            _until_reloaded(server)
            closed, without_tls = refused(server.url), refused(server.url + "?sslmode=disable")
        finally:
            rules.write_bytes(kept)
            cursor.execute("SELECT pg_reload_conf()")
    superuser.close()
    assert closed.code == "R128"
    assert 'no pg_hba.conf entry for host "127.0.0.1"' in closed.message
    assert without_tls.code == "R127", "the server may take encrypted ones only"


def _until_reloaded(server: Server) -> None:
    for _ in range(200):
        try:
            psycopg2.connect(server.url).close()
        except psycopg2.OperationalError:
            return
        threading.Event().wait(0.01)


def test_connections_used_up(server: Server) -> None:
    superuser = psycopg2.connect(server.url)
    superuser.autocommit = True
    with superuser.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS one_only")
        cursor.execute(f"CREATE ROLE one_only LOGIN PASSWORD '{SECRET}' CONNECTION LIMIT 0")
        assert refused(address(server, user="one_only", password=SECRET)).code == "R131"
        cursor.execute("DROP ROLE one_only")
    superuser.close()


def test_a_connection_that_is_ended_is_a_loss(server: Server) -> None:
    with open_warehouse(server.url, None, {}) as warehouse:
        connection, other = warehouse.connect(), warehouse.connect(autocommit=True)
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
        with pytest.raises(psycopg2.Error) as caught:
            connection.cursor().execute("SELECT 1")
        lost = warehouse.explain_loss(caught.value)
        assert lost is not None
        assert lost.code == "R132"
        assert server.password not in lost.message
        with pytest.raises(psycopg2.Error) as syntax:
            other.cursor().execute("SELECT 1 FROM")
        assert warehouse.explain_loss(syntax.value) is None
        other.close()
        with pytest.raises(psycopg2.InterfaceError) as closed:
            other.cursor()
        assert explain_loss(closed.value, "x") is not None


@contextmanager
def something_else() -> Iterator[int]:
    """A port where something listens that is no PostgreSQL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            try:
                taken, _ = listener.accept()
            except OSError:
                return
            with taken:
                taken.recv(100)
                taken.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield listener.getsockname()[1]


def test_something_that_is_no_postgresql() -> None:
    with something_else() as port:
        diagnostic = refused(f"postgresql://ann:{SECRET}@127.0.0.1:{port}/db?sslmode=disable&gssencmode=disable")
    assert diagnostic.code == "R133"


def test_a_server_that_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        diagnostic = refused(f"postgresql://ann@127.0.0.1:{port}/db?connect_timeout=2")
    assert diagnostic.code == "R123"
    assert "timeout expired" in diagnostic.message


def test_an_old_server_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headrace.run.warehouse.OLDEST_VERSION", 99)
    diagnostic = refused(server.url)
    assert diagnostic.code == "R134"
    assert f"is PostgreSQL {server.version}" in diagnostic.message
    assert "needs version 99" in diagnostic.message


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (
            'connection to server at "db" (10.0.0.1), port 5432 failed: FATAL:  the database system is starting up',
            "R135",
        ),
        (
            'connection to server at "db" (10.0.0.1), port 5432 failed: SSL error: certificate verify failed',
            "R130",
        ),
        ('connection to server at "db", port 5432 failed: FATAL:  sorry, too many clients already', "R131"),
        ('connection to server at "db", port 5432 failed: FATAL:  Passwort-Authentifizierung fehlgeschlagen', "R133"),
    ],
)
def test_words_of_servers_not_at_hand(said: str, code: str) -> None:
    diagnostic = explain_refusal(said + "\n", "postgresql://ann:***@db/db", {"host": "db", "user": "ann"})
    assert diagnostic.code == code
    assert "FATAL" not in diagnostic.message


def test_a_warehouse_is_shared_by_threads(server: Server) -> None:
    """Seen at dbt-labs/docs.getdbt.com#4952, PrefectHQ/prefect#19954."""
    with open_warehouse(server.url, None, {}) as warehouse:
        seen: list[object] = []

        def work(number: int, warehouse: Warehouse = warehouse) -> None:
            connection = warehouse.connect()
            with connection.cursor() as cursor:
                cursor.execute("SELECT %s", (number,))
                seen.append(cursor.fetchone())
            connection.close()

        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(map(str, seen)) == [f"({n},)" for n in range(8)]
