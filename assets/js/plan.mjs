/*
 * The plan page: places that can be added, moved and closed on the map. Every change is asked of the server, one at a
 * time, each on the version that the one before it gave; the answer comes back as another plan.
 */

import * as connection from "./connection.mjs";
import * as core from "./core.mjs";
import * as zoneMap from "./map.mjs";
import * as notices from "./notices.mjs";
import * as forms from "./numbers.mjs";
import * as press from "./press.mjs";
import { shared } from "./shared.mjs";
import { tokens } from "./tokens.mjs";

const { colours } = tokens;
const waiting = []; // changes that were asked for and not yet sent
const again = []; // versions that were undone
let sent = null; // the change that the server is busy with
let now = null; // the plan as the server last gave it
let opened = null; // id of the place whose card is open
let cardsMap = null;

const set = (id, props) => window.dash_clientside.set_props(id, props);
const onPage = () => Boolean(document.querySelector(".plan-shell"));

/* ---- asking for changes --------------------------------------------------------------------------------- */

/** Ask for a change; changes that come quickly wait for their turn. */
export function planDo(asked) {
    waiting.push(asked);
    send();
}

function send() {
    busy();
    if (sent || !waiting.length) return;
    sent = { ...waiting.shift(), at: Date.now() + Math.random() };
    busy();
    set("plan-do", { data: sent });
}

/** While a change is being worked out the page says so: over the map, and in the panel. */
function busy() {
    const shell = document.getElementById("shell");
    if (shell) shell.classList.toggle("plan-busy", Boolean(sent || waiting.length));
}

/** Whether a plan waits for the server; for whoever must wait for it. */
export const planBusy = () => Boolean(sent || waiting.length || (now && shared.asked && (shared.asked.plan !== now.id || !panelFollows())));

/** Whether the figures in the panel are those of what is asked. */
function panelFollows() {
    const told = document.querySelector("#plan-now [data-of]");
    const { plan, service, areas, model } = shared.asked;
    return Boolean(told) && told.dataset.of === [plan, service, areas, model].join("/");
}

/** Choices that follow from a plan, as the controls have them. */
export const planned = (plan) => ({
    mode: plan.mode,
    minutes: Math.round((plan.within / core.config().pace[plan.mode]) * 1e4) / 1e4,
    demand: plan.demand,
    year: plan.year || core.config().newest,
});

/** Reach and children are part of the plan: a control that says otherwise asks for a change of it. */
export function planAsks(plan, chosen, triggered) {
    const told = planned(plan);
    if (triggered.includes("mode") && chosen.mode !== told.mode) {
        planDo({ do: "reach", mode: chosen.mode, within: null });
        return true;
    }
    if (triggered.includes("minutes") && Number(chosen.minutes) !== told.minutes) {
        const empty = chosen.minutes === "" || chosen.minutes === null;
        const metres = Math.round(Number(chosen.minutes) * core.config().pace[told.mode] * 1e4) / 1e4;
        planDo({ do: "reach", mode: told.mode, within: empty ? null : metres });
        return true;
    }
    const other = chosen.demand !== told.demand || (chosen.demand !== "births" && chosen.year !== told.year);
    if ((triggered.includes("demand") || triggered.includes("year")) && other) {
        const year = chosen.demand === "births" || chosen.year === core.config().newest ? null : chosen.year;
        planDo({ do: "year", demand: chosen.demand, year });
        return true;
    }
    return false;
}

function controls(plan) {
    for (const [id, value] of Object.entries(planned(plan))) set(id, { value });
}

/** Another version of the plan is there. */
function planArrived(plan) {
    if (!plan || !plan.id) return;
    const before = now;
    const asked = sent ? sent.do : "";
    now = plan;
    if (before && before.id !== plan.id) {
        if (asked === "undo") again.push(before.id);
        else if (asked !== "redo") again.length = 0;
    }
    if (asked === "keep") {
        set("plan-keep-dialog", { opened: false });
        if (before && before.id === plan.id && shared.view) set("view", { data: { ...shared.view } }); // the panel says so
    }
    if (asked === "share" || asked === "withdraw") askShare();
    if (asked === "duplicate") {
        const key = plan.onward ? `&key=${encodeURIComponent(plan.onward)}` : "";
        window.location.assign(`plannen?plan=${plan.id}&lang=${core.config().lang}${key}`);
        return;
    }
    controls(plan);
    steps();
    sent = null;
    send();
}

