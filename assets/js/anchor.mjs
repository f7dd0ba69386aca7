/* An address with an anchor: the page is drawn after the browser looked for it, so we go there once it is there. */

/** Go to what the address names; whether it is there. */
function go() {
    const name = decodeURIComponent(window.location.hash.slice(1));
    const target = name && document.getElementById(name);
    if (!target) return false;
    target.scrollIntoView({ block: "start" });
    if (target.tabIndex === -1 && target.hasAttribute("tabindex")) target.focus({ preventScroll: true });
    return true;
}

if (window.location.hash) {
    const drawn = new MutationObserver(() => {
        if (go()) drawn.disconnect();
    });
    drawn.observe(document.documentElement, { childList: true, subtree: true });
    window.addEventListener("wheel", () => drawn.disconnect(), { once: true, passive: true }); // someone reads already
}
window.addEventListener("hashchange", go);
