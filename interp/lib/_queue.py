"""``SimpleQueue``: a queue without bound for several threads."""

import _imp
from _thread import allocate_lock
from collections import deque
from time import monotonic
from types import GenericAlias


class Empty(Exception):
    """Exception raised by Queue.get(block=0)/get_nowait()."""


@_imp._as_native
class SimpleQueue:
    """Simple, unbounded, reentrant FIFO queue."""

    # A deque's own methods are atomic, so `put` needs no lock and may run within another `put`.
    # Who finds no item leaves a locked lock in `_waiting`, which the next `put` releases.
    __slots__ = ("_items", "_waiting", "__weakref__")

    def __new__(cls):
        self = object.__new__(cls)
        self._items, self._waiting = deque(), deque()
        return self

    def put(self, item, block=True, timeout=None):
        """Put the item on the queue; `block` and `timeout` are ignored, it never waits."""
        self._items.append(item)
        if self._waiting:
            self._wake()

    def put_nowait(self, item):
        """Put an item into the queue without blocking."""
        self.put(item)

    def _wake(self):
        try:
            self._waiting.popleft().release()
        except IndexError:
            pass

    def get(self, block=True, timeout=None):
        """Remove and return an item, waiting for one if need be; Empty if none came."""
        if block and timeout is not None and timeout < 0:
            raise ValueError("'timeout' must be a non-negative number")
        try:
            return self._items.popleft()
        except IndexError:
            pass
        if not block:
            raise Empty
        end = None if timeout is None else monotonic() + timeout
        while True:
            lock = allocate_lock()
            lock.acquire()
            self._waiting.append(lock)
            # One may have been put before the lock was in its place.
            if not self._items and lock.acquire(True, -1 if end is None else max(0, end - monotonic())):
                released = True
            else:
                try:
                    self._waiting.remove(lock)
                    released = False
                except ValueError:
                    released = True
            try:
                item = self._items.popleft()
            except IndexError:
                if end is not None and monotonic() >= end:
                    raise Empty from None
                continue
            if released and self._items:
                # Somebody else's lock could have been released for what is left.
                self._wake()
            return item

    def get_nowait(self):
        """Remove and return an item, or raise Empty."""
        return self.get(False)

    def empty(self):
        """Return True if the queue is empty, False otherwise (not reliable!)."""
        return not self._items

    def qsize(self):
        """Return the approximate size of the queue (not reliable!)."""
        return len(self._items)

    __class_getitem__ = classmethod(GenericAlias)

    def __reduce__(self):
        raise TypeError(f"cannot pickle {type(self).__name__!r} object")
