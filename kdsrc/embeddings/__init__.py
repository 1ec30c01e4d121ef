"""Kernel features of §4.3: Gaussian kernels, alignf's combination of them (Eq. 17–18), and Nyström features."""

from kdsrc.embeddings.alignment import alignf
from kdsrc.embeddings.gaussian import default_gammas, gaussian_kernels, squared_distances
from kdsrc.embeddings.nystroem import AlignedNystroem, alignf_gaussian

__all__ = ["AlignedNystroem", "alignf", "alignf_gaussian", "default_gammas", "gaussian_kernels", "squared_distances"]
