"""The second interval of a claim on final test losses: over the test images, for the networks that the seeds gave."""

from kdsrc.claims.criteria import AllOf, Contrast
from kdsrc.claims.framework import Claim
from kdsrc.claims.horizons import ALIASES, SHARING
from kdsrc.records import Record
from kdsrc.statistics import image_interval
from kdsrc.studies.residuals import residuals

__all__ = ["RECORD", "between", "over_images"]

RECORD = "images"


def over_images(claim: Claim, record: Record, images: Record) -> tuple[float, float] | None:
    """The interval over test images of a claim's effect, as `between`; None for a claim that has none.

    Parameters
    ----------
    claim : Claim
    record : Record
        Which decides the claim.
    images : Record
    """
    test = claim.judge.shown if isinstance(claim.judge, AllOf) else claim.judge
    if claim.record not in SHARING or not isinstance(test, Contrast) or test.quantity != "Final test loss":
        return None
    return between(record, images, test.arm, test.against) if isinstance(test.against, str) else None


def between(record: Record, images: Record, arm: str, against: str) -> tuple[float, float] | None:
    """Ends of the interval over test images of the change of the final test loss between two arms, in per cent.

    Parameters
    ----------
    record : Record
        Its seeds count; where one of them is not among those of `images`, or an arm, there is no such interval yet.
    images : Record
        Of the study ``images``.
    """
    names = [ALIASES.get(name, name) for name in (arm, against)]
    known = all(f"residuals_{name}" in images.measures for name in names)
    if not known or not set(record.seeds) <= set(images.seeds):
        return None
    rows = [images.seeds.index(seed) for seed in record.seeds]
    found = image_interval(*(residuals(images, name)[rows] for name in names)).percent()
    return found.low, found.high
