"""What must not be wrong with a built site: each check takes a folder of HTML and returns what it found, in words."""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

LOADING = {
    "script": ["src"],
    "img": ["src", "srcset"],
    "link": ["href"],
    "iframe": ["src"],
    "source": ["src", "srcset"],
    "video": ["src", "poster"],
    "audio": ["src"],
    "object": ["data"],
    "embed": ["src"],
}
NOT_LOADED = {"canonical", "alternate", "license", "author", "help", "next", "prev", "index", "search"}  # <link rel>
FOREIGN = re.compile(r"^\s*(https?:)?//", re.I)
FOREIGN_CSS = re.compile(r"url\(\s*['\"]?\s*(?:https?:)?//[^)]*\)|@import\s+['\"](?:https?:)?//[^'\"]*", re.I)
FOREIGN_CODE = re.compile(
    r"""(?:import\s*\(|fetch\s*\(|\.src\s*=|importScripts\s*\(|THEBE_JS_URL\s*=|from)\s*["'`](?:https?:)?//[^"'`]+"""
)
SOURCE_MARKS = re.compile(
    r"\{(?:glue:\w+|glue|eq|numref|cite\S*|ref|doc|prf:ref|py:\w+)\}`|Traceback \(most recent call|:::\{|\(\?\)"
)
PATH_LIKE = re.compile(r"^\S*[/\\]\S*$|\.(png|svg|jpe?g)$", re.I)


@cache
def soup(path, stamp):
    return BeautifulSoup(Path(path).read_text(encoding="utf-8"), "lxml")


def pages(site):
    """(path from the site's folder, parsed page), themes' templates left out."""
    for path in sorted(Path(site).rglob("*.html")):
        if "_static" not in path.relative_to(site).parts:
            yield path.relative_to(site), soup(str(path), path.stat().st_mtime_ns)


def broken_links(site):
    """Links and files of the site that lead nowhere, anchors that are not there."""
    anchors, found = {}, []
    known = {path: page for path, page in pages(site)}

    def has(target, anchor):
        if target not in anchors:
            anchors[target] = {tag["id"] for tag in known[target].find_all(id=True)} | {
                tag["name"] for tag in known[target].find_all("a", attrs={"name": True})
            }
        return anchor in anchors[target]

    for path, page in known.items():
        for tag in page.find_all(True):
            for key in ("href", "src"):
                link = urlsplit(tag.get(key) or "")
                if link.scheme or link.netloc or not (link.path or link.fragment):
                    continue
                target = path
                if link.path:
                    here = Path(site) / path.parent / unquote(link.path)
                    target = Path(*here.resolve().relative_to(Path(site).resolve()).parts)
                    if not here.is_file():
                        found.append(f"{path}: {tag.name} leads to {link.path}, which is not there")
                        continue
                if link.fragment and target in known and not has(target, unquote(link.fragment)):
                    found.append(f"{path}: no anchor {link.fragment} in {target}")
    return found


def duplicate_ids(site):
    """Ids that a page has more than once."""
    return [
        f"{path}: id {name!r} occurs {count} times"
        for path, page in pages(site)
        for name, count in Counter(tag["id"] for tag in page.find_all(id=True)).items()
        if count > 1
    ]


def poor_alt_texts(site):
    """Images without an alt text, or with a path for one."""
    return [
        f"{path}: image {image.get('src')} has the alt text {image.get('alt')!r}"
        for path, page in pages(site)
        for image in page.find_all("img")
        if len((image.get("alt") or "").strip()) < 15 or PATH_LIKE.search(image["alt"].strip())
    ]


def missing_captions(site):
    """Images of the article that are in no figure with a caption."""
    return [
        f"{path}: image {image.get('src')} has no caption"
        for path, page in pages(site)
        for image in page.select("article img")
        if not (
            image.find_parent("figure")
            and image.find_parent("figure").figcaption
            and len(image.find_parent("figure").figcaption.get_text(strip=True)) > 20
        )
    ]


def foreign_addresses(site):
    """Scripts, styles, images, fonts that another host would be asked for."""
    found = []
    for path, page in pages(site):
        for name, keys in LOADING.items():
            for tag in page.find_all(name):
                if name == "link" and set(tag.get("rel", [])) & NOT_LOADED:
                    continue
                found += [f"{path}: {name} loads {tag[key]}" for key in keys if FOREIGN.match(tag.get(key) or "")]
        texts = [tag.get_text() for tag in page.find_all(["script", "style"])]
        found += [
            f"{path}: {hit.group(0)}"
            for text in texts
            for pattern in (FOREIGN_CSS, FOREIGN_CODE)
            for hit in pattern.finditer(text)
        ]
    for sheet in sorted(Path(site).rglob("*.css")):
        found += [
            f"{sheet.relative_to(site)}: {hit.group(0)}"
            for hit in FOREIGN_CSS.finditer(sheet.read_text(encoding="utf-8"))
        ]
    return found


def unfinished(site):
    """Marks of the source, or of a failed cell, that reached the reader."""
    return [
        f"{path}: {hit.group(0)!r} in the text"
        for path, page in pages(site)
        if page.article
        for hit in SOURCE_MARKS.finditer(
            " ".join(
                text
                for text in page.article.find_all(string=True)
                if not text.find_parent(["pre", "code", "script", "style"])
            )
        )
    ]


def heading_jumps(site):
    """Pages without exactly one first-level heading, and headings that skip a level."""
    found = []
    for path, page in pages(site):
        if not page.article:
            continue
        levels = [int(tag.name[1]) for tag in page.article.find_all(re.compile("^h[1-6]$"))]
        if levels.count(1) != 1:
            found.append(f"{path}: {levels.count(1)} headings of the first level")
        found += [
            f"{path}: heading of level {b} after one of level {a}"
            for a, b in zip(levels, levels[1:], strict=False)
            if b > a + 1
        ]
    return found


def missing_from_search(site):
    """Pages that the search does not know."""
    text = (Path(site) / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(re.fullmatch(r"Search\.setIndex\((.*)\)", text, re.S)[1])
    return sorted(
        path.stem
        for path, _ in pages(Path(site))
        if path.parent.name == "book" and f"book/{path.stem}" not in index["docnames"]
    )
