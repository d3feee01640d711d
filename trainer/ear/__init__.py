"""The ear: how the gate that tells music from speech and noise is trained and judged."""
