"""The examples in the docstrings run, and everything that readers or pages use has one."""

import ast
import doctest
import importlib
import inspect
import json
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib import pyplot as plt

import kdsrc
from kdsrc import Arm, Dataset, KernelRegime, init_network, load, train

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted(
    module.name for module in pkgutil.walk_packages(kdsrc.__path__, "kdsrc.") if not module.name.endswith(".cli")
)
NETWORK = init_network(4, 6, seed=0, std=1.0, activation="tanh")
# What the API page says that every example starts from
START = {
    "np": np,
    "Arm": Arm,
    "Dataset": Dataset,
    "KernelRegime": KernelRegime,
    "init_network": init_network,
    "load": load,
    "train": train,
    "network": NETWORK,
    "x": np.eye(6)[:5],
    "y": np.array([1.0, -1.0, 1.0, -1.0, 1.0]),
    "knowledge": NETWORK.features(np.eye(6)[:5]) + 0.1,
}


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_show(name):
    module = importlib.import_module(name)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    told = []
    for test in doctest.DocTestFinder(exclude_empty=True).find(module, globs=START | vars(module)):
        runner.run(test, out=told.append)
    plt.close("all")
    assert not runner.failures, "".join(told)


@pytest.mark.parametrize("page", sorted((ROOT / "book").glob("api*.md")), ids=lambda page: page.stem)
def test_the_first_examples_of_the_reference_run(page):
    blocks = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), flags=re.S)
    assert blocks
    for block in blocks:
        exec(block, dict(START))
    plt.close("all")


def own(module):
    """Public functions and classes that a module defines, exceptions and aliases of types left out."""
    for name in getattr(module, "__all__", ()):
        found = getattr(module, name)
        if getattr(found, "__module__", None) == module.__name__ and (inspect.isclass(found) or callable(found)):
            if not (inspect.isclass(found) and issubclass(found, Exception)) and inspect.getdoc(found):
                yield name, found


def called_on_pages():
    """Functions of kdsrc that pages call, as (module, name)."""
    found = set()
    for page in (ROOT / "tests" / "notebooks").glob("*.ipynb"):
        cells = json.loads(page.read_text("utf-8"))["cells"]
        tree = ast.parse("\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"))
        names = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "kdsrc":
                owner = importlib.import_module(node.module)
                names |= {alias.asname or alias.name: getattr(owner, alias.name, None) for alias in node.names}
        for node in ast.walk(tree):
            call = names.get(node.id) if isinstance(node, ast.Name) else None
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                call = getattr(names.get(node.value.id), node.attr, None)
            if inspect.isfunction(call) and call.__module__.startswith("kdsrc"):
                found.add((call.__module__, call.__qualname__))
    return {(module, name) for module, name in found if name in getattr(importlib.import_module(module), "__all__", ())}


def test_public_classes_and_what_pages_call_have_an_example():
    modules = [importlib.import_module(name) for name in MODULES]
    classes = {(m.__name__, name): found for m in modules for name, found in own(m) if inspect.isclass(found)}
    wanted = classes | {
        (module, name): getattr(importlib.import_module(module), name) for module, name in called_on_pages()
    }
    assert len(wanted) > 100
    assert sorted(key for key, found in wanted.items() if ">>>" not in inspect.getdoc(found)) == []
