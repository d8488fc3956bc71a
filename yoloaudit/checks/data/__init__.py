"""Checks of the descriptor and of how files are laid out."""
