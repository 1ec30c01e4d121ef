r"""The errata: every slip found in the paper, its repair, and a live measurement of the difference.

Formulas are LaTeX in dollars, for tables; ``measure(seed)`` gives two numbers, the printed text's and the repaired
one's, of what `quantity` says, on the problem of `kdsrc.slips.PROBLEMS` that is named.
"""

from collections.abc import Callable
from dataclasses import dataclass

from kdsrc import slips
from kdsrc.expansion import SLIPS


@dataclass(frozen=True)
class Erratum:
    """One slip.

    Attributes
    ----------
    place : str
        Section, equation or lemma.
    printed, repaired : str
        The statement, in our notation.
    reason : str
    quantity : str
        What `measure` returns twice.
    problem : str
        A key of `kdsrc.slips.PROBLEMS`, or ``none`` for a formula without data.
    measure : callable (int) -> (float, float)
        From a seed: the printed text's value, the repaired one's.
    tolerance : float
        For a repaired value that is zero but for rounding: a hundred times what is seen of that.
    """

    place: str
    printed: str
    repaired: str
    reason: str
    quantity: str
    problem: str
    measure: Callable[[int], tuple[float, float]]
    tolerance: float = 0.0


_CURVE = r"largest error of $f(t)$ against the frozen flow"
_LIMIT = r"largest error of $f(\infty)$ against the frozen flow"

