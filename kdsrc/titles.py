"""The studies and sweeps by name and what each asks: what the command line offers before anything is loaded."""

__all__ = ["STUDY_TITLES", "SWEEP_TITLES"]

STUDY_TITLES = {
    "figure1": "what a student gains from a teacher, and from which part of it",
    "figure2": "what the penalty does to a taught student",
    "figure3": "what an imperfect teacher is worth",
    "figure4": "the same on learned kernel features",
    "figure5": "overlap with the top eigenvectors of the kernel",
    "figure6": "the overlap on learned kernel features",
    "prediction": "Figure 1's curves before training, by the kernel regime",
    "horizon": "final quality: every arm until its training loss no longer moves",
    "far": "the main arms on all images, to two hundred thousand iterations",
    "images": "what the networks of Figures 1 to 3 leave of each test image",
    "causes": "start, penalty, scale and iterations, all crossed",
    "width": "students of several widths from one teacher",
    "modes": "Theorem 3 on the data: amplitudes of pixels and of kernel features, beside overlap and CKA",
    "digits": "Figure 1 on a second pair of classes, handwritten 3 and 8",
}

SWEEP_TITLES = {
    "pairs": "how often the headline claims hold on the 45 pairs of handwritten digits",
    "regime": "where the theory's regime begins: width, scale of initial weights and penalty",
    "practice": "distillation as practised: outputs as targets, random starts, wrong labels",
}
