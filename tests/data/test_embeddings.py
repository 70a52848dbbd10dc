"""Stored embeddings: what is written comes back, the authors' layouts are read, and what cannot be used is named."""

import numpy as np
import pytest
import torch

from topk_lib import topk_accuracy
from topk_lib.data import embeddings
from topk_lib.data.drawn_embeddings import draw_embeddings
from topk_lib.data.embeddings import load_embeddings, make_embeddings, save_embeddings

FEATURES = torch.randn(8, 3, generator=torch.Generator().manual_seed(0))
LABELS = torch.tensor([0, 1, 2, 3, 0, 1, 2, 3])


def entries(train="train_", test="test_", **changes):
    """A dict in one of the layouts: 6 embeddings to train on, 2 to test on."""
    parts = {f"{train}embeddings": FEATURES[:6], f"{train}labels": LABELS[:6]}
    parts |= {f"{test}embeddings": FEATURES[6:], f"{test}labels": LABELS[6:]}
    return parts | changes


def saved(tmp_path, content, name="embeddings.p", **options):
    torch.save(content, tmp_path / name, **options)
    return tmp_path / name


def same(data):
    train, test = data.train, data.test
    return (
        torch.equal(torch.cat([train.features, test.features]).float(), FEATURES)
        and torch.equal(torch.cat([train.labels, test.labels]), LABELS)
        and (len(train), len(test), data.num_classes, data.dimensions) == (6, 2, 4, 3)
    )


@pytest.mark.parametrize("name", ["mine.npz", "mine.safetensors"])
def test_what_is_saved_comes_back(tmp_path, name):
    data = make_embeddings("mine", (FEATURES[:6], LABELS[:6]), (FEATURES[6:], LABELS[6:]))
    path = save_embeddings(tmp_path / "deep" / name, data)
    read = load_embeddings(str(path))
    assert same(data) and same(read) and read.name == name
    assert [file.name for file in path.parent.iterdir()] == [name]
    assert same(load_embeddings(save_embeddings(path, read)))  # onto the file that it is mapped from


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_types_of_numbers_survive_the_file(tmp_path, dtype):
    pairs = [(half.to(dtype), labels) for half, labels in ((FEATURES[:6], LABELS[:6]), (FEATURES[6:], LABELS[6:]))]
    read = load_embeddings(save_embeddings(tmp_path / "x.npz", make_embeddings("x", *pairs)))
    assert torch.equal(read.train.features.double(), pairs[0][0].double())
    assert read.train.features.dtype == (torch.float32 if dtype == torch.bfloat16 else dtype)
    read = load_embeddings(save_embeddings(tmp_path / "x.safetensors", make_embeddings("x", *pairs)))
    assert torch.equal(read.train.features, pairs[0][0]) and read.train.features.dtype == dtype


def test_files_that_numpy_wrote_are_read_wherever_their_numbers_begin(tmp_path):
    plain = {name: value.numpy() for name, value in entries().items()}
    np.savez(tmp_path / "plain.npz", **plain)
    np.savez_compressed(tmp_path / "small.npz", **plain)
    assert same(load_embeddings(tmp_path / "plain.npz")) and same(load_embeddings(tmp_path / "small.npz"))


def test_rows_and_chunks_are_the_embeddings(monkeypatch):
    split = make_embeddings("x", (FEATURES, LABELS), (FEATURES, LABELS)).train
    chosen = torch.tensor([5, 0, 5])
    features, labels = split.rows(chosen)
    assert torch.equal(features, FEATURES[chosen]) and torch.equal(labels, LABELS[chosen])
    monkeypatch.setattr(embeddings, "CHUNK", 3 * 3 * 4 + 1)
    chunks = list(split.chunks())
    assert [len(labels) for _, labels in chunks] == [3, 3, 2]
    assert torch.equal(torch.cat([features for features, _ in chunks]), FEATURES)


@pytest.mark.parametrize("row", [0, 4, 7])
def test_a_number_that_is_not_finite_is_found_in_every_chunk(row, monkeypatch):
    monkeypatch.setattr(embeddings, "CHUNK", 3 * 3 * 4)
    features = FEATURES.clone()
    features[row, 1] = torch.inf
    with pytest.raises(ValueError, match="train embeddings must be finite, got 1 numbers"):
        make_embeddings("x", (features, LABELS), (FEATURES, LABELS))


@pytest.mark.parametrize("old_format", [False, True])
@pytest.mark.parametrize(
    ("train", "test"), [("train_", "test_"), ("train_", "val_"), ("imagenet21k_train_", "imagenet21k_val_")]
)
def test_the_layouts_of_the_authors_files_are_read(tmp_path, train, test, old_format):
    content = entries(train, test, more=torch.zeros(2))
    path = saved(tmp_path, content, _use_new_zipfile_serialization=not old_format)
    assert same(load_embeddings(path))


def test_labels_may_be_int32_or_a_list(tmp_path):
    content = entries(train_labels=LABELS[:6].int(), test_labels=LABELS[6:].tolist())
    assert same(load_embeddings(saved(tmp_path, content)))


class Trap:
    def __reduce__(self):
        return print, ("the file ran something",)


def test_nothing_in_a_file_is_run(tmp_path, capsys):
    with pytest.raises(ValueError, match=r"embeddings\.p is damaged or holds more than plain tensors; nothing in it"):
        load_embeddings(saved(tmp_path, entries(trap=Trap())))
    np.savez(tmp_path / "trap.npz", train_embeddings=np.array([Trap()], dtype=object))
    with pytest.raises(ValueError, match=r"trap\.npz is damaged or not a \.npz file of plain numbers"):
        load_embeddings(tmp_path / "trap.npz")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["whole.npz", "whole.safetensors", "whole.p"])
