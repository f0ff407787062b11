import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_lab.cli.main import main
from inference_lab.lab.progress_code import ALPHABET, MOST_EXERCISES, MOST_HINTS, decode, encode

LESSONS = st.integers(0, 30)
RIGHT = st.frozensets(st.integers(1, MOST_EXERCISES))
HINTS = st.integers(0, MOST_HINTS)
CODES = st.builds(encode, LESSONS, RIGHT, HINTS)


@given(LESSONS, RIGHT, HINTS)
def test_a_code_tells_what_it_was_made_from(lesson, right, hints):
    code = encode(lesson, right, hints)
    assert len(code) == 6 and set(code) <= set(ALPHABET)
    told = decode(f" {code[:3].lower()}-{code[3:]} ")
    assert (told.lesson, told.right, told.hints) == (lesson, right, hints)


def test_the_alphabet_has_no_characters_that_look_alike():
    assert not set(ALPHABET) & set("01OIL") and len(set(ALPHABET)) == 31


@given(CODES)
def test_every_wrong_character_is_noticed(code):
    for place in range(6):
        for other in set(ALPHABET) - {code[place]}:
            with pytest.raises(ValueError, match="slip"):
                decode(code[:place] + other + code[place + 1 :])


@given(CODES)
def test_every_swap_of_two_characters_is_noticed(code):
    for one in range(6):
        for two in range(one):
            swapped = list(code)
            swapped[one], swapped[two] = code[two], code[one]
            if code[one] != code[two]:
                with pytest.raises(ValueError, match="changed places"):
                    decode("".join(swapped))


@given(CODES, st.integers(0, 5))
def test_a_character_left_out_or_said_twice_is_noticed(code, place):
    for heard in (code[:place] + code[place + 1 :], code[: place + 1] + code[place:]):
        with pytest.raises(ValueError, match="not 6"):
            decode(heard)


def test_more_hints_than_fit_count_as_the_most():
    assert decode(encode(5, {1}, 10_000)).hints == MOST_HINTS == 224


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((31, (), 0), "lesson=31 must be from 0 to 30"),
        ((5, (0, 13), 0), "exercises are numbered from 1 to 12"),
        ((5, (), -1), "hints=-1"),
    ],
)
def test_a_standing_that_has_no_code(arguments, reason):
    with pytest.raises(ValueError, match=reason):
        encode(*arguments)


def test_a_character_of_no_code_is_named():
    with pytest.raises(ValueError, match="no code holds 0, O"):
        decode("0OABCD")
    with pytest.raises(TypeError, match="code must be text"):
        decode(123456)


def test_the_command_reads_a_code_in_one_or_two_words(capsys):
    code = encode(5, {1, 3}, 1)
    for words in ([code], [code[:3], code[3:].lower()]):
        assert main(["progress", *words]) == 0
        assert capsys.readouterr().out == "Lesson 05: right 5.1, 5.3; 1 hint taken.\n"
    assert main(["progress", encode(0, (), 0)]) == 0
    assert capsys.readouterr().out == "Lesson 00: right none yet; no hint taken.\n"
    assert main(["progress", code[1] + code[0] + code[2:]]) == 2
    assert "has a slip" in capsys.readouterr().err
