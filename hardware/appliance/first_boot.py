"""The files on a card's boot partition that make its first boot end in a lamp.

Who the lamp is (name, user, keys, Wi-Fi) goes the way that each system has for it: Bookworm runs a script named on the
kernel's command line (systemd.run, see systemd-run-generator(8)), which calls the system's own imager_custom and
userconf; Trixie has cloud-init with the data source NoCloud. Bookworm's custom.toml isn't used: its reader stops at a
question on the screen when anything fails, and a lamp has no screen.

Both then run UNPACK, which puts the payload on the system's disk and a service beside it, which installs the lamp at
the next boot, and at each boot again until that was done: so power may be lost at any time.
"""

import hashlib
import json
import shlex
from dataclasses import dataclass

from hardware.appliance.cmdline import with_word
from hardware.appliance.wifi import Wifi

FOLDER = "lampyris"
"""On the boot partition."""
PAYLOAD = f"{FOLDER}/payload.tar"
PLACE = "/opt/lampyris-first-boot"
"""On the system's disk, until the lamp is installed."""
BOOT = "/boot/firmware"
SERVICE = "lampyris-first-boot.service"
_RUN = f" systemd.run={BOOT}/{FOLDER}/begin.sh systemd.run_success_action=reboot systemd.run_failure_action=reboot"
_RUN += " systemd.unit=kernel-command-line.target"
TRIES = 3


@dataclass(frozen=True)
class Owner:
    """name: of the machine. user: of who may log in, with `keys` (lines of authorized_keys), and nobody without keys.

    install: further arguments of `setup.sh install`.
    """

    name: str
    user: str
    keys: tuple[str, ...] = ()
    wifi: Wifi | None = None
    install: tuple[str, ...] = ()


def common_files(digest: str, owner: Owner) -> dict[str, bytes]:
    """What both systems need. digest: the payload's SHA-256."""
    return {
        f"{FOLDER}/unpack.sh": _text(_UNPACK.replace("@DIGEST@", digest)),
        f"{FOLDER}/install.sh": _text(_INSTALL.replace("@ARGUMENTS@", shlex.join(owner.install))),
        f"{FOLDER}/{SERVICE}": _text(_SERVICE),
    }


def bookworm_files(owner: Owner, cmdline: str) -> dict[str, bytes]:
    """For systemd.run. cmdline: the kernel's command line as it is; its switch comes last."""
    who = [f"try {_CUSTOM} set_hostname {shlex.quote(owner.name)}"]
    who.append(f"try {_USERCONF} {shlex.quote(owner.user)} '!'")
    if owner.keys:
        who.append(f"try {_CUSTOM} enable_ssh -k {shlex.join(owner.keys)}")
    if owner.wifi:
        key = [owner.wifi.key] if owner.wifi.key else []
        who.append(f"try {_CUSTOM} set_wlan_country {owner.wifi.country}")
        who.append(f"try {_CUSTOM} set_wlan {shlex.join([owner.wifi.ssid, *key])}")
    line = " ".join(cmdline.split()).partition(" systemd.run=")[0]
    return {
        f"{FOLDER}/begin.sh": _text(_BEGIN.replace("@WHO@", "\n".join(who)).replace("@TRIES@", str(TRIES))),
        "cmdline.txt": _text(line + _RUN + "\n"),
    }


def trixie_files(owner: Owner, cmdline: str) -> dict[str, bytes]:
    """For cloud-init's NoCloud: JSON is YAML too, and quotes every name as it must be.

    cmdline: the kernel's command line as it is; the radio is silent until that names the country.
    """
    user: dict[str, object] = {
        "name": owner.user,
        "groups": "users,adm,sudo",
        "shell": "/bin/bash",
        "lock_passwd": True,
        "sudo": "ALL=(ALL) NOPASSWD:ALL",
    }
    ssh = []
    if owner.keys:
        user["ssh_authorized_keys"] = list(owner.keys)
        # Not by the key enable_ssh, which only Raspberry Pi OS's own cloud-init knows.
        ssh.append(["systemctl", "enable", "--now", "ssh"])
    data: dict[str, object] = {
        "hostname": owner.name,
        "manage_etc_hosts": True,
        "ssh_pwauth": False,
        "users": [user],
        "runcmd": [*ssh, ["/bin/sh", f"{BOOT}/{FOLDER}/unpack.sh"]],
        "power_state": {"mode": "reboot", "condition": ["test", "-e", f"{PLACE}/install.sh"]},
    }
    network: dict[str, object] = {"version": 2, "ethernets": {"eth0": {"dhcp4": True, "optional": True}}}
    if owner.wifi:
        point = {"password": owner.wifi.key} if owner.wifi.key else {}
        network["wifis"] = {
            "wlan0": {
                "dhcp4": True,
                "optional": True,
                "regulatory-domain": owner.wifi.country,
                "access-points": {owner.wifi.ssid: point},
            }
        }
    told = _text("#cloud-config\n" + json.dumps(data, indent=1) + "\n")
    # A new name of the instance lets a system that was started before do all of it again.
    instance = hashlib.sha256(told).hexdigest()[:16]
    country = {}
    if owner.wifi:
        country["cmdline.txt"] = with_word(cmdline.encode(), f"cfg80211.ieee80211_regdom={owner.wifi.country}")
    return country | {
        "network-config": _text(json.dumps({"network": network}, indent=1) + "\n"),
        "meta-data": _text(json.dumps({"instance-id": f"lampyris-{instance}"}) + "\n"),
        "user-data": told,
    }


