"""The table of errata: medians, formulas for MathJax, the longest fitting link, nothing unescaped."""

import pytest
from bs4 import BeautifulSoup

from kdsrc.report.errata_table import counts, errata_table, folded, measured
from kdsrc.theory.errata import ERRATA
from kdsrc.theory.errata.erratum import GAP, KINDS, MISPRINT, Erratum


def planted(measure, place="Theorem 3, sign", tolerance=0.0, kind=MISPRINT):
    return Erratum(place, kind, "$a<b$", r"$\alpha$", "because `name`", "size", "smooth", measure, tolerance)


def numbers(erratum, seeds=(0,)):
    table = BeautifulSoup(errata_table([erratum], seeds, {}), "html.parser")
    return [number.get_text() for number in table.find_all("b")]


def test_numbers_are_medians_and_rounding_noise_of_a_repair_is_zero():
    assert measured(planted(lambda seed: (seed, 1e-15 * seed), tolerance=1e-12), range(5)) == (2.0, 0.0)
    assert measured(planted(lambda seed: (1e-15 * seed, seed)), range(5)) == (2e-15, 2.0)


@pytest.mark.parametrize(
    ("repaired", "shown"),
    [
        (0.0, "0 to rounding, < 1e−12"),
        (-7e-16, "0 to rounding, < 1e−12"),
        (2e-12, r"\(2.0\cdot10^{-12}\)"),
        (0.5, "0.500"),
    ],
)
def test_a_repair_to_rounding_is_told_by_its_tolerance_and_what_is_above_by_its_digits(repaired, shown):
    assert numbers(planted(lambda _: (1.0, repaired), tolerance=1e-12)) == ["1.00", shown]


def test_numbers_of_a_bound_are_shown_as_they_are():
    assert numbers(planted(lambda _: (7.0, 0.25), tolerance=1.0)) == ["7.00", "0.250"]


def test_rounding_errors_of_the_errata_are_a_fiftieth_of_their_tolerance():
    """So that another processor, which adds in another order, shows the same."""
    for erratum in ERRATA:
        if erratum.measure and erratum.tolerance < 0.1:
            assert max(abs(erratum.measure(seed)[1]) for seed in range(5)) < 0.02 * erratum.tolerance, erratum.place


def test_a_row_without_a_number_says_why_and_has_its_kind():
    row = Erratum("§3.2", MISPRINT, "a", "b", "c", "a wrong reference")
    cells = BeautifulSoup(errata_table([row], [0], {}), "html.parser").find_all("td")
    assert cells[0].get_text("|") == "§3.2|misprint" and cells[2].get_text() == "a wrong reference"
    with pytest.raises(ValueError, match="measured: §3.2 has no measure"):
        measured(row, [0])
    with pytest.raises(ValueError, match="kind 'rumour'"):
        planted(None, kind="rumour")


def test_kinds_are_counted_and_each_occurs():
    rows = [planted(None), planted(lambda _: (1.0, 0.0)), planted(None, kind=GAP)]
    assert [counts(rows)[kind] for kind in KINDS] == [(2, 1), (1, 0), (0, 0), (0, 0)]
    assert all(found for found, _ in counts(ERRATA).values())


@pytest.mark.parametrize(
    "value, shown",
    [
        (0.0, "0"),
        (-1.0, "−1.00"),
        (4080.27, "4\u202f080"),
        (12745.4, "12\u202f745"),
        (0.000570, "0.000570"),
        (0.000123, "0.000123"),
        (5.24e-6, r"\(5.2\cdot10^{-6}\)"),
    ],
)
def test_numbers_keep_three_digits(value, shown):
    assert numbers(planted(lambda _: (value, 0.0))) == [shown, "0"]


def test_formulas_links_and_escapes():
    pages = {"Theorem": "other", "Theorem 3": "theorem3", "Lemma": "lemmas"}
    table = BeautifulSoup(errata_table([planted(lambda _: (1.0, 0.0))], [0], pages), "html.parser")
    assert table.a["href"] == "theorem3.html"
    assert table.find_all("td")[1].get_text("|").startswith(r"printed| \(a<b\)|repaired| \(\alpha\)|because")
    assert table.code.get_text() == "name"
    assert BeautifulSoup(errata_table([planted(lambda _: (1.0, 0.0))], [0], {}), "html.parser").a is None


def test_every_erratum_has_a_row_and_no_dollar_is_left():
    table = BeautifulSoup(errata_table(ERRATA, [0], {}), "html.parser")
    assert len(table.find_all("tr")) == len(ERRATA) + 1 and "$" not in table.get_text()


def test_rows_are_folded_by_the_page_that_derives_them_and_none_is_lost():
    rows = [planted(lambda _: (1.0, 0.0), place=place) for place in ("Theorem 3, a", "§9", "Lemma 5", "Theorem 3, b")]
    parts = BeautifulSoup(
        folded(
            rows, [0], {"Theorem": "theorem3", "Lemma": "lemmas"}, {"lemmas": "Lemmas", "theorem3": "Speed", "": "Rest"}
        ),
        "html.parser",
    ).find_all("details")
    assert [part.summary.get_text() for part in parts] == ["Lemmas (1)", "Speed (2)", "Rest (1)"]
    assert [len(part.find_all("tr")) - 1 for part in parts] == [1, 2, 1]
    with pytest.raises(ValueError, match="no title for 'theorem3'"):
        folded(rows, [0], {"Theorem": "theorem3"}, {"": "Rest"})


def test_statements_of_the_paper_are_marked_as_its_own():
    row = Erratum(
        "Theorem 3, sign",
        MISPRINT,
        "“of Theorem 2”",
        "Lemma 2 with Eq. (15)",
        "Theorems 1–3, Assumption 2",
        "a reference",
    )
    cells = [cell.get_text(" ") for cell in BeautifulSoup(errata_table([row], [0], {}), "html.parser").find_all("td")]
    assert cells[0].startswith("P-Theorem 3, sign")
    assert all(
        part in cells[1] for part in ("“of Theorem 2”", "P-Lemma 2 with P-(15)", "P-Theorems 1–3, P-Assumption 2")
    )
