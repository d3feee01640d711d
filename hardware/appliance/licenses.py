"""Under which licenses the packages of a wheelhouse come, in the words of the packages themselves."""

import email.parser
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

_TEXT = re.compile(
    r"[^/]+\.dist-info/(?:licenses/)?(?:.*/)?((?:LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*)", re.IGNORECASE
)
_CLASSIFIER = "License :: "
UNKNOWN = "not stated"


def wheel_license(wheel: Path) -> str:
    """The license that a wheel's metadata names, in one line; UNKNOWN when it names none."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
        metadata = email.parser.Parser().parsestr(archive.read(name).decode("utf-8", "replace"))
    if expression := metadata.get("License-Expression"):
        return str(expression)
    told = str(metadata.get("License", "")).strip()
    if told and "\n" not in told and told != "UNKNOWN":
        return told
    classes = [
        line.rpartition(" :: ")[2] for line in metadata.get_all("Classifier", []) if line.startswith(_CLASSIFIER)
    ]
    if classes:
        return ", ".join(classes)
    return told.partition("\n")[0].strip() if told and told != "UNKNOWN" else UNKNOWN


def wheel_texts(wheel: Path) -> Iterator[tuple[str, bytes]]:
    """The license texts in a wheel, by their file names; a name that comes twice is numbered."""
    seen: dict[str, int] = {}
    with zipfile.ZipFile(wheel) as archive:
        for member in sorted(archive.namelist()):
            if not (found := _TEXT.fullmatch(member)):
                continue
            name = found[1]
            seen[name] = seen.get(name, 0) + 1
            yield (name if seen[name] == 1 else f"{name}.{seen[name]}"), archive.read(member)
