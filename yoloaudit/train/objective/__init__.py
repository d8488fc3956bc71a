"""Heads and targets → how wrong the heads are."""
