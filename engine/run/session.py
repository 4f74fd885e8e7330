"""One connection that a run works with: statements that Ctrl-C can stop, transactions, losses told apart."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, BinaryIO, TypeVar

import psycopg2

from headrace.run.stopped import ConnectionLost
from headrace.run.warehouse import Warehouse

T = TypeVar("T")

RETRIED_STATES = ("40001", "40P01", "55P03")
"""Serialization failure, deadlock, lock not available: what may well work the next time."""

_COPY_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a run tries. Times are in seconds; waits double from ``wait`` up to ``longest_wait``.

    A swap waits ``lock_timeout`` for a lock, during which readers queue up behind it, so that it is short and the
    tries are many.
    """

    tries: int = 5
    swap_tries: int = 20
    reconnections: int = 4
    lock_timeout: float = 1.0
    wait: float = 0.25
    longest_wait: float = 4.0

    def waits(self, tries: int) -> Iterator[float]:
        """The pauses between so many tries, one fewer than those."""
        for number in range(tries - 1):
            yield min(self.wait * 2**number, self.longest_wait)


class Session:
    """A connection in autocommit mode, and a thread that waits for the server in the place of the caller's.

    Python handles Ctrl-C only between two of its own instructions, and libpq's wait for an answer is one: so another
    thread waits, and this one can ask the server to cancel. Raises psycopg2.Error for what the server refuses and
    ConnectionLost where there is no server any more.
    """

    def __init__(self, warehouse: Warehouse, application_name: str) -> None:
        self._warehouse = warehouse
        self._connection = warehouse.connect(application_name, autocommit=True)
        self._waiter = ThreadPoolExecutor(1, thread_name_prefix="headrace")
        self.version: int = self._connection.server_version
        self.pid: int = self._connection.get_backend_pid()

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query; none for a statement that gives none. Values stand for ``%s`` where there are any."""

        def work() -> list[tuple[Any, ...]]:
            with self._connection.cursor() as cursor:
                cursor.execute(sql, values or None)
                return cursor.fetchall() if cursor.description else []

        return self._wait_for(work)

    def run(self, sql: str) -> int:
        """Runs a statement and gives the number of rows that its command status names, 0 where it names none."""

        def work() -> int:
            with self._connection.cursor() as cursor:
                cursor.execute(sql)
                return max(cursor.rowcount, 0)

        return self._wait_for(work)

    def copy(self, sql: str, file: BinaryIO) -> None:
        """Streams ``file`` into a ``COPY … FROM STDIN``."""

        def work() -> None:
            with self._connection.cursor() as cursor:
                cursor.copy_expert(sql, file, _COPY_CHUNK)

        self._wait_for(work)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is done inside is done together or not at all."""
        self.run("BEGIN")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            with suppress(psycopg2.Error, ConnectionLost):
                self.run("ROLLBACK")
            raise

    def retried(self, work: Callable[[], T], patience: Patience, tell: Callable[[str, float], None]) -> T:
        """Does ``work`` in a transaction, again where it fails for a reason that passes; ``tell`` is told before."""
        for wait in patience.waits(patience.tries):
            try:
                with self.transaction():
                    return work()
            except psycopg2.Error as error:
                if error.pgcode not in RETRIED_STATES:
                    raise
                tell(error.diag.message_primary or str(error), wait)
                time.sleep(wait)
        with self.transaction():
            return work()

    def close(self) -> None:
        self._waiter.shutdown(wait=True)
        with suppress(psycopg2.Error):
            self._connection.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _wait_for(self, work: Callable[[], T]) -> T:
        answer = self._waiter.submit(work)
        try:
            while True:
                try:
                    # A wait without an end cannot be interrupted on Windows.
                    return answer.result(timeout=0.5)
                except StillRunning:
                    if answer.done():
                        return answer.result()
        except psycopg2.Error as error:
            lost = self._warehouse.explain_loss(error)
            if lost is None and self._connection.closed:
                lost = self._warehouse.explain_loss(psycopg2.OperationalError("server closed the connection"))
            if lost is not None:
                raise ConnectionLost(lost) from error
            raise
        except KeyboardInterrupt:
            with suppress(psycopg2.Error):
                self._connection.cancel()
            answer.exception()
            raise
