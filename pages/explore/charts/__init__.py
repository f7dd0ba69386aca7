"""Charts and bands beside the map, worked out when they are asked for."""
