"""A training in its run folder: begun, run to its end, gone on with, and written down."""
