"""What a trained model says of the labels."""
