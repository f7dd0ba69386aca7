"""Plans that are shared by a link: whoever has one of its two secrets reads the plan, or saves new versions into it.

A version never changes, so what is shared is which version is the newest: its head. Each version that was the head
stays reachable through the same link. Only the SHA-256 of a secret is stored.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, and_, insert, or_, select, update
from sqlalchemy import delete as delete_from

from loaders.storage.plan_store import ScenarioStore, Stored, now_in_utc
from loaders.storage.plan_table import ACCESS, SHARED, SHARED_PREFIX

READ, EDIT = "r-", "e-"
"""What the secret of a link to read, and of one to edit, begins with."""


@dataclass(frozen=True)
class Share:
    """A shared plan, as whoever asks for it has it.

    Attributes
    ----------
    id : names it; no secret
    owner : who shared it
    head : id of its newest version
    may_edit : whether who asks may save into it
    is_own : whether who asks shared it
    """

    id: str
    owner: str
    head: str
    may_edit: bool = False
    is_own: bool = False

    @property
    def name(self) -> str:
        """Name under which it stands as an owner of its versions."""
        return SHARED_PREFIX + self.id


def new_share_id() -> str:
    """Name for a shared plan; another one gives other links."""
    return secrets.token_hex(16)


def new_links() -> tuple[str, str]:
    """Secrets of links to read and to edit that nobody can be shown again."""
    return f"{READ}{secrets.token_urlsafe(32)}", f"{EDIT}{secrets.token_urlsafe(32)}"


def link_address(secret: str) -> str:
    """Address that a link holds, within the site of the explorer; it opens the newest version."""
    return f"plannen?key={secret}"


def hashed(secret: str) -> str:
    """What is stored of a secret."""
    return sha256(secret.encode()).hexdigest()


class ScenarioShares:
    """The shared plans of one database.

    Parameters
    ----------
    store : the plans themselves; its errors are those of every method
    """

    def __init__(self, store: ScenarioStore) -> None:
        self._store = store

    def start(self, plan_id: str, owner: str, share_id: str, read: str, edit: str) -> Share:
        """Share a version that an owner has, which keeps it.

        Parameters
        ----------
        plan_id, owner : the version, and who has it
        share_id : name of the shared plan
        read, edit : secrets of the link to read and of the link to edit

        Raises
        ------
        InputError
            the owner has no such version
        """
        plan = replace(self._store.get(plan_id, [owner]), kept=True)
        share = Share(share_id, owner, plan_id, may_edit=True, is_own=True)
        now = now_in_utc()
        row = {"id": share_id, "owner": owner, "head": plan_id, "read": hashed(read), "edit": hashed(edit)}
        with self._store.writing() as connection:
            for name in (owner, share.name):
                self._store.give(connection, plan, name)
            connection.execute(insert(SHARED).values(row | {"created": now, "changed": now}))
        return share

    def opened(self, secret: str) -> Share | None:
        """Shared plan that a secret opens; None for a secret of none, and while its head is in the bin."""
        asked = hashed(secret)
        row = self._row(or_(SHARED.c.read == asked, SHARED.c.edit == asked))
        return None if row is None else Share(row["id"], row["owner"], row["head"], may_edit=row["edit"] == asked)

    def own(self, share_id: str, owners: Sequence[str]) -> Share | None:
        """Shared plan of one of these owners; None where it is another's, or none."""
        return _own(self._row(and_(SHARED.c.id == share_id, SHARED.c.owner.in_(owners))))

    def of(self, plan_id: str, owner: str) -> Share | None:
        """Shared plan of an owner whose newest version this is; None where it is not shared."""
        return _own(self._row(and_(SHARED.c.head == plan_id, SHARED.c.owner == owner)))

    def heads(self, owner: str) -> dict[str, str]:
        """Shared plans of an owner: the id of each by that of its newest version."""
        with self._store.reading() as connection:
            if connection is None:
                return {}
            rows = connection.execute(select(SHARED.c.head, SHARED.c.id).where(SHARED.c.owner == owner))
            return {str(head): str(share) for head, share in rows}

    def holds(self, share: Share, plan_id: str) -> bool:
        """Whether a version is or was the newest of a shared plan."""
        wanted = select(ACCESS.c.id).where(ACCESS.c.owner == share.name, ACCESS.c.id == plan_id)
        with self._store.reading() as connection:
            return connection is not None and connection.execute(wanted).first() is not None

    def save(self, share: Share, plan: Stored, saver: str, since: str) -> tuple[Stored, str]:
        """Save a version into a shared plan: it becomes the newest, and stays with who saved it and who shared.

        Parameters
        ----------
        share, plan : the shared plan and the version
        saver : who saves it
        since : the newest version when the saver began

        Returns
        -------
        the version as it stands with the saver, and the id of the newest version that somebody else saved meanwhile;
        that one stays with all who have it, and is empty where there was none
        """
        kept = replace(plan, kept=True)
        with self._store.writing() as connection:
            self._store.put_content(connection, kept)
            had = self._store.give(connection, kept, saver)
            head = self._head(connection, share)
            if head is None:  # the links were withdrawn meanwhile
                return replace(kept, **had), ""
            for name in {share.owner, share.name} - {saver}:
                self._store.give(connection, kept, name)
            changed = {"head": kept.id, "changed": now_in_utc()}
            connection.execute(update(SHARED).where(SHARED.c.id == share.id).values(changed))
        return replace(kept, **had), "" if head in (since, kept.id) else head

    def withdraw(self, *, share: str = "", head: str = "") -> int:
        """Withdraw both links of a shared plan, or of every one with this newest version; how many plans that were."""
        mine = SHARED.c.id == share if share else SHARED.c.head == head
        with self._store.reading() as connection:
            if connection is None:
                return 0
        with self._store.writing() as connection:
            gone = list(connection.execute(delete_from(SHARED).where(mine).returning(SHARED.c.id)).scalars())
            names = [SHARED_PREFIX + share_id for share_id in gone]
            connection.execute(delete_from(ACCESS).where(ACCESS.c.owner.in_(names)))
        return len(gone)

    def _row(self, where: Any) -> Any:
        """Row of the first shared plan that is open: its owner has its newest version, and not in the bin."""
        there = and_(ACCESS.c.id == SHARED.c.head, ACCESS.c.owner == SHARED.c.owner, ACCESS.c.binned == "")
        wanted = select(SHARED).join(ACCESS, there).where(where).order_by(SHARED.c.created)
        with self._store.reading() as connection:
            return None if connection is None else connection.execute(wanted).mappings().first()

    @staticmethod
    def _head(connection: Connection, share: Share) -> str | None:
        wanted = select(SHARED.c.head).where(SHARED.c.id == share.id).with_for_update()
        head = connection.execute(wanted).scalar_one_or_none()
        return None if head is None else str(head)


def _own(row: Any) -> Share | None:
    return None if row is None else Share(row["id"], row["owner"], row["head"], may_edit=True, is_own=True)
