"""The table of errata: medians, formulas for MathJax, the longest fitting link, nothing unescaped."""

import pytest
from bs4 import BeautifulSoup

from kdsrc.errata import ERRATA, Erratum
from kdsrc.errata_table import errata_table, measured


def planted(measure, place="Theorem 3, sign"):
    return Erratum(place, "$a<b$", r"$\alpha$", "because `name`", "size", "smooth", measure)


def test_numbers_are_medians_and_rounding_noise_is_zero():
    assert measured(planted(lambda seed: (seed, 1e-15 * seed)), range(5)) == (2.0, 0.0)


@pytest.mark.parametrize("value, shown", [(0.0, "0"), (-1.0, "−1.00"), (4080.27, "4080"), (0.000570, "0.000570"),
                                          (5.24e-6, r"\(5.2\cdot10^{-6}\)")])
def test_numbers_keep_three_digits(value, shown):
    table = BeautifulSoup(errata_table([planted(lambda _: (value, 0.0))], [0], {}), "html.parser")
    assert [number.get_text() for number in table.find_all("b")] == [shown, "0"]


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
