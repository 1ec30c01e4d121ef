"""Numbers of the figures that move, and the words of the first page, against closed forms and planted records."""

import json
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest
from bs4 import BeautifulSoup
from matplotlib import pyplot as plt

from kdsrc.kernels import infinite_width_kernel
from kdsrc.networks import init_network
from kdsrc.report import drawings, headline, moving, plots

mpl.use("Agg")


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def trade():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((5, 8))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    y = np.array([1.0, -1, 1, -1, 1])
    network, knowledge = init_network(3, 8, seed=1, std=1.0, activation="tanh"), rng.standard_normal((5, 3))
    return network, y, knowledge, moving.penalty(network, x, y, knowledge, [0.01, 0.1, 1.0], still=0.1, images=(0, 1))


def test_error_that_stays_is_theorem_1(trade):
    network, y, knowledge, figure = trade
    a, own = np.sum(network.coefficients**2), knowledge @ network.coefficients
    expected = [np.mean((penalty / (a + penalty) * (own - y)) ** 2) for penalty in (0.01, 0.1, 1.0)]
    assert figure.data["error"] == pytest.approx(expected, rel=1e-3)


def test_outputs_begin_at_the_start_and_end_at_the_limit(trade):
    network, y, knowledge, figure = trade
    a, own = np.sum(network.coefficients**2), knowledge @ network.coefficients
    last = np.array(figure.data["outputs"])[-1][:, -1]
    assert last == pytest.approx(((a * y + own) / (a + 1.0))[:2], abs=0.02)
    assert all(sum(shares) == pytest.approx(1.0, abs=0.02) for shares in figure.data["shares"])
    assert all(len(poles) <= 15 and poles == sorted(poles) for poles in figure.data["poles"])


def test_page_holds_the_data_and_no_end_of_a_script(trade):
    script = BeautifulSoup(trade[-1]._repr_html_(), "html.parser").find("div", class_="moving").script
    assert json.loads(script.string) == trade[-1].data
    assert moving.Moving("modes", {"x": "</script>"})._repr_html_().count("</script>") == 1


def test_modes_add_up_to_the_targets():
    angles = np.linspace(0.1, 3.0, 20)
    x, y = np.column_stack([np.cos(angles), np.sin(angles)]), np.sin(2 * angles) + 0.3 * np.sin(9 * angles)
    data = moving.modes(angles, y, infinite_width_kernel(x), shown=6).data
    rates, parts, times = (np.array(data[key]) for key in ("rates", "parts", "times"))
    rest = np.array(data["rest"])
    kernel = infinite_width_kernel(x)
    for number in (0, 30, 60):
        values, vectors = np.linalg.eigh(kernel)
        expected = vectors @ ((1 - np.exp(-values * times[number])) * (vectors.T @ y))
        assert (1 - np.exp(-rates * times[number])) @ parts + rest[number] == pytest.approx(expected, abs=0.01)
    assert list(rates) == sorted(rates, reverse=True) and data["numbers"] == sorted(data["numbers"])


def record(**finals):
    """A record whose arms end at these training losses, two seeds and three points each."""

    def curve(last):
        falling = np.array([[1.0, 0.8, last], [1.1, 0.9, last * 1.01]])
        return {"iterations": np.array([0, 10, 20]), "train_loss": falling, "test_loss": falling + 0.1}

    return SimpleNamespace(curves={arm: curve(last) for arm, last in finals.items()}, settings={"iterations": 20})


def test_arms_keep_the_ends_and_the_middle_of_the_seeds():
    names = ["student_alone", "student_taught"]
    figure = moving.arms(
        record(student_alone=0.5, student_taught=0.4), names, main=names[1:], later=names[1:], points=2
    )
    alone, taught = figure.data["arms"]
    assert (alone["on"], taught["on"], alone["later"], taught["later"]) == (False, True, False, True)
    assert alone["iterations"] == [0, 20] and figure.data["offset"] == 20
    low, middle, high = np.array(taught["train_loss"])
    assert (low[-1], high[-1]) == (0.4, 0.404) and middle[-1] == pytest.approx(0.402, abs=1e-3)


