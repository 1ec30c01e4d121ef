"""HTML from Jinja's templates, and what a notebook shows as HTML and a terminal as text."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from kdsrc.claims.words import slug

__all__ = ["Box", "pills", "plain", "render"]


@dataclass(frozen=True)
class Box:
    """Something that a notebook shows as HTML and a terminal as text.

    Examples
    --------
    >>> Box("<b>so</b>", "so")
    so
    """

    html: str
    text: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.text


def render(template: str, filters: Mapping[str, Any] | None = None, **values: Any) -> str:
    """The template filled in: values are escaped, names that it lacks refused; `plain` is among its filters.

    Examples
    --------
    >>> render("<b>{{ word }}</b>", word="a < b")
    '<b>a &lt; b</b>'
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    environment.filters |= {"plain": plain, **(filters or {})}
    return environment.from_string(template).render(values)


def plain(text: str) -> Markup:
    """Escaped text between tags, where quotation marks and apostrophes may stay as they are.

    Examples
    --------
    >>> plain("it's < 1")
    Markup("it's &lt; 1")
    """
    return Markup(escape(text, quote=False))


def pills(counts: Mapping[str, int]) -> Markup:
    """Verdicts with how many there are of each, coloured by the style sheet.

    Examples
    --------
    >>> pills({"holds": 2})
    Markup('<span class="verdict verdict-holds">2 × holds</span>')
    """
    return Markup(" ").join(
        Markup('<span class="verdict verdict-{}">{} × {}</span>').format(slug(name), count, name)
        for name, count in counts.items()
    )
