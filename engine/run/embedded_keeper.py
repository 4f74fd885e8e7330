"""The keeper: a small process that owns one embedded server for as long as anybody uses it.

It is run as a script, by :func:`headrace.run.embedded.start`, and imports nothing but the standard library, so that
it starts in 30 ms and needs no installed Headrace. One folder (``home``) has at most one keeper: it holds
``keeper.lock`` for all of its life. Users of the server hold ``users.lock`` shared; the kernel lets go of it when
they end, also by ``kill -9``. When nobody holds it any more, the keeper stops the server and ends.

It answers on its standard output with one line of JSON: ``{"ready": {...}}``, ``{"taken": true}`` where another
keeper is there already, or ``{"failed": KIND, "reason": TEXT}``.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any

PASSWORD_FILE = "headrace.password"
RUNNING_FILE = "server.json"
LEFTOVERS_MAY_TAKE = 60.0  # seconds for what is left of a killed server to end
LOG_MAY_GROW_TO = 4_000_000  # bytes

if sys.platform == "win32":
    import msvcrt

    def try_lock(file: IO[bytes], *, shared: bool) -> bool:
        """Lock ``file`` without waiting; False where somebody else is in the way. Closing the file lets go.

        Windows has no shared lock in the C library: a sharer locks one byte of a thousand, an owner all of them.
        """
        for _ in range(20 if shared else 1):
            file.seek(int.from_bytes(os.urandom(2), "big") % 1000 if shared else 0)
            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1 if shared else 1000)
            except OSError:
                continue
            return True
        return False

else:
    import fcntl

    def try_lock(file: IO[bytes], *, shared: bool) -> bool:
        """Lock ``file`` without waiting; False where somebody else is in the way. Closing the file lets go."""
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def lock(file: IO[bytes], *, shared: bool) -> None:
    """Wait until ``file`` can be locked, and lock it."""
    if sys.platform != "win32":
        fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        return
    while not try_lock(file, shared=shared):
        time.sleep(0.05)


class Failed(Exception):
    """The server cannot be had: ``kind`` is what ``embedded.py`` knows to explain, ``reason`` the words we got."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(kind, reason)
        self.kind = kind
        self.reason = reason


