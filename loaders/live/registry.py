"""`LOADERS`: what a refresh calls. A loader gives a checked `Update` or raises a sentence; it never writes."""

from __future__ import annotations

from loaders.catalogue.publishers.sources import LOADER_OF as LOADER_OF
from loaders.live.municipal_counts import load_ages, load_births
from loaders.live.registers import load_register
from loaders.live.streets import load_streets
from loaders.live.zones import load_borders, load_care_regions, load_gp_circles, load_sectors
from loaders.pipeline.update import Loader

LOADERS: dict[str, Loader] = {
    "borders": load_borders,
    "sectors": load_sectors,
    "births": load_births,
    "ages": load_ages,
    "care_regions": load_care_regions,
    "gp_circles": load_gp_circles,
    "register": load_register,
    "roads": load_streets,
}
"""Loaders by name, in the order in which a refresh applies them: members before the zones made of them."""

ON_REQUEST = frozenset({"roads"})
"""Loaders that a refresh of everything leaves out, because nobody publishes what they read in one place."""
