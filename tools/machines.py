"""Engine tests and pages as several processors would run them, and what differs: make machines

machines.py [MACHINE ...] [-- ARGUMENTS OF PYTEST]      MACHINE: haswell is both haswell-1 and haswell-2 (threads)
machines.py --table      what the last run of each setting left in _build/machines, of one commit

The variables make OpenBLAS, NumPy and torch take the code that they would take on an older processor. Libraries
ignore a value that they do not know, so each setting is first asked what it computes with, in a plain process
and in a page's kernel; where the answer is not what was set, the setting fails and runs nothing.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

import processor
import run_tests
from pages import ROOT

RESULTS = ROOT / "_build" / "machines"
POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
KERNELS = (
    "OPENBLAS_CORETYPE",
    "NPY_DISABLE_CPU_FEATURES",
    "NPY_ENABLE_CPU_FEATURES",
    "ATEN_CPU_CAPABILITY",
    "MKL_CBWR",
)
SETTING, RUN = "(the setting)", "(the run)"  # rows of the table that are no test


@dataclass(frozen=True)
class Processor:
    """A kind of processor: what OpenBLAS and ATen call it, and how the features begin that it lacks in NumPy."""

    openblas: str
    aten: str
    lacks: tuple[str, ...]


AVX512 = ("X86_V4", "AVX512")
PROCESSORS = {
    "haswell": Processor("Haswell", "avx2", AVX512),
    "sandybridge": Processor("Sandybridge", "default", (*AVX512, "X86_V3", "AVX2", "FMA", "F16C", "XOP")),
    "nehalem": Processor("Nehalem", "default", ("X86_V3", "X86_V4", "AVX", "FMA", "F16C", "XOP")),
}


@dataclass(frozen=True)
class Setting:
    """A processor ("native" for the one that is here) and a number of threads."""

    machine: str
    threads: int

    @property
    def name(self):
        return f"{self.machine}-{self.threads}"


SETTINGS = [Setting(machine, threads) for machine in ("native", *PROCESSORS) for threads in (1, 2)]


def chosen(names, system=None):
    """The settings that were named, all without a name; those of other processors on Linux x86_64 alone."""
    known = {setting.name for setting in SETTINGS} | {setting.machine for setting in SETTINGS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"machines: there is no {', '.join(unknown)}; choose from {' '.join(sorted(known))}")
    wanted = [setting for setting in SETTINGS if not names or {setting.name, setting.machine} & {*names}]
    system = system or (platform.system(), platform.machine())
    if system == ("Linux", "x86_64"):
        return wanted
    possible = [setting for setting in wanted if setting.machine == "native"]
    if len(possible) < len(wanted):
        print(
            f"machines: only native applies on {' '.join(system)}: the other processors are of x86_64, and their "
            "variables are set on Linux only"
        )
    if not possible:
        raise SystemExit("machines: nothing to run")
    return possible


def mkl_branch(machine, vendor):
    """What MKL_CBWR is set to: on processors of other makers MKL knows only "auto" and "compatible"."""
    if machine == "haswell":
        return "avx2" if vendor == "GenuineIntel" else "auto"
    return "compatible"


def environment(setting, dispatched, vendor, base=None):
    """The variables of a setting, given the features that this NumPy can switch off and the processor's maker."""
    env = {
        name: value
        for name, value in (os.environ if base is None else base).items()
        if name not in (*KERNELS, "BOOK_EXEC_CACHE")
    }
    env |= dict.fromkeys(POOLS, str(setting.threads)) | {"TQDM_DISABLE": "1"}
    kind = PROCESSORS.get(setting.machine)
    if kind is None:
        return env
    off = [name for name in dispatched if name.startswith(kind.lacks)]
    return env | {
        "OPENBLAS_CORETYPE": kind.openblas,
        "NPY_DISABLE_CPU_FEATURES": " ".join(off),
        "ATEN_CPU_CAPABILITY": kind.aten,
        "MKL_CBWR": mkl_branch(setting.machine, vendor).upper(),
    }


def faults(setting, found, vendor):
    """What a probe's answer says against the setting having taken hold, in words; empty where nothing does."""
    wrong = [
        f"{pool} has {count} threads, not {setting.threads}"
        for pool, count in found["threads"].items()
        if count != setting.threads
    ]
    kind = PROCESSORS.get(setting.machine)
    if kind is None:
        return wrong
    if not {"numpy", "scipy"} <= found["openblas"].keys():
        wrong.append(f"OpenBLAS is not in both numpy and scipy (only in: {', '.join(found['openblas']) or 'neither'})")
    wrong += [
        f"OpenBLAS of {name} runs {kernels}, not {kind.openblas}"
        for name, kernels in found["openblas"].items()
        if kernels.lower() != kind.openblas.lower()
    ]
    on = [name for name in found["numpy"] if name.startswith(kind.lacks)]
    if on:
        wrong.append(f"NumPy still uses {' '.join(on)}")
    if found["aten"] != kind.aten:
        wrong.append(f"ATen runs {found['aten']}, not {kind.aten}")
    branch = mkl_branch(setting.machine, vendor)
    if found["mkl"] not in (None, branch):
        wrong.append(f"MKL runs {found['mkl']}, not {branch}")
    return wrong


