"""How far families travel: straight line, land, streets, tables; and isochrones."""
