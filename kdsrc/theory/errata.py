r"""The errata: every slip found in the paper, of what kind it is, its repair, and a live measurement of both.

Formulas are LaTeX in dollars, for tables; ``measure(seed)`` gives two numbers, how far the printed text and how far
the repaired one is from what `quantity` names, on the problem of `kdsrc.theory.misprints.PROBLEMS` that is named.
What a benevolent reader takes as meant is a misprint or an unstated convention, and a theorem is not blamed for a use
that breaks its assumptions. A slip without a number says why it has none.
"""

from dataclasses import dataclass

from kdsrc.theory import misprints

__all__ = ["ERRATA", "KINDS", "Erratum"]

MISPRINT = "misprint"
GAP = "gap in a proof"
HYPOTHESIS = "hypothesis not met by the use made of it"
CONVENTION = "unstated convention"
KINDS = (MISPRINT, GAP, HYPOTHESIS, CONVENTION)


@dataclass(frozen=True)
class Erratum:
    """One slip.

    Attributes
    ----------
    place : str
        Section, equation or lemma.
    kind : str
        One of `KINDS`.
    printed, repaired : str
        The statement, in our notation.
    reason : str
    quantity : str
        What `measure` returns twice; without one, why nothing can be measured.
    problem : str
        A key of `kdsrc.theory.misprints.PROBLEMS`, or ``none`` for a formula without data.
    measure : callable (int) -> (float, float), optional
        From a seed: the printed text's number, the repaired one's.
    tolerance : float
        The largest number with which a statement agrees with its judge: for a residual, a hundred times what is seen
        of rounding; one for a bound, whose number is what it bounds divided by it.

    Raises
    ------
    ValueError
        For another kind.

    Examples
    --------
    >>> printed, repaired = ERRATA[1].measure(0)
    >>> ERRATA[1].agrees(printed), ERRATA[1].agrees(repaired)
    (False, True)
    """

    place: str
    kind: str
    printed: str
    repaired: str
    reason: str
    quantity: str
    problem: str = "none"
    measure: misprints.Measure | None = None
    tolerance: float = 0.0

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"Erratum {self.place}: kind {self.kind!r}; expected one of {', '.join(KINDS)}")

    @property
    def bound(self) -> bool:
        """Whether the numbers are those of an inequality."""
        return self.tolerance >= 1.0

    def agrees(self, number: float) -> bool:
        """Whether a statement with this number agrees with its judge."""
        return bool(number <= self.tolerance)


_CURVE = r"largest error of $f(t)$ against the frozen flow"
_LIMIT = r"largest error of $f(\infty)$ against the frozen flow"
_REFERENCE = "a wrong reference: there is no number to measure"

