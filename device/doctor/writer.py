"""The writer of the strip: asked over its socket whether it is there and lets this user in."""

import pwd
import socket
from pathlib import Path
from typing import NamedTuple

from device.doctor.finding import Finding, fail, ok, skip, warn
from hardware.light.peer import Peer, peer_of
from hardware.light.protocol import HEADER, ProtocolError, decode_answer
from hardware.words import printable

PATIENCE_S = 2.0
_LONGEST = HEADER.size + 1024
_START = "start it with: sudo lampyris light --user {user} (docs/light.md)"
_TAKEN = "another client"
"""How the writer's refusal begins when a lamp sends light already (hardware/light/server.py)."""


class Answer(NamedTuple):
    """said: the pixels of the strip, or why the writer refused. peer: the process that is the writer."""

    said: int | str
    peer: Peer


def ask(path: str | Path) -> Answer:
    """Knock, hear the answer and leave; no frame is sent, and a lamp that sends some keeps its place.

    Raises OSError, also when no answer comes in time, and ProtocolError for an answer that is none.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.settimeout(PATIENCE_S)
        connection.connect(str(path))
        return Answer(decode_answer(connection.recv(_LONGEST)), peer_of(connection))


def check(path: str | Path, pixels: int, wanted: bool, uid: int) -> Finding:
    """path: of its socket. pixels: of the settings. wanted: whether a lamp here needs it. uid: of this user."""
    where = printable(str(path))
    start = _START.format(user=_name(uid))
    try:
        said, peer = ask(path)
    except PermissionError:
        return fail("writer", f"user {_name(uid)} may not reach {where}", start)
    except (FileNotFoundError, ConnectionRefusedError):
        if not wanted:
            return skip("writer", "none runs, and none is asked for")
        return fail("writer", f"none listens at {where}", start)
    except (TimeoutError, BlockingIOError):
        return fail("writer", f"it does not answer at {where} within {PATIENCE_S:g} s", "restart it")
    except OSError as error:
        return fail("writer", f"{where} can't be reached ({error.strerror or error})", start)
    except ProtocolError as error:
        return fail("writer", f"what answers at {where} isn't the writer of this release ({error})", "restart it")
    who = f"process {peer.pid} of {_name(peer.uid)} at {where}"
    if isinstance(said, str):
        if said.startswith(_TAKEN):
            return ok("writer", f"{who}, and a lamp sends it light", pid=peer.pid)
        return fail("writer", f"{who} refused: {said}", f"stop it, then {start}", pid=peer.pid)
    if said != pixels:
        return warn(
            "writer",
            f"{who} has a strip of {said} pixels, the settings here have {pixels}: the picture is stretched",
            "start both with the same strip.pixels (--settings)",
            pid=peer.pid,
            pixels=said,
        )
    return ok("writer", f"{who}, {said} pixels, free", pid=peer.pid, pixels=said)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
