"""Kills: SIGKILL while a folder changes and is indexed; nothing acknowledged may be lost.

Run ``python -m benchmarks.kill``. Half of the kills come at random moments, half at named points
that the child process patches into itself. After each kill the library is opened again and
checked against what was acknowledged, then indexed once more and compared with the folder itself
and, now and then, with a fresh library of it. At the end, the time to reopen a library is measured.
Encoders are the fakes of the tests: store and pipeline are measured, not models.
"""

import argparse
import random
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import reopen
from tests.durability.cycle import Killer, Outcome
from tests.durability.points import POINTS


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", help="only points with these words in their names")
    options.add_argument("--compare-every", type=int, default=10, help="kills per full comparison")
    options.add_argument("--keep", type=Path, help="work here and leave it behind")
    chosen = options.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory(prefix="kill-") as temporary:
        outcomes = kills(
            Killer(chosen.keep or Path(temporary), chosen.seed),
            _points(chosen.kills, chosen.only, random.Random(chosen.seed)),
            chosen.compare_every,
            console,
        )
    failed = report(outcomes, console)
    in_time = bool(chosen.only) or reopen.measure(console)
    sys.exit(1 if failed or not in_time else 0)


def _points(count: int, only: str | None, rng: random.Random) -> list[str]:
    """Named points in turn, and as many random moments; or only the points asked for."""
    names = [point.name for point in POINTS if not only or only in point.name]
    if only:
        return [names[number % len(names)] for number in range(count)]
    named = [names[number % len(names)] for number in range(count // 2)]
    drawn = [*named, *[""] * (count - len(named))]
    rng.shuffle(drawn)
    return drawn


def kills(killer: Killer, points: list[str], every: int, console: Console) -> list[Outcome]:
    outcomes = []
    for number, point in enumerate(points, 1):
        outcome = killer.cycle(number, point, compare=number % every == 0)
        outcomes.append(outcome)
        for problem in outcome.problems:
            console.print(
                f"kill {number} ({point or 'random moment'}): {problem}"[:900],
                markup=False,
                highlight=False,
            )
    return outcomes


def report(outcomes: list[Outcome], console: Console) -> bool:
    """Print the table; whether anything was lost or a point was never struck."""
    by_point: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_point[outcome.point or "(random moments)"].append(outcome)
    table = Table("killed at", "runs", "struck", "index rebuilt", "with problems")
    for name, group in sorted(by_point.items()):
        table.add_row(
            name,
            str(len(group)),
            str(sum(each.struck for each in group)),
            str(sum(each.set_aside > 0 for each in group)),
            str(sum(bool(each.problems) for each in group)),
        )
    console.print(table)
    never = [name for name, group in by_point.items() if not any(each.struck for each in group)]
    broken = sum(bool(each.problems) for each in outcomes)
    console.print(
        f"{sum(each.struck for each in outcomes)} kills, {broken} with problems, "
        f"{sum(each.acknowledged for each in outcomes)} acknowledged paths looked for, "
        f"{sum(each.seconds for each in outcomes):.0f} s"
    )
    if never:
        console.print(f"never struck: {', '.join(never)}")
    return bool(broken or never)


if __name__ == "__main__":
    main()