/** Steps back and forward can be taken where there are any; told again with every view, for a page is drawn in parts. */
function steps() {
    if (!now) return;
    set("plan-step-undo", { disabled: !now.steps });
    set("plan-step-redo", { disabled: !again.length });
}

/** The server could not do what was asked, or it changed nothing. */
function planAnswered(answer) {
    if (!answer || !sent || answer.at !== sent.at) return;
    sent = null;
    if (now) controls(now);
    if (!answer.done && shared.view && shared.view.plan) redraw();
    send();
}

/** The server refused to answer: what was asked for is not waited for any longer. */
export function planRefused() {
    if (sent) planAnswered({ at: sent.at, done: false });
}

/** A change waits for the server, which is gone: the controls stand as the plan is. */
export const planHeld = () => now && controls(now);

/** Put the markers back where the plan has them. */
function redraw() {
    const { view } = shared;
    press.released().then(() => shared.view === view && markers.group && fill(view));
}

function undo() {
    if (now && now.steps) planDo({ do: "undo" });
}

function redo() {
    if (again.length) planDo({ do: "redo", id: again.pop() });
}

/* ---- markers -------------------------------------------------------------------------------------------- */

const markers = { group: null, byId: new Map(), lines: null };

const latlng = (p) => L.latLng(p[1], p[0]);

/** Places of the plan as markers that can be dragged, with the old spot of those that moved. */
export function planMarkers(view, map) {
    if (cardsMap !== map) Object.assign(ground, { id: "", of: "", layer: null, chip: null }); // the map it was on is gone
    cardsMap = map;
    markers.group = L.layerGroup();
    fill(view);
    return markers.group;
}

function fill(view) {
    const { group, byId } = markers;
    followGround(view);
    group.clearLayers();
    byId.clear();
    for (const place of view.plan.places) {
        for (const layer of place.was ? old(place) : []) group.addLayer(layer);
        const marker = markerOf(place, view);
        byId.set(place.id, marker);
        group.addLayer(marker);
    }
    for (const { name, p, to } of view.plan.bridges) {
        const line = [latlng(p), latlng(to)];
        group.addLayer(L.polyline(line, { ...casingStyle, weight: 8 }));
        group.addLayer(
            L.polyline(line, { ...traceStyle, weight: 5, dashArray: "", interactive: true }).bindTooltip(core.escape(name), {
                className: "zone-tip",
                sticky: true,
            })
        );
    }
    const again = opened && view.plan.places.find((place) => place.id === opened);
    if (again) setTimeout(() => press.released().then(() => isOpen(again, view) && card(again)));
}

/** Whether the card of a place of this view is open still: somebody may have closed it, or another view may be there. */
const isOpen = (place, view) => opened === place.id && markers.byId.has(place.id) && shared.view === view;

/** What happened to places of the plan, for the legend. */
export const planLegend = (view) =>
    ["same", "new", "moved", "closed"].filter((status) => view.plan.places.some((place) => place.status === status));

function markerOf(place, view) {
    const kind = ["place", `place-${view.service}`, `plan-${place.status}`, place.planned ? "planned" : ""];
    const marker = L.marker(latlng(place.p), {
        pane: "places",
        keyboard: false,
        draggable: place.status !== "closed",
        autoPan: true,
        zIndexOffset: place.status === "same" ? 0 : 500,
        icon: L.divIcon({ className: kind.filter(Boolean).join(" "), html: "<i></i>", iconSize: [0, 0] }),
    });
    marker.placeId = place.id;
    marker.bindTooltip(tip(place), { className: "zone-tip", direction: "top", offset: [0, -8] });
    marker.on("click", () => card(place));
    marker.on("dragstart", () => {
        shared.dragging = true;
        press.letGo();
        marker.closeTooltip();
        stay();
        cardsMap.closePopup();
        marker.trace = L.polyline([latlng(place.was || place.p), marker.getLatLng()], traceStyle).addTo(markers.group);
    });
    marker.on("drag", () => marker.trace.setLatLngs([latlng(place.was || place.p), marker.getLatLng()]));
    marker.on("dragend", () => {
        shared.dragging = false;
        const { lat, lng } = marker.getLatLng();
        planDo({ do: "move", id: place.id, lat, lon: lng });
    });
    return marker;
}

