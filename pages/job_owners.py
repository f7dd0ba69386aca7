"""Whose a search is: who did not begin it does not see it and cannot end it, even with its key."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Any

import flask

from pages.plan_store import plans

MOST = 400
"""Searches remembered; many more than run or wait at the same time."""

_EXTENSION = "nabij-job-owners"


class JobOwners:
    """Owners by the key of their search, the newest `MOST`; safe between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._owners: OrderedDict[str, str] = OrderedDict()

    def note(self, job: str, owner: str) -> None:
        """Remember whose a search is."""
        with self._lock:
            self._owners[job] = owner
            while len(self._owners) > MOST:
                self._owners.popitem(last=False)

    def of(self, job: str) -> str:
        """Owner of a search; empty where nobody is remembered."""
        with self._lock:
            return self._owners.get(job, "")


def note_job(job: str, key: str) -> dict[str, str]:
    """Remember that the present visitor began a search; what the browser sends along to ask after it.

    Parameters
    ----------
    job : key of the search
    key : key of the page, for a browser that takes no cookies
    """
    _owners().note(job, plans().rights(key).owner)
    return {"key": job, "page": key}


def own_job(record: dict[str, Any] | None) -> str:
    """Key of the search that a browser asks after, empty where it is not its own."""
    if not record:
        return ""
    job = str(record.get("key") or "")
    owner = _owners().of(job)
    return job if owner and owner == plans().rights(str(record.get("page") or "")).owner else ""


def _owners() -> JobOwners:
    held = flask.current_app.extensions.setdefault(_EXTENSION, JobOwners())
    assert isinstance(held, JobOwners)  # noqa: S101  (only this module puts it there)
    return held
