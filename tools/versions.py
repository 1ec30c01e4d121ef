"""Print what an environment of other versions is made of: python tools/versions.py oldest|newest [--torch lock|bound]

oldest   each package that pyproject.toml names at its lower bound; what those need, as pip finds it
newest   the newest version that the bounds allow

Both are computed from pyproject.toml, for the Python that runs this. torch stays at the version of
requirements.lock, unless --torch bound asks for its own: its other builds are gigabytes.
"""

import argparse
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
GROUPS = ["book", "test"]  # the extras that make installs


def declared(pyproject):
    """The requirements in pyproject.toml that make installs, those to build with included, for this Python."""
    project = pyproject["project"]
    groups = [
        pyproject["build-system"]["requires"],
        project["dependencies"],
        *(project["optional-dependencies"][name] for name in GROUPS),
    ]
    needs = [Requirement(text) for group in groups for text in group]
    return [need for need in needs if need.marker is None or need.marker.evaluate()]


def lower_bound(need):
    """The oldest version that a requirement claims to work with; ValueError where it claims none."""
    bounds = [Version(part.version) for part in need.specifier if part.operator in (">=", "==", "~=")]
    if not bounds:
        raise ValueError(f"pyproject.toml gives no lower bound for {need.name}: write {need.name}>=VERSION")
    return max(bounds)


def requirements(needs, kind, pinned):
    """Lines for pip, one a package: at the bound ("oldest"), within it ("newest"); `pinned` names go as given."""
    lines = []
    for need in needs:
        name = canonicalize_name(need.name)
        if name in pinned:
            lines.append(f"{name}=={pinned[name]}")
        elif kind == "oldest":
            lines.append(f"{name}=={lower_bound(need)}")
        else:
            lines.append(f"{name}{need.specifier}")
    return lines


def locked(name):
    """The version of one package in requirements.lock."""
    pins = map(Requirement, (ROOT / "requirements.lock").read_text("utf-8").splitlines())
    (pin,) = (pin for pin in pins if canonicalize_name(pin.name) == name)
    return next(iter(pin.specifier)).version


def main():
    parser = argparse.ArgumentParser(description="Requirements of an environment of other versions.")
    parser.add_argument("kind", choices=["oldest", "newest"])
    parser.add_argument("--torch", choices=["lock", "bound"], default="lock")
    arguments = parser.parse_args()
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    pinned = {"torch": locked("torch")} if arguments.torch == "lock" else {}
    print("\n".join(requirements(declared(pyproject), arguments.kind, pinned)))


if __name__ == "__main__":
    main()
