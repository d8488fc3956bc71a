"""Checks of image files by header, file bytes and pixels."""
