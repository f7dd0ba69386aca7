"""Rivers, canals, railways and motorways that cut families off from the nearest place."""
