"""The wireless network that a lamp joins, as it is written on a card."""

import getpass
import hashlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from hardware.errors import HardwareError


@dataclass(frozen=True)
class Wifi:
    """ssid: 1 to 32 bytes. key: 64 hexadecimal digits, empty for an open network. country: two letters, ISO 3166."""

    ssid: str
    key: str
    country: str


def wifi(ssid: str, password: str, country: str | None) -> Wifi:
    """The network, with the password as the key that is made of it (IEEE 802.11, annex J.4), so that the card doesn't
    tell the password itself. Raises HardwareError for what no network can have."""
    if not 1 <= len(ssid.encode()) <= 32 or not ssid.isprintable():
        raise HardwareError("A network's name has 1 to 32 bytes, all printable; see --wifi.")
    if country is None or not re.fullmatch(r"[A-Z]{2}", country):
        raise HardwareError("Wi-Fi needs the country whose rules it follows, as --country DE.")
    if not password:
        return Wifi(ssid, "", country)
    if re.fullmatch(r"[0-9a-fA-F]{64}", password):
        return Wifi(ssid, password.lower(), country)
    if not 8 <= len(password) <= 63 or not all(" " <= letter <= "~" for letter in password):
        raise HardwareError("The password of a network has 8 to 63 letters of ASCII; type it again.")
    key = hashlib.pbkdf2_hmac("sha1", password.encode(), ssid.encode(), 4096, 32)
    return Wifi(ssid, key.hex(), country)


def ask_password(ssid: str, file: Path | None) -> str:
    """The password: the first line of a file, or asked for; never from the command line, which others can read.

    Raises HardwareError when there is neither a file nor somebody to ask.
    """
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            raise HardwareError(f"The file {file} can't be read ({error}); see --wifi-password-file.") from error
    if not sys.stdin.isatty():
        raise HardwareError("Nobody is there to ask for the network's password; give --wifi-password-file FILE.")
    return getpass.getpass(f"Password of {ssid} (empty: an open network): ")
