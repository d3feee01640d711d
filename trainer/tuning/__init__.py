"""Looking for a better recipe."""
