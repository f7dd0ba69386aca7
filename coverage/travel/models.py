"""The travel models by name.

- ``crow``: the straight line lengthened by a circuity factor (`coverage.travel.straight_line`)
- ``raster``: the cheapest way over the land, around water and motorways, over bridges
  (`coverage.travel.extracts.cost_raster`)
- ``network``: the streets of the snapshot (`coverage.travel.streets.street_travel`), or those of an OpenStreetMap
  extract (`coverage.travel.extracts.network`)
- ``matrix``: a table made with any other tool (`coverage.travel.matrix`)

Another joins by an entry in `TRAVEL_MODELS`; nothing else has to change. A model is imported when it is
first asked for, because some bring heavy libraries.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from coverage.travel.base import TravelContext, TravelModel
from coverage.travel.straight_line import Crow
from coverage.travel.streets.kept_travel import KeptTravel
from i18n.errors import ArgumentError
from i18n.messages import MessageError

DEFAULT_MODEL = "crow"
"""Of a question put in Python; it needs nothing but points."""

USUAL_MODEL = "network"
"""Of the command and the explorer, where the data hold streets."""


def _raster(setting: TravelContext) -> TravelModel:
    from coverage.travel.extracts.cost_raster import raster_travel

    return raster_travel(setting.snapshot, setting.mode, setting.network)


def _network(setting: TravelContext) -> TravelModel:
    if setting.network is None:
        if setting.bridges:
            from coverage.travel.streets.bridges import BridgedTravel
            from coverage.travel.streets.street_network import load_streets

            return BridgedTravel(load_streets(setting.snapshot, setting.mode, ferries=setting.ferries), setting.bridges)
        if setting.keep:
            return KeptTravel(setting.snapshot, setting.mode, setting.ferries)
        from coverage.travel.streets.street_network import load_streets
        from coverage.travel.streets.street_travel import StreetTravel

        return StreetTravel(load_streets(setting.snapshot, setting.mode, ferries=setting.ferries))
    from coverage.travel.extracts.network import NetworkTravel, load_network

    return NetworkTravel(load_network(setting.network, setting.mode))


def _matrix(setting: TravelContext) -> TravelModel:
    from coverage.travel.matrix import load_matrix

    return load_matrix(_given(setting.matrix, "matrix"), setting)


TRAVEL_MODELS: dict[str, Callable[[TravelContext], TravelModel]] = {
    "crow": lambda setting: Crow(setting.mode),
    "raster": _raster,
    "network": _network,
    "matrix": _matrix,
}
"""Models this version holds, by the name given to ``--model``."""


def check_model(name: str, network: Path | None = None, matrix: Path | None = None) -> None:
    """Raise `InputError` when a model is unknown, lacks its file, or is given a file it does not use."""
    if name not in TRAVEL_MODELS:
        raise MessageError("error.question.model", value=str(name), known=", ".join(TRAVEL_MODELS))
    if name == "matrix":
        _given(matrix, "matrix")
    for option, file, users in (("network", network, ("network", "raster")), ("matrix", matrix, ("matrix",))):
        if file is not None and name not in users:
            raise MessageError("error.question.model_file", model=name, option=option)


def get_model(name: str, setting: TravelContext | None = None) -> TravelModel:
    """Make a travel model ready for use; all but ``crow`` need a setting.

    Raises
    ------
    InputError
        when the model is unknown (listing the available ones) or lacks what it needs
    """
    if name == DEFAULT_MODEL and setting is None:
        return Crow()
    if name not in TRAVEL_MODELS or setting is not None:
        check_model(name, *((setting.network, setting.matrix) if setting else ()))
    if setting is None:
        raise ArgumentError(f"Travel model '{name}' needs the land and files it works from; give it a TravelContext.")
    return TRAVEL_MODELS[name](setting)


def is_ready(name: str, setting: TravelContext) -> bool:
    """Whether `get_model` finds what it needs in memory, or on disk, and has nothing to make."""
    return name not in _READY or _READY[name](setting)


def _land_is_held(setting: TravelContext) -> bool:
    from coverage.travel.extracts.cost_raster import land_is_held

    return land_is_held(setting.snapshot, setting.mode, setting.network)


def _streets_are_held(setting: TravelContext) -> bool:
    if setting.keep and setting.network is None and not setting.bridges:
        return True  # of a command, which nobody waits beside; what is kept of earlier answers needs no streets

    from coverage.travel.streets.street_network import streets_are_held

    return setting.network is None and streets_are_held(setting.snapshot, setting.mode, ferries=setting.ferries)


_READY: dict[str, Callable[[TravelContext], bool]] = {"raster": _land_is_held, "network": _streets_are_held}


def _given(file: Path | None, option: str) -> Path:
    if file is None:
        raise MessageError("error.question.model_needs", option=option)
    return file
