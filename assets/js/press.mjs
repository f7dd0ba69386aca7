/*
 * What somebody presses stays what it is until it is let go: a click begins and ends on the same thing, so one on a
 * thing that was made anew in between would be lost.
 */

const PRESSED = ".place, .place-card";

/** @type {symbol | null} */
let pressed = null;
/** @type {Array<() => void>} */
const waiting = [];

/**
 * Kept as soon as nothing is pressed; at once where nothing is.
 *
 * @returns {Promise<void>}
 */
export const released = () => (pressed ? new Promise((over) => waiting.push(over)) : Promise.resolve());

/** What was pressed is no longer waited for: it was let go, or it is being dragged. */
export function letGo() {
    pressed = null;
    for (const over of waiting.splice(0)) over();
}

/** The click comes after the release, and is heard first. */
function end() {
    const mine = pressed;
    if (mine) setTimeout(() => pressed === mine && letGo());
}

document.addEventListener(
    "pointerdown",
    (event) => {
        if (event.target instanceof Element && event.target.closest(PRESSED)) pressed = Symbol("press");
    },
    true
);
for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, end, true);
document.addEventListener("pointermove", (event) => event.buttons || end(), true); // it was let go outside the window
window.addEventListener("blur", end);
