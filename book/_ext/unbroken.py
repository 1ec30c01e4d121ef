"""Where no line may break: within 10 000, CIFAR-10, section 2.6, P-Theorem 3, λ = 0.1 or [0.1, 0.2], 1e-10, before a %.

A number that a cell put into the prose also gets a minus sign in the place of its hyphen, and a table the signs of the
prose: 33 %, a curved apostrophe, < 10⁻¹². Cells of numbers alone are marked for the style sheet. In what a cell prints,
an invisible word joiner follows a hyphen where a narrow screen would end the line. Only the site needs this.
"""

import re

from docutils import nodes

NBSP, JOINER = "\u00a0", "\u2060"
# Spaces at which no line may break
SPACES = re.compile(
    "|".join(
        [
            r"(?<=\d)[ \u202f](?=\d{3}(?!\d))|(?:(?<=\d)|^) (?=%)",  # 10 000, 5 %
            r"\b(?:Fig\.|Eqs?\.|[Ff]igures?|[Ss]ections?|[Ss]tep|Theorem|Lemma|Proposition|Corollary|Definition|Exercise)"
            r" (?=[\d(])",
            r"‖[^\s‖]{1,6} − (?=[^\s‖]{1,6}‖)|(?<=\d) − (?=\w)",  # ‖y − ψ‖, 1 − m
            r"(?<=[\w)⟩]) = (?=[−\d√])|(?<=[\w)]) (?:[≤≥…]|&[lg]t;) (?=\w)|(?<=\w) → (?=∞)",  # λ = 0.1, n ≤ d
        ]
    )
)
SIGNS = {
    re.compile(r"^-(?=[\d.]+$)|(?<=[\s(\[])-(?=\d)"): "−",
    re.compile(r"(?<=\d)(?=%)"): NBSP,
    re.compile(r"(?<=[a-z\d])(?:'|&#39;)(?=s\b)|(?<=s)(?:'|&#39;)(?= )"): "’",
}
# Words that stay on one line: where in the paper, and its data; an interval; O(1/√m) and (1 − αβ)
PLACE = re.compile(r"(?<!\w)P-(?:\(\d+\)|[A-Z][a-z]+(?: \d+(?: (?:and|to) \d+)?)?)|\bCIFAR-10\b")
INTERVAL = r"\[[−+\d.,% \u00a0\u202f]+, [−+\d.,% \u00a0\u202f]+\]"
ORDER = r"\bO\([^()<>]+\)|\((?=[^()]{3,12}\))[^()<>;]+ [+−] [^()<>;]+\)"
ONE_LINE = re.compile(f"({PLACE.pattern}|{INTERVAL}|{ORDER})")
# Of what a cell shows as HTML, the text between its tags, scripts and formulas
TEXT = re.compile(r"<(script|style|pre|code)\b.*?</\1>|<[^>]*>|\\\(.*?\\\)|(?P<text>[^<\\]+|\\)", re.S)
NUMBER = re.compile(r"<td>(?=[^<>A-Za-z]*\d(?:[^<>A-Za-z]|</?su[bp]>)*</td>)")
POWER = re.compile(r"(?P<less>&lt; )?(?<![\w.])1e−(?P<power>\d+)")
SECOND = re.compile(r"(?<=</span>) · (?=\d+ questions? of our own:)")  # where a line of verdicts does break
# What a cell prints keeps its signs
PRINTED = {re.compile(r"(?<=\de-)(?=\d)|(?<=\bP-)(?=\()"): JOINER, re.compile(r"(?<=agree to) (?=1e)"): NBSP}
VERBATIM = (nodes.literal, nodes.FixedTextElement, nodes.raw, nodes.math, nodes.comment)


def is_within(node, kinds):
    """Whether a text stands in a node of these kinds, such as code or a formula."""
    while node := node.parent:
        if isinstance(node, kinds):
            return True
    return False


def replaced(text, rules):
    """The text with each pattern's sign in the place of what it matches."""
    for pattern, sign in rules.items():
        text = pattern.sub(sign, text)
    return text


def parts(text):
    """The same words with the signs of the prose, in turn free to break at their spaces and to stay on one line."""
    for part in ONE_LINE.split(replaced(text, SIGNS)):
        yield SPACES.sub(lambda found: re.sub("[ \u202f]", NBSP, found[0]), part)


def held(text):
    """The nodes in place of a text."""
    found = [
        nodes.inline("", part, classes=["nobreak"]) if number % 2 else nodes.Text(part)
        for number, part in enumerate(parts(text))
    ]
    return [node for node in found if node.astext()] or [nodes.Text("")]


def held_html(html):
    """The same for what a cell shows as HTML, with powers of ten as in the prose."""

    def power(found):
        less = f"&lt;{NBSP}" if found["less"] else ""
        return f"{less}10<sup>−{found['power']}</sup>"

    def kept(found):
        if not found["text"]:
            return found[0]
        shown = [
            f'<span class="nobreak">{part}</span>' if number % 2 else part
            for number, part in enumerate(parts(found["text"]))
        ]
        return POWER.sub(power, "".join(shown))

    return TEXT.sub(kept, html).replace("</sup>(", f"</sup>{JOINER}(")  # δ⁽ᵏ⁾(0)


def hold_outputs(doctree):
    """What cells have printed, and what they show as HTML."""
    for node in [*doctree.findall(nodes.literal_block), *doctree.findall(nodes.raw)]:
        if "output" not in node["classes"]:
            continue
        text = node.astext()
        if isinstance(node, nodes.raw):
            text = SECOND.sub("<br>", held_html(NUMBER.sub('<td class="number">', text)))
        else:
            text = replaced(text, PRINTED)
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
