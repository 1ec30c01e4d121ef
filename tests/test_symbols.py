"""One meaning a symbol: the mathematics of a page uses what the notation page lists, or what the page itself defines.

A symbol is a letter with its accent or font. The notation page lists it as it is used: `$L_k$` allows L only with an
index, `$a$` allows a with and without. A page defines a symbol in words ("where $M$", "let $M$", "$M=…$", "$M$ is"),
or lists it in its front matter under `symbols:`, a mapping of the symbol to what it stands for.
"""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

BOOK = Path(__file__).resolve().parents[1] / "book"
PAGES = sorted(path.stem for path in BOOK.glob("*.md"))

GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho varrho sigma "
    "tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell"
).split()
ACCENTS = ("hat", "bar", "tilde", "boldsymbol", "mathbf", "mathcal", "mathbb", "mathrm", "widehat", "overline")
WITHOUT_MEANING = ("dot", "ddot", "bm")  # a derivative is of its symbol
OTHER_LETTERS = "## Where the paper uses other letters"
CELL = r"^(`{3,})\{code-cell\}.*?^\1\s*$"
WORDS = ("text", "operatorname", "label", "tag", "begin", "end", "mathop", "textstyle")
DEFINED_BEFORE = (
    r"\b(where|with|let|write|writing|call|called|denotes?|here|put|set|given|choose)\b"
    r"|\bfor (all|every|each|any|some|an?|one|the)\b|\bat an?\b"
    r"|\b(the|an?|its|any|some|each|every|one) (\w+ ){1,2}$"  # the loss $ℓ$
)
DEFINED_AFTER = (
    r"\s*(is|are|be|denotes?|counts?|means?|stands? for|has|have)\b"
    r"|\s*(test )?(points|samples|units|images|draws|seeds|steps)\b"  # over $N$ test points
)
RELATION = r"\s*(:?=|\\in\b|\\ge\b|\\le\b|>|<|\\colon|\\sim|\\succeq|\\mapsto|\\leq|\\geq|,\\dots)"


# ------------------------------------------------------------------------------------------- what a page says


def parts(text):
    """Front matter, and the prose without code cells and inline code, of a page."""
    _, head, body = text.split("---\n", 2)
    body = re.sub(CELL, "\n\n", body, flags=re.S | re.M)
    body = re.sub(r"(?<![\w}`])`[^`\n]*`(?!`)", " ", body)
    return yaml.safe_load(head), body


def spans(prose):
    """(start, end, mathematics) of each display and each inline formula."""
    pattern = r"\$\$(?P<display>.+?)\$\$|```\{math\}[^\n]*\n(?P<block>.+?)```|(?<![\\$])\$(?P<inline>[^$]+?)\$"
    for found in re.finditer(pattern, prose, flags=re.S):
        yield found.start(), found.end(), next(group for group in found.groups() if group)


def argument(tex, start):
    """What follows a macro: its group without braces, a macro or a letter; with where it ends."""
    while start < len(tex) and tex[start] in " ~\n":
        start += 1
    if start >= len(tex):
        return "", start
    if tex[start] == "{":
        depth, stop = 1, start + 1
        while stop < len(tex) and depth:
            depth += {"{": 1, "}": -1}.get(tex[stop], 0)
            stop += 1
        return tex[start + 1 : stop - 1], stop
    macro = re.match(r"\\[A-Za-z]+|.", tex[start:], flags=re.S)[0]
    if macro[1:] in (*ACCENTS, *WITHOUT_MEANING):
        inner, stop = argument(tex, start + len(macro))
        return macro + " " + inner, stop
    return macro, start + len(macro)


def index_kind(tex, start):
    """Whether a sub- or superscript that names (a letter, (k), ∞) follows, and not a power or a transpose."""
    kinds = set()
    while (found := re.match(r"\s*'*\s*([_^])", tex[start:])) is not None:
        inner, stop = argument(tex, start + found.end())
        names = re.match(r"^\s*\(?\s*([a-zA-Z]|\\(?:{}|infty))\b".format("|".join(GREEK)), inner)
        if found[1] == "_" or (names and not re.match(r"^\s*(T|t)\s*$", inner)):
            kinds.add(found[1])
        start = stop
    return kinds


