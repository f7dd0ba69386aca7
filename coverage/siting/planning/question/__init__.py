"""A siting question about a region: candidates, rules and costs."""
