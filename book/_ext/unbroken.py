"""Where no line may break: within 10 000, CIFAR-10, section 2.6, P-Theorem 3, λ = 0.1 or [0.1, 0.2], 1e-10, before a %.

A number that a cell put into the prose also gets a minus sign in the place of its hyphen, and a table the signs of the
prose: 33 %, a curved apostrophe, < 10⁻¹². In what a cell prints, an invisible word joiner follows a hyphen where a
narrow screen would end the line. Only the site needs this.
"""

import re

from docutils import nodes

SPACE = re.compile(r"(?<=\d)[ \u202f](?=\d{3}(?!\d))|(?:(?<=\d)|^) (?=%)")
NAMED = re.compile(
    r"\b(Fig\.|Eqs?\.|[Ff]igures?|[Ss]ections?|[Ss]tep|Theorem|Lemma|Proposition|Corollary|Definition"
    r"|Exercise) (?=[\d(])"
)
NORM = re.compile(r"(‖[^\s‖]{1,6}) − (?=[^\s‖]{1,6}‖)")
MINUS = re.compile(r"^-(?=[\d.]+$)|(?<=[\s(\[])-(?=\d)")
# where in the paper, and its data
PLACE = re.compile(r"((?<!\w)P-(?:\(\d+\)|[A-Z][a-z]+(?: \d+(?: (?:and|to) \d+)?)?)|\bCIFAR-10\b)")
EQUAL = re.compile(r"(?<=[\w)⟩]) = (?=[−\d√])|(?<=[\w)]) [≤≥…] (?=\w)")
POWER = r"(?P<less>&lt; )?(?<![\w.])1e−(?P<power>\d+)"
INTERVAL = r"\[[−+\d.,% \u202f]+, [−+\d.,% \u202f]+\]"
ORDER = r"\bO\([^()<>]+\)|\((?=[^()]{3,12}\))[^()<>;]+ [+−] [^()<>;]+\)"  # O(1/√m), (1 − αβ)
TAG_OR_PLACE = re.compile(
    rf"<(script|style|pre)\b.*?</\1>|<[^>]*>|\\\(.*?\\\)|{PLACE.pattern}|(?P<interval>{INTERVAL})|(?P<order>{ORDER})"
    rf"|{POWER}|(?P<sign>{EQUAL.pattern}|(?<=\w) → (?=∞)|(?<=\d) − (?=\w)|(?<=[Ff]igure) (?=\d)"
    rf"|(?<=\d)(?:%|[ \u202f](?=\d{{3}}(?!\d)))"
    r"|(?<=[a-z\d])(?:'|&#39;)(?=s\b)|(?<=s)(?:'|&#39;)(?= ))",
    re.S,
)
SIGNS = {"%": "\u00a0%", "\u202f": "\u00a0", " ": "\u00a0", "'": "’", "&#39;": "’"}
HYPHEN = re.compile(r"(?<=\de-)(?=\d)|(?<=\bP-)(?=\()")
PER_CENT = re.compile(r"^([\d.]+)%$")  # a number alone, as a cell puts it into the prose
SECOND = re.compile(r"(?<=</span>) · (?=\d+ questions? of our own:)")  # where a line of verdicts does break
VERBATIM = (nodes.literal, nodes.FixedTextElement, nodes.raw, nodes.math, nodes.comment)


def is_within(node, kinds):
    """Whether a text stands in a node of these kinds, such as code or a formula."""
    while node := node.parent:
        if isinstance(node, kinds):
            return True
    return False


def held(text):
    """The nodes in place of a text: the same words, held together where they belong together."""
    words = NORM.sub("\\1\u00a0−\u00a0", NAMED.sub("\\1\u00a0", SPACE.sub("\u00a0", text)))
    words = EQUAL.sub(lambda found: found[0].replace(" ", "\u00a0"), words)
    signs = PER_CENT.sub("\\1\u00a0%", MINUS.sub("−", words))
    parts = PLACE.split(signs)
    found = [
        nodes.inline("", part, classes=["nobreak"]) if number % 2 else nodes.Text(part)
        for number, part in enumerate(parts)
    ]
    return [node for node in found if node.astext()] or [nodes.Text("")]


def held_html(html):
    """The same for what a cell shows as HTML: its text, but not its tags, scripts and formulas."""

    def kept(found):
        if found["sign"]:
            return SIGNS.get(found["sign"]) or found["sign"].replace(" ", "\u00a0")
        if found["power"]:
            less = "&lt;\u00a0" if found["less"] else ""
            return f"{less}10<sup>−{found['power']}</sup>"
        if found["interval"]:
            within = found[0][1:-1].replace("%", SIGNS["%"]).replace("\u202f", SIGNS["\u202f"])
            return f'<span class="nobreak">[{within}]</span>'
        return f'<span class="nobreak">{found[0]}</span>' if found[2] or found["order"] else found[0]

    return TAG_OR_PLACE.sub(kept, html).replace("</sup>(", "</sup>\u2060(")  # δ⁽ᵏ⁾(0)


def hold_outputs(doctree):
    """What cells have printed, and what they show as HTML."""
    for node in [*doctree.findall(nodes.literal_block), *doctree.findall(nodes.raw)]:
        if "output" not in node["classes"]:
            continue
        text = node.astext()
        if isinstance(node, nodes.raw):
            text = SECOND.sub("<br>", held_html(text))
        else:
            text = HYPHEN.sub("\u2060", text).replace("agree to 1e", "agree to\u00a01e")
        node.rawsource, node[:] = text, [nodes.Text(text)]  # a block whose source differs is not highlighted


def hold(app, doctree, docname):
    if app.builder.format != "html":
        return
    hold_outputs(doctree)
    for text in list(doctree.findall(nodes.Text)):
        if not is_within(text, VERBATIM):
            text.parent.replace(text, held(text.astext()))


def setup(app):
    app.connect("doctree-resolved", hold)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
