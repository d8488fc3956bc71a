"""Scores and pictures → plots that people read."""
