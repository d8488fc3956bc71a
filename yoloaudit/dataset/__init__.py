"""Bytes to tables: total, nothing is dropped, nothing raises on dirty data."""
