"""A program that saves plans as fast as it can and says which ones are saved: see ``test_scenario_databases.py``."""

from __future__ import annotations

import sys
from hashlib import sha256

from loaders.storage.plan_store import ScenarioStore, Stored


def plan(number: int, **more: object) -> Stored:
    """A plan of some kilobytes under the id that its content gives it."""
    document = f'{{"number": {number}, "filling": "{"ë" * 1500}"}}'
    told = {"name": f"plan {number}", "note": "", "snapshot": "abc", "service": "bureau"} | more
    return Stored(id=sha256(document.encode()).hexdigest()[:20], document=document, **told)  # type: ignore[arg-type]


def main() -> None:
    """Save plans ``first`` to ``last`` in the database at an address, telling every number that is saved."""
    address, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with ScenarioStore(address) as store:
        sys.stdin.readline()
        for number in range(first, last):
            store.put(plan(number, kept=True))
            print(number, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
