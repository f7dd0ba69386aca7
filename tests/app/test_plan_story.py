"""The planner's story on the page of plans, in a real browser."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from playwright.sync_api import expect

from tests.app.conftest import HANGS_MS, Explorer
from tests.app.planner import (
    BOOM,
    BORNEM,
    WILLEBROEK,
    add_at,
    changes,
    close,
    drag,
    export,
    keep,
    lost_and_gained,
    open_card,
    other_data,
    pixel,
    places,
    plan_id,
    press,
    take_in,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def test_the_planners_story(explorer: Explorer) -> None:
    """Open zorgregio Boom, close Willebroek, see who loses, ask for two sites, compare, save, reopen by its link."""
    page = explorer.page
    explorer.open()
    explorer.after(lambda: page.locator("#example-boom").click())
    page.locator("#plan-link").click()
    page.wait_for_url("**/plannen**")
    explorer.settled()
    # the documented places have no position: the plan says that it works with others
    expect(page.locator("#first-notice")).to_contain_text("is de ligging niet bekend")
    expect(page.locator("#banner")).to_be_visible()
    assert "In zorgregio Boom" in explorer.headline()
    assert len(explorer.names()) == 10

    before = places(explorer)[WILLEBROEK]["births"]
    close(explorer, WILLEBROEK)
    lost, gained = lost_and_gained(explorer)
    assert gained == 0
    assert lost == round(before)  # nobody else is within reach of those who went there
    assert changes(explorer) == ["Consultatiebureau Willebroek (illustratief) sluit"]
    assert re.search(r"^Met dit plan .* op meer dan 15 minuten stappen .*; vandaag zijn dat er", explorer.headline())
    expect(page.locator("#subline")).to_contain_text("Verliest: Willebroek.")
    explorer.click_zone("12040")
    expect(page.locator(".zone-plan")).to_contain_text(f"{lost} → 0")
    page.locator("#sheet-close").click()
    assert places(explorer)[WILLEBROEK]["status"] == "closed"
    expect(page.locator(".place.plan-closed")).to_have_count(1)

    explorer.after(press(explorer, "compare"))
    losers = page.locator("#compare-zones tbody").first
    expect(losers.locator("th.group")).to_have_text("Verliezen (1)")
    expect(losers.locator("tr").nth(1)).to_contain_text("Willebroek")
    expect(page.locator("#compare-places")).to_contain_text(f"−{lost}")
    expect(page.locator("#equity-sentence")).to_contain_text("Gini")
    expect(page.locator("#compare .stamp")).to_be_visible()
    expect(page.locator("#indicator")).to_have_value("Verschil door dit plan")
    assert explorer.colour("12040") == "#9a4a0c"  # the largest loss
    explorer.after(lambda: page.locator('[data-plan="compare-close"]').click())

    page.locator("#propose-n").fill("2")
    page.locator("#propose-go").click()
    best = page.locator("#propose-results .propose-card").first
    expect(best).to_be_visible()
    expect(best).to_be_in_viewport()
    expect(page.locator(".proposed-mark")).to_have_count(2)
    explorer.after(lambda: best.get_by_role("button", name="Neem over in plan").click())
    assert len(changes(explorer)) == 3
    expect(page.locator(".proposed-mark")).to_have_count(0)  # they are places of the plan now
    expect(page.locator("#plan-now")).to_be_in_viewport()
    taken = [place for place in places(explorer).values() if place["status"] == "new"]
    assert len(taken) == 2
    assert lost_and_gained(explorer)[1] > lost_and_gained(explorer)[0]  # two well-placed ones make up for the one
    explorer.after(press(explorer, "undo"))
    assert len(changes(explorer)) == 1  # what was taken over goes as one step
    explorer.after(press(explorer, "redo"))
    lost, gained = lost_and_gained(explorer)
    explorer.after(press(explorer, "compare"))
    expect(page.locator("#compare-zones tbody").last.locator("th.group")).to_contain_text("Winnen")
    for place in taken:
        expect(page.locator("#compare-places")).to_contain_text(place["name"])
    explorer.after(lambda: page.locator('[data-plan="compare-close"]').click())

    saved = keep(explorer, "Willebroek dicht", "Wat als dit bureau sluit?")
    headline, address = explorer.headline(), page.url
    assert f"plan={saved}" in address
    explorer.open(f"plannen?plan={saved}")
    assert explorer.headline() == headline
    expect(page.locator("#plan-name")).to_have_text("Willebroek dicht")
    expect(page.locator(".plan-note")).to_have_text("Wat als dit bureau sluit?")
    assert lost_and_gained(explorer) == (lost, gained)
    page.locator("#plan-list").click()
    item = page.locator(".kept li", has_text="Willebroek dicht")
    expect(item).to_contain_text("zorgregio Boom · 3 wijzigingen")
    expect(item.locator(".stamp")).to_be_visible()


def test_add_move_undo_and_redo(explorer: Explorer) -> None:
    page = explorer.page
    explorer.open(BOOM)
    explorer.still()
    expect(page.locator('[data-plan="undo"]')).to_be_disabled()
    x, y = page.evaluate("window.nabij.mapState().pixelOf('11030')")
    add_at(explorer, x + 4, y + 14)
    new = places(explorer)["new-1"]
    assert (new["status"], new["name"]) == ("new", "Nieuw bureau Niel")
    assert lost_and_gained(explorer)[1] > 0
    first = plan_id(explorer)

    drag(explorer, BORNEM, 60, -30)
    moved = places(explorer)[BORNEM]
    assert moved["status"] == "moved"
    assert moved["was"] != moved["p"]
    expect(page.locator(".plan-old")).to_have_count(1)
    expect(page.locator("#legend")).to_contain_text("verplaatst")
    drag(explorer, BORNEM, 20, 10)
    assert len(changes(explorer)) == 2  # dragged twice, moved once

    explorer.after(lambda: page.keyboard.press("Control+z"))
    assert places(explorer)[BORNEM]["p"] == moved["p"]
    explorer.after(press(explorer, "undo"))
    assert plan_id(explorer) == first
    assert len(changes(explorer)) == 1
    explorer.after(lambda: page.keyboard.press("Control+y"))
    assert places(explorer)[BORNEM]["p"] == moved["p"]
    explorer.after(press(explorer, "redo"))
    expect(page.locator('[data-plan="redo"]')).to_be_disabled()
    explorer.after(lambda: page.go_back())
    assert places(explorer)[BORNEM]["p"] == moved["p"]

    explorer.after(lambda: page.locator('[data-plan="drop"][data-at="0"]').click())
    assert "new-1" not in places(explorer)
    open_card(explorer, BORNEM)
    explorer.after(lambda: page.get_by_role("button", name="Terug naar oude plek").click())
    assert places(explorer)[BORNEM]["status"] == "same"
    expect(page.locator("#plan-changes .help")).to_be_visible()


def test_reach_and_children_are_part_of_the_plan(explorer: Explorer) -> None:
    page = explorer.page
    explorer.open(BOOM)
    page.locator("#plan-question summary").click()
    explorer.after(lambda: page.locator(".sidebar label", has_text=re.compile("^Fiets$")).click())
    assert "15 minuten fietsen" in explorer.headline()
    assert "mode=" not in page.url
    assert len(changes(explorer)) == 1
    assert lost_and_gained(explorer)[1] > 0
    expect(page.locator("#minutes")).to_have_value("15 min")
    field = page.locator("#minutes")
    field.fill("0")
    field.blur()
    expect(page.locator("#plan-told")).to_contain_text("de afstand is 0")
    expect(field).to_have_value("15 min")
    explorer.after(press(explorer, "undo"))
    expect(page.locator("#minutes")).to_have_value("15 min")
    assert "15 minuten stappen" in explorer.headline()


def test_a_place_by_keyboard_and_what_its_card_asks(explorer: Explorer) -> None:
    page = explorer.page
    explorer.open(BOOM)
    page.locator("#plan-by-hand summary").click()
    page.locator("#plan-spot").fill("51,1105; 4,3330")
    explorer.after(lambda: page.locator("#plan-spot").press("Enter"))
    assert places(explorer)["new-1"]["p"] == pytest.approx([4.3330, 51.1105], abs=1e-5)
    page.locator("#plan-municipality").fill("Hemik")
    explorer.after(lambda: page.get_by_role("option", name="Hemiksem").click())
    assert places(explorer)["new-2"]["name"] == "Nieuw bureau Hemiksem"
    page.locator("#plan-pick").fill("Willebroek")
    page.get_by_role("option", name=re.compile("Willebroek")).click()
    expect(page.locator(".place-card .switch")).to_be_focused()
    explorer.after(lambda: page.keyboard.press("Enter"))
    assert places(explorer)[WILLEBROEK]["status"] == "closed"
    expect(page.locator(".place-card .switch")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".place-card")).to_have_count(0)
    page.locator("#plan-spot").fill("ergens in Niel")
    page.get_by_role("button", name="Toevoegen", exact=True).click()
    expect(page.locator("#plan-told")).to_contain_text("Dat is geen coördinaat")
    page.locator("#plan-spot").fill("51.5, 2.6")
    page.get_by_role("button", name="Toevoegen", exact=True).click()
    expect(page.locator("#plan-told")).to_contain_text("buiten Vlaanderen en Brussel")
    before = len(changes(explorer))
    open_card(explorer, BORNEM)
    page.locator(".place-card summary").click()
    hours = page.locator('.place-card [data-field="hours"]')
    hours.fill("420")
    explorer.after(lambda: hours.blur())
    capacity = page.locator('.place-card [data-field="capacity"]')
    capacity.fill("120")
    explorer.after(lambda: capacity.blur())
    place = places(explorer)[BORNEM]
    assert (place["hours"], place["capacity"]) == (420, 120)
    assert len(changes(explorer)) == before + 2


def test_the_map_and_its_cards_hold_still(explorer: Explorer) -> None:
    """Nothing opens that was closed, no click is lost, nothing is pushed aside, and the map stays where it was put."""
    explorer.open(BOOM)
    assert strays(explorer) == 0
    open_card(explorer, WILLEBROEK)
    assert moved_aside(explorer) == []
    assert not comes_back(explorer)
    open_card(explorer, WILLEBROEK)
    click_while_drawn_anew(explorer)
    expect(explorer.page.locator(".place.plan-closed")).to_have_count(1)


def comes_back(explorer: Explorer) -> bool:
    """Whether a card that was closed opens again: another version of the plan makes it anew a moment later."""
    return bool(
        explorer.page.evaluate(
            """() => new Promise((done) => {
                const { map, view, planMarkers } = window.nabij;
                planMarkers(view, map);
                map.closePopup();
                setTimeout(() => done(map.hasLayer(map._popup)));
            })"""
        )
    )


def click_while_drawn_anew(explorer: Explorer) -> None:
    """Let the answer to something else come between pressing the button of a card and letting it go."""
    explorer.still()
    box = explorer.page.locator(".place-card .switch").bounding_box()
    assert box is not None
    explorer.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    explorer.page.mouse.down()
    explorer.page.evaluate(
        """async () => {
            window.dash_clientside.set_props("view", { data: { ...window.nabij.view, places: "others" } });
            for (let k = 0; k < 20; k++) await new Promise(requestAnimationFrame);
        }"""
    )
    explorer.page.mouse.up()


def moved_aside(explorer: Explorer) -> list[str]:
    """Ways of asking the button of a card into view that push all that lies on the map aside."""
    explorer.still()
    moved: list[str] = explorer.page.locator(".place-card .switch").evaluate(
        """(button) => {
            const at = () => JSON.stringify(button.getBoundingClientRect());
            const before = at();
            return ["start", "center", "end"].filter((where) => {
                button.scrollIntoView({ block: where, inline: where });
                return at() !== before;
            });
        }"""
    )
    return moved


def strays(explorer: Explorer) -> int:
    """Times out of ten that the map is told back where it was on the way, which would take it there again."""
    explorer.still()
    return int(
        explorer.page.evaluate(
            """async () => {
                const { map } = window.nabij;
                const [centre, zoom] = [map.getCenter(), map.getZoom()];
                const frames = async (n) => {
                    for (let k = 0; k < n; k++) await new Promise(requestAnimationFrame);
                };
                let strays = 0;
                for (let k = 0; k < 10; k++) {
                    map.panBy([80, 0]);
                    await frames(3);
                    map.stop();
                    map.setView(centre, zoom, { reset: true });
                    await frames(10);
                    strays += map.getCenter().equals(centre) ? 0 : 1;
                }
                return strays;
            }"""
        )
    )


def test_the_ground_within_reach_of_a_place(explorer: Explorer) -> None:
    """A circle of 1,200 / 1.3 m for the straight line; it goes with its place, and the map goes back to its frame."""
    page = explorer.page
    explorer.open(f"{BOOM}&model=crow")
    frame = pixel(explorer, BORNEM)
    open_card(explorer, WILLEBROEK)
    page.keyboard.press("Escape")
    expect(page.locator(".place-card")).to_have_count(0)
    page.wait_for_function(
        """([lon, lat, x, y]) => {
            const box = window.nabij.map.getContainer().getBoundingClientRect();
            const at = window.nabij.map.latLngToContainerPoint([lat, lon]);
            return Math.hypot(box.left + at.x - x, box.top + at.y - y) < 2;
        }""",
        arg=[*places(explorer)[BORNEM]["p"], *frame],
    )
    open_card(explorer, WILLEBROEK)
    with page.expect_response("**/ground-bureau-crow.json**") as answer:
        page.get_by_role("button", name="Toon bereik").click()
    _, lat = places(explorer)[WILLEBROEK]["p"]
    ring = answer.value.json()["features"][0]["geometry"]["coordinates"][0]
    north = max(y for _, y in ring) - lat
    assert north * 111_200 == pytest.approx(1200 / 1.3, rel=0.01)
    chip = page.locator(".ground-chip")
    expect(chip).to_contain_text("Bereik van Consultatiebureau Willebroek")
    with page.expect_response("**/ground-bureau-crow.json**") as answer:
        drag(explorer, WILLEBROEK, 40, 0)
    ring = answer.value.json()["features"][0]["geometry"]["coordinates"][0]
    assert (max(x for x, _ in ring) + min(x for x, _ in ring)) / 2 == pytest.approx(
        places(explorer)[WILLEBROEK]["p"][0], abs=1e-4
    )
    chip.get_by_role("button").click()
    expect(chip).to_have_count(0)


def files_say_what_they_are(explorer: Explorer, downloads: Path) -> None:
    """Files of the plan in which Willebroek is closed say so, and hold what is on the screen."""
    page = explorer.page
    page.locator("#download-button").click()
    with page.expect_download() as started:
        explorer.offer("CSV").click()
    table = downloads / "tabel.csv"
    started.value.save_as(table)
    content = table.read_text(encoding="utf-8")
    assert "ILLUSTRATIEVE" in content.splitlines()[0]
    assert "Willebroek (illustratief) sluit" in content
    assert f"nabij scenario table {plan_id(explorer)}" in content

    explorer.after(press(explorer, "compare"))
    with page.expect_download() as started:
        page.get_by_role("button", name="Zones als CSV").click()
    zones = downloads / "zones.csv"
    started.value.save_as(zones)
    lines = zones.read_text(encoding="utf-8").splitlines()
    assert "ILLUSTRATIEVE" in lines[0]
    rows = pd.read_csv(io.StringIO("\n".join(line for line in lines if not line.startswith("#"))))
    assert rows["zone_name"].iloc[0] == "Willebroek"  # the largest loss first
    assert set(rows["evidence"]) == {"illustrative"}
    assert round(rows["births_lost"].iloc[0]) == lost_and_gained(explorer)[0]
    with page.expect_download() as started:
        page.get_by_role("button", name="Plaatsen als Excel").click()
    assert started.value.suggested_filename.endswith("-places-illustrative.xlsx")
    explorer.after(lambda: page.locator('[data-plan="compare-close"]').click())


def test_files_of_a_plan_say_what_it_is_and_one_that_is_read_again_gives_it(
    explorer: Explorer, downloads: Path
) -> None:
    page = explorer.page
    explorer.open(BOOM)
    close(explorer, WILLEBROEK)
    before, figures = plan_id(explorer), lost_and_gained(explorer)
    files_say_what_they_are(explorer, downloads)
    path = export(explorer, downloads)
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["nabij_scenario"] == 1
    assert re.fullmatch("[0-9a-f]{64}", document["result"]["sha256"])
    assert document["evidence"] == "illustrative"
    assert document["warning"].startswith("ILLUSTRATIEVE GEGEVENS")
    explorer.after(press(explorer, "undo"))
    assert plan_id(explorer) != before
    take_in(explorer, path)
    expect(page.locator("#plan-import-told")).to_contain_text("rust op dezelfde cijfers")
    page.locator("#plan-import-open").click()
    page.wait_for_url(f"**plan={before}**")
    explorer.settled()
    assert lost_and_gained(explorer) == figures

    take_in(explorer, other_data(path, downloads))
    expect(page.locator("#plan-import-told")).to_contain_text("andere cijfers of plaatsen")
    page.locator("#plan-import-open").click()
    expect(page.locator("#plan-other-data")).to_be_visible()
    explorer.settled()
    assert lost_and_gained(explorer) == figures  # the figures are those of now

    broken = downloads / "kapot.json"
    broken.write_text('{"nabij_scenario": 1', encoding="utf-8")
    page.locator("#plan-list").click()
    page.locator("#plan-upload input[type=file]").set_input_files(broken)
    expect(page.locator("#plan-uploaded .refusal")).to_contain_text("kapot.json")


def test_an_unknown_plan_is_told_and_another_begins(explorer: Explorer) -> None:
    explorer.open("plannen?plan=deadbeefdeadbeefdead")
    expect(explorer.page.locator("#first-notice")).to_contain_text("is hier niet bekend")
    assert len(explorer.names()) == 304
    assert plan_id(explorer) != "deadbeefdeadbeefdead"


def test_saved_plans_can_be_copied_compared_and_forgotten(explorer: Explorer) -> None:
    page = explorer.page
    explorer.open(BOOM)
    kept = keep(explorer, "Niets veranderd")
    close(explorer, WILLEBROEK)
    expect(page.locator(".plan-state")).to_have_text("Gewijzigd, nog niet bewaard")
    lost, _ = lost_and_gained(explorer)
    explorer.after(press(explorer, "compare"))
    page.locator("#plan-against").click()
    explorer.after(lambda: page.get_by_role("option", name="Niets veranderd").click())
    assert f"against={kept}" in page.url
    expect(page.locator("#compare-zones")).to_contain_text(f"−{lost}")
    explorer.after(lambda: page.locator('[data-plan="compare-close"]').click())
    page.locator("#plan-list").click()
    item = page.locator(".kept li", has_text="Niets veranderd").first
    item.get_by_role("button", name=re.compile("Kopie maken")).click()
    page.wait_for_url(lambda url: "plan=" in url and kept not in url)
    explorer.settled()
    expect(page.locator("#plan-name")).to_have_text("Kopie van Niets veranderd")
    page.locator("#plan-list").click()
    item = page.locator(".kept li", has_text="Kopie van Niets veranderd")
    forget = item.locator('[data-plan="forget"]')
    forget.click()
    expect(forget).to_have_text("Zeker? Klik nog eens", use_inner_text=True)
    forget.click()
    expect(item).to_have_count(0)
    page.locator("#plan-bin summary").click()
    expect(page.locator(".binned li", has_text="Kopie van Niets veranderd")).to_contain_text("voorgoed weg op")
    page.locator("#plan-binned").get_by_role("button", name="Ongedaan maken").click()
    expect(item).to_have_count(1)
    expect(page.locator("#plan-bin")).to_have_count(0)


def test_a_plan_is_passed_on_by_a_link(explorer: Explorer, chromium: Browser) -> None:
    """Somebody else does not find the plan by its id, reads it by the link, and changes a copy."""
    page = explorer.page
    explorer.open(BOOM)
    kept = keep(explorer, "Om door te geven")
    press(explorer, "link")()
    page.get_by_role("button", name="Links maken").click()
    expect(page.locator("#share-edit")).to_have_value(re.compile(r"/plannen\?key=e-"))
    link = page.locator("#share-read").input_value()
    with chromium.new_context(locale="nl-BE") as window:
        window.set_default_timeout(HANGS_MS)
        other = Explorer(window.new_page(), explorer.address)
        other.open(f"plannen?plan={kept}")
        expect(other.page.locator("#first-notice")).to_contain_text("is hier niet bekend")
        other.open(link.removeprefix(explorer.address))
        assert plan_id(other) == kept
        expect(other.page.locator("#plan-share-note")).to_contain_text("om te lezen")
        close(other, WILLEBROEK)
        expect(other.page.locator("#plan-share-note")).to_contain_text("je eigen kopie")
        other.page.locator("#plan-list").click()
        expect(other.page.locator("#plan-listed")).to_contain_text("nog geen bewaarde plannen")
    page.get_by_role("button", name="Links intrekken").click()
    page.get_by_role("button", name="Zeker? Klik nog eens").click()
    expect(page.get_by_role("button", name="Links maken")).to_be_visible()


def test_language_and_size_of_the_screen(explorer: Explorer) -> None:
    explorer.open(f"{BOOM}&lang=fr")
    expect(explorer.page.locator("#plan-now")).to_contain_text("Par rapport à aujourd'hui")
    expect(explorer.page.get_by_role("button", name="Ajouter un lieu")).to_be_visible()
    plan = plan_id(explorer)
    explorer.page.locator("#language-en").click()
    explorer.page.wait_for_url("**lang=en**")
    explorer.settled()
    assert plan_id(explorer) == plan
    expect(explorer.page.locator("#plan-now")).to_contain_text("Against today")
    for width, height in ((1920, 1080), (1280, 720)):
        explorer.page.set_viewport_size({"width": width, "height": height})
        found = explorer.page.evaluate(
            "(({scrollWidth, scrollHeight}) => [scrollWidth, scrollHeight])(document.documentElement)"
        )
        assert found == [width, height]
        expect(explorer.page.get_by_role("button", name="Add a place")).to_be_in_viewport()
        expect(explorer.page.get_by_role("button", name="Compare")).to_be_in_viewport()
