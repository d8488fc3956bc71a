"""A report to a file or a stream: one module per format."""
