/* Where the keyboard is: a sheet that was opened with it takes it, and gives it back to what opened it. */

let awaited = false;
/** @type {(() => void) | null} */
let back = null;

/**
 * The keyboard opened a sheet; it goes there once the sheet has its title.
 *
 * @param {() => void} home what brings it back
 */
export function openedBy(home) {
    awaited = true;
    back = home;
}

/** A sheet closed: whoever read it goes on where it was opened. */
export function closed() {
    const panel = document.getElementById("sheet-panel");
    const now = document.activeElement;
    const lost = !now || now === document.body || Boolean(panel?.contains(now));
    if (back && lost) back();
    awaited = false;
    back = null;
}

new MutationObserver(() => {
    if (!awaited) return;
    const title = document.getElementById("sheet-title");
    if (!title || !document.querySelector(".shell.sheet-open")) return;
    awaited = false;
    title.focus({ preventScroll: true });
}).observe(document.documentElement, { childList: true, subtree: true, characterData: true });
