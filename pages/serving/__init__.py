"""How the explorer is served: a front that takes in whole requests, limits, allowed hosts and headers."""
