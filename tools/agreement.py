"""When two outputs of a page say the same, on whatever machine they were computed.

Words, signs and whole numbers must be equal. Two decimals agree when they differ by at most one unit of the last place
shown, that of the one with more places. A power of ten after "<" or "below" is a tolerance, and stays. A cell, or the
front matter of a page, may say what else it needs, and why:

    agreement: {units: 3, why: "two thousand steps in single precision"}     three units of the last place
    agreement: {noise: 1e-12, why: "differences of equal numbers"}           two numbers below this are equal

Numbers are read in text, HTML and LaTeX: −1.5, 3e−16, 1.2 \\cdot10^{-3}, 14 906 with narrow spaces between thousands.
A glued number is compared as the pages show it, so not at all where none does; where it is a float, `.0f` of it is a
rounded measure and no count.
"""

import ast
import re
from dataclasses import dataclass
from decimal import Decimal

_EXPONENT = r"[eE][+\-−]?[0-9]+|[ ]?(?:\\cdot|\\times|·|×)[ ]?10\^\{[+\-−]?[0-9]+\}"
# The sign of a number follows neither a letter nor a digit nor a bracket: that would be a hyphen, or a minus between.
# A run of digits is taken whole or not at all (atomic): the version 2.13.0 is a word.
_NUMBER = re.compile(
    rf"[ \t]*((?:(?<![\w.)\]}}])[+\-−])?(?<![0-9.])(?>[0-9]+(?:\u202f[0-9]{{3}})*(?:\.[0-9]+)?(?:{_EXPONENT})?)"
    r"(?!\.[0-9]))"
)
# "below 1e-10", "< 0.001": a power of ten as a bound was written, not measured.
_BOUND, _POWER = re.compile(r"(?:<|&lt;|\bbelow)$"), re.compile(rf"0\.0*1|1(?:{_EXPONENT})")
_SHOWN = re.compile(r"\{glue:text\}`(?:(?P<page>[^`:]+)\.md::)?(?P<key>[^`:]+)(?::(?P<format>[^`]*))?`")
_GLUED = "application/papermill.record/"
_IMAGES = ("image/png", "image/jpeg")


@dataclass(frozen=True)
class Allowance:
    """What two outputs may differ by: units of the last place shown, and a size below which numbers are equal."""

    units: int = 1
    noise: Decimal = Decimal(0)

    @classmethod
    def of(cls, *metadata: dict) -> "Allowance":
        """What pages and cells ask for, the later ones first; raises ValueError where no reason is given."""
        asked = {}
        for one in metadata:
            wish = dict(one.get("agreement", {}))
            if wish and (not str(wish.pop("why", "")).strip() or not wish or not set(wish) <= {"units", "noise"}):
                raise ValueError(
                    f"agreement: {one['agreement']}; expected units or noise, and why: say what makes "
                    "these numbers differ between machines"
                )
            asked |= wish
        return cls(int(asked.get("units", 1)), Decimal(str(asked.get("noise", 0))))


def difference(reference: str, found: str, allowance: Allowance = Allowance()) -> str | None:
    """The first place where two texts do not agree, or None."""
    words, numbers = _split(reference)
    found_words, found_numbers = _split(found)
    for number, (one, other) in enumerate(zip(words, found_words, strict=False)):
        if one != other:
            return f"{_end(one, other)!r} became {_end(other, one)!r}"
        if number < min(len(numbers), len(found_numbers)):
            one, other = numbers[number], found_numbers[number]
            bound = _BOUND.search(words[number]) and any(_POWER.fullmatch(text) for text in (one, other))
            if not _equal(one, other, Allowance(units=0) if bound else allowance):
                return f"{one} became {other} after {words[number][-40:]!r}"
    if len(words) != len(found_words):
        return f"{len(numbers)} numbers became {len(found_numbers)}"
    return None


