/* A small screen shows one part of the page at a time; what is open is a mark on the shell, the style sheet does the rest. */

const PARTS = ["choices", "map", "table"];
/** What is only seen on the map. */
const ON_THE_MAP = "[data-plan='add'], [data-act='bands'], #why-go, [data-plan='compare'], [data-act='zoom'], [data-edits], [data-goto]";
const SMALL = window.matchMedia("(max-width: 1180px)");

const shell = () => document.getElementById("shell");

/**
 * Show a part of the page where only one fits; a wide screen shows all of them whatever is chosen.
 *
 * @param {string | undefined} part
 */
export function show(part) {
    const page = shell();
    if (!page || !part || !PARTS.includes(part)) return;
    page.dataset.part = part;
    for (const name of PARTS) {
        window.dash_clientside.set_props(`part-${name}`, { "aria-pressed": String(name === part) });
    }
}

/** The part that is shown; the map where nothing was chosen. */
export const shown = () => shell()?.dataset.part || "map";

/** Whether only one part fits. */
export const isSmall = () => SMALL.matches;

/** @param {HTMLElement} button */
function unfold(button) {
    const open = shell()?.classList.toggle(`${button.dataset.unfold}-open`);
    window.dash_clientside.set_props(button.id, { "aria-expanded": String(open) });
}

function choicesFirst() {
    const first = document.querySelector(".sidebar a, .sidebar button, .sidebar input");
    if (first instanceof HTMLElement) first.focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target || !shell()) return;
    const button = target.closest("[data-part].part-button");
    if (button instanceof HTMLElement) {
        const again = button.dataset.part === "choices" && shown() === "choices";
        show(again ? "map" : button.dataset.part);
        if (shown() === "choices" && isSmall()) choicesFirst();
        return;
    }
    const fold = target.closest("[data-unfold]");
    if (fold instanceof HTMLElement) unfold(fold);
    else if (target.closest(ON_THE_MAP)) show("map");
    else if (isSmall() && shown() === "choices" && target.closest(".main-view")) show("map");
});
document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || !isSmall() || shown() !== "choices") return;
    if (document.querySelector(".mantine-Select-dropdown:not([style*='none'])")) return;
    show("map");
    const button = document.getElementById("part-choices");
    if (button) button.focus();
});
