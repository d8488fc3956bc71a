"""An earlier state of a data set, in git or in another folder → what a change adds, takes away, moves and mends."""
