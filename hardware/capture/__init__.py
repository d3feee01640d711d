"""Capture: a microphone at a wire, heard through PortAudio."""
