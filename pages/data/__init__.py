"""The page of the data: places in use, lists of one's own, sources."""
