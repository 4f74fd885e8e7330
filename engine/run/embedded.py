"""The embedded PostgreSQL server: a database for a project's folder, with nothing to install or to set up.

    >>> with start(Path("my-project")) as server:  # doctest: +SKIP
    ...     print(server.url)
    postgresql://headrace:0f3c…@127.0.0.1:24110/postgres

The cluster lives in ``.headrace/postgres`` of the project. Whoever calls :func:`start` first starts the server, later
callers (other processes, other threads) share it, and it stops when the last one is done, however that one ends. A
small process beside them sees to it, see ``embedded_keeper.py``; the why of it all is in
``docs/decisions/embedded-server.md``.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any
from urllib.parse import quote

from headrace.diagnostics import Diagnostic, diagnose
from headrace.run import embedded_keeper, embedded_place
from headrace.run.failure import WarehouseError

USER = "headrace"
DATABASE = "postgres"
_STOPPING_MAY_TAKE = 60.0  # seconds that the last user waits for a clean stop
_OTHERS_MAY_TAKE = 300.0  # seconds for another process to start or stop the server; recovery is in them

# What the server is told beyond its defaults; nothing here gives up safety for speed.
OPTIONS: tuple[tuple[str, str], ...] = (
    ("listen_addresses", "127.0.0.1"),  # this computer only
    ("unix_socket_permissions", "0700"),
    ("wal_level", "minimal"),  # a table made and filled in one transaction is synced at its end, not logged: half the
    ("max_wal_senders", "0"),  # writing for CREATE TABLE AS and COPY. Replication, which needs the log, is not here
    ("max_wal_size", "2GB"),  # building tables writes in bursts: fewer checkpoints while one lasts
    ("checkpoint_timeout", "15min"),
    ("shared_buffers", "256MB"),  # twice the default; the file cache of the system serves the rest
    ("work_mem", "64MB"),  # few sessions, large sorts and groupings; the default of 4 MB spills to files
    ("maintenance_work_mem", "256MB"),  # indexes
    ("random_page_cost", "1.1"),  # solid state disks
    ("jit", "off"),  # the wheel has none; elsewhere it costs more on wide short queries than it gives on long ones
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    ("log_min_messages", "log"),  # errors of statements are told to who sent them; the file keeps the server's own
    ("log_checkpoints", "off"),
)


@dataclass(slots=True)
class Server:
    """A running embedded server; a context manager that lets go of it at its end.

    ``version`` is like ``"18.6"``; ``socket`` is the folder of the Unix socket, None where there is none; ``data`` is
    the cluster's folder; ``created`` says that this call made the cluster. ``url`` holds the password.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    dbname: str
    socket: Path | None
    version: str
    data: Path
    created: bool
    _users: IO[bytes] = field(repr=False)
    _keeper: subprocess.Popen[bytes] | None = field(repr=False)

    @property
    def url(self) -> str:
        """The address for any client, over TCP."""
        return f"postgresql://{quote(self.user)}:{quote(self.password)}@{self.host}:{self.port}/{quote(self.dbname)}"

    def close(self) -> None:
        """Let go of the server. Where nobody else uses it, it stops, which is waited for; twice is as good as once."""
        if self._users.closed:
            return
        self._users.close()
        stopped = _wait_while_stopping(self.data.parent)
        if self._keeper is not None:
            # Our child has to be waited for; one that stays for others ends some time later.
            if stopped:
                self._keeper.wait()
            else:
                threading.Thread(target=self._keeper.wait, daemon=True).start()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def start(folder: Path, *, programs: Path | None = None) -> Server:
    """The server of the project in ``folder``: started where it does not run, with a new cluster where there is none.

    ``programs`` is a folder with ``postgres`` and ``initdb`` to use instead of those found (see
    :func:`headrace.run.embedded_place.find_programs`). Raises WarehouseError with one of R100 to R111 where there can
    be no server.
    """
    folder = folder.resolve()
    try:
        return _start(folder, programs)
    except OSError as error:
        raise WarehouseError(_explain_os_error(error, folder)) from error


