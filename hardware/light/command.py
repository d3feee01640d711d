"""`lampyris light`: the process that alone owns the strip."""

import argparse
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

from hardware.errors import HardwareError
from hardware.light.address import Address, writer_socket
from hardware.light.beat import Beat
from hardware.light.drivers import open_driver, real_driver
from hardware.light.keeper import Keeper
from hardware.light.notify import notify, watchdog_s
from hardware.light.peer import account, allowed_users
from hardware.light.render import Renderer
from hardware.light.server import Server
from hardware.light.settings import StripSettings, load_strip
from hardware.light.teller import Teller
from hardware.light.writer import Writer
from hardware.service import Service

_STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def light(options: argparse.Namespace) -> int:
    """Drive the strip until a signal ends it; 0. Raises HardwareError."""
    with Service(options.service, Teller().say) as service:
        return _light(options, service)


def _light(options: argparse.Namespace, service: Service) -> int:
    settings = _settings(options, service)
    path = Path(options.socket) if options.socket else writer_socket()
    users = allowed_users(options.user)
    group = account(options.user).pw_gid if options.user else None
    teller = Teller()
    # Once, not at every opening: then it is told once, and known.
    driver, why = real_driver(settings)
    settings = replace(settings, driver=driver)
    if why:
        teller.say(why)
    with ExitStack() as stack:
        stack.callback(_keep_signals())
        # The socket first: where another writer lives, its strip is left alone.
        address = stack.enter_context(closing(Address(path, group)))
        keeper = Keeper(lambda: open_driver(settings.driver, settings), teller)
        stack.callback(keeper.close)
        beat = Beat(1 / settings.fps, keeper.rest_s)
        renderer = Renderer(settings, keeper.order, beat.period_s)
        server = Server(address.listener, users, settings.pixels, teller)
        stack.callback(server.hang_up)
        wake, woken = socket.socketpair()
        stack.callback(wake.close)
        stack.callback(woken.close)

        def report() -> None:
            teller.say(_report(writer, server, renderer, beat, keeper))

        watchdog = _Watchdog(lambda: writer.shown + keeper.failures, lambda: keeper.away)
        writer = Writer(
            keeper, server, address.listener, renderer, beat, wake=woken, alive=watchdog.process, report=report
        )
        with _signals(wake):
            notify("READY=1")
            priority = "with" if _come_first() else "without"
            teller.say(
                f"Writing to {settings.leds} LEDs by {settings.driver}, {1 / beat.period_s:.0f} frames a second, from "
                f"{path}, {priority} real-time priority; {memory_mb():.1f} MB."
            )
            writer.run()
            notify("STOPPING=1")
        report()
    return 0


def memory_mb() -> float:
    """What this process holds in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _come_first() -> bool:
    """Wake up before what others compute, if this user may; what it does then is little."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except PermissionError:
        return False
    return True


class _Watchdog:
    """Tells systemd that frames are shown, as often as it wants to know; a strip that is away is known to be so.

    progress: a number that grows with each frame shown and each attempt. away: whether the strip is.
    """

    def __init__(self, progress: Callable[[], int], away: Callable[[], bool]) -> None:
        self._progress, self._away = progress, away
        self._every_s = watchdog_s()
        self._next_s = 0.0
        self._last = -1

    def process(self, now_s: float) -> None:
        if self._every_s is None or now_s < self._next_s:
            return
        progress = self._progress()
        if progress != self._last or self._away():
            self._last = progress
            self._next_s = now_s + self._every_s
            notify("WATCHDOG=1")


def _settings(options: argparse.Namespace, service: Service) -> StripSettings:
    settings = service.settings(options.settings or None, load_strip, StripSettings())
    given = {key: getattr(options, key) for key in ("driver", "fps", "address")}
    settings = replace(settings, **{key: value for key, value in given.items() if value is not None})
    # Not from a file: what is written to is chosen by who starts the writer.
    if settings.driver == "recording" and not options.address:
        raise HardwareError("The driver recording needs a file; name one with --address.")
    return settings


def _report(writer: Writer, server: Server, renderer: Renderer, beat: Beat, keeper: Keeper) -> str:
    return (
        f"Shown {writer.shown} frames, {renderer.limiter.limited_frames} of them dimmed to the budget, {beat.late} "
        f"beats late; received {server.received}, {server.dropped} of them overtaken, and {server.lost} lost by the "
        f"client; refused {server.refused} clients; {keeper.failures} failures of the strip; {memory_mb():.1f} MB."
    )


@contextmanager
def _signals(wake: socket.socket) -> Iterator[None]:
    """Signals go to `wake` as bytes; a second one to stop raises KeyboardInterrupt, and after that they are ignored."""
    stopped = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopped
        if stopped:
            raise KeyboardInterrupt
        stopped = True

    wake.setblocking(False)
    for number in _STOPS:
        signal.signal(number, stop)
    signal.signal(signal.SIGUSR1, lambda number, frame: None)
    old = signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        for number in (*_STOPS, signal.SIGUSR1):
            signal.signal(number, signal.SIG_IGN)  # nothing may come between here and a dark strip
        signal.set_wakeup_fd(old)


def _keep_signals() -> Callable[[], None]:
    """Gives what puts the signals back to what they do now."""
    before = {number: signal.getsignal(number) for number in (*_STOPS, signal.SIGUSR1)}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    return restore
