"""Every edition built once from the lessons of the tree, and a page to open the files in."""

from pathlib import Path

import pytest

from topk_lib.course.editions import Lesson, build, lessons

LESSONS: list[Lesson] = lessons()


def pytest_generate_tests(metafunc):
    """A test that takes `lesson` runs for every lesson."""
    if "lesson" in metafunc.fixturenames:
        metafunc.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)


def edition(name):
    @pytest.fixture(scope="session", name=name)
    def folder(tmp_path_factory) -> Path:
        out = tmp_path_factory.mktemp(name)
        build(name, LESSONS, out)
        return out

    return folder


student, instructor, slides, html = map(edition, ("student", "instructor", "slides", "html"))


@pytest.fixture
def offline_page(browser):
    """`open(path, width, height)` shows a file without a network; at the end nothing may have gone wrong."""
    context = browser.new_context(offline=True)
    trouble = []

    def open_file(path, width=1280, height=720):
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.on("console", lambda message: message.type in ("error", "warning") and trouble.append(message.text))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("requestfailed", lambda request: trouble.append(request.url))
        page.on("request", lambda request: request.url.startswith(("file:", "data:")) or trouble.append(request.url))
        page.goto(path.as_uri())
        return page

    yield open_file
    context.close()
    assert not trouble
