"""Predictions: a guess is noted, compared, and answered with numbers that the library computes."""

import re

import pytest
import torch

from topk_lib.course import predict, quizzes, reveal
from topk_lib.course.lesson_02 import predictions as lesson_02
from topk_lib.course.lessons import LESSONS
from topk_lib.course.quizzes import prediction, predictions, question_markdown

from .answers import RIGHT


@pytest.fixture(params=list(predictions()))
def id(request):
    return request.param


@pytest.fixture(autouse=True)
def forget():
    quizzes._guesses.clear()


def revealed(id, capsys):
    capsys.readouterr()
    reveal(id)
    return capsys.readouterr().out


def test_computed_answer_is_the_one_the_lesson_argues_for(id):
    position, shown = prediction(id).answer()
    assert prediction(id).letters[position] == RIGHT[id]
    assert re.search(r"\d\.\d", shown) and shown.endswith(".")


def test_every_guess_is_judged(id, capsys):
    for letter in prediction(id).letters:
        predict(id, letter)
        assert f"Noted: {prediction(id).choice(letter)}" in capsys.readouterr().out
        text = revealed(id, capsys)
        if letter == RIGHT[id]:
            assert text.startswith(f"You predicted it: {letter})")
        else:
            assert text.startswith(f"You guessed {letter})") and f"The answer: {RIGHT[id]})" in text


def test_as_handed_out_it_prints_the_same_each_time(id, capsys):
    texts = []
    for _ in range(2):
        predict(id, None)
        texts.append(capsys.readouterr().out + revealed(id, capsys))
    assert texts[0] == texts[1] and "No guess yet" in texts[0]
    assert f"No guess was noted. The answer: {RIGHT[id]})" in texts[0]


def test_new_guess_replaces_the_old_and_none_takes_it_back(capsys):
    predict("2.a", "a")
    predict("2.a", " B) ")
    assert revealed("2.a", capsys).startswith("You predicted it: b)")
    predict("2.a", None)
    assert revealed("2.a", capsys).startswith("No guess was noted")


@pytest.mark.parametrize(
    "guess", ["z", "ab", "", 2, ["a"], "a" * 10**6, torch.zeros(99, 99)], ids=lambda g: repr(g)[:9]
)
def test_something_else_than_a_letter_is_answered_kindly(guess, capsys):
    predict("2.a", guess)
    printed = capsys.readouterr().out
    assert "is none of the choices: a, b or c, in quotes" in printed and len(printed) < 200
    assert revealed("2.a", capsys).startswith("No guess was noted")


def test_answer_follows_the_library_when_it_changes(monkeypatch):
    """Nothing is written down beforehand: another SoftSort gives another answer."""
    sorter = lesson_02.SoftSort
    monkeypatch.setattr(lesson_02, "SoftSort", lambda temperature: sorter(1 / temperature))
    assert prediction("2.a").answer()[0] == 0
    assert prediction("2.c").answer()[0] == 2
    monkeypatch.setattr(lesson_02, "make_sorter", lambda name: sorter(1.0))
    assert prediction("2.b").answer()[0] == 3


def test_ids_are_lettered_within_their_lesson():
    declared = [p.id for lesson in LESSONS.values() for p in lesson.predictions]
    assert len(set(declared)) == len(declared) == len(predictions()) and set(declared) == set(RIGHT)
    for number, lesson in LESSONS.items():
        assert [p.id for p in lesson.predictions] == [f"{number}.{'abcdef'[i]}" for i in range(len(lesson.predictions))]


def test_question_shows_every_choice_with_its_letter(id):
    text = question_markdown(id)
    assert f"**Predict ({id}).**" in text and prediction(id).question.endswith("?")
    for letter, choice in zip(prediction(id).letters, prediction(id).choices, strict=True):
        assert f"- **{letter})** {choice}" in text


def test_unknown_prediction_is_refused_by_name():
    with pytest.raises(ValueError, match=r"id must be one of '0\.a', .*, got '2\.z'"):
        reveal("2.z")
