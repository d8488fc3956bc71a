"""A model and batches → a better model, in memory alone: nothing is printed, drawn or written."""
