"""A running explorer takes up refreshed data: no restart, no broken page, never two versions in one view."""

from __future__ import annotations

import json
import logging
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flask
import pytest
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from app import create_app
from loaders.pipeline.refresh import refresh
from loaders.snapshot.reader import Snapshot
from loaders.snapshot.upkeep.store import Store
from pages.shell.state import State
from tests.data.refreshing import births_from, only_snapshot, write_births


@dataclass
class Running:
    """An explorer on a snapshot of its own."""

    address: str
    folder: Path
    server: flask.Flask

    @property
    def tag(self) -> str:
        """Figures that answer now."""
        return str(self.server.extensions["nabij"].current().tag)

    def renew(self, factor: float) -> str:
        """Refresh the births of the snapshot and wait until the explorer has taken them up; tag of the new ones."""
        file = write_births(Snapshot(self.folder), self.folder.with_name("births.csv"), factor=factor)
        refresh(self.folder, {"births": births_from(file)}, (), only_snapshot)
        return self.wait()

    def wait(self) -> str:
        """Let the explorer look, and finish what it then begins; tag of the figures that answer from then on."""
        _ = self.tag
        for thread in threading.enumerate():
            if thread.name == "nabij-figures":
                thread.join()
        return self.tag

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.address + path) as answer:
            return json.load(answer)

    def ask(self, tag: str, **choices: str) -> dict[str, Any]:
        """What the page asks when a choice changes."""
        state = {**State().__dict__, **choices}
        outputs = [
            ("view", "data"), ("headline", "children"), ("subline", "children"), ("banner", "className"),
            ("in-view", "children"), ("notice", "children"), ("snapshot", "data"),
        ]  # fmt: skip
        body = {
            "output": "..".join(["", "...".join(f"{i}.{p}" for i, p in outputs), ""]),
            "outputs": [{"id": i, "property": p} for i, p in outputs],
            "inputs": [{"id": "choices", "property": "data", "value": state}],
            "state": [{"id": "snapshot", "property": "data", "value": tag}],
            "changedPropIds": ["choices.data"],
        }
        request = urllib.request.Request(
            self.address + "_dash-update-component", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            response: dict[str, Any] = json.load(answer)["response"]
        return response


@pytest.fixture(scope="module")
def running(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = Path(shutil.copytree(small, tmp_path_factory.mktemp("data") / "snapshot"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(logging.getLogger("werkzeug"), "level", logging.ERROR)
        server = create_app(folder).server
        listener = make_server("127.0.0.1", 0, server, threaded=True)
        thread = threading.Thread(target=listener.serve_forever, daemon=True)
        thread.start()
        yield Running(f"http://127.0.0.1:{listener.server_port}/", folder, server)
        listener.shutdown()
        thread.join()
        listener.server_close()


def total(response: dict[str, Any]) -> float:
    return float(sum(response["view"]["data"]["rows"]["births"]))


def test_the_next_question_is_answered_from_the_new_data_and_the_page_is_told(running: Running) -> None:
    before = running.tag
    old = running.ask(before)
    assert old["notice"]["children"] is None
    assert old["snapshot"]["data"] == before
    new_tag = running.renew(1.1)
    assert new_tag != before
    new = running.ask(before)
    assert "Nieuwe gegevens geladen" in json.dumps(new["notice"])
    assert "New data loaded" in json.dumps(running.ask(before, lang="en")["notice"])
    assert new["snapshot"]["data"] == new_tag
    assert total(new) == pytest.approx(1.1 * total(old), rel=0.005)
    assert running.ask(new_tag)["notice"]["children"] is None


def test_addresses_of_an_open_page_stay_valid(running: Running) -> None:
    address = running.ask(running.tag)["view"]["data"]["zones"]["far"]
    shapes = running.get(address)
    for factor in (0.97, 1.02, 0.98):  # more than are held in memory: the rest is opened again from disk
        running.renew(factor)
    assert address.split("/")[1] != running.tag
    assert running.get(address) == shapes
    with pytest.raises(urllib.error.HTTPError, match="404"):
        running.get(address.replace(address.split("/")[1], "0" * 16))


def test_a_step_back_is_taken_up_too(running: Running) -> None:
    before = running.tag
    after = running.renew(1.03)
    assert after != before
    store = Store(running.folder)
    with store.lock():
        store.rollback(store.earlier())
    assert running.wait() == before


def test_new_data_that_cannot_be_read_are_left_aside(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    before, good = running.tag, running.folder.resolve()
    store = Store(running.folder)
    with store.lock(), store.aside() as bad:
        (bad / "datapackage.json").write_text("{")
        running.folder.unlink()
        running.folder.symlink_to(bad)
        assert running.wait() == before
        assert "left aside" in caplog.text
        running.folder.unlink()
        running.folder.symlink_to(good)
    assert running.ask(before)["notice"]["children"] is None


@pytest.mark.browser
def test_a_session_goes_on_with_the_new_data(running: Running, chromium: Browser) -> None:
    page = chromium.new_page(locale="nl-BE")
    page.goto(running.address)
    sentence = page.locator("#headline")
    expect(sentence).not_to_be_empty()
    before = sentence.inner_text()
    running.renew(1.1)
    expect(sentence).to_have_text(before)
    page.locator(".sidebar label", has_text="Fiets").first.click()
    expect(page.locator("#notice")).to_contain_text("Nieuwe gegevens geladen")
    page.locator("#notice button").click()
    expect(page.locator("#notice .notice")).to_have_count(0)
    page.close()
