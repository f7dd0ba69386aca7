/* Made by docs/generate.py from layers/look/tokens.py; change them there. */

export const tokens = {
    "colours": {
        "ink": "#17262d",
        "ink2": "#46575f",
        "ink3": "#5c6b73",
        "line": "#dde3e5",
        "lineStrong": "#8b999f",
        "lineLand": "#c3ccd0",
        "lineRow": "#e7ebec",
        "paper": "#ffffff",
        "ground": "#f3f5f5",
        "sea": "#e6ebed",
        "land": "#eef1f1",
        "plain": "#d6dddf",
        "water": "#a9c6d6",
        "waterLine": "#7fa9c0",
        "road": "#ffffff",
        "rail": "#4f5d64",
        "pointed": "#f1f6f6",
        "accent": "#0b5a63",
        "accentStrong": "#07444b",
        "accentSoft": "#e1eff0",
        "focus": "#0b2f35",
        "warn": "#ffc83d",
        "warnInk": "#33260a",
        "need": "#93312a",
        "moved": "#5a3d8a",
        "reach": "#17357a",
        "reachSoft": "#8fb4ff",
        "shareBar": "#b5d6d9",
        "barRest": "#e9c4a8",
        "soft": "#e9eeef",
        "stripe": "#e2e7e9",
        "repaired": "#6b5200",
        "gain": "#0e5e66",
        "loss": "#8a4208",
        "new": "#1d4fa3"
    },
    "locales": {
        "nl": "nl-BE",
        "en": "en-GB",
        "fr": "fr-BE"
    },
    "percent": {
        "nl": "\u00a0%",
        "en": "%",
        "fr": "\u00a0%"
    },
    "missing": "\u2013"
};
