"""Many trainings side by side, each on one thread: these networks are too small to share one."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import joblib

T = TypeVar("T")


def each(function: Callable[..., T], tasks: Sequence[tuple[Any, ...]], jobs: int) -> Iterator[T]:
    """function(*task) of every task, in `jobs` processes, as they get done. Large arrays are shared, not copied."""
    with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
        parallel = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered", max_nbytes="1M")
        yield from parallel(joblib.delayed(_alone)(function, task) for task in tasks)


def _alone(function: Callable[..., T], task: tuple[Any, ...]) -> T:
    import keras
    import tensorflow as tf

    # Only before TensorFlow's first operation can this be said.
    if tf.config.threading.get_intra_op_parallelism_threads() != 1:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    try:
        return function(*task)
    finally:
        keras.backend.clear_session()
