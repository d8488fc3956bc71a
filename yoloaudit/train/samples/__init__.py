"""A split of a data set → batches to train on: read, kept, augmented and dealt out, the same for the same seed."""
