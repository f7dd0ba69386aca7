"""Fuzz parsers with atheris, guided by which lines of ours they reach: ``python -m tests.fuzz NAME|all [options]``.

With ``all`` the first byte of an input says which parser it is for. Options are those of libFuzzer, such as
``-runs=100000`` or ``-max_total_time=600``. It ends with the first input from which anything but a `NabijError` comes
out, and writes that input to ``crash-…``.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["loaders"]):
    from loaders.reading_room.room import without_child
    from tests.fuzz.targets import TARGETS, run, seeds

LONGEST = 1 << 16


def main(arguments: list[str]) -> None:
    """Fuzz the parser that the first argument names, or all."""
    names = list(TARGETS) if arguments[:1] == ["all"] else arguments[:1]
    if not names or names[0] not in TARGETS:
        sys.exit(f"Name one of {', '.join(TARGETS)}, or all.")
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as corpus:
        for number, name in enumerate(names):
            for position, data in enumerate(seeds(name)):
                Path(corpus, f"{name}-{position}").write_bytes(bytes([number]) + data)

        def one_input(data: bytes) -> None:
            if data:
                run(names[data[0] % len(names)], data[1:])

        atheris.Setup([sys.argv[0], "-seed=1", f"-max_len={LONGEST}", *arguments[1:], corpus], one_input)
        with without_child():
            atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
