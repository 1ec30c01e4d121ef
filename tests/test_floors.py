"""The engine's floors, as the docstring of `kdsrc` lists them: all modules are there, and none imports from above."""

import ast
import re
from pathlib import Path

import pytest

import kdsrc

ROOT = Path(kdsrc.__file__).parent
LIST = re.search(r"^1\. .*?(?=\n\n)", kdsrc.__doc__, re.M | re.S)[0]
ORDER = re.findall(r"`(\w+)`", LIST)


def imported(path):
    """Modules of the engine that a file imports anywhere, in functions too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("kdsrc."))
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            package, _, rest = node.module.partition(".")
            if package == "kdsrc":
                yield from [rest.split(".")[0]] if rest else (alias.name for alias in node.names)


def test_every_module_stands_on_one_floor():
    found = {path.stem for path in ROOT.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert sorted(ORDER) == sorted(found - {"__init__"})


@pytest.mark.parametrize("name", ORDER)
def test_imports_go_downward(name):
    files = [ROOT / f"{name}.py"] if (ROOT / f"{name}.py").exists() else sorted((ROOT / name).rglob("*.py"))
    allowed = {*ORDER[: ORDER.index(name) + 1], "__version__"}
    assert {module for path in files for module in imported(path)} <= allowed
