"""Checks of boxes, without a model."""
