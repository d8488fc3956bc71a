"""Checks of images that show the same, inside one split."""
