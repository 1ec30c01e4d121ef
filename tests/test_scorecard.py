"""The scorecard's picture shows the numbers of claims that it is given."""

from collections import Counter
from types import SimpleNamespace

import matplotlib as mpl

mpl.use("Agg")

from kdsrc.claims import VERDICTS, all_claims  # noqa: E402
from kdsrc.report import scorecard  # noqa: E402


def judged(*rows):
    return [
        (SimpleNamespace(record=record, origin=origin), SimpleNamespace(verdict=verdict))
        for origin, record, verdict in rows
    ]


def test_counts_by_group_and_verdict_of_the_paper_and_the_book_apart():
    rows = judged(
        ("paper", "figure2", "holds"),
        ("paper", "live", "refuted"),
        ("book", "figure2", "no effect"),
        ("paper", "figure2", "holds"),
    )
    assert scorecard.counts(rows, "paper") == {"The theory": Counter(refuted=1), "Figure 2": Counter(holds=2)}
    assert scorecard.counts(rows, "book") == {"Figure 2": Counter({"no effect": 1})}
    assert list(scorecard.counts(rows)) == ["The theory", "Figure 2"]
    assert scorecard.counts(rows)["Figure 2"].total() == 3


def test_bars_add_up_and_start_where_the_last_one_ends():
    rows = [("paper", "figure1", verdict) for verdict in VERDICTS for _ in range(VERDICTS.index(verdict) + 1)]
    paper, book = scorecard.picture(judged(*rows, ("book", "digits", "holds")))
    bars = [bar.patches[0] for bar in paper.containers]
    assert [bar.get_width() for bar in bars] == [*range(1, len(VERDICTS) + 1)]
    assert [bar.get_x() for bar in bars] == [sum(range(place + 1)) for place in range(len(VERDICTS))]
    assert [bar.patches[0].get_width() for bar in book.containers] == [1]
    assert paper.get_title(loc="left") == "55 claims of the paper"


def test_a_number_on_stripes_or_dots_is_outlined_and_hides_none_of_them():
    for count in (1, 2):
        paper, _ = scorecard.picture(judged(*(("paper", "figure1", verdict) for verdict in VERDICTS * count)))
        for bars, number in zip(paper.containers, paper.texts, strict=True):
            plain = not scorecard.LOOKS[bars.get_label()][1]
            assert number.get_text() == (str(count) if plain or count > 1 else "")  # the axis tells of a part of one
            assert number.get_bbox_patch() is None and bool(number.get_path_effects()) != plain


def test_every_claim_belongs_to_a_group_and_every_verdict_has_a_look():
    assert {claim.record for claim in all_claims()} <= set(scorecard.GROUPS)
    assert tuple(scorecard.LOOKS) == VERDICTS
