"""The names of the scenes, for those who need no more than these."""

SCENES = ("glow", "trail", "pulse", "breathe")
"""In the order in which a button goes through them."""