const traceStyle = {
    pane: "focus",
    interactive: false,
    color: colours.moved,
    weight: 1.8,
    dashArray: "5 4",
    opacity: 0.95,
};

const casingStyle = { pane: "focus", interactive: false, color: colours.paper, weight: 4, opacity: 0.85 };

function old(place) {
    const spot = L.marker(latlng(place.was), {
        pane: "places",
        keyboard: false,
        interactive: false,
        icon: L.divIcon({ className: "place plan-old", html: "<i></i>", iconSize: [0, 0] }),
    });
    const ends = [latlng(place.was), latlng(place.p)];
    return [L.polyline(ends, casingStyle), L.polyline(ends, traceStyle), spot];
}

function tip(place) {
    const words = [`<strong>${core.escape(place.name)}</strong>`];
    words.push(core.escape(core.word(`plan.status.${place.planned ? "planned" : place.status}`)));
    return words.join("<br>");
}

/* ---- the card of a place -------------------------------------------------------------------------------- */

const made = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.filter((child) => child !== null));
    return node;
};

/** Small card at a marker: who goes there, whether it is open, its hours, what it can take, and where it is. */
function card(place) {
    const shut = place.status === "closed" || place.planned;
    const children = forms.number(place.births, 0);
    const words = core.word(shut ? "plan.place.nobody" : "plan.place.nearest", { n: children });
    const was = place.before === null ? children : forms.number(place.before, 0);
    const before = was === children && !shut ? "" : core.word("plan.place.before", { n: was });
    const power = made(
        "button",
        { type: "button", role: "switch", "aria-checked": String(!shut), class: "switch", "data-card": shut ? "open" : "close" },
        made("span", { class: "knob", "aria-hidden": "true" }),
        core.word(shut ? "plan.place.closed" : "plan.place.open")
    );
    const box = made(
        "div",
        { class: "place-card", role: "dialog", "aria-label": place.name, "data-id": place.id },
        made("p", { class: "place-name" }, place.name),
        made("p", { class: "help" }, core.word(`plan.status.${place.planned ? "planned" : place.status}`)),
        made("p", { class: "place-births" }, made("b", {}, shut ? "" : children), ` ${words} `, made("span", { class: "help" }, before)),
        place.status === "new" ? null : power,
        place.status === "closed"
            ? null
            : made("details", { open: card.more }, made("summary", {}, core.word("plan.place.more")), fields(place)),
        actions(place)
    );
    box.addEventListener(
        "toggle",
        (event) => {
            card.more = event.target.open;
            if (card.popup) card.popup.update();
        },
        true
    );
    const keep = popupHasFocus();
    const popup = opened === place.id && card.popup && cardsMap.hasLayer(card.popup) ? card.popup : newPopup(place.id);
    opened = place.id;
    popup.setLatLng(latlng(place.p)).setContent(box);
    if (!cardsMap.hasLayer(popup)) {
        cardsMap.closePopup(); // another card, whose map goes back to where it was
        popup.back = zoneMap.wayBack();
        popup.openOn(cardsMap);
    }
    card.popup = popup;
    if (keep) {
        const field = box.querySelector(keep);
        if (field) field.focus();
    }
}

function newPopup(id) {
    const narrow = cardsMap.getSize().x < 700;
    const popup = L.popup({
        className: "place-popup",
        minWidth: 236,
        maxWidth: 260,
        closeButton: false,
        autoPanPaddingTopLeft: narrow ? [8, 52] : [260, 16],
        autoPanPaddingBottomRight: narrow ? [52, 60] : [190, 16],
        offset: [0, -4],
    });
    return popup.on("remove", () => {
        if (opened === id && card.popup === popup) opened = null;
        if (popup.back) popup.back();
    });
}

