"""Names of conditions and losses in data/grids/when-it-helps.toml, from what they stand for."""

from topk_lib.course.lesson_07.recorded import condition as named_condition


def condition(network="linear", spread=0.7, noise="uniform", rate=0.0):
    """A condition; by default the linear network at the middle spread, without noise."""
    return named_condition(network, spread, noise, rate)


def loss(p_k, m=None, sorter=None, steepness=None, distribution=None, top1_mode=None):
    """A loss with some settings other than usual."""
    told = [steepness and f"steepness {steepness:g}", distribution, top1_mode, sorter, m and f"m = {m}"]
    return ", ".join([p_k, *(each for each in told if each)])