def test_stills_are_drawn(trade):
    angles = np.linspace(0.1, 3.0, 10)
    waves = moving.modes(angles, np.sin(angles), np.diag(np.arange(10.0, 0, -1)), shown=4)
    names = ["student_alone", "student_taught"]
    arms = moving.arms(record(student_alone=0.5, student_taught=0.4), names, main=names)
    for figure, panels in ((trade[-1], 3), (waves, 2), (arms, 2)):
        axes = np.ravel(figure.still())
        assert len(axes) == panels and all(ax.has_data() for ax in axes)


def test_a_still_shows_what_is_learnt_by_its_times():
    angles = np.linspace(0.1, 3.0, 10)
    kernel, y = np.diag(np.arange(10.0, 0, -1)), np.sin(angles)
    waves = moving.modes(angles, y, kernel, shown=4)
    upper, lower = waves.still()
    times = [waves.data["times"][number] for number in (12, waves.data["still"], 48)]
    for line, time in zip(upper.lines[1:], times, strict=True):
        np.testing.assert_allclose(line.get_ydata(), (1 - np.exp(-np.diag(kernel) * time)) * y, atol=0.01)
    left = [bar.get_width() for bar in lower.patches]
    np.testing.assert_allclose(left, np.exp(-np.array(waves.data["rates"]) * times[1]), atol=1e-12)


def test_a_still_has_the_colours_of_the_labels(trade):
    left = trade[-1].still()[1]
    assert [line.get_color() for line in left.lines] == [plots.BLUE, plots.VERMILION]


@pytest.mark.parametrize(
    "call",
    [
        lambda: moving.arms(record(student_alone=0.5), ["student_alone"], main=["gone"]),
        lambda: moving.penalty(init_network(2, 3, seed=0), np.eye(3), np.ones(3), np.ones((3, 2)), [0.1], still=0.2),
    ],
)
def test_what_is_not_there_is_named(call):
    with pytest.raises(ValueError, match="gone|still=0.2"):
        call()


def test_words_of_the_first_page_follow_the_record():
    told = headline.outcome(record(student_taught=0.95, student_alone=1.0, taught_no_penalty=0.94, alone_long=0.9))
    assert told["gain"] == "5.0\xa0% lower" and told["start"] == "6.0\xa0% lower" and told["equal"] == "5.6\xa0% higher"
    assert told["cause"] == "is ahead because it starts from trained units"
    assert (told["cost"], told["alone"]) == ("costs it a little", "does better still")
    turned = headline.outcome(record(student_taught=1.05, student_alone=1.0, taught_no_penalty=1.06, alone_long=1.2))
    assert turned["gain"] == "5.0\xa0% higher" and turned["cause"] == "is not clearly ahead in this book's runs"
    assert (turned["cost"], turned["alone"]) == ("adds a little", "stays behind even so")
    by_penalty = headline.outcome(record(student_taught=0.8, student_alone=1.0, taught_no_penalty=0.99, alone_long=0.9))
    assert by_penalty["cause"] == "is ahead in this book's runs"
    level = record(student_taught=0.95, student_alone=1.0, taught_no_penalty=0.94, alone_long=0.95)
    level.curves["alone_long"]["train_loss"][:, -1] *= 0.99, 1.01
    assert headline.outcome(level)["equal"] == "not clearly different"
    assert headline.outcome(level)["alone"] == "does as well"


def test_picture_of_the_first_page_tells_the_gain():
    ax = headline.picture(
        record(teacher=0.9, student_taught=0.95, student_alone=1.0, taught_no_penalty=0.94, alone_long=0.9)
    )
    assert any("5.0\xa0% lower\nthan the student alone" in text.get_text() for text in ax.texts)
    level = record(teacher=0.9, student_taught=1.0, student_alone=1.0, taught_no_penalty=0.94, alone_long=0.9)
    level.curves["student_taught"]["train_loss"][:, -1] *= 0.99, 1.01
    told = [text.get_text() for text in headline.picture(level).texts]
    assert any("not clearly different,\nagainst the student alone" in text for text in told)


@pytest.mark.parametrize(("teacher_width", "width"), [(100, 20), (50, 10)])
def test_drawing_links_each_unit_of_the_student_to_one_of_the_teacher(teacher_width, width):
    ax = drawings.model(teacher_width=teacher_width, width=width)
    assert [len(points.get_offsets()) for points in ax.collections] == [teacher_width, width, width]
    ends = [line.get_xydata() for line in ax.lines]
    assert len({tuple(end[0]) for end in ends}) == len({tuple(end[1]) for end in ends}) == width
