"""Theorem 3 on the data (§2.4, §4.3, §4.4): the actual amplitudes α_j, beside the overlap parameter and CKA.

f(t) = f(∞) + Σ_j e^{−p_j t} α_j v^j, with v^j of unit norm, for the kernel regime at a student's start. The paper says
that a kernel embedding improves the α_j (§4.3), and that the overlaps of §4.4 are approximately equal to them for a
small λ. A thousand CIFAR-10 images are few enough for the `top` leading modes by Lanczos (`kdsrc.dynamics.leading`) and
for f(t) by the Krylov basis: nothing is left out of f(t), and no mode is estimated. Teachers train on the same images.

Measures, the seeds along the first axis. *Networks* are ``teacher_{early,full}_{pixels,embedded}``, the students that
they taught with λ = 0.01, ``student_{early,full}_{pixels,embedded}``, after training, and
``student_alone_{pixels,embedded}``:

- ``overlap_<network>`` (seeds, top): mean over the units of |⟨u_j, φ̂^(k)⟩|, u_j the eigenvectors of H^∞ on the
  network's own inputs by falling eigenvalue; their mean over j is the overlap parameter;
- ``cka_kernel_<network>``, ``cka_labels_<network>`` (seeds,): linear CKA of the hidden features with H^∞ and with y yᵀ;
- ``cka_teacher_<student>`` (seeds,): that of a taught student's features with its teacher's.

*Flows* are the kernel regime at the starts ``taught_<teacher>`` (the teacher's units), ``random_<teacher>`` (a random
start, Φ from the teacher) and ``alone_<inputs>`` (λ = 0), with ``<teacher>`` as ``early_pixels``; λ = 0.01, and
the settings' ``small_penalty`` where the name ends in ``_small``:

- ``poles_<flow>``, ``alphas_<flow>`` (seeds, top): p_j falling, and |α_j|;
- ``matched_<flow>`` (seeds, top): |⟨v^j, u_j⟩|, whether the two kinds of vectors are the same; 0 for a mode that has no
  part in f(0) − f(∞), whose direction would be that of rounding errors;
- ``way_<flow>`` (seeds,): ‖f(0) − f(∞)‖, for which the α_j stand; the labels have norm √n;
- ``share_<flow>`` (seeds,): ‖Σ_{j ≤ top} α_j v^j‖² / ‖f(0) − f(∞)‖², what the leading modes make of the way;
- ``left_<flow>`` (seeds, times): ‖f(t) − f(∞)‖ / ‖f(0) − f(∞)‖ at ``iterations`` (seeds, times), t = η × iterations:
  the smaller, the less of the way lies along slow modes.
"""

from dataclasses import replace

import numpy as np

from kdsrc.dynamics.leading import leading_modes
from kdsrc.dynamics.regime import KernelRegime
from kdsrc.embeddings.alignment import center_kernel
from kdsrc.kernels import infinite_width_kernel
from kdsrc.spectra import projections
from kdsrc.studies.bench import Bench
from kdsrc.studies.conditions import PIXELS, Condition
from kdsrc.studies.figure5 import eigenvectors
from kdsrc.studies.inputs import features
from kdsrc.studies.names import EARLY_STOP
from kdsrc.studies.settings import SCALES, Settings, recorded

__all__ = ["arms", "cka", "flows", "matched", "measure"]

SETTINGS = {
    "paper": Settings(n_train=1_000, learning_rate=2e-3, landmarks=200),
    "quick": Settings(n_train=200, n_test=400, learning_rate=1e-2, landmarks=50, iterations=1_000),
    "live": SCALES["live"],
}
_ROUNDING = 1e-12  # of f(0) − f(∞): smaller parts of it are not told from none
INPUTS, STOPS = ("pixels", "embedded"), ("early", "full")


def arms(settings: Settings) -> dict[str, Condition]:
    """The networks that are measured."""
    found = {}
    for name, inputs in _inputs(settings).items():
        found[f"student_alone_{name}"] = settings.student(inputs=inputs)
        for stop in STOPS:
            teacher = settings.teacher(inputs=inputs, **({"iterations": EARLY_STOP} if stop == "early" else {}))
            found[f"teacher_{stop}_{name}"] = teacher
            found[f"student_{stop}_{name}"] = settings.student(teacher, penalty=settings.penalty, inputs=inputs)
    return found


