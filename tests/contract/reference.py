"""What sorters and losses should give, written once more: slowly, clearly, one sample at a time.

Everything is a float64 tensor of one sample and plain torch operations, so that autograd gives derivatives of every
order. Of the library only the wires of the networks are used. A score of minus infinity is a mask.
"""

import math

import torch

import topk_lib
from topk_lib import networks

TIE_ZONE = 1e-4


# Sigmoids: α of a number v > 0 or v <= 0, in the form that keeps the digits of a small α.


def logistic(v):
    return torch.nn.functional.logsigmoid(v).exp()


def gaussian(v):
    return torch.erfc(-v / math.sqrt(2)) / 2 if v < 0 else (1 + torch.erf(v / math.sqrt(2))) / 2


def reciprocal(v):
    return 1 / (2 - v) if v < 0 else (v / (2 + v) + 1) / 2


def cauchy(v):
    return torch.atan(-1 / v) / math.pi if v < -1 else torch.atan(v) / math.pi + 0.5


def optimal(v):
    if v.abs() <= 0.25:
        return v + 0.5
    return 1 - 1 / (16 * v) if v > 0 else -1 / (16 * v)


SIGMOIDS = {
    "logistic": logistic,
    "logistic_phi": logistic,
    "gaussian": gaussian,
    "reciprocal": reciprocal,
    "cauchy": cauchy,
    "optimal": optimal,
}


def art(gap, exponent):
    """φ(d) = d/|d|^λ; within the tie zone the odd cubic c·d + e·d³ of equal value and slope at the zone's edge."""
    if gap.abs() >= TIE_ZONE:
        return gap / gap.abs() ** exponent
    value, slope = TIE_ZONE ** (1 - exponent), (1 - exponent) * TIE_ZONE**-exponent
    cubic = (slope - value / TIE_ZONE) / (2 * TIE_ZONE**2)
    return (value / TIE_ZONE - cubic * TIE_ZONE**2) * gap + cubic * gap**3


# Networks

WIRES = {
    "odd_even": lambda n, k: networks.odd_even(n),
    "bitonic": lambda n, k: networks.bitonic(n),
    "splitter_selection": networks.splitter_selection,
}
"""Every comparator, those too that the top k can do without."""


def keep_and_swap(a, b, distribution, steepness, art_lambda):
    """To what degree a pair stays and to what degree it changes places; the smaller one belongs first."""
    if a == b == -math.inf:
        return a.new_tensor(0.5), a.new_tensor(0.5)
    if -math.inf in (a, b):
        return a.new_tensor(float(a < b)), a.new_tensor(float(b < a))
    gap = b - a
    v = steepness * (art(gap, art_lambda) if distribution == "logistic_phi" else gap)
    cdf = SIGMOIDS.get(distribution) or topk_lib.SIGMOIDS[distribution].cdf
    return cdf(v), cdf(-v)


def after_comparator(a, b, keep, swap):
    """(minimum, maximum) of a pair of scores; a mask moves whole."""
    if -math.inf in (a, b):
        return min(a, b), max(a, b)
    return keep * a + swap * b, swap * a + keep * b


def comparator_matrix(n, first, second, keep, swap):
    places = [first, second, first, second], [first, second, second, first]
    return torch.eye(n, dtype=keep.dtype).index_put(
        tuple(map(torch.tensor, places)), torch.stack([keep, keep, swap, swap])
    )


def network_rows(scores, k, kind, steepness=1.0, distribution="cauchy", art_lambda=0.25):
    """The product of all comparators' matrices; its last k rows, the last one first."""
    n = len(scores)
    lanes, product = list(scores), torch.eye(n, dtype=scores.dtype)
    for first, second in (pair for layer in WIRES[kind](n, k).layers for pair in layer.tolist()):
        keep, swap = keep_and_swap(lanes[first], lanes[second], distribution, steepness, art_lambda)
        lanes[first], lanes[second] = after_comparator(lanes[first], lanes[second], keep, swap)
        product = comparator_matrix(n, first, second, keep, swap) @ product
    return product.flip(0)[:k]


# Sorters without networks


