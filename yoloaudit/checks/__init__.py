"""Every check: one file each, one folder per family; the file name is the check's name."""
