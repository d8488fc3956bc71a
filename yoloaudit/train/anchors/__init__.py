"""Anchors, by default and fitted to the boxes of a data set; no torch is needed."""
