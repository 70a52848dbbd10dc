"""The steepness for a wished certainty: it gives that certainty, and refuses what makes no sense."""

import pytest
import torch

from topk_lib import SIGMOIDS, Comparator
from topk_lib.sigmoids import steepness_for

NAMES = list(SIGMOIDS)


@pytest.mark.parametrize("certainty", [0.51, 0.74, 0.76, 0.9, 0.999])
@pytest.mark.parametrize("gap", [1e-3, 0.7, 20.0])
@pytest.mark.parametrize("name", NAMES)
def test_the_comparator_is_as_certain_as_was_wished(name, gap, certainty):
    steepness = steepness_for(gap, certainty, name, art_lambda=0.4)
    alpha = Comparator(name, steepness, 0.4).alpha(torch.tensor(gap).double()).item()
    assert alpha == pytest.approx(certainty, abs=1e-7)


def test_defaults_are_those_of_the_library():
    assert steepness_for(0.5) == steepness_for(0.5, 0.9, "cauchy")
    assert steepness_for(0.5, 0.8, "logistic_phi") == steepness_for(0.5, 0.8, "logistic_phi", Comparator().art_lambda)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "logistic_phi"])
def test_half_the_gap_needs_twice_the_steepness(name):
    assert steepness_for(0.3, 0.9, name) == pytest.approx(2 * steepness_for(0.6, 0.9, name))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"gap": 0.0}, ValueError, r"gap must be positive and finite, got 0\.0"),
        ({"gap": "1"}, TypeError, "gap must be a positive number, got '1'"),
        ({"gap": 1, "certainty": 0.5}, ValueError, r"certainty must be above 0\.5 and below 1, got 0\.5"),
        ({"gap": 1, "certainty": 1.0}, ValueError, r"certainty must be above 0\.5 and below 1, got 1\.0"),
        ({"gap": 1, "certainty": float("nan")}, ValueError, "certainty must be above"),
        ({"gap": 1, "certainty": True}, TypeError, "certainty must be a number above 0.5 and below 1, got True"),
        ({"gap": 1, "distribution": "normal"}, ValueError, "distribution must be one of .*got 'normal'"),
        ({"gap": 1, "art_lambda": 1.0}, ValueError, r"art_lambda must be in \[0, 1\), got 1\.0"),
        ({"gap": 1e-5, "distribution": "logistic_phi"}, ValueError, "gap must be at least 0.0001 for logistic_phi"),
    ],
)
def test_wrong_arguments_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        steepness_for(**arguments)
