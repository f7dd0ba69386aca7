"""What is derived from the raw data: births on the grid, simpler borders, the street graph."""
