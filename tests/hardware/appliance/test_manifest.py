"""The list of a wheelhouse: written whole, read with care, and every byte checked."""

import json
from pathlib import Path

import pytest

from hardware.appliance.licenses import UNKNOWN, wheel_license, wheel_texts
from hardware.appliance.manifest import NAME, check_files, read_manifest
from hardware.errors import HardwareError
from tests.hardware.appliance.images import make_wheelhouse


def test_what_was_written_is_read_and_fits(tmp_path: Path) -> None:
    folder = make_wheelhouse(tmp_path / "wheels")
    manifest = read_manifest(folder)
    check_files(folder, manifest)
    assert (manifest.system, manifest.python) == ("bookworm", "3.11")
    assert [entry.license for entry in manifest.files] == ["MIT"]
    assert not list(folder.glob("*.part"))


def test_a_wheel_that_nobody_listed_is_not_trusted(tmp_path: Path) -> None:
    folder = make_wheelhouse(tmp_path / "wheels")
    (folder / "numpy-99.0-py3-none-any.whl").write_bytes(b"")
    with pytest.raises(HardwareError, match="not in the manifest"):
        check_files(folder, read_manifest(folder))


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    folder = make_wheelhouse(tmp_path / "wheels")
    next(folder.glob("*.whl")).unlink()
    with pytest.raises(HardwareError, match="can't be read"):
        check_files(folder, read_manifest(folder))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is damaged"),
        ("[]", "is damaged"),
        ("{}", "is damaged"),
        ('{"format": 2}', "of format 2"),
        ('{"format": 1, "system": "bookworm", "python": "3.11", "wanted": "", "files": [{"path": "a"}]}', "is damaged"),
    ],
)
def test_a_damaged_manifest_is_told(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises(HardwareError, match=said):
        read_manifest(tmp_path)


@pytest.mark.parametrize("path", ["/etc/passwd", "../secret", "debs/../../secret"])
def test_a_manifest_leads_nowhere_else(path: str, tmp_path: Path) -> None:
    folder = make_wheelhouse(tmp_path / "wheels")
    told = json.loads((folder / NAME).read_text())
    told["files"][0]["path"] = path
    (folder / NAME).write_text(json.dumps(told))
    with pytest.raises(HardwareError, match="leads out of the folder"):
        read_manifest(folder)


def test_no_manifest_is_no_wheelhouse(tmp_path: Path) -> None:
    with pytest.raises(HardwareError, match="is no wheelhouse"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("metadata", "license_name"),
    [
        ("License-Expression: MIT AND BSD-2-Clause\nLicense: x\n", "MIT AND BSD-2-Clause"),
        ("License: Apache-2.0\n", "Apache-2.0"),
        ("License: UNKNOWN\nClassifier: License :: OSI Approved :: BSD License\n", "BSD License"),
        (
            "License: Copyright 2020\n        All rights\nClassifier: License :: OSI Approved :: MIT License\n",
            "MIT License",
        ),
        ("Classifier: Topic :: Multimedia\n", UNKNOWN),
    ],
)
def test_licenses_are_found_wherever_packages_put_them(metadata: str, license_name: str, tmp_path: Path) -> None:
    import zipfile

    wheel = tmp_path / "a-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("a-1.dist-info/METADATA", f"Metadata-Version: 2.1\nName: a\n{metadata}")
        archive.writestr("a-1.dist-info/LICENSE.txt", "one")
        archive.writestr("a-1.dist-info/licenses/vendored/LICENSE.txt", "two")
        archive.writestr("a/LICENSE", "of something else")
    assert wheel_license(wheel) == license_name
    assert list(wheel_texts(wheel)) == [("LICENSE.txt", b"one"), ("LICENSE.txt.2", b"two")]