/** The map stays where somebody put it, also when the card that pushed it aside goes away. */
function stay() {
    if (card.popup) card.popup.back = null;
}

/** What has the focus inside the open card, so that it can keep it when the card is made anew. */
function popupHasFocus() {
    const active = document.activeElement;
    const inside = active && active.closest && active.closest(".place-card");
    if (!inside) return "";
    if (active.dataset.field) return `[data-field="${active.dataset.field}"]`;
    return active.dataset.card ? "[data-card]" : "button";
}

function fields(place) {
    const numbers = ["hours", "capacity"].map((name) =>
        made(
            "label",
            {},
            made("span", {}, core.word(`plan.place.${name}`)),
            made("input", {
                type: "number",
                min: "0",
                step: "any",
                inputmode: "decimal",
                value: place[name],
                placeholder: "–",
                "data-field": name,
            })
        )
    );
    const spot = made(
        "label",
        { class: "wide" },
        made("span", {}, core.word("plan.place.spot")),
        made("input", {
            type: "text",
            value: `${place.p[1].toFixed(5)}, ${place.p[0].toFixed(5)}`,
            "data-field": "spot",
            spellcheck: "false",
        })
    );
    return made("div", { class: "place-fields" }, ...numbers, spot);
}

function actions(place) {
    const buttons = [];
    if (place.status === "new") buttons.push(["close", "plan.place.remove"]);
    if (place.was) buttons.push(["back", "plan.place.back"]);
    if (place.status !== "closed") buttons.push(["reach", ground.id === place.id ? "plan.place.no_reach" : "plan.place.reach"]);
    buttons.push(["done", "plan.place.done"]);
    return made(
        "div",
        { class: "place-actions" },
        ...buttons.map(([name, key]) => made("button", { type: "button", class: "quiet-button", "data-card": name }, core.word(key)))
    );
}

/* ---- the ground from which a place is within reach --------------------------------------------------------- */

const ground = { id: "", of: "", layer: null, chip: null };
const groundStyle = { pane: "focus", interactive: false, color: colours.reach, weight: 2, fillColor: colours.reachSoft, fillOpacity: 0.45 };
const groundCasing = { pane: "focus", interactive: false, color: colours.paper, weight: 6, opacity: 0.9, fill: false };

/** Address of that ground; another version of the plan has another one. */
const groundOf = (id, view) => `${view.plan.ground}${encodeURIComponent(id)}`;

function dropGround() {
    if (ground.layer) ground.layer.remove();
    if (ground.chip) ground.chip.remove();
    Object.assign(ground, { id: "", of: "", layer: null, chip: null });
}

/** Say whose ground is on the map, with a button that takes it away. */
function groundChip(place) {
    const words = core.word("plan.place.no_reach");
    const close = made("button", { type: "button", class: "icon-button", "data-plan": "ground-off", title: words, "aria-label": words });
    close.append(made("span", { class: "icon icon-close", "aria-hidden": "true" }));
    ground.chip = made("div", { class: "ground-chip", role: "status" }, core.word("plan.place.reach.of", { place: place.name }), close);
    document.getElementById("map-own").append(ground.chip);
}

/** Draw the ground of a place in the place of the one that was there; one that comes too late is not drawn. */
async function drawGround(id, view) {
    const wanted = groundOf(id, view);
    Object.assign(ground, { id, of: wanted });
    const shape = await connection.load(wanted);
    if (ground.of !== wanted) return false;
    if (ground.layer) ground.layer.remove();
    const drawn = [groundCasing, groundStyle].map((style) => L.geoJSON(shape, { ...style, style }));
    ground.layer = L.featureGroup(drawn).addTo(cardsMap);
    return true;
}

