"""Ask every address and DOI that the project's texts name, and say which are gone: python tools/check_links.py

Needs a network, so it runs in the weekly workflow and not in the tests. A host that turns away programs (401, 403, 429)
has the page all the same.
"""

import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parents[1]
TEXTS = ["*.md", "*.cff", ".zenodo.json", "LICENSE*", "book/*.md", "book/*.bib", "book/_templates/*", "kdsrc/**/*.py"]
ADDRESS = re.compile(r"https?://[^\s<>()\[\]{}\"'`|\\]+")
DOI = re.compile(r"\bdoi\W{1,6}(10\.\d{4,9}/[^\s{}\"',]+)", re.I)
ARXIV = re.compile(r"\barxiv\W{1,6}(\d{4}\.\d{4,5})", re.I)
HERE = re.compile(r"https?://(localhost|127\.0\.0\.1)\b")
TURNED_AWAY = (401, 403, 405, 429)
TRIES, PAUSE, PATIENCE = 3, 5.0, 30.0  # seconds


def addresses(text):
    """The addresses in a text, in their order, those of DOIs and arXiv numbers included."""
    found = [hit.rstrip(".,;:*") for hit in ADDRESS.findall(text)]
    found += [f"https://doi.org/{doi.rstrip('.')}" for doi in DOI.findall(text)]
    found += [f"https://arxiv.org/abs/{number}" for number in ARXIV.findall(text)]
    return list(dict.fromkeys(address for address in found if not HERE.match(address)))


def named(root=ROOT):
    """Address -> names of the files that have it."""
    found = {}
    for path in sorted({path for pattern in TEXTS for path in root.glob(pattern) if path.is_file()}):
        for address in addresses(path.read_text(encoding="utf-8")):
            found.setdefault(address, []).append(path.relative_to(root).as_posix())
    return found


def trouble(address, pause=PAUSE):
    """What is wrong with an address after all tries, or None."""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(pause)
        try:
            with urlopen(Request(address, headers={"User-Agent": "Mozilla/5.0 (link check)"}), timeout=PATIENCE):
                return None
        except HTTPError as error:
            if error.code in TURNED_AWAY:
                return None
            found = f"answers {error.code}"
            if error.code in (404, 410):
                break
        except OSError as error:  # no such host, no connection, no answer in time
            found = f"cannot be reached ({error})"
    return found


def main():
    found = named()
    with ThreadPoolExecutor(4) as pool:
        answers = dict(zip(found, pool.map(trouble, found), strict=True))
    wrong = {address: answer for address, answer in answers.items() if answer}
    for address, answer in wrong.items():
        print(f"{address} {answer}; named in {', '.join(found[address])}")
    print(f"{len(found)} addresses, {len(wrong)} gone")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
