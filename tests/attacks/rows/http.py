"""Addresses that nobody offers: wrong names, other vintages, ways out of the folder."""

from __future__ import annotations

from tests.attacks.attack import Attack, Seen
from tests.attacks.target import AttackedServer


def _unknown_page(target: AttackedServer) -> Seen:
    return target.get("/nergens").seen()


ROWS = (Attack("http-unknown-page", "http", "a page that is not there", "404, a sentence", _unknown_page),)
