"""Runs of a grid: fair, tuned without the test images, done once each, resumed and shared."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import torch

from topk_lib.experiments.data import ImageData
from topk_lib.experiments.grids import grid_runs, grid_samples
from topk_lib.experiments.grids.grid import Cell, Job
from topk_lib.experiments.grids.grid_runs import GridFolder, run_all, run_in_processes, train
from topk_lib.experiments.grids.grid_samples import samples_of

from .grids import CE, TINY, all_jobs, made_up, small_grid
from .tiny import coded_split, tiny_data

DRAWN = {**TINY, "dataset": "synthetic100", "train_size": 60, "test_size": 30}


@pytest.fixture(autouse=True)
def tiny_images(monkeypatch):
    monkeypatch.setattr(grid_samples, "load", lambda *given, **named: tiny_data())
    grid_samples.forget_samples()
    yield
    grid_samples.forget_samples()


def test_a_rate_is_judged_by_the_validation_images_of_the_data_set_where_it_has_some(tmp_path, monkeypatch):
    data = replace(tiny_data(), validation=tiny_data(seed=5).train)
    monkeypatch.setattr(grid_samples, "load", lambda *given, **named: data)
    runs = GridFolder(small_grid(), tmp_path)
    jobs = all_jobs(runs, 0.01)
    tune, test = (next(job for job in jobs if job.role == role) for role in ("tune", "test"))
    seen = samples_of(runs.grid, tune, "data")
    assert torch.equal(seen.test.images, data.validation.images) and torch.equal(seen.train.images, data.train.images)
    assert torch.equal(samples_of(runs.grid, test, "data").test.images, data.test.images)


@pytest.fixture
def done(monkeypatch):
    """Does no run, but lists it; the larger the learning rate, the better the accuracy."""
    jobs = []

    def pretend(runs, job, **callbacks):
        jobs.append(job)
        return made_up(runs, job, accuracy=dict(job.choice)["lr"])

    monkeypatch.setattr(grid_runs, "train", pretend)
    return jobs


def test_all_losses_of_a_seed_get_the_same_images_initial_weights_and_batches(tmp_path):
    """P_K = [1] is cross-entropy itself: every number of its epochs is the same, with another seed none is."""
    sizes = {"tiny": {**TINY, "train_size": 48}}
    runs = GridFolder(small_grid(conditions=sizes, losses={"a": CE, "b": {"loss": "topk", "p_k": (1.0,)}}), tmp_path)
    losses = {}
    for cell in runs.grid.cells:
        for seed in runs.grid.seeds:
            epochs = train(runs, Job(cell, "test", seed, (("lr", 0.01),)))["epochs"]
            losses[cell.loss, seed] = [row["train_loss"] for row in epochs]
    for seed in runs.grid.seeds:
        assert losses["a", seed] == pytest.approx(losses["b", seed], rel=1e-4)
    assert losses["a", 0] != pytest.approx(losses["a", 1], rel=1e-2)
    images = [
        samples_of(runs.grid, Job(cell, "test", 1, (("lr", lr),)), "data").train
        for cell in runs.grid.cells
        for lr in (0.01, 0.1)
    ]
    assert len(images[0]) == 48 and all(torch.equal(images[0].images, other.images) for other in images)


@pytest.mark.parametrize(("size", "learned"), [(30, 30), (None, 88), (96, 88)])
def test_tuning_sees_training_images_only_and_judges_by_others_than_it_learns(size, learned, tmp_path, monkeypatch):
    train_split, test_split = coded_split(100), coded_split(120)
    only_test = type(test_split)(test_split.images[100:], test_split.labels[100:] - 100)
    coded = ImageData("coded", train_split, only_test, tuple(map(str, range(100))))
    monkeypatch.setattr(grid_samples, "load", lambda *given, **named: coded)
    grid = small_grid(conditions={"tiny": {**TINY, "train_size": size}})
    runs = GridFolder(grid, tmp_path)
    data = [samples_of(runs.grid, job, "data") for cell in grid.cells for job in grid.tuning(cell)]
    learn, judge = ({int(image[0, 0, 0]) for image in split.images} for split in (data[0].train, data[0].test))
    assert (len(learn), len(judge)) == (learned, 12)
    assert not learn & judge and learn | judge <= set(range(100))
    assert all(torch.equal(data[0].test.images, other.test.images) for other in data)


def test_no_more_than_a_fifth_of_the_images_judges(tmp_path):
    runs = GridFolder(small_grid(validation=5000), tmp_path)
    data = samples_of(runs.grid, runs.grid.tuning(runs.grid.cells[0])[0], "data")
    assert (len(data.train), len(data.test)) == (96 - 19, 19)


def test_the_rate_with_the_best_validation_accuracy_is_used_for_the_seeds_that_count(tmp_path, done):
    runs = GridFolder(small_grid(tune={"lr": (0.3, 0.1, 0.2)}), tmp_path)
    run_all(runs)
    assert {dict(job.choice)["lr"] for job in done if job.role == "test"} == {0.3}
    assert [job.role for job in done] == ["tune"] * 6 + ["test"] * 4
    assert [(job.seed, job.cell.loss) for job in done[6:]] == [(s, loss) for s in (0, 1) for loss in runs.grid.losses]


@pytest.mark.parametrize(("metric", "expected"), [("top1", 0.1), ("top5", 0.2)])
def test_the_metric_decides_and_of_equal_rates_the_smallest(metric, expected, tmp_path):
    runs = GridFolder(small_grid(tune={"lr": (0.1, 0.2, 0.3)}, metric=metric), tmp_path)
    cell = runs.grid.cells[0]
    finals = ({"top1": 0.5, "top5": 0.8}, {"top1": 0.5, "top5": 0.9}, {"top1": 0.4, "top5": 0.9})
    for job, final in zip(runs.grid.tuning(cell), finals, strict=True):
        assert runs.chosen(cell) is None
        write(runs, job, made_up(runs, job, final=final))
    assert runs.chosen(cell) == (("lr", expected),)


def write(runs, job, record):
    runs.path(job).parent.mkdir(parents=True, exist_ok=True)
    runs.path(job).write_text(json.dumps(record))


def test_what_has_a_record_is_not_done_again(tmp_path, done):
    runs = GridFolder(small_grid(), tmp_path)
    run_all(runs)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert len(done) == len(before) == 8 == runs.count()[0] and runs.count()[1] == 0
    run_all(runs)
    assert len(done) == 8
    run_all(GridFolder(replace(runs.grid, seeds=(0, 1, 2)), tmp_path))
    assert [job.seed for job in done[8:]] == [2, 2]
    assert all(path.read_bytes() == content for path, content in before.items())


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"conditions": {"tiny": {**TINY, "epochs": 3}}}, "epochs = 2 where 3 is asked for"),
        ({"validation": 7}, "validation"),
    ],
)
def test_the_record_of_another_run_is_refused_and_kept(changes, named, tmp_path, done):
    run_all(GridFolder(small_grid(), tmp_path))
    with pytest.raises(ValueError, match=named):
        run_all(GridFolder(small_grid(**changes), tmp_path))
    assert len(done) == 8


def test_a_record_from_before_a_setting_existed_still_counts(tmp_path, done):
    runs = GridFolder(small_grid(), tmp_path)
    run_all(runs)
    job = done[-1]
    record = runs.read(job)
    del record["config"]["train_size"], record["config"]["sorter"]
    write(runs, job, record)
    assert runs.read(job) is not None and runs.pending() == []


def test_a_record_from_before_a_setting_was_renamed_still_counts(tmp_path, done):
    runs = GridFolder(small_grid(conditions={"tiny": {**TINY, "val_fraction": 0.2}}), tmp_path)
    run_all(runs)
    record = runs.read(done[-1])
    record["config"]["held_out"] = record["config"].pop("val_fraction")
    write(runs, done[-1], record)
    assert runs.pending() == []
    record["config"]["held_out"] = 0.3
    write(runs, done[-1], record)
    with pytest.raises(ValueError, match=r"val_fraction = 0\.3 where 0\.2 is asked for"):
        runs.pending()


def test_a_run_that_diverges_is_recorded_as_nothing_right(tmp_path):
    runs = GridFolder(small_grid(tune={"lr": (0.01, 1e30)}), tmp_path)
    run_all(runs)
    lost, fine = (runs.read(job) for job in reversed(runs.grid.tuning(runs.grid.cells[0])))
    assert "smaller learning rate" in lost["diverged"] and lost["final"]["top1"] == 0 and "diverged" not in fine
    assert runs.chosen(runs.grid.cells[0]) == (("lr", 0.01),)


def test_a_record_names_everything_and_weights_are_kept_on_demand(tmp_path):
    runs = GridFolder(small_grid(tune={"lr": (0.01,)}, seeds=(0,)), tmp_path, keep_models=True)
    run_all(runs)
    job = runs.grid.tests(Cell("tiny", "even"), (("lr", 0.01),))[0]
    record = runs.read(job)
    assert {"config", "recipe", "versions", "machine", "commit", "data", "epochs", "final"} <= set(record)
    assert record["run"] == {"condition": "tiny", "loss": "even", "role": "test"}
    assert "0.weight" not in torch.load(runs.path(job).with_suffix(".pt"), weights_only=True)
    runs = GridFolder(runs.grid, tmp_path / "without")
    run_all(runs)
    assert {path.suffix for path in (tmp_path / "without").rglob("*.*")} == {".json"}


def test_a_run_that_another_process_is_at_is_waited_for(tmp_path, done, monkeypatch):
    runs = GridFolder(small_grid(tune={"lr": (0.01,)}), tmp_path)
    theirs = all_jobs(runs, 0.01)[0]
    lock = runs.path(theirs).with_name(f"{runs.path(theirs).name}.lock")
    lock.parent.mkdir(parents=True)
    lock.write_text('{"host": "elsewhere", "pid": 1}')

    def other_process_finishes(seconds):
        assert len(done) == 3
        write(runs, theirs, made_up(runs, theirs))
        lock.unlink()

    monkeypatch.setattr(grid_runs.time, "sleep", other_process_finishes)
    run_all(runs)
    assert theirs not in done and len(done) == 3


def test_processes_share_the_runs_and_find_what_one_finds(tmp_path, capfd, monkeypatch):
    monkeypatch.undo()
    grid = small_grid(conditions={"drawn": DRAWN}, tune={"lr": (0.01, 0.02)})
    together, alone = GridFolder(grid, tmp_path / "together"), GridFolder(grid, tmp_path / "alone")
    run_in_processes(together, 2)
    told = [line.partition("] ")[2].partition(":")[0] for line in capfd.readouterr().out.splitlines()]
    assert len(told) == len(set(told)) == 8
    with grid_runs.shared_threads(2):
        run_all(alone)
    for path in (tmp_path / "alone").rglob("*.json"):
        other = json.loads((tmp_path / "together" / path.relative_to(tmp_path / "alone")).read_text())
        assert other["final"] == json.loads(path.read_text())["final"]


def test_a_process_that_fails_is_reported(tmp_path, monkeypatch, capfd):
    monkeypatch.undo()
    (tmp_path / "file").write_text("")
    with pytest.raises(ChildProcessError, match="finished runs are kept"):
        run_in_processes(GridFolder(small_grid(conditions={"drawn": DRAWN}), tmp_path / "file"), 2)
    assert "file" in capfd.readouterr().err


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a process is killed by a signal that Windows lacks")
def test_a_killed_command_leaves_nothing_that_blocks_the_next(tmp_path, monkeypatch):
    monkeypatch.undo()
    grid = tmp_path / "grid.toml"
    settings = {**DRAWN, "epochs": 4000}  # about a minute
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    grid.write_text("\n".join([*lines, "seeds = 2", "[[loss]]", 'name = "plain"', 'loss = "ce"']))
    out = tmp_path / "runs"
    command = [sys.executable, "-m", "topk_lib", "compare", "--grid", str(grid), "--out", str(out), "--quiet"]
    process = subprocess.Popen(command)
    end = time.time() + 60
    while not list(out.rglob("*.lock")) and time.time() < end:
        time.sleep(0.02)
    process.kill()
    process.wait()
    locks = list(out.rglob("*.lock"))
    assert locks and not list(out.rglob("*.json"))
    runs = GridFolder(small_grid(conditions={"synthetic100 60": settings}, losses={"plain": CE}, tune={"lr": ()}), out)
    done = []
    monkeypatch.setattr(grid_runs, "train", lambda runs, job, **callbacks: done.append(job) or made_up(runs, job))
    run_all(runs)
    assert len(done) == 2 and not list(out.rglob("*.lock")) and not list(out.rglob("*.unfinished"))
