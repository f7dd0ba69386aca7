"""One row of the table of attacks: what is tried, what has to be seen, and how it is tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tests.attacks.target import AttackedServer

Way = Literal["http", "callback", "upload", "plan", "command", "browser", "front", "load"]
"""By which way something comes in; ``front`` is the raw socket, ``load`` a heavy question."""

WAYS: tuple[Way, ...] = ("http", "callback", "upload", "plan", "command", "browser", "front", "load")


@dataclass(frozen=True)
class Seen:
    """What an attack came to.

    Attributes
    ----------
    outcome : compared with what was expected, such as ``400, a sentence`` or ``exit 1, a sentence``
    words : what the reader is told, for the table in the documentation; not compared
    """

    outcome: str
    words: str = ""


@dataclass(frozen=True)
class Attack:
    """One attack.

    Attributes
    ----------
    key : names the row; unique
    way : by which way it comes in
    tried : what is tried, as a short phrase
    expected : the outcome that has to be seen, letter for letter
    attempt : tries it on a running server or a command, and says what was seen
    """

    key: str
    way: Way
    tried: str
    expected: str
    attempt: Callable[[AttackedServer], Seen]
