"""The foot of a page: version and date, how to cite it, licences, where to edit it and to report an error.

Title, authors, version and year are those of CITATION.cff. BOOK_REPOSITORY_URL gives the edit and issue links.
"""

import re
from functools import cache
from pathlib import Path

import yaml
from notebooks import branch, repository
from sharing import site_url

CITATION = Path(__file__).resolve().parents[2] / "CITATION.cff"
SPECIAL = re.compile(r"([&%$#_{}])")


@cache
def citation():
    """CITATION.cff as a mapping."""
    return yaml.safe_load(CITATION.read_text(encoding="utf-8"))


def author(person):
    """One author of CITATION.cff for BibTeX, names of groups kept together."""
    if "name" in person:
        return f"{{{person['name']}}}"
    return f"{person['family-names']}, {person['given-names']}"


def spoken(person):
    """One author of CITATION.cff as a reader says it."""
    return person.get("name") or f"{person['given-names']} {person['family-names']}"


def bibtex(name, title, url="", root=False):
    """The BibTeX entry of the page called `name`; of the whole book where `root`."""
    book = citation()
    fields = {
        "author": " and ".join(map(author, book["authors"])),
        "title": SPECIAL.sub(r"\\\1", book["title"] if root else title),
        **({} if root else {"booktitle": SPECIAL.sub(r"\\\1", book["title"])}),
        "year": str(book["date-released"])[:4],
        "note": f"Version {book['version']}",
        **({"url": url} if url else {}),
    }
    rows = ",\n".join(f"  {key:9} = {{{value}}}" for key, value in fields.items())
    return f"@{'misc' if root else 'incollection'}{{kdsrc{'' if root else f'-{name}'},\n{rows}\n}}"


def links(url, branch, source):
    """Addresses where a page's source is edited and an issue is opened, of a repository on GitHub or one like it."""
    return {"edit_url": f"{url}/edit/{branch}/{source}", "issue_url": f"{url}/issues/new?title={source}"}


def add(app, pagename, templatename, context, doctree):
    book = citation()
    context["book_version"] = book["version"]
    context["book_authors"] = ", ".join(map(spoken, book["authors"]))
    if doctree is None:
        return
    base, root = site_url(), pagename == app.config.root_doc
    url = base + app.builder.get_target_uri(pagename) if base else ""
    context["bibtex"] = bibtex(pagename.rpartition("/")[2], app.env.titles[pagename].astext(), url, root)
    if repository():
        context |= links(repository(), branch(), pagename + context["page_source_suffix"])


def setup(app):
    app.connect("html-page-context", add)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
