"""What a planner does on the page of plans, for the tests of that page."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.app.conftest import Explorer

BOOM = "plannen?areas=care_region:boom"
WILLEBROEK, BORNEM = "illustrative-bureau-12040-01", "illustrative-bureau-12007-01"


def places(explorer: Explorer) -> dict[str, dict[str, Any]]:
    """Places of the plan by id, as the map has them."""
    found = explorer.page.evaluate("window.nabij.view.plan.places")
    return {place["id"]: place for place in found}


def pixel(explorer: Explorer, place: str) -> tuple[float, float]:
    """Where a place stands on the screen, once the map stands still."""
    explorer.still()
    x, y = explorer.page.evaluate(
        """id => {
            const place = window.nabij.view.plan.places.find((p) => p.id === id);
            const at = window.nabij.map.latLngToContainerPoint([place.p[1], place.p[0]]);
            const box = window.nabij.map.getContainer().getBoundingClientRect();
            return [box.left + at.x, box.top + at.y];
        }""",
        place,
    )
    return x, y


def open_card(explorer: Explorer, place: str) -> None:
    """Click a place on the map."""
    explorer.page.mouse.click(*pixel(explorer, place))
    expect(explorer.page.locator(f'.place-card[data-id="{place}"]')).to_be_visible()
    explorer.still()  # the card may push the map aside


def close(explorer: Explorer, place: str) -> None:
    """Switch a place off in its card."""
    open_card(explorer, place)
    explorer.after(lambda: explorer.page.locator(".place-card .switch").click())
    explorer.page.keyboard.press("Escape")


def drag(explorer: Explorer, place: str, right: float, down: float) -> None:
    """Drag a place to another spot."""
    x, y = pixel(explorer, place)
    mouse = explorer.page.mouse

    def move() -> None:
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + right / 2, y + down / 2, steps=4)
        mouse.move(x + right, y + down, steps=4)
        mouse.up()

    explorer.after(move)


def add_at(explorer: Explorer, x: float, y: float) -> None:
    """Add a place with a click on the map."""
    explorer.page.get_by_role("button", name="Plaats toevoegen").click()
    expect(explorer.page.locator(".add-hint")).to_be_visible()
    explorer.after(lambda: explorer.page.mouse.click(x, y))


def press(explorer: Explorer, name: str) -> Callable[[], None]:
    """Click on a button of the panel."""
    return lambda: explorer.page.locator(f'.plan-sidebar [data-plan="{name}"]').click()


def changes(explorer: Explorer) -> list[str]:
    """Changes as the panel lists them."""
    expect(explorer.page.locator("#plan-changes h2")).to_be_visible()
    return explorer.page.locator("#plan-changes .change-words").all_inner_texts()


def lost_and_gained(explorer: Explorer) -> tuple[int, int]:
    """Children that lose reach and that gain it, as the panel tells them."""
    box = explorer.page.locator("#plan-now")
    lost = box.locator(".change-less b").inner_text()
    gained = box.locator(".change-more b").inner_text()
    return (-int(lost.replace("−", "-").replace(".", "")), int(gained.replace(".", "")))


def keep(explorer: Explorer, name: str, note: str = "") -> str:
    """Save the plan under a name; return its id."""
    explorer.page.locator("#plan-keep").click()
    explorer.page.locator("#plan-keep-name").fill(name)
    explorer.page.locator("#plan-keep-note").fill(note)
    explorer.after(lambda: explorer.page.locator('[data-plan="keep-do"]').click())
    expect(explorer.page.locator("#plan-name")).to_have_text(name)
    expect(explorer.page.locator(".plan-state")).to_have_text("Bewaard")
    expect(explorer.page.locator(".mantine-Modal-inner")).to_have_count(0)  # it would take the next click on the map
    return plan_id(explorer)


def plan_id(explorer: Explorer) -> str:
    """Id of the plan on the screen."""
    return str(explorer.page.evaluate("window.nabij.view.plan.id"))


def export(explorer: Explorer, folder: Path) -> Path:
    """Save the plan as a file."""
    with explorer.page.expect_download() as started:
        press(explorer, "export")()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def take_in(explorer: Explorer, path: Path) -> None:
    """Give a file in the list of plans, and wait for what is said about it."""
    explorer.page.locator("#plan-list").click()
    explorer.page.locator("#plan-upload input[type=file]").set_input_files(path)
    expect(explorer.page.locator("#plan-uploaded .callout")).to_be_visible()


def other_data(path: Path, folder: Path) -> Path:
    """Return the same plan as if it was made on another snapshot."""
    document = json.loads(path.read_text(encoding="utf-8"))
    document["snapshot"] = "0123456789abcdef" * 4
    document["name"] = "Van vorig jaar"
    changed = folder / "ander.json"
    changed.write_text(json.dumps(document), encoding="utf-8")
    return changed
