"""Pictures of built pages: python tools/screenshots.py FOLDER [PAGE ...] [--site _build/html]

Each page at two widths, light and dark: FOLDER/PAGE-desktop-light.png and so on. Needs a Chromium.
"""

import argparse
import shutil
import sys
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
WIDTHS = {"desktop": 1280, "phone": 390}
HEIGHT = 900
MODES = ("light", "dark")
PATIENCE = 300_000  # milliseconds: a machine that is busy is no fault of the page
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium():
    """Path of an installed Chromium, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format, *arguments):
        pass


@contextmanager
def served(folder):
    """The folder at an address of this machine; gives the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@contextmanager
def browser():
    """A running Chromium."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        try:
            yield running
        finally:
            running.close()


def show(page, address):
    """Let the page show this address, its formulas set."""
    page.goto(address, wait_until="load")
    page.evaluate("async () => { if (window.MathJax && MathJax.startup) await MathJax.startup.promise; }")


def resize(page, width):
    """Give the page this width; figures that move are drawn anew in the next frame, which a busy machine gives late."""
    page.set_viewport_size({"width": width, "height": HEIGHT})
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


@contextmanager
def opened(running, address, width, mode, said=None):
    """A page at this width, of a reader whose system has this mode, its formulas set; and what it asked for.

    What it says in the console as an error is appended to `said`.
    """
    context = running.new_context(
        viewport={"width": width, "height": HEIGHT}, color_scheme=mode, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE)
    try:
        page, asked = context.new_page(), []
        page.on("request", lambda request: asked.append(request.url))
        if said is not None:
            page.on("pageerror", lambda error: said.append(str(error)))
            page.on("console", lambda message: message.type == "error" and said.append(message.text))
        show(page, address)
        yield page, asked
    finally:
        context.close()


def main():
    parser = argparse.ArgumentParser(description="Pictures of built pages in both modes and at two widths.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="names as figure1; all unless given")
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html")
    arguments = parser.parse_args()
    if chromium() is None:
        return f"screenshots: no Chromium found (tried {', '.join(BROWSERS)}); install one"
    names = arguments.pages or sorted(path.stem for path in (arguments.site / "book").glob("*.html"))
    missing = [name for name in names if not (arguments.site / "book" / f"{name}.html").exists()]
    if missing:
        return f"screenshots: no page {', '.join(missing)} in {arguments.site}; build the book first"
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with served(arguments.site) as address, browser() as running:
        for name in names:
            for size, width in WIDTHS.items():
                for mode in MODES:
                    with opened(running, f"{address}/book/{name}.html", width, mode) as (page, _):
                        page.screenshot(path=arguments.folder / f"{name}-{size}-{mode}.png", full_page=True)
    print(f"{len(names) * len(WIDTHS) * len(MODES)} pictures in {arguments.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
