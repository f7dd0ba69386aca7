"""What is held in memory: caches within one budget of bytes, sizes, limits of a question."""
