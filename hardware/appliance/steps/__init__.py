"""The sorts of steps, and how each is taken back."""
