"""Numbers in sentences."""

import pytest
import torch

from topk_lib.course import scores
from topk_lib.course.words import WIDTH, filled, wrapped
from topk_lib.experiments.statistics import MeanCI


@pytest.mark.parametrize(
    ("words", "value", "made"),
    [
        ("{:.2f}", 0.5, "0.50"),
        ("{:.1f}", -0.0, "0.0"),
        ("{:.1f}", [1, 0.5], "1.0, 0.5"),
        ("{:g}", torch.tensor([[1.0, 0.5], [2.0, -0.0]]), "1, 0.5, 2, 0"),
        ("{0[1]:.1f}", torch.tensor([1.0, 0.5]), "0.5"),
        ("{:s}", ["fox", "cat"], "fox, cat"),
        ("{}", [(0, 1), (2, 3)], "[(0, 1), (2, 3)]"),
        ("{}", MeanCI(1.0, 0.5), "+1.0 ± 0.5"),
        ("{}", scores(), "the six scores"),
        ("{}", -scores(), "scores [-0.40, -2.00, 1.50, -1.10, 0.80, -1.70]"),
    ],
)
def test_a_value_is_put_into_its_field(words, value, made):
    assert filled(words, value) == made


def test_fields_have_names_and_one_without_a_value_is_an_error():
    assert filled("{k} of {n:,}", k=2, n=1000) == "2 of 1,000"
    with pytest.raises(KeyError, match="n"):
        filled("{k} of {n}", k=2)


def test_lines_fit_a_projector_and_words_stay_whole():
    lines = wrapped("a top-k word " * 20, "  ")
    assert len(lines) > 2 and all(len(line) <= WIDTH and line.startswith("  ") for line in lines)
    assert sum(line.count("top-k") for line in lines) == 20