class Keeper:
    """What the keeper was told: ``home`` (folder), ``bin`` (folder), ``account`` ([uid, gid] or None),
    ``initdb`` and ``options`` (arguments), ``port`` (the one to try first), ``version`` and ``user``."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.job = job
        self.home: str = job["home"]
        self.data = os.path.join(self.home, "data")
        self.log = os.path.join(self.home, "server.log")
        self.account: tuple[int, int] | None = tuple(job["account"]) if job["account"] else None
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        self.environment["LC_ALL"] = "C"  # messages we can read; macOS refuses to start without a valid locale

    def program(self, name: str) -> str:
        return os.path.join(self.job["bin"], name + (".exe" if sys.platform == "win32" else ""))

    def as_account(self) -> dict[str, Any]:
        """Arguments for subprocess: who runs the server, and where from."""
        arguments: dict[str, Any] = {
            "env": self.environment,
            "stdin": subprocess.DEVNULL,
            "cwd": os.path.abspath(os.sep),
        }
        if self.account is not None:
            arguments |= {"user": self.account[0], "group": self.account[1], "extra_groups": []}
        return arguments

    def initialize(self) -> None:
        """Make the cluster in ``data``: all of it or, where this process is stopped half-way, none of it.

        ``initdb`` works in ``data.new-…``, which is renamed when it and the password in it are on the disk.
        """
        new = f"{self.data}.new-{os.getpid()}"  # an initdb that lost its keeper may still be at work in an older one
        password_file = os.path.join(self.home, "password.new")
        os.mkdir(new, 0o700)
        password = os.urandom(24).hex()
        with open(os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(password + "\n")
            file.flush()
            os.fsync(file.fileno())
        if self.account is not None and sys.platform != "win32":
            os.chown(new, *self.account)
            os.chown(password_file, *self.account)
        command = [self.program("initdb"), "-D", new, f"--pwfile={password_file}", *self.job["initdb"]]
        made = subprocess.run(
            command, capture_output=True, check=False, preexec_fn=_end_with_parent(), **self.as_account()
        )
        if made.returncode != 0:
            shutil.rmtree(new, ignore_errors=True)
            raise Failed("initdb", _tail(made.stderr.decode(errors="replace")))
        os.replace(password_file, os.path.join(new, PASSWORD_FILE))
        os.replace(new, self.data)
        _sync_folder(self.home)

    def settle(self) -> None:
        """End what is left of a server that was killed: backends that still compute hold its shared memory.

        Asked politely, they end at the next row; the WAL of what they had committed is on the disk.
        """
        until = time.monotonic() + LEFTOVERS_MAY_TAKE
        asked: set[int] = set()
        while left := self.postgres_processes():
            if time.monotonic() > until:
                raise Failed("leftovers", ", ".join(map(str, left)))
            postmaster = _first_line(os.path.join(self.data, "postmaster.pid"))
            for pid in set(left) - asked:
                asked.add(pid)
                if str(pid) == postmaster:
                    self.stop(pid)
                else:
                    _send(pid, signal.SIGTERM)
            time.sleep(0.02)
        # What the pid file names now is gone or a stranger: the file came with a copied folder, or from a container
        # before this one. PostgreSQL would take the stranger for a running server.
        _remove(os.path.join(self.data, "postmaster.pid"))

    def postgres_processes(self) -> list[int]:
        """The processes of a PostgreSQL that works in our data folder."""
        if sys.platform == "win32" or self.account is None:
            return _postgres_in(self.data)
        # In a container root may not look into processes of others; their own account may.
        os.setegid(self.account[1])
        os.seteuid(self.account[0])
        try:
            return _postgres_in(self.data)
        finally:
            os.seteuid(0)
            os.setegid(0)

    def launch(self) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
        """Start the server; gives it with its port and socket folder once it takes connections."""
        port = _free_port(self.job["port"])
        # A socket's path is at most 107 bytes (103 on macOS), and libpq reads a comma in it as the next host.
        sockets = self.data
        if sys.platform == "win32":
            sockets = ""
        elif len(os.fsencode(self.data)) > 85 or "," in self.data:
            sockets = self.short_folder()
        while True:
            folders = '"' + sockets.replace('"', '""') + '"' if sockets else ""
            options = [f"port={port}", f"unix_socket_directories={folders}"]
            command = [self.program("postgres"), "-D", self.data, *self.job["options"]]
            for option in options:
                command += ["-c", option]
            start = os.path.getsize(self.log) if os.path.exists(self.log) else 0
            if start > LOG_MAY_GROW_TO:
                _remove(self.log)
                start = 0
            with open(self.log, "ab") as log:
                server = subprocess.Popen(
                    command, stdout=log, stderr=log, preexec_fn=_end_with_parent(), **self.as_account()
                )
            if self.is_ready(server):
                return server, {"port": port, "socket": sockets, "version": self.job["version"]}
            with open(self.log, "rb") as log:
                log.seek(start)
                said = log.read().decode(errors="replace")
            if "could not create any TCP/IP sockets" in said:
                port = _free_port(0)  # somebody was quicker
            elif "could not create any Unix-domain sockets" in said:
                sockets = ""  # a file system without them; TCP serves as well
            else:
                raise Failed("start", _tail(said))

    def short_folder(self) -> str:
        """A new folder of a short name for the socket. Its name is kept, so that it can be removed after a kill."""
        self.remove_short_folder()
        folder = os.path.join("/tmp", "headrace-" + os.urandom(6).hex())
        os.mkdir(folder, 0o700)
        if self.account is not None and sys.platform != "win32":
            os.chown(folder, *self.account)
        with open(os.path.join(self.home, "sockets"), "w", encoding="utf-8") as file:
            file.write(folder)
        return folder

    def remove_short_folder(self) -> None:
        """Remove the folder of :meth:`short_folder`, where there is one."""
        folder = _first_line(os.path.join(self.home, "sockets"))
        if os.path.basename(folder).startswith("headrace-"):
            shutil.rmtree(folder, ignore_errors=True)

    def is_ready(self, server: subprocess.Popen[bytes]) -> bool:
        """Wait until the server takes connections (recovery included, however long); False when it has ended."""
        while server.poll() is None:
            try:
                with open(os.path.join(self.data, "postmaster.pid"), encoding="utf-8", errors="replace") as file:
                    lines = file.read().split("\n")
            except OSError:
                lines = []
            if len(lines) > 7 and lines[0] == str(server.pid) and lines[7].strip() == "ready":
                return True
            time.sleep(0.01)
        return False

    def stop(self, postmaster: int) -> None:
        """Ask the server to end now and cleanly: transactions are rolled back, everything committed is kept."""
        if sys.platform == "win32":
            command = [self.program("pg_ctl"), "stop", "-m", "fast", "-D", self.data]
            subprocess.run(command, capture_output=True, check=False, **self.as_account())
        else:
            _send(postmaster, signal.SIGINT)

    def keep(self) -> None:
        """Run the server until nobody uses it any more, or until it ends."""
        running = os.path.join(self.home, RUNNING_FILE)
        _remove(running)
        for name in os.listdir(self.home):
            if name.startswith("data.new-"):  # of a keeper that was killed
                shutil.rmtree(os.path.join(self.home, name), ignore_errors=True)
        if not os.path.exists(os.path.join(self.data, "PG_VERSION")):
            self.initialize()
            created = True
        else:
            self.settle()
            created = False
        server, where = self.launch()
        with open(running + ".new", "w", encoding="utf-8") as file:
            json.dump(where, file)
        os.replace(running + ".new", running)

        def stop_when_unused() -> None:
            with open(os.path.join(self.home, "users.lock"), "ab") as users:
                lock(users, shared=False)
                self.stop(server.pid)
                server.wait()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop(server.pid))
        _report({"ready": where | {"created": created}})
        threading.Thread(target=stop_when_unused, daemon=True).start()
        server.wait()
        _remove(running)
        if where["socket"] != self.data:
            self.remove_short_folder()


def _end_with_parent() -> Callable[[], None] | None:
    """On Linux, what makes the server stop when the keeper is killed: the kernel then sends it SIGINT.

    The request dies with a change of user, so it is made after that one: subprocess changes the user first. The
    keeper may be gone by then, which the kernel does not tell.
    """
    if sys.platform != "linux":
        return None
    try:
        import ctypes

        prctl = ctypes.CDLL(None).prctl
    except (ImportError, OSError, AttributeError):  # a Python built without libffi: the server then outlives us
        return None
    keeper = os.getpid()

    def end_with_parent() -> None:
        prctl(1, signal.SIGINT, 0, 0, 0)  # PR_SET_PDEATHSIG
        if os.getppid() != keeper:
            os._exit(1)

    return end_with_parent


def _postgres_in(data: str) -> list[int]:
    """The processes of a PostgreSQL that works in the folder ``data`` (each has it as its current one)."""
    if sys.platform != "linux":
        return _postmaster_in(data)
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/comm") as file:
                    is_postgres = file.read().startswith("postgres")
                if is_postgres and os.path.samefile(f"/proc/{name}/cwd", data):
                    found.append(int(name))
            except OSError:  # it has just ended, or belongs to somebody else
                continue
    return found


def _postmaster_in(data: str) -> list[int]:
    """Elsewhere than on Linux: the process that the pid file names, where it is a PostgreSQL of this folder."""
    pid_file = os.path.join(data, "postmaster.pid")
    try:
        with open(pid_file, encoding="utf-8", errors="replace") as file:
            pid, folder = file.read().split("\n")[:2]
        command = ["tasklist", "/FI", f"PID eq {pid}"] if sys.platform == "win32" else ["ps", "-p", pid, "-o", "comm="]
        listed = subprocess.run(command, capture_output=True, check=False).stdout
        if b"postgres" in listed and os.path.samefile(folder, data):
            return [int(pid)]
    except (OSError, ValueError):
        pass
    return []


def _send(pid: int, number: int) -> None:
    with suppress(OSError):  # it has just ended
        os.kill(pid, number)


def _free_port(wanted: int) -> int:
    """``wanted`` where nothing listens on it, else any free port of 127.0.0.1."""
    for port in (wanted, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            if sys.platform != "win32":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise Failed("start", "no free port on 127.0.0.1")


def _first_line(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.readline().strip()
    except OSError:
        return ""


def _remove(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)


def _sync_folder(path: str) -> None:
    if sys.platform != "win32":
        folder = os.open(path, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def _tail(text: str) -> str:
    """The lines that say why: errors, else the last ones."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "FATAL" in line or "PANIC" in line or "error:" in line]
    return "\n".join((errors or lines)[-3:])


def _report(answer: dict[str, Any]) -> None:
    """Answer whoever started us. They may be gone: then nobody uses the server and it stops by itself."""
    with suppress(OSError):
        print(json.dumps(answer), flush=True)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 1)
    os.close(nothing)


def main() -> None:
    job = json.loads(sys.argv[1])
    with open(os.path.join(job["home"], "keeper.lock"), "ab") as file:
        if not try_lock(file, shared=False):
            _report({"taken": True})
            return
        try:
            Keeper(job).keep()
        except Failed as failure:
            _report({"failed": failure.kind, "reason": failure.reason})
        except OSError as error:
            kind = "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "system"
            _report({"failed": kind, "reason": f"{error.strerror}: {error.filename}" if error.filename else str(error)})


if __name__ == "__main__":
    main()
