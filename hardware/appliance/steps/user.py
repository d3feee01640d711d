"""UserStep: the user that the listener runs as, with the rights it needs and no more."""

from collections.abc import Sequence

from hardware.appliance.journal import Note
from hardware.appliance.place import STATE, USER
from hardware.appliance.root import Root
from hardware.appliance.shell import Shell


class UserStep:
    """groups: the devices it may use."""

    kind = "user"
    name = "user"

    def __init__(self, root: Root, shell: Shell, groups: Sequence[str]) -> None:
        self._root, self._shell, self._groups = root, shell, groups

    def needed(self) -> bool:
        """Whether the user is not there or lacks a group."""
        return not _is_there(self._root) or bool(self._lacking)

    def describe(self) -> Sequence[str]:
        """One line."""
        groups = ", ".join(self._groups)
        if _is_there(self._root):
            return [f"add the user {USER} to the groups {', '.join(self._lacking)}"]
        return [f"add the system's user {USER}, without a password or a shell, to the groups {groups}"]

    def note(self, before: Note | None) -> Note:
        """Whether the user is ours."""
        return before or {"added": not _is_there(self._root)}

    def apply(self) -> None:
        """Add it."""
        if not _is_there(self._root):
            options = (
                "--system",
                "--user-group",
                "--no-create-home",
                "--home-dir",
                STATE,
                "--shell",
                "/usr/sbin/nologin",
            )
            self._shell.run("useradd", *options, USER)
        if self._lacking:
            self._shell.run("usermod", "--append", "--groups", ",".join(self._lacking), USER)

    @property
    def _lacking(self) -> list[str]:
        return [name for name in self._groups if USER not in _members(self._root, name)]


def undo_user(root: Root, shell: Shell, name: str, note: Note) -> Sequence[str]:
    """Remove it, if it was added."""
    if note["added"] and _is_there(root):
        shell.run("userdel", USER)
    elif note["added"]:  # or the power went while userdel was at work
        groups = [line.split(":")[0] for line in (root.read("/etc/group") or b"").decode(errors="replace").splitlines()]
        for group in groups:
            if USER in _members(root, group):
                shell.run("gpasswd", "--delete", USER, group)
        if USER in groups:
            shell.run("groupdel", USER)
    return []


def _is_there(root: Root) -> bool:
    return any(line.startswith(f"{USER}:".encode()) for line in (root.read("/etc/passwd") or b"").splitlines())


def _members(root: Root, group: str) -> list[str]:
    for line in (root.read("/etc/group") or b"").decode(errors="replace").splitlines():
        fields = line.split(":")
        if fields[0] == group and len(fields) == 4:
            return fields[3].split(",")
    return []
