"""Whose plans are, on SQLite and on a real PostgreSQL server: the same tests on both."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import insert, inspect, text, update

from i18n.errors import InputError
from loaders.storage.plan_room import plans_bytes, saved_bytes, used_bytes
from loaders.storage.plan_shares import ScenarioShares, Share
from loaders.storage.plan_store import ScenarioStore, Stored
from loaders.storage.plan_table import _WITHOUT_OWNERS, ACCESS, MACHINE, PREFIX, SHARED_PREFIX, TABLE
from tests.data.saving import plan
from tests.data.test_scenario_databases import LONG_AGO, address_of, fresh, run, server

__all__ = ["fresh", "server"]
ANNA, BERT = "browser:anna", "browser:bert"
READ, EDIT = "r-secret", "e-secret"
ID = "0" * 32


@pytest.fixture
def store(fresh: Callable[[], str]) -> Iterator[ScenarioStore]:
    with ScenarioStore(fresh()) as opened:
        yield opened


@pytest.fixture
def shares(store: ScenarioStore) -> ScenarioShares:
    """Anna has plan 1, and shares it."""
    store.put(plan(1, kept=True), ANNA)
    shares = ScenarioShares(store)
    shares.start(plan(1).id, ANNA, ID, READ, EDIT)
    return shares


def opened(shares: ScenarioShares, secret: str) -> Share:
    found = shares.opened(secret)
    assert found is not None
    return found


def refused(store: ScenarioStore, plan_id: str, *owners: str) -> str:
    with pytest.raises(InputError) as caught:
        store.get(plan_id, owners)
    return str(caught.value)


def _filled(number: int, size: int = 200_000, sign: str = "x", *, kept: bool = False) -> Stored:
    """A plan with so many signs of text."""
    document = f'{{"number": {number}, "filling": "{sign * size}"}}'
    return replace(plan(number), id=f"{number:020x}", document=document, kept=kept)


def test_drafts_make_room_first_of_whoever_has_most_and_what_is_saved_never_goes(fresh: Callable[[], str]) -> None:
    address = fresh()
    with ScenarioStore(address, 3_000_000) as store:
        saved = [store.put(_filled(number, 30_000, kept=True), ANNA).id for number in range(3)]
        small = [store.put(_filled(100 + number, 1_000), BERT).id for number in range(5)]
        greedy = [store.put(_filled(number), "browser:greedy").id for number in range(3, 40)]
        there = [one for one in greedy if _has(store, one)]
        assert all(_has(store, one) for one in (*saved, *small))
        assert greedy[-3:] == there[-3:]
        assert len(there) <= 14 < len(greedy)
        others = [store.put(_filled(number), f"browser:{number}").id for number in range(40, 80)]
        assert all(_has(store, one) for one in (*saved, *small))  # also where every large one is of a new browser
        assert sum(_has(store, one) for one in (*greedy, *others)) <= 14
        with store.reading() as connection:
            assert connection is not None
            assert used_bytes(connection) <= 3_000_000
    with ScenarioStore(address) as store:  # the command has no limit
        store.put(_filled(80, 3_000_000, kept=True), ANNA)


def test_whoever_saves_without_end_leaves_room_for_others(fresh: Callable[[], str]) -> None:
    sign, size = "\N{FAMILY}", 2_500  # what counts is bytes, of which this sign takes four
    with ScenarioStore(fresh(), 3_000_000) as store:
        for number in range(12):  # twenty of these are what one may save at most: 2.4 MB / 20 is 12 of 10 kB
            try:
                store.put(_filled(number, size, sign, kept=True), ANNA)
            except InputError as refused:
                told = str(refused)
                break
        else:
            pytest.fail("nothing was refused")
        assert number == 11
        assert "would take 0.1 MB" in told
        assert "stays the draft it was" in told
        last = _filled(number, size, sign)
        assert store.put(last, ANNA).kept is False  # as a draft it is taken
        store.forget(_filled(0).id, ANNA)
        with pytest.raises(InputError, match="would take"):  # what is in the bin can still be put back
            store.put(replace(last, kept=True), ANNA)
        store.put(_filled(1, size, sign, kept=True), ANNA)  # what one has saved can be saved again
        for one in range(25):  # browsers that nobody knows, each as much as it may
            with suppress(InputError):
                for more in range(20):
                    store.put(_filled(1_000 + 20 * one + more, size, sign, kept=True), f"browser:{one}")
        with store.reading() as connection:
            assert connection is not None
            assert saved_bytes(connection) <= 0.8 * 3_000_000
        store.put(_filled(10_000, 2_000, kept=True), BERT)


def test_everybody_may_save_a_little_and_bins_make_room_for_it(fresh: Callable[[], str]) -> None:
    little, room = 30_000, int(0.8 * 3_000_000)  # a room of 3 MB is too small for the usual floor: a hundredth of it
    with ScenarioStore(fresh(), 3_000_000) as store:
        thrown = [store.put(_filled(number, 25_000, kept=True), BERT).id for number in range(4)]
        for one in thrown:
            store.forget(one, BERT)
        saved, refused = 0, ""
        for number in range(100):
            try:
                store.put(_filled(100 + number, little - 100, kept=True), f"browser:{number}")
                saved += 1
            except InputError as full:
                refused = str(full)
                break
        with store.reading() as connection:
            assert connection is not None
            assert room - 2 * little < saved_bytes(connection) <= room
        assert saved >= 75  # a twentieth of what is left would be less than that after a few
        assert not any(_has(store, one) for one in thrown)  # the bins were emptied for them
        assert "nothing is left in the bins" in refused
        assert "throw away another plan" in refused
        assert _has(store, _filled(100).id)  # and nobody lost what is saved
        store.forget(_filled(100).id, "browser:0")
        store.put(_filled(100 + saved, little - 100, kept=True), f"browser:{saved}")  # whoever throws away makes room


def test_who_saves_at_the_same_time_is_counted_together(fresh: Callable[[], str]) -> None:
    """Each of two saves fits a share of 120 kB, both do not; the second has to see the first, which is on its way."""
    address = fresh()
    first, second = (_filled(number, 100_000, kept=True) for number in range(2))
    with ScenarioStore(address, 3_000_000) as one, ScenarioStore(address, 3_000_000) as two:
        one.put(_filled(2), BERT)
        with ThreadPoolExecutor(1) as pool:
            with one.writing() as connection:
                one.put_content(connection, first)
                one.give(connection, first, ANNA)
                coming = pool.submit(two.put, second, ANNA)
                while not (coming.done() or _somebody_waits(one)):
                    pass
            assert isinstance(coming.exception(), InputError)
        with one.reading() as connection:
            assert connection is not None
            assert saved_bytes(connection, ANNA) < 120_000


def _somebody_waits(store: ScenarioStore) -> bool:
    """Whether somebody waits for a turn to save on a server; a file says nothing of that, and has one writer anyway."""
    if store.place.path is not None:
        return True
    with store.place.engine().connect() as connection:
        waiting = connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one()
    connection.engine.dispose()
    return bool(waiting)


def test_the_floor_of_a_visitor_holds_in_a_room_that_is_nearly_full(fresh: Callable[[], str]) -> None:
    """In a room of 40 MB everybody may save 250 kB, whatever others saved: a twentieth of what they left is less."""
    with ScenarioStore(fresh(), 40_000_000) as store:
        machine = ScenarioStore(address_of(store))  # has no limit of its own
        machine.put(_filled(1, 31_000_000, kept=True), BERT)
        machine.close()
        store.put(_filled(2, 240_000, kept=True), ANNA)
        with pytest.raises(InputError, match="would take"):
            store.put(_filled(3, 20_000, kept=True), ANNA)


def _has(store: ScenarioStore, plan_id: str) -> bool:
    try:
        return bool(store.get(plan_id))
    except InputError:
        return False


@pytest.mark.parametrize("given", ["0", "-1", "x", "1.5"])
def test_room_for_plans_that_makes_no_sense_is_told(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("NABIJ_PLANS_MB", given)
    with pytest.raises(InputError, match="NABIJ_PLANS_MB"):
        plans_bytes()
    monkeypatch.setenv("NABIJ_PLANS_MB", "5")
    assert plans_bytes() == 5_000_000


def test_a_plan_is_there_for_its_owner_alone(store: ScenarioStore) -> None:
    store.put(plan(1, kept=True), ANNA)
    assert store.get(plan(1).id, [BERT, ANNA]).name == "plan 1"
    assert refused(store, plan(1).id, BERT).replace(plan(1).id, "x") == refused(store, "abc", BERT).replace("abc", "x")
    assert (len(store.listed(owner=ANNA)), store.listed(owner=BERT), len(store.listed())) == (1, [], 1)
    with pytest.raises(InputError, match="There is no plan"):
        store.forget(plan(1).id, BERT)
    assert store.get(plan(1).id).kept  # whoever has the database itself sees all


def test_the_same_plan_of_two_owners_is_one_content_and_two_plans(store: ScenarioStore) -> None:
    store.put(plan(1, kept=True, parent="f00"), ANNA)
    assert (store.put(plan(1), BERT).parent, store.get(plan(1).id, [BERT]).kept) == ("", False)
    assert store.get(plan(1).id, [ANNA]).parent == "f00"
    store.forget(plan(1).id, ANNA)
    store.keep(plan(1).id, BERT)
    assert (len(store.listed(owner=ANNA)), len(store.listed(owner=BERT)), len(store.listed())) == (0, 1, 1)
    assert store.purge(0, 0) == 1
    assert store.get(plan(1).id, [BERT]).document == plan(1).document
    refused(store, plan(1).id, ANNA)


def test_the_bin_keeps_a_plan_for_thirty_days(store: ScenarioStore) -> None:
    for number in (1, 2):
        store.put(plan(number, kept=True), ANNA)
        store.forget(plan(number).id, ANNA)
    assert store.listed(owner=ANNA) == []
    binned = store.listed(owner=ANNA, binned=True)
    assert {found.name for found in binned} == {"plan 1", "plan 2"}
    assert all(found.binned >= found.created for found in binned)
    store.restore(plan(1).id, ANNA)
    assert [found.name for found in store.listed(owner=ANNA)] == ["plan 1"]
    with pytest.raises(InputError):
        store.restore(plan(1).id, ANNA)
    assert store.purge() == 0
    run(store, update(ACCESS).where(ACCESS.c.id == plan(2).id).values(binned=LONG_AGO))
    run(store, update(TABLE).values(used=LONG_AGO))
    assert store.purge() == 1
    with pytest.raises(InputError):
        store.get(plan(2).id)
    assert store.get(plan(1).id, [ANNA]).kept


def test_saving_takes_a_plan_out_of_the_bin(store: ScenarioStore) -> None:
    store.put(plan(1, kept=True), ANNA)
    store.forget(plan(1).id, ANNA)
    assert store.put(plan(1), ANNA).binned
    assert store.put(plan(1, kept=True), ANNA).binned == ""


def test_what_is_discarded_is_gone_at_once(shares: ScenarioShares, store: ScenarioStore) -> None:
    store.put(plan(1), BERT)
    store.discard(plan(1).id)
    assert (store.listed(), shares.opened(READ)) == ([], None)
    refused(store, plan(1).id, ANNA, BERT, SHARED_PREFIX + ID)


def test_a_link_opens_the_newest_version(shares: ScenarioShares, store: ScenarioStore) -> None:
    read, edit = opened(shares, READ), opened(shares, EDIT)
    assert (read.may_edit, edit.may_edit, read.head, edit.is_own) == (False, True, plan(1).id, False)
    assert [shares.opened(wrong) for wrong in ("", "%", "r-", READ[:-1], READ.upper(), ID)] == [None] * 6
    assert (shares.own(ID, [BERT]), shares.of(plan(1).id, BERT)) == (None, None)
    saved, other = shares.save(edit, plan(2), BERT, since=plan(1).id)
    assert (saved.kept, other, opened(shares, READ).head) == (True, "", plan(2).id)
    assert [store.get(plan(number).id, [read.name]).name for number in (1, 2)] == ["plan 1", "plan 2"]
    assert {found.name for found in store.listed(owner=ANNA)} == {"plan 1", "plan 2"}
    assert {found.name for found in store.listed(owner=BERT)} == {"plan 2"}


def test_two_who_save_at_the_same_time_both_keep_what_they_made(shares: ScenarioShares, store: ScenarioStore) -> None:
    edit = opened(shares, EDIT)
    with ThreadPoolExecutor(8) as pool:
        saved = {f"browser:{number}": plan(number) for number in range(10, 26)}
        others = list(pool.map(lambda who: shares.save(edit, saved[who], who, since=plan(1).id)[1], saved))
    assert others.count("") == 1  # the first; each of the others is told whom it came after
    assert len({*others}) == 16
    assert {found.name for found in store.listed(owner=ANNA)} == {"plan 1", *(f"plan {n}" for n in range(10, 26))}
    assert opened(shares, READ).head in {version.id for version in saved.values()}


def test_links_that_are_withdrawn_open_nothing(shares: ScenarioShares, store: ScenarioStore) -> None:
    edit = opened(shares, EDIT)
    assert shares.withdraw(share=ID) == 1
    assert (shares.opened(READ), shares.opened(EDIT), shares.own(ID, [ANNA])) == (None, None, None)
    refused(store, plan(1).id, edit.name)
    saved, other = shares.save(edit, plan(2), BERT, since=plan(1).id)
    assert (saved.kept, other) == (True, "")
    assert {found.name for found in store.listed(owner=ANNA)} == {"plan 1"}
    assert store.get(plan(2).id, [BERT]).kept  # what was made in the meantime is not lost


def test_links_to_what_lies_in_the_bin_do_not_open(shares: ScenarioShares, store: ScenarioStore) -> None:
    name = opened(shares, READ).name
    store.forget(plan(1).id, ANNA)
    assert (shares.opened(READ), shares.opened(EDIT)) == (None, None)
    refused(store, plan(1).id, name)
    store.restore(plan(1).id, ANNA)
    assert opened(shares, READ).head == plan(1).id
    assert store.get(plan(1).id, [name]).kept


def test_a_share_without_its_plan_goes(shares: ScenarioShares, store: ScenarioStore) -> None:
    store.forget(plan(1).id, ANNA)
    assert store.purge(0, 0) == 2  # of Anna and of the shared plan
    assert shares.heads(ANNA) == {}


def old(store: ScenarioStore) -> None:
    """Put two plans into the database as version 1 of nabij kept them."""
    rows = [
        {
            "id": plan(number).id,
            "name": f"plan {number}",
            "note": "van vroeger",
            "service": "bureau",
            "snapshot": "abc",
            "parent": "f00",
            "kept": number == 1,
            "created": "2026-01-01T00:00:00.000000+00:00",
            "used": "2126-01-01T00:00:00.000000+00:00",
            "digest": sha256(plan(number).document.encode()).hexdigest(),
            "document": plan(number).document,
        }
        for number in (1, 2)
    ]
    store.place.make_room()
    engine = store.place.engine()
    with engine.begin() as connection:
        _WITHOUT_OWNERS.create(connection)
        connection.execute(insert(_WITHOUT_OWNERS).values(rows))
    engine.dispose()


def test_plans_without_owners_are_taken_over_whole(store: ScenarioStore) -> None:
    old(store)
    if store.place.path is not None:
        store.place.path.chmod(0o644)
    assert [(found.name, found.note, found.parent) for found in store.listed()] == [("plan 1", "van vroeger", "f00")]
    assert [store.get(plan(number).id).document for number in (1, 2)] == [plan(1).document, plan(2).document]
    assert not store.get(plan(2).id).kept
    assert (store.listed(owner=ANNA), len(store.listed(owner=MACHINE))) == ([], 1)
    engine = store.place.engine()
    assert f"{PREFIX}1" not in inspect(engine).get_table_names()
    engine.dispose()
    if store.place.path is not None:
        assert store.place.path.stat().st_mode & 0o777 == 0o600


def test_plans_without_owners_are_taken_over_once(store: ScenarioStore) -> None:
    """Eight stores that open the database of an earlier nabij at once."""
    old(store)
    address = address_of(store)

    def look(number: int) -> int:
        with ScenarioStore(address) as other:
            if number % 2:
                other.put(plan(number + 10, kept=True))
            return len(other.listed())

    with ThreadPoolExecutor(8) as pool:
        assert min(pool.map(look, range(8))) >= 1
    assert {found.name for found in store.listed()} == {"plan 1", *(f"plan {n}" for n in (11, 13, 15, 17))}


def test_what_is_taken_over_is_taken_over_whole_or_not_at_all(tmp_path: Path) -> None:
    """A table that stands in the way: the old plans stay where they were."""
    with ScenarioStore(tmp_path / "plans.sqlite") as store:
        old(store)
        with closing(sqlite3.connect(tmp_path / "plans.sqlite")) as other, other:
            other.execute(f"CREATE TABLE {ACCESS.name} (birds TEXT)")
        with pytest.raises(Exception, match=r"has no column|no such column|does not let|database"):
            store.listed()
        with closing(sqlite3.connect(tmp_path / "plans.sqlite")) as other:
            assert other.execute(f"SELECT count(*) FROM {PREFIX}1").fetchone() == (2,)  # noqa: S608
