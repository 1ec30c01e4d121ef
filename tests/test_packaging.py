"""The files that describe the project agree with each other, and the lock is complete."""
import re
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
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]
LOCKED_GROUPS = ["book", "test"]                      # the extras that make installs
PLATFORMS = [
    {"sys_platform": name.lower(), "platform_system": name, "platform_machine": machine, "os_name": "posix",
     "implementation_name": "cpython", "platform_python_implementation": "CPython",
     "python_version": version, "python_full_version": f"{version}.0"}
    for name, machine in [("Linux", "x86_64"), ("Darwin", "arm64")] for version in ["3.11", "3.12", "3.13"]
]


def read_lock():
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    return [Requirement(line) for line in lines]


def declared():
    groups = [PROJECT["dependencies"], *(PROJECT["optional-dependencies"][name] for name in LOCKED_GROUPS)]
    return [Requirement(text) for group in groups for text in group]


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
        except PackageNotFoundError:                   # of another platform: a leaf
            continue
        for child in map(Requirement, requires):
            if child.marker is None or any(child.marker.evaluate(platform | {"extra": extra})
                                           for extra in ["", *need.extras]):
                todo.append(child)
    return {name for name, _ in seen}


def test_lock_is_sorted_exact_and_without_doubles():
    names = [pin.name.upper() for pin in read_lock()]        # as `sort -f` does
    assert names == sorted(set(names))
    assert all(pinned(pin).local is None for pin in LOCK.values())
    assert str(LOCK["torch"].specifier) == "==2.13.0"


@pytest.mark.parametrize("need", declared(), ids=lambda need: need.name)
def test_lock_meets_the_declared_range(need):
    assert need.specifier.contains(pinned(LOCK[canonicalize_name(need.name)]))


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda p: f"{p['sys_platform']}-{p['python_version']}")
def test_lock_holds_exactly_what_the_project_leads_to(platform):
    locked = {name for name, pin in LOCK.items() if pin.marker is None or pin.marker.evaluate(platform)}
    # the CUDA parts that torch asks for in its GPU build come with torch, not from the lock
    needed = {name for name in closure(platform) if not re.match(r"nvidia-|cuda-|triton$", name)}
    assert locked == needed


def test_installed_versions_are_the_locked_ones():
    installed = {name: Version(distribution(name).version) for name in LOCK if name != "appnope"}
    differ = {name: str(version) for name, version in installed.items()
              if Version(version.public) != pinned(LOCK[name])}
    assert not differ, f"not as locked: {differ}; run make setup, or make lock if this is meant"


def test_conda_has_the_locked_pins_of_all_that_is_declared():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    (pip_part,) = (part["pip"] for part in environment["dependencies"] if isinstance(part, dict))
    assert pip_part[0] == "--constraint requirements.lock"
    pins = {canonicalize_name(pin.name): pin for pin in map(Requirement, pip_part[1:])}
    assert pins.keys() == {canonicalize_name(need.name) for need in declared()}
    assert {name: pinned(pin) for name, pin in pins.items()} == {name: pinned(LOCK[name]) for name in pins}


def test_cluster_extra_stays_out_of_the_lock():
    cluster = map(Requirement, PROJECT["optional-dependencies"]["cluster"])
    names = {canonicalize_name(need.name) for need in cluster}
    assert names and not names & LOCK.keys()


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


def test_every_make_target_in_the_documents_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    for name in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ".ci/run"]:
        used = set(re.findall(r"`make ([a-z]+)|^\s*(?:exec )?make ([a-z]+)",
                              (ROOT / name).read_text("utf-8"), re.M))
        assert {a or b for a, b in used} <= targets, name