def symbols(tex):
    """(symbol, kinds of its indices) of everything in a formula that stands for something."""
    place = 0
    while place < len(tex):
        macro = re.match(r"\\([A-Za-z]+|.)", tex[place:], flags=re.S)
        if macro is None:
            if tex[place].isascii() and tex[place].isalpha():
                yield tex[place], index_kind(tex, place + 1)
            place += 1
            continue
        name, after = macro[1], place + macro.end()
        if name in WORDS:
            after = argument(tex, re.compile(r"\*?").match(tex, after).end())[1]
        elif name in ACCENTS:
            inner, after = argument(tex, after)
            if name == "overline" and len(re.findall(r"\\?[A-Za-z]+", inner)) > 1:
                yield from symbols(inner)
            else:
                yield rf"\{name} {inner.strip()}", index_kind(tex, after)
        elif name in GREEK:
            yield rf"\{name}", index_kind(tex, after)
        place = after


# ---------------------------------------------------------------------------------------- what is allowed


def listed(text):
    """Symbols of the notation page's tables: symbol -> the ways in which it is listed, "" being without an index."""
    _, prose = parts(text)
    found = {}
    for row in re.findall(r"^\|\s*([^|]+?)\s*\|", prose, flags=re.M):
        for _, _, tex in spans(row):
            for name, kinds in symbols(tex):
                found.setdefault(name, set()).update(kinds or {""})
    return found


def around(prose, start, end):
    """What stands before and after a place within its sentence, item or table cell."""
    return (
        re.split(r"[.;]\s|\n\n|\n- |\n\d\. |\|", prose[:start])[-1],
        re.split(r"[.;]\s|\n\n|\n- |\n\d\. |\|", prose[end:])[0],
    )


def definitions(prose):
    """(symbol, what follows it in its formula, whether words define it, its sentence) where a page may define one."""
    for start, end, tex in spans(prose):
        before, rest = around(prose, start, end)
        for statement in re.split(r",\s*\\q?quad|\\\\|\\qquad|\\quad|,\s+", tex):
            statement = re.sub(r"\\begin\{\w+\}|&|^\s*[\[(]", "", statement)
            first = next(symbols(statement), None)
            if first is None:
                continue
            name = first[0]
            left = re.escape(name).replace(r"\ ", r"\s*\{?\s*") + r"\}?"
            indices = r"(\s*[_^]\s*(\{[^{}]*\}|\\\w+|.))*(\([^()]*\))?'*"
            own = re.match(r"\s*(\\dot\s*)?" + left + indices, statement)
            if own is None:
                continue
            words = re.search(DEFINED_BEFORE, before, flags=re.I) or re.match(DEFINED_AFTER, prose[end : end + 40])
            yield name, statement[own.end() :].strip(), bool(words), f"{before} {tex} {rest}"


def defined(prose, head):
    """Symbols that a page defines: in words, by a relation, or in its front matter."""
    found = {name for key in head.get("symbols") or {} for name, _ in symbols(key)}
    return found | {
        name for name, rest, words, _ in definitions(prose) if re.match(RELATION, rest) or (words and not rest)
    }


def unknown(page):
    """Symbols of a page that are neither on the notation page nor defined on the page itself, with where."""
    known = listed(read("notation"))
    head, prose = parts(page)
    own, missing = defined(prose, head), {}
    for _, _, tex in spans(prose):
        for name, kinds in symbols(tex):
            ways = known.get(name, set())
            if "" in ways or kinds & ways or name in own:
                continue
            missing.setdefault(name, tex.strip()[:60])
    return missing


# ---------------------------------------------------------------------- second meanings, which no page may use

