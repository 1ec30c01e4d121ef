"""The rule by which outputs of two machines agree: what it lets pass, and planted faults that it must not."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from agreement import Allowance, difference, glued, outputs_differ, shown_formats  # noqa: E402

NARROW = "\u202f"

SAME = [
    ("loss 0.123", "loss 0.124"),
    ("loss 0.999", "loss 1.000"),
    ("12.3 %", "12.2 %"),
    ("−0.00", "0.00"),
    ("+0.01", "-0.00"),
    ("[−1.2, +3.4]", "[−1.1, +3.5]"),
    ("9.9e−16", "9.8e-16"),
    ("9.99e-05", "1.00e-04"),
    (r"\(1.23\cdot10^{-4}\)", r"\(1.24 \cdot 10^{-4}\)"),
    ("<td><b>−4.4</b> [−5.6, −3.2]</td>", "<td><b>−4.5</b> [−5.5, −3.2]</td>"),
    (f"+14{NARROW}906.5", f"+14{NARROW}906.4"),
    ("9.99", "10.0"),
    ("2.99", "3"),
    ("  9.99   0.1", " 10.00  0.1"),
    ("[ 9.99 1.00]", "[10.00 1.00]"),
    ("nan inf True", "nan inf True"),
    ("a loss below 0.123", "a loss below 0.124"),
]
DIFFERENT = [
    ("two units", "loss 0.123", "loss 0.125"),
    ("a count", "3 of 5 seeds", "4 of 5 seeds"),
    ("a count grouped", f"1{NARROW}000 images", f"1{NARROW}001 images"),
    ("a sign", "−0.12", "+0.12"),
    ("the sign of a whole number", "rank −3", "rank 3"),
    ("a verdict", "<span>holds</span> 0.5", "<span>refuted</span> 0.5"),
    ("a truth", "equal: True", "equal: False"),
    ("a missing row", "a 0.1\nb 0.2\n", "a 0.1\n"),
    ("an added number", "0.1 0.2", "0.1 0.2 0.3"),
    ("an exponent", "1.2e-3", "1.2e-4"),
    ("a tolerance", "below 1e-10", "below 1e-9"),
    ("a tolerance of the same size", "agree, < 1e-10", "agree, < 2e-10"),
    ("a tolerance in HTML", "<td>p &lt; 0.001</td>", "<td>p &lt; 0.002</td>"),
    ("an exponent in LaTeX", r"1.2\cdot10^{-3}", r"1.2\cdot10^{-4}"),
    ("a version", "2.13.0", "2.13.1"),
    ("a page's link", '<a href="figure1.html">', '<a href="figure2.html">'),
    ("not a number", "loss nan", "loss 0.1"),
]


@pytest.mark.parametrize("one, other", SAME)
def test_agree(one, other):
    assert difference(one, other) is None
    assert difference(other, one) is None


@pytest.mark.parametrize("what, one, other", DIFFERENT, ids=[row[0] for row in DIFFERENT])
def test_planted_faults_are_found(what, one, other):
    assert difference(one, other)
    assert difference(other, one)


def test_the_message_names_the_number_and_where():
    assert difference("training loss 0.123", "training loss 0.456") == "0.123 became 0.456 after 'training loss'"


def test_units_are_of_the_last_place_shown():
    assert difference("0.120", "0.123", Allowance(units=3)) is None
    assert difference("0.120", "0.124", Allowance(units=3))
    assert difference("12 seeds", "13 seeds", Allowance(units=3)), "a count is no measure"


def test_noise_makes_equal_only_what_lies_below_it():
    noise = Allowance.of({"agreement": {"noise": 1e-12, "why": "rounding"}})
    assert difference("3.1e-16", "−8.2e-15", noise) is None
    assert difference("3.1e-16", "8.2e-11", noise)
    assert difference("3.1e-16", "8.2e-15")


def test_a_cell_comes_before_its_page_and_needs_a_reason():
    page, cell = ({"agreement": {"units": units, "why": "single precision"}} for units in (2, 5))
    assert Allowance.of(page, cell) == Allowance(units=5)
    assert Allowance.of({}, {}) == Allowance()
    for wrong in ({"units": 5}, {"units": 5, "why": " "}, {"why": "no wish"}, {"digits": 3, "why": "unknown"}):
        with pytest.raises(ValueError, match="agreement: .*expected units or noise"):
            Allowance.of({"agreement": wrong})


def stream(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


def number(key, text):
    return {
        "output_type": "display_data",
        "data": {"application/papermill.record/text/plain": text},
        "metadata": {"scrapbook": {"name": key, "mime_prefix": "application/papermill.record/"}},
    }


def html(text, picture="iVBORw0"):
    return {"output_type": "execute_result", "data": {"text/html": text, "image/png": picture}, "metadata": {}}


def test_outputs_are_compared_one_by_one_and_images_not_at_all():
    assert outputs_differ([stream("a 0.1"), html("0.2")], [stream("a 0.2"), html("0.3", "other")], {}) is None
    assert outputs_differ([stream("a")], [stream("a"), stream("b")], {}) == "1 outputs became 2"
    assert "became" in outputs_differ([stream("0.1")], [html("0.1")], {})
    assert outputs_differ([html("0.2")], [html("0.4")], {}) == "text/html: 0.2 became 0.4 after ''"


def test_a_glued_number_is_compared_as_the_page_shows_it():
    formats = shown_formats(
        {"a": "It is {glue:text}`gap:.1f` or {glue:text}`rest`.", "b": "{glue:text}`a.md::gap:+.0f`"}
    )
    assert formats == {"a": {"gap": {".1f", "+.0f"}, "rest": {""}}, "b": {}}
    assert outputs_differ([number("gap", "0.5437218")], [number("gap", "0.6012345")], formats["a"]) is None
    assert (
        outputs_differ([number("gap", "0.5437218")], [number("gap", "0.7512345")], formats["a"])
        == "gap: 0.5 became 0.8"
    )
    assert outputs_differ([number("gap", "0.54")], [number("lag", "0.54")], formats["a"])
    assert outputs_differ([number("gap", "nan")], [number("gap", "0.5")], formats["a"])
    assert outputs_differ([number("hidden", "0.5")], [number("hidden", "0.9")], formats["a"]) is None


def test_a_glued_float_is_a_measure_and_a_glued_whole_number_a_count():
    shown = {"percent": {".0f"}, "seeds": {""}}
    assert outputs_differ([number("percent", "12.49")], [number("percent", "12.51")], shown) is None
    assert outputs_differ([number("percent", "12.49")], [number("percent", "14.51")], shown)
    assert outputs_differ([number("seeds", "4")], [number("seeds", "5")], shown)
    assert outputs_differ([number("seeds", "'three of five'")], [number("seeds", "'two of five'")], shown)


def test_glued_values_are_read_back():
    assert glued(number("gap", "0.5")) == ("gap", 0.5)
    assert glued(number("word", "'early'")) == ("word", "early")
    assert glued(number("odd", "np.float64(0.5)")) == ("odd", "np.float64(0.5)")
    assert glued(stream("0.5")) is None
