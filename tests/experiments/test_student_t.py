"""Student's t against printed tables."""

import pytest

from topk_lib.course import t_quantile

# Two-sided quantiles as tables print them.
TABLE = [
    (1, 0.95, 12.706),
    (2, 0.95, 4.303),
    (3, 0.95, 3.182),
    (4, 0.95, 2.776),
    (7, 0.95, 2.365),
    (10, 0.95, 2.228),
    (30, 0.95, 2.042),
    (120, 0.95, 1.980),
    (1, 0.5, 1.000),
    (5, 0.9, 2.015),
    (9, 0.99, 3.250),
]


@pytest.mark.parametrize(("degrees", "level", "t"), TABLE)
def test_quantile_equals_the_table(degrees, level, t):
    assert t_quantile(degrees, level) == pytest.approx(t, abs=5.1e-4)


def test_quantile_approaches_the_normal_one():
    assert t_quantile(100_001) == pytest.approx(1.959964, abs=1e-4)


@pytest.mark.parametrize("degrees", [0, -3])
def test_no_degrees_of_freedom_are_refused(degrees):
    with pytest.raises(ValueError, match=f"degrees must be at least 1, got {degrees}"):
        t_quantile(degrees)


@pytest.mark.parametrize("level", [0, 1, 95])
def test_level_outside_0_1_is_refused(level):
    with pytest.raises(ValueError, match=f"level must be strictly between 0 and 1, got {level}"):
        t_quantile(3, level)


def test_level_that_is_no_number_is_refused():
    with pytest.raises(TypeError, match=r"level must be a number between 0 and 1, got '0\.95'"):
        t_quantile(3, "0.95")
