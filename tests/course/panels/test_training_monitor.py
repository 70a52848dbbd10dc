"""The training monitor without a browser: runs, stops, keeps what was made, stays usable, shows what went wrong."""

import math
import threading
import time

import pytest
import torch

from topk_lib.course.figures import LOCK, Curve
from topk_lib.course.panels import MethodSwitch, TrainingMonitor, background
from topk_lib.experiments import BatchInfo, FitResult, run

from ...experiments.training.tiny import tiny_data
from .looking import everything_in, pixels, stored_picture

WAIT = 20


@pytest.fixture
def monitor():
    monitor = TrainingMonitor(tiny_data(), train_size=96, test_size=23, batch_size=16, model="linear")
    monitor.strict = True
    yield monitor
    monitor.stop()
    assert monitor.wait(WAIT)


class HeldTraining:
    """Stands in for `topk_lib.experiments.fit`: every batch waits until the test lets it pass."""

    def __init__(self, monkeypatch, error=None):
        self.passes, self.error, self.configs = threading.Semaphore(0), error, []
        monkeypatch.setattr(background, "run", self)

    def __call__(self, config, data, on_batch, on_epoch):
        self.configs.append(config)
        for step in range(1, 7):
            assert self.passes.acquire(timeout=WAIT)
            if self.error:
                raise self.error
            if on_batch(step, BatchInfo(1, 1, 6, torch.tensor(2.0), 0.1)) is False:
                break
        on_epoch({"epoch": 1, "top1": 0.25, "top5": 0.5})
        return FitResult(None, {"stopped_early": step < 6})

    def let_pass(self, batches):
        for _ in range(batches):
            self.passes.release()


def wait_for(condition):
    deadline = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_run_is_the_same_training_as_without_a_panel(monitor):
    monitor.preset("top-k loss, steepness 4")
    monitor.batches.value = 12
    assert monitor.start() and monitor.wait(WAIT)
    (seen,) = monitor.runs
    alone = run(monitor.config(), monitor.data).record
    assert seen.record["final"] == alone["final"]
    assert seen.record["config"] == alone["config"]
    assert (seen.record["config"]["loss"], seen.record["config"]["steepness"]) == ("topk", 4.0)
    assert len(seen.curve.losses) == 12 and [step for step, _ in seen.curve.accuracies] == [6, 12]
    assert seen.curve.accuracies[-1][1] == alone["final"]
    assert f"top-1 {alone['final']['top1']:.1%}" in monitor.caption
    assert "finished, 12 of 12 batches" in monitor.caption


def test_the_picture_grows_and_keeps_its_size(monitor):
    before = monitor.image.value
    size = pixels(monitor).shape
    monitor.start()
    monitor.wait(WAIT)
    assert monitor.image.value != before and pixels(monitor).shape == size


def test_a_second_start_changes_nothing(monitor, monkeypatch):
    training = HeldTraining(monkeypatch)
    assert monitor.start() is True
    assert monitor.running and monitor.start_button.disabled and not monitor.stop_button.disabled
    assert monitor.start() is False
    monitor.start_button.click()
    assert len(monitor.runs) == 1
    training.let_pass(6)
    assert monitor.wait(WAIT)
    assert len(training.configs) == 1
    assert not monitor.running and monitor.stop_button.disabled and not monitor.start_button.disabled


def test_many_starts_at_once_begin_one_run(monitor, monkeypatch):
    training = HeldTraining(monkeypatch)
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(monitor.start())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    assert sorted(answers) == [False, False, False, True] and len(monitor.runs) == 1
    training.let_pass(6)


def test_stop_ends_the_run_after_its_present_batch_and_keeps_its_curve(monitor, monkeypatch):
    training = HeldTraining(monkeypatch)
    monitor.start()
    training.let_pass(2)
    wait_for(lambda: len(monitor.runs[0].curve.losses) == 2)
    monitor.stop_button.click()
    assert not monitor.wait(0.05), "the present batch is not cut off"
    training.let_pass(1)
    assert monitor.wait(WAIT)
    assert "stopped, 3 of" in monitor.caption and "top-1 25.0%, top-5 50.0%" in monitor.caption


