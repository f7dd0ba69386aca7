"""Files with shapes: read in the child, given back as tables."""
