"""A page is read without a kernel and without a network, on any screen, with the keyboard alone."""

import re

from topk_lib.course.editions.page import film
from topk_lib.course.editions.pieces import pieces
from topk_lib.course.exercises import exercises

from .hypertext_file import read

STATE = "figure => [figure.querySelector('img').src, figure.querySelector('figcaption').textContent]"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PHONE, DESK_AT_200_PERCENT = 360, 640


def page_of(html, lesson):
    return html / f"{lesson.name}.html"


def test_nothing_is_fetched(html, lesson):
    fetched = read(page_of(html, lesson)).fetched
    assert [address for address in fetched if not address.startswith("data:")] == []


def test_formulas_are_mathml(html, lesson):
    source = "".join(cell.source for cell in lesson.notebook.cells if cell.cell_type == "markdown")
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", source, flags=re.DOTALL)
    formulas = re.findall(r"\$\$.+?\$\$|\$[^$\n]+\$", prose, re.DOTALL)
    found = read(page_of(html, lesson))
    assert found.tags.count("math") >= len(formulas)
    assert "$" not in found.prose and "\\frac" not in found.prose


def test_every_picture_has_a_text(html, lesson):
    found = read(page_of(html, lesson))
    assert len(found.images) == sum(piece.picture is not None for piece in pieces(lesson))
    assert all(len(image["alt"]) > 20 for image in found.images)


def test_links_lead_somewhere(html, lesson):
    found = read(page_of(html, lesson))
    assert len(found.ids) == len(set(found.ids))
    for link in found.links:
        file, _, id = link.partition("#")
        if not link.startswith("https:"):
            assert (html / file).is_file() if file else id in found.ids, link
    assert "index.html" in found.links


def test_help_is_folded(html, lesson):
    text = page_of(html, lesson).read_text(encoding="utf-8")
    ids = [id for id in exercises() if int(id.split(".")[0]) == int(lesson.name[:2])]
    assert text.count("<summary>One way to do it</summary>") == len(ids) > 0
    assert text.count("<summary>Hint ") == sum(len(exercises()[id].hints) for id in ids)
    answers = [piece.id for piece in pieces(lesson) if piece.kind == "answer"]
    assert all(f'<details class="answer" id="answer-{id}">' in text for id in answers)
    assert "No guess was noted" not in text  # what is told now is what the lesson has stored


def test_it_opens_and_fits_on_every_screen(html, lesson, offline_page):
    page = offline_page(page_of(html, lesson))
    shown = {"desk": page.evaluate(TOO_WIDE)}
    for width in (PHONE, DESK_AT_200_PERCENT):
        page.set_viewport_size({"width": width, "height": 720})
        shown[width] = page.evaluate(TOO_WIDE)
    assert set(shown.values()) == {0}, shown
    assert page.locator("h1").count() == 1


def test_the_slider_moves_picture_and_sentence_by_keyboard(html, lesson, offline_page):
    moving = [piece for piece in pieces(lesson) if piece.kind == "panel" and film(piece.source)]
    page = offline_page(page_of(html, lesson))
    panels = page.locator("figure.panel")
    assert panels.count() == len(moving)
    for figure in panels.all():
        slider = figure.locator("input[type=range]")
        slider.focus()
        page.keyboard.press("Home")
        first, label = figure.evaluate(STATE), slider.get_attribute("aria-valuetext")
        page.keyboard.press("ArrowRight")
        second = figure.evaluate(STATE)
        assert first[0] != second[0] and first[1] != second[1]
        assert slider.get_attribute("aria-valuetext") != label
        assert figure.locator("img").get_attribute("alt") == second[1].strip()


def test_dark_and_light_differ(html, browser):
    colours = set()
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme)
        page.goto(min(html.glob("[0-9]*.html")).as_uri())
        colours.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.close()
    assert len(colours) == 2


def test_the_list_leads_to_every_page(html):
    assert {link for link in read(html / "index.html").links} == {path.name for path in html.glob("[0-9]*.html")}