PROBE = (
    f"import sys; sys.path.insert(0, {str(ROOT / 'tools')!r}); import json, processor; "
    "print(json.dumps(processor.probe()))"
)
PAGE = f"---\nkernelspec: {{name: python3, display_name: python3}}\n---\n\n```{{code-cell}}\n{PROBE}\n```\n"


def ask(env):
    """A probe's answer in a plain process and in a page's kernel: {where: found}, or {where: words of its error}."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "probe.md"
        page.write_text(PAGE, encoding="utf-8")
        by_page = (
            f"import sys; from pathlib import Path; sys.path.insert(0, {str(ROOT / 'tools')!r}); import pages; "
            f"print(pages.execute(Path({str(page)!r})).cells[-1].outputs[-1].text)"
        )
        answers = {}
        for where, code in [("a plain process", PROBE), ("a page's kernel", by_page)]:
            done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, text=True, capture_output=True)
            try:
                answers[where] = json.loads(done.stdout)
            except ValueError:
                answers[where] = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    return answers


def outcomes(report, returncode):
    """Test -> "ok", "FAILED" or "skipped", from pytest's junit file; a failure that it does not show gets a row."""
    found = {}
    if report.exists():
        for case in ElementTree.parse(report).getroot().iter("testcase"):
            name = f"{case.get('classname', '')}::{case.get('name')}".removeprefix("tests.")
            kinds = {child.tag for child in case}
            found[name] = "FAILED" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "ok"
    if returncode and "FAILED" not in found.values():
        found[RUN] = "FAILED"  # a worker died, nothing was collected
    return found


def table(results):
    """The tests that failed somewhere or did not end alike, by setting, and each setting's counts.

    results : setting's name -> test -> outcome.
    """
    tests = dict.fromkeys(test for found in results.values() for test in found)  # in their order
    ends = {test: [found.get(test, "-") for found in results.values()] for test in tests}
    rows = [[test, *cells] for test, cells in ends.items() if "FAILED" in cells or len({*cells} - {"-"}) > 1]
    counts = [
        [label, *(str(sum(end == kind for end in found.values())) for found in results.values())]
        for label, kind in [("passed", "ok"), ("failed", "FAILED"), ("skipped", "skipped")]
    ]
    lines = [["", *results], *rows, *counts]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = ["  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]).rstrip() for line in lines]
    return "\n".join([*text, "" if rows else "No test failed, and each ended alike in every setting."]).rstrip()


def run(setting, arguments, dispatched, vendor):
    """Check one setting and run the tests as it: their outcomes. pytest's report stays in _build/machines."""
    print(f"\n== {setting.name} ==", flush=True)
    env, report = environment(setting, dispatched, vendor), RESULTS / f"{setting.name}.xml"
    report.unlink(missing_ok=True)
    answers = ask(env)
    for where, found in answers.items():
        wrong = [found] if isinstance(found, str) else faults(setting, found, vendor)
        if wrong:
            print(f"{setting.name} FAILED: it has not taken hold in {where}: {'; '.join(wrong)}", flush=True)
            return {SETTING: "FAILED"}
    print(processor.described(answers["a plain process"]), flush=True)
    # as many workers as leave each its threads: threads that wait for a core would only show the waiting
    workers = max(1, (os.cpu_count() or 1) // setting.threads)
    load, started = os.getloadavg()[0], time.monotonic()
    command = [*run_tests.ENGINE, "-n", str(workers), f"--junitxml={report}", *arguments]
    report.with_suffix(".commit").write_text(commit(), encoding="utf-8")
    done = subprocess.run(command, cwd=ROOT, env=env)
    spent = time.monotonic() - started
    print(f"== {setting.name}: {spent:.0f} s, workers: {workers}, load at its start: {load:.1f} ==", flush=True)
    return outcomes(report, done.returncode)


def commit():
    """The commit that is checked out, and whether files were changed since."""
    told = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    return subprocess.run(told, cwd=ROOT, text=True, capture_output=True).stdout.strip() or "no commit"


def kept(folder=RESULTS):
    """Outcomes of the settings whose reports were left, by setting; refused where they are of several commits."""
    found = {setting.name: folder / f"{setting.name}.xml" for setting in SETTINGS}
    found = {name: report for name, report in found.items() if report.exists()}
    made = {name: report.with_suffix(".commit").read_text(encoding="utf-8") for name, report in found.items()}
    if len({*made.values()}) != 1:
        told = ", ".join(f"{name} of {one}" for name, one in made.items()) or "none"
        raise SystemExit(f"machines: reports of one commit are needed, there are: {told}; run these settings again")
    return {name: outcomes(report, 0) for name, report in found.items()}


def main(arguments):
    if arguments == ["--table"]:
        print(table(kept()))
        return 0
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    settings = chosen(arguments[:cut])
    RESULTS.mkdir(parents=True, exist_ok=True)
    from numpy._core._multiarray_umath import __cpu_dispatch__ as dispatched

    vendor, results = processor.vendor(), {}
    try:
        for setting in settings:
            results[setting.name] = run(setting, arguments[cut + 1 :], dispatched, vendor)
    except KeyboardInterrupt:
        print("\nmachines: interrupted; what follows is of the settings that were done", flush=True)
    print(f"\n{table(results)}")
    done = len(results) == len(settings) and all(results.values())
    return 0 if done and not any("FAILED" in found.values() for found in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
