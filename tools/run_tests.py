"""All of make test, step by step: lint, engine and pages, slow tests, the site and its checks.

run_tests.py [STEP ...]      all but coverage without a name; make check is lint and "engine and pages"

A failed step does not hide what the later ones find; the last line counts everything, and the
exit code is 0 only if each step did something and nothing failed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTEST = [sys.executable, "-m", "pytest", "-q"]
SLOW = "tests/slow"  # records found again on all images; real processes, clusters and kernels
# One execution for both uses: the notebook tests leave their outputs where the book looks for them. The two workers get
# whole files in the order of names: the pages, which take the longest, come first. Of the site each page goes alone,
# but what reads all pages stays together and parses them once.
ENGINE = [
    *[*PYTEST, "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"],
    *["--ignore", "tests/site", "--ignore", "tests/benchmarks"],
]
STEPS = {
    "lint": [sys.executable, "tools/lint.py"],
    "engine and pages": [*ENGINE, "--ignore", SLOW],
    "slow tests": [*PYTEST, "-n", "2", "--dist", "loadgroup", SLOW],
    "coverage": [*ENGINE, "--ignore", "tests/notebooks", "--cov=kdsrc", "--cov-report=term:skip-covered"],
    "site": [sys.executable, "tools/build_book.py"],
    "site checks": [*PYTEST, "-n", "2", "--dist", "loadgroup", "tests/site"],
}


def environment(steps):
    """One thread for each of the two workers, no progress bars; for a site, one folder for executed pages."""
    env = os.environ | {"TQDM_DISABLE": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    if "site" in steps:
        from build_book import execution_cache

        env["BOOK_EXEC_CACHE"] = str(execution_cache())
    return env


def counts(report, returncode):
    """(passed, failed, skipped) of a step: from pytest's report, else the step counts as one test."""
    if not report.exists():
        return (0, 1, 0) if returncode else (1, 0, 0)
    suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
    total, failures, errors, skipped = (
        sum(int(suite.get(key, 0)) for suite in suites) for key in ("tests", "failures", "errors", "skipped")
    )
    failed = failures + errors
    if returncode and not failed:  # no test collected, a worker died: the report does not show it
        failed, total = 1, total + 1
    return total - failed - skipped, failed, skipped


def run_step(name, command, env, folder):
    """Run one step with its output shown; return its counts."""
    print(f"\n== {name} ==", flush=True)
    started, report = time.monotonic(), Path(folder) / f"{name.replace(' ', '-')}.xml"
    if "pytest" in command:
        command = [*command, f"--junitxml={report}"]
    result = counts(report, subprocess.run(command, cwd=ROOT, env=env).returncode)
    print(
        f"== {name}: {result[0]} passed, {result[1]} failed, {result[2]} skipped "
        f"in {time.monotonic() - started:.0f} s ==",
        flush=True,
    )
    return result


def main():
    parser = argparse.ArgumentParser(description="Run the tests, step by step.")
    parser.add_argument("steps", nargs="*", metavar="STEP", help=", ".join(STEPS))
    steps = parser.parse_args().steps or [name for name in STEPS if name != "coverage"]
    if unknown := [name for name in steps if name not in STEPS]:
        parser.error(f"no step {', '.join(unknown)}; there are: {', '.join(STEPS)}")
    env = environment(steps)
    with tempfile.TemporaryDirectory() as folder:
        results = [run_step(name, STEPS[name], env, folder) for name in steps]
    passed, failed, skipped = (sum(column) for column in zip(*results, strict=True))
    print(f"\n{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
