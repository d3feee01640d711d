"""The key of a network, and what can't be one."""

import pytest

from hardware.appliance.wifi import wifi
from hardware.errors import HardwareError


@pytest.mark.parametrize(
    ("ssid", "password", "key"),
    [
        # IEEE 802.11-2020, annex J.4.2, the three test vectors.
        ("IEEE", "password", "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e"),
        ("ThisIsASSID", "ThisIsAPassword", "0dc0d6eb90555ed6419756b9a15ec3e3209b63df707dd508d14581f8982721af"),
        ("Z" * 32, "a" * 32, "becb93866bb8c3832cb777c2f559807c8c59afcb6eae734885001300a981cc62"),
        ("net", "AB" * 32, "ab" * 32),
        ("open", "", ""),
    ],
)
def test_the_key_is_that_of_the_standard(ssid: str, password: str, key: str) -> None:
    assert wifi(ssid, password, "DE").key == key


@pytest.mark.parametrize(
    ("ssid", "password", "country"),
    [
        ("", "password", "DE"),
        ("ü" * 17, "password", "DE"),
        ("a\nb", "password", "DE"),
        ("net", "1234567", "DE"),
        ("net", "x" * 65, "DE"),
        ("net", "pässword", "DE"),
        ("net", "password", None),
        ("net", "password", "de"),
        ("net", "password", "D; reboot"),
    ],
)
def test_what_no_network_has_is_refused(ssid: str, password: str, country: str | None) -> None:
    with pytest.raises(HardwareError):
        wifi(ssid, password, country)
