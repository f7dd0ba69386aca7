/* What every part of the page shares: the configuration, numbers in the reader's language, files fetched once. */

(function () {
    "use strict";

    const nabij = (window.nabij = window.nabij || {});
    const cache = new Map();
    const { locales, missing, percent } = nabij.tokens;

    nabij.base = document.currentScript.src.replace(/assets\/.*$/, "");
    nabij.view = null;

    /** Configuration of the page that is on the screen now. */
    nabij.config = function () {
        const holder = document.getElementById("nabij-config");
        if (!holder) return null;
        if (holder !== nabij.config.holder) {
            nabij.config.holder = holder;
            nabij.config.value = JSON.parse(holder.dataset.config);
        }
        return nabij.config.value;
    };

    nabij.word = function (key, values) {
        const words = nabij.config().words[key] || key;
        return words.replace(/\{(\w+)\}/g, (whole, name) => (values && name in values ? values[name] : whole));
    };

    /** JSON of an address of ours, fetched once; a failure is forgotten so that it can be tried again. */
    nabij.fetch = function (address) {
        if (!cache.has(address)) {
            const asked = nabij.patient(nabij.base + address).then((answer) => {
                if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
                return answer.json();
            });
            asked.catch(() => cache.delete(address));
            cache.set(address, asked);
        }
        return cache.get(address);
    };

    const formats = new Map();
    nabij.number = function (value, decimals) {
        if (value === null || value === undefined) return missing;
        const lang = nabij.config().lang;
        const key = `${lang}${decimals}`;
        if (!formats.has(key)) {
            formats.set(
                key,
                new Intl.NumberFormat(locales[lang], {
                    minimumFractionDigits: decimals,
                    maximumFractionDigits: decimals,
                })
            );
        }
        return formats.get(key).format(value);
    };

    nabij.percent = function (share, decimals) {
        if (share === null || share === undefined) return missing;
        return nabij.number(100 * share, decimals || 0) + percent[nabij.config().lang];
    };

    nabij.distance = function (metres) {
        if (metres === null || metres === undefined) return missing;
        if (Math.round(metres / 10) < 100) return `${nabij.number(Math.round(metres / 10) * 10, 0)} m`;
        return `${nabij.number(metres / 1000, 1)} km`;
    };

    /** Difference with its sign: ``+12``, ``−3``, ``0``. */
    nabij.change = function (value, sign) {
        if (value === null || value === undefined) return missing;
        const size = nabij.number(Math.abs(value), 0);
        if (size === "0") return Math.abs(value) < 0.05 ? "0" : `${sign || (value < 0 ? "−" : "+")}<1`;
        return `${sign || (value < 0 ? "−" : "+")}${size}`;
    };

    /** Value of an indicator as people read it. */
    nabij.shown = function (indicator, value) {
        const scale = nabij.config().scales[indicator];
        if (value === null || value === undefined) return missing;
        if (scale === "share" || scale === "probability") return nabij.percent(value);
        if (scale === "amount") return nabij.number(value, value ? Math.max(0, 1 - Math.floor(Math.log10(Math.abs(value)))) : 0);
        if (scale === "distance") return nabij.distance(value);
        if (scale === "change") return nabij.change(value);
        return nabij.number(value, 0);
    };

    nabij.escape = function (words) {
        const holder = document.createElement("span");
        holder.textContent = words;
        return holder.innerHTML;
    };

    nabij.element = function (type, props, ...children) {
        return {
            namespace: "dash_html_components",
            type,
            props: { ...props, children: children.length === 1 ? children[0] : children },
        };
    };
})();
