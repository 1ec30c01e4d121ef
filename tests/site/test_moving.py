"""Figures that move do move, by pointer and by keyboard; without scripts and on paper the still ones stand."""

import re

import pytest
from screenshots import WIDTHS, opened

pytestmark = pytest.mark.xdist_group("moving")
HOME, IDEA, SCORECARD, FIGURE1 = "book/index", "book/idea", "book/scorecard", "book/figure1"


def kind(page, name):
    """The moving figure of this kind, drawn."""
    place = page.locator(f'.moving[data-moving="{name}"]')
    page.wait_for_selector(f'.moving[data-moving="{name}"][data-ready]')
    return place


def drawn(place):
    """What its plots show."""
    return place.locator("svg").evaluate_all("all => all.map(one => one.outerHTML).join('')")


@pytest.mark.parametrize("width", WIDTHS)
def test_penalty_moves_poles_outputs_and_error(width, chromium, address):
    with opened(chromium, f"{address}/{HOME}.html", WIDTHS[width], "light") as (page, _):
        place = kind(page, "penalty")
        before, told = drawn(place), place.locator("output").inner_text()
        slider = place.get_by_label("Penalty λ")
        slider.focus()
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        assert drawn(place) != before and place.locator("output").inner_text() != told
        assert slider.get_attribute("aria-valuetext") == place.locator("output").inner_text()
        error = [float(re.search(r"stays ([\d.]+)", text)[1]) for text in (told, place.locator("output").inner_text())]
        assert error[0] < error[1]  # the larger the penalty, the larger the error that stays
        assert place.evaluate("it => it.scrollWidth <= it.clientWidth + 1")
        marks = place.locator(".axis:not(.grid) .tick text").all_text_contents()
        assert len(marks) > 8 and all(marks)  # a logarithmic axis has no mark without a number


@pytest.mark.parametrize("width", WIDTHS)
def test_modes_decay_by_slider_and_by_play(width, chromium, address):
    with opened(chromium, f"{address}/{IDEA}.html", WIDTHS[width], "light") as (page, _):
        place = kind(page, "modes")
        lengths = "all => all.map(one => +one.getAttribute('width'))"
        bars = place.locator(".bars rect")
        before = bars.evaluate_all(lengths)
        place.get_by_label("Time").focus()
        page.keyboard.press("PageUp")
        after = bars.evaluate_all(lengths)
        assert all(later <= earlier for earlier, later in zip(before, after, strict=True)) and after != before
        button = place.get_by_role("button")
        assert button.inner_text() == "Play"
        button.press("Enter")
        assert button.inner_text() == "Pause"
        page.wait_for_function(
            "told => document.querySelector('.moving output').textContent !== told",
            arg=place.locator("output").inner_text(),
        )
        if button.inner_text() == "Pause":
            button.press("Enter")
        assert button.inner_text() == "Play"


def fills_its_axis(place):
    """The curves reach from near the bottom of the vertical axis to near its top, and at least two marks are named."""
    ends = "all => all.map(one => one.getBBox()).flatMap(box => [box.y, box.y + box.height])"
    curves, axis = (place.locator(those).evaluate_all(ends) for those in (".band", ".axis.grid .domain"))
    length, within = max(axis) - min(axis), max(curves) - min(curves)
    assert length > 200 and 0.85 * length < within < 0.98 * length
    assert sum(bool(name) for name in place.locator(".axis.grid .tick text").all_text_contents()) >= 2


def test_arms_are_switched_and_the_teachers_iterations_counted(chromium, address):
    with opened(chromium, f"{address}/{FIGURE1}.html", WIDTHS["desktop"], "light") as (page, _):
        place = kind(page, "arms")
        shown = place.locator(".arm").count()
        box = place.locator('input[type="checkbox"]').first
        box.press("Space")
        assert place.locator(".arm").count() == shown - 1
        box.press("Space")
        fills_its_axis(place)
        taught = place.locator('.arm[data-arm="student_taught"] .line')
        before = taught.get_attribute("d")
        place.get_by_label("count the teacher’s iterations").press("Space")
        start = [float(re.match(r"M([\d.]+)", path)[1]) for path in (before, taught.get_attribute("d"))]
        assert start[1] > start[0] + 50  # it begins where its teacher has ended
        place.get_by_label("test loss").press("Space")
        assert "test loss" in place.locator(".panel-title").text_content()  # of a drawing, which has no inner text
        fills_its_axis(place)


def test_scorecard_is_filtered(chromium, address):
    with opened(chromium, f"{address}/{SCORECARD}.html", WIDTHS["desktop"], "light") as (page, _):
        rows = page.locator("tr[data-verdict]:visible")
        whole = page.locator("tr[data-verdict]").count()
        assert whole > 100 and rows.count() == 0  # folded: the page is short
        assert page.evaluate("document.documentElement.scrollHeight") < 9_000
        assert page.locator("#every-claim > .filters + section#the-theory").count() == 1  # they are for all groups
        for select in page.locator(".filters select").all():
            select.focus()
            page.keyboard.press("ArrowDown")
            kept = rows.count()
            assert 0 < kept < whole
            assert page.locator(".filters output").inner_text() == f"{kept} of {whole} claims and questions"
            select.select_option("")
            assert rows.count() == 0
        page.locator("details.claims summary").first.click()
        assert 0 < rows.count() < whole


def test_scorecard_unfolds_without_scripts(chromium, address):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{SCORECARD}.html")
    rows = page.locator("tr[data-verdict]:visible")
    assert rows.count() == 0
    for part in page.locator("details.claims > summary").all():
        part.click()
    assert rows.count() == page.locator("tr[data-verdict]").count() > 100
    context.close()


def test_without_scripts_the_still_picture_stands(chromium, address):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{IDEA}.html")
    assert page.locator("#fig-idea-modes img").is_visible() and not page.locator(".moving").first.is_visible()
    context.close()


def test_on_paper_the_still_picture_stands(chromium, address):
    with opened(chromium, f"{address}/{IDEA}.html", WIDTHS["desktop"], "light") as (page, _):
        place, still = kind(page, "modes"), page.locator("#fig-idea-modes img")
        assert place.is_visible() and not still.is_visible()
        page.emulate_media(media="print")
        assert still.is_visible() and not place.is_visible()


def test_definition_is_shown_on_focus_and_taken_away_by_escape(chromium, address):
    with opened(chromium, f"{address}/{IDEA}.html", WIDTHS["phone"], "light") as (page, _):
        link = page.locator("a[data-term]").first
        text = page.locator(f"#{link.get_attribute('aria-describedby')}")
        assert not text.is_visible()
        link.focus()
        assert text.is_visible() and len(text.inner_text()) > 20
        box = text.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= WIDTHS["phone"]
        page.keyboard.press("Escape")
        assert not text.is_visible()
        link.hover()
        assert text.is_visible()


def test_search_leads_to_the_search_page(chromium, address):
    with opened(chromium, f"{address}/{IDEA}.html", WIDTHS["desktop"], "light") as (page, _):
        page.keyboard.press("Control+k")
        page.keyboard.type("teacher")
        page.keyboard.press("Enter")
        page.wait_for_selector("#search-results li")
        assert "search.html?q=teacher" in page.url
