"""My municipality: does an area justify a place, and why, on one page."""
