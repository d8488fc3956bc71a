"""What was detected → files that people and programs read."""
