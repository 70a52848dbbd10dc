"""The first cell: one stable line, one seed, few threads; and importing stays quiet and light."""

import logging
import os
import random
import subprocess
import sys

import numpy as np
import pytest
import torch

from topk_lib.course import setup, start


@pytest.fixture(autouse=True)
def as_before():
    """Puts back what start changes for the whole process."""
    threads, options = torch.get_num_threads(), np.get_printoptions()
    level = logging.getLogger("matplotlib.font_manager").level
    yield
    torch.set_num_threads(threads)
    torch.set_printoptions(profile="default")
    np.set_printoptions(**options)
    logging.getLogger("matplotlib.font_manager").setLevel(level)


def test_start_prints_one_stable_line(capsys):
    start(2)
    assert capsys.readouterr().out == "Lesson 02, Soft permutations: ready.\n"


def test_start_seeds_everything():
    draws = []
    for _ in range(2):
        start(0)
        draws.append((torch.rand(1).item(), np.random.rand(), random.random()))
    assert draws[0] == draws[1]


def test_start_makes_printed_numbers_stable():
    start(0)
    assert str(torch.tensor([1 / 3, 1e-7])) == "tensor([0.333, 0.000])"
    assert str(np.array([1 / 3, 1e-7])) == "[0.333 0.   ]"


def test_start_uses_no_more_threads_than_before_or_than_processors(monkeypatch):
    torch.set_num_threads(2)
    start(0)
    assert torch.get_num_threads() <= 2
    torch.set_num_threads(2)
    monkeypatch.setattr(setup, "_processors", lambda: 1)
    start(0)
    assert torch.get_num_threads() == 1


def test_start_keeps_matplotlibs_font_cache_quiet():
    logging.getLogger("matplotlib.font_manager").setLevel(logging.NOTSET)
    start(0)
    assert not logging.getLogger("matplotlib.font_manager").isEnabledFor(logging.WARNING)


@pytest.mark.parametrize("lesson", [11, -1, "02", None, [2]])
def test_start_refuses_a_lesson_that_does_not_exist(lesson):
    with pytest.raises(ValueError, match=r"lesson must be one of 0, 1, 2, .*, 10, got"):
        start(lesson)


def test_importing_is_quiet_light_and_goes_one_way():
    """The library does not import the course, and the course imports nothing that draws."""
    code = (
        "import sys, topk_lib; assert 'topk_lib.course' not in sys.modules; "
        "import topk_lib.course; assert not {'matplotlib', 'ipywidgets', 'PIL'} & set(sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