ERRATA = (
    Erratum(
        "§2.2, Eq. (4)",
        MISPRINT,
        r"vectors $u_1,\dots,u_m$",
        r"$u_1,\dots,u_d$",
        "One vector a pole, and there are $d$ of these.",
        "an index: there is no number to measure",
    ),
    Erratum(
        "§2.3, definition of $H_k$",
        MISPRINT,
        r"$\sigma'(w_k^Tx_i)\,\sigma'(w_k^Tx_i)\,x_i^Tx_j$",
        r"$\sigma'(w_k^Tx_i)\,\sigma'(w_k^Tx_j)\,x_i^Tx_j$",
        "The second slope belongs to the second sample, as in $L_k^TL_k$ of §3.1.",
        r"relative distance from $L_k^TL_k$",
        "smooth",
        misprints.second_slope,
        1e-12,
    ),
    Erratum(
        "§2.3, definition of $a$",
        MISPRINT,
        r"$a=\sum_{k=0}^{k}a_k^2/m$",
        r"$a=\sum_{k=1}^{m}a_k^2/m$",
        "The sum runs over all units; the printed upper end is its own index.",
        "without an upper end the printed sum has no value to measure",
    ),
    Erratum(
        "§2.4, Assumption 2, in the experiments",
        HYPOTHESIS,
        r"exactly $nm$ strictly positive poles",
        r"$\sum_k\mathrm{rank}\,H_k$ positive poles",
        r"$\mathrm{rank}\,H_k\le d$, and a ReLU unit's is at most the number of samples on which it is active: "
        r"with ReLU, or $n>d$, the assumption fails, and with it what the theorems say.",
        "distance from the number of positive poles",
        "tall",
        misprints.number_of_poles,
        0.5,
    ),
    Erratum(
        "Theorem 1, used with $n>d$",
        HYPOTHESIS,
        r"$f(\infty)=(ay+\lambda\bar\varphi)/(a+\lambda)$",
        r"$f(\infty)=(M+\lambda I)^{-1}(My+\lambda\psi)$, $M=\sum_kc_k^2Q_k$",
        r"Assumption 2 excludes $n>d$. There a unit cannot move in the kernel of its own $H_k$: $P_k$ projects "
        r"onto it, $Q_k=I-P_k$, and $\psi=\sum_kc_k(P_kf^{(k)}(0)+Q_k\varphi^{(k)})$.",
        _LIMIT,
        "tall",
        misprints.limit_of("tall"),
        1e-8,
    ),
    Erratum(
        "Theorem 1, used with ReLU",
        HYPOTHESIS,
        r"$f(\infty)=(ay+\lambda\bar\varphi)/(a+\lambda)$",
        r"the matrix average of the row above",
        r"Assumptions 2 and 3 exclude ReLU, which every experiment uses: a unit is blind to the samples on which "
        "it is inactive.",
        _LIMIT,
        "relu",
        misprints.limit_of("relu"),
        1e-10,
    ),
    Erratum(
        "Theorem 1, used with ReLU from the knowledge, $n\\le d$",
        HYPOTHESIS,
        r"weight $a$ for every sample",
        r"$a_i=\sum_{k\text{ active on }i}c_k^2$",
        "Only units that are active on a sample can act on it.",
        _LIMIT,
        "relu",
        misprints.relu_weight,
        1e-10,
    ),
    Erratum(
        "Theorem 2, bracket of (6)",
        MISPRINT,
        r"$\sum_lq^2\bar a_l^2\lVert\bar\varphi_l\rVert^2/\bar m$",
        r"$\sum_l\bar a_l^2\lVert\bar\varphi_l\rVert^2/\bar m$",
        r"$q^2=m/\bar m$ too much: the bracket is smaller than the mean by a factor beyond any universal $C$.",
        r"mean of $\lVert\bar\varphi-y\rVert^2$ over all draws of one unit of 100, over "
        r"$\frac{\bar m}{\bar m-1}(1-\frac m{\bar m})$ times the bracket",
        "teacher",
        misprints.bracket,
        1.0,
    ),
    Erratum(
        "Theorem 2, total weight",
        CONVENTION,
        r"$\lambda/(1+\lambda)$, from $\sum_l\bar a_l^2/\bar m=1$",
        r"$\lambda/(a+\lambda)$ with $a$ of the drawn units",
        r"The teacher's sum is the student's when all $\lvert\bar a_l\rvert$ are equal, as in the experiments; "
        "else only on average.",
        r"relative distance from $\lVert f(\infty)-y\rVert/\lVert\bar\varphi-y\rVert$ of the frozen flow, 4 of 8 "
        r"units, unequal $\bar a_l$",
        "smooth",
        misprints.student_weight,
        1e-10,
    ),
    Erratum(
        r"§2.5.1 and §2.7, $\lambda=0$",
        HYPOTHESIS,
        r"Theorems 1–3 applied at $\lambda=0$",
        r"at $\lambda=0$ there are $n$ poles, those of $H$",
        r"$\Gamma(s)=H/s$ has $n$ zeros of $\det(I+\Gamma)$, not the $nm$ of Assumption 2. What is concluded is "
        r"nevertheless true, by the older theorem on $H$.",
        "distance from the number of positive poles",
        "smooth",
        misprints.plain_number_of_poles,
        0.5,
    ),
    Erratum(
        "Theorem 3, constant",
        MISPRINT,
        r"no constant term",
        r"$f_\infty+\cdots$",
        "The sum is that of $\\delta=f-f_\\infty$; without the constant $f$ would decay to zero.",
        _CURVE,
        "smooth",
        misprints.curve_with("constant"),
        1e-10,
    ),
    Erratum(
        r"Theorem 3, sign of $\alpha_j$",
        MISPRINT,
        r"$f_\infty^{(k)}-f^{(k)}(0)$",
        r"$f^{(k)}(0)-f_\infty^{(k)}$",
        r"$\delta^{(k)}(0)$ is start minus end.",
        _CURVE,
        "smooth",
        misprints.curve_with("sign"),
        1e-10,
    ),
    Erratum(
        r"Theorem 3, weight in $\alpha_j$",
        MISPRINT,
        r"$a_k^2/m$",
        r"$c_k=a_k/\sqrt m$",
        "The left eigenvector has one factor $c_k$; the second belongs to the right one.",
        _CURVE,
        "smooth",
        misprints.curve_with("coefficient"),
        1e-10,
    ),
    Erratum(
        r"Theorem 3, $H_k$ in $\alpha_j$",
        MISPRINT,
        r"$H_k(p_jI-\lambda H_k)^{-1}$",
        r"$(p_jI-\lambda H_k)^{-1}$",
        "$H_k$ stands in the right eigenvector, not in the left one.",
        _CURVE,
        "smooth",
        misprints.curve_with("kernel"),
        1e-10,
    ),
    Erratum(
        r"Theorem 3, scale of $v^j$",
        CONVENTION,
        r"$v^j$ of any length",
        r"$N_j=1$ or $\alpha_j/N_j$, "
        r"$N_j=\sum_kc_k^2\langle v^j,(p_jI-\lambda H_k)^{-2}H_kv^j\rangle$",
        r"Left and right eigenvectors are meant to have inner product one, which a length of $v^j$ always gives. "
        r"Measured: unit vectors.",
        _CURVE,
        "smooth",
        misprints.curve_with("normalisation"),
        1e-10,
    ),
    Erratum(
        r"§2.7, $\lambda=0$, the final value",
        CONVENTION,
        r"$f(\infty)=y$",
        r"$f(\infty)=y-P(y-f(0))$, $P$ the projector on $\ker H$",
        "The results referred to assume that $H$ is invertible. Measured with one unit, whose $H$ is not.",
        _LIMIT,
        "tall",
        misprints.plain_limit,
        1e-9,
    ),
    Erratum(
        "§2.7, final error",
        MISPRINT,
        r"$e=\frac{\lambda}{a+\lambda}\lVert\sum_ka_k\varphi_k/m-y\rVert$",
        r"$\sqrt m$ in place of $m$",
        "Theorem 1 has $\\sqrt m$.",
        r"relative distance from $\lVert f(\infty)-y\rVert$ of the frozen flow",
        "smooth",
        misprints.final_error,
        1e-10,
    ),
    Erratum(
        "§2.7, the probabilistic analysis of $e$",
        MISPRINT,
        "“the result of Theorem 1”",
        "of Theorem 2",
        "Theorem 1 has nothing random in it.",
        _REFERENCE,
    ),
    Erratum(
        "§2.7, small overlap",
        MISPRINT,
        r"orthogonal to $H_k(p_jI-\lambda H_k)^{-1}v^j$",
        r"orthogonal to $(p_jI-\lambda H_k)^{-1}v^j$",
        "The slip of $\\alpha_j$ again: with $H_k$ they are the right eigenvectors of Lemma 5, along which the "
        "slow modes lie. How much of a mode a start holds is read by the left ones.",
        "share of the slower half of the modes left in $f$",
        "smooth",
        misprints.small_overlap,
        1e-10,
    ),
    Erratum(
        "§2.7, Assumption 4",
        MISPRINT,
        r"$\lVert\varphi_k-f^{(k)}(0)\rVert=O(1/m)$",
        r"$O(1/\sqrt m)$",
        "Left over: Assumption 4 has $O(1/\\sqrt m)$, and §7.1 makes that change. The start named satisfies both.",
        "left over from an earlier version: there is no number to measure",
    ),
    Erratum(
        "Eq. (15), the sum",
        MISPRINT,
        r"$\sum_k(sI+\lambda H_k)^{-1}\delta^{(k)}(0)$",
        r"$\sum_kc_k(sI+\lambda H_k)^{-1}\delta^{(k)}(0)$",
        r"$\Delta=\sum_kc_k\Delta^{(k)}$ carries $c_k$ into every term.",
        r"relative error of $\Delta(s)$ at $s=0.7$",
        "smooth",
        misprints.laplace_sum,
        1e-12,
    ),
    Erratum(
        "Eq. (15), candidates for poles; also Assumption 2",
        MISPRINT,
        "the eigenvalues of $H_k$",
        r"$-\lambda$ times the eigenvalues of $H_k$",
        r"There $sI+\lambda H_k$ is singular.",
        r"smallest singular value of $sI+\lambda H_1$ at the candidate",
        "smooth",
        misprints.pole_candidates,
        1e-12,
    ),
    Erratum(
        "§3.2, last lines",
        MISPRINT,
        "“the result in Theorem 1 and 2”",
        "in Theorems 1 and 3",
        "The poles give the end and the speed; Theorem 2 is about random units.",
        _REFERENCE,
    ),
    Erratum(
        "§7.1, sense of $O(1/\\sqrt m)$",
        MISPRINT,
        "“in theorem 2”",
        "in Theorem 3",
        "The sentence is the footnote of Theorem 3.",
        _REFERENCE,
    ),
    Erratum(
        "Lemma 1",
        GAP,
        r"$\lVert e^{-\bar Ht}\rVert\le e^{-pt}$",
        r"the same in the norm $\lVert(A^{1/2}\otimes I)\eta\rVert$",
        r"$\bar H$ is not normal; in that norm it is self-adjoint. In the Euclidean norm the lemma itself fails: "
        "its page has a counterexample.",
        r"largest $e^{pt}\lVert e^{-\bar Ht}\rVert$ over $t$",
        "smooth",
        misprints.decay_of_exponential,
        1.0 + 1e-9,
    ),
    Erratum(
        "Lemma 1, end of the iteration",
        GAP,
        r"a contraction in $L_1$, so $\eta^r\to\eta$ uniformly",
        r"in $L_1$; uniformly by the same estimate in the largest norm over $[0,t]$",
        r"Convergence in $L_1$ is not uniform convergence; $q<1$ gives either.",
        "a step of reasoning: there is no number to measure",
    ),
    Erratum(
        "Lemma 2, left side",
        MISPRINT,
        r"$\sigma_{\max}(\bar H(t))$",
        r"$\sigma_{\max}(\Delta\bar H(t))$",
        "The right side is a change, and so must the left side be.",
        "left side over the printed bound",
        "smooth",
        misprints.lemma2_left,
        1.0,
    ),
    Erratum(
        "Lemma 2, proof",
        MISPRINT,
        r"$\sum_k(c_k^2\lVert\delta\rVert^2+\lambda\lVert\delta_k\rVert^2)$",
        r"$\lambda^2\lVert\delta_k\rVert^2$",
        r"The line that follows has $\lambda^2$.",
        "relative distance from the line that follows",
        "smooth",
        misprints.lemma2_step,
        1e-12,
    ),
    Erratum(
        "Lemma 3 (in the scan read here)",
        MISPRINT,
        r"$L^2\sigma_x^2B^2\lVert\Delta w_k\rVert(\lVert\Delta w_k\rVert+2\lVert w_k(0)\rVert)$",
        r"$L^2\sigma_x^2B\lVert\Delta w_k\rVert(B\lVert\Delta w_k\rVert+2)$",
        r"The proof bounds $\sigma'$ by $L$, not by $L\lVert w_k(0)\rVert$.",
        r"largest $\lVert\Delta H_k\rVert$ over bound",
        "small start",
        misprints.lemma3_ratio,
        1.0,
    ),
    Erratum(
        "Lemma 4, the velocity",
        GAP,
        r"$\lVert\Delta w_k\rVert\le\lvert c_k\rvert L\sigma_xB\int\lVert\delta_k\rVert$",
        r"$L\sigma_x\int(\lvert c_k\rvert\lVert\delta\rVert+\lambda\lVert\delta^{(k)}\rVert)$",
        r"Eq. (9) has two terms; the first holds $\delta$, the second was dropped.",
        r"largest $\lVert\Delta w_k\rVert$ over bound (one unit with $a_k=0.02$)",
        "smooth",
        misprints.lemma4_ratio,
        1.0,
    ),
    Erratum(
        "Lemma 4, proof; also Lemma 3's",
        MISPRINT,
        r"$\lVert L(w)\delta\rVert\le L\sigma_xB\lVert\delta\rVert$",
        r"$\le L\sigma_x\lVert\delta\rVert$",
        r"$L(w)$ is $X$ with columns scaled by slopes: $\sigma_x$ holds the lengths already. Harmless for $B\ge1$; "
        "wrong for shorter inputs.",
        r"$\lVert L(w)\rVert$ over bound, inputs of length 1/4",
        "small start",
        misprints.lemma4_reach,
        1.0,
    ),
    Erratum(
        "Lemma 5, the sum after it",
        CONVENTION,
        r"$e^{-\bar Ht}=\sum_je^{-p_jt}\,\eta_j^r(\eta_j^l)^T$",
        r"each term divided by $\langle\eta_j^l,\eta_j^r\rangle$, or $v^j$ scaled so that it is 1",
        "The eigenvectors are right, and the sum is exact once their inner products are one. Measured: unit $v^j$.",
        r"relative distance from $e^{-\bar H}$",
        "smooth",
        misprints.spectral_sum,
        1e-10,
    ),
    Erratum(
        r"§7.3, $\delta_k(0)$",
        MISPRINT,
        r"$\frac{c_k}{\lambda+a}(y-\bar\varphi)+\varphi_k-f_k(0)$",
        "the opposite sign",
        r"$\delta^{(k)}$ is $f^{(k)}-f^{(k)}_\infty$. Its size, all that is used, is right.",
        r"relative distance from start minus end of the units",
        "smooth",
        misprints.start_sign,
        1e-9,
    ),
    Erratum(
        "§7.3, smallest pole",
        GAP,
        "$p$ is a constant as $m$ grows",
        r"$p\ge\lambda\varepsilon^2\lambda_{\min}(XX^T)$ if $\sigma'\ge\varepsilon>0$",
        r"A minimum over more units can only fall. The proof needs $p^2\sqrt m\to\infty$: for tanh, Gaussian "
        r"weights and independent inputs that holds with high probability, but only at widths out of reach.",
        r"a floor over the smallest pole of 64 units: $\lambda\min\lambda_{\min}(H_k)$ of the first four, tanh; "
        r"the repaired one with $\varepsilon=0.1$",
        "smooth",
        misprints.pole_floor,
        1.0,
    ),
    Erratum(
        "§7.3, end of the proof",
        MISPRINT,
        r"$\lim_{t\to0}\eta(t)=0$",
        r"$\lim_{t\to\infty}\eta(t)=0$",
        "A slip of the pen.",
        r"$\lVert\eta(t)\rVert$ at $t=0$ and late",
        "smooth",
        misprints.end_of_deviation,
        1e-12,
    ),
    Erratum(
        "§7.4, first display",
        MISPRINT,
        r"$\lVert f_\infty-y\rVert=(\frac{\lambda}{\lambda+a})^2\lVert\bar\varphi-y\rVert$",
        "a square on both sides, or on neither",
        "The left side of (6) is squared.",
        r"relative distance from $\lVert f(\infty)-y\rVert$ of the frozen flow",
        "smooth",
        misprints.missing_square,
        1e-10,
    ),
    Erratum(
        "§7.4, variance",
        MISPRINT,
        r"$1-\bar m/\bar m$",
        r"$1-m/\bar m$",
        "A bar too many; as printed the error would vanish.",
        r"relative distance from the mean of $\lVert\bar\varphi-y\rVert^2$ over all outcomes of 8 Bernoulli "
        "choices",
        "teacher",
        misprints.bracket_variance,
        1e-12,
    ),
    Erratum(
        "§7.4, the draw",
        GAP,
        "independent Bernoulli choices",
        r"$m$ units without replacement",
        r"§2.5 fixes the number of units. As a bound the printed mean survives, up to $\bar m/(\bar m-1)$.",
        r"relative distance from the mean of $\lVert\bar\varphi-y\rVert^2$ over all choices of 3 of 8 units",
        "teacher",
        misprints.bernoulli_draw,
        1e-12,
    ),
    Erratum(
        "§7.4, tail",
        GAP,
        "“the Chernoff bound gives us the desired result”",
        "martingale of the draws, Azuma and Hoeffding: `repaired_bound`",
        r"Chernoff's bound is for sums of independent numbers, here are vectors drawn without replacement. The "
        "repaired bound holds the largest distance between units where (6) has a mean.",
        "a step of reasoning with a free constant: there is no number to measure",
    ),
    Erratum(
        "§7.4.1",
        GAP,
        r"$S_1/S_2=(1-\alpha)(1-\beta)/(1-\alpha\beta)$",
        r"$[(1-\alpha)+\alpha(1-\beta)(\frac{\lambda}{\alpha+\lambda})^2]/(1-\alpha\beta)$",
        "Errors of two stages add; they do not multiply. The conclusion, a ratio below one, stands.",
        r"relative distance from the ratio over all draws of 6, 4 and 2 units, $\lambda=0.3$",
        "teacher",
        misprints.two_stages,
        1e-12,
    ),
)
