"""Who publishes what: sources, their words, and how streets are classed."""
