"""What is told of one zone."""
