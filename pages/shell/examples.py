"""Views that answer a question from the field in one click, as the region declares them."""

from __future__ import annotations

from collections.abc import Mapping

from loaders.catalogue.regions.region import Region
from loaders.catalogue.regions.region_in_use import OfRegion
from pages.shell.state import LOOKS, State, read_state


def _examples(chosen: Region) -> dict[str, State]:
    return {name: read_state(dict(example.view)) for name, example in chosen.examples.items()}


def _since(chosen: Region) -> dict[str, State]:
    return {
        name: read_state({**example.view, **example.since})
        for name, example in chosen.examples.items()
        if example.since
    }


EXAMPLES: Mapping[str, State] = OfRegion(_examples)
"""Examples by name."""

MERGED_SINCE: Mapping[str, State] = OfRegion(_since)
"""What a later year, such as that of a merger, made of an example."""


def example_of(state: State) -> str:
    """Name of the example that a state shows, whatever is coloured or opened; empty when it is none."""
    for name, example in EXAMPLES.items():
        looks = State(
            **{
                **state.__dict__,
                **{kept: getattr(example, kept) for kept in ("indicator", "show", "lang", "year", *LOOKS)},
                "zone": "",
            }
        )
        if looks == example:
            return name
    return ""