async function toggleGround(id) {
    const { view } = shared;
    const place = view.plan.places.find((p) => p.id === id);
    const off = ground.id === id;
    dropGround();
    cardsMap.closePopup(); // it would lie over what is asked for
    if (off) return;
    const shell = document.getElementById("shell");
    shell.classList.add("plan-busy");
    try {
        if (!(await drawGround(id, view))) return;
        groundChip(place);
        frameGround();
    } catch {
        dropGround();
        tell(core.word("plan.place.reach.none"));
    } finally {
        busy();
    }
}

/** Bring a ground into view that is too small to see or does not fit. */
function frameGround() {
    const bounds = ground.layer.getBounds();
    if (!bounds.isValid()) return;
    const high = cardsMap.latLngToContainerPoint(bounds.getSouthWest()).y - cardsMap.latLngToContainerPoint(bounds.getNorthEast()).y;
    const fits = cardsMap.getBounds().contains(bounds) && high > cardsMap.getSize().y / 5;
    if (!fits) cardsMap.fitBounds(bounds.pad(0.6), { maxZoom: 13.5 });
}

/** The ground follows its place from one version of the plan to the next. */
function followGround(view) {
    if (!ground.id) return;
    const place = view.plan.places.find((p) => p.id === ground.id && p.status !== "closed");
    if (!place) dropGround();
    else if (ground.of !== groundOf(place.id, view)) drawGround(place.id, view).catch(dropGround);
}

function onCard(event) {
    const button = event.target.closest && event.target.closest(".place-card [data-card]");
    if (!button) return;
    const { id } = button.closest(".place-card").dataset;
    const what = button.dataset.card;
    if (what === "done") {
        cardsMap.closePopup();
        return;
    }
    if (what === "reach") {
        toggleGround(id);
        return;
    }
    if (what === "close" && button.getAttribute("role") !== "switch") cardsMap.closePopup();
    planDo({ do: what, id });
}

function onField(event) {
    const field = event.target.closest && event.target.closest(".place-card [data-field]");
    if (!field) return;
    const { id } = field.closest(".place-card").dataset;
    const name = field.dataset.field;
    if (name === "spot") {
        const point = pointIn(field.value);
        if (point) planDo({ do: "move", id, ...point });
        else tell(core.word("plan.no_point"));
        return;
    }
    planDo({ do: name, id, value: field.value === "" ? null : Number(field.value) });
}

const numbersIn = (words) => (words.match(/-?\d+(?:[.,]\d+)?/g) || []).map((n) => Number(n.replace(",", ".")));

/** Latitude and longitude out of a text such as ``51.09, 4.37`` or ``51,09; 4,37``. */
function pointIn(words) {
    const numbers = numbersIn(words);
    return numbers.length === 2 ? { lat: numbers[0], lon: numbers[1] } : null;
}

const tell = (sentence) => set("plan-told", { children: notices.notice(sentence) });

/** Open the card of a place that was chosen from the list, and put the focus in it. */
function planPick(id) {
    const { view } = shared;
    const place = id && view && view.plan && view.plan.places.find((p) => p.id === id);
    if (!place) return window.dash_clientside.no_update;
    if (!cardsMap.getBounds().pad(-0.1).contains(latlng(place.p))) cardsMap.panTo(latlng(place.p), { animate: false });
    card(place);
    const first = document.querySelector(".place-card button, .place-card input");
    if (first) first.focus();
    return null;
}

/* ---- adding --------------------------------------------------------------------------------------------- */

/** The bridge that is being drawn: who may use it, its first end, and the line on the map. */
const drawing = { modes: "", from: null, line: null };

/** Begin to draw a bridge, or stop. */
function bridge(modes) {
    if (drawing.line) drawing.line.remove();
    Object.assign(drawing, { modes: modes === drawing.modes ? "" : modes, from: null, line: null });
    add(Boolean(drawing.modes));
    showBridging();
}

function showBridging() {
    const shell = document.getElementById("shell");
    shell.classList.toggle("bridging", Boolean(drawing.modes));
    shell.classList.toggle("bridging-second", Boolean(drawing.from));
    set("plan-add", { "aria-pressed": String(shared.adding && !drawing.modes) });
    for (const button of document.querySelectorAll("[data-plan=bridge]")) {
        button.setAttribute("aria-pressed", String(button.dataset.modes === drawing.modes));
    }
}

