"""Checks of the text of label files."""
