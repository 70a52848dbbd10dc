"""The lessons as handed out: for students, for the instructor, as slides, as pages that need no kernel.

All four are made from the notebooks and from the lecturer's notes beside them::

    python -m topk_lib.course.editions student

Needs the extra ``editions`` (nbconvert, latex2mathml). Nothing else in the kit imports this package.
"""

from .build import EDITIONS, build
from .lesson import Lesson, Notes, lessons, read_notes
from .notebooks import instructor_edition, student_edition
from .page import page
from .slides import deck

__all__ = [
    "EDITIONS",
    "Lesson",
    "Notes",
    "build",
    "deck",
    "instructor_edition",
    "lessons",
    "page",
    "read_notes",
    "student_edition",
]
