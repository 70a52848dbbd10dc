"""The training loop: it learns, it repeats itself, it tells callbacks, and it measures what it says it measures."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from topk_lib.experiments import Config, FitResult, StopTraining, evaluate, predict_logits, run
from topk_lib.experiments.models import MODELS
from topk_lib.experiments.training import loop, state

from .tiny import tiny_data

QUICK = {"dataset": "tiny", "model": "linear", "lr": 0.01, "epochs": 3, "batch_size": 16, "device": "cpu"}


def weights(trained):
    return torch.cat([value.flatten().float() for value in trained.model.state_dict().values()])


@pytest.mark.parametrize("loss", ["ce", "topk"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_small_cnn_learns(loss, precision):
    config = Config(loss=loss, epochs=6, batch_size=16, lr=0.05, precision=precision, device="cpu")
    record = run(config, tiny_data(train=192)).record
    assert record["epochs"][-1]["train_loss"] < 0.5 * record["epochs"][0]["train_loss"]
    assert record["final"]["top1"] > 0.6


@pytest.mark.parametrize("model", ["small_cnn", "linear"])
def test_two_runs_with_one_seed_end_with_equal_weights(model):
    config = Config(**QUICK | {"model": model, "loss": "topk"})
    first = run(config, tiny_data())
    torch.rand(7)  # what else is drawn meanwhile makes no difference
    second = run(config, tiny_data())
    assert torch.equal(weights(first), weights(second))
    assert [row["train_loss"] for row in first.record["epochs"]] == [
        row["train_loss"] for row in second.record["epochs"]
    ]


def test_another_seed_ends_elsewhere():
    first, second = (run(Config(**QUICK, seed=seed), tiny_data()) for seed in (0, 1))
    assert not torch.equal(weights(first), weights(second))


def test_losses_start_alike_and_see_the_same_batches():
    """With P_K = [1] the top-k loss is cross-entropy, so the two runs may differ nowhere."""
    ce = run(Config(**QUICK, loss="ce"), tiny_data())
    topk = run(Config(**QUICK, loss="topk", p_k=[1.0]), tiny_data())
    torch.testing.assert_close(weights(ce), weights(topk), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("model", MODELS)
def test_the_global_random_state_is_neither_read_nor_left_changed(model):
    """So a checkpoint holds all random states there are."""
    config, ends = Config(**QUICK | {"model": model, "epochs": 1, "batch_size": 4}), []
    for seed in (1, 2):
        torch.manual_seed(seed)
        before = torch.get_rng_state()
        ends.append(weights(run(config, tiny_data(train=8, test=2))))
        assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(*ends)


def test_logits_reach_the_loss_in_float32():
    seen = []
    config = Config(**QUICK | {"model": "small_cnn", "epochs": 1, "precision": "bfloat16"})
    model, _ = run(config, tiny_data(), on_batch=lambda step, info: seen.append(info.loss.dtype))
    assert set(seen) == {torch.float32}
    assert predict_logits(model, tiny_data().test.images, "bfloat16").dtype == torch.float32


def test_callbacks_hear_of_every_step_and_every_epoch():
    steps, rows = [], []
    config = Config(**QUICK)
    on_batch = lambda step, info: steps.append((step, info.epoch, info.epochs, info.steps))  # noqa: E731
    record = run(config, tiny_data(), on_batch=on_batch, on_epoch=rows.append).record
    assert steps == [(step, (step - 1) // 6 + 1, 3, 18) for step in range(1, 19)]
    assert rows == record["epochs"]
    assert [row["epoch"] for row in rows] == [1, 2, 3] and all(row["images"] == 96 for row in rows)
    assert record["stopped_early"] is False


def test_the_learning_rate_follows_the_recipe():
    rates = []
    record = run(Config(**QUICK), tiny_data(), on_batch=lambda step, info: rates.append(info.lr)).record
    top = rates.index(max(rates))
    assert max(rates) == pytest.approx(0.01, rel=0.05) and 0 < top < 9
    assert rates[0] < 0.001 and rates[-1] < 0.0005 and rates[top:] == sorted(rates[top:], reverse=True)
    assert [row["lr"] for row in record["epochs"]] == [rates[5], rates[11], rates[17]]


def stop_by_returning(*news):
    return False


def stop_by_raising(*news):
    raise StopTraining


@pytest.mark.parametrize("stop", [stop_by_returning, stop_by_raising])
def test_a_callback_ends_the_run_within_an_epoch(stop):
    rows = []
    on_batch = lambda step, info: stop() if step == 8 else None  # noqa: E731
    model, record = run(Config(**QUICK), tiny_data(), on_batch=on_batch, on_epoch=rows.append)
    assert record["stopped_early"] is True
    assert [row["images"] for row in record["epochs"]] == [96, 32] and rows == record["epochs"]
    assert set(record["final"]) == {"top1", "top2", "top3", "top5"} and not model.training


@pytest.mark.parametrize("stop", [stop_by_returning, stop_by_raising])
def test_a_callback_ends_the_run_after_an_epoch(stop):
    record = run(Config(**QUICK), tiny_data(), on_epoch=stop).record
    assert record["stopped_early"] is True and len(record["epochs"]) == 1


def test_stopping_when_all_is_done_is_not_early():
    on_batch = lambda step, info: step < info.steps  # noqa: E731
    assert run(Config(**QUICK), tiny_data(), on_batch=on_batch).record["stopped_early"] is False


def test_other_errors_of_a_callback_are_not_swallowed():
    def broken(step, info):
        raise KeyError("panel")

    with pytest.raises(KeyError, match="panel"):
        run(Config(**QUICK), tiny_data(), on_batch=broken)


def test_a_loss_that_is_not_finite_ends_the_run_with_a_reason():
    with pytest.raises(FloatingPointError, match=r"diverged: a loss was (nan|inf); a smaller learning rate"):
        run(Config(**QUICK | {"lr": 1e30}), tiny_data())


def test_train_seconds_count_batches_and_their_callbacks_only(monkeypatch):
    clock = SimpleNamespace(now=0.0)

    def wait(seconds):
        clock.now += seconds

    real = loop.evaluate
    monkeypatch.setattr(state, "time", SimpleNamespace(perf_counter=lambda: clock.now))
    monkeypatch.setattr(loop, "evaluate", lambda *given: wait(1000) or real(*given))
    callbacks = {"on_batch": lambda *_: wait(1), "on_epoch": lambda _: wait(100)}
    record = run(Config(**QUICK), tiny_data(), **callbacks).record
    assert [row["train_seconds"] for row in record["epochs"]] == [6, 6, 6]
    assert record["train_seconds"] == 18


def test_the_papers_recipe_watches_images_it_does_not_train_on():
    config = Config(model="linear", recipe="paper", epochs=2, batch_size=8, device="cpu")
    record = run(config, tiny_data(train=100)).record
    assert record["epochs_are_on"] == "held-out images"
    assert record["epochs"][0]["images"] == 88  # 95 of 100, in whole batches of 8
    assert record["epochs"][0]["top1"] * 5 == pytest.approx(round(record["epochs"][0]["top1"] * 5))
    assert record["final"]["top1"] * 23 == pytest.approx(round(record["final"]["top1"] * 23))


@pytest.mark.parametrize("select", ["top1", "top2", "top5"])
def test_the_epoch_that_is_best_on_held_out_images_is_the_one_that_counts(select):
    config = Config(**QUICK | {"epochs": 6}, recipe="modern", **{"val_fraction": 0.2, "select": select})
    model, record = run(config, tiny_data())
    values = [row[select] for row in record["epochs"]]
    chosen = record["chosen_epoch"]
    assert chosen == values.index(max(values)) + 1 < 6 and record["chosen_by"] == select
    names = ("top1", "top2", "top3", "top5")
    assert record["validation"] == {name: record["epochs"][chosen - 1][name] for name in names}
    # The same run, ended by hand after that epoch, has these weights and these accuracies on the test images.
    ended = run(config, tiny_data(), on_epoch=lambda row: row["epoch"] < chosen)
    assert torch.equal(weights(ended), weights(FitResult(model, record)))
    assert ended.record["final"] == record["final"] == evaluate(model, tiny_data().test)


def test_validation_images_of_the_data_set_take_the_place_of_held_out_ones():
    own = replace(tiny_data(), validation=tiny_data(seed=5).train)
    record = run(Config(**QUICK | {"epochs": 1}, recipe="paper", **{"val_fraction": 0.2}), own).record
    assert record["data"]["validation_images"] == 96 and record["epochs"][0]["images"] == 96
    assert record["epochs_are_on"] == "held-out images" and record["validation"] != record["final"]
    watched = run(Config(**QUICK | {"epochs": 1}), own)
    assert watched.record["validation"] == evaluate(
        watched.model, own.validation, watched.record["machine"]["precision"]
    )


def test_held_out_images_are_looked_at_as_they_are_and_all_of_them(monkeypatch):
    seen, real = [], loop.evaluate
    monkeypatch.setattr(loop, "evaluate", lambda model, split, *given: seen.append(split) or real(model, split, *given))
    data = tiny_data()
    run(Config(**QUICK | {"epochs": 1}, recipe="paper", **{"val_fraction": 0.2}), data)
    held_out, test = seen
    assert len(held_out) == 19 and test is data.test
    originals = {image.numpy().tobytes() for image in data.train.images}
    assert all(image.numpy().tobytes() in originals for image in held_out.images)


def test_without_selection_the_last_weights_count():
    config = Config(**QUICK, **{"val_fraction": 0.2})
    record = run(config, tiny_data()).record
    assert (record["chosen_epoch"], record["chosen_by"]) == (3, "last")
    assert record["validation"] == {name: record["epochs"][2][name] for name in record["final"]}
    assert run(Config(**QUICK), tiny_data()).record["validation"] == {}


def test_a_selection_past_the_number_of_classes_is_refused():
    with pytest.raises(ValueError, match="select must not reach past the 3 classes, got 'top5'"):
        run(Config(**QUICK, **{"val_fraction": 0.2, "select": "top5"}), tiny_data(classes=3))


def test_a_loss_for_more_classes_than_there_are_is_refused():
    with pytest.raises(ValueError, match="p_k must not reach past the number of classes"):
        run(Config(**QUICK, loss="topk"), tiny_data(classes=4))


def test_training_on_one_image_works():
    assert run(Config(**QUICK), tiny_data(train=1)).record["epochs"][0]["images"] == 1
