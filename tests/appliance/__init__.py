"""The whole way from an image of Raspberry Pi OS to a lamp, on emulated 64-bit Arm: tests/appliance/run."""
