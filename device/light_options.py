"""What the command line of `lampyris light` understands; kept light, because the writer loads little."""

from typing import Any


def add_light(commands: Any) -> None:
    """Add `light` to the subcommands of the parser."""
    light = commands.add_parser(
        "light",
        help="drive the strip",
        description="Drives the strip with the light that 'lampyris listen --strip socket' sends it, and keeps it "
        "within the current of its supply. Only this process needs the rights to the strip. It fades to black when no "
        "light comes for 2 s, and when it is stopped. SIGUSR1 makes it report.",
    )
    light.add_argument(
        "--driver",
        metavar="NAME",
        help="auto, ws281x, spi, pio, wled, terminal, recording or null (default: of the settings, else auto)",
    )
    light.add_argument("--address", metavar="ADDRESS", help="of a WLED controller, or another file than the usual one")
    light.add_argument(
        "--socket",
        metavar="PATH",
        help="where light comes from (default: lampyris/light.sock in /run for root, else in $XDG_RUNTIME_DIR)",
    )
    light.add_argument("--user", metavar="NAME", help="who else may send light, beside root and the writer's own user")
    light.add_argument("--settings", metavar="lamp.toml", help="settings; the writer reads the section [strip]")
    light.add_argument("--fps", type=float, metavar="N", help="frames a second (default: of the settings, else 60)")
    light.add_argument(
        "--service",
        action="store_true",
        help="as a unit of systemd: goes on with the last good settings when these are broken, and waits longer and "
        "longer after crashes",
    )
