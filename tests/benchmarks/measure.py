"""What the benchmarks share: synthetic rows, runs in turns by the wall clock, a process of its own, the report."""

import json
import os
import platform
import resource
import subprocess
import sys
import time
from datetime import date
from importlib.metadata import version
from statistics import median

import numpy as np
from threadpoolctl import threadpool_info

from kdsrc.records import RESULTS

REPORT = RESULTS / "benchmarks" / "report.json"
DIM = 3_072
IDLE = 0.5  # load average up to which a machine counts as idle


def alike(n: int, n_test: int = 2_000, dim: int = DIM):
    """Unit rows that share most of their length, as images do, and labels ±1: x, y, x_test, y_test."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n + n_test, dim), dtype=np.float32).astype(float)
    x += 1.0
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    y = rng.choice([-1.0, 1.0], size=n + n_test)
    return x[:n], y[:n], x[n:], y[n:]


def alternate(steps: dict, rounds: int, calls: int = 1) -> dict:
    """Median seconds of a call by the wall clock. The functions take turns; each first has one call not counted."""
    seconds = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            step()
            start = time.perf_counter()
            for _ in range(calls):
                step()
            seconds[name].append((time.perf_counter() - start) / calls)
    return {name: median(values) for name, values in seconds.items()}


def peak_gigabytes() -> float:
    unit = 2**30 if sys.platform == "darwin" else 2**20  # ru_maxrss is in bytes there, in kB elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def alone(script: str, *arguments) -> dict:
    """The JSON line of a benchmark run as a program: a process of its own has a peak memory of its own."""
    line = subprocess.run(
        [sys.executable, script, *map(str, arguments)], capture_output=True, text=True, check=True
    ).stdout
    return json.loads(line)


def slope(sizes, values) -> float:
    """Exponent p of values ∝ sizes^p, least squares in the logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


class Report:
    """Rows of a run of the benchmarks, and what they were measured on."""

    def __init__(self):
        self.rows, self.start, self.load = [], time.perf_counter(), os.getloadavg()[0]

    def add(self, case: str, value: float, unit: str, target: str | None = None) -> bool:
        """Keep and print a row; target is '≤ number' or '≥ number'. Returns whether it is reached."""
        reached = None
        if target:
            sign, bound = target.split()
            reached = bool(value <= float(bound)) if sign == "≤" else bool(value >= float(bound))
        self.rows.append(
            {"case": case, "value": float(f"{value:.4g}"), "unit": unit, "target": target, "reached": reached}
        )
        sys.stdout.write(f"\n{line(self.rows[-1])}")
        return reached is not False

    def write(self, complete: bool, path=REPORT) -> None:
        pools = [
            {
                "library": pool["internal_api"],
                "version": pool["version"],
                "threads": pool["num_threads"],
                "architecture": pool.get("architecture"),
            }
            for pool in threadpool_info()
        ]
        report = {
            "format": 1,
            "date": date.today().isoformat(),
            "complete": complete,
            "machine": {
                "processor": processor(),
                "cores": os.cpu_count(),
                "system": platform.system(),
                "python": platform.python_version(),
            },
            "threads": pools,
            "environment": {name: os.environ[name] for name in sorted(os.environ) if name.endswith("_NUM_THREADS")},
            "versions": {name: version(name) for name in ("kdsrc", "numpy", "scipy", "torch")},
            "load": round(self.load, 2),
            "idle": self.load <= IDLE,
            "data": "synthetic: unit rows of 3 072 numbers with a common mean, labels ±1 at random",
            "seconds": round(time.perf_counter() - self.start),
            "rows": self.rows,
        }
        path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        if not report["idle"]:
            sys.stdout.write(
                f"\nWARNING: the load average was {self.load:.1f} at the start: the machine was not idle, "
                "and seconds and ratios are not to be trusted.\n"
            )


def line(row: dict) -> str:
    verdict = {None: "", True: "reached", False: "MISSED"}[row["reached"]]
    return f"{row['case']:55} {row['value']:10.4g} {row['unit']:8} {row['target'] or '':8} {verdict}"


def processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(text.split(":", 1)[1].strip() for text in file if text.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