def test_stop_while_nothing_runs_does_nothing(monitor):
    monitor.stop()
    assert monitor.wait(0) and not monitor.runs


def test_a_real_run_stops_at_once(monitor):
    monitor.batches.value = monitor.batches.slider.max
    monitor.start()
    wait_for(lambda: monitor.runs[0].curve.losses)
    monitor.stop()
    assert monitor.wait(WAIT)
    assert len(monitor.runs[0].curve.losses) < monitor.batches.value
    assert monitor.runs[0].record["stopped_early"] is True


def test_sliders_answer_during_a_run_and_set_up_the_next_one(monitor, monkeypatch):
    training = HeldTraining(monkeypatch)
    monitor.start()
    monitor.lr.value, monitor.loss.value = 0.02, "topk"
    assert not monitor.steepness.slider.disabled and monitor.error == ""
    other = MethodSwitch()
    before = other.image.value
    other.softness.value = 3.0
    assert other.image.value != before
    training.let_pass(12)
    monitor.wait(WAIT)
    assert "Ready: top-k loss, β = 1, learning rate 0.02" in monitor._status.value
    monitor.start()
    monitor.wait(WAIT)
    assert [(c.loss, c.lr) for c in training.configs] == [("ce", 0.1), ("topk", 0.02)]
    assert training.configs[0].seed == training.configs[1].seed


def test_finished_runs_stay_in_caption_and_picture(monitor, monkeypatch):
    training = HeldTraining(monkeypatch)
    training.let_pass(18)
    pictures = []
    for rate in (0.1, 0.02, 0.5):
        monitor.lr.value = rate
        monitor.start()
        monitor.wait(WAIT)
        pictures.append(monitor.image.value)
    assert len(set(pictures)) == 3
    for number, rate in ((1, "0.1"), (2, "0.02"), (3, "0.5")):
        assert f"run {number}: cross-entropy, learning rate {rate}: finished" in monitor.caption


def test_seconds_left_are_told_after_a_few_batches(monitor, monkeypatch):
    training = HeldTraining(monkeypatch)
    monitor.start()
    assert monitor.runs[0].seconds_left() is None and "starting" in monitor._status.value
    training.let_pass(5)
    wait_for(lambda: len(monitor.runs[0].curve.losses) == 5)
    run = monitor.runs[0]
    pace = run._batch_times[4] - run._batch_times[3]
    assert run.seconds_left() == pytest.approx(pace * (run.curve.steps - 5))
    training.let_pass(1)


def test_an_exception_becomes_the_red_line_until_the_next_start(monitor, monkeypatch):
    training = HeldTraining(monkeypatch, error=ArithmeticError("planted"))
    training.let_pass(1)
    monitor.start()
    with pytest.raises(ArithmeticError, match="planted"):
        monitor.wait(WAIT)
    assert monitor.error == "ArithmeticError: planted" and "failed, 0 of" in monitor.caption
    monitor.dark.value = True
    assert "planted" in monitor._error_line.value, "an update wiped the red line"
    training.error = None
    training.let_pass(6)
    monitor.start()
    assert monitor.wait(WAIT) and monitor.error == ""


def test_a_diverging_run_says_so(monitor):
    monitor.strict = False
    monitor._config = monitor._config.replace(precision="float32")
    monitor.lr.slider.max = 30
    monitor.lr.value = 1e28
    monitor.start()
    assert monitor.wait(WAIT)
    assert "FloatingPointError" in monitor.error and "diverged" in monitor.error


def test_a_learning_rate_of_nan_is_a_sentence_until_it_is_mended(monitor):
    monitor.strict = False
    monitor.lr.box.value = math.nan
    assert "the slider “learning rate” must stand at a number between" in monitor.error
    with pytest.raises(ValueError, match="learning rate"):
        monitor.start()
    assert not monitor.runs
    monitor.lr.box.value = 0.1
    assert monitor.error == ""


