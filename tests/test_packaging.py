"""The files that describe the project agree with each other, and the lock is complete."""

import ast
import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import kdsrc

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import versions  # noqa: E402

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]
MARK = Path(sys.prefix) / ".kdsrc-versions"  # written by tools/setup_venv.py
KIND = MARK.read_text("utf-8") if MARK.exists() else "lock"
of_the_lock = pytest.mark.skipif(KIND != "lock", reason=f"reads the locked packages, and these are the {KIND}")
PLATFORMS = [
    {
        "sys_platform": name.lower(),
        "platform_system": name,
        "platform_machine": machine,
        "os_name": "posix",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "python_version": version,
        "python_full_version": f"{version}.0",
    }
    for name, machine in [("Linux", "x86_64"), ("Darwin", "arm64")]
    for version in ["3.11", "3.12", "3.13"]
]


def read_lock():
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    return [Requirement(line) for line in lines]


def declared():
    return [need for need in versions.declared(PYPROJECT) if need.name != "setuptools"]


LOCK = {canonicalize_name(pin.name): pin for pin in read_lock()}


def pinned(pin):
    """The version of a pin, which has to be exact."""
    (specifier,) = pin.specifier
    assert specifier.operator == "==" and "*" not in specifier.version, f"{pin} is not an exact pin"
    return Version(specifier.version)


def closure(platform):
    """Names that the declared requirements lead to on a platform, by the installed metadata."""
    todo, seen = declared() + [Requirement(text) for text in PYPROJECT["build-system"]["requires"]], set()
    while todo:
        need = todo.pop()
        key = (canonicalize_name(need.name), frozenset(need.extras))
        if key in seen:
            continue
        seen.add(key)
        try:
            requires = distribution(need.name).requires or []
        except PackageNotFoundError:  # of another platform: a leaf
            continue
        for child in map(Requirement, requires):
            if child.marker is None or any(
                child.marker.evaluate(platform | {"extra": extra}) for extra in ["", *need.extras]
            ):
                todo.append(child)
    return {name for name, _ in seen}


def test_lock_is_sorted_exact_and_without_doubles():
    names = [pin.name.upper() for pin in read_lock()]  # as `sort -f` does
    assert names == sorted(set(names))
    assert all(pinned(pin).local is None for pin in LOCK.values())
    assert str(LOCK["torch"].specifier) == "==2.13.0"


@pytest.mark.parametrize("need", declared(), ids=lambda need: need.name)
def test_lock_meets_the_declared_range(need):
    assert need.specifier.contains(pinned(LOCK[canonicalize_name(need.name)]))


@of_the_lock
@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda p: f"{p['sys_platform']}-{p['python_version']}")
def test_lock_holds_exactly_what_the_project_leads_to(platform):
    locked = {name for name, pin in LOCK.items() if pin.marker is None or pin.marker.evaluate(platform)}
    # the CUDA parts that torch asks for in its GPU build come with torch, not from the lock
    needed = {name for name in closure(platform) if not re.match(r"nvidia-|cuda-|triton$", name)}
    assert locked == needed


@of_the_lock
def test_installed_versions_are_the_locked_ones():
    installed = {name: Version(distribution(name).version) for name in LOCK if name != "appnope"}
    differ = {
        name: str(version) for name, version in installed.items() if Version(version.public) != pinned(LOCK[name])
    }
    assert not differ, f"not as locked: {differ}; run make setup, or make lock if this is meant"


def test_installed_versions_are_those_of_the_environment():
    """All of them are within the bounds; the oldest are the bounds themselves, but for torch of the lock."""
    for need in versions.declared(PYPROJECT):
        installed = Version(Version(distribution(need.name).version).public)
        assert need.specifier.contains(installed), f"{need.name} {installed}"
        if KIND == "oldest":
            allowed = {versions.lower_bound(need)} | ({pinned(LOCK["torch"])} if need.name == "torch" else set())
            assert installed in allowed, f"{need.name} {installed} is not the lower bound"


