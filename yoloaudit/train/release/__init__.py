"""The name of an official model → a file of its weights, found here or downloaded."""
