"""The snapshot kept whole: packed, checked, in versions."""
