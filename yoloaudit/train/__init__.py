"""The detector and its trainer: the only package that knows torch, and nothing of it is imported before it is used."""
