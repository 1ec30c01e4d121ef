"""Every claim of the paper with its criterion, and verdicts computed from the records.

`all_claims` lists them, `verdicts` reads the records and judges. In the order in which they build on each other:
`framework` says what a claim and a verdict are, `words` how an interval becomes a word, `judging` how effects become a
verdict. The tests: `criteria` of arms, with `measures` of their curves; `on_measures`, `overlaps` and `rows` of other
numbers in a record, `foretold` of `gains`; `computed`, with `live`, of computations. The claims: `theory`, `figure1`,
`figures2_4`, `figures5_6`, `beyond_figures`, `regime`. After judging: `horizons` reads the same tests at other
iterations, `images` over test images, `counting` corrects for the number of comparisons, `earlier` tells how claims
were judged until November 2026, and `designs` is the log of what was decided when.
"""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from kdsrc.claims import earlier, images
from kdsrc.claims.beyond_figures import BEYOND_FIGURES
from kdsrc.claims.figure1 import FIGURE1
from kdsrc.claims.figures2_4 import FIGURES2_4
from kdsrc.claims.figures5_6 import FIGURES5_6
from kdsrc.claims.framework import BOOK, KINDS, LIVE, PAPER, Claim, Verdict, judge, record_if_made
from kdsrc.claims.horizons import SHARING
from kdsrc.claims.regime import REGIME
from kdsrc.claims.theory import THEORY
from kdsrc.claims.words import VERDICTS

__all__ = ["BOOK", "KINDS", "LIVE", "PAPER", "VERDICTS", "Claim", "Verdict", "all_claims", "judge", "verdicts"]


def all_claims() -> tuple[Claim, ...]:
    """The claims in the order of the book.

    Examples
    --------
    >>> len({claim.id for claim in all_claims()}) == len(all_claims())
    True
    """
    return (*THEORY, *FIGURE1, *FIGURES2_4, *FIGURES5_6, *BEYOND_FIGURES, *REGIME)


def verdicts(
    names: Collection[str] | None = None,
    folder: Path | str | None = None,
    *,
    page: str | None = None,
    scale: str | None = None,
) -> list[tuple[Claim, Verdict]]:
    """Judge claims from the records.

    Parameters
    ----------
    names : collection of str, optional
        Records (or ``live``) whose claims are wanted; all unless given.
    folder : path, optional
        Where the records are; ``results/`` unless given.
    page : str, optional
        The page whose claims are wanted; those of all pages unless given.
    scale : str, optional
        What the records must be of, as in `kdsrc.records.load`.

    Returns
    -------
    list of (Claim, Verdict)
        *not yet run* where the record is missing.

    Raises
    ------
    ValueError
        For a name that no claim reads, a page that has none, or a record that is damaged or of another study, scale or
        format.

    Examples
    --------
    >>> claim, verdict = verdicts(page="lemmas")[0]
    >>> verdict.verdict in VERDICTS
    True
    """
    wanted = [
        claim
        for claim in all_claims()
        if (names is None or claim.record in names) and (page is None or claim.page == page)
    ]
    known = {claim.record for claim in all_claims()}
    if unknown := set(names or ()) - known:
        raise ValueError(f"verdicts: got {', '.join(sorted(unknown))}; expected names among {', '.join(sorted(known))}")
    if page is not None and not wanted:
        pages = sorted({claim.page for claim in all_claims()})
        raise ValueError(f"verdicts: page={page!r} has no such claims; expected one of {', '.join(pages)}")
    needed = {name for claim in wanted for name in (claim.record, *claim.also)}
    if needed.intersection(SHARING):
        needed.add(images.RECORD)
    found = {name: record_if_made(name, folder, scale) for name in needed}
    return [(claim, _judged(claim, found)) for claim in wanted]


def _judged(claim, found):
    """The verdict with its earlier outcome, and with its interval over test images where there is one."""
    own, over = [found[name] for name in (claim.record, *claim.also)], found.get(images.RECORD)
    verdict = judge(claim, *own)
    verdict = replace(verdict, before=earlier.outcome(claim, verdict, *own))
    if own[0] is None or over is None:
        return verdict
    return replace(verdict, images=images.over_images(claim, own[0], over))