def outputs_differ(reference, found, shown: dict[str, set[str]], allowance: Allowance = Allowance()) -> str | None:
    """The first disagreement of two lists of a cell's outputs, or None; images are not compared.

    shown : {key of a glued number: formats in which pages show it}, from `shown_formats`
    """
    if len(reference) != len(found):
        return f"{len(reference)} outputs became {len(found)}"
    for one, other in zip(reference, found, strict=True):
        key = one.get("metadata", {}).get("scrapbook", {}).get("name")
        (kind, parts), (found_kind, found_parts) = _parts(one), _parts(other)
        if kind != found_kind or parts.keys() != found_parts.keys():
            return f"{kind} with {', '.join(parts)} became {found_kind} with {', '.join(found_parts)}"
        if key != other.get("metadata", {}).get("scrapbook", {}).get("name"):
            return f"glued {key} became {other['metadata'].get('scrapbook', {}).get('name')}"
        for mime, text in parts.items():
            if key and mime == f"{_GLUED}text/plain":
                problem = _glued_difference(text, found_parts[mime], shown.get(key, ()), allowance)
            else:
                problem = difference(text, found_parts[mime], allowance)
            if problem:
                return f"{key or mime}: {problem}"
    return None


def shown_formats(pages: dict[str, str]) -> dict[str, dict[str, set[str]]]:
    """Of every page (name -> text) the keys that it or another page shows, with the formats, "" for none."""
    formats = {name: {} for name in pages}
    for name, text in pages.items():
        for use in _SHOWN.finditer(text):
            formats.setdefault(use["page"] or name, {}).setdefault(use["key"], set()).add(use["format"] or "")
    return formats


def glued(output) -> tuple[str, object] | None:
    """Key and value of a glued number or text, None for another output; what is no literal stays as it is shown."""
    key = output.get("metadata", {}).get("scrapbook", {}).get("name")
    text = output.get("data", {}).get(f"{_GLUED}text/plain")
    return None if key is None or text is None else (key, _value(text))


def _parts(output):
    """What an output shows: its kind, and text by place or MIME type."""
    if output["output_type"] == "stream":
        return "stream", {output["name"]: output["text"]}
    if output["output_type"] == "error":
        return "error", {"ename": output["ename"], "evalue": output["evalue"]}
    parts = {
        mime: data if isinstance(data, str) else repr(data)
        for mime, data in output["data"].items()
        if mime.removeprefix(_GLUED) not in _IMAGES
    }
    return output["output_type"], parts


def _glued_difference(reference, found, formats, allowance):
    one, other = _value(reference), _value(found)
    if not (isinstance(one, float) and isinstance(other, float)):
        return difference(reference, found, allowance) if formats else None
    for wanted in sorted(formats):
        texts = [format(value, wanted) for value in (one, other)]
        numbers = [_NUMBER.fullmatch(text) for text in texts]
        if all(numbers) and not _close(*(_read(number[1]) for number in numbers), allowance):
            return f"{texts[0]} became {texts[1]}"
        if not all(numbers) and texts[0] != texts[1]:  # nan, inf, or a format with words
            return difference(*texts, allowance)
    return None


def _value(text):
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _split(text):
    """Words, with blanks as one, and the numbers between them."""
    parts = _NUMBER.split(text)
    return [re.sub(r"[ \t]+", " ", part).strip(" ") for part in parts[::2]], parts[1::2]


def _equal(one, other, allowance):
    if one == other:
        return True
    (a, unit_a), (b, unit_b) = _read(one), _read(other)
    whole = not any(mark in text for text in (one, other) for mark in ".eE^")
    return a == b if whole else _close((a, unit_a), (b, unit_b), allowance)


def _close(one, other, allowance):
    (a, unit_a), (b, unit_b) = one, other
    return abs(a - b) <= allowance.units * min(unit_a, unit_b) or max(abs(a), abs(b)) <= allowance.noise


def _read(text):
    """Value and unit of the last place of a number as shown."""
    plain = text.replace("−", "-").replace("\u202f", "")
    plain = re.sub(r"[ ]?(?:\\cdot|\\times|·|×)[ ]?10\^\{([^}]*)\}", r"e\1", plain)
    value = Decimal(plain)
    return value, Decimal(1).scaleb(value.as_tuple().exponent)


def _end(text, other):
    """What is left of a text from shortly before it differs from the other."""
    same = next((i for i, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other)))
    return text[max(same - 20, 0) : same + 60]
