"""The lamp: from a microphone to light. `python -m device` runs it."""