def test_other_versions_are_computed_from_the_bounds():
    needs = [Requirement(text) for text in ["numpy>=2.1,<3", "scikit_learn>=1.5.2", "nbval==0.11.0", "torch>=2.6,<3"]]
    oldest = ["numpy==2.1", "scikit-learn==1.5.2", "nbval==0.11.0"]
    assert versions.requirements(needs, "oldest", {"torch": "2.13.0"}) == [*oldest, "torch==2.13.0"]
    assert versions.requirements(needs, "oldest", {}) == [*oldest, "torch==2.6"]
    assert versions.requirements(needs, "newest", {"torch": "2.13.0"}) == [
        "numpy<3,>=2.1",
        "scikit-learn>=1.5.2",
        "nbval==0.11.0",
        "torch==2.13.0",
    ]
    assert versions.locked("torch") == str(pinned(LOCK["torch"]))
    with pytest.raises(ValueError, match="no lower bound for numpy"):
        versions.requirements([Requirement("numpy<3")], "oldest", {})


def test_markers_choose_the_requirements_of_this_python():
    project = {
        "dependencies": ["a>=1 ; python_version < '3'", "b>=1 ; python_version >= '3'"],
        "optional-dependencies": {group: [] for group in versions.GROUPS},
    }
    needs = versions.declared({"build-system": {"requires": []}, "project": project})
    assert [need.name for need in needs] == ["b"]


def test_conda_has_the_locked_pins_of_all_that_is_declared():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    (pip_part,) = (part["pip"] for part in environment["dependencies"] if isinstance(part, dict))
    assert pip_part[0] == "--constraint requirements.lock"
    pins = {canonicalize_name(pin.name): pin for pin in map(Requirement, pip_part[1:])}
    assert pins.keys() == {canonicalize_name(need.name) for need in declared()}
    assert {name: pinned(pin) for name, pin in pins.items()} == {name: pinned(LOCK[name]) for name in pins}


def test_the_cluster_extra_is_what_the_tests_start_a_cluster_with():
    extras = PROJECT["optional-dependencies"]
    cluster, tested = (
        {canonicalize_name(need.name): need.specifier for need in map(Requirement, extras[name])}
        for name in ("cluster", "test")
    )
    assert cluster and cluster.items() <= tested.items()


