"""Many trainings side by side, each on one thread: these networks are too small to share one."""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import joblib

from trainer.backend import use_jax

T = TypeVar("T")


def each(function: Callable[..., T], tasks: Sequence[tuple[Any, ...]], jobs: int) -> Iterator[T]:
    """function(*task) of every task, in `jobs` processes, as they get done. Large arrays are shared, not copied.

    The members of a fold come to the same program, which is compiled once and kept as long as this call lasts.
    """
    with (
        tempfile.TemporaryDirectory(prefix="lampyris-") as programs,
        joblib.parallel_config(backend="loky", inner_max_num_threads=1),
    ):
        parallel = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered", max_nbytes="1M")
        yield from parallel(joblib.delayed(_alone)(function, task, programs) for task in tasks)


def _alone(function: Callable[..., T], task: tuple[Any, ...], programs: str) -> T:
    # XLA reads this once, when the worker's first training imports JAX.
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
    use_jax()
    import jax
    import keras
    from jax.experimental.compilation_cache import compilation_cache

    before = jax.config.jax_compilation_cache_dir
    jax.config.update("jax_compilation_cache_dir", programs)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    compilation_cache.reset_cache()
    try:
        return function(*task)
    finally:
        # What a training traced in this process serves no other one.
        keras.backend.clear_session()
        jax.clear_caches()
        # With one job this is the caller's own process, which outlives the folder.
        jax.config.update("jax_compilation_cache_dir", before)
        compilation_cache.reset_cache()
