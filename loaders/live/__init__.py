"""Live data: what publishers offer today, fetched and given to the parsers; `registry` lists the loaders."""