def _text(text: str) -> bytes:
    return text.encode()


_CUSTOM = "/usr/lib/raspberrypi-sys-mods/imager_custom"
_USERCONF = "/usr/lib/userconf-pi/userconf"

_BEGIN = r"""#!/bin/sh
# The first boot of a lamp: who it is, then what it runs. May lose its power anywhere and be run again.
boot=/boot/firmware
exec >>"$boot/lampyris/first-boot.log" 2>&1
echo "== $(date): first boot"

# done_here: the next boot is an ordinary one, and the key of the network leaves this partition.
done_here() {
    sed 's| systemd\.run=.*||' "$boot/cmdline.txt" >"$boot/cmdline.new" && sync &&
        mv "$boot/cmdline.new" "$boot/cmdline.txt"
    rm -f "$boot/lampyris/begin.sh" "$boot/lampyris/tries"
    sync
    exit 0
}

# try COMMAND: a lamp with a wrong name or without network is a lamp all the same.
try() {
    "$@" || echo "failed ($?): $1 $2"
}

tries=$(($(cat "$boot/lampyris/tries" 2>/dev/null || echo 0) + 1))
echo "$tries" >"$boot/lampyris/tries"
sync
if [ "$tries" -gt @TRIES@ ]; then
    echo "given up after @TRIES@ tries; the lines above say why"
    done_here
fi
@WHO@
if sh "$boot/lampyris/unpack.sh"; then
    done_here
fi
exit 1
"""

_UNPACK = r"""#!/bin/sh
# Puts the payload and the service that installs it on the system's disk. May be run again at any time.
set -eu
boot=/boot/firmware
place=/opt/lampyris-first-boot
if [ -e "$place/install.sh" ]; then
    exit 0
fi
if ! echo "@DIGEST@  $boot/lampyris/payload.tar" | sha256sum --check --status; then
    echo "payload.tar is damaged; flash the card again" >&2
    exit 1
fi
rm -rf "$place.part"
mkdir -p "$place.part"
tar -x --no-same-owner -f "$boot/lampyris/payload.tar" -C "$place.part"
cp "$boot/lampyris/install.sh" "$place.part/install.sh"
cp "$boot/lampyris/lampyris-first-boot.service" /etc/systemd/system/
mkdir -p /etc/systemd/system/multi-user.target.wants
ln -sf ../lampyris-first-boot.service /etc/systemd/system/multi-user.target.wants/
sync
rm -rf "$place"
mv "$place.part" "$place"
sync
"""

_INSTALL = r"""#!/bin/sh
# Installs the lamp from what the card brought along, then starts anew for the wires that it set up.
set -u
boot=/boot/firmware
place=/opt/lampyris-first-boot
log=$boot/lampyris/install.log
if "$place/project/setup.sh" install --wheelhouse "$place/wheelhouse" --yes @ARGUMENTS@ >"$place/log" 2>&1; then
    cp "$place/log" "$log"
    sync
    # First what lets the service begin again, last what takes long.
    rm -f "$place/install.sh"
    sync
    rm -f /etc/systemd/system/multi-user.target.wants/lampyris-first-boot.service
    rm -f /etc/systemd/system/lampyris-first-boot.service
    rm -f "$boot/lampyris/payload.tar" "$boot/lampyris/begin.sh"
    rm -rf "$place"
    sync
    systemctl --no-block reboot
else
    code=$?
    cp "$place/log" "$log"
    sync
    tail -n 3 "$place/log" >&2
    exit "$code"
fi
"""

_SERVICE = """[Unit]
Description=Makes this Raspberry Pi a lamp
ConditionPathExists=/opt/lampyris-first-boot/install.sh
# Where one of these grows the system to the whole card, it goes first.
After=local-fs.target systemd-user-sessions.service resize2fs_once.service cloud-init.service

[Service]
Type=oneshot
ExecStart=/bin/sh /opt/lampyris-first-boot/install.sh
TimeoutStartSec=3600
StandardOutput=journal+console

[Install]
WantedBy=multi-user.target
"""
