"""How far a long job is: bars on a terminal, and lines in the log."""

import logging
import sys
import time
from collections.abc import Iterable, Iterator, Sized
from types import TracebackType
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.progress import track as rich_track

logger = logging.getLogger("landmarks")

Item = TypeVar("Item")

LOGGED_S = 60.0
"""Seconds between two lines in the log."""


def track(items: Iterable[Item], description: str, total: int | None = None) -> Iterator[Item]:
    """Iterate over `items`, with a bar on standard error where that is a terminal."""
    if total is None and isinstance(items, Sized):
        total = len(items)
    if not sys.stderr.isatty():
        yield from items
        return
    yield from rich_track(items, description=description, total=total, console=Console(stderr=True), transient=True)


def say_duration(seconds: float) -> str:
    """Return a duration in the largest two units that it fills.

    >>> say_duration(59), say_duration(600), say_duration(7980)
    ('59 s', '10 min', '2 h 13 min')
    """
    minutes = round(seconds / 60)
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


class Pace:
    """Throughput and time left of a long job: a bar on a terminal, and a line in the log every minute.

    Parameters
    ----------
    what
        Of the bar.
    total
        How much there is to do.
    unit
        What is counted, such as ``samples``.
    """

    def __init__(self, what: str, total: int, unit: str) -> None:
        self.total, self.unit, self.done = total, unit, 0
        self.started = self.logged = time.monotonic()
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[pace]}"),
            TimeRemainingColumn(),
        )
        self.bar = Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
        self.task = self.bar.add_task(what, total=total, pace="")

    def __enter__(self) -> "Pace":
        """Show the bar."""
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the bar."""
        self.bar.stop()

    def add(self, count: int, where: str) -> None:
        """Count what was done; `where` begins the line in the log."""
        self.done += count
        self.bar.update(self.task, advance=count, pace=f"{self.rate:,.0f} {self.unit}/s")
        if time.monotonic() - self.logged >= LOGGED_S:
            self.logged = time.monotonic()
            logger.info("%s: %s", where, self)

    @property
    def rate(self) -> float:
        """What was done a second."""
        return self.done / max(time.monotonic() - self.started, 1e-9)

    def __str__(self) -> str:
        """Return throughput and time left."""
        left = (self.total - self.done) / max(self.rate, 1e-9)
        return f"{self.rate:,.0f} {self.unit}/s, {say_duration(left)} left"
