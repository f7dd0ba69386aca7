"""``python -m tests.mutants [MODULE ...]``: put faults into the code one at a time and count those the tests notice."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.mutants.run import PATIENCE, MutantRun, MutationError, Outcome, Runner, copy_of
from tests.mutants.table import TABLE, MutantTarget, read_table, sampled

ROOT = Path(__file__).resolve().parents[2]
GOAL = 0.95
"""Share of the faults that must be noticed."""

SAMPLE, SEED = 25, 20261122


def parser() -> argparse.ArgumentParser:
    """Options of the command."""
    made = argparse.ArgumentParser(prog="script/mutants", description="See which faults in the code the tests notice.")
    made.add_argument("modules", nargs="*", metavar="MODULE", help="part of a path; default: all in the table")
    made.add_argument("--sample", type=int, default=SAMPLE, help=f"faults per module, 0 for all (default {SAMPLE})")
    made.add_argument("--seed", type=int, default=SEED, help=f"which faults are drawn (default {SEED})")
    made.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="runs at a time (default: one per core)")
    made.add_argument("--line", type=int, help="only faults on this line")
    made.add_argument("--list", action="store_true", help="show the faults and run nothing")
    made.add_argument(
        "--patience", type=float, default=PATIENCE, help=f"times as long as without a fault (default {PATIENCE})"
    )
    made.add_argument("--table", type=Path, default=TABLE, help=argparse.SUPPRESS)
    made.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    return made


def main(arguments: list[str]) -> int:
    """Run; 0 when enough faults are noticed, 1 when not, 2 when it cannot be told."""
    asked = parser().parse_args(arguments)
    try:
        return _run(asked)
    except MutationError as error:
        sys.stderr.write(f"script/mutants: {error}\n")
        return 2


def _run(asked: argparse.Namespace) -> int:
    root = asked.root.resolve()
    libraries, every = read_table(asked.table)
    targets = [target for target in every if not asked.modules or any(part in target.path for part in asked.modules)]
    if not targets:
        raise MutationError(f"no module in the table is called {' or '.join(asked.modules)}; see {asked.table.name}.")
    chosen = {target: _tasks(target, root, asked) for target in targets}
    if asked.list:
        for target, tasks in chosen.items():
            for task in tasks:
                _tell(_shown(task, root))
            _tell(f"{target.path}: {len(tasks)} faults\n")
        return 0
    own = sorted({path.name.removesuffix(".py") for path in root.iterdir() if _is_ours(path)})
    results: dict[str, Counter[Outcome]] = {}
    with tempfile.TemporaryDirectory(prefix="nabij-mutants-") as folder:
        copies = [copy_of(root, Path(folder).resolve() / f"copy-{number}") for number in range(max(1, asked.jobs))]
        runner = Runner(root, copies, own, libraries, asked.patience)
        for target, tasks in chosen.items():
            results[target.path] = _module(runner, target, tasks, root)
    return _summary(results)


def _is_ours(path: Path) -> bool:
    return path.suffix == ".py" or (path.is_dir() and any(path.glob("*.py")) and not path.name.startswith("."))


def _tasks(target: MutantTarget, root: Path, asked: argparse.Namespace) -> list[MutantRun]:
    mutants = target.mutants(root)
    if asked.line:
        source = (root / target.path).read_bytes()
        mutants = [mutant for mutant in mutants if mutant.lines(source)[0] == asked.line]
    drawn = sampled(mutants, asked.sample, f"{asked.seed}:{target.path}")
    return [MutantRun(target.path, target.tests, mutant) for mutant in drawn]


def _module(runner: Runner, target: MutantTarget, tasks: list[MutantRun], root: Path) -> Counter[Outcome]:
    counts: Counter[Outcome] = Counter()
    took = runner.baseline(target.tests)
    began = time.monotonic()
    for task, outcome in runner.run(tasks):
        counts[outcome] += 1
        if outcome == "survived":
            _tell(_shown(task, root))
    spent = time.monotonic() - began
    _tell(f"{_line(target.path, counts)}; {spent:.0f} s, {took:.1f} s a run without a fault\n")
    return counts


def _shown(task: MutantRun, root: Path) -> str:
    source = (root / task.path).read_bytes()
    where = f" in {task.mutant.where}" if task.mutant.where else ""
    head = f"{task.path}:{task.mutant.lines(source)[0]}: {task.mutant.kind}{where}"
    return f"{head}\n{task.mutant.diff(source, task.path)}\n"


def _line(name: str, counts: Counter[Outcome]) -> str:
    caught = counts["caught"] + counts["never ends"]
    never, survived = counts["never ends"], counts["survived"]
    return f"{name}: {caught} of {counts.total()} caught ({never} never ended), {survived} survived"


def _summary(results: dict[str, Counter[Outcome]]) -> int:
    whole: Counter[Outcome] = Counter()
    for counts in results.values():
        whole.update(counts)
    if not whole.total():
        raise MutationError("there is no fault to put in.")
    share = 1 - whole["survived"] / whole.total()
    _tell(f"\n{_line('All modules', whole)}: {100 * share:.1f} % caught, {100 * GOAL:.0f} % wanted.\n")
    return 0 if share >= GOAL else 1


def _tell(words: str) -> None:
    sys.stdout.write(words)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
