"""What is declared: sources, columns, schemas, levels, settings, coordinate systems."""
