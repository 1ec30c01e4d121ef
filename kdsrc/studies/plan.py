"""How long a sweep takes on how many cores, from what its tasks were measured to take.

A task cannot be divided, and cores take the longest one that is left (longest processing time first): with many cores
it is the longest task, not their number, that sets the end.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from kdsrc.records import Record
from kdsrc.studies.conditions import Condition
from kdsrc.studies.ground import asked
from kdsrc.studies.store import Store
from kdsrc.studies.sweep import Point, Sweep
from kdsrc.studies.sweep_runner import measured

__all__ = ["CORES", "Plan", "makespan", "plan", "work"]

CORES = (1, 16, 256)


@dataclass(frozen=True)
class Plan:
    """What a sweep costs.

    Attributes
    ----------
    seconds : dict of str to float
        Of one seed of each point, on one core.
    measured : int
        Of how many points they were measured; those of the others are in proportion to their units × iterations.
    seeds : int
    processor : str
        Of the machine that measured.

    Examples
    --------
    >>> Plan({"one": 60.0, "two": 30.0}, 2, 1, "any").until_done(2)
    60.0
    """

    seconds: dict[str, float]
    measured: int
    seeds: int
    processor: str

    def until_done(self, cores: int) -> float:
        """Seconds until the last task is done."""
        return float(makespan(np.repeat([*self.seconds.values()], self.seeds), cores))


def plan(study: Sweep, scale: str, seeds: int | None, record: Record | None, *, root: Path | str | None = None) -> Plan:
    """The cost of a sweep, from the rows of its record, or from its first point, which is run now if there is none.

    Examples
    --------
    >>> from kdsrc import records
    >>> from kdsrc.studies import SWEEPS
    >>> found = plan(SWEEPS["pairs"], "paper", None, records.load("pairs"))
    >>> found.seeds, found.until_done(256) < found.until_done(1)
    (16, True)
    """
    settings, seeds = asked("plan", study, scale, seeds)
    points = study.points(settings)
    names = [*points]
    if record is None:
        with TemporaryDirectory() as folder:
            record = measured(study, scale, names[0], Store(Path(folder)), root=root)
    rows, seconds = record.measures["point"], record.measures["seconds"]
    known = {names[number]: float(np.median(seconds[rows == number])) for number in np.unique(rows)}
    rate = sum(known.values()) / sum(work(points[name]) for name in known)
    costs = {name: known.get(name, rate * work(point)) for name, point in points.items()}
    processors = dict.fromkeys(maker["machine"]["processor"] for maker in record.provenance["makers"])
    return Plan(costs, len(known), seeds, ", ".join(processors))


def work(point: Point) -> int:
    """Units × iterations of all networks that a point trains, each once."""
    longest: dict[Condition, int] = {}
    waiting = [*point.arms.values()]
    while waiting:
        one = waiting.pop()
        longest[one.family] = max(one.iterations, longest.get(one.family, 0))
        waiting += one.teachers
    return sum(family.width * iterations for family, iterations in longest.items())


def makespan(seconds: Iterable[float], cores: int) -> float:
    """When the last of independent tasks ends, the longest given out first."""
    ends = [0.0] * cores
    for one in sorted(seconds, reverse=True):
        heapq.heapreplace(ends, ends[0] + one)
    return max(ends)
