"""Figure 4 (§4.3): Figure 1's three arms on alignf + Nyström features, beside the pixels.

What alignf itself brings is seen from the ``compare_`` arms: teachers on single kernels, on their uniform
combination, on alignf's with fewer landmarks, and on pixels. They take fewer images and iterations.
"""

import numpy as np

from kdsrc.studies.bench import Bench
from kdsrc.studies.conditions import PIXELS, Condition
from kdsrc.studies.inputs import KERNELS, features
from kdsrc.studies.settings import Settings

__all__ = ["arms", "learned"]

NETWORKS = ("teacher", "student_alone", "student_taught")
ARMS = {
    f"{network}_{inputs}": f"{network.replace('_', ' ')} on {description}"
    for inputs, description in (("pixels", "pixels"), ("embedded", "alignf + Nyström features"))
    for network in NETWORKS
}


def arms(settings: Settings) -> dict[str, Condition]:
    """The conditions: `ARMS`, and those that compare inputs."""
    found: dict[str, Condition] = {}
    for name, inputs in (("pixels", PIXELS), ("embedded", features("alignf", settings.landmarks))):
        teacher = settings.teacher(inputs=inputs)
        students = (settings.student(inputs=inputs), settings.student(teacher, penalty=settings.penalty, inputs=inputs))
        found |= {f"{network}_{name}": one for network, one in zip(NETWORKS, (teacher, *students), strict=True)}
    return found | {f"compare_{name}": one for name, one in _compared(settings).items()}


def learned(bench: Bench, arms: dict[str, Condition]) -> dict[str, np.ndarray]:
    """alignf's ``weights`` and ``gammas`` on all images."""
    found = bench.learned()
    return {name: found[name] for name in ("gammas", "weights")}


def _compared(settings):
    most = settings.fewer_landmarks[-1]
    inputs = {f"single_{number}": features(f"gaussian{number}", most) for number in range(KERNELS)}
    inputs |= {"uniform": features("uniform", most)}
    inputs |= {f"alignf_{count}": features("alignf", count) for count in settings.fewer_landmarks}
    few = {"images": settings.few, "iterations": settings.few_iterations}
    return {name: settings.teacher(inputs=one, **few) for name, one in ({"pixels": PIXELS} | inputs).items()}
