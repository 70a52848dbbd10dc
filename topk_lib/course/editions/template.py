"""Filling in a template of this folder by way of nbconvert."""

from __future__ import annotations

from pathlib import Path

from nbconvert.exporters import TemplateExporter

from .lesson import Lesson

TEMPLATES = Path(__file__).with_name("templates")


def fill(template: str, lesson: Lesson, **content: object) -> str:
    """The HTML file of a lesson.

    Args:
        template: a folder in ``templates``.
        lesson: whose notebook the template finds as ``nb``.
        content: what else it finds, in ``resources``.
    """
    exporter = TemplateExporter(
        template_name=template,
        template_file="index.html.j2",
        extra_template_basedirs=[str(TEMPLATES)],
        extra_template_paths=[str(TEMPLATES)],
    )
    text, _ = exporter.from_notebook_node(lesson.notebook, {"lesson": lesson, **content})
    return text
