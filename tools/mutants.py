"""Small faults, one at a time, planted in a clone of the project: which of them no test notices.

mutants.py [--count N] [--seed S] [--only PART] [--jobs J]      200 mutants of all of kdsrc, two at a time, unless told

Each is one changed comparison, sign, number, `min` for `max` or `and` for `or`, outside of messages and docstrings.
First the tests run without a fault: they must all pass, or every fault would seem to be noticed, and coverage writes
down which of them runs which line. Then each fault meets the tests that run its line, until one fails; where a line
runs when its module is imported, the test files that name it, too. What none of them notices meets the pages that
use the module, for their outputs are tests too; all verdicts are on the scorecard. Results are kept, one a line, in
_build/mutants/SEED.jsonl: the same command goes on from there. A survivor is a hole in the tests, or a change that
alters nothing: that is for a reader to say.
"""

import argparse
import ast
import copy
import json
import os
import queue
import random
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from coverage import CoverageData

ROOT = Path(__file__).resolve().parents[1]
SWAPS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
PROCESSES = ("test_faults.py", "test_cluster.py")  # they time real processes: on a busy machine they fail by themselves
NAMES = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "any": "all", "all": "any"}


def changes(node):
    """What can be done to a node: functions that change it in place."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        yield lambda found: found.ops.__setitem__(0, SWAPS[type(found.ops[0])]())
    if isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp) and type(node.op) in SWAPS:
        yield lambda found: setattr(found, "op", SWAPS[type(found.op)]())
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield lambda found: setattr(found, "op", ast.UAdd())
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield lambda found: setattr(
            found, "value", found.value + 1 if type(found.value) is int else 1.5 * found.value or 1.0
        )
    for kind, key in ((ast.Name, "id"), (ast.Attribute, "attr")):
        if isinstance(node, kind) and getattr(node, key) in NAMES:
            yield lambda found, key=key: setattr(found, key, NAMES[getattr(found, key)])


def reached(tree):
    """Nodes outside of messages, annotations and f-strings, in a fixed order."""
    todo = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Raise | ast.JoinedStr | ast.arg | ast.AnnAssign):
            continue
        yield node
        todo += reversed(list(ast.iter_child_nodes(node)))


def mutants(path):
    """Every mutant of a file: its line and a function that gives its source."""
    tree = ast.parse(path.read_text("utf-8"))
    for number, node in enumerate(reached(tree)):
        for which, _ in enumerate(changes(node)):
            yield getattr(node, "lineno", 0), (number, which)


def mutated(path, place):
    """The source of one mutant, and the changed statement before and after."""
    tree = copy.deepcopy(ast.parse(path.read_text("utf-8")))
    number, which = place
    node = next(found for at, found in enumerate(reached(tree)) if at == number)
    before = ast.unparse(node)
    list(changes(node))[which](node)
    return ast.unparse(tree), f"{before} -> {ast.unparse(node)}"


def test_files():
    """All files of tests of the engine."""
    files = [*sorted((ROOT / "tests").glob("test_*.py")), *sorted((ROOT / "tests/slow").glob("test_*.py"))]
    return [file for file in files if file.name not in PROCESSES]


def files_that_name(path):
    """Files of tests that name the module, or what it is handed on by."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    package, _, last = name.rpartition(".")
    named = re.compile(rf"\b{re.escape(name)}\b|from {re.escape(package)} import [^\n]*\b{last}\b")
    if package != "kdsrc":
        named = re.compile(f"{named.pattern}|from {re.escape(package)} import")
    files = [file for file in test_files() if named.search(file.read_text("utf-8"))]
    return [str(file.relative_to(ROOT)) for file in files] or ["tests/test_docstrings.py"]


def pages_that_use(path):
    """References of the pages that import the module or what it offers; of report they would compare no picture."""
    *package, last = path.relative_to(ROOT).with_suffix("").parts
    if "report" in package:
        return []
    offered = re.search(r"__all__ = \[(.*?)\]", path.read_text("utf-8"), re.S)
    names = {last, *re.findall(r'"(\w+)"', offered[1] if offered else "")}
    audit = {"claims": ["scorecard"], "theory": ["errata", "scorecard"]}.get(package[1] if len(package) > 1 else "", [])
    references = sorted((ROOT / "tests/notebooks").glob("*.ipynb"))
    found = [reference for reference in references if reference.stem in audit or names & imported(reference)]
    return [str(reference.relative_to(ROOT)) for reference in found]


@cache
def imported(reference):
    """The names that a page imports from the engine."""
    cells = json.loads(reference.read_text("utf-8"))["cells"]
    trees = [ast.parse("".join(cell["source"])) for cell in cells if cell["cell_type"] == "code"]
    nodes = [node for tree in trees for node in tree.body if isinstance(node, ast.ImportFrom)]
    return {alias.name for node in nodes if node.module.startswith("kdsrc") for alias in node.names}