/** A click on the map is an end of the bridge: the second one asks for it. */
function bridgeEnd({ lat, lng }) {
    if (!drawing.from) {
        drawing.from = { lat, lng };
        drawing.line = L.circleMarker([lat, lng], { pane: "focus", radius: 5, color: colours.moved, weight: 3, interactive: false }).addTo(
            cardsMap
        );
        showBridging();
        return;
    }
    const { from, modes } = drawing;
    bridge("");
    planDo({ do: "bridge", lat: from.lat, lon: from.lng, to_lat: lat, to_lon: lng, modes });
}

function add(on) {
    shared.adding = on;
    document.getElementById("shell").classList.toggle("adding", on);
    set("plan-add", { "aria-pressed": String(on) });
    if (on && cardsMap) cardsMap.closePopup();
}

L.Map.addInitHook(function () {
    this.on("dragstart zoomstart", stay);
    this.on("click", (event) => {
        if (!shared.adding) return;
        if (drawing.modes) {
            bridgeEnd(event.latlng);
            return;
        }
        add(false);
        planDo({ do: "add", lat: event.latlng.lat, lon: event.latlng.lng });
    });
});

function byHand() {
    const field = document.getElementById("plan-spot");
    const point = pointIn(field.value);
    const ends = numbersIn(field.value);
    if (ends.length === 4) {
        const [lat, lon, to_lat, to_lon] = ends;
        planDo({ do: "bridge", lat, lon, to_lat, to_lon, modes: "walk,bike" });
        set("plan-spot", { value: "" });
    } else if (point) {
        planDo({ do: "add", ...point });
        set("plan-spot", { value: "" });
    } else tell(core.word("plan.no_point"));
}

/* ---- what happens on the page --------------------------------------------------------------------------- */

const ACTS = {
    add: () => (drawing.modes ? bridge("") : add(!shared.adding)),
    bridge: (button) => bridge(button.dataset.modes),
    undo,
    redo,
    "by-hand": byHand,
    "ground-off": dropGround,
    compare: () => compare(!(shared.asked && shared.asked.against)),
    "compare-close": () => compare(false),
    link: openShare,
    "share-make": () => planDo({ do: "share" }),
    "share-withdraw": (button) => twice(button, () => planDo({ do: "withdraw" })),
    "copy-link": (button) => copyLink(button, button.dataset.link),
    keep: openKeep,
    "keep-do": keep,
    export: () => now && download(`plan/${now.id}.json?lang=${core.config().lang}${now.key ? `&key=${encodeURIComponent(now.key)}` : ""}`),
    duplicate: (button) => planDo({ do: "duplicate", id: button.dataset.id, name: button.dataset.name }),
    forget: (button) => twice(button, () => set("plan-forget", { data: { id: button.dataset.id, what: "forget", at: Date.now() } })),
    restore: (button) => set("plan-forget", { data: { id: button.dataset.id, what: "restore", at: Date.now() } }),
    drop: (button) => planDo({ do: "drop", nr: Number(button.dataset.at) }),
    show: (button) => planPick(button.dataset.id),
};

let looked = ""; // what the map showed before the comparison

function compare(on) {
    set("against", { data: on ? "today" : "" });
    const change = "reach_change";
    if (on) looked = shared.indicator === change ? "" : shared.indicator;
    if (on) set("indicator", { value: change });
    else if (looked && shared.indicator === change) set("indicator", { value: looked });
}

function openKeep() {
    set("plan-keep-name", { value: now ? now.name : "", error: "" });
    set("plan-keep-note", { value: now ? now.note : "" });
    set("plan-keep-dialog", { opened: true });
}

function keep() {
    const name = document.getElementById("plan-keep-name").value.trim();
    const note = document.getElementById("plan-keep-note").value.trim();
    if (name) planDo({ do: "keep", name, note });
    else set("plan-keep-name", { error: core.word("plan.keep.no_name") });
}

