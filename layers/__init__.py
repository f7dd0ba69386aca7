"""Results turned into things to look at: classes, legends, styles, rasters, maps and files. It computes nothing."""
