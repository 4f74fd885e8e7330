"""What is shown of a run while it is at work: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import click

from headrace.cli.screen import colours, plain_text, plural, say

if TYPE_CHECKING:
    from rich.status import Status

    from headrace.run.events import Event


class Listener(Protocol):
    def __call__(self, event: Event, /) -> None: ...


@contextmanager
def shown_progress(quiet: bool = False) -> Iterator[Listener]:
    """A listener for ``run_program`` that prints what is done to standard error, so that output stays clean."""
    if quiet:
        yield _ignore
    elif sys.stderr.isatty():
        with _live_line() as status:
            yield _Progress(status)
    else:
        yield _Progress(None)


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """A live line for a step that has no events, such as starting a server; nothing where there is no terminal."""
    if not sys.stderr.isatty():
        yield
        return
    with _live_line() as status:
        status.update(text)
        yield


@contextmanager
def _live_line() -> Iterator[Status]:
    from rich.console import Console

    console = Console(stderr=True, no_color=colours() is False, highlight=False, markup=False)
    with console.status("", spinner="dots", spinner_style="") as status:
        yield status


def _ignore(event: Event, /) -> None:
    """The listener of those who want to see nothing."""


class _Progress:
    def __init__(self, status: Status | None) -> None:
        self._status = status
        self._running: dict[str, float] = {}
        self._done = 0
        self._all = 0

    def __call__(self, event: Event, /) -> None:
        from headrace.run import events

        match event:
            case events.RunStarted():
                self._all = len(event.steps)
            case events.WaitingForRun():
                self._line(f"waiting for another run that builds schema {event.schema} ({event.holder})", fg="yellow")
            case events.StepStarted():
                self._running[event.name] = time.monotonic()
            case events.RowsLoaded():
                self._finished(event.source, f"{plural(event.rows, 'row')} loaded", event.seconds)
            case events.TableBuilt():
                made = "a view" if event.kind == "view" else f"{plural(event.rows, 'row')}"
                self._finished(event.node, f"{made}, {event.computed}" if event.computed else made, event.seconds)
            case events.Retrying():
                self._line(f"{event.name}: {event.reason}; again in {event.wait:.1f} s", fg="yellow")
            case events.Swapped():
                self._running.clear()
            case events.RunFailed():
                self._running.clear()
        self._show()

    def _finished(self, name: str, what: str, seconds: float) -> None:
        self._running.pop(name, None)
        self._done += 1
        self._line(f"{name}: {what}, {seconds:.1f} s")

    def _line(self, text: str, fg: str | None = None) -> None:
        if self._status is None:
            say(plain_text(text), error=True, **({"fg": fg} if fg else {}))
        else:
            # The console moves its live line out of the way; click's own echo would write over it.
            self._status.console.print(plain_text(text), style=fg or "")

    def _show(self) -> None:
        if self._status is None:
            return
        names = ", ".join(plain_text(name) for name in list(self._running)[:3])
        at = f"[{self._done + 1} of {self._all}] " if self._running and self._all else ""
        self._status.update(click.unstyle(f"{at}{names}" if names else ""))
