"""Checkpoints: a run goes on where it was, on its own data and with its own settings, and no good file is ever lost."""

import errno
import math
import warnings
from dataclasses import replace

import pytest
import torch

from topk_lib.experiments import RECIPES, Checkpoint, Config, run
from topk_lib.experiments.data import writing
from topk_lib.experiments.training import checkpoint as checkpoints

from .test_killed import without_times
from .tiny import tiny_data

QUICK = {"dataset": "tiny", "model": "linear", "lr": 0.01, "epochs": 3, "batch_size": 16}
QUICK |= {"device": "cpu", "precision": "float32"}


@pytest.fixture(autouse=True)
def one_thread():
    """These networks are so small that a second thread only waits for the first."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Stop(Exception):
    """Ends a run as a crash of a callback would."""


def stop_at(*steps):
    def on_batch(step, info):
        if step in steps:
            raise Stop

    return on_batch


def assert_equal(first, second):
    assert without_times(first.record) == without_times(second.record)
    for name, value in first.model.state_dict().items():
        assert torch.equal(value, second.model.state_dict()[name]), name


@pytest.mark.parametrize(
    ("recipe", "model", "step"),
    [(recipe, "linear", step) for recipe in RECIPES for step in (1, 5, 6, 7, 17, 18)] + [("fast", "small_cnn", 7)],
)
def test_a_run_goes_on_as_if_nothing_had_happened(recipe, model, step, tmp_path):
    """Steps 6 and 18 are the last of an epoch: what is left then is to evaluate it."""
    changes = {"val_fraction": 0.0, "select": "last"}
    config = Config(**QUICK | {"model": model}, recipe=recipe, **changes)
    with pytest.raises(Stop):
        run(config, tiny_data(), on_batch=stop_at(step), checkpoint=tmp_path / "c.pt")
    seen = []
    resumed = run(config, tiny_data(), on_batch=lambda at, info: seen.append(at), checkpoint=tmp_path / "c.pt")
    assert seen == list(range(step + 1, 19))
    assert_equal(run(config, tiny_data()), resumed)


@pytest.mark.parametrize("step", [9, 10, 11, 20])
def test_the_best_weights_so_far_go_on_too(step, tmp_path):
    """An early epoch is the best, and its weights are in no later step."""
    config = Config(**QUICK | {"epochs": 5}, recipe="modern", **{"val_fraction": 0.2})
    whole = run(config, tiny_data())
    assert whole.record["chosen_epoch"] < 3
    with pytest.raises(Stop):
        run(config, tiny_data(), on_batch=stop_at(step), checkpoint=tmp_path / "c.pt")
    assert_equal(whole, run(config, tiny_data(), checkpoint=tmp_path / "c.pt"))


def test_a_finished_run_is_not_trained_again(tmp_path):
    config, path = Config(**QUICK), tmp_path / "c.pt"
    first = run(config, tiny_data(), checkpoint=path)
    again = run(config, tiny_data(), on_batch=stop_at(*range(99)), checkpoint=path)
    assert_equal(first, again)


def test_a_new_run_replaces_an_old_checkpoint_if_it_is_not_to_go_on(tmp_path):
    path = tmp_path / "c.pt"
    run(Config(**QUICK), tiny_data(), checkpoint=path)
    steps = []
    anew = Checkpoint(path, resume=False)
    run(Config(**QUICK | {"epochs": 1}), tiny_data(), on_batch=lambda step, _: steps.append(step), checkpoint=anew)
    assert steps == [1, 2, 3, 4, 5, 6]
    config = Config(**QUICK | {"epochs": 1})
    assert Checkpoint(path).read(config.resolved(), config.make_recipe(), tiny_data())["run"]["step"] == 6


def test_within_an_epoch_the_time_decides(tmp_path, monkeypatch):
    saved = []
    monkeypatch.setattr(Checkpoint, "save", lambda self, run: saved.append(run.step))
    for every, steps in ((0, [1, 2, 3, 4, 5, 6, 6]), (1000, [6]), (math.inf, [6])):
        saved.clear()
        run(Config(**QUICK | {"epochs": 1}), tiny_data(), checkpoint=Checkpoint(tmp_path / "c.pt", every))
        assert saved == steps


@pytest.mark.parametrize("every", [-1.0, float("nan")])
def test_a_time_that_cannot_be_is_refused(every):
    with pytest.raises(ValueError, match="every must be positive and finite"):
        Checkpoint("c.pt", every)


def test_writing_does_not_count_as_training(tmp_path, monkeypatch):
    from topk_lib.experiments.training import state

    clock = type("Clock", (), {"now": 0.0, "perf_counter": lambda self: self.now})()

    def write(path, action):
        clock.now += 1000

    monkeypatch.setattr(state, "time", clock)
    monkeypatch.setattr(checkpoints, "write_whole", write)
    record = run(Config(**QUICK), tiny_data(), checkpoint=Checkpoint(tmp_path / "c.pt", 0)).record
    assert record["train_seconds"] == 0


def test_a_checkpoint_of_before_a_setting_was_renamed_goes_on(tmp_path):
    path, config = tmp_path / "c.pt", Config(**QUICK, val_fraction=0.2)
    with pytest.raises(Stop):
        run(config, tiny_data(), on_batch=stop_at(7), checkpoint=path)
    kept = torch.load(path, weights_only=True)
    kept["identity"]["held_out"] = kept["identity"].pop("val_fraction")
    torch.save(kept, path)
    assert_equal(run(config, tiny_data()), run(config, tiny_data(), checkpoint=path))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"epochs": 4}, "epochs must be 3 as in .*, got 4"),
        ({"lr": 0.5}, "lr must be 0.01 as in"),
        ({"seed": 1}, "seed must be 0 as in"),
        ({"loss": "topk", "lr": 0.5}, "loss must be 'ce' as in .*, got 'topk'"),
        ({"weight_decay": 0.0}, "weight_decay must be (None|0.0005) as in .*, got 0.0"),
        ({"recipe": "modern"}, "recipe must be 'fast' as in"),
    ],
)
def test_other_settings_are_refused_by_name(changes, named, tmp_path):
    path = tmp_path / "c.pt"
    run(Config(**QUICK), tiny_data(), checkpoint=path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=named):
        run(Config(**QUICK | changes), tiny_data(), checkpoint=path)
    assert path.read_bytes() == before


def test_other_images_are_refused(tmp_path):
    config, data = Config(**QUICK), tiny_data()
    run(config, data, checkpoint=tmp_path / "c.pt")
    with pytest.raises(ValueError, match=r"data's train_images must be 96 as in .*, got 80"):
        run(config, tiny_data(train=80), checkpoint=tmp_path / "c.pt")
    with pytest.raises(ValueError, match="checksum of the train images must be"):
        run(config, tiny_data(seed=1), checkpoint=tmp_path / "c.pt")
    swapped = replace(data, test=replace(data.test, labels=data.test.labels.flip(0)))
    with pytest.raises(ValueError, match="checksum of the test images must be"):
        run(config, swapped, checkpoint=tmp_path / "c.pt")


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", "a list", "half"])
def test_what_is_no_checkpoint_is_refused_and_kept(content, tmp_path):
    path = tmp_path / "c.pt"
    if content == "a list":
        torch.save([1, 2], path)
    elif content == "half":
        run(Config(**QUICK | {"epochs": 1}), tiny_data(), checkpoint=path)
        path.write_bytes(path.read_bytes()[:1000])
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="is damaged, or no checkpoint"):
        run(Config(**QUICK | {"epochs": 1}), tiny_data(), checkpoint=path)
    assert path.read_bytes() == before


def test_on_another_machine_a_run_goes_on_and_says_that_it_is_one(tmp_path, monkeypatch):
    config, path = Config(**QUICK), tmp_path / "c.pt"
    with pytest.raises(Stop):
        run(config, tiny_data(), on_batch=stop_at(7), checkpoint=path)
    here = checkpoints.describe_machine
    monkeypatch.setattr(checkpoints, "describe_machine", lambda *used: here(*used) | {"processor": "another"})
    with pytest.warns(UserWarning, match=r"written with processor .*, and this is 'another': .* not bit for bit"):
        record = run(config, tiny_data(), checkpoint=path).record
    assert len(record["epochs"]) == 3


def full_disk(after):
    """A write_whole that fails from the given call on, half way, as a full disk does."""
    calls = []

    def write(path, action):
        calls.append(path)

        class Full:
            def write(self, content):
                self.file.write(bytes(content[: len(content) // 2]))
                raise OSError(errno.ENOSPC, "No space left on device")

        def fail(file):
            full = Full()
            full.file = file
            action(full)

        return writing.write_whole(path, action if len(calls) <= after else fail)

    return write


def test_a_full_disk_ends_the_run_and_leaves_the_last_good_checkpoint(tmp_path, monkeypatch):
    config, path = Config(**QUICK), tmp_path / "c.pt"
    whole = run(config, tiny_data())
    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "write_whole", full_disk(after=8))
        with pytest.raises(OSError, match=r"c.pt cannot be written: No space left on device"):
            run(config, tiny_data(), checkpoint=Checkpoint(path, every=0))
    assert [file.name for file in tmp_path.iterdir()] == ["c.pt"]
    seen = []
    resumed = run(config, tiny_data(), on_batch=lambda step, _: seen.append(step), checkpoint=path)
    assert seen[0] == 8  # six steps, the end of the epoch, and one more step were saved
    assert_equal(whole, resumed)


def test_a_folder_that_cannot_be_written_to_is_found_before_training(tmp_path, monkeypatch):
    def refuse(**given):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(writing.tempfile, "TemporaryFile", refuse)
    with pytest.raises(OSError, match=f"{tmp_path} cannot be written to: Read-only file system"):
        run(Config(**QUICK), tiny_data(), on_batch=stop_at(1), checkpoint=tmp_path / "new" / "c.pt")
    assert not list(tmp_path.iterdir())


def test_a_run_that_diverges_leaves_no_broken_checkpoint(tmp_path):
    with pytest.raises(FloatingPointError, match="diverged"):
        run(Config(**QUICK | {"lr": 1e30}), tiny_data(), checkpoint=Checkpoint(tmp_path / "c.pt", every=0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kept = [torch.load(path, weights_only=True)["run"] for path in tmp_path.iterdir()]
    assert all(run["losses"].isfinite().all() for run in kept)


def test_what_a_killed_process_left_half_written_is_removed(tmp_path):
    path, other = tmp_path / "c.pt", tmp_path / "c.pt.other"
    (tmp_path / "c.pt.123.unfinished").write_bytes(b"half")
    other.write_text("mine")
    run(Config(**QUICK | {"epochs": 1}), tiny_data(), checkpoint=path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["c.pt", "c.pt.other"]