def run_tests(clone, tests, *options):
    """Pytest's exit code and what it said in a clone; it counts as a failure where it hangs for twenty minutes."""
    env = os.environ | {"PYTHONPATH": str(clone), "OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1", "MPLBACKEND": "agg"}
    (clone / ".tests").write_text("\n".join(tests), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, "@.tests"]
    try:
        answer = subprocess.run(command, cwd=clone, env=env, capture_output=True, text=True, timeout=1_200)
    except subprocess.TimeoutExpired:
        return 1, "it hangs"
    return answer.returncode, answer.stdout


def tests_by_line(clone, jobs):
    """For each file of the engine, the tests that run each line; SystemExit where a test fails without a fault."""
    together, coverage = ["-n", str(jobs), "--dist", "loadfile"], ["--cov=kdsrc", "--cov-context=test", "--cov-report="]
    code, said = run_tests(clone, [str(file.relative_to(ROOT)) for file in test_files()], *together, *coverage)
    if not code:
        code, said = run_tests(clone, ["tests/notebooks"], *together)
    if code:
        raise SystemExit(f"mutants: without a fault, the tests must pass\n{said[-3_000:]}")
    data = CoverageData(basename=str(clone / ".coverage"))
    data.read()
    return {
        str(Path(file).relative_to(clone)): {
            line: {context.rpartition("|")[0] for context in contexts}
            for line, contexts in data.contexts_by_lineno(file).items()
        }
        for file in data.measured_files()
    }


def tests_of(path, line, known):
    """The tests that run the statement of this line, of the module's own files first; none where no test runs it."""
    holds = [
        node
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.stmt) and node.lineno <= line <= node.end_lineno
    ]
    lines = known.get(str(path.relative_to(ROOT)), {})
    found = lines.get(line, set()) | lines.get(max((node.lineno for node in holds), default=line), set())
    named = files_that_name(path) if "" in found else []  # it runs when the module is imported
    return named + sorted(found - {""}, key=lambda test: ("slow" in test, path.stem.rstrip("s") not in test, test))


def noticed(clone, path, source, tests):
    """Whether a test fails (or hangs) with this source in place of the module's."""
    target = clone / path.relative_to(ROOT)
    kept = target.read_bytes()
    try:
        target.write_text(source, "utf-8")
        code, _ = run_tests(clone, tests, "-x")
        if code == 4:  # a test has another name now, as its parameters come from the changed line
            code, _ = run_tests(clone, sorted({test.split("::")[0] for test in tests}), "-x")
    finally:
        target.write_bytes(kept)
    return code != 0


def main():
    parser = argparse.ArgumentParser(description="Plant small faults and see which of them no test notices.")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="kdsrc", help="part of the path, such as kdsrc/dynamics")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    files = [path for path in sorted((ROOT / "kdsrc").rglob("*.py")) if options.only in str(path.relative_to(ROOT))]
    places = [(path, line, place) for path in files for line, place in mutants(path)]
    drawn = random.Random(options.seed).sample(places, min(options.count, len(places)))
    folder = ROOT / "_build" / "mutants"
    log, clones = folder / f"{options.seed}.jsonl", queue.SimpleQueue()
    folder.mkdir(parents=True, exist_ok=True)
    done = [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []
    made = {(one["file"], *one["place"]) for one in done}
    for number in range(options.jobs):
        clone = folder / f"clone-{options.seed}-{number}"
        shutil.rmtree(clone, ignore_errors=True)
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        clones.put(clone)
    known = tests_by_line(clone, options.jobs)

    def plant(path, line, place):
        source, told = mutated(path, place)
        tests, clone = tests_of(path, line, known), clones.get()
        try:
            caught = any(some and noticed(clone, path, source, some) for some in (tests, pages_that_use(path)))
        finally:
            clones.put(clone)
        name = str(path.relative_to(ROOT))
        done.append({"file": name, "line": line, "place": place, "change": told, "tests": len(tests), "caught": caught})
        with log.open("a", encoding="utf-8") as kept:
            kept.write(json.dumps(done[-1], ensure_ascii=False) + "\n")
        print(f"{'caught  ' if caught else 'SURVIVED'} {name}:{line} {told}", flush=True)

    with ThreadPoolExecutor(options.jobs) as pool:
        todo = [one for one in drawn if (str(one[0].relative_to(ROOT)), *one[2]) not in made]
        list(pool.map(lambda one: plant(*one), todo))
    caught = sum(one["caught"] for one in done)
    print(f"{caught} of {len(done)} caught; survivors: {log}")


if __name__ == "__main__":
    main()
