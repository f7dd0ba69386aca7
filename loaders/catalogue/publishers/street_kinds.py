"""Kinds of street as the snapshot stores them: a class, a one-way, a ramp and what carries it, in one byte."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

STREET_CLASSES = (
    "motorway",
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "minor",
    "service",
    "parking",
    "restricted",
    "pedestrian",
    "track",
    "path",
    "platform",
    "ferry",
)
"""Classes of street, in the order of their codes.

``minor`` are residential and unclassified streets, ``parking`` driveways and the lanes of car parks, ``restricted``
service roads for emergencies and buses, ``track`` field tracks and cycleways, ``path`` footways, paths and steps,
``platform`` also piers and corridors.
"""

ONEWAY, RAMP, BRIDGE, TUNNEL = 16, 32, 64, 128
"""Bits of a kind above its class: only along the edge; a slip road; on a bridge; in a tunnel."""

_CLASS_BITS = 15

Kinds = npt.NDArray[np.uint8]


def class_of(kind: Kinds) -> Kinds:
    """Position in `STREET_CLASSES` of every kind."""
    return kind & np.uint8(_CLASS_BITS)


def is_class(kind: Kinds, *names: str) -> npt.NDArray[np.bool_]:
    """Whether every kind is of one of the classes."""
    return np.isin(class_of(kind), [STREET_CLASSES.index(name) for name in names])