ERRATA = (
    Erratum("§2.3, definition of $H_k$",
            r"$\sigma'(w_k^Tx_i)\,\sigma'(w_k^Tx_i)\,x_i^Tx_j$", r"$\sigma'(w_k^Tx_i)\,\sigma'(w_k^Tx_j)\,x_i^Tx_j$",
            "The second slope belongs to the second sample; otherwise a Gram matrix would not be symmetric.",
            r"relative asymmetry $\lVert H_k-H_k^T\rVert/\lVert H_k\rVert$", "smooth", slips.second_slope, 1e-12),
    Erratum("§2.3, definition of $a$", r"$a=\sum^{k}a_k^2/m$", r"$a=\sum_{k=1}^{m}a_k^2/m$",
            "The sum runs over all units; the printed upper end is its own index.",
            r"$a$ with the sum stopped at $k=1$, and at $k=m$", "smooth", slips.sum_of_squares),
    Erratum("§2.4, Assumptions 1–2", "distinct eigenvalues and poles are needed",
            r"$\bar H$ is similar to a symmetric matrix, hence always diagonalisable",
            r"$(A^{1/2}\otimes I)\,\mathbf D\,(A^{1/2}\otimes I)$ is symmetric and has the same eigenvalues.",
            "distinct poles asked for, and found with four equal units", "smooth", slips.distinct_poles),
    Erratum("§2.4, Assumption 2", r"exactly $nm$ strictly positive poles",
            r"$\sum_k\mathrm{rank}\,H_k$ positive poles",
            r"$\mathrm{rank}\,H_k\le d$, so that $n>d$ leaves zero poles.",
            "number of positive poles", "tall", slips.number_of_poles),
    Erratum("Theorem 1, $n>d$", r"$f(\infty)=(ay+\lambda\bar\varphi)/(a+\lambda)$",
            r"plus $[\lambda I+\sum_kc_k^2Q_k]^{-1}\lambda\sum_kc_kP_k\delta^{(k)}(0)$",
            r"A unit cannot move in the kernel of its own $H_k$; $P_k$ projects onto it, $Q_k=I-P_k$.",
            _LIMIT, "tall", slips.limit_of("tall"), 1e-12),
    Erratum("Theorem 1, ReLU", r"$f(\infty)=(ay+\lambda\bar\varphi)/(a+\lambda)$",
            r"the general limit of the row above", "A ReLU unit is blind to the samples on which it is inactive.",
            _LIMIT, "relu", slips.limit_of("relu"), 1e-12),
    Erratum("Theorem 1, ReLU started at the knowledge, $n\\le d$", r"weight $a$ for every sample",
            r"$a_i=\sum_{k\text{ active on }i}c_k^2$", "Only units that are active on a sample can act on it.",
            _LIMIT, "relu", slips.relu_weight, 1e-12),
    Erratum(r"§2.7, $\lambda=0$", r"$f(\infty)=y$", r"$f(\infty)=y-P(y-f(0))$, $P$ the projector on $\ker H$",
            "The residual does not move in the kernel of $H$. Measured with one unit.", _LIMIT, "tall",
            slips.plain_limit, 1e-12),
    Erratum("Theorem 3, as a whole", r"$\sum_je^{-p_jt}\alpha_ju^j$",
            r"$f_\infty+\sum_je^{-p_jt}\alpha_jv^j$, $\alpha_j$ below",
            "All the slips below together.", _CURVE, "smooth", slips.curve_with(*SLIPS), 1e-10),
    Erratum("Theorem 3, constant", r"no constant term", r"$f_\infty+\cdots$", "Without it $f$ would decay to zero.",
            _CURVE, "smooth", slips.curve_with("constant"), 1e-10),
    Erratum(r"Theorem 3, sign of $\alpha_j$", r"$f_\infty^{(k)}-f^{(k)}(0)$", r"$f^{(k)}(0)-f_\infty^{(k)}$",
            r"$\delta^{(k)}(0)$ is start minus end.", _CURVE, "smooth", slips.curve_with("sign"), 1e-10),
    Erratum(r"Theorem 3, weight in $\alpha_j$", r"$a_k^2/m$", r"$c_k=a_k/\sqrt m$",
            "The left eigenvector has one factor $c_k$; the second belongs to the right one.",
            _CURVE, "smooth", slips.curve_with("coefficient"), 1e-10),
    Erratum(r"Theorem 3, $H_k$ in $\alpha_j$", r"$H_k(p_jI-\lambda H_k)^{-1}$", r"$(p_jI-\lambda H_k)^{-1}$",
            "$H_k$ stands in the right eigenvector, not in the left one.", _CURVE, "smooth",
            slips.curve_with("kernel"), 1e-10),
    Erratum(r"Theorem 3, normalisation", r"no $1/N_j$",
            r"$N_j=\sum_kc_k^2\langle v^j,(p_jI-\lambda H_k)^{-2}H_kv^j\rangle$",
            r"Left and right eigenvectors must have inner product one.", _CURVE, "smooth",
            slips.curve_with("normalisation"), 1e-10),
    Erratum("Lemma 5", r"$e^{-\bar Ht}=\sum_je^{-p_jt}\,\eta_j^r(\eta_j^l)^T$", r"each term divided by $N_j$",
            "The lemma's eigenvectors are right but not normalised.",
            r"$\langle\eta_j^l,\eta_j^r\rangle$ at the largest pole, and what the sum needs", "smooth",
            slips.lemma5_norm),
    Erratum("Eq. (15), the sum", r"$\sum_k(sI+\lambda H_k)^{-1}\delta^{(k)}(0)$",
            r"$\sum_kc_k(sI+\lambda H_k)^{-1}\delta^{(k)}(0)$",
            r"$\Delta=\sum_kc_k\Delta^{(k)}$ carries $c_k$ into every term.",
            r"relative error of $\Delta(s)$ at $s=0.7$", "smooth", slips.laplace_sum, 1e-12),
    Erratum("Eq. (15), candidates for poles; also Assumption 2", "the eigenvalues of $H_k$",
            r"$-\lambda$ times the eigenvalues of $H_k$", r"There $sI+\lambda H_k$ is singular.",
            r"smallest singular value of $sI+\lambda H_1$ at the candidate", "smooth", slips.pole_candidates,
            1e-12),
    Erratum("§2.7, final error", r"$e=\frac{\lambda}{a+\lambda}\lVert\sum_ka_k\varphi_k/m-y\rVert$",
            r"$\sqrt m$ in place of $m$", "Theorem 1 has $\\sqrt m$.", "$e$", "smooth", slips.final_error),
    Erratum("Lemma 1", r"$\lVert e^{-\bar Ht}\rVert\le e^{-pt}$",
            r"the same in the norm $\lVert(A^{1/2}\otimes I)\eta\rVert$",
            r"$\bar H$ is not normal; in that norm it is self-adjoint.",
            r"largest $e^{pt}\lVert e^{-\bar Ht}\rVert$ over $t$", "smooth", slips.decay_of_exponential),
    Erratum("Lemma 2, left side", r"$\sigma_{\max}(\bar H(t))$", r"$\sigma_{\max}(\Delta\bar H(t))$",
            "The right side is a change, and so must the left side be.", "left side over bound (at most one if true)",
            "smooth", slips.lemma2_left),
    Erratum("Lemma 2, right side", r"$\sqrt2\sqrt{\lambda^2+a^2}\,\max_k\lVert\Delta H_k\rVert$",
            r"$(a+\lambda)\max_k\lVert\Delta H_k\rVert$", r"$\lVert A\rVert=a+\lambda$: simpler and never larger.",
            r"bound over $\lVert\Delta\bar H\rVert$", "smooth", slips.lemma2_size),
    Erratum("Lemma 3 (in the scan read here)",
            r"$L^2\sigma_x^2B^2\lVert\Delta w_k\rVert(\lVert\Delta w_k\rVert+2\lVert w_k(0)\rVert)$",
            r"$L^2\sigma_x^2B\lVert\Delta w_k\rVert(B\lVert\Delta w_k\rVert+2)$",
            r"The proof bounds $\sigma'$ by $L$, not by $L\lVert w_k(0)\rVert$.",
            r"largest $\lVert\Delta H_k\rVert$ over bound", "small start", slips.lemma3_ratio),
    Erratum("Lemma 4", r"$\lVert\Delta w_k\rVert\le\lvert c_k\rvert L\sigma_xB\int\lVert\delta_k\rVert$",
            r"$L\sigma_x\int(\lvert c_k\rvert\lVert\delta\rVert+\lambda\lVert\delta^{(k)}\rVert)$",
            r"Eq. (9) has two terms; the first holds $\delta$, the second was dropped.",
            r"largest $\lVert\Delta w_k\rVert$ over bound (one unit with $a_k=0.02$)", "smooth", slips.lemma4_ratio),
    Erratum(r"§7.3, $\delta_k(0)$", r"$\frac{c_k}{\lambda+a}(y-\bar\varphi)+\varphi_k-f_k(0)$", "the opposite sign",
            r"$\delta^{(k)}$ is $f^{(k)}-f^{(k)}_\infty$.", r"cosine with the true $\eta(0)$", "smooth",
            slips.start_sign),
    Erratum("§7.3, end of the proof", r"$\lim_{t\to0}\eta(t)=0$", r"$\lim_{t\to\infty}\eta(t)=0$", "A slip of the pen.",
            r"$\lVert\eta(t)\rVert$ at $t=0$ and late", "smooth", slips.end_of_deviation, 1e-12),
    Erratum("§7.3, smallest pole", "$p$ is a constant as $m$ grows",
            r"needs $\min_k\lambda_{\min}(H_k)$ bounded below: $p\ge\lambda\min_k\lambda_{\min}(H_k)$",
            "Assumptions 1–4 do not say so; a minimum over more units can only fall.",
            "smallest pole with 4 and with 64 units", "smooth", slips.smallest_pole),
    Erratum("Theorem 2, bracket of (6)", r"$\sum_lq^2\bar a_l^2\lVert\bar\varphi_l\rVert^2/\bar m$",
            r"$\sum_l\bar a_l^2\lVert\bar\varphi_l\rVert^2/\bar m$",
            r"$q^2=m/\bar m$ too much: smaller than the mean it bounds.",
            r"$(1-m/\bar m)$ times the bracket, and the exact mean of $\lVert\bar\varphi-y\rVert^2$", "teacher",
            slips.bracket),
    Erratum("Theorem 2, the draw (7.4)", "independent Bernoulli choices", r"$m$ units without replacement",
            "§2.5 fixes the number of units; Bernoulli choices do not.",
            r"mean of $\lVert\bar\varphi-y\rVert^2$ by either draw, all $\bar a_l=1$", "teacher", slips.bernoulli_draw),
    Erratum("Theorem 2, tail", "a scalar Chernoff bound for a sum of vectors drawn without replacement",
            "martingale of the draws, Azuma and Hoeffding: `repaired_bound`",
            r"The repaired bound holds the largest distance between units where (6) has a mean.",
            r"bound on the squared error with probability $1-m^{-10}$ ($C=1$, $\lambda=0.3$)", "teacher", slips.tail),
    Erratum("Theorem 2, total weight", r"$\sum_l\bar a_l^2/\bar m=1$ makes $a=1$", r"$a$ is that of the drawn units",
            r"The teacher's sum is not the student's, unless all $\lvert\bar a_l\rvert$ are equal.",
            r"$a$ of a student (uniform $\bar a_l$)", "none", slips.student_weight),
    Erratum("§7.4, first display", r"$\lVert f_\infty-y\rVert=(\frac{\lambda}{\lambda+a})^2\lVert\bar\varphi-y\rVert$",
            "a square on both sides, or on neither", "The left side of (6) is squared.",
            r"$\lVert f_\infty-y\rVert$", "teacher", slips.missing_square),
    Erratum("§7.4, variance", r"$1-\bar m/\bar m$", r"$1-m/\bar m$",
            "A bar too many; as printed the error would vanish.",
            r"mean of $\lVert\bar\varphi-y\rVert^2$", "teacher", slips.bracket_variance),
    Erratum("§7.4.1", r"$S_1/S_2=(1-\alpha)(1-\beta)/(1-\alpha\beta)$",
            r"$[(1-\alpha)+\alpha(1-\beta)(\frac{\lambda}{\alpha+\lambda})^2]/(1-\alpha\beta)$",
            "Errors of two stages add; they do not multiply.",
            r"ratio at $\alpha=\beta=1/2$, $\lambda=0.3$", "none", slips.two_stages),
)
