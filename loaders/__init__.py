"""Everything that turns published bytes into checked tables: sources, parsers, schemas, the snapshot."""