INDEX = r"\s*[_^(]"
FORBIDDEN = {
    "η is the learning rate; stacked deviations are \\boldsymbol\\delta": r"\\(dot|lVert|bar ?H)\s*\{?\\eta|\\eta"
    + INDEX
    + r"|\\boldsymbol\s*\{?\s*\\eta|H\}?(\(t\))?\\?,?\s*\\eta",
    "q is the scale √(m/m̄); the contraction constant is \\rho": r"(?<![a-zA-Z\\])q\s*(_|<\s*1|\\le\b|\\to|=\s*\\sup)"
    r"|1\s*-\s*q(?![a-z])",
    "a teacher's features are g^{(l)}; φ is what the student is told": r"(?<!\\bar)(?<!\\bar )(?<!\\bar\{)"
    r"\\(var)?phi\s*(_|\^\s*\{\(l)",
    "φ is written \\phi": r"\\varphi",
    "α_j are amplitudes; r_1, r_2 are shares, θ the mixing weight": r"\\alpha(?!\s*_)",
    "μ_i are eigenvalues of H; the step is \\eta": r"\\mu(?!\s*_)",
    "δ is a deviation; Kronecker's is 1_{k=l}": r"\\delta_\{?(kl|k\s*,\s*l|ij)",
}


OF_THE_PAPER = r"\bpaper|print|\bP-"


def second_meanings(page):
    """What a page uses a letter for that belongs to another one; the paper's own letters may be named as such."""
    _, prose = parts(page)
    found = {}
    for start, end, tex in spans(prose):
        quoted = re.search(OF_THE_PAPER, " ".join(around(prose, start, end)))
        for rule, pattern in FORBIDDEN.items():
            if not quoted and re.search(pattern, tex):
                found.setdefault(rule, tex.strip()[:60])
    return found


# ------------------------------------------------------- letters that invite a second meaning, and who may use them


class Letter(NamedTuple):
    """What a letter stands for in the whole book, what a sentence that defines it must say, and the pages with it."""

    meaning: str
    words: str
    pages: str
    character: str = ""  # as figures, tables and docstrings in a page's cells write it


LETTERS = {
    r"\beta": Letter(
        "labels' share a/(a+λ)", r"share|a/\(a\+|lowest|y_\*-T", "best_penalty notation student_predicts", "β"
    ),
    r"\gamma": Letter("ridge of a ridge regression", r"ridge", "best_penalty notation since_then", "γ"),
    r"\varepsilon": Letter(
        "probability with which a bound fails",
        r"[Pp]robability|level|bound|one network in",
        "how_wide notation proof_theorem2 theorem2",
        "ε",
    ),
    r"\epsilon": Letter("nothing", r"(?!)", "", "ϵ"),
    r"\rho": Letter(
        "contraction constant",
        r"constant|\\Delta\\bar H|b_H",
        "how_wide kernel_hypothesis lemmas notation proof_theorem1_3",
        "ρ",
    ),
    r"\eta": Letter(
        "learning rate",
        r"learning rate|step\b|descent",
        "model notation prediction scale setting without_hypothesis",
        "η",
    ),
    "q": Letter("scale √(m/m̄)", r"scale|output|m/\\bar m|20/100", "figure1 notation proof_theorem2 theorem2 two_stage"),
    r"\phi": Letter(
        "what a unit is told",
        r"knowledge|feature|function|f\^\{\(k\)\}\(0\)|teach",
        "assumptions deaf_units dynamics figure2 figure3 kernel_hypothesis model notation privileged proof_theorem1_3 "
        "remarks small_penalty student_predicts theorem1 theorem2 two_stage without_hypothesis",
    ),
}
QUOTED = r"\bthe paper\b|\bpaper's\b|\bprint(s|ed)\b"
SAID = r"\b(let|put|write|writing|(?<!ask )where|call|called|denotes?|set)\b"
NOUN = r"\b(the|an?|its|one) (\w+ ){0,2}(?!(in|of|to|at|by|for|with|equals|times|factor) )\w+ $"
NO_NUMBER = r":?=\s*(?!\\?[td]?frac\d|-?[\d.])"