def test_redrawing_takes_little_of_a_run(monitor, monkeypatch):
    drawn = []
    draw = monitor.draw
    monkeypatch.setattr(monitor, "draw", lambda state: drawn.append(time.perf_counter()) or draw(state))

    def many_quick_batches(config, data, on_batch, on_epoch):
        for step in range(1, 101):
            time.sleep(0.01)
            on_batch(step, BatchInfo(1, 1, 100, torch.tensor(1.0), 0.1))
        return FitResult(None, {"stopped_early": False})

    monkeypatch.setattr(background, "run", many_quick_batches)
    monitor.start()
    monitor.wait(WAIT)
    seconds = drawn[-1] - drawn[0]
    assert 2 <= len(drawn) <= 3 + 2 * seconds


def test_drawing_one_more_batch_takes_little_time(monitor, monkeypatch):
    training = HeldTraining(monkeypatch)
    training.let_pass(18)
    for _ in range(3):
        monitor.start()
        monitor.wait(WAIT)
    taken = []
    for _ in range(5):
        started = time.thread_time()
        monitor._redraw()
        taken.append(time.thread_time() - started)
    assert sorted(taken)[2] < 0.15


def test_what_a_notebook_stores_before_any_run_is_the_same_every_time(monitor):
    bundle, _ = monitor._repr_mimebundle_()
    assert bundle["text/plain"].endswith("No run yet. Start trains on 96 images of tiny and tests on 23.")
    assert (stored_picture(bundle) == pixels(monitor)).all()


def test_sliders_that_prepare_a_run_are_marked_for_the_browser_test(monitor):
    for knob in (monitor.lr, monitor.steepness, monitor.batches):
        assert "topk-no-redraw" in knob.slider._dom_classes
    assert "topk-panel-training-monitor" in monitor.root._dom_classes
    assert all(w.comm._reply_subshell_for({}, 7) == 7 for w in everything_in(monitor.root))


def test_presets_and_resets(monitor):
    monitor.preset("top-k loss, nearly hard")
    assert (monitor.loss.value, monitor.steepness.value) == ("topk", 64.0)
    monitor.p_k.label = "all on 5"
    assert monitor.config().p_k == (0.0, 0.0, 0.0, 0.0, 1.0)
    assert monitor.config().make_loss().k == 5
    monitor.preset("reset all")
    config = monitor.config()
    assert (config.loss, config.p_k, config.steepness, config.lr) == ("ce", None, None, 0.1)
    assert monitor.steepness.slider.disabled and monitor.p_k.disabled


def test_a_run_uses_the_threads_that_were_set_when_it_was_started(monitor, monkeypatch):
    seen = []

    def look(config, data, on_batch, on_epoch):
        seen.append(torch.get_num_threads())
        return FitResult(None, {"stopped_early": False})

    monkeypatch.setattr(background, "run", look)
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    run = background.BackgroundRun(monitor.config(), monitor.data, Curve("1", 1), lambda: None)
    torch.set_num_threads(before)
    run.start()
    assert run.wait(WAIT) and seen == [3] and torch.get_num_threads() == before


def test_batches_are_whole_passes_over_the_images(monitor):
    assert (monitor.batches.slider.step, monitor.batches.slider.min) == (6, 6)
    monitor.batches.value = 18
    assert monitor.config().epochs == 3


def test_a_start_waits_for_whoever_draws(monitor, monkeypatch):
    training = HeldTraining(monkeypatch)
    training.let_pass(6)
    thread = threading.Thread(target=monitor.start)
    with LOCK:
        thread.start()
        thread.join(0.1)
        assert not monitor.runs
    thread.join(WAIT)
    assert len(monitor.runs) == 1


def test_the_panel_loads_images_of_its_own():
    monitor = TrainingMonitor(train_size=200, test_size=100)
    assert (monitor.data.name, len(monitor.data.train), len(monitor.data.test)) == ("synthetic100", 200, 100)
