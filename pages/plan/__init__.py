"""The page of plans: a plan on the map, its changes, proposals, what is saved."""
