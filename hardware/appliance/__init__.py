"""Makes a Raspberry Pi a lamp. Python's standard library only: it runs before anything is installed."""
