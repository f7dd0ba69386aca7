"""Lists that people bring along: places, zones and buildings, read and checked row by row."""
