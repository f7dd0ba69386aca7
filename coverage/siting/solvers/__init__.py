"""The location problems on arrays alone."""
