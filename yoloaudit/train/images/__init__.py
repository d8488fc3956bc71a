"""Image and video files → pictures that fit the network, read ahead of it."""
