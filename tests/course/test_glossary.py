"""The glossary: one sentence a term, found under every name."""

import re
from pathlib import Path

import pytest

from topk_lib.course import term
from topk_lib.course.glossary import glossary_markdown, glossary_page, lookup, terms
from topk_lib.course.lessons import LESSONS, notebook_name

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def test_every_meaning_is_one_plain_sentence():
    for word in terms():
        assert word.meaning.endswith(".") and not re.search(r"[.!?] [A-Z]", word.meaning), word
        assert word.meaning[0].isupper() or word.meaning.startswith("P is"), word
        assert 5 <= len(word.meaning.split()) <= 30 and 0 <= word.lesson <= 10, word


def test_names_are_unique():
    names = [name.casefold() for word in terms() for name in (word.name, *word.also)]
    assert len(names) == len(set(names))


def test_terms_stand_in_the_order_of_the_lessons():
    assert [word.lesson for word in terms()] == sorted(word.lesson for word in terms())


@pytest.mark.parametrize("name", ["P_K", "p_k", "logit", "Score", " τ ", "error bar", "0-1 principle"])
def test_term_is_found_under_any_of_its_names(name, capsys):
    term(name)
    printed = " ".join(capsys.readouterr().out.split())
    assert lookup(name).name in printed and f"Introduced in lesson {lookup(name).lesson:02d}." in printed


def test_printed_entry_says_other_names_and_lesson(capsys):
    term("steepness")
    assert " ".join(capsys.readouterr().out.split()) == (
        "steepness (also: beta, β, inverse temperature): How fast a soft swap turns from not swapping to "
        "swapping as the gap grows; one over a temperature. Introduced in lesson 02."
    )


def test_misspelled_term_gets_an_offer():
    with pytest.raises(ValueError, match=r"got 'comparitor'; did you mean 'comparator'"):
        term("comparitor")
    with pytest.raises(ValueError, match=r"name must be a term of the glossary, got 'zzzz'$"):
        term("zzzz")


@pytest.mark.parametrize("lesson", LESSONS)
def test_lessons_list_is_alphabetical_and_its_own(lesson):
    lines = glossary_markdown(lesson).splitlines()
    names = [re.match(r"- \*\*(.+?)\*\*(?: \(also: .+?\))?: ", line)[1] for line in lines]
    assert names == sorted(names, key=str.casefold) and names
    assert all(line.endswith(f"([lesson {lesson:02d}]({notebook_name(lesson)}))") for line in lines)
    assert len(glossary_markdown().splitlines()) == len(terms())


def test_lesson_without_terms_is_refused():
    with pytest.raises(ValueError, match="lesson must be one that introduces terms, got 77"):
        glossary_markdown(77)


def test_page_is_the_present_glossary_and_its_links_lead_to_lessons():
    page = (NOTEBOOKS / "glossary.md").read_text(encoding="utf-8")
    assert page == glossary_page(), "stale: make notebooks writes it anew"
    links = re.findall(r"\]\((.+?)\)", page)
    assert len(links) == len(terms())
    assert [link for link in links if not (NOTEBOOKS / link).exists()] == []
