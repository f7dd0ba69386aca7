"""Views that answer a question from the field in one click."""

from __future__ import annotations

from dataclasses import replace

from pages.shell.state import State

_DOCUMENTED = State(facilities="documented", vintage="2018", indicator="n_facilities")

EXAMPLES: dict[str, State] = {
    "boom": replace(_DOCUMENTED, areas="care_region:boom"),
    "oostende": replace(_DOCUMENTED, areas="care_region:oostende"),
}
"""The care regions of the field reports, with the municipalities and places of the time."""

MERGED_SINCE: dict[str, State] = {
    "boom": replace(EXAMPLES["boom"], vintage="2025", zone="12041"),
}
"""What a merger did to an example: Puurs and Sint-Amands became 12041, which has a bureau."""


def example_of(state: State) -> str:
    """Name of the example that a state shows, whatever is coloured or opened; empty when it is none."""
    for name, example in EXAMPLES.items():
        looks = replace(
            state, indicator=example.indicator, zone="", show=example.show, lang=example.lang, year=example.year
        )
        if looks == example:
            return name
    return ""
