import pytest

from inference_lab.lab import reveal, verdict
from inference_lab.lab.claims.verdict import FAILS, HOLDS, Verdict

SMALL = Verdict("holds if the load is at most 60 %", "figures")


def never():
    raise AssertionError("the run must wait for the verdict")


def said(capsys):
    return capsys.readouterr().out.splitlines()


def test_nothing_is_run_without_a_verdict(capsys):
    verdict("C31", None)
    reveal("C31", never)
    asked, waits = said(capsys)
    assert '"holds", "holds if" or "does not hold"' in asked and "waits for your verdict" in waits


@pytest.mark.parametrize(
    ("words", "run", "last"),
    [
        ("holds", SMALL, "You said it holds; the run says it holds if."),
        ("Holds if", SMALL, "You said it holds if, and so does the run."),
        ("Holds-If the Load", SMALL, "You said it holds if the Load, and so does the run."),
        ("DOES NOT HOLD", SMALL, "You said it does not hold; the run says it holds if."),
        (
            "holds if the load is low.",
            lambda: SMALL,
            "You said it holds if the load is low, and so does the run.",
        ),
        ("does not hold", {"a": SMALL, "b": SMALL}, "You said it does not hold; the run says"),
        (
            "holds if",
            {"mean": Verdict(HOLDS, "x"), "p99": Verdict(FAILS, "y")},
            "You said it holds if, and so does the run.",
        ),
        ("holds", {"a": Verdict(HOLDS, "x"), "b": Verdict(HOLDS, "y")}, "and so does the run."),
    ],
)
def test_a_verdict_is_set_against_that_of_the_run(words, run, last, capsys):
    verdict("C31", words)
    reveal("C31", run)
    assert last in said(capsys)[-1]


def test_each_case_is_shown_with_its_figures(capsys):
    verdict("C31", "holds")
    reveal("C31", {"mean": SMALL, "p99": Verdict(FAILS, "y")})
    assert said(capsys)[1:3] == ["C31, mean: " + str(SMALL), "C31, p99: does not hold (y)"]


def test_a_verdict_taken_back_is_open_again(capsys):
    verdict("C31", "holds")
    verdict("C31", None)
    reveal("C31", never)
    assert "waits" in said(capsys)[-1]


@pytest.mark.parametrize(
    ("arguments", "error", "reason"),
    [
        (("C31", "maybe"), ValueError, 'must be "holds", "holds if" or "does not hold"'),
        (("C31", "holds?"), ValueError, "not 'holds\\?'"),
        (("C31", True), TypeError, "not True"),
        (("5.1", "holds"), ValueError, "number of a claim"),
        ((31, "holds"), TypeError, "not 31"),
    ],
)
def test_bad_verdicts(arguments, error, reason):
    with pytest.raises(error, match=reason):
        verdict(*arguments)


@pytest.mark.parametrize("result", ["holds", {}, {"a": 3}])
def test_a_run_that_gives_no_verdict_is_refused(result):
    verdict("C31", "holds")
    with pytest.raises(TypeError, match="must give a Verdict"):
        reveal("C31", result)
