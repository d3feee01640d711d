"""Root: the file system that is set up."""

import os
import shutil
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath


class Root:
    """All that is read and changed under `folder`, which stands for /. Names are absolute, as the lamp will see them.

    What is written is on the disk when a call returns, and a power cut leaves the old or the new, never a half.
    frozen: for a dry run, where every change raises RuntimeError. All may raise OSError.
    """

    def __init__(self, folder: str | Path = "/", frozen: bool = False) -> None:
        self.folder = Path(folder)
        self.frozen = frozen

    @property
    def here(self) -> bool:
        """Whether it is the system that runs this program."""
        return self.folder == Path("/")

    def path(self, name: str) -> Path:
        """Where `name` is for this program."""
        return self.folder / name.lstrip("/")

    def exists(self, name: str) -> bool:
        """Whether there is anything of this name, be it a link that leads nowhere."""
        return os.path.lexists(self.path(name))

    def read(self, name: str) -> bytes | None:
        """The content of a file, None if it is not there."""
        try:
            return self.path(name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def target(self, name: str) -> str | None:
        """Where a link leads, None if there is no link."""
        try:
            return os.readlink(self.path(name))
        except OSError:
            return None

    def names(self, name: str) -> list[str]:
        """What is in a folder, none if it is not there."""
        try:
            return sorted(os.listdir(self.path(name)))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def missing_folders(self, name: str) -> list[str]:
        """Of the folders that `name` is in, those that are not there, the innermost first."""
        parents = [str(parent) for parent in PurePosixPath(name).parents]
        return [parent for parent in parents if not self.exists(parent)]

    def write(self, name: str, data: bytes, mode: int = 0o644) -> None:
        """Put a file there, with the folders above it."""
        path, part = self._beside(name)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(handle, left) :]
            os.fchmod(handle, mode)
            os.fsync(handle)
        finally:
            os.close(handle)
        os.replace(part, path)
        _sync(path.parent)

    def link(self, name: str, target: str) -> None:
        """Let `name` lead to `target`."""
        path, part = self._beside(name)
        part.unlink(missing_ok=True)
        os.symlink(target, part)
        os.replace(part, path)
        _sync(path.parent)

    def make_folder(self, name: str) -> None:
        """Make a folder of mode 0755, with those above it; it may be there."""
        self._check()
        path = self.path(name)
        missing = [each for each in (path, *path.parents) if not each.is_dir()]
        for each in reversed(missing):
            each.mkdir(exist_ok=True)
            each.chmod(0o755)
            _sync(each.parent)

    def copy(self, source: Path, name: str, left_out: tuple[str, ...] = ()) -> None:
        """Copy a file or a folder of this machine to `name`, with the modes of files; settle() makes it last.

        left_out: patterns of names."""
        self._check()
        if source.is_dir():
            self.make_folder(name)
            for each in sorted(source.iterdir()):
                if not any(fnmatch(each.name, pattern) for pattern in left_out):
                    self.copy(each, f"{name}/{each.name}", left_out)
        else:
            self.make_folder(os.path.dirname(name))
            shutil.copyfile(source, self.path(name))
            shutil.copymode(source, self.path(name))

    def remove(self, name: str) -> None:
        """Remove a file, a link or a whole folder; it need not be there."""
        self._check()
        path = self.path(name)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        path.with_name(f".{path.name}.part").unlink(missing_ok=True)  # of a power cut
        if path.parent.is_dir():
            _sync(path.parent)

    def remove_empty(self, name: str) -> None:
        """Remove a folder if nothing is in it."""
        self._check()
        if self.exists(name) and not self.names(name):
            self.path(name).rmdir()

    def settle(self) -> None:
        """Wait until all that was written, by commands too, is on the disk."""
        self._check()
        os.sync()

    def _beside(self, name: str) -> tuple[Path, Path]:
        self._check()
        path = self.path(name)
        self.make_folder(os.path.dirname(name))
        return path, path.with_name(f".{path.name}.part")

    def _check(self) -> None:
        if self.frozen:
            raise RuntimeError("a dry run was about to change something")


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
