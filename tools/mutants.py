"""Small faults, one at a time, planted in a copy of the engine: which of them no test notices.

mutants.py [--count N] [--seed S] [--only PART]      200 mutants of all of kdsrc unless told

Each is one changed comparison, sign, number, `min` for `max` or `and` for `or`, outside of messages and docstrings. The
tests that import the changed module run in a clone of the project, and stop at their first failure. They must
all pass there before a fault is planted, or every fault would seem to be noticed. Results are kept, one a line, in
_build/mutants/SEED.jsonl: the same command goes on from there. A survivor is a hole in the tests, or a change that
alters nothing: that is for a reader to say.
"""

import argparse
import ast
import copy
import json
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

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


def tests_of(path):
    """Files of tests that name the module, or what it is handed on by; first those that have its name in theirs."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    package, _, last = name.rpartition(".")
    named = re.compile(rf"\b{re.escape(name)}\b|from {re.escape(package)} import [^\n]*\b{last}\b")
    if package != "kdsrc":
        named = re.compile(f"{named.pattern}|from {re.escape(package)} import")
    files = [*sorted((ROOT / "tests").glob("test_*.py")), *(ROOT / "tests/slow").glob("test_*.py")]
    files = [test for test in files if test.name not in PROCESSES and named.search(test.read_text("utf-8"))]
    files.sort(key=lambda test: last.rstrip("s") not in test.name)
    return [str(test.relative_to(ROOT)) for test in files] or ["tests/test_docstrings.py"]


def tried(copied, tests):
    """What pytest answers to these files in the clone; None where it hangs."""
    env = os.environ | {"PYTHONPATH": str(copied), "OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1", "MPLBACKEND": "agg"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    try:
        return subprocess.run(command, cwd=copied, env=env, capture_output=True, text=True, timeout=1_800)
    except subprocess.TimeoutExpired:
        return None


def noticed(copied, path, source, tests):
    """Whether a test fails (or hangs) with this source in place of the module's."""
    target = copied / path.relative_to(ROOT)
    kept = target.read_bytes()
    try:
        target.write_text(source, "utf-8")
        answer = tried(copied, tests)
    finally:
        target.write_bytes(kept)
    return answer is None or answer.returncode != 0


def main():
    parser = argparse.ArgumentParser(description="Plant small faults and see which of them no test notices.")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="kdsrc", help="part of the path, such as kdsrc/dynamics")
    options = parser.parse_args()
    files = [path for path in sorted((ROOT / "kdsrc").rglob("*.py")) if options.only in str(path.relative_to(ROOT))]
    places = [(path, line, place) for path in files for line, place in mutants(path)]
    drawn = random.Random(options.seed).sample(places, min(options.count, len(places)))
    folder = ROOT / "_build" / "mutants"
    log, copied = folder / f"{options.seed}.jsonl", folder / f"copy-{options.seed}"
    folder.mkdir(parents=True, exist_ok=True)
    done = [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []
    shutil.rmtree(copied, ignore_errors=True)
    subprocess.run(["git", "clone", "--quiet", ROOT, copied], check=True)
    known = {(one["file"], *one["place"]) for one in done}
    answer = tried(copied, sorted({test for path, _, _ in drawn for test in tests_of(path)}))
    if answer is None or answer.returncode:
        raise SystemExit(f"mutants: without a fault, the tests must pass\n{answer and answer.stdout[-3_000:]}")
    for path, line, place in drawn:
        name = str(path.relative_to(ROOT))
        if (name, *place) in known:
            continue
        source, told = mutated(path, place)
        caught = noticed(copied, path, source, tests_of(path))
        done.append({"file": name, "line": line, "place": place, "change": told, "caught": caught})
        with log.open("a", encoding="utf-8") as kept:
            kept.write(json.dumps(done[-1], ensure_ascii=False) + "\n")
        print(f"{'caught  ' if caught else 'SURVIVED'} {name}:{line} {told}", flush=True)
    caught = sum(one["caught"] for one in done)
    print(f"{caught} of {len(done)} caught; survivors: {log}")


if __name__ == "__main__":
    main()
