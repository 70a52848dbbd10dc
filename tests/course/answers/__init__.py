"""By exercise and by the mistake's name, answers that show the mistake; by prediction, the letter that is right.

A lesson's answers stand in ``lesson_NN.py``: WRONG, written as learners would write them, and RIGHT.
"""

from importlib import import_module

from topk_lib.course.lessons import LESSONS

_MODULES = [import_module(f".lesson_{number:02d}", __name__) for number in LESSONS]

WRONG = {id: answers for module in _MODULES for id, answers in module.WRONG.items()}
RIGHT = {id: letter for module in _MODULES for id, letter in module.RIGHT.items()}
