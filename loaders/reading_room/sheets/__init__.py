"""Tables of places, zones and travel: read in the child, given back as tables."""
