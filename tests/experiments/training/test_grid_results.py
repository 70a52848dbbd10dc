"""What a grid's records say: means, intervals, paired gains, one small file, a table and a figure."""

import json
import math
import statistics

import pytest

from topk_lib.experiments.drawing.grid_figure import grid_figure
from topk_lib.experiments.grids.grid_results import GridResults, summarize, write_summary
from topk_lib.experiments.grids.grid_runs import GridFolder
from topk_lib.experiments.grids.grid_table import grid_caveat, grid_table
from topk_lib.experiments.statistics import t_quantile

from .grids import TINY, all_jobs, made_up, small_grid

PLAIN, EVEN = (0.50, 0.53, 0.51), (0.52, 0.54, 0.56)


def folder(path, seeds=(0, 1, 2), finals=None, **changes):
    """Runs of two losses in two conditions, top-1 as above, and 0.02 more with each further k."""
    conditions = {"few": TINY, "many": {**TINY, "epochs": 4}}
    runs = GridFolder(small_grid(conditions=conditions, seeds=seeds, **changes), path)
    for job in all_jobs(runs, 0.1):
        start = {"cross-entropy": PLAIN, "even": EVEN}[job.cell.loss]
        accuracy = dict(job.choice)["lr"] if job.role == "tune" else start[job.seed] - 0.02
        record = made_up(runs, job, accuracy, train_seconds=3.0 if job.cell.loss == "even" else 2.0)
        record["data"]["best_possible"] = {f"top{k}": 0.9 + 0.01 * k for k in (1, 2, 3, 5)}
        runs.path(job).parent.mkdir(parents=True, exist_ok=True)
        runs.path(job).write_text(json.dumps(record))
    return runs


@pytest.fixture
def results(tmp_path):
    return GridResults(summarize(folder(tmp_path), "python -m topk_lib compare"))


def test_accuracies_are_means_with_intervals(results):
    accuracy = results.accuracy("few", "even", "top1")
    assert accuracy.mean == pytest.approx(100 * statistics.fmean(EVEN))
    assert accuracy.half_width == pytest.approx(100 * t_quantile(2) * statistics.stdev(EVEN) / math.sqrt(3))


def test_gains_are_paired_by_seed(results):
    differences = [2.0, 1.0, 5.0]
    gain = results.gain("many", "even", "top5")
    assert gain.mean == pytest.approx(statistics.fmean(differences))
    assert gain.half_width == pytest.approx(t_quantile(2) * statistics.stdev(differences) / math.sqrt(3))


def test_runs_are_paired_by_seed_in_whatever_order_they_are_recorded(results):
    record = {**results.record, "rows": results.record["rows"][::-1]}
    assert GridResults(record).gain("few", "even", "top2") == results.gain("few", "even", "top2")


def test_one_small_file_holds_every_run_and_reads_back(tmp_path):
    runs = folder(tmp_path / "runs")
    path = write_summary(tmp_path / "results.json", summarize(runs, "the command"))
    record = json.loads(path.read_text(encoding="utf-8"))
    assert record["command"] == "the command" and record["commit"] == "c0ffee" and record["grid"]["seeds"] == [0, 1, 2]
    assert len(record["rows"]) == runs.count()[0] == 20
    accuracies = {"top1": 0.56, "top2": 0.58, "top3": 0.6, "top5": 0.64}
    named = {"condition": "few", "loss": "even", "role": "test", "seed": 2, "lr": 0.1}
    assert {**named, **accuracies, "train_seconds": 3.0} in record["rows"]
    assert GridResults.from_file(path).gain("few", "even", "top1").mean == pytest.approx(8 / 3)
    assert sum(line.startswith('  {"') for line in path.read_text(encoding="utf-8").splitlines()) == 20


def test_missing_runs_are_named(tmp_path):
    runs = folder(tmp_path)
    runs.path(all_jobs(runs, 0.1)[3]).unlink()
    with pytest.raises(ValueError, match="runs of 'cross-entropy' in 'few' are missing"):
        summarize(runs, "")


def test_records_of_two_commits_are_both_named(tmp_path):
    runs = folder(tmp_path)
    path = runs.path(all_jobs(runs, 0.1)[3])
    path.write_text(path.read_text().replace("c0ffee", "decade"))
    assert summarize(runs, "")["commit"] == ["c0ffee", "decade"]


def test_the_table_shows_every_number(results):
    lines = grid_table(results).splitlines()
    assert lines[0] == "few: 96 training and 23 test images; accuracies in %, differences in points"
    assert lines[1].split() == ["lr", "top-1", "top-2", "top-3", "top-5", "train", "seconds"]
    assert lines[2].startswith("cross-entropy") and "0.1" in lines[2] and lines[2].endswith(" 2.0")
    assert (
        lines[3].startswith("even") and f"54.0 ± {results.accuracy('few', 'even', 'top1').half_width:.1f}" in lines[3]
    )
    assert (
        lines[4].split("  ")[1] == "minus cross-entropy"
        and lines[4].count(f"{results.gain('few', 'even', 'top1')}") == 4
    )
    assert lines[5].split()[2:] == ["91.0", "92.0", "93.0", "95.0"]
    assert len({len(line) for line in lines[1:4]}) == 1


def test_the_caveat_fits_the_number_of_seeds(results, tmp_path):
    text = grid_caveat(results)
    assert "3 seeds" in text and "8 differences" in text and "chosen by top-1 on validation samples" in text
    assert "few, even: the best learning rate, 0.1, is the largest tried." in text
    one = GridResults(summarize(folder(tmp_path / "one", seeds=(1,), tune={"lr": (0.1,)}), ""))
    text = grid_caveat(one)
    assert "seed 1" in text and "One seed proves nothing" in text and "validation" not in text
    assert "uncertain by\n±10.4 points" in text  # a half of 23 test images
    assert "±" not in grid_table(one) and "nan" not in grid_table(one) and "+1.0" in grid_table(one)


def test_a_rate_inside_the_grid_is_not_remarked_on_and_diverged_runs_are(tmp_path):
    runs = folder(tmp_path, tune={"lr": (0.01, 0.1, 0.2)})
    for job in all_jobs(runs, 0.1):
        if job.role == "tune" and dict(job.choice)["lr"] == 0.2:
            runs.path(job).write_text(json.dumps(made_up(runs, job, 0.0, diverged="a loss was nan")))
    assert GridResults(summarize(runs, "")).remarks() == []
    lost = all_jobs(runs, 0.1)[-1]
    runs.path(lost).write_text(json.dumps(made_up(runs, lost, 0.0, diverged="a loss was nan")))
    assert GridResults(summarize(runs, "")).remarks() == ["many, even: 1 runs diverged and count as 0 %."]


def test_the_figure_shows_every_gain_and_its_caption_says_it(results):
    figure, caption = grid_figure(results)
    figure.canvas.draw()
    assert figure.canvas.get_width_height()[0] == 1920
    assert f"few, even: top-1 {results.gain('few', 'even', 'top1')}" in caption and "3 seeds" in caption


def test_the_figure_does_with_one_seed(tmp_path):
    figure, caption = grid_figure(GridResults(summarize(folder(tmp_path, seeds=(0,), tune={"lr": (0.1,)}), "")))
    figure.canvas.draw()
    assert "one seed, no interval" in caption and "nan" not in caption