def _start(folder: Path, given: Path | None) -> Server:
    try:
        home = embedded_place.find_home(folder, embedded_place.account_for(folder / ".headrace" / "postgres"))
        account = embedded_place.account_for(home)
    except LookupError as error:
        raise WarehouseError(diagnose("R102", reason=str(error).strip("'\""))) from error
    data = home / "data"
    if account is None and sys.platform != "win32" and data.exists() and data.stat().st_uid != os.geteuid():
        raise WarehouseError(diagnose("R111", folder=str(data), owner=data.owner()))
    programs = _programs_for(data, account, given)
    if account is not None and not embedded_place.can_reach(account, data if data.exists() else home):
        raise WarehouseError(diagnose("R109", folder=str(data), account=account.name))
    job = {
        "home": str(home),
        "bin": str(programs.folder),
        "version": programs.version,
        "account": [account.uid, account.gid] if account else None,
        "initdb": _initdb_arguments(programs.major),
        "options": [word for name, value in _options() for word in ("-c", f"{name}={value}")],
        # The same folder gets the same port where that is free, so that an address written down stays right.
        "port": 20000 + int(hashlib.sha256(os.fsencode(home)).hexdigest()[:8], 16) % 12000,
    }
    users = open(home / "users.lock", "ab")  # noqa: SIM115 (held open by the Server: closing it is letting go)
    try:
        return _join(home, users, job)
    except BaseException:
        users.close()
        raise


def _join(home: Path, users: IO[bytes], job: dict[str, Any]) -> Server:
    """Become a user of the server of ``home``, with a keeper of our own or somebody else's."""
    until = time.monotonic() + _OTHERS_MAY_TAKE
    while not embedded_keeper.try_lock(users, shared=True):  # a keeper is stopping its server
        _pause(home, until)
    # From here on no keeper stops a server that runs.
    while True:
        answer, keeper = _ask_keeper(home, job)
        if "ready" in answer:
            return _server(home, users, answer["ready"], keeper)
        if "failed" in answer:
            raise WarehouseError(_explain(answer["failed"], answer["reason"], home, job))
        if (running := _running(home)) is not None:
            return _server(home, users, running | {"created": False}, None)
        _pause(home, until)


def _ask_keeper(home: Path, job: dict[str, Any]) -> tuple[dict[str, Any], subprocess.Popen[bytes] | None]:
    """What a new keeper answers; one that stays is given too. No process is started where a keeper is there."""
    if not _is_free(home / "keeper.lock", shared=True):
        return {"taken": True}, None
    with open(home / "server.log", "ab") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", embedded_keeper.__file__, json.dumps(job)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=os.sep,
            # Not of the terminal's group: Ctrl-C is for the run, which may want to say good-bye to the server.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    assert keeper.stdout is not None
    with keeper.stdout as pipe:
        line = pipe.readline()
    answer: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {"failed": "keeper", "reason": ""}
    if "ready" in answer:
        return answer, keeper
    keeper.wait()
    return answer, None


def _running(home: Path) -> dict[str, Any] | None:
    """Where the server of ``home`` listens, None where it does not yet."""
    try:
        found: dict[str, Any] = json.loads((home / embedded_keeper.RUNNING_FILE).read_text(encoding="utf-8"))
        socket.create_connection(("127.0.0.1", found["port"]), timeout=5).close()
    except (OSError, ValueError):
        return None
    return found


def _server(home: Path, users: IO[bytes], where: dict[str, Any], keeper: subprocess.Popen[bytes] | None) -> Server:
    data = home / "data"
    password = (data / embedded_keeper.PASSWORD_FILE).read_text(encoding="utf-8").strip()
    return Server(
        host="127.0.0.1",
        port=where["port"],
        user=USER,
        password=password,
        dbname=DATABASE,
        socket=Path(where["socket"]) if where["socket"] else None,
        version=where["version"],
        data=data,
        created=where["created"],
        _users=users,
        _keeper=keeper,
    )


