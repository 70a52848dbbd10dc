"""The six sigmoids: spot values, slopes, tails, ties, and the two facts each of them declares."""

import math

import pytest
import torch

from topk_lib import SIGMOIDS, Comparator
from topk_lib.sigmoids import TIE_ZONE

NAMES = list(SIGMOIDS)
SPOT = {
    (0.3, 2.0, 0.25): [0.64565631, 0.69226293, 0.72574688, 0.61538462, 0.67202087, 0.89583333],
    (-1.5, 1.0, 0.5): [0.18242552, 0.22710252, 0.06680720, 0.28571429, 0.18716704, 0.04166667],
}


@pytest.mark.parametrize("setting", SPOT)
def test_spot_values(setting):
    gap, steepness, lam = setting
    got = [Comparator(name, steepness, lam).alpha(torch.tensor(gap, dtype=torch.double)).item() for name in NAMES]
    assert got == pytest.approx(SPOT[setting], abs=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_weights_sum_to_one_and_mirror(name):
    gap = torch.linspace(0, 30, 501)
    gap = torch.cat([-gap.flip(0), gap])
    keep, swap = Comparator(name, 0.7, 0.5).weights(gap)
    torch.testing.assert_close(keep + swap, torch.ones_like(gap))
    torch.testing.assert_close(keep, swap.flip(0))


@pytest.mark.parametrize("name", NAMES)
def test_slope_is_the_derivative(name):
    gap = torch.tensor([-3.0, -0.4, -0.01, 2e-5, 0.02, 0.6, 5.0], dtype=torch.double, requires_grad=True)
    comparator = Comparator(name, 1.3, 0.4)
    (numeric,) = torch.autograd.grad(comparator.alpha(gap).sum(), gap)
    torch.testing.assert_close(comparator.slope(gap), numeric)


@pytest.mark.parametrize("name", NAMES)
def test_slope_is_largest_at_a_tie_and_equals_the_documented_bound(name):
    comparator = Comparator(name, 1.7, 0.5)
    gaps = torch.cat([torch.zeros(1), torch.logspace(-12, 2, 2000)]).double()
    slopes = comparator.slope(gaps)
    assert slopes[0].item() == pytest.approx(comparator.max_slope)
    assert slopes.max().item() <= comparator.max_slope * (1 + 1e-12)


@pytest.mark.parametrize(("lam", "times"), [(0.25, 11.25), (0.5, 125.0)])
def test_art_raises_the_slope_at_a_tie_by_a_bounded_factor(lam, times):
    assert Comparator("logistic_phi", 1.0, lam).max_slope == pytest.approx(times / 4)


@pytest.mark.parametrize("lam", [0.25, 0.5])
def test_art_equals_the_authors_formula_outside_the_tie_zone(lam):
    gap = torch.logspace(math.log10(TIE_ZONE), 2, 500, dtype=torch.double)
    authors = torch.sigmoid(1.3 * gap / (gap.abs() + 1e-10) ** lam)
    torch.testing.assert_close(Comparator("logistic_phi", 1.3, lam).alpha(gap), authors, atol=1e-8, rtol=0)


def test_art_is_smooth_at_the_edge_of_the_tie_zone():
    comparator = Comparator("logistic_phi", 2.0, 0.5)
    edge = torch.tensor([TIE_ZONE * (1 - 1e-9), TIE_ZONE * (1 + 1e-9)], dtype=torch.double)
    for quantity in (comparator.alpha(edge), comparator.slope(edge)):
        assert quantity[0].item() == pytest.approx(quantity[1].item(), rel=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_float32_tails_keep_their_digits(name):
    gap = torch.tensor([-8.0, -5.0, -2.0])
    single = Comparator(name, 1.0, 0.1).alpha(gap).double()
    exact = Comparator(name, 1.0, 0.1).alpha(gap.double())
    torch.testing.assert_close(single, exact, rtol=3e-5, atol=0)


@pytest.mark.parametrize("name", [n for n in NAMES if n != "logistic_phi"])
def test_declared_error_bound_is_the_largest_error_of_a_soft_minimum(name):
    gap = torch.cat([torch.linspace(0, 10, 100001), torch.logspace(1, 6, 2000)]).double()
    error = gap * Comparator(name).weights(gap)[1]  # min'(0, d) - 0
    bound = SIGMOIDS[name].error_bound
    assert error.max().item() <= bound * (1 + 1e-12)
    assert error.max().item() == pytest.approx(bound, rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_declared_monotonicity_is_seen_in_the_soft_minimum(name):
    gap = torch.linspace(-20, 20, 40001, dtype=torch.double)
    comparator = Comparator(name, 1.0, 0.5)
    soft_minimum = gap * comparator.weights(gap)[1]  # of a = 0 and b = gap
    assert (soft_minimum.diff() >= -1e-12).all().item() == SIGMOIDS[name].monotone


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"distribution": "normal"}, ValueError, "distribution must be one of 'logistic', .*got 'normal'"),
        ({"steepness": 0.0}, ValueError, r"steepness must be positive and finite, got 0\.0"),
        ({"steepness": -1}, ValueError, "steepness must be positive and finite, got -1"),
        ({"steepness": float("nan")}, ValueError, "steepness must be positive and finite, got nan"),
        ({"steepness": float("inf")}, ValueError, "steepness must be positive and finite, got inf"),
        ({"steepness": "2"}, TypeError, "steepness must be a positive number, got '2'"),
        ({"steepness": True}, TypeError, "steepness must be a positive number, got True"),
        ({"art_lambda": 1.0}, ValueError, r"art_lambda must be in \[0, 1\), got 1.0"),
        ({"art_lambda": None}, TypeError, r"art_lambda must be a number in \[0, 1\), got None"),
    ],
)
def test_wrong_settings_are_named(settings, error, message):
    with pytest.raises(error, match=message):
        Comparator(**settings)


@pytest.mark.parametrize("distribution", SIGMOIDS)
def test_autograd_finds_the_slope_of_alpha_at_a_tie_too(distribution):
    comparator = Comparator(distribution, steepness=1.5)
    gaps = torch.tensor([-0.7, -5e-5, 0.0, 5e-5, 0.7], dtype=torch.double, requires_grad=True)
    (slopes,) = torch.autograd.grad(comparator.alpha(gaps).sum(), gaps)
    torch.testing.assert_close(slopes, comparator.slope(gaps.detach()))
    assert slopes[2].item() == pytest.approx(comparator.max_slope)
