"""Writer: the loop that owns the strip."""

import gc
import select
import signal
import socket
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from hardware.light.beat import Beat
from hardware.light.keeper import Keeper
from hardware.light.render import Renderer
from hardware.light.server import Server

IDLE_S = 1.0
"""How often a dark strip is told to be dark: a spark on the wire doesn't leave a pixel lit."""


class Wait(Protocol):
    """Waits until a time of the clock, or until one of the sockets can be read; gives those that can."""

    def __call__(self, until_s: float, sockets: Sequence[socket.socket]) -> Sequence[socket.socket]: ...


def wait(until_s: float, sockets: Sequence[socket.socket]) -> Sequence[socket.socket]:
    """Wait by time.monotonic()."""
    # Not poll() or epoll: their timeouts are whole milliseconds.
    return select.select(sockets, (), (), max(0.0, until_s - time.monotonic()))[0]


class Writer:
    """Shows what the client sends, in a beat of its own, and nothing when nobody sends.

    alive: called at least every IDLE_S, for a watchdog. wake: a socket with the numbers of signals that came, a byte
    each (signal.set_wakeup_fd); SIGUSR1 calls `report`, any other is end(). shown: frames that the strip took.
    """

    def __init__(
        self,
        keeper: Keeper,
        server: Server,
        listener: socket.socket,
        renderer: Renderer,
        beat: Beat,
        *,
        wake: socket.socket | None = None,
        alive: Callable[[float], None] = lambda now_s: None,
        report: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
        wait: Wait = wait,
    ) -> None:
        self._keeper, self._server, self._listener = keeper, server, listener
        self._renderer, self._beat = renderer, beat
        self._wake, self._alive, self._report, self._clock, self._wait = wake, alive, report, clock, wait
        self._heard = False  # of the client, since the last beat
        self._ending = False
        self._dark_shown = False
        self.shown = 0
        beat.reset(clock())

    @property
    def ended(self) -> bool:
        """Whether the end was asked for and the strip is dark."""
        return self._ending and self._renderer.dark

    def end(self) -> None:
        """Take no frames any more and fade to black."""
        self._ending = True
        self._server.hang_up()
        self._renderer.left()

    def run(self) -> None:
        """Until the end was asked for and the strip is dark."""
        gc.collect()
        gc.freeze()  # what is loaded stays; a collection in between looks at little
        self._beat.reset(self._clock())
        try:
            while not self.ended:
                self.step()
        finally:
            gc.unfreeze()

    def step(self) -> None:
        """Wait for what comes next, a client, a frame or a beat, and do it."""
        idle = self._renderer.dark and self._dark_shown
        due_s = self._beat.next_s + IDLE_S if idle else self._beat.due_s(self._heard)
        ready = self._wait(due_s, self._sockets())
        now_s = self._clock()
        if self._wake is not None and self._wake in ready:
            for number in self._wake.recv(64):
                self._report() if number == signal.SIGUSR1 else self.end()
        due = now_s >= due_s
        knocked = self._listener in ready and not self._ending
        # Before anybody is let in: the client may have left, and be the one that comes back.
        if due or knocked or self._server.client in ready:
            self._read(now_s)
        if knocked:
            self._server.accept(now_s)
        if idle and (due or not self._renderer.dark):
            self._beat.reset(now_s)
            due = True
        if due or (not idle and now_s >= self._beat.due_s(self._heard)):
            self._show(now_s)

    def _sockets(self) -> list[socket.socket]:
        sockets = [] if self._wake is None else [self._wake]
        if not self._ending and self._clock() >= self._server.rests_until_s:
            sockets.append(self._listener)
        # Once a beat: whoever sends ten thousand frames a second wakes us no more often.
        if self._server.client is not None and not self._heard:
            sockets.append(self._server.client)
        return sockets

    def _read(self, now_s: float) -> None:
        if self._server.client is None:
            return
        light = self._server.newest(now_s)
        if light is not None:
            self._renderer.take(light, now_s)
            if self._server.burst == 1 and not self._heard:
                self._beat.came(now_s)
            self._heard = True
        if self._server.client is None:
            self._renderer.left()
            self._heard = False  # the next one is listened to at once

    def _show(self, now_s: float) -> None:
        self._beat.shown(now_s)
        shown = self._keeper.show(self._renderer.process(now_s), now_s)
        self.shown += shown
        self._dark_shown = shown and self._renderer.dark
        self._heard = False
        self._alive(now_s)
