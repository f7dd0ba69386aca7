"""Lists of zones: read, checked and put on the map."""
