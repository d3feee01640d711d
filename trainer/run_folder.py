"""RunFolder: the files of one training run, and whether it may be carried on."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from device.errors import InputError
from trainer.corpora import registry
from trainer.dataset import Dataset
from trainer.recipe import Recipe
from trainer.storage import read_json, write_arrays, write_json

FORMAT = 1
SAMPLE_MINUTES = 10.0


class RunFolder:
    """RUN/recipe.json from the start, member_i.keras, log.jsonl, frames.npz; run.json once all of it is there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def member(self, number: int) -> Path:
        """The file of a finished member."""
        return self.folder / f"member_{number}.keras"

    def checkpoint(self, name: str) -> Path:
        """A place for an interrupted training; it is removed when that training is finished."""
        return self.folder / "checkpoints" / f"{name}.npz"

    @property
    def begun(self) -> bool:
        """Whether there is a recipe that another one would have to agree with."""
        return (self.folder / "recipe.json").is_file()

    @property
    def finished(self) -> bool:
        """Whether all members are fitted."""
        return (self.folder / "run.json").is_file()

    def recipe(self) -> Recipe:
        """The recipe that the run was begun with; InputError when this is no run."""
        content = read_json(self.folder / "recipe.json")
        try:
            return msgspec.convert(content, Recipe)
        except msgspec.ValidationError as error:
            raise InputError(f"{self.folder / 'recipe.json'} is not of this version: {error}.") from None

    def begin(self, recipe: Recipe) -> None:
        """Start the run or carry it on; InputError when it was begun with other options."""
        if self.begun:
            names = self.recipe().differences(recipe)
            if names:
                raise InputError(
                    f"{self.folder} was begun with other options ({', '.join(names)}); "
                    "give those again or choose another --out."
                )
            return
        write_json(self.folder / "recipe.json", msgspec.to_builtins(recipe))

    def log(self, **entry: Any) -> None:
        """Append a line to log.jsonl."""
        line = json.dumps({"time": _now(), **entry}) + "\n"
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(line)

    def save_model(self, path: Path, model: Any) -> None:
        """Write a fitted Keras model."""
        # Keras wants a name that ends in .keras, so it cannot write to a stream.
        part = path.with_name(f".part_{path.name}")
        model.save(part)
        part.replace(path)

    def save_frames(self, data: Dataset, recipe: Recipe) -> None:
        """Write frames.npz: ten minutes of pooled frames from all over the corpora, for the checks of conversion."""
        order = np.random.default_rng(recipe.seed).permutation(len(data.clips))
        wanted = SAMPLE_MINUTES * 60.0 / recipe.step_s
        parts: list[NDArray[np.float32]] = []
        for index in order:
            if sum(len(part) for part in parts) >= wanted:
                break
            parts.append(data.plain.of(index))
        write_arrays(self.folder / "frames.npz", frames=np.concatenate(parts))

    def finish(self, recipe: Recipe, data: Dataset, command: str) -> None:
        """Write run.json, which says that the run is complete and how it was made."""
        corpora = []
        for name in recipe.corpora:
            chosen = data.positions(name)
            seconds = float(data.plain.lengths[chosen].sum() * recipe.step_s)
            licence = registry.find(name).licence
            corpora.append({"name": name, "clips": len(chosen), "seconds": round(seconds), "licence": licence})
        plain = msgspec.to_builtins(recipe)
        write_json(
            self.folder / "run.json",
            {
                "format": FORMAT,
                "name": self.folder.resolve().name,
                "features": plain["features"],
                "pool_hops": recipe.pool_hops,
                "model": plain["model"],
                "members": recipe.members,
                "corpora": corpora,
                "seed": recipe.seed,
                "epochs": recipe.epochs,
                "date": _now(),
                "commit": commit(),
                "command": command,
                "recipe": plain,
            },
        )


def commit() -> str:
    """The commit of the code that runs, with "+" when files differ from it; "unknown" outside a checkout."""
    try:
        here = Path(__file__).parent
        version = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
            cwd=here,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return version.stdout.strip()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