function download(address) {
    const link = made("a", { href: core.base + address, download: "" });
    document.body.append(link);
    link.click();
    link.remove();
}

function openShare() {
    askShare();
    set("plan-share-dialog", { opened: true });
}

/** Ask for the links of the plan on the screen. */
function askShare() {
    set("plan-share", { data: { at: Date.now(), base: core.base } });
}

/** What cannot be taken back with the same button takes two clicks; the style sheet shows the button's other words. */
function twice(button, act) {
    if (button.dataset.asked) {
        act();
        return;
    }
    button.dataset.asked = "yes";
}

function copyLink(button, address) {
    const copied = navigator.clipboard ? navigator.clipboard.writeText(address) : Promise.reject(new Error("none"));
    copied
        .catch(() => {
            const field = made("textarea", { class: "only-read" });
            field.value = address;
            document.body.append(field);
            field.select();
            document.execCommand("copy");
            field.remove();
        })
        .then(() => {
            button.dataset.asked = "yes";
            setTimeout(() => delete button.dataset.asked, 1800);
        });
}

document.addEventListener("click", (event) => {
    if (!event.target.closest || !onPage()) return;
    const button = event.target.closest("[data-plan]");
    if (button && ACTS[button.dataset.plan]) ACTS[button.dataset.plan](button);
    onCard(event);
});
document.addEventListener("change", (event) => onPage() && onField(event));
document.addEventListener(
    "keydown",
    (event) => {
        if (!onPage()) return;
        if (event.key === "Escape" && shared.adding) {
            if (drawing.modes) bridge("");
            else add(false);
            event.preventDefault();
            return;
        }
        if (event.key === "Escape" && document.querySelector(".place-card")) {
            cardsMap.closePopup();
            event.preventDefault();
            return;
        }
        if (event.key === "Enter" && event.target.id === "plan-spot") byHand();
        const writing = event.target.closest && event.target.closest("input, textarea, select");
        if (writing || !(event.ctrlKey || event.metaKey)) return;
        const key = event.key.toLowerCase();
        if (key === "z" && !event.shiftKey) undo();
        else if (key === "y" || (key === "z" && event.shiftKey)) redo();
        else return;
        event.preventDefault();
    },
    true
);

/** The frame of the map became another one: show what it is about. */
function reframe(view) {
    if (shared.view !== view || !cardsMap) return;
    stay();
    cardsMap.closePopup();
    cardsMap.invalidateSize({ animate: false });
    zoneMap.fit(view.areas ? zoneMap.inView() : null, false);
}

/** Places to choose from: those in the area of the view. */
function planPlaces(view) {
    steps();
    if (!view || !view.plan) return window.dash_clientside.no_update;
    const { classList } = document.getElementById("shell");
    const before = classList.contains("comparing");
    classList.toggle("comparing", Boolean(view.plan.against));
    if (before !== classList.contains("comparing")) setTimeout(() => reframe(view), 80);
    return view.plan.places
        .filter((place) => place.here)
        .map((place) => ({ value: place.id, label: place.name }))
        .sort((a, b) => a.label.localeCompare(b.label));
}

/** Add a place in the middle of the children of a municipality. */
function planMunicipality(municipality) {
    if (!municipality) return window.dash_clientside.no_update;
    planDo({ do: "add", municipality });
    return null;
}

/** What the plan stands beside. */
function planAgainst(against) {
    const same = !against || !shared.asked || shared.asked.against === against;
    return same ? window.dash_clientside.no_update : against;
}

/** Edits of a proposal that is taken over, as one step. */
function planIncoming(edits) {
    if (edits && edits.length) planDo({ do: "incoming", edits });
}

/** What Dash calls of the page of plans. */
/** A callback with an output, because Dash calls no other when a page is put in. */
const arrived = (plan) => {
    planArrived(plan);
    return plan ? plan.id : "";
};

export const callbacks = { planArrived: arrived, planAnswered, planPlaces, planPick, planIncoming, planMunicipality, planAgainst };
