"""Maps: classes, colours, geometry, places, pictures."""