def neuralsort_rows(scores, k, temperature):
    """Row i, counted from 1: softmax over j of ((n+1-2i)·s_j - Σ_l |s_j - s_l|) / τ.

    What is taken is each logit's difference to that of the score at rank i, term by term, because the terms
    themselves can be so large that a small difference is lost in them.
    """
    n, rows = len(scores), []
    for i, best in enumerate(scores.sort(descending=True).values[:k], 1):
        low, high = torch.minimum(scores, best).unsqueeze(1), torch.maximum(scores, best).unsqueeze(1)
        between = scores.clamp(low, high)  # [j, l]: beyond both s_j and best only the nearer one's distance differs
        differences = (scores.unsqueeze(1) - between).abs() - (best - between).abs()
        rows.append((((n + 1 - 2 * i) * (scores - best) - differences.sum(1)) / temperature).softmax(0))
    return torch.stack(rows)


def softsort_rows(scores, k, temperature):
    """Row i: softmax over j of -|s_[i] - s_j| / τ."""
    ordered = scores.sort(descending=True).values
    return torch.stack([(-(best - scores).abs() / temperature).softmax(0) for best in ordered[:k]])


def sinkhorn_rows(scores, k, temperature):
    """P ∝ exp(b_r·s_j / τ) with unit sums, b_r = (n+1)/2 - r: rows and columns are normalised in turn.

    A high temperature, halved again and again, leads to a good start. Autograd sees only as many iterations, from the
    fixed point on, as the values needed to get there: its derivatives converge as fast.
    """
    n = len(scores)
    places = (n + 1) / 2 - torch.arange(1, n + 1, dtype=scores.dtype)
    products = places.unsqueeze(1) * (scores - scores.detach().max())
    potential = torch.zeros_like(scores)
    with torch.no_grad():
        spread = float((scores.max() - scores.min()) / temperature)
        for halvings in range(math.ceil(math.log2(spread + 1)), 0, -1):
            for _ in range(20):
                potential = _next_potential(products, potential, temperature * 2.0**halvings)
        potential, iterations = _converged(products, potential, temperature)
    for _ in range(iterations if scores.requires_grad else 1):
        potential = _next_potential(products, potential, temperature)
    return ((products + potential) / temperature).softmax(1)[:k]


def _converged(products, potential, temperature):
    """The potential that stays as it is, and the number of iterations that it took."""
    iterations, before = 0, None
    while iterations < 2000 and (before is None or (potential - before).abs().max() > 1e-14 * before.abs().max()):
        before, iterations = potential, iterations + 20
        for _ in range(20):
            potential = _next_potential(products, potential, temperature)
    return potential, iterations


def _next_potential(products, potential, temperature):
    """Columns are divided by their sums, where the rows' sums are 1."""
    log_plan = ((products + potential) / temperature).log_softmax(1)
    return potential - temperature * log_plan.logsumexp(0)


SETS = {
    "laplace": lambda t: torch.where(t < 0, torch.exp(-t.abs()) / 2, 1 - torch.exp(-t.abs()) / 2),
    "logistic": torch.sigmoid,
    "clip": lambda t: t.clamp(0, 1),
    "clip_squared": lambda t: t.clamp(0, 1) ** 2,
    "clip_cubed": lambda t: t.clamp(0, 1) ** 3,
    "capped_exp": lambda t: t.clamp(max=0).exp(),
}


def soft_set(scores, k, threshold, scale):
    """F((s - b)/λ) with the sum k. The threshold b is halved in on; steps of Newton's then give it its derivatives."""
    cdf = SETS[threshold]
    if k == len(scores):
        return torch.ones_like(scores)
    t = (scores - scores.detach().sort(descending=True).values[k - 1]) / scale
    low, high = t.min().item() - 40, t.max().item() + 40
    for _ in range(200):
        b = (low + high) / 2
        low, high = (b, high) if cdf(t.detach() - b).sum() > k else (low, b)
    b = t.new_tensor(b, requires_grad=True)
    slope = torch.autograd.grad(cdf(t.detach() - b).sum(), b)[0]
    if slope == 0:
        return cdf(t - b.detach())
    b = b.detach()
    for _ in range(2):
        at = b.requires_grad_() if b.is_leaf else b
        excess = cdf(t - at).sum() - k
        b = at - excess / torch.autograd.grad(excess, at, create_graph=True)[0]
    return cdf(t - b)


def soft_topk_rows(scores, k, threshold="laplace", scale=1.0):
    """Row r: what the set of r has more than the set of r - 1."""
    sets = [torch.zeros_like(scores), *(soft_set(scores, r, threshold, scale) for r in range(1, k + 1))]
    return torch.stack(sets).diff(dim=0)


