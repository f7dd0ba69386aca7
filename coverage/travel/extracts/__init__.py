"""Travel over a street extract or a land raster that someone brings."""
