/* Light or dark: as somebody chose on this device, else as the device has it. A map and what is printed are always light. */

import { around } from "./dom.mjs";

const KEPT = "nabij-theme";
const DARK = window.matchMedia("(prefers-color-scheme: dark)");

/** What somebody chose; none where nothing was chosen, or nothing may be kept. */
function chosen() {
    try {
        return window.localStorage.getItem(KEPT);
    } catch {
        return null;
    }
}

/** @param {string} theme */
function keep(theme) {
    try {
        window.localStorage.setItem(KEPT, theme);
    } catch {
        // it holds until the page is left
    }
}

const root = document.documentElement;

/** Show a theme; the components of Dash are asked to follow. @param {string} theme */
function show(theme) {
    root.dataset.theme = theme;
    follow();
}

function follow() {
    const { theme } = root.dataset;
    const shown = root.getAttribute("data-mantine-color-scheme");
    if (shown && shown !== theme) window.dash_clientside.set_props("theme", { forceColorScheme: theme });
    const button = document.getElementById("theme-switch");
    const pressed = String(theme === "dark");
    if (button && button.getAttribute("aria-pressed") !== pressed) window.dash_clientside.set_props(button.id, { "aria-pressed": pressed });
}

const usual = () => chosen() ?? (DARK.matches ? "dark" : "light");

show(usual());
DARK.addEventListener("change", () => show(usual()));
new MutationObserver(follow).observe(root, { attributes: true, attributeFilter: ["data-mantine-color-scheme"] });
new MutationObserver(follow).observe(document.body, { childList: true, subtree: true });
document.addEventListener("click", (event) => {
    if (!around(event, "#theme-switch")) return;
    const other = root.dataset.theme === "dark" ? "light" : "dark";
    keep(other);
    show(other);
});
