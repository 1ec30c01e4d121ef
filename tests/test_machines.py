"""Settings of make machines: which there are, what they set, when one has not taken hold, and the table."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
import machines  # noqa: E402
import run_tests  # noqa: E402
from machines import Setting  # noqa: E402

LINUX = ("Linux", "x86_64")
NEW = ["X86_V3", "X86_V4", "AVX512_ICL", "AVX512_SPR"]  # NumPy 2.4's names
OLD = ["SSE42", "AVX", "F16C", "FMA3", "AVX2", "AVX512F", "AVX512_SKX"]  # NumPy 2.1's
HELD = {
    "openblas": {"numpy": "Nehalem", "scipy": "Nehalem"},
    "numpy": [],
    "aten": "default",
    "mkl": "compatible",
    "threads": {"openblas of numpy": 2, "torch": 2},
}
NEHALEM = Setting("nehalem", 2)


def names(settings):
    return [setting.name for setting in settings]


def test_settings_are_four_machines_with_one_thread_and_two():
    assert names(machines.chosen([], LINUX)) == [
        "native-1",
        "native-2",
        "haswell-1",
        "haswell-2",
        "sandybridge-1",
        "sandybridge-2",
        "nehalem-1",
        "nehalem-2",
    ]
    assert names(machines.chosen(["haswell", "native-2"], LINUX)) == ["native-2", "haswell-1", "haswell-2"]


def test_unknown_machine_is_refused_with_the_known_ones():
    with pytest.raises(SystemExit, match="no prescott; choose from .*sandybridge-2"):
        machines.chosen(["native", "prescott"], LINUX)


@pytest.mark.parametrize("system", [("Darwin", "arm64"), ("Darwin", "x86_64"), ("Linux", "aarch64")])
def test_elsewhere_only_native_applies(system, capsys):
    assert names(machines.chosen([], system)) == ["native-1", "native-2"]
    assert f"only native applies on {' '.join(system)}" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="nothing to run"):
        machines.chosen(["haswell"], system)


@pytest.mark.parametrize(
    ("machine", "dispatched", "off"),
    [
        ("haswell", NEW, "X86_V4 AVX512_ICL AVX512_SPR"),
        ("sandybridge", NEW, " ".join(NEW)),
        ("nehalem", NEW, " ".join(NEW)),
        ("haswell", OLD, "AVX512F AVX512_SKX"),
        ("sandybridge", OLD, "F16C FMA3 AVX2 AVX512F AVX512_SKX"),
        ("nehalem", OLD, "AVX F16C FMA3 AVX2 AVX512F AVX512_SKX"),
    ],
)
def test_numpy_features_above_the_machine_are_switched_off(machine, dispatched, off):
    env = machines.environment(Setting(machine, 1), dispatched, "AuthenticAMD", base={})
    assert env["NPY_DISABLE_CPU_FEATURES"] == off


def test_environment_of_a_setting_replaces_what_was_set():
    base = {
        "PATH": "/bin",
        "OPENBLAS_CORETYPE": "Zen",
        "MKL_CBWR": "SSE4_2",
        "OMP_NUM_THREADS": "7",
        "NPY_ENABLE_CPU_FEATURES": "AVX2",
        "BOOK_EXEC_CACHE": "/site",
    }
    threads = {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"}
    rest = {"PATH": "/bin", "TQDM_DISABLE": "1"}
    assert machines.environment(Setting("native", 2), NEW, "GenuineIntel", base) == rest | threads
    assert machines.environment(NEHALEM, NEW, "GenuineIntel", base) == rest | threads | {
        "OPENBLAS_CORETYPE": "Nehalem",
        "NPY_DISABLE_CPU_FEATURES": " ".join(NEW),
        "ATEN_CPU_CAPABILITY": "default",
        "MKL_CBWR": "COMPATIBLE",
    }


def test_mkl_of_a_haswell_is_named_on_intel_only():
    assert machines.mkl_branch("haswell", "GenuineIntel") == "avx2"
    assert machines.mkl_branch("haswell", "AuthenticAMD") == "auto"


def test_a_setting_that_holds_has_no_fault():
    assert machines.faults(NEHALEM, HELD, "AuthenticAMD") == []
    assert machines.faults(NEHALEM, HELD | {"mkl": None}, "AuthenticAMD") == []  # torch without MKL
    haswell = HELD | {
        "openblas": {"numpy": "Haswell", "scipy": "Haswell"},
        "numpy": ["X86_V3"],
        "aten": "avx2",
        "mkl": "avx2",
    }
    assert machines.faults(Setting("haswell", 2), haswell, "GenuineIntel") == []
    assert machines.faults(Setting("native", 2), haswell | {"aten": "avx512", "numpy": NEW}, "GenuineIntel") == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"openblas": {"numpy": "Nehalem", "scipy": "Haswell"}}, "OpenBLAS of scipy runs Haswell, not Nehalem"),
        ({"openblas": {"numpy": "Nehalem"}}, "not in both numpy and scipy"),
        ({"openblas": {}}, "neither"),
        ({"numpy": ["X86_V3"]}, "NumPy still uses X86_V3"),
        ({"aten": "avx2"}, "ATen runs avx2, not default"),
        ({"mkl": "auto"}, "MKL runs auto, not compatible"),
        ({"threads": {"openblas of numpy": 2, "torch": 1}}, "torch has 1 threads, not 2"),
    ],
)
def test_each_way_not_to_hold_is_a_fault_of_its_own(change, words):
    (fault,) = machines.faults(NEHALEM, HELD | change, "AuthenticAMD")
    assert words in fault


def test_native_is_checked_for_its_threads():
    assert machines.faults(Setting("native", 1), HELD, "") == [
        "openblas of numpy has 2 threads, not 1",
        "torch has 2 threads, not 1",
    ]


def test_a_setting_that_does_not_hold_runs_nothing(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(machines, "RESULTS", tmp_path)
    answers = {"a plain process": HELD, "a page's kernel": HELD | {"aten": "avx2"}}
    monkeypatch.setattr(machines, "ask", lambda env: answers)
    monkeypatch.setattr(machines.subprocess, "run", None)
    assert machines.run(NEHALEM, [], NEW, "") == {machines.SETTING: "FAILED"}
    assert "nehalem-2 FAILED: it has not taken hold in a page's kernel: ATen runs avx2" in capsys.readouterr().out


def test_junit_report_is_read_and_a_dead_run_shows(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text("""<testsuites><testsuite>
        <testcase classname="tests.test_krylov" name="test_a"/>
        <testcase classname="tests.notebooks.theorem2" name="Cell 3"><failure message="x">x</failure></testcase>
        <testcase classname="tests.test_krylov" name="test_b"><skipped message="no data"/></testcase>
        <testcase classname="" name="tests.test_gone"><error message="collection failure"/></testcase>
        </testsuite></testsuites>""")
    found = {
        "test_krylov::test_a": "ok",
        "notebooks.theorem2::Cell 3": "FAILED",
        "test_krylov::test_b": "skipped",
        "::tests.test_gone": "FAILED",
    }
    assert machines.outcomes(report, 1) == found
    report.write_text('<testsuites><testsuite><testcase classname="tests.a" name="b"/></testsuite></testsuites>')
    assert machines.outcomes(report, 0) == {"a::b": "ok"}
    assert machines.outcomes(report, -4) == {"a::b": "ok", machines.RUN: "FAILED"}
    assert machines.outcomes(tmp_path / "none.xml", 3) == {machines.RUN: "FAILED"}


def test_table_has_what_failed_or_ended_otherwise_and_the_counts():
    text = machines.table(
        {
            "native-1": {"a::same": "ok", "a::page": "ok", "a::browser": "skipped"},
            "nehalem-1": {"a::same": "ok", "a::page": "FAILED", "a::browser": "ok"},
            "nehalem-2": {machines.SETTING: "FAILED"},
        }
    )
    assert [line.split() for line in text.splitlines()] == [
        ["native-1", "nehalem-1", "nehalem-2"],
        ["a::page", "ok", "FAILED", "-"],
        ["a::browser", "skipped", "ok", "-"],
        ["(the", "setting)", "-", "-", "FAILED"],
        ["passed", "2", "2", "0"],
        ["failed", "0", "1", "1"],
        ["skipped", "1", "0", "0"],
    ]


def test_reports_of_settings_run_one_by_one_make_one_table_and_only_of_one_commit(tmp_path):
    case = '<testsuite><testcase classname="tests.test_a" name="test_b">{}</testcase></testsuite>'
    for name, end, made in (("native-1", "", "abc"), ("nehalem-2", "<failure/>", "abc")):
        (tmp_path / f"{name}.xml").write_text(case.format(end))
        (tmp_path / f"{name}.commit").write_text(made)
    assert machines.kept(tmp_path) == {"native-1": {"test_a::test_b": "ok"}, "nehalem-2": {"test_a::test_b": "FAILED"}}
    (tmp_path / "nehalem-2.commit").write_text("abc-dirty")
    with pytest.raises(SystemExit, match="native-1 of abc, nehalem-2 of abc-dirty; run these settings again"):
        machines.kept(tmp_path)


def test_table_says_when_nothing_differs():
    assert "No test failed" in machines.table({"native-1": {"a": "ok"}, "native-2": {"a": "ok"}})


def test_steps_are_chosen_and_only_a_site_keeps_the_executed_pages(monkeypatch):
    monkeypatch.delenv("BOOK_EXEC_CACHE", raising=False)
    assert "BOOK_EXEC_CACHE" not in run_tests.environment(["lint", "engine and pages"])
    assert "BOOK_EXEC_CACHE" in run_tests.environment(list(run_tests.STEPS))
    monkeypatch.setattr(sys, "argv", ["run_tests.py", "engine"])
    with pytest.raises(SystemExit, match="2"):
        run_tests.main()
