"""A question about a region as a location problem, and its answer as a proposal."""
