"""Training as a linear dynamical system (§2): kernel regime (Eq. 3–4), limits (Theorem 1), and the true flow."""

from kdsrc.dynamics.flow import gradient_flow
from kdsrc.dynamics.krylov import AccuracyNotReached
from kdsrc.dynamics.regime import KernelRegime, ProblemTooLarge

__all__ = ["AccuracyNotReached", "KernelRegime", "ProblemTooLarge", "gradient_flow"]
