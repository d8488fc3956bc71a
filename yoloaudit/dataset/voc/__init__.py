"""Pascal VOC folders → the Layout of the data set, and its label rows."""
