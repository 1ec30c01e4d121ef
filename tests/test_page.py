"""What every page says in the same way."""

import numpy as np
import pytest
from bs4 import BeautifulSoup

from kdsrc import claims
from kdsrc.report import page


@pytest.mark.parametrize(
    "one, other, options, expected",
    [
        (1.0, 1.0 + 1e-12, {}, "✓ it: both sides agree to 1e-10\n"),
        ([1.0, 2.0], [1.0, 2.5], {}, "✗ it: the sides differ by 0.5, more than 1e-10\n"),
        (1e6, 1e6 + 1e-3, {"tolerance": 1e-8, "relative": True}, "✓ it: both sides agree to 1e-8\n"),
        (np.nan, 1.0, {}, "✗ it: the sides differ by nan, more than 1e-10\n"),
    ],
)
def test_two_sides_are_told_to_agree_or_by_how_much_they_differ(one, other, options, expected, capsys):
    page.agree("it", one, other, **options)
    assert capsys.readouterr().out == expected


def test_the_line_at_the_top_counts_the_verdicts_of_its_page():
    line, judged = repr(page.verdict_line("theorem3")), claims.verdicts(page="theorem3")
    assert line.startswith(f"Verdict on {len(judged)} claims: ")
    assert sum(int(word) for word in line.split(": ")[1].replace(",", "").split() if word.isdigit()) == len(judged)


def test_a_table_shows_every_entry_as_its_format_says():
    small = page.table({"a<b": [0.25, -2.0], "is so": np.array([True, False]), "name": ["x & y", "z"]}, {"a<b": ".1f"})
    soup = BeautifulSoup(small.html, "html.parser")
    assert [head.text for head in soup.find_all("th")] == ["a<b", "is so", "name"]
    rows = [[cell.text for cell in row.find_all("td")] for row in soup.tbody.find_all("tr")]
    assert rows == [["0.2", "✓", "x & y"], ["−2.0", "✗", "z"]]
    assert [line.split() for line in small.text.splitlines()[1:]] == [["0.2", "✓", "x", "&", "y"], ["−2.0", "✗", "z"]]


def test_a_table_of_columns_that_do_not_fit_is_refused():
    with pytest.raises(ValueError, match="one length"):
        page.table({"a": [1], "b": [1, 2]})
    with pytest.raises(ValueError, match="formats of c"):
        page.table({"a": [1]}, {"c": ".1f"})
