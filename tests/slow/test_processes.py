"""What only a fresh process shows: which packages it loads, and what its environment makes of processor and threads.

Imports are nearly all of the time that a short command takes.
"""

import ast
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import machines  # noqa: E402
import processor  # noqa: E402
from machines import Setting  # noqa: E402

SHOW = """
import sys
before = set(sys.modules)
{code}
from importlib.metadata import packages_distributions
loaded = {{name.partition(".")[0] for name in set(sys.modules) - before}} & packages_distributions().keys()
print(sorted(loaded - {{"kdsrc"}}), file=sys.stderr)
"""


def loaded(code):
    """Packages outside the standard library and the engine that a fresh process has loaded after `code`."""
    done = subprocess.run([sys.executable, "-c", SHOW.format(code=code)], capture_output=True, text=True, check=True)
    return set(ast.literal_eval(done.stderr.strip().splitlines()[-1]))


def command(*arguments):
    return f"from kdsrc.cli import main; main({list(arguments)!r}, standalone_mode=False)"


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("reproduce", "--help")])
def test_help_loads_the_command_line_alone(arguments):
    assert loaded(command(*arguments)) == {"click"}


def test_verdicts_load_no_more_than_they_compute_with():
    found = loaded(command("verdicts", "live", "figure1"))
    allowed = {"click", "numpy", "scipy", "jaxtyping", "threadpoolctl", "charset_normalizer"}  # the last for f2py
    assert {"click", "numpy", "scipy"} <= found <= allowed
    assert not found & {"torch", "sklearn", "matplotlib", "pandas"}


@pytest.mark.parametrize(
    ("module", "packages"),
    [
        ("kdsrc", set()),
        ("kdsrc.records", {"numpy"}),
        ("kdsrc.claims", {"numpy", "scipy"}),
        ("kdsrc.dynamics.regime", {"numpy", "scipy"}),
        ("kdsrc.theory.errata", {"numpy", "scipy"}),
    ],
)
def test_modules_load_what_they_use(module, packages):
    found = loaded(f"import {module}")
    assert packages <= found and not found & {"torch", "sklearn", "matplotlib", "pandas", "joblib"}


@pytest.mark.parametrize("module", ["kdsrc.data", "kdsrc.problem"])
def test_data_and_problems_need_no_trainer(module):
    assert not loaded(f"import {module}") & {"torch", "sklearn"}


def test_names_at_hand_load_what_they_need():
    assert not loaded("import kdsrc; kdsrc.init_network(2, 3, seed=0)") & {"torch", "sklearn"}
    assert "torch" in loaded("from kdsrc import train")


@pytest.mark.skipif((platform.system(), platform.machine()) != ("Linux", "x86_64"), reason="only native applies here")
def test_libraries_and_a_page_follow_a_setting_and_the_check_sees_a_name_that_openblas_ignores():
    from numpy._core._multiarray_umath import __cpu_dispatch__ as dispatched

    setting = Setting("nehalem", 1)
    env = machines.environment(setting, dispatched, processor.vendor()) | {"OPENBLAS_CORETYPE": "Nehelem"}
    env["OMP_NUM_THREADS"] = env["OPENBLAS_NUM_THREADS"] = env["MKL_NUM_THREADS"] = "2"
    for found in machines.ask(env).values():
        faults = machines.faults(setting, found, processor.vendor())
        assert {fault.split(" runs ")[0] for fault in faults if "runs" in fault} == {
            "OpenBLAS of numpy",
            "OpenBLAS of scipy",
        }
        threads = [fault for fault in faults if "threads" in fault]
        assert len(threads) == len(found["threads"]) or os.cpu_count() == 1
        assert len(faults) == len(threads) + 2


TRAINING = """
import numpy as np
from kdsrc.data import Dataset
from kdsrc.networks import init_network
from kdsrc.training import Arm, train
rng = np.random.default_rng(0)
x, y = rng.standard_normal((620, 320)), rng.choice([-1.0, 1.0], size=620)
data = Dataset(x[:600] / 20, y[:600], x[600:] / 20, y[600:], "random")
start = init_network(260, 320, seed=0)
found = train([Arm("a", start, 0.1, start.features(data.x_train) + 0.1)], data, iterations=30, learning_rate=1e-3,
              record_every=5, progress=False)["a"]
print(found.train_loss.tobytes().hex(), found.network.weights.tobytes().hex())
"""


def test_training_does_not_depend_on_the_threads_of_torch():
    """MKL_NUM_THREADS is what torch asks first; NumPy's product is held by its own variable."""
    found = {
        subprocess.run(
            [sys.executable, "-c", TRAINING],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1", **given},
        ).stdout
        for given in (
            {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
            {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"},
        )
    }
    assert len(found) == 1 and len(found.pop()) > 1_000_000
