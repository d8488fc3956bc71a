"""Checks of how classes are filled and spread over the splits."""
