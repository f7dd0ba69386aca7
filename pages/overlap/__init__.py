"""How two divisions of the region overlap: what cuts what, on a map, in a matrix and in a file, and who crosses."""
