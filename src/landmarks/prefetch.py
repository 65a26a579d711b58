"""What comes next is made ready in the background, so that arithmetic does not wait for it."""

from collections.abc import Iterable, Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

Item = TypeVar("Item")

PATIENCE_S = 0.1
"""How long the thread waits for a place in the queue before it looks whether anybody still wants more."""


def prefetched(items: Iterable[Item], ahead: int = 1) -> Iterator[Item]:
    """Iterate over `items` with a thread that is `ahead` of them.

    Parameters
    ----------
    items
        Used by the thread alone. An item that is written into a buffer needs a buffer of its own for each of the
        `ahead` + 2 that are alive at once: in use, ready, and being made.
    ahead
        Items that are kept ready.

    Yields
    ------
    object
        The items, in order. What `items` raises is raised here, in its place.
    """
    ready: Queue[tuple[bool, Item | BaseException | None]] = Queue(ahead)
    closed = Event()

    def put(more: bool, item: Item | BaseException | None) -> None:
        while not closed.is_set():
            try:
                ready.put((more, item), timeout=PATIENCE_S)
            except Full:
                continue
            return

    def work() -> None:
        try:
            for item in items:
                put(True, item)
                if closed.is_set():
                    return
            put(False, None)
        except BaseException as error:
            put(False, error)

    thread = Thread(target=work, name="prefetch", daemon=True)
    thread.start()
    try:
        while True:
            more, item = ready.get()
            if not more:
                if isinstance(item, BaseException):
                    raise item
                return
            yield item  # type: ignore[misc]
    finally:
        closed.set()
        thread.join()
