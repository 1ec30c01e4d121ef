"""The log of designs agrees with the repository's history, with the claims, and with itself."""

import subprocess
from pathlib import Path

import pytest

from kdsrc import records
from kdsrc.claims import all_claims, earlier, verdicts
from kdsrc.claims.designs import FIXED, LOG, RECORDED, REVISED, Entry
from kdsrc.claims.framework import SEEN

ROOT = Path(__file__).resolve().parents[1]
CLAIMS = {claim.id: claim for claim in all_claims()}


def git(*arguments):
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True)


@pytest.fixture(scope="module")
def history():
    """The whole history, or nothing to compare with: an archive, or a shallow clone."""
    if git("rev-parse", "--show-toplevel").stdout.strip() != str(ROOT):
        pytest.skip("no repository")
    if git("rev-parse", "--is-shallow-repository").stdout.strip() != "false":
        pytest.skip("a shallow clone has no history")


@pytest.mark.parametrize("entry", LOG, ids=lambda entry: entry.commit)
def test_every_entry_is_a_commit_of_that_day(entry, history):
    assert git("log", "-1", "--format=%ad", "--date=short", entry.commit).stdout.strip() == entry.date
    assert git("merge-base", "--is-ancestor", entry.commit, "HEAD").returncode == 0


@pytest.mark.parametrize("entry", [one for one in LOG if one.kind == RECORDED], ids=lambda entry: entry.commit)
def test_criteria_were_fixed_before_the_record_was_made(entry, history):
    changed = git("show", "--name-only", "--format=", entry.commit).stdout.split()
    for name in entry.records:
        assert f"results/{name}.json" in changed
        fixed = next(one for one in LOG if one.kind == FIXED and name in one.records)
        assert git("merge-base", "--is-ancestor", fixed.commit, entry.commit).returncode == 0
        assert fixed.commit != entry.commit


def test_every_record_with_claims_has_its_criteria_and_its_making_in_the_log():
    """Criteria as soon as there are claims, the making as soon as the record is there."""
    fixed, recorded = ({name for one in LOG if one.kind == kind for name in one.records} for kind in (FIXED, RECORDED))
    judged = {claim.record for claim in all_claims()} - {"live"}
    assert judged <= fixed
    assert judged & recorded == {name for name in judged if records.path(name).is_file()}


def test_what_moved_is_a_claim_and_agrees_with_its_earlier_criterion():
    moved = [(entry, *row) for entry in LOG for row in entry.moved]
    assert len(moved) == 33
    for entry, name, before, after in moved:
        assert before != after and (earlier.criterion(CLAIMS[name]) if entry.records else name in CLAIMS)


def test_late_claims_are_those_on_records_that_had_been_seen_and_not_been_judged():
    late = {name for entry in LOG for name in entry.late}
    same = {"figure2-frozen"}  # a formula, whose criterion has not changed
    assert late == {one.id for one in CLAIMS.values() if one.record in SEEN and not earlier.criterion(one)} - same


def test_the_last_outcome_of_a_claim_that_moved_is_that_of_today():
    last = {name: after for entry in LOG if entry.kind == RECORDED for name, _, after in entry.moved}
    judged = {claim.id: verdict.verdict for claim, verdict in verdicts({CLAIMS[name].record for name in last})}
    assert last == {name: judged[name] for name in last} and last


def test_the_log_is_in_order_and_a_change_has_its_reason():
    assert [one.date for one in LOG] == sorted(one.date for one in LOG)
    assert sum(one.kind == REVISED for one in LOG) >= 5
    with pytest.raises(ValueError, match="needs its reason"):
        Entry("2026-11-24", "abc", REVISED, "something")
