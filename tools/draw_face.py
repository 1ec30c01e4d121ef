"""Draw the site's face, book/_static: the mark, its icons, and the card that a shared link shows. Needs a Chromium.

The mark is what the paper says of training: modes that decay, each at its own rate. The card shows Figure 1's record.
"""

import io
import sys
import warnings

import numpy as np
from matplotlib import pyplot as plt
from screenshots import ROOT, browser, chromium, served

from kdsrc import records
from kdsrc.report import plots

STATIC = ROOT / "book" / "_static"
RATES = (1.1, 3.2, 11.0)
LIGHT, DARK = ("#7a2552", "#b0577f", "#d79bb8"), ("#e7a5c7", "#b97397", "#84506b")  # of the accent in custom.css
CARD = (1200, 630)  # what the networks that show cards ask for
CARD_PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><style>
@font-face {{ font-family: Literata; src: url(fonts/literata.woff2); font-weight: 400 700; }}
@font-face {{ font-family: Inter; src: url(fonts/inter.woff2); font-weight: 400 700; }}
body {{ margin: 0; width: 1200px; height: 630px; background: #fff; position: relative; font-family: Inter;
  border-left: 18px solid #7a2552; box-sizing: border-box; color: #26242a; }}
h1 {{ font: 600 62px/1.12 Literata; letter-spacing: -0.01em; margin: 0; position: absolute; left: 62px; top: 66px;
  width: 560px; }}
p {{ position: absolute; left: 62px; margin: 0; width: 500px; }}
.what {{ top: 372px; font: 400 27px/1.42 Literata; color: #57535b; }}
.how {{ bottom: 58px; font-size: 21px; color: #7a2552; font-weight: 600; }}
.logo {{ position: absolute; right: 58px; bottom: 48px; width: 62px; }}
.figure {{ position: absolute; right: 48px; top: 62px; width: 500px; }}
</style></head><body><h1>Knowledge distillation in the kernel regime</h1>
<p class="what">A paper’s theory run line by line, its experiments repeated with seeds and ablations.</p>
<p class="how">An executable book</p><div class="figure">{figure}</div>
<img class="logo" src="logo-light.svg" alt=""></body></html>"""


def mark(colors, width=5.0):
    """Three decays from one start, as elements of an SVG of 64 by 64; the slowest mode is on top."""
    x = np.linspace(0.0, 1.0, 33) ** 1.6  # denser where the curves bend
    lines = []
    for rate, color in reversed(list(zip(RATES, colors, strict=True))):
        points = " ".join(f"{8 + 48 * a:.1f},{8 + 46 * (1 - b):.1f}" for a, b in zip(x, np.exp(-rate * x), strict=True))
        lines.append(
            f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="{width}" '
            'stroke-linecap="round" stroke-linejoin="round"/>'
        )
    return "\n".join(lines)


def svg(content):
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">\n{content}\n</svg>\n'


def vectors():
    """Name and text of each SVG file."""
    tile = '<rect width="64" height="64" rx="13" fill="#7a2552"/>\n'
    return {
        "logo-light.svg": svg(mark(LIGHT)),
        "logo-dark.svg": svg(mark(DARK)),
        "favicon.svg": svg(tile + mark(("#ffffff", "#e7bdd2", "#c486a6"), width=6.0)),
    }


def figure():
    """Figure 1's training curves as SVG, letters as outlines."""
    arms = ("teacher", "student_alone", "student_taught")
    ax = plots.curves(records.load("figure1"), "train_loss", arms=arms, ax=plots.figure(size=(5.2, 3.9))[1])
    with plt.rc_context({"savefig.transparent": True, "svg.hashsalt": "card"}):
        target = io.StringIO()
        ax.figure.savefig(target, format="svg", metadata={"Date": None})
    text = target.getvalue()
    return text[text.index("<svg") :]  # without the XML declaration, which HTML does not take


def picture(running, address, width, height, content=None):
    """PNG of an address, or of HTML that stands in the place of its page."""
    page = running.new_page(viewport={"width": width, "height": height})
    page.goto(address)
    if content is not None:
        page.set_content(content, wait_until="load")
    page.evaluate("document.fonts.ready")
    png = page.screenshot(omit_background=True)
    page.close()
    return png


def main():
    if chromium() is None:
        return "draw_face: no Chromium found; install one"
    warnings.simplefilter("error")
    for name, text in vectors().items():
        (STATIC / name).write_text(text, encoding="utf-8")
    with served(STATIC) as address, browser() as running:
        for name, size in {"favicon.png": 48, "touch-icon.png": 180}.items():
            (STATIC / name).write_bytes(picture(running, f"{address}/favicon.svg", size, size))
        card = CARD_PAGE.format(figure=figure())
        (STATIC / "social-card.png").write_bytes(picture(running, f"{address}/", *CARD, card))
    return 0


if __name__ == "__main__":
    sys.exit(main())
