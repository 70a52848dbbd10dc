"""The prediction of a run's time."""

from types import SimpleNamespace

import pytest

from topk_lib.experiments import Config, predict_seconds, running

from .tiny import tiny_data


@pytest.mark.parametrize(("epochs", "batches"), [(50, 1), (50, 4), (1, 4), (1, 100)])
def test_it_is_the_number_of_steps_times_the_usual_seconds_of_one(epochs, batches, monkeypatch):
    seconds, clock = iter([0.0, 30.0, 9.0] + [0.5, 0.5, 4.0, 0.5] * 99), SimpleNamespace(now=0.0)

    def tick():
        clock.now += next(seconds)
        return clock.now

    monkeypatch.setattr(running, "time", SimpleNamespace(perf_counter=tick))
    config = Config(model="linear", lr=0.01, epochs=epochs, batch_size=12, device="cpu")
    assert predict_seconds(config, tiny_data(), batches) == epochs * 8 * 0.5


def test_it_trains_no_longer_than_it_was_told_and_tests_on_one_image(monkeypatch):
    seen = []
    real = running.run

    def spy(config, data, on_batch, **others):
        trained = real(config, data, on_batch=on_batch, **others)
        seen.append((trained.record["epochs"][0]["images"], trained.record["data"]["test_images"]))
        return trained

    monkeypatch.setattr(running, "run", spy)
    predict_seconds(Config(model="linear", lr=0.01, batch_size=12, device="cpu"), tiny_data(), batches=3)
    assert seen == [(5 * 12, 1)]