def beside_masks(rows, scores, k, **settings):
    """The ranks of the unmasked scores alone; the ranks after theirs are spread evenly over the masked ones."""
    there = scores > -math.inf
    n, unmasked = len(scores), int(there.sum())
    matrix = scores.new_zeros(k, n)
    own = min(k, unmasked)
    places = torch.arange(own).unsqueeze(1), there.nonzero().squeeze(1)
    matrix = matrix.index_put(places, rows(scores[there], own, **settings))
    matrix[unmasked:, ~there] = 1 / max(1, n - unmasked)
    return matrix


def _beside_masks(rows):
    return lambda scores, k, **settings: beside_masks(rows, scores, k, **settings)


def _network(kind):
    return lambda scores, k, **settings: network_rows(scores, k, kind, **settings)


SORTERS = {
    **{kind: _network(kind) for kind in WIRES},
    "neuralsort": _beside_masks(neuralsort_rows),
    "softsort": _beside_masks(softsort_rows),
    "sinkhorn": _beside_masks(sinkhorn_rows),
    "soft_topk": _beside_masks(soft_topk_rows),
}
"""Name of a sorter -> function of (scores, k, **settings) that gives P of shape (k, n)."""


def matrix(name, scores, k, **settings):
    """P of one sample; NaN where every score is masked.

    A sorter that has no definition here is its own, in float64, a sample at a time and as a whole matrix: then batches,
    columns, weighted sums, half precision, masks and ways of differentiation are held against that.
    """
    if (scores == -math.inf).all():
        return scores.new_full((k, len(scores)), math.nan)
    if name not in SORTERS:
        return topk_lib.make_sorter(name, **settings).matrix(scores, k)
    return SORTERS[name](scores, k, **settings)


# The loss


def top_k_cross_entropy(
    logits, target, rows, p_k, m=None, top1_mode="sm", weight=None, ignore_index=-100, label_smoothing=0.0, eps=1e-7
):
    """The loss of one sample and its weight in a mean.

    Args:
        logits: shape (n,).
        target: a class index, or n numbers: how much each class's loss counts.
        rows: function of (scores, k) that gives the top rows of P.
        weight: class weights.
    """
    n = len(logits)
    if isinstance(target, int) and target == ignore_index:
        return logits.new_zeros(()), logits.new_zeros(())
    weight = logits.new_ones(n) if weight is None else weight.double()
    share = logits.new_ones(())
    if isinstance(target, int):
        share, target = weight[target], logits.new_tensor([float(c == target) for c in range(n)])
    target = target.double()
    kept = range(n) if m is None else selected(logits.tolist(), target.tolist(), m)
    logits, target, weight = (t[list(kept)] for t in (logits, target, weight))
    there = logits > -math.inf
    if not there.any():
        return logits.new_tensor(math.nan), share
    shares = weight * ((1 - label_smoothing) * target + label_smoothing * there.double() / there.sum())
    losses = class_losses(logits, rows, p_k, top1_mode, eps)
    terms = [s * loss for s, loss in zip(shares, losses, strict=True) if s != 0]
    return sum(terms, logits.new_zeros(())), share


def selected(scores, target, m):
    """The m classes that a loss sees: those of positive target, the largest first, then the largest other scores."""
    return sorted(range(len(scores)), key=lambda c: (-target[c], -scores[c] if target[c] == 0 else 0, c))[:m]


def class_losses(scores, rows, p_k, top1_mode, eps):
    """For every class, the loss if it were the label."""
    there = scores > -math.inf
    k_max = max(k for k, p in enumerate(p_k, 1) if p > 0)
    cross_entropy = torch.stack([scores[there].logsumexp(0) - s if s > -math.inf else -s for s in scores])
    if k_max == 1 and top1_mode != "sort":
        return cross_entropy
    among_top = torch.where(there, rows(scores, k_max).cumsum(0), 0)
    later = sum((p * among_top[k] for k, p in enumerate(p_k[:k_max]) if k > 0), torch.zeros_like(scores))
    if top1_mode == "sort":
        return negative_log(p_k[0] * among_top[0] + later, eps)
    if top1_mode == "sm":
        return negative_log(p_k[0] * (-cross_entropy).exp() + later, eps)
    tail = (1 - p_k[0]) * negative_log(later, eps)
    return p_k[0] * cross_entropy + tail if p_k[0] > 0 else tail


def negative_log(q, eps):
    return -torch.log(q * (1 - 2 * eps) + eps)


def reduced(losses, shares, reduction):
    """Losses and weights of samples as lists of numbers -> what the reduction makes of them."""
    losses = torch.stack(losses)
    if reduction == "none":
        return losses
    return losses.sum() / torch.stack(shares).sum() if reduction == "mean" else losses.sum()
