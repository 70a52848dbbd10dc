"""A head goes on where it was, from every kind of step, on its own embeddings and with its own settings."""

import pytest
from torch.nn import CrossEntropyLoss

from topk_lib import TopKCrossEntropyLoss
from topk_lib.experiments import StopTraining
from topk_lib.experiments.data import draw_embeddings
from topk_lib.experiments.data.embeddings import make_embeddings
from topk_lib.experiments.models import LinearHead

from .heads import fit_head
from .test_checkpoint import Stop, assert_equal, stop_at

QUICK = {"epochs": 3, "lr": 0.05, "batch_size": 16, "device": "cpu"}
DATA = draw_embeddings(10, 70, 33, dimensions=6).data  # four batches, and six embeddings sit each epoch out


@pytest.mark.parametrize("more", [{}, {"start": LinearHead(6, 10)}], ids=["drawn", "given"])
@pytest.mark.parametrize("step", [1, 4, 5, 12])
def test_a_head_goes_on_as_if_nothing_had_happened(step, more, tmp_path):
    """Steps 4 and 12 are the last of an epoch: what is left then is to evaluate it. Half precision, as in files."""
    pairs = [(split.features.bfloat16(), split.labels) for split in (DATA.train, DATA.test)]
    asked = {"data": make_embeddings("drawn", *pairs), "loss_fn": TopKCrossEntropyLoss(m=8), **QUICK, **more}
    with pytest.raises(Stop):
        fit_head(**asked, on_batch=stop_at(step), checkpoint=tmp_path / "c.pt")
    seen = []
    resumed = fit_head(**asked, on_batch=lambda at, info: seen.append(at), checkpoint=tmp_path / "c.pt")
    assert seen == list(range(step + 1, 13))
    assert_equal(fit_head(**asked), resumed)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"lr": 0.5}, "lr must be 0.05 as in .*, got 0.5"),
        ({"epochs": 4}, "epochs must be 3 as in"),
        ({"seed": 1}, "seed must be 0 as in"),
        ({"loss_fn": TopKCrossEntropyLoss(m=8)}, r"loss must be 'CrossEntropyLoss\(\)' as in .*, got .TopK.*m=8"),
        ({"weight_decay": 0.1}, "weight_decay must be 0.0 as in .*, got 0.1"),
        (
            {"data": draw_embeddings(10, 70, 30, dimensions=6).data},
            "data's test_embeddings must be 33 as in .*, got 30",
        ),
        ({"data": draw_embeddings(10, 70, 33, dimensions=6, seed=1).data}, "checksum of the train embeddings must be"),
    ],
)
def test_another_head_is_refused_by_name(changes, named, tmp_path):
    path, asked = tmp_path / "c.pt", {"data": DATA, "loss_fn": CrossEntropyLoss(), **QUICK}
    fit_head(**asked, checkpoint=path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=named):
        fit_head(**asked | changes, checkpoint=path)
    assert path.read_bytes() == before


def test_a_callback_may_stop_a_head_early():
    for stop in (lambda step, info: step < 5, lambda step, info: raising(step == 5)):
        record = fit_head(DATA, CrossEntropyLoss(), **QUICK, on_batch=stop).record
        assert record["stopped_early"] is True and len(record["epochs"]) == 2
    assert fit_head(DATA, CrossEntropyLoss(), **QUICK).record["stopped_early"] is False


def raising(now):
    if now:
        raise StopTraining
