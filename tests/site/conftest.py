"""The built site, and a browser for it when there is a Chromium."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(Path(__file__).parent)]

SITE = ROOT / "_build" / "html"


@pytest.fixture(scope="session")
def site():
    """Folder of the built site."""
    assert (SITE / "index.html").is_file(), f"no site in {SITE}: run make book first"
    return SITE


@pytest.fixture(scope="session")
def address(site):
    from screenshots import served

    with served(site) as address:
        yield address


@pytest.fixture(scope="session")
def chromium():
    import screenshots

    if screenshots.chromium() is None:
        pytest.skip(f"no Chromium: none of {', '.join(screenshots.BROWSERS)} is installed")
    with screenshots.browser() as running:
        yield running
