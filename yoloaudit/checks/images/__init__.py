"""Checks of image files by header and file bytes."""
