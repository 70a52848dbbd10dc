"""Records: what they hold, and that no file is ever half written or silently replaced."""

import json

import pytest
import torch

from topk_lib.experiments import Config, load_model, predict_logits, read_record, run, save_run
from topk_lib.experiments.data import ImageData, Split
from topk_lib.experiments.record import fresh_folder, refuse_existing
from topk_lib.experiments.training.record import describe_data

from .tiny import tiny_data


@pytest.fixture(scope="module")
def trained():
    config = Config(dataset="tiny", loss="topk", epochs=2, batch_size=32, lr=0.1, seed=5, device="cpu")
    return run(config, tiny_data())


def test_a_record_says_what_was_done_with_what_and_what_came_out(trained):
    record = trained.record
    assert set(record) == {
        *("config", "recipe", "versions", "machine", "data", "model", "epochs_are_on", "epochs"),
        *("commit", "train_seconds", "stopped_early", "chosen_epoch", "chosen_by", "validation", "final"),
    }
    assert record["config"]["seed"] == 5 and record["config"]["loss"] == "topk" and record["config"]["epochs"] == 2
    assert record["recipe"]["optimizer"] == "sgd" and record["recipe"]["lr"] == 0.1
    assert {"topk_lib", "torch", "numpy", "python"} <= set(record["versions"])
    assert record["machine"]["device"] == "cpu" and record["machine"]["precision"] in ("float32", "bfloat16")
    assert record["data"] == {
        **{"name": "tiny", "classes": 6, "image_shape": [3, 16, 16], "train_images": 96, "test_images": 23}
    }
    assert record["model"]["parameters"] == sum(p.numel() for p in trained.model.parameters())


def test_a_row_per_epoch_and_a_final_line_of_fractions(trained):
    record = trained.record
    names = ["epoch", "images", "train_loss", "lr", "train_seconds", "top1", "top2", "top3", "top5"]
    assert [list(row) for row in record["epochs"]] == [names, names]
    assert record["train_seconds"] == sum(row["train_seconds"] for row in record["epochs"]) > 0
    final = list(record["final"].values())
    assert list(record["final"]) == ["top1", "top2", "top3", "top5"] and final == sorted(final)
    assert 0 <= final[0] <= final[-1] <= 1
    assert record["final"] == {k: record["epochs"][-1][k] for k in record["final"]}
    assert record["epochs_are_on"] == "test images"


def test_a_known_posterior_gives_the_best_possible_accuracy():
    data, posterior = tiny_data(), torch.tensor([0.5, 0.2, 0.1, 0.1, 0.1, 0.0]).expand(23, 6)
    known = ImageData(data.name, data.train, Split(data.test.images, data.test.labels, posterior), data.class_names)
    best = describe_data(known)["best_possible"]
    assert best == pytest.approx({"top1": 0.5, "top2": 0.7, "top3": 0.8, "top5": 1.0})
    assert "best_possible" not in describe_data(data)


def test_a_saved_run_is_read_back(trained, tmp_path):
    path = save_run(tmp_path / "new" / "run", *trained)
    assert path == tmp_path / "new" / "run" / "result.json"
    assert sorted(file.name for file in path.parent.iterdir()) == ["model.pt", "result.json"]
    assert read_record(path.parent) == trained.record == json.loads(path.read_text())
    images = tiny_data().test.images
    model = load_model(path.parent)
    assert not model.training
    torch.testing.assert_close(predict_logits(model, images), predict_logits(trained.model, images))


def test_a_result_is_replaced_only_when_that_is_asked_for(trained, tmp_path):
    path = save_run(tmp_path, *trained)
    path.write_text("mine")
    with pytest.raises(FileExistsError, match=r"result.json exists; .* --overwrite"):
        save_run(tmp_path, *trained)
    with pytest.raises(FileExistsError):
        refuse_existing(tmp_path)
    assert path.read_text() == "mine"
    save_run(tmp_path, *trained, overwrite=True)
    assert read_record(tmp_path) == trained.record


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(NotADirectoryError, match="out is a file"):
        refuse_existing(tmp_path / "out")


def test_a_number_that_json_has_no_word_for_is_not_written(trained, tmp_path):
    with pytest.raises(ValueError, match="Out of range float"):
        save_run(tmp_path, trained.model, trained.record | {"train_seconds": float("nan")})
    assert not (tmp_path / "result.json").exists()


def test_fresh_folders_are_numbered(tmp_path):
    names = []
    for _ in range(3):
        folder = fresh_folder(tmp_path / "runs" / "a")
        folder.mkdir(parents=True)
        names.append(folder.name)
    assert names == ["a", "a-2", "a-3"]
