"""Comparisons: what is trained, what the table says, and a figure that is drawn from records alone."""

import pytest

from topk_lib.experiments import Config
from topk_lib.experiments.running import compare, comparison_table
from topk_lib.experiments.statistics import standard_error

from .tiny import tiny_data

QUICK = {"model": "linear", "lr": 0.01, "epochs": 2, "batch_size": 32, "device": "cpu"}


def record(final, best=True, seconds=3.0):
    epochs = [{"epoch": i, "top1": final[0] * i / 3, "top5": final[3] * i / 3} for i in (1, 2, 3)]
    data = {"test_images": 400}
    names = ("top1", "top2", "top3", "top5")
    if best:
        data["best_possible"] = dict(zip(names, (0.6, 0.7, 0.8, 0.9), strict=True))
    return {
        **{"config": {"seed": 4}, "data": data, "epochs": epochs, "epochs_are_on": "test images"},
        **{"train_seconds": seconds, "final": dict(zip(names, final, strict=True))},
    }


RECORDS = {"ce": record((0.5, 0.61, 0.72, 0.83)), "topk": record((0.4, 0.55, 0.7, 0.88), seconds=3.25)}


def test_each_configuration_is_trained_and_callbacks_hear_its_name():
    news = []
    configs = {"one": Config(**QUICK), "two": Config(**QUICK, seed=1)}
    trained = compare(
        configs,
        tiny_data(),
        on_batch=lambda name, step, info: news.append((name, step)),
        on_epoch=lambda name, row: news.append((name, row["epoch"], "done")),
    )
    expected = [(1,), (2,), (3,), (1, "done"), (4,), (5,), (6,), (2, "done")]
    assert news == [(name, *rest) for name in ("one", "two") for rest in expected]
    assert [run.record["config"]["seed"] for run in trained.values()] == [0, 1]


def test_the_table_shows_every_number():
    head, *rows = [line.split() for line in comparison_table(RECORDS).replace(" %", "").splitlines()]
    assert head == ["top-1", "top-2", "top-3", "top-5", "train", "seconds"]
    assert rows[0] == ["cross-entropy", "50.0", "61.0", "72.0", "83.0", "3.0"]
    assert rows[1] == ["top-k", "loss", "40.0", "55.0", "70.0", "88.0", "3.2"]
    assert rows[2] == ["best", "possible", "60.0", "70.0", "80.0", "90.0"]


def test_without_a_known_best_the_table_leaves_it_out():
    assert "best" not in comparison_table({"ce": record((0.1, 0.2, 0.3, 0.4), best=False)})


def test_the_standard_error_is_that_of_a_fraction():
    assert standard_error(0.5, 400) == pytest.approx(0.025)
    assert standard_error(1.0, 400) == 0
