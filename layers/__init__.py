"""Results turned into things to look at: classes, legends, styles, rasters, maps and files. Nothing is computed here."""
