"""Exercise 6.4: measure a gradient without derivatives."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ...losses import topk_cross_entropy
from ..attempt import Attempt
from ..comparing import difference
from ..example import LABEL, scores
from ..grading import Exercise, Mistake, Property

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


LOSSES = (_cross_entropy, _topk, _cubes)


def _measured(attempt: Attempt, of: Callable, step: float = STEP) -> torch.Tensor:
    return attempt.tensor(Loss(of), scores(torch.double), step, shape=(6,))


def _derivative(of: Callable) -> torch.Tensor:
    s = scores(torch.double).requires_grad_()
    return torch.autograd.grad(of(s), s)[0]


def _equals(of: Callable, named: str) -> Callable[[Attempt], str | None]:
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


def _imitates(of: Callable[[Callable, torch.Tensor, int, float], float]) -> Callable[[Attempt], bool]:
    """Whether an attempt has of(loss, scores, j, step) in every entry j, for every loss."""
    s = scores(torch.double)

    def made(attempt: Attempt) -> bool:
        for loss in LOSSES:
            wanted = torch.tensor([of(loss, s, j, STEP) for j in range(6)], dtype=torch.double)
            if difference(_measured(attempt, loss), wanted, tolerance=1e-5 * max(1, wanted.abs().max().item())):
                return False
        return True

    return made


def _several_moved(attempt: Attempt) -> bool:
    loss = Loss(_cubes)
    attempt.tensor(loss, scores(torch.double), STEP, shape=(6,))
    return loss.most_moved > 1


def _moved(s: torch.Tensor, j: int, by: float) -> torch.Tensor:
    """Scores with entry j moved."""
    moved = s.clone()
    moved[j] += by
    return moved


def _both(loss: Callable, s: torch.Tensor, j: int, step: float) -> float:
    return float(loss(_moved(s, j, step)) - loss(_moved(s, j, -step)))


DIFFERENCES = Exercise(
    id="6.4",
    title="Measure a gradient",
    difficulty="medium",
    minutes=10,
    task=(
        "Do not believe a gradient: measure it. Write `gradient_by_differences(loss, scores, step)`: nudge one score "
        "up and down by `step` and see what the loss does. Entry $j$ is "
        "$\\big(L(s + h\\,e_j) - L(s - h\\,e_j)\\big) / 2h$."
    ),
    requirements=(
        "`loss` is a function that takes a tensor of shape `(n,)` and returns a number; call it twice per score.",
        "`scores` has shape `(n,)`; `step` is $h$.",
        "Return a tensor of shape `(n,)`. Only one score is moved at a time.",
    ),
    why="It works for every loss, your own included, and it is how this library's own gradients are tested.",
    hints=(
        "Work on a copy of scores, or build the nudge as a vector of zeros with one entry set to step.",
        "From the up side to the down side the score has moved by twice the step.",
        "Start every entry from the original scores: what was moved for entry 0 must not stay moved for entry 1.",
    ),
    takeaway="Negative means: raising this score lowers the loss. For the label it should be so; you can now check.",
    reference=gradient_by_differences,
    imports="import torch",
    properties=(
        Property("cross-entropy: it equals softmax minus one-hot", _equals(_cross_entropy, "cross-entropy")),
        Property(
            "the top-k loss with P_K = [0, 0, 0, 0, 1]: it equals the library's", _equals(_topk, "the top-k loss")
        ),
        Property("there the label is negative and the sum is zero", _sums_to_zero),
        Property("differences are central: a coarse step is exact to second order", _second_order),
    ),
    mistakes=(
        Mistake(
            "divided by one step",
            "Your gradient is twice too large: from down to up the score moves by 2 * step.",
            _imitates(lambda loss, s, j, h: _both(loss, s, j, h) / h),
        ),
        Mistake(
            "not divided at all",
            "You return how much the loss changes. Divide by how far the score has moved, 2 * step.",
            _imitates(lambda loss, s, j, h: _both(loss, s, j, h)),
        ),
        Mistake(
            "down minus up",
            "Your signs are turned: take the loss after the nudge up, minus the loss after the nudge down.",
            _imitates(lambda loss, s, j, h: -_both(loss, s, j, h) / (2 * h)),
        ),
        Mistake(
            "one side only",
            "You compare with the unmoved scores. That is off by as much as the step; nudge both ways.",
            _imitates(lambda loss, s, j, h: float(loss(_moved(s, j, h)) - loss(s)) / h),
        ),
        Mistake(
            "earlier nudges left in",
            "You call the loss with several scores moved. Start from the original scores for every entry, and move "
            "that entry alone.",
            _several_moved,
        ),
    ),
)
