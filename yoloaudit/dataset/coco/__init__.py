"""COCO JSON files → the Layout of the data set, and its label rows."""
