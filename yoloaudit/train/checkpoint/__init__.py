"""A file of weights → a Checkpoint; nothing of the file is ever run, and torch is not needed."""
