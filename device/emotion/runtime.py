"""The TFLite runtime: whichever of the two is installed, opened on a model."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
import scipy  # noqa: F401  (see below)
from numpy.typing import NDArray

from device.errors import InputError

# A runtime may switch the processor to flush-to-zero; numpy measures its smallest numbers once, on first use, and
# warns if they are gone by then. So it measures before any runtime is imported.
np.finfo(np.float32)
np.finfo(np.float64)

RUNTIMES = {"tflite_runtime": "tflite-runtime", "ai_edge_litert": "ai-edge-litert"}
"""Package that is imported -> package that is installed; the smaller one first."""


class Interpreter(Protocol):
    """What we use of a TFLite interpreter."""

    def allocate_tensors(self) -> None: ...

    def invoke(self) -> None: ...

    def set_tensor(self, tensor_index: int, value: NDArray[np.float32]) -> None: ...

    def get_tensor(self, tensor_index: int) -> Any: ...

    def get_signature_list(self) -> dict[str, Any]: ...

    def get_signature_runner(self, signature_key: str) -> Any: ...


def installed_runtimes() -> tuple[str, ...]:
    """Packages out of RUNTIMES that are here, preferred one first."""
    return tuple(name for name in RUNTIMES if find_spec(name) is not None)


def runtime_label(name: str) -> str:
    """Name and version, such as 'ai-edge-litert 2.3.0'."""
    return f"{RUNTIMES[name]} {version(RUNTIMES[name])}"


def choose_runtime() -> str:
    """The runtime for this process. Raises InputError if there is none."""
    found = installed_runtimes()
    if "tensorflow" in sys.modules:
        # TensorFlow and tflite_runtime bring the same symbols: together in a process they crash.
        found = tuple(name for name in found if name != "tflite_runtime")
    if not found:
        wanted = "ai-edge-litert" if sys.version_info >= (3, 12) or "tensorflow" in sys.modules else "tflite-runtime"
        raise InputError(f"No TFLite runtime is installed; run ./setup.sh or 'pip install {wanted}'.")
    return found[0]


def open_interpreter(model: bytes, runtime: str | None = None) -> Interpreter:
    """An interpreter of the flatbuffer `model`, one thread, tensors allocated. Keep `model` as long as it lives.

    runtime: a package out of RUNTIMES; by default the one that choose_runtime finds.
    Raises InputError if no runtime fits or the runtime refuses the model.
    """
    name = runtime or choose_runtime()
    if name == "tflite_runtime" and int(np.__version__.split(".")[0]) >= 2:
        # It imports, then dies in the constructor.
        raise InputError(f"tflite-runtime needs numpy below 2, here is {np.__version__}: pip install 'numpy<2'.")
    try:
        with _undisturbed():
            module = import_module(f"{name}.interpreter")
    except ImportError as error:
        raise InputError(f"{RUNTIMES[name]} cannot be imported ({error}); install it again.") from error
    try:
        # Without the XNNPACK delegate: it would save 25 us of a step that is due five times a second, but costs 2 MB
        # and greets on standard error.
        plain = module.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        interpreter: Interpreter = module.Interpreter(
            model_content=model, num_threads=1, experimental_op_resolver_type=plain
        )
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        why = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
        raise InputError(f"{runtime_label(name)} cannot load the model ({why}); convert it again.") from error
    return interpreter


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Signals wait: Ctrl-C amid the import of a C++ library would come out of it as an ImportError, or not at all."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
