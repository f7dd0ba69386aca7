"""Files that a page hands out: tables, pictures of the map, dossiers and needs analyses."""
