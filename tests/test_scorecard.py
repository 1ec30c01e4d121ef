"""The scorecard's picture shows the numbers of claims that it is given."""

from collections import Counter
from types import SimpleNamespace

import matplotlib as mpl

mpl.use("Agg")

from kdsrc.claims import all_claims  # noqa: E402
from kdsrc.claims.framework import VERDICTS  # noqa: E402
from kdsrc.report import scorecard  # noqa: E402


def judged(*rows):
    return [(SimpleNamespace(record=record), SimpleNamespace(verdict=verdict)) for record, verdict in rows]


def test_counts_by_group_and_verdict():
    found = scorecard.counts(judged(("figure2", "holds"), ("live", "refuted"), ("figure2", "holds"), ("live", "holds")))
    assert found == {"theory": Counter(refuted=1, holds=1), "Figure 2": Counter(holds=2)}
    assert list(found) == ["theory", "Figure 2"]


def test_bars_add_up_and_start_where_the_last_one_ends():
    rows = [("figure1", verdict) for verdict in VERDICTS for _ in range(VERDICTS.index(verdict) + 1)]
    bars = [bar.patches[0] for bar in scorecard.picture(judged(*rows)).containers]
    assert [bar.get_width() for bar in bars] == [1, 2, 3, 4, 5, 6]
    assert [bar.get_x() for bar in bars] == [0, 1, 3, 6, 10, 15]


def test_every_claim_belongs_to_a_group():
    assert {claim.record for claim in all_claims()} <= set(scorecard.GROUPS)
