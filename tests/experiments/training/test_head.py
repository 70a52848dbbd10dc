"""A head on stored embeddings: it learns, it repeats itself, losses start alike, and its record can be read."""

import json

import pytest
import torch
from torch.nn import CrossEntropyLoss

from topk_lib import TopKCrossEntropyLoss, topk_accuracy
from topk_lib.experiments.data.drawn_embeddings import draw_embeddings
from topk_lib.experiments.data.embeddings import make_embeddings
from topk_lib.experiments.models import LinearHead
from topk_lib.experiments.training.evaluate import evaluate

from .heads import fit_head

QUICK = {"epochs": 3, "lr": 0.05, "batch_size": 100, "device": "cpu"}


@pytest.fixture(scope="module")
def drawn():
    return draw_embeddings(20, 430, 1203, dimensions=6, group_spread=2.0, class_spread=1.0)


def weights(trained):
    return torch.cat([value.flatten() for value in trained.model.state_dict().values()])


@pytest.mark.parametrize("loss_fn", [CrossEntropyLoss(), TopKCrossEntropyLoss(m=8)], ids=["ce", "topk"])
def test_a_head_learns_nearly_what_can_be_known(drawn, loss_fn):
    record = fit_head(drawn.data, loss_fn, **QUICK | {"epochs": 40}).record
    test = drawn.data.test
    best = topk_accuracy(drawn.best_scores(test.features), test.labels, (1, 5))
    assert record["final"]["top1"] > best[1] - 0.15 and record["final"]["top5"] > best[5] - 0.1
    assert record["epochs"][-1]["train_loss"] < 0.5 * record["epochs"][0]["train_loss"]


def test_it_repeats_itself_and_leaves_the_global_random_state_alone(drawn):
    before = torch.get_rng_state()
    first = fit_head(drawn.data, CrossEntropyLoss(), **QUICK)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(7)
    second = fit_head(drawn.data, CrossEntropyLoss(), **QUICK)
    assert torch.equal(weights(first), weights(second))


def test_another_seed_starts_elsewhere_and_sees_another_order(drawn):
    runs = [fit_head(drawn.data, CrossEntropyLoss(), **QUICK, seed=seed) for seed in (0, 1)]
    assert not torch.allclose(weights(runs[0]), weights(runs[1]), atol=0.05)
    start = LinearHead(6, 20)
    runs = [fit_head(drawn.data, CrossEntropyLoss(), **QUICK, seed=seed, start=start) for seed in (0, 1)]
    assert not torch.equal(weights(runs[0]), weights(runs[1]))


def test_losses_start_alike_and_see_the_same_batches(drawn):
    """With P_K = [1] the top-k loss is cross-entropy, so the two heads may differ nowhere."""
    ce, topk = (fit_head(drawn.data, loss, **QUICK) for loss in (CrossEntropyLoss(), TopKCrossEntropyLoss([1.0])))
    torch.testing.assert_close(weights(ce), weights(topk), rtol=1e-5, atol=1e-6)


def test_training_goes_on_from_a_given_head_and_leaves_it_as_it_is(drawn):
    start = fit_head(drawn.data, CrossEntropyLoss(), **QUICK).model
    kept = {name: value.clone() for name, value in start.state_dict().items()}
    trained = fit_head(drawn.data, CrossEntropyLoss(), **QUICK | {"lr": 1e-9}, start=start)
    torch.testing.assert_close(weights(trained), torch.cat([value.flatten() for value in kept.values()]))
    assert all(torch.equal(start.state_dict()[name], value) for name, value in kept.items())


def test_every_batch_has_one_size_and_no_embedding_comes_twice(drawn):
    seen = []

    def watching(logits, labels):
        seen.append(labels)
        return torch.nn.functional.cross_entropy(logits, labels)

    fit_head(drawn.data, watching, **QUICK | {"epochs": 1})
    assert [len(labels) for labels in seen] == [100] * 4
    whole = torch.bincount(drawn.data.train.labels, minlength=20)
    assert (torch.bincount(torch.cat(seen), minlength=20) <= whole).all()
    seen.clear()
    fit_head(drawn.data, watching, **QUICK | {"epochs": 1, "batch_size": 9999})
    assert [len(labels) for labels in seen] == [430]
    assert torch.equal(seen[0].sort().values, drawn.data.train.labels.sort().values)


def test_the_record_is_json_and_says_what_was_done(drawn):
    head, record = fit_head(drawn.data, TopKCrossEntropyLoss([0.5, 0, 0, 0, 0.5], m=16), **QUICK, seed=3)
    assert json.loads(json.dumps(record)) == record
    config = record["config"]
    assert (config["seed"], config["optimizer"], config["lr"], config["batch_size"]) == (3, "adam", 0.05, 100)
    assert "p_k=[0.5, 0.0, 0.0, 0.0, 0.5], m=16" in config["loss"] and "splitter_selection" in config["loss"]
    assert record["data"] == {
        "name": "drawn20",
        "classes": 20,
        "dimensions": 6,
        "train_embeddings": 430,
        "test_embeddings": 1203,
    }
    assert len(record["epochs"]) == 3 and set(record["final"]) == {"top1", "top2", "top3", "top5"}
    assert record["final"].items() <= record["epochs"][-1].items()
    assert record["final"] == evaluate(head, drawn.data.test)


def test_accuracies_over_batches_are_those_of_all_embeddings_at_once(drawn):
    head = LinearHead(6, 20)
    test = drawn.data.test
    whole = topk_accuracy(head(test.features).detach(), test.labels, (1, 2, 3, 5))
    found = evaluate(head, test)
    assert found == {f"top{k}": pytest.approx(accuracy) for k, accuracy in whole.items()}


def test_half_precision_embeddings_and_few_classes_are_taken():
    features, labels = torch.randn(40, 4).half(), torch.arange(40) % 3
    data = make_embeddings("half", (features, labels), (features, labels))
    record = fit_head(data, CrossEntropyLoss(), epochs=1, device="cpu").record
    assert set(record["final"]) == {"top1", "top2", "top3"}


def test_divergence_and_wrong_settings_are_named(drawn):
    with pytest.raises(FloatingPointError, match="the training diverged: a loss was nan"):
        fit_head(drawn.data, lambda logits, labels: logits.sum() * float("nan"), **QUICK)
    with pytest.raises(ValueError, match="m must be at most the number of classes, got m=50 for n=20"):
        fit_head(drawn.data, TopKCrossEntropyLoss(m=50), **QUICK)
    for name, value in (("epochs", 0), ("lr", -1.0), ("batch_size", 0), ("seed", -1)):
        with pytest.raises(ValueError, match=name):
            fit_head(drawn.data, CrossEntropyLoss(), **QUICK | {name: value})


def test_double_precision_stays_off_the_device(monkeypatch):
    """MPS refuses float64: here every device does."""
    move = torch.Tensor.to

    def refuse(tensor, *where, **named):
        if tensor.dtype == torch.float64 and isinstance(where[0], torch.device):
            raise TypeError("Cannot convert a MPS Tensor to float64 dtype")
        return move(tensor, *where, **named)

    features, labels = torch.randn(40, 4).double(), torch.arange(40) % 3
    data = make_embeddings("double", (features, labels), (features, labels))
    expected = fit_head(data, CrossEntropyLoss(), epochs=1, device="cpu").record["final"]
    monkeypatch.setattr(torch.Tensor, "to", refuse)
    assert fit_head(data, CrossEntropyLoss(), epochs=1, device="cpu").record["final"] == expected
