"""Exercise 6.4: measure a gradient without derivatives."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch

from ...experiments.example import LABEL, scores
from ...losses import topk_cross_entropy
from ..attempt import Attempt
from ..checks import Checks, Instead, Sign, Test, difference

STEP = 0.01
MOST_CALLS = 100


def gradient_by_differences(loss, scores: torch.Tensor, step: float) -> torch.Tensor:
    """The gradient of loss(scores), a number, with respect to scores (n,), by central differences."""
    gradient = torch.zeros_like(scores)
    for j in range(len(scores)):
        nudge = torch.zeros_like(scores)
        nudge[j] = step
        gradient[j] = (loss(scores + nudge) - loss(scores - nudge)) / (2 * step)
    return gradient


class Loss:
    """A loss as a function of the scores, which counts its calls and how many scores were moved at a time."""

    def __init__(self, of: Callable[[torch.Tensor], torch.Tensor]) -> None:
        self.of, self.calls, self.most_moved = of, 0, 0

    def __call__(self, s: torch.Tensor) -> float:
        self.calls += 1
        if self.calls > MOST_CALLS:
            raise RuntimeError(f"loss was called {MOST_CALLS} times for six scores")
        self.most_moved = max(self.most_moved, int(((s - scores(torch.double)).abs() > STEP / 100).sum()))
        return float(self.of(s))


def _cross_entropy(s: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.cross_entropy(s, torch.tensor(LABEL))


def _topk(s: torch.Tensor) -> torch.Tensor:
    return topk_cross_entropy(s, torch.tensor(LABEL), [0.0, 0.0, 0.0, 0.0, 1.0])


def _cubes(s: torch.Tensor) -> torch.Tensor:
    return (s**3).sum()


class _Cases:
    """A case for each loss, whose calls are counted from none whenever the cases are gone through."""

    def __iter__(self) -> Iterator[tuple]:
        return ((Loss(of), scores(torch.double), STEP) for of in (_cross_entropy, _topk, _cubes))


def _measured(attempt: Attempt, of: Callable, step: float = STEP) -> torch.Tensor:
    return attempt.tensor(Loss(of), scores(torch.double), step, shape=(6,))


def _derivative(of: Callable) -> torch.Tensor:
    s = scores(torch.double).requires_grad_()
    return torch.autograd.grad(of(s), s)[0]


def _equals(of: Callable, named: str) -> Test:
    def test(attempt: Attempt) -> str | None:
        found = difference(_measured(attempt, of), _derivative(of), tolerance=1e-3)
        return found and f"{named}: {found}"

    return test


def _sums_to_zero(attempt: Attempt) -> str | None:
    measured = _measured(attempt, _topk)
    total, label = measured.sum().item(), measured[LABEL].item()
    if not label < -0.01:
        return f"the label's gradient is {label:.3f}"
    return None if abs(total) < 1e-3 else f"your gradient sums to {total:.4f}"


def _second_order(attempt: Attempt) -> str | None:
    wide = (_measured(attempt, _cubes, 0.1) - _derivative(_cubes)).abs().max().item()
    return None if wide < 0.011 else f"at step 0.1 your gradient of the sum of cubes is off by {wide:.3f}"


def _several_moved(attempt: Attempt) -> bool:
    loss = Loss(_cubes)
    attempt.tensor(loss, scores(torch.double), STEP, shape=(6,))
    return loss.most_moved > 1


CHECKS = Checks(
    reference=gradient_by_differences,
    cases=_Cases(),
    properties={
        "cross-entropy: it equals softmax minus one-hot": _equals(_cross_entropy, "cross-entropy"),
        "the top-k loss with P_K = [0, 0, 0, 0, 1]: it equals the library's": _equals(_topk, "the top-k loss"),
        "there the label is negative and the sum is zero": _sums_to_zero,
        "differences are central: a coarse step is exact to second order": _second_order,
    },
    mistakes={
        "divided by one step": Instead("(2 * step)", "step"),
        "not divided at all": Instead(" / (2 * step)", ""),
        "down minus up": Instead("/ (2 * step)", "/ (-2 * step)"),
        "one side only": Instead("loss(scores - nudge)", "loss(scores)", "(2 * step)", "step"),
        "earlier nudges left in": Sign(_several_moved),
    },
)
