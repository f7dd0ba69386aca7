"""What is told of zones and places: measures, trend, flows, closures, comparisons."""