def misused(page, name):
    """Where a page uses a letter that is another page's, or defines it as something else, with the sentence."""
    _, prose = parts(page)
    formulas = [
        (tex, {one for one, _ in symbols(tex)})
        for start, end, tex in spans(prose)
        if not re.search(QUOTED, " ".join(around(prose, start, end)))
    ]
    found, defined = [], list(definitions(prose))
    for letter, allowed in LETTERS.items():
        here = name in allowed.pages.split()
        for tex, letters in formulas:
            if not here and letter in letters:
                found.append(f"{letter} is the {allowed.meaning}: {tex.strip()[:60]}")
        for one, rest, words, sentence in defined:
            if one != letter or re.search(f"{allowed.words}|{QUOTED}", sentence):
                continue
            before = sentence.split(one)[0].rstrip() + " "
            said = words and (re.search(SAID, before, flags=re.I) or re.search(NOUN, before))
            if said or re.match(NO_NUMBER, rest):
                found.append(f"{letter} is the {allowed.meaning}: {' '.join(sentence.split())[-90:]}")
        if not here and allowed.character and (place := page_cells(page).find(allowed.character)) >= 0:
            found.append(f"{letter} is the {allowed.meaning}: {page_cells(page)[max(0, place - 30) : place + 30]!r}")
    return found


def page_cells(page):
    """All code cells of a page as text, with what is written in their strings."""
    return "\n".join(cell[0] for cell in re.finditer(CELL, page, flags=re.S | re.M))


# ------------------------------------------------------------------- the paper's statements carry their P-

STATEMENT = r"(?<!P-)\b(Theorem|Lemma|Corollary|Proposition|Assumption)s?[ ~]\d\b(?!\.\d)"


def bare_statements(page, whole=True):
    """Numbers of statements without the P- of the paper's: ours are references, whose numbers the book makes."""
    _, prose = parts(page)
    text = page.split("---\n", 2)[2] if whole else prose
    return [text[max(0, found.start() - 30) : found.end() + 20] for found in re.finditer(STATEMENT, text)]


def read(page):
    text = (BOOK / f"{page}.md").read_text("utf-8")
    text = text.split(OTHER_LETTERS)[0] if page == "notation" else text
    return text if text.startswith("---\n") else f"---\n{{}}\n---\n{text}"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_uses_only_symbols_that_are_explained(page):
    assert not unknown(read(page)), "define it where it is first used, or list it in the front matter under `symbols:`"


@pytest.mark.parametrize("page", PAGES)
def test_no_symbol_has_a_second_meaning(page):
    assert not second_meanings(read(page))


@pytest.mark.parametrize("page", PAGES)
def test_a_letter_has_its_meaning_on_its_pages_only(page):
    assert not misused(read(page), page), "use another letter, or say in LETTERS what the letter stands for"


@pytest.mark.parametrize("page", PAGES)
def test_the_papers_statements_are_marked(page):
    """In the cells too: captions, labels and verdicts. The errata's cells name the rows of a table of places."""
    assert not bare_statements(read(page), whole=page != "errata"), "P-Theorem 1, P-Lemma 2, P-Assumption 3"


def page_of(prose, head="title: x"):
    return f"---\n{head}\n---\n{prose}\n"


@pytest.mark.parametrize(
    "prose",
    [
        "The matrix grows like $e^{-Mt}$.",  # a letter from nowhere
        "$$ f=\\tilde f+1 $$ (label)",  # an accent makes another symbol
        "The constant is $\\lVert L\\rVert$.",  # L_k is listed, L is not
        "It moves along $v$.",  # v^j is listed, v is not
        "Where it breaks: ask for $1/\\kappa$.",
        "where $x$ is large, $x\\kappa$ is small",
        "By $M$ and $x$ one can divide.",
        "It holds for $M$.",
    ],
)
def test_a_symbol_from_nowhere_is_found(prose):
    assert len(unknown(page_of(prose))) == 1


@pytest.mark.parametrize(
    "prose",
    [
        "Let $M$ be a matrix. Then $e^{-Mt}f$.",
        "$$ M=\\sum_kc_k^2Q_k,\\qquad \\psi=\\bar\\phi $$ and later $M\\psi$",
        "with $\\kappa>0$, $1/\\kappa$ is finite",
        "$H_k$, $H$, $H^\\infty$, $v^j$, $L_k^\\top$, $x_i$, $f_\\infty^{(k)}$ and $\\mathbf D^{1/2}$ are on the page",
        "`M` and ``$M$`` are code",
        "The loss $\\ell$ is the mean over $N$ test points, for every $M$.",
        "$\\dot{\\boldsymbol\\delta}=-\\bar H\\boldsymbol\\delta$, $\\text{where}$",
        '```{code-cell} ipython3\nprint("$M$")\n```',
    ],
)
def test_what_is_defined_or_listed_is_known(prose):
    assert not unknown(page_of(prose))