def test_one_version_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    latest = re.search(r"^## \[(\d[^\]]*)\] - (\S+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert PROJECT["version"] == str(citation["version"]) == kdsrc.__version__ == latest[1]
    assert str(citation["date-released"]) == latest[2]


def test_one_licence_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert PROJECT["license"] == citation["license"] == "BSD-3-Clause"
    assert text.startswith("BSD 3-Clause License") and "the kdsrc authors" in text


def test_one_python_floor_everywhere():
    floor = re.fullmatch(r">=(3\.\d+)", PROJECT["requires-python"])[1]
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    assert f"python>={floor}" in environment["dependencies"]
    assert re.search(r"^OLDEST\s*:=\s*(\S+)$", (ROOT / "Makefile").read_text("utf-8"), re.M)[1] == floor
    assert PYPROJECT["tool"]["ruff"]["target-version"] == "py" + floor.replace(".", "")
    for name in ["README.md", "CONTRIBUTING.md"]:
        named = set(re.findall(r"Python\s*(?:≥|>=)?\s*(3\.\d+)", (ROOT / name).read_text("utf-8")))
        assert named == {floor}, f"{name} says Python {named}"
    for workflow in (ROOT / ".github" / "workflows").glob("*.yml"):
        assert f'"{floor}"' in workflow.read_text("utf-8"), f"{workflow.name} does not run on the floor"


def test_the_layers_are_told_as_import_linter_holds_them():
    layers = next(found for found in PYPROJECT["tool"]["importlinter"]["contracts"] if found["type"] == "layers")
    told = re.findall(r"^\d\. (`.*)$", kdsrc.__doc__, re.M)
    assert [set(re.findall(r"`(\w+)`", line)) for line in told] == [
        set(layer.split(" | ")) for layer in reversed(layers["layers"])
    ]
    table = re.findall(r"^\| \d \| (`.*) \|$", (ROOT / "book" / "api.md").read_text("utf-8"), re.M)
    assert [set(re.findall(r"`(\w+)`", line)) for line in table] == [
        set(layer.split(" | ")) for layer in layers["layers"]
    ]


def public_functions():
    """Module, name and node of every function and method of kdsrc that is not private, also in no private class."""
    for path in sorted((ROOT / "kdsrc").rglob("*.py")):
        body = ast.parse(path.read_text("utf-8")).body
        classes = [node for node in body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
        for owner, nodes in [("", body), *((f"{node.name}.", node.body) for node in classes)]:
            for node in nodes:
                if isinstance(node, ast.FunctionDef) and (node.name == "__init__" or not node.name.startswith("_")):
                    yield f"{path.relative_to(ROOT)}: {owner}{node.name}", node


def test_every_public_function_says_its_types():
    def untyped(node):
        names = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        return node.returns is None or any(
            name.annotation is None and name.arg not in ("self", "cls") for name in names
        )

    assert [name for name, node in public_functions() if untyped(node)] == []
    assert (ROOT / "kdsrc" / "py.typed").exists()
    assert PYPROJECT["tool"]["setuptools"]["package-data"] == {"kdsrc": ["py.typed"]}


MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = {name for line in re.findall(r"^([a-z]+(?: [a-z]+)*):(?!=)", MAKEFILE, re.M) for name in line.split()}


def test_help_tells_of_every_target():
    (phony,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE.replace("\\\n", " "), re.M)
    assert set(phony.split()) == TARGETS
    told = set(re.findall(r'@echo "make ([a-z]+)', MAKEFILE)) | set(re.findall(r"\((distclean):", MAKEFILE))
    assert told == TARGETS - {"help", "setup"}
    assert "`make lock`" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def values(job, key):
    """What a matrix gives to one of its keys."""
    matrix = job["strategy"]["matrix"]
    return matrix.get(key) or [row[key] for row in matrix["include"]]


def test_workflows_run_targets_that_exist():
    used = {}
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        for job in yaml.safe_load(path.read_text("utf-8"))["jobs"].values():
            for step in job["steps"]:
                for plain, key in re.findall(r"\bmake (?:([a-z ]+)|\$\{\{ matrix\.(\w+) \}\})", step.get("run", "")):
                    used.setdefault(path.stem, set()).update(plain.split() or values(job, key))
    assert used == {
        "ci": {"test", "check"},
        "pages": {"book", "pdf", "pack"},
        "weekly": {"machines", "coverage", "oldest", "newest", "binder"},
    }
    assert set.union(*used.values()) <= TARGETS


def test_weekly_covers_every_python_that_is_promised():
    weekly = yaml.safe_load((ROOT / ".github" / "workflows" / "weekly.yml").read_text("utf-8"))
    assert values(weekly["jobs"]["versions"], "python") == list(dict.fromkeys(p["python_version"] for p in PLATFORMS))


def test_actions_have_one_version_each():
    uses = [
        use
        for path in (ROOT / ".github" / "workflows").glob("*.yml")
        for use in re.findall(r"uses: (\S+)", path.read_text("utf-8"))
    ]
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", use) for use in uses)
    assert len({use.split("@")[0] for use in uses}) == len(set(uses))


def test_every_make_target_in_the_documents_exists():
    for name in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ".ci/run"]:
        used = set(re.findall(r"`make ([a-z]+)|^\s*(?:exec )?make ([a-z]+)", (ROOT / name).read_text("utf-8"), re.M))
        assert {a or b for a, b in used} <= TARGETS, name
    for target in ["check", "machines", "oldest", "newest"]:
        assert all(f"`make {target}" in (ROOT / name).read_text("utf-8") for name in ["README.md", "CONTRIBUTING.md"])