def _programs_for(data: Path, account: embedded_place.Account | None, given: Path | None) -> embedded_place.Programs:
    """The programs that fit the cluster in ``data``; the best ones where there is no cluster yet."""
    wanted = None
    if (data / "PG_VERSION").exists():
        wanted = int((data / "PG_VERSION").read_text(encoding="ascii").strip())
    seen = []
    for programs in embedded_place.find_programs(account, given):
        if programs.major >= embedded_place.OLDEST_MAJOR and wanted in (None, programs.major):
            return programs
        seen.append(programs)
    installed = ", ".join(sorted({programs.version for programs in seen}))
    if wanted is not None and seen:
        raise WarehouseError(diagnose("R101", folder=str(data), found=wanted, installed=installed))
    if seen:
        raise WarehouseError(diagnose("R103", installed=installed))
    raise WarehouseError(diagnose("R100"))


def _initdb_arguments(major: int) -> list[str]:
    """Text sorts by code point, three times faster than by a locale, and the same on every computer."""
    common = [f"--username={USER}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-instructions"]
    if major >= 17:  # with it, upper() and lower() know all of Unicode; before, they know ASCII only
        common += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return common


def _options() -> list[tuple[str, str]]:
    options = list(OPTIONS)
    if sys.platform == "linux":
        # Workers of parallel queries share memory in /dev/shm, of which a container has 64 MB: too few for a hash join.
        try:
            shared = os.statvfs("/dev/shm")
            roomy = shared.f_frsize * shared.f_blocks >= 1 << 30
        except OSError:
            roomy = False
        options.append(("dynamic_shared_memory_type", "posix" if roomy else "sysv"))
    return options


def _is_free(path: Path, *, shared: bool) -> bool:
    with open(path, "ab") as file:
        return embedded_keeper.try_lock(file, shared=shared)


def _pause(home: Path, until: float) -> None:
    if time.monotonic() > until:
        raise WarehouseError(diagnose("R107", folder=str(home), log=str(home / "server.log")))
    time.sleep(0.02)


def _wait_while_stopping(home: Path) -> bool:
    """Wait for the server to stop, unless others use it: a container that ends with us would kill it half-way.

    Whether it has stopped.
    """
    until = time.monotonic() + _STOPPING_MAY_TAKE
    while not _is_free(home / "keeper.lock", shared=True):
        users = home / "users.lock"
        used_by_others = not _is_free(users, shared=False) and _is_free(users, shared=True)
        if used_by_others or time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def _explain(kind: str, reason: str, home: Path, job: dict[str, Any]) -> Diagnostic:
    """The diagnostic for what a keeper answered."""
    data, log = str(home / "data"), str(home / "server.log")
    if kind == "disk_full" or "No space left on device" in reason or "Disk quota exceeded" in reason:
        return diagnose("R104", folder=str(home))
    if kind == "leftovers":
        return diagnose("R108", folder=data, processes=reason)
    if "shared memory" in reason and "still in use" in reason:
        return diagnose("R108", folder=data, processes="")
    if kind == "initdb":
        return diagnose("R105", folder=data, reason=reason)
    if kind == "start":
        return diagnose("R106", version=job["version"], reason=reason, log=log)
    if kind == "system":
        return diagnose("R110", folder=str(home), reason=reason)
    return diagnose("R106", version=job["version"], reason="the process beside it ended", log=log)


def _explain_os_error(error: OSError, folder: Path) -> Diagnostic:
    import errno

    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return diagnose("R104", folder=str(folder))
    reason = error.strerror or str(error)
    where = str(error.filename or folder)
    return diagnose("R110", folder=where, reason=reason)
