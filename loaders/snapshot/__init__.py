"""The snapshot: write, verify, keep versions, read; and what lies over it."""