def test_the_front_matter_may_define():
    assert not unknown(page_of("$\\kappa M$", "symbols:\n  \\kappa: a number\n  M: a matrix"))


@pytest.mark.parametrize(
    "tex",
    [
        "\\dot\\eta=-\\bar H\\eta",
        "\\eta(0)",
        "\\lVert\\eta\\rVert_A",
        "\\eta_j",
        "\\boldsymbol\\eta",
        "q<1",
        "q_A",
        "\\frac1{1-q}",
        "\\phi_l",
        "\\phi^{(l)}",
        "\\varphi^{(k)}",
        "1-\\alpha",
        "\\mu>0",
        "\\lambda\\delta_{kl}",
    ],
)
def test_a_second_meaning_is_found_unless_the_paper_is_quoted(tex):
    assert second_meanings(page_of(f"One has ${tex}$ here."))
    assert not second_meanings(page_of(f"One has, in the paper, ${tex}$ here."))


@pytest.mark.parametrize(
    "tex", ["\\eta\\lambda_{\\max}", "q^2", "\\bar\\phi_i", "\\alpha_jv^j", "\\mu_i", "\\phi^{(k)}"]
)
def test_a_first_meaning_is_left_alone(tex):
    assert not second_meanings(page_of(f"One has ${tex}$ here."))


@pytest.mark.parametrize(
    ("page", "prose"),
    [
        ("lemmas", r"The bound is $2\beta$."),  # another page's letter
        ("best_penalty", r"Let $\beta$ be the steepness of the bowl."),
        ("best_penalty", r"The curve is steep, $\beta=\frac{\lVert v\rVert}2$."),
        ("since_then", r"Put $\gamma^2=\lambda+\max_kc_k^2$."),
        ("since_then", r"For a curve $\gamma$ this is small."),
        ("theorem2", r"where $\varepsilon>0$ is a floor of the slopes"),
        ("theorem2", r"The residual is $\epsilon$."),
        ("lemmas", r"Let $\rho$ be the correlation."),
        ("model", r"with the vector $\eta$ of all deviations"),
        ("theorem2", r"Let $q$ be the number of rounds."),
        ("theorem1", r"where $\phi$ is an angle"),
        ("lemmas", "```{code-cell} ipython3\nprint('single, γ = 0.1')\n```"),
    ],
)
def test_a_letter_with_another_meaning_or_page_is_found(page, prose):
    assert misused(page_of(prose), page)


@pytest.mark.parametrize(
    ("page", "prose"),
    [
        ("best_penalty", r"The labels' share is $\beta=a/(a+\lambda)$. At $\beta=0$ it is the teacher's."),
        ("since_then", r"Ridge regression with ridge $\gamma$"),
        ("theorem2", r"With probability at least $1-\varepsilon$ the bound holds."),
        ("errata", r"We write $\boldsymbol\delta$ for the paper's $\eta$ and $\beta$."),
        ("theorem1", r"The teacher's output is $\bar\phi$."),
        ("lemmas", "```{code-cell} ipython3\ncheck('ρ = 0.1')\n```"),
    ],
)
def test_a_letter_with_its_meaning_is_left_alone(page, prose):
    assert not misused(page_of(prose), page)


@pytest.mark.parametrize(
    "words",
    [
        "By Theorem 1",
        "Lemmas 2 to 4",
        "(Assumption 3)",
        "**Lemma 2.** It",
        "P-Theorem 1, Lemma 2",
        "[Theorem 1](theorem1.md)",
    ],
)
def test_a_bare_statement_is_found(words):
    assert len(bare_statements(page_of(words))) == 1
    assert len(bare_statements(page_of(f"```{{code-cell}} ipython3\nprint('{words}')\n```"))) == 1


@pytest.mark.parametrize(
    "words", ["By P-Theorem 1", "P-Lemmas 2 to 4", "{prf:ref}`lem-decay`", "Theorem 4.2", "[P-Theorem 1](theorem1.md)"]
)
def test_a_marked_statement_is_left_alone(words):
    assert not bare_statements(page_of(words))
