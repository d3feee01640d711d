"""The files outside of /opt/lampyris that a lamp consists of, as steps."""

from pathlib import Path

from hardware.appliance.choices import I2S, Choices
from hardware.appliance.place import COMMAND, CURRENT, LIGHT, LISTENER, UNITS
from hardware.appliance.plan import Step
from hardware.appliance.root import Root
from hardware.appliance.steps.files import FileStep, LinkStep

HOSTNAME, HOSTS = "/etc/hostname", "/etc/hosts"
DROP_IN = f"{UNITS}/{LISTENER}.d"
WLED = f"{UNITS}/{LIGHT}.d/wled.conf"


def fittings(root: Root, choices: Choices, units: Path) -> list[Step]:
    """All of them. units: the folder in a release or a checkout where they are."""

    def part(name: str, wanted: bool = True) -> bytes | None:
        return (units / name).read_bytes() if wanted else None

    mic = None if choices.mic == I2S else f'[Service]\nEnvironment="LAMPYRIS_MIC={choices.mic}"\n'.encode()
    button = choices.button is not None
    files = [
        ("/etc/modprobe.d/lampyris.conf", part("modprobe.conf"), "no analog audio, the strip needs its hardware"),
        ("/etc/systemd/journald.conf.d/50-lampyris.conf", part("journald.conf"), "the journal in memory"),
        ("/etc/systemd/system.conf.d/50-lampyris.conf", part("watchdog.conf"), "the hardware watchdog"),
        ("/etc/polkit-1/rules.d/50-lampyris.rules", part("poweroff.rules", button), "the button may shut down"),
        (f"{UNITS}/{LIGHT}", part(LIGHT), "the writer of the strip"),
        (f"{UNITS}/{LISTENER}", part(LISTENER), "the lamp"),
        (f"{DROP_IN}/microphone.conf", mic, "its microphone"),
        (f"{DROP_IN}/button.conf", part("button.conf", button), "its button"),
        (f"{DROP_IN}/network.conf", part("network.conf", choices.network), "its network"),
        (WLED, part("wled.conf", choices.network and choices.wled), "the writer's network, and no root"),
    ]
    steps: list[Step] = [FileStep(root, name, data, why) for name, data, why in files]
    steps.append(LinkStep(root, COMMAND, f"{CURRENT}/venv/bin/lampyris", "the command"))
    if choices.name is not None:
        steps += _name(root, choices.name)
    return steps


def _name(root: Root, name: str) -> list[Step]:
    lines = (root.read(HOSTS) or b"127.0.0.1 localhost\n").decode(errors="replace").splitlines()
    kept = [line for line in lines if not line.startswith("127.0.1.1")]
    hosts = "\n".join([*kept, f"127.0.1.1\t{name}"]) + "\n"
    if any(line.split()[:2] == ["127.0.1.1", name] for line in lines):
        hosts = "\n".join(lines) + "\n"
    return [
        FileStep(root, HOSTNAME, f"{name}\n".encode(), f"this machine is called {name}"),
        FileStep(root, HOSTS, hosts.encode(), f"and finds itself as {name}"),
    ]