@pytest.mark.parametrize("kept", [0, 100, 0.7])
def test_a_file_that_is_cut_short_is_called_damaged(tmp_path, name, kept):
    data = make_embeddings("x", (FEATURES, LABELS), (FEATURES, LABELS))
    path = save_embeddings(tmp_path / name, data) if not name.endswith("p") else saved(tmp_path, entries(), name)
    content = path.read_bytes()
    path.write_bytes(content[: kept if isinstance(kept, int) else int(kept * len(content))])
    with pytest.raises(ValueError, match=f"{name} is damaged"):
        load_embeddings(path)


def test_missing_files_entries_and_odd_contents_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.npz is missing"):
        load_embeddings(tmp_path / "nowhere.npz")
    content = entries()
    del content["test_labels"]
    with pytest.raises(ValueError, match=r"must hold train_embeddings, train_labels, .*, got test_embeddings, train_"):
        load_embeddings(saved(tmp_path, content))
    with pytest.raises(ValueError, match="must hold a dict, got Tensor"):
        load_embeddings(saved(tmp_path, FEATURES))
    with pytest.raises(ValueError, match=r"path must end in \.npz or \.safetensors, got"):
        save_embeddings(tmp_path / "x.pt", make_embeddings("x", (FEATURES, LABELS), (FEATURES, LABELS)))


BAD = {
    r"train embeddings must be floating-point numbers of shape \(N, d\).*int64": {"train_embeddings": LABELS},
    r"test embeddings must be .* got torch.float32 of shape \(2, 3, 1\)": {"test_embeddings": FEATURES[6:, :, None]},
    r"test embeddings must be .* got torch.float32 of shape \(0, 3\)": {"test_embeddings": FEATURES[:0]},
    "train embeddings must be finite, got 3 numbers that are not": {
        "train_embeddings": torch.cat([FEATURES[:5], torch.full((1, 3), torch.nan)])
    },
    r"train labels must be whole numbers of shape \(6,\), got torch.float32": {"train_labels": LABELS[:6].float()},
    r"train labels must be whole numbers of shape \(6,\), got torch.int64 of shape \(5,\)": {
        "train_labels": LABELS[:5]
    },
    "test labels must be 0 or larger, got -1": {"test_labels": LABELS[6:] - 3},
    "embeddings of one length, got 3 and 2": {"test_embeddings": FEATURES[6:, :2]},
    "test labels must be an array of numbers, got str": {"test_labels": "0 1"},
}


@pytest.mark.parametrize("message", BAD)
def test_entries_that_do_not_fit_are_refused_by_name(tmp_path, message):
    with pytest.raises(ValueError, match=message):
        load_embeddings(saved(tmp_path, entries(**BAD[message])))


def test_a_number_of_classes_can_be_given_and_must_hold_all_labels():
    pair = (FEATURES, LABELS)
    assert make_embeddings("x", pair, pair, num_classes=9).num_classes == 9
    with pytest.raises(ValueError, match="x: labels must be from 0 to 2, got 3"):
        make_embeddings("x", pair, pair, num_classes=3)


def test_drawn_embeddings_repeat_and_follow_the_seed():
    first, second, other = (draw_embeddings(20, 30, 10, dimensions=4, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(first.data.train.features, second.data.train.features)
    assert not torch.equal(first.centers, other.centers)
    assert (len(first.data.train), len(first.data.test), first.data.num_classes) == (30, 10, 20)


def test_drawn_embeddings_are_centers_plus_standard_noise():
    drawn = draw_embeddings(10, 20_000, 1, dimensions=3)
    noise = drawn.data.train.features - drawn.centers[drawn.data.train.labels]
    assert noise.mean().abs() < 0.02 and noise.std() == pytest.approx(1, abs=0.02)


def test_classes_of_a_group_lie_close_together():
    centers = draw_embeddings(1000, 1, 1, dimensions=32).centers.reshape(200, 5, 32)
    within, between = centers.std(1).mean(), centers.mean(1).std(0).mean()
    assert within == pytest.approx(0.3, rel=0.1) and between > 2 * within


def test_best_scores_are_log_posteriors_and_no_other_head_is_better():
    drawn = draw_embeddings(20, 1, 4000, dimensions=12)
    x, y = drawn.data.test.features, drawn.data.test.labels
    scores = drawn.best_scores(x)
    density = -torch.cdist(x, drawn.centers).square() / 2
    torch.testing.assert_close(scores.log_softmax(1), density.log_softmax(1), atol=1e-3, rtol=1e-4)
    best = topk_accuracy(scores, y, (1, 5))
    for wrong in (scores + drawn.centers.square().sum(1) / 2, x @ drawn.centers.roll(1, 0).T):
        assert all(accuracy <= best[k] for k, accuracy in topk_accuracy(wrong, y, (1, 5)).items())
    assert 0.3 < best[1] < 0.9 < best[5]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"classes": 12}, "classes must be a multiple of group_size=5, got 12"),
        ({"classes": 3}, "classes must be at least 5, got 3"),
        ({"train_size": 0}, "train_size must be at least 1, got 0"),
        ({"class_spread": 0.0}, "class_spread must be positive and finite"),
    ],
)
def test_bad_drawings_are_refused_by_name(wrong, message):
    with pytest.raises(ValueError, match=message):
        draw_embeddings(**wrong)
