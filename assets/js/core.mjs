/* What every part of the page shares: the configuration, its words, and elements for Dash. */

export const base = import.meta.url.replace(/assets\/.*$/, "");

/** Configuration of the page that is on the screen now. */
export function config() {
    const holder = document.getElementById("nabij-config");
    if (!holder) return null;
    if (holder !== config.holder) {
        config.holder = holder;
        config.value = JSON.parse(holder.dataset.config);
    }
    return config.value;
}

export function word(key, values) {
    const words = config().words[key] || key;
    return words.replace(/\{(\w+)\}/g, (whole, name) => (values && name in values ? values[name] : whole));
}

export function escape(words) {
    const holder = document.createElement("span");
    holder.textContent = words;
    return holder.innerHTML;
}

export function element(type, props, ...children) {
    return {
        namespace: "dash_html_components",
        type,
        props: { ...props, children: children.length === 1 ? children[0] : children },
    };
}
