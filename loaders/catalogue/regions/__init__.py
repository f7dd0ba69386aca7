"""The region as data: coordinate systems, grid, levels and vintages."""
