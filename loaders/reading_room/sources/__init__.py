"""What publishers give: pages, archives, rasters and streets, read in the child."""
