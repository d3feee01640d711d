"""A writer on a clock that the test moves: real sockets, no waiting."""

import select
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hardware.light.address import Address
from hardware.light.beat import Beat
from hardware.light.driver import Driver
from hardware.light.drivers.recording import RecordingDriver
from hardware.light.keeper import Keeper
from hardware.light.peer import allowed_users
from hardware.light.protocol import encode_frame
from hardware.light.render import Renderer
from hardware.light.server import Server
from hardware.light.settings import StripSettings
from hardware.light.teller import Teller
from hardware.light.writer import Writer

PLENTY_MA = 60_000.0


class Sender:
    """A client that says what it is told to, right or wrong."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
        self.socket.connect(str(path))
        self.sequence = 0

    def send(self, light: NDArray[np.float64]) -> None:
        """A good frame, [pixels, 3] in [0, 1]."""
        self.sequence += 1
        self.socket.send(encode_frame(np.rint(light * 65535).astype(np.uint16), self.sequence))

    def close(self) -> None:
        """Leave."""
        self.socket.close()


class Rig:
    """A writer for a strip that is recorded. told: what it said. waits: how often it slept or woke."""

    def __init__(
        self,
        path: Path,
        settings: StripSettings,
        users: frozenset[int] | None = None,
        open_strip: Callable[[], Driver] | None = None,
    ) -> None:
        self.now_s = 100.0
        self.told: list[str] = []
        self.waits = 0
        self.driver = RecordingDriver(settings.leds)
        self.path = path
        teller = Teller(self.told.append, self.clock)
        self.address = Address(path)
        self.keeper = Keeper(open_strip or (lambda: self.driver), teller)
        self.beat = Beat(1 / settings.fps, self.keeper.rest_s)
        self.renderer = Renderer(settings, self.keeper.order, self.beat.period_s)
        self.server = Server(self.address.listener, users or allowed_users(None), settings.pixels, teller)
        self.writer = Writer(
            self.keeper,
            self.server,
            self.address.listener,
            self.renderer,
            self.beat,
            clock=self.clock,
            wait=self.wait,
        )

    def clock(self) -> float:
        """The test's time."""
        return self.now_s

    def wait(self, until_s: float, sockets: Sequence[socket.socket]) -> Sequence[socket.socket]:
        """What can be read already, else the time passes."""
        self.waits += 1
        ready = select.select(sockets, (), (), 0)[0]
        if not ready:
            self.now_s = max(self.now_s, until_s)
        return ready

    def pass_s(self, seconds: float) -> None:
        """Let the writer go on for so long."""
        end_s = self.now_s + seconds - 1e-9
        while self.now_s < end_s:
            self.writer.step()

    def play(self, sender: Sender, light: NDArray[np.float64], seconds: float, per_s: float = 60.0) -> None:
        """Send the same picture at a rate."""
        for _ in range(round(seconds * per_s)):
            sender.send(light)
            self.pass_s(1 / per_s)

    @property
    def shown(self) -> NDArray[np.uint8]:
        """The last frame on the strip, [leds, 3]."""
        return self.driver.frames[-1]

    def close(self) -> None:
        """Put all away."""
        self.server.hang_up()
        self.address.close()


@contextmanager
def rig(path: Path, users: frozenset[int] | None = None, **settings: object) -> Iterator[Rig]:
    """A rig for a strip of 4 pixels with plenty of current, if the settings say nothing else."""
    strip = StripSettings(**({"pixels": 4, "budget_ma": PLENTY_MA} | settings))  # type: ignore[arg-type]
    with closing(Rig(path / "light.sock", strip, users)) as made:
        yield made