def flows(settings: Settings) -> dict[str, Condition]:
    """The conditions whose starts the kernel regime is taken at."""
    known, found = arms(settings), {}
    for name in INPUTS:
        found[f"alone_{name}"] = known[f"student_alone_{name}"]
        for stop in STOPS:
            taught = known[f"student_{stop}_{name}"]
            for start, one in (("taught", taught), ("random", replace(taught, start=None))):
                found[f"{start}_{stop}_{name}"] = one
                found[f"{start}_{stop}_{name}_small"] = replace(one, penalty=settings.small_penalty)
    return found


def measure(bench: Bench, arms: dict[str, Condition]) -> dict[str, np.ndarray]:
    """The measures of one seed."""
    rows = np.array([row for row in recorded(bench.settings.iterations) if row % 100 == 0 or row < 100])
    found = {"iterations": rows}
    vectors = {one.inputs: eigenvectors(bench, bench.dataset(one))[1] for one in arms.values()}
    for inputs, own in vectors.items():
        some = {name: one for name, one in arms.items() if one.inputs == inputs}
        found |= _networks(bench, some, own)
    for name, one in flows(bench.settings).items():
        found |= {f"{kind}_{name}": value for kind, value in _flow(bench, one, vectors[one.inputs], rows).items()}
    return found


def cka(one: np.ndarray, other: np.ndarray) -> float:
    """Linear CKA of two kernels (n, n): the cosine of the angle between them when both are centred.

    Kornblith, Norouzi, Lee and Hinton, ICML 2019; 1 for kernels that are equal but for a factor.
    """
    one, other = center_kernel(one), center_kernel(other)
    return float(np.vdot(one, other) / (np.linalg.norm(one) * np.linalg.norm(other)))


def matched(parts: np.ndarray, vectors: np.ndarray, whole: float) -> np.ndarray:
    """|⟨v^j, u_j⟩| of the directions of α_j v^j, the rows of `parts` (top, n), and the columns u_j of `vectors`.

    0 for a part below the rounding errors of a `whole` of that norm: it has no direction.
    """
    sizes = np.linalg.norm(parts, axis=1)
    there = sizes > _ROUNDING * whole
    return np.abs(np.einsum("jn,nj->j", parts, vectors)) * there / np.where(there, sizes, 1.0)


def _inputs(settings):
    return dict(zip(INPUTS, (PIXELS, features("alignf", settings.landmarks)), strict=True))


def _networks(bench, arms, vectors):
    data = bench.dataset(next(iter(arms.values())))
    settings = bench.settings
    kernel = infinite_width_kernel(data.x_train, activation=settings.activation, std=settings.std)
    labels = np.outer(data.y_train, data.y_train)
    hidden = {name: bench.network(one).features(data.x_train) for name, one in arms.items()}
    found = {}
    for name, columns in hidden.items():
        gram = columns @ columns.T
        found[f"overlap_{name}"] = np.abs(projections(columns, vectors)).mean(axis=0)
        found[f"cka_kernel_{name}"] = cka(gram, kernel)
        found[f"cka_labels_{name}"] = cka(gram, labels)
        teacher = name.replace("student", "teacher")
        if teacher != name and teacher in hidden:
            found[f"cka_teacher_{name}"] = cka(gram, hidden[teacher] @ hidden[teacher].T)
    return found


def _flow(bench, condition, vectors, rows):
    """What Theorem 3 says of one start."""
    data, arm = bench.dataset(condition), bench.start(condition)
    problem = {"penalty": arm.penalty, "knowledge": arm.knowledge}
    poles, amplitudes = leading_modes(arm.network, data.x_train, data.y_train, top=vectors.shape[1], **problem)
    regime = KernelRegime(arm.network, data.x_train, data.y_train, **problem)
    output, limit = regime.output(bench.settings.learning_rate * rows), regime.limit()
    away = np.linalg.norm(output - limit, axis=1)  # (times,), the first at t = 0
    sizes = np.linalg.norm(amplitudes, axis=1)
    return {
        "poles": poles,
        "alphas": sizes,
        "matched": matched(amplitudes, vectors, away[0]),
        "way": float(away[0]),
        "share": float(np.sum(amplitudes.sum(axis=0) ** 2) / away[0] ** 2),
        "left": away / away[0],
    }
