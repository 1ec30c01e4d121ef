"""The report of `make bench`: its schema, and that the page on speed shows all of it."""

import contextlib
import io
import json
import re
from pathlib import Path

import pytest

from kdsrc import records
from kdsrc.report import page as report_page

ROOT = Path(__file__).resolve().parents[1]
FIELDS = {
    "format": int,
    "date": str,
    "complete": bool,
    "machine": dict,
    "threads": list,
    "environment": dict,
    "versions": dict,
    "load": float,
    "idle": bool,
    "data": str,
    "seconds": int,
    "rows": list,
}


@pytest.fixture(scope="module")
def report():
    return json.loads((records.RESULTS / "benchmarks" / "report.json").read_text(encoding="utf-8"))


def test_schema(report):
    assert set(report) == set(FIELDS) and report["format"] == 1
    for name, kind in FIELDS.items():
        assert type(report[name]) is kind, name
    assert set(report["machine"]) == {"processor", "cores", "system", "python"}
    assert set(report["versions"]) == {"kdsrc", "numpy", "scipy", "torch"}
    assert all({"library", "version", "threads", "architecture"} == set(pool) for pool in report["threads"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", report["date"])
    assert report["idle"] == (report["load"] <= 0.5)
    bare = [row["value"] for row in report["rows"] if row["case"].endswith("step / bare products")]
    assert len(bare) == 2 and min(bare) > 0.95  # a step holds its own products


def test_rows_are_judged_by_their_targets(report):
    rows = report["rows"]
    assert rows and len({row["case"] for row in rows}) == len(rows)
    for row in rows:
        assert set(row) == {"case", "value", "unit", "target", "reached"} and row["value"] >= 0
        if row["target"] is None:
            assert row["reached"] is None
            continue
        sign, bound = row["target"].split()
        met = {"≤": row["value"] <= float(bound), "≥": row["value"] >= float(bound)}[sign]
        # the verdict was made before the value was rounded to four digits
        assert row["reached"] == met or row["value"] == pytest.approx(float(bound), rel=1e-3)
        assert row["reached"] or row["unit"] != "GB"  # memory is asserted


def test_page_shows_every_row(report):
    page = (ROOT / "book" / "scale.md").read_text(encoding="utf-8")
    cells = re.findall(r"```{code-cell} ipython3\n(?:---\n.*?---\n|:tags.*?\n\n?)?(.*?)```", page, re.S)
    reads, shows = (next(cell for cell in cells if part in cell) for part in ("bench = ", "measured(list(rows))"))
    shown, names = io.StringIO(), {"records": records, "json": json, "page": report_page}
    with contextlib.redirect_stdout(shown):
        exec(reads, names)
        exec(shows.replace("measured(list(rows))", "print(measured(list(rows)))"), names)
    text = shown.getvalue().replace("\u00a0", " ")  # a target does not break behind its sign
    assert f"load {report['load']:.2f}" in text and report["date"] in text
    assert ("NOT A FINAL RUN" in text) == (not (report["idle"] and report["complete"]))
    for row in report["rows"]:
        (line,) = [line for line in text.splitlines() if line.startswith(row["case"] + " ")]
        assert (f"{row['value']:.3g}" if row["value"] > 1e-10 else "< 1e−10") in line
        assert (row["target"] or "").replace("e-0", "e−") in line
        assert ("missed" in line) == (row["reached"] is False) and ("reached" in line) == (row["reached"] is True)
