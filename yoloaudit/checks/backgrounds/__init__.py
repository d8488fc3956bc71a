"""Checks of images without objects."""
