"""The science: demand, travel cost, reach, gaps, overlap, siting: pure functions over arrays and frames."""
