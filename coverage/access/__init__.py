"""Access in one place, on arrays alone: the nearest facilities, floating catchments, how unequal access is."""

from coverage.access.catchment import floating_catchment
from coverage.access.inequality import gini
from coverage.access.nearest_facilities import Nearest, nearest

__all__ = ["Nearest", "floating_catchment", "gini", "nearest"]
