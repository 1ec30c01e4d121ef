"""What the site's extensions compute: reading times, definitions, one counter, lighter pages, scripts where needed."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from docutils import nodes
from PIL import Image
from sphinx_proof.proof_type import PROOF_TYPES

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))
import accessible  # noqa: E402
import definitions  # noqa: E402
import engine_api  # noqa: E402
import light  # noqa: E402
import moving_figures  # noqa: E402
import proofs  # noqa: E402
import reading  # noqa: E402
import unbroken  # noqa: E402


def words(number):
    return nodes.paragraph("", "word " * number)


def cell(*children, tags=()):
    return nodes.container("", *children, classes=["cell", *(f"tag_{tag}" for tag in tags)])


def test_reading_time_counts_what_is_seen():
    code, formula = nodes.literal_block("", "a\nb\nc"), nodes.math_block("", "x")
    page = nodes.section("", nodes.title("", "Title here"), words(98), formula, cell(code))
    assert reading.counted(page) == {"word": 100, "formula": 1, "line": 3, "figure": 0}


@pytest.mark.parametrize("tag", ["hide-input", "hide-cell", "remove-cell"])
def test_reading_time_leaves_out_what_is_folded(tag):
    folded = nodes.container("", words(500), classes=["sd-dropdown"])
    page = nodes.section("", words(10), folded, cell(nodes.literal_block("", "a\nb"), tags=[tag]))
    assert reading.counted(page) == {"word": 10, "formula": 0, "line": 0, "figure": 0}


def test_reading_time_is_in_whole_minutes():
    found = dict.fromkeys(reading.SECONDS, 0)
    assert reading.minutes(found) == 1
    assert reading.minutes(found | {"word": 1000}) == 5
    assert reading.minutes(found | {"word": 1000, "formula": 1}) == 6


@pytest.mark.parametrize("place", ["In the paper: section 2.", "Another line."])
def test_reading_time_stands_beside_the_line_under_the_title(place):
    first = nodes.paragraph("", "", nodes.emphasis("", place))
    document = nodes.section("", nodes.section("", nodes.title("", "Title"), first, words(300)))
    reading.insert(None, document)
    told = [node.astext() for node in document[0].children[1:3]]
    assert told == [f"{place}\u20032 minutes to read", words(300).astext()]


def test_reading_time_is_a_line_of_its_own_where_no_line_stands_under_the_title():
    document = nodes.section("", nodes.section("", nodes.title("", "Title"), words(300)))
    reading.insert(None, document)
    assert [node.astext() for node in document[0].children[1:]] == ["2 minutes to read", words(300).astext()]


def test_a_list_has_no_reading_time():
    document = nodes.section("", nodes.title("", "Title"), words(20))
    reading.insert(None, document)
    assert "read" not in document.astext()


def definition(*children):
    return nodes.definition("", nodes.paragraph("", "", *children))


def test_definition_is_text_with_lowered_indices():
    parts = nodes.Text("a rate < "), nodes.math("", r"p_{ij}\lambda^2"), nodes.Text(".")
    assert definitions.text(definition(*parts)) == "a rate &lt; p<sub>ij</sub>λ<sup>2</sup>."


def test_a_long_definition_is_cut_at_a_word():
    found = definitions.text(definition(nodes.Text("word " * 200)))
    assert found.endswith("word…") and len(found) <= definitions.LONGEST + 1


def test_links_to_the_glossary_are_described(monkeypatch):
    link = '<a class="reference internal" href="notation.html#term-{}"><span class="xref std std-term">{}</span></a>'
    body = link.format("pole", "poles") + link.format("gone", "gone") + link.format("pole", "pole")
    scripts = []
    app = SimpleNamespace(
        builder=SimpleNamespace(format="html"),
        book_definitions={"pole": "a rate"},
        add_js_file=lambda name, **options: scripts.append(name),
    )
    context = {"body": body}
    definitions.describe(app, "page", "page.html", context, doctree=object())
    assert context["body"].count('aria-describedby="definition-pole"') == 2
    assert (
        context["body"].count('id="definition-pole" hidden>a rate</div>') == 1
        and "definition-gone" not in context["body"]
    )
    assert scripts == ["definitions.js"]


def test_all_blocks_of_a_page_share_one_counter():
    config = SimpleNamespace()
    proofs.configure(None, config)
    assert set(config.prf_realtyp_to_countertyp) == set(PROOF_TYPES)
    assert set(config.prf_realtyp_to_countertyp.values()) == {"theorem"}


@pytest.mark.parametrize("inner", proofs.INNER)
def test_inner_ids_are_those_of_their_blocks(inner):
    blocks = [nodes.admonition("", nodes.section("", ids=[inner]), label=f"book/page-{number}") for number in (1, 2)]
    document = nodes.section("", *blocks)
    proofs.unique_ids(None, document)
    assert [block[0]["ids"] for block in blocks] == [["page-1-content"], ["page-2-content"]]


def test_scripts_of_moving_figures_go_where_one_is():
    assert moving_figures.needed("<p>text</p>") == []
    assert moving_figures.needed('<div class="moving" data-moving="modes">') == list(moving_figures.SCRIPTS)
    assert moving_figures.needed('<tr data-verdict="holds">') == [moving_figures.FILTERS]
    for name in (*moving_figures.SCRIPTS, moving_figures.FILTERS, "LICENSE-d3"):
        assert (moving_figures.FOLDER / name).stat().st_size < 60_000


PAGE = """<head><script>window.MathJax = {"tex": {}}</script>
<script defer src="../_static/mathjax/tex-chtml.js?v=1"></script>
<script defer src="../_static/scripts/fontawesome.js?digest=1"></script><script src="../searchindex.js"></script>
<script src="../_static/searchtools.js"></script><script src="own.js"></script></head><body>text</body>"""


def test_a_page_is_freed_of_what_it_does_not_use():
    plain = light.lightened(PAGE, False)
    assert "mathjax" not in plain.lower() and "fontawesome" not in plain and "search" not in plain and "own.js" in plain
    formula = light.lightened(PAGE + '<span class="math notranslate">x</span>', True)
    assert "tex-chtml" in formula and "window.MathJax" in formula and "searchindex.js" in formula


def test_style_sheet_keeps_the_icons_that_are_shown():
    sheet = '.fa-a:before,.fa-b:before{content:"\\f001"}.fa-c:before{content:"\\f002"}.x{color:red}'
    assert light.only_icons(sheet, {"b"}) == ('.fa-a:before,.fa-b:before{content:"\\f001"}.x{color:red}', {0xF001})


def test_style_sheet_keeps_one_face():
    face = (
        '@font-face{{font-weight:{};src:url(../webfonts/{}.woff2) format("woff2"),'
        'url(../webfonts/{}.ttf) format("truetype")}}'
    )
    sheet = face.format(900, light.KEPT, light.KEPT) + face.format(400, "fa-brands-400", "fa-brands-400")
    kept = f'@font-face{{font-weight:900;src:url(../webfonts/{light.KEPT}.ttf) format("truetype")}}'
    assert light.only_face(sheet) == kept


def test_a_style_sheet_keeps_of_its_comments_the_licences():
    assert light.COMMENT.sub("", "/*! MIT */\na{b:c}/* why\nso */\nd{e:f}") == "/*! MIT */\na{b:c}d{e:f}"


def test_drawings_are_made_smaller_and_photographs_left(tmp_path):
    drawing = np.zeros((60, 60, 3), dtype=np.uint8)
    drawing[20:40] = np.linspace(0, 255, 60, dtype=np.uint8)[:, None]
    photograph = np.random.default_rng(0).integers(0, 256, (100, 100, 3), dtype=np.uint8)
    for name, picture in {"drawing": drawing, "photograph": photograph}.items():
        Image.fromarray(picture).save(tmp_path / f"{name}.png")
        light.shrink_picture(tmp_path / f"{name}.png")
    with Image.open(tmp_path / "photograph.png") as kept, Image.open(tmp_path / "drawing.png") as small:
        assert np.array_equal(np.asarray(kept), photograph)
        assert small.mode == "P" and np.abs(np.asarray(small.convert("RGB"), int) - drawing).max() <= 4


def resolved(*children):
    """A document of these children, as a page of the site is written."""
    page = nodes.section("", *children)
    unbroken.hold(SimpleNamespace(builder=SimpleNamespace(format="html")), page, "page")
    return page


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("10 000 images and 5 % of 2 classes", "10\u00a0000 images and 5\u00a0% of 2 classes"),
        ("10\u202f000 steps", "10\u00a0000 steps"),
        (" %, as Fig. 3 shows", "\u00a0%, as Fig.\u00a03 shows"),
        ("Figure 1 and Figure of 2", "Figure\u00a01 and Figure of 2"),
        ("section 2.6, Exercise 10.2", "section\u00a02.6, Exercise\u00a010.2"),
        ("the norm ‖y − ψ‖ of y − ψ", "the norm ‖y\u00a0−\u00a0ψ‖ of y − ψ"),
        ("-0.46", "−0.46"),
        ("4.5%", "4.5\u00a0%"),
        ("from (-6.9 to a well-known 3-4", "from (−6.9 to a well-known 3-4"),
        ("-2 and more", "-2 and more"),
    ],
)
def test_numbers_are_held_together(written, shown):
    assert resolved(nodes.paragraph("", written)).astext() == shown


def test_places_in_the_paper_are_held_together_and_code_is_left_alone():
    page = resolved(
        nodes.paragraph("", "", nodes.Text("By P-Theorems 1 and 3 and P-(10), not "), nodes.literal("", "P-(1) -1 %"))
    )
    assert [node.astext() for node in page.findall(nodes.inline)] == ["P-Theorems 1 and 3", "P-(10)"]
    assert page.astext() == "By P-Theorems 1 and 3 and P-(10), not P-(1) -1 %"


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("both sides agree to 1e-10", "both sides agree to\u00a01e-\u206010"),
        ("P-(6) to rounding, 2e-16", "P-\u2060(6) to rounding, 2e-\u206016"),
        ("a well-known one-2", "a well-known one-2"),
    ],
)
def test_a_number_that_a_cell_prints_is_held_together(printed, shown):
    block = nodes.literal_block(printed, printed, classes=["output", "stream"])
    page = resolved(block, nodes.literal_block(printed, printed))
    assert [(one.astext(), one.rawsource) for one in page] == [(shown, shown), (printed, printed)]


def test_places_in_the_paper_are_held_together_in_html_that_a_cell_shows():
    html = '<p title="P-(6)">so P-(6) <b>holds</b>, P-Lemma 3</p><script>"P-(6)"</script>'
    page = resolved(
        nodes.raw("", html, format="html", classes=["output", "text_html"]), nodes.raw("", html, format="html")
    )
    held, left = (node.astext() for node in page)
    assert left == html
    assert held == html.replace("so P-(6)", 'so <span class="nobreak">P-(6)</span>').replace(
        "P-Lemma 3", '<span class="nobreak">P-Lemma\u00a03</span>'
    )


def test_a_line_of_verdicts_has_the_questions_of_our_own_on_a_line_of_theirs():
    html = "<p><span>1 × holds</span> · 2 questions of our own: <span>2 × holds</span> · more</p>"
    page = resolved(nodes.raw("", html, format="html", classes=["output", "text_html"]))
    assert page.astext() == html.replace(" · 2 questions", "<br>2 questions")


def test_cells_of_numbers_alone_are_marked_for_the_style_sheet():
    numbers = "<td>0.5</td><td>1 000</td><td>−0.5 [−1, 0]</td><td>12 %</td><td>4 × 10<sup>−5</sup></td>"
    words = "<td>CIFAR-10</td><td>2, non-zero</td><td>yes</td><td></td><td>–</td><td><b>0.5</b> low</td>"
    page = resolved(nodes.raw("", numbers + words, format="html", classes=["output", "text_html"]))
    assert page.astext().count("<td") == 11
    assert (
        page.astext().count('<td class="number">') == page.astext().split("CIFAR")[0].count('<td class="number">') == 5
    )


@pytest.mark.parametrize(
    ("written", "for_sphinx"),
    [
        ("|x| and weights_ of *args", r"\|x\| and weights\_ of \*args"),
        ("*holds*, else *twice as high*.", "*holds*, else *twice as high*."),
        ("``*args`` of x*", "``*args`` of x*"),
        ("    >>> f(*x.weights_)", "    >>> f(*x.weights_)"),
        ("Claim -> its word, as ``f() -> str``", "Claim → its word, as ``f() -> str``"),
    ],
)
def test_signs_of_a_docstring_are_not_taken_for_marks_and_emphasis_stays(written, for_sphinx):
    assert engine_api.escaped(written) == for_sphinx


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("f_∞^(k) of H_k, λ_max(H), c_k²", "f[∞]^(k)^ of H[k], λ[max](H), c[k]²"),
        ("e^{−p_j t} (M + λI)^{-1} of Σ_{l_k}", "e^−p[j] t^ (M + λI)^−1^ of Σ[l[k]]"),
        ("dw_k/dt, σ′(Xw_k), σ′_min², ‖δ‖_A, min_k", "dw[k]/dt, σ′(Xw[k]), σ′[min]², ‖δ‖[A], min[k]"),
        ("n_train, y_test, figures2_4, f_teacher", "n_train, y_test, figures2_4, f_teacher"),
        ("x = x*_V, φ̄_l of w̄_k, η_j^r", "x = x*[V], {φ̄}[l] of w̄[k], η[j]^r^"),
        ("M_kl = ⟨K_k, K_l⟩_F", "M[kl] = ⟨K[k], K[l]⟩[F]"),
    ],
)
def test_formulas_of_docstrings_have_indices_and_exponents_and_names_stay(written, shown):
    def told(node):
        if isinstance(node, nodes.Text):
            return node.astext()
        inner = "".join(map(told, node.children))
        if isinstance(node, nodes.inline):
            return f"{{{inner}}}" if node["classes"] == ["accented"] else inner
        return f"[{inner}]" if isinstance(node, nodes.subscript) else f"^{inner}^"

    assert "".join(map(told, engine_api.typeset(written))) == shown


def test_attributes_of_a_class_are_headed_by_their_own_word():
    page, names = nodes.document(None, None), [nodes.field_name("", word) for word in ("Variables", "Parameters")]
    page.extend(names)
    engine_api.typeset_page(SimpleNamespace(env=SimpleNamespace(docname="book/api_core")), page)
    assert [name.astext() for name in names] == ["Attributes", "Parameters"]


@pytest.mark.parametrize(
    ("written", "for_sphinx"),
    [
        ("As in `train` of `arms`.", "As in :py:obj:`train <kdsrc.training.euler.train>` of `arms`."),
        ("`kdsrc.training.train`", ":py:obj:`kdsrc.training.train <kdsrc.training.euler.train>`"),
        ("`KernelRegime.modes`", ":py:obj:`KernelRegime.modes <kdsrc.dynamics.regime.KernelRegime.modes>`"),
        ("`kdsrc.training.history`", ":py:mod:`kdsrc.training.history <kdsrc.training.history>`"),
        (
            "`data`, ``train``, `np`, `kdsrc.dynamics.linearised`",
            "`data`, ``train``, `np`, `kdsrc.dynamics.linearised`",
        ),
        ("    >>> `train`", "    >>> `train`"),
    ],
)
def test_names_of_the_engine_lead_to_what_is_said_of_them(written, for_sphinx):
    assert engine_api.linked(written, "kdsrc.training.euler", engine_api.parameters(lambda data: data)) == for_sphinx


def test_classes_of_the_engine_are_told_apart_by_their_names():
    assert engine_api.classes()["Arm"] == "kdsrc.training.euler"
    for module in map(engine_api.importlib.import_module, engine_api.modules()):
        for name in getattr(module, "__all__", ()):
            found = getattr(module, name)
            if isinstance(found, type) and found.__module__ == module.__name__:
                assert engine_api.classes()[name] == module.__name__


def test_attributes_that_share_an_entry_get_one_each():
    before = [
        "One.",
        "",
        "Attributes",
        "----------",
        "low, high : float",
        "    The ends.",
        "name : str",
        "",
        "a, b : c",
    ]
    after = [*before[:4], "low : float", "    The ends.", "high : float", "    The ends.", *before[6:]]
    assert engine_api.singled(before) == after
    assert engine_api.singled(["One, two : three."]) == ["One, two : three."]
    untyped = [*before[:4], "low, high", "    The ends.", ""]
    assert engine_api.singled(untyped)[4:] == ["low", "    The ends.", "high", "    The ends.", ""]


@pytest.mark.parametrize(
    ("code", "broken"),
    [
        ("f.low_end(x)", "f.low_end(x)"),
        ("module.the_lowest_end(x)", "module.<wbr>the_<wbr>lowest_<wbr>end(<wbr>x)"),
        ("--scale", None),
        ("0.5", "0.5"),
        ("kdsrc.", "kdsrc.<wbr>"),
        ("results/quick/NAME.json", "results/<wbr>quick/<wbr>NAME.json"),
    ],
)
def test_code_breaks_between_the_parts_of_a_name_and_never_within_an_option(code, broken):
    page = f'<p>a.b</p><code><span class="pre">{code}</span></code>'
    span = f'<span class="pre">{broken}</span>' if broken else f'<span class="pre nobreak">{code}</span>'
    assert accessible.repaired(page) == f"<p>a.b</p><code>{span}</code>"


def test_a_command_stays_with_what_it_is_to_do():
    kdsrc, verdicts, rest = (f'<span class="pre">{word}</span>' for word in ("kdsrc", "verdicts", "FOLDER"))
    held = f'<span class="nobreak">{kdsrc} {verdicts}</span>'
    assert accessible.repaired(f"<code>{kdsrc} {verdicts} {rest}</code>") == f"<code>{held} {rest}</code>"


def test_the_square_at_the_end_of_a_proof_begins_no_line():
    c, end = (rf'<span class="math notranslate nohighlight">\({what}\)</span>' for what in ("c", r"\square"))
    held = f'<span class="nobreak">factor.&nbsp;{end}</span>'
    assert accessible.repaired(f"<p>one factor.\n{end}</p>") == f"<p>one {held}</p>"
    held = f'<span class="nobreak"><span class="nobreak">{c}.</span>&nbsp;{end}</span>'
    assert accessible.repaired(f"<p>by {c}. {end}</p>") == f"<p>by {held}</p>"


@pytest.mark.parametrize(("words", "kept"), [("make bench", True), ("kdsrc reproduce figure1 --scale paper", False)])
def test_a_short_command_stays_on_a_line(words, kept):
    spans = " ".join(f'<span class="pre">{word}</span>' for word in words.split())
    page = accessible.repaired(f'<code class="literal">{spans}</code>')
    assert ('<code class="nobreak literal">' in page) == kept


@pytest.mark.parametrize(
    "line",
    [
        '<li class="toctree-l1"><a href="a.html">3. How fast %s</a></li>',
        '<p class="prev-next-title"><span class="section-number">3. </span>The amplitudes of %s, measured</p>',
    ],
)
@pytest.mark.parametrize("place", ["P-Theorem 3", "(P-Theorem 3)", "P-Theorems 1"])
def test_a_place_in_the_paper_is_held_together_where_a_page_is_named(line, place):
    assert accessible.repaired(line % place) == line % f'<span class="nobreak">{place}</span>'


@pytest.mark.parametrize(
    ("shown", "held"),
    [
        ("<td>the figures' ends, Figure 1&#39;s</td>", "<td>the figures’ ends, Figure\u00a01’s</td>"),
        ("<td>n = 10 000</td>", "<td>n\u00a0=\u00a010\u00a0000</td>"),
        ("<td>λ → ∞, 1 − m, a → b</td>", "<td>λ\u00a0→\u00a0∞, 1\u00a0−\u00a0m, a → b</td>"),
        ("<td>q = √0.2</td>", "<td>q\u00a0=\u00a0√0.2</td>"),
        ("<td>at λ = 0.1</td>", "<td>at λ\u00a0=\u00a00.1</td>"),
        ("<td>⟨η,η⟩ = 1, a = b</td>", "<td>⟨η,η⟩\u00a0=\u00a01, a = b</td>"),
        (r"<td title='λ = 1'>\(λ = 1\)</td>", r"<td title='λ = 1'>\(λ = 1\)</td>"),
        ("<script>a = 1</script>", "<script>a = 1</script>"),
        ("<td>P-Theorem 1</td>", '<td><span class="nobreak">P-Theorem\u00a01</span></td>'),
        ("<td>−1.5 [−2, 0.25]</td>", '<td>−1.5 <span class="nobreak">[−2, 0.25]</span></td>'),
        ("<td>n ≤ d, λ = 0.01 … 10</td>", "<td>n\u00a0≤\u00a0d, λ\u00a0=\u00a00.01\u00a0…\u00a010</td>"),
        (
            "<td>(1 − αβ)x, (a − b and more)</td>",
            '<td><span class="nobreak">(1\u00a0−\u00a0αβ)</span>x, (a − b and more)</td>',
        ),
        ("<td>-0.46</td><td>[-1] of <code>x[-1]</code>", "<td>−0.46</td><td>[−1] of <code>x[-1]</code>"),
        ("<td>P-Lemma 3's</td>", '<td><span class="nobreak">P-Lemma\u00a03</span>’s</td>'),
        ("<td>as Theorem 4 says</td>", "<td>as Theorem\u00a04 says</td>"),
        ("<td>[+1.3, +2.4]</td>", '<td><span class="nobreak">[+1.3, +2.4]</span></td>'),
        ("<td>[1%, 2\u202f000]</td>", '<td><span class="nobreak">[1\u00a0%, 2\u00a0000]</span></td>'),
        ("<td>[a, b] and [1, 2, x]</td>", "<td>[a, b] and [1, 2, x]</td>"),
        ("<td width='33%'>33% of 2\u202f000</td>", "<td width='33%'>33\u00a0% of 2\u00a0000</td>"),
        ("<td>the teacher's, f'(x), 'so'</td>", "<td>the teacher’s, f'(x), 'so'</td>"),
        ("<pre>33% of it's</pre>", "<pre>33% of it's</pre>"),
        ("<td>the flow&#39;s, &#39;so&#39;</td>", "<td>the flow’s, &#39;so&#39;</td>"),
        ("<td>0, &lt; 1e−12 or 4e−05</td>", "<td>0, &lt;\u00a010<sup>−12</sup> or 4e−05</td>"),
        ("<td>is O(1/√m)</td>", '<td>is <span class="nobreak">O(1/√m)</span></td>'),
        ("<td>CIFAR-10</td>", '<td><span class="nobreak">CIFAR-10</span></td>'),
    ],
)
def test_a_table_has_the_signs_of_the_prose_and_formulas_are_left_alone(shown, held):
    assert unbroken.held_html(shown) == held
