"""The strip: which driver it takes here, and whether that one finds what it needs. No light is sent."""

import errno
import os
import platform
import socket
from collections.abc import Callable
from importlib.util import find_spec

from device.doctor.finding import Finding, fail, from_error, ok, skip
from device.doctor.host import Host
from hardware.errors import HardwareError
from hardware.light.drivers import pio, spi, wled, ws281x
from hardware.light.drivers.auto import choose
from hardware.light.settings import StripSettings

WIRELESS = ("terminal", "recording", "null")
"""Drivers that touch no wire."""
PATIENCE_S = 2.0
_WEB = 80
_CONFIG = "/boot/firmware/config.txt"
_AS_ROOT = "start the writer as root (sudo lampyris light)"


def check(host: Host, settings: StripSettings, held: bool) -> Finding:
    """held: whether a writer has the strip, and with it the rights that it needs."""
    name = settings.driver
    if name == "auto":
        if not host.board.raspberry:
            return skip("strip", 'no Raspberry Pi, so no pin for one; strip.driver = "wled" would take one of WLED')
        name, _ = choose(host.board, settings.pin)
    if name in WIRELESS:
        return skip("strip", f"the driver {name} touches no wire", driver=name)
    try:
        return _CHECKS[name](host, settings, held)
    except HardwareError as error:
        return from_error("strip", error, "see docs/wiring.md")


def _ws281x(host: Host, settings: StripSettings, held: bool) -> Finding:
    pin = 12 if settings.pin is None else settings.pin
    ws281x.check_wiring(pin, settings.dma, settings.i2s_microphone)
    ws281x.check_board(host.board)
    if find_spec("rpi_ws281x") is None:
        return fail("strip", "the library rpi-ws281x is missing", "install it with: pip install 'lampyris[pi]'")
    if host.path("/sys/module/snd_bcm2835").exists():
        return fail(
            "strip",
            "the Pi's analog audio uses the PWM that the strip needs",
            f"put dtparam=audio=off into {_CONFIG} and restart",
        )
    for device in ("/dev/mem", "/dev/vcio"):
        if not host.path(device).exists():
            return fail("strip", f"there is no {device}, which PWM needs", "use the SPI wiring (docs/wiring.md)")
        if host.uid == 0 and not held and not host.access(host.path(device), os.R_OK | os.W_OK):
            return fail("strip", f"root may not open {device}", "run the writer outside of containers, or use SPI")
    root = "" if held or host.uid == 0 else "; the writer needs root for it, listen does not"
    return ok("strip", f"ws281x: PWM on GPIO{pin}, DMA channel {settings.dma}{root}", driver="ws281x", gpio=pin)


def _spi(host: Host, settings: StripSettings, held: bool) -> Finding:
    if settings.pin not in (None, 10):
        return fail("strip", f"SPI sends on GPIO10, not on GPIO{settings.pin}", "wire it there and set strip.pin = 10")
    device = settings.address or spi.DEVICE
    size, room = spi.Encoder(settings.leds, len(settings.order)).size, host.number(spi.BUFFER_SIZE)
    if room is not None and size > room:
        return fail(
            "strip",
            f"a frame is {size} bytes on SPI, and the kernel takes {room}",
            "append spidev.bufsiz=32768 to the line in /boot/firmware/cmdline.txt and restart",
        )
    trouble = _device(host, device, held, f"put dtparam=spi=on into {_CONFIG} and restart", "spi")
    return trouble or ok("strip", f"spi: GPIO10 by {device}", driver="spi", gpio=10)


def _pio(host: Host, settings: StripSettings, held: bool) -> Finding:
    pio.check_kernel((host.text("/proc/sys/kernel/osrelease") or platform.release()).strip())
    device = settings.address or pio.DEVICE
    overlay = f"put dtoverlay=ws2812-pio,gpio=12,num_leds={settings.leds} into {_CONFIG} and restart"
    trouble = _device(host, device, held, overlay, "gpio")
    return trouble or ok("strip", f"pio: the kernel's ws2812-pio by {device}", driver="pio")


def _device(host: Host, device: str, held: bool, switch_on: str, group: str) -> Finding | None:
    """What is wrong with a device file. It is not opened: a writer may be at it."""
    path = host.path(device)
    if not path.exists():
        return fail("strip", f"there is no {device}", switch_on)
    if not held and not host.access(path, os.W_OK):
        return fail("strip", f"this user may not write {device}", f"{_AS_ROOT}, or add its user to the group {group}")
    return None


def _wled(host: Host, settings: StripSettings, held: bool) -> Finding:
    address, _ = wled.parse_address(settings.address)
    return reach(address)


def reach(address: str, connect: Callable[..., socket.socket] = socket.create_connection) -> Finding:
    """Whether a WLED controller is on: by the port of its web page, because light by UDP is never answered."""
    try:
        connect((address, _WEB), timeout=PATIENCE_S).close()
    except socket.gaierror:
        return fail("strip", f"the WLED controller {address} isn't known on this network", "check strip.address")
    except OSError as error:
        if error.errno != errno.ECONNREFUSED:  # whoever refuses is there
            return fail(
                "strip",
                f"the WLED controller {address} can't be reached ({error.strerror or error})",
                "check strip.address, that it is on, and its network",
            )
    return ok("strip", f"wled: the controller {address} is there", driver="wled")


_CHECKS: dict[str, Callable[[Host, StripSettings, bool], Finding]] = {
    "ws281x": _ws281x,
    "spi": _spi,
    "pio": _pio,
    "wled": _wled,
}
