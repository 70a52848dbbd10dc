"""A deck is one file that works without a network, leaves nothing out and cuts nothing off."""

import re

import pytest

from topk_lib.course.editions.hypertext import plain
from topk_lib.course.editions.pieces import pieces

from .hypertext_file import read

OVERFLOWING = """() => [...document.querySelectorAll(".slide")].flatMap((slide) => {
  const body = slide.querySelector(".body"), words = slide.querySelector(".words");
  const over = slide.scrollHeight > 720 || slide.scrollWidth > 1280 || body.scrollHeight > body.clientHeight
    || body.scrollWidth > body.clientWidth || words.scrollWidth > words.clientWidth
    || [...slide.querySelectorAll("img")].some((image) => image.clientHeight < 150);
  return over ? [slide.id] : [];
})"""
NOW = "document.querySelector('.slide.now').id"
READABLE = 0.7  # how far letters may be scaled down


def deck(slides, lesson):
    return slides / f"{lesson.name}.html"


def test_nothing_is_fetched(slides, lesson):
    found = read(deck(slides, lesson))
    assert [address for address in found.fetched if not address.startswith("data:")] == []
    assert "link" not in found.tags and "iframe" not in found.tags


def test_every_heading_and_every_picture_is_on_a_slide(slides, lesson):
    text = deck(slides, lesson).read_text(encoding="utf-8")
    parts = list(pieces(lesson))
    shown = " ".join(read(deck(slides, lesson)).prose.split())
    wanted = [" ".join(plain(piece.source).split()) for piece in parts if piece.kind == "heading"]
    assert wanted and [heading for heading in wanted if heading not in shown] == []
    assert [piece.kind for piece in parts if piece.picture and piece.picture.png not in text] == []


def test_every_question_answer_and_exercise_has_its_slide(slides, lesson):
    text = deck(slides, lesson).read_text(encoding="utf-8")
    for kind in ("question", "answer", "task"):
        count = sum(piece.kind == kind for piece in pieces(lesson))
        assert len(re.findall(rf'<section class="slide {kind}"', text)) == count
    assert "raise NotImplementedError" not in text and "def test" not in text


def test_imports_are_left_out(slides, lesson):
    assert f"start({int(lesson.name[:2])})" not in read(deck(slides, lesson)).prose


def test_every_note_is_a_speaker_note(slides, lesson):
    text = deck(slides, lesson).read_text(encoding="utf-8")
    notes = dict(re.findall(r'<aside class="note" data-section="(.*?)" hidden>(.*?)</aside>', text, re.DOTALL))
    for section in lesson.notes.sections:
        (name,) = [name for name in notes if plain(name) == plain(section.heading)]
        assert f"{section.minutes} min" in notes[name]
    sections = set(re.findall(r'data-notes="(.*?)"', text))
    assert set(notes) <= sections


def test_nothing_overflows_and_letters_stay_readable(slides, lesson, offline_page):
    page = offline_page(deck(slides, lesson))
    assert page.evaluate(OVERFLOWING) == []
    sizes = page.evaluate("all.map((slide) => Number(slide.style.getPropertyValue('--fit')))")
    assert min(sizes) >= READABLE, [(i, size) for i, size in enumerate(sizes, 1) if size < READABLE]


@pytest.fixture
def first_deck(slides, offline_page):
    return offline_page(min(slides.glob("[0-9]*.html")))


def test_keys_and_clicks_turn_slides(first_deck):
    turned = []
    for key in ("ArrowRight", " ", "ArrowLeft", "End", "Home"):
        first_deck.keyboard.press(key)
        turned.append(first_deck.evaluate(NOW))
    last = first_deck.evaluate("String(all.length)")
    assert turned == ["2", "3", "2", last, "1"]
    first_deck.mouse.click(640, 360)
    assert first_deck.evaluate(NOW) == "2" and first_deck.url.endswith("#2")


def test_an_address_leads_to_its_slide(slides, offline_page):
    page = offline_page(min(slides.glob("[0-9]*.html")))
    page.goto(page.url.partition("#")[0] + "#4")
    assert page.evaluate(NOW) == "4" and page.locator(".slide.now h2").is_visible()


def test_n_shows_the_notes_of_the_section(first_deck):
    assert first_deck.locator(".note:visible").count() == 0
    first_deck.keyboard.press("n")
    opening = first_deck.locator(".note:visible").inner_text()
    note = first_deck.locator(".note:visible").bounding_box()
    slide = first_deck.locator(".slide.now").bounding_box()
    assert slide["y"] + slide["height"] <= note["y"] + 1 and slide["height"] > 300
    first_deck.evaluate("show(2)")
    assert first_deck.locator(".note:visible").inner_text() != opening
    first_deck.keyboard.press("n")
    assert first_deck.locator(".note:visible").count() == 0


def test_printing_gives_a_slide_a_page(first_deck):
    pdf = first_deck.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == first_deck.evaluate("all.length")
