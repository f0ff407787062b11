import json
import re

import matplotlib.pyplot as plt
import pytest

from inference_lab.lab import predict, reveal, show


@pytest.fixture
def displayed(monkeypatch):
    """What is displayed, as mime bundles with their metadata."""
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, **how: shown.append((data, how)))
    yield shown
    assert plt.get_fignums() == []


def alt_of(shown):
    return re.search('<img alt="([^"]*)"', shown).group(1)


def never():
    raise AssertionError("the run must wait for the prediction")


def test_nothing_is_run_or_drawn_without_a_number(capsys, displayed):
    predict("5.1", None, unit="ms")
    reveal("5.1", never)
    reveal("5.2", never)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Prediction 5.1: replace None with your number (unit: ms)."
    assert lines[1].startswith("Put your number in the cell above first")
    assert lines[2] == lines[1] and displayed == []


@pytest.mark.parametrize(
    ("value", "run", "said"),
    [
        (75, 150.0, "You said 75 ms; the run gives 150 ms: you were 2 times too low."),
        (300, lambda: 150, "you were 2 times too high"),
        (150, 151, "as good as equal"),
        (0, 151, "151 apart"),
        (
            10_000,
            0.655,
            "You said 10,000 ms; the run gives 0.655 ms: you were 15,300 times too high.",
        ),
    ],
)
def test_the_ratio_is_drawn_and_printed(value, run, said, capsys, displayed):
    predict("5.1", value, unit="ms")
    reveal("5.1", run)
    assert said in capsys.readouterr().out
    ((data, _),) = displayed
    assert said in alt_of(data["text/html"])


def test_a_prediction_taken_back_is_open_again(capsys, displayed):
    predict("5.1", 75, unit="ms")
    predict("5.1", None, unit="ms")
    reveal("5.1", never)
    assert displayed == []


@pytest.mark.parametrize(
    ("arguments", "unit", "error", "reason"),
    [
        (("5.1", "75"), "ms", TypeError, "value must be a number such as 75, not '75'"),
        (("5.1", True), "ms", TypeError, "not True"),
        (("5.1", float("nan")), "ms", ValueError, "finite number, not nan"),
        ((5.1, 75), "ms", TypeError, "prediction_id must be text"),
        (("", 75), "ms", ValueError, "prediction_id must not be empty"),
        (("5.1", 75), "", ValueError, "unit must not be empty"),
    ],
)
def test_bad_predictions(arguments, unit, error, reason):
    with pytest.raises(error, match=reason):
        predict(*arguments, unit=unit)


@pytest.mark.parametrize(
    ("value", "unit", "doubt"),
    [
        (0.6, "% load", "did you mean 60?"),
        (0, "%", "0 % means none at all"),
        (0, "ms", "0 ms means none at all"),
        (120, "%", "120 % means more than the whole"),
    ],
)
def test_a_number_that_is_seldom_meant_is_asked_about(value, unit, doubt, capsys):
    predict("5.1", value, unit=unit)
    assert doubt in capsys.readouterr().out
    for value, unit in ((60, "% load"), (100, "%"), (0.6, "ms"), (120, "ms")):
        predict("5.1", value, unit=unit)
    assert "mean" not in capsys.readouterr().out


@pytest.fixture
def asked(exercises):
    """A lesson that asks for a prediction in Mb/s."""
    (exercises / "03.json").write_text(json.dumps({"exercises": [], "units": {"3.1": "Mb/s"}}))


@pytest.mark.usefixtures("asked")
def test_a_number_in_a_unit_of_the_same_kind_is_converted(capsys, displayed):
    predict("3.1", 3, unit="Gb/s")
    reveal("3.1", 4)
    said = capsys.readouterr().out
    assert said.startswith("Prediction 3.1: 3,000 Mb/s.")
    assert "You said 3,000 Mb/s; the run gives 4 Mb/s: you were 750 times too high." in said


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("unit", ["ms", "users", "packets/s"])
def test_a_unit_of_another_kind_is_refused(unit):
    with pytest.raises(ValueError, match=f"unit='{unit}' .*give your number in \"Mb/s\""):
        predict("3.1", 3, unit=unit)


def test_a_run_that_gives_no_number_is_refused():
    predict("5.1", 75, unit="ms")
    with pytest.raises(TypeError, match="run must be a number"):
        reveal("5.1", lambda: None)


def test_a_figure_is_shown_once_with_its_reading_and_its_alt_text(capsys, displayed):
    fig, axes = plt.subplots()
    axes.plot([1, 2])
    show(fig, reads="It rises.", alt="A line.")
    assert capsys.readouterr().out == "It rises.\n"
    ((data, _),) = displayed
    assert data["text/plain"] == alt_of(data["text/html"]) == "A line."


def test_the_reading_is_the_alt_text_when_there_is_none(displayed):
    show(plt.figure(), reads="Empty.")
    assert alt_of(displayed[0][0]["text/html"]) == "Empty."


def test_a_figure_must_be_one_and_must_say_something():
    fig, axes = plt.subplots()
    with pytest.raises(TypeError, match="pass fig, not the axes"):
        show(axes, reads="x")
    for nothing in ("", " ", None):
        with pytest.raises(ValueError, match="must say what the figure shows"):
            show(fig, reads=nothing)
    plt.close(fig)
