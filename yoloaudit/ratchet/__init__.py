"""Findings that a team accepts: known again by what they are about, whatever it is called and wherever it lies."""
