"""What the listener loads: a Pi Zero 2 W has 512 MB for everything."""

import subprocess
import sys

HEAVY = (
    "tensorflow",
    "keras",
    "sklearn",
    "librosa",
    "scipy.signal",
    "scipy.stats",
    "scipy.optimize",
    "pandas",
    "nacl",
    "trainer",
)


def test_the_listener_loads_nothing_heavy() -> None:
    code = f"import sys, device.listen; print([name for name in {HEAVY} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_importing_the_command_loads_not_even_numpy() -> None:
    code = "import sys, device.cli; print('numpy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
