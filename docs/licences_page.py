"""The page of licences: of nabij, of what is copied into it, and of the packages that it asks for."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageMetadata, metadata
from pathlib import Path

from page_parts import NOTE, table

COPIED = (
    ("D3", "`layers/vendor/d3`", "ISC"),
    ("Leaflet", "`layers/vendor/leaflet`", "BSD-2-Clause"),
    ("Observable Plot", "`layers/vendor/plot`", "ISC"),
    ("Source Sans 3", "`assets/fonts`", "OFL-1.1"),
)
"""Work of others that lies in the checkout, with its licence beside it."""
SPDX = {
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "BSD 3-Clause": "BSD-3-Clause",
    "BSD-3-Clause License": "BSD-3-Clause",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0",
    "MIT License": "MIT",
    "Python Software Foundation License": "PSF-2.0",
    "Zope Public License": "ZPL-2.1",
}
"""What packages say in words of their own, as an SPDX name."""
COMPATIBLE = re.compile(
    r"MIT|MIT-CMU|HPND|BSD|BSD-[23]-Clause|Apache-2\.0|PSF-2\.0|Unlicense|ZPL-2\.1|0BSD|Zlib|CC0-1\.0"
)
"""Licences that ask for no more than their text going along."""
WEAK_COPYLEFT = re.compile(r"LGPL-3\.0(-only|-or-later)?|MPL-2\.0")
"""Licences of packages that are used as they are, from a place of their own, and may be replaced there."""


def licence_of(name: str) -> str:
    """Licence of an installed package, as SPDX where it says so."""
    about = metadata(name)
    expression = str(about.get("License-Expression") or "").strip()
    if expression:
        return expression
    short = _by_classifier(about) or str(about["License"] or "").strip().partition("\n")[0]
    return SPDX.get(short, short)


def _by_classifier(about: PackageMetadata) -> str:
    names = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or [] if line.startswith("License ::")]
    return next((name for name in names if name != "OSI Approved"), "")


def is_compatible(licence: str) -> bool:
    """Whether a package with ``licence`` may be asked for by a program under MIT."""
    parts = [part.strip(" ()") for part in re.split(r"\bAND\b|\bOR\b", licence)]
    return all(COMPATIBLE.fullmatch(part) or WEAK_COPYLEFT.fullmatch(part) for part in parts)


def dependencies(root: Path) -> list[str]:
    """Names of the packages that the program asks for."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return sorted(re.match(r"[A-Za-z0-9._-]+", line).group() for line in project["dependencies"])  # type: ignore[union-attr]


def licences_page(root: Path) -> str:
    """Page with the licences of everything that a copy of nabij consists of."""
    return "\n".join(
        [
            NOTE,
            "# Licences\n",
            "nabij itself is under the MIT licence (`LICENSE` at the root of the checkout). The data have licences of "
            "their own, by source: see [Data](data.md). A figure, table or map that you pass on names the sources it "
            "rests on.\n",
            "## Copied into the checkout\n",
            table(("work", "where, with its licence beside it", "licence"), COPIED),
            "## Asked for\n",
            "Packages that the program asks for, with the licence that each declares. All may be used by a program "
            "under MIT; those under LGPL or MPL are used as they are, from a place of their own, and can be replaced "
            "there.\n",
            table(("package", "licence"), ((f"`{name}`", licence_of(name)) for name in dependencies(root))),
        ]
    )
