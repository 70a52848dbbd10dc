"""Whether a lesson's notebook says about exercises and predictions what the library says."""

import re

from topk_lib.course.exercises import exercise_cells
from topk_lib.course.lessons import LESSONS
from topk_lib.course.quizzes import question_markdown


def wanted_cells(lesson, worked=False):
    """(name, kind, text) of everything that the lesson's notebook has to contain, cell by cell."""
    for exercise in LESSONS[lesson].exercises:
        names = ("task", "solution" if worked else "stub", "check")
        for name, (kind, text) in zip(names, exercise_cells(exercise.id, worked), strict=True):
            yield f"{name} of exercise {exercise.id}", kind, text
    for prediction in LESSONS[lesson].predictions:
        yield f"question of prediction {prediction.id}", "markdown", question_markdown(prediction.id)


def missing_texts(notebook, lesson, worked=False):
    """Names of the texts that no cell of the notebook contains as they stand in the library now."""
    texts = {kind: [] for kind in ("markdown", "code")}
    for cell in notebook["cells"]:
        source = cell["source"]
        texts.get(cell["cell_type"], []).append(source if isinstance(source, str) else "".join(source))
    return [name for name, kind, text in wanted_cells(lesson, worked) if not any(text in cell for cell in texts[kind])]


def missing_calls(notebook, lesson):
    """Predictions that are not both asked and revealed, in this order, and calls with an id that does not exist."""
    code = "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")
    problems = []
    for prediction in LESSONS[lesson].predictions:
        if not re.search(rf'predict\("{prediction.id}", None\).*reveal\("{prediction.id}"\)', code, re.DOTALL):
            problems.append(f'predict("{prediction.id}", None) and later reveal("{prediction.id}") are missing')
    known = {item.id for item in (*LESSONS[lesson].exercises, *LESSONS[lesson].predictions)}
    for call, id in re.findall(r'\b(check|hint|solution|predict|reveal)\("([^"]*)"', code):
        if id not in known:
            problems.append(f'{call}("{id}", …) asks for something that lesson {lesson} does not have')
    return problems
