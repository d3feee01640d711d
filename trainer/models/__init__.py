"""Networks that turn frames into valence and arousal."""
