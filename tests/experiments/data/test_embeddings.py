"""Stored embeddings: what is written comes back, the authors' layouts are read, and what cannot be used is named."""

import numpy as np
import pytest
import torch

from topk_lib import topk_accuracy
from topk_lib.experiments.data import base, embeddings
from topk_lib.experiments.data.drawn_embeddings import draw_embeddings
from topk_lib.experiments.data.embeddings import load_embeddings, make_embeddings, save_embeddings

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


def same(data, features=FEATURES):
    train, test = data.train, data.test
    return (
        torch.equal(torch.cat([train.features, test.features]).float(), features.float())
        and torch.equal(torch.cat([train.labels, test.labels]), LABELS)
        and (len(train), len(test), data.num_classes, data.dimensions) == (6, 2, 4, 3)
    )


@pytest.mark.parametrize("name", ["mine.npz", "mine.safetensors", "MINE.NPZ", "Mine.SafeTensors"])
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


def bfloat16_of_ml_dtypes(array):
    """What that package's numbers are once NumPy has written them: two bytes without a name."""
    return torch.from_numpy(array).bfloat16().view(torch.int16).numpy().view("V2") if array.dtype.kind == "f" else array


FORMS = {
    "as it is": lambda array: array,
    "big-endian": lambda array: array.astype(array.dtype.newbyteorder(">")),
    "16 bits, big-endian": lambda array: array.astype(">f2" if array.dtype.kind == "f" else ">u2"),
    "Fortran's order": np.asfortranarray,
    "bfloat16": bfloat16_of_ml_dtypes,
}


@pytest.mark.parametrize("name", ["plain.npz", "PLAIN.NPZ"])
@pytest.mark.parametrize("write", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("form", FORMS)
def test_files_that_numpy_wrote_are_read_whatever_their_numbers_are(tmp_path, form, write, name):
    with (tmp_path / name).open("wb") as file:
        write(file, **{key: FORMS[form](value.numpy()) for key, value in entries().items()})
    read = load_embeddings(tmp_path / name)
    exact = {"bfloat16": FEATURES.bfloat16(), "16 bits, big-endian": FEATURES.half()}.get(form, FEATURES)
    assert same(read, exact) and read.train.features.dtype == exact.dtype
    assert torch.equal(read.train.rows(torch.tensor([5, 0]))[0], exact[[5, 0]])


def test_bfloat16_of_torch_files_stays_what_it_is(tmp_path):
    content = entries(train_embeddings=FEATURES[:6].bfloat16(), test_embeddings=FEATURES[6:].bfloat16())
    read = load_embeddings(saved(tmp_path, content, "x.PT"))
    assert same(read, FEATURES.bfloat16()) and read.test.features.dtype == torch.bfloat16


def test_rows_and_chunks_are_the_embeddings(monkeypatch):
    split = make_embeddings("x", (FEATURES, LABELS), (FEATURES, LABELS)).train
    chosen = torch.tensor([5, 0, 5])
    features, labels = split.rows(chosen)
    assert torch.equal(features, FEATURES[chosen]) and torch.equal(labels, LABELS[chosen])
    monkeypatch.setattr(base, "CHUNK", 3 * 3 * 4 + 1)
    chunks = list(split.chunks())
    assert [len(labels) for _, labels in chunks] == [3, 3, 2]
    assert torch.equal(torch.cat([features for features, _ in chunks]), FEATURES)


@pytest.mark.parametrize("row", [0, 4, 7])
def test_a_number_that_is_not_finite_is_found_in_every_chunk(row, monkeypatch):
    monkeypatch.setattr(base, "CHUNK", 3 * 3 * 4)
    features = FEATURES.clone()
    features[row, 1] = torch.inf
    with pytest.raises(
        ValueError, match=f"train embeddings must be finite, got 1 numbers that are not, the first in row {row}"
    ):
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
    np.save(tmp_path / "one.npy", FEATURES.numpy())
    with pytest.raises(
        ValueError, match=r"one\.npy holds one array; numpy\.savez writes .*: train_embeddings, train_l"
    ):
        load_embeddings(tmp_path / "one.npy")
    with pytest.raises(ValueError, match=r"path must end in \.npz or \.safetensors, got"):
        save_embeddings(tmp_path / "x.pt", make_embeddings("x", (FEATURES, LABELS), (FEATURES, LABELS)))


BAD = {
    r"train embeddings must be floating-point numbers of shape \(N, d\).*int64": {"train_embeddings": LABELS},
    r"test embeddings must be .* got torch.float32 of shape \(2, 3, 1\)": {"test_embeddings": FEATURES[6:, :, None]},
    r"test embeddings must be .* got torch.float32 of shape \(0, 3\)": {"test_embeddings": FEATURES[:0]},
    "train embeddings must be finite, got 3 numbers that are not, the first in row 5$": {
        "train_embeddings": torch.cat([FEATURES[:5], torch.full((1, 3), torch.nan)])
    },
    r"train labels must be whole numbers of shape \(6,\), got torch.float32": {"train_labels": LABELS[:6].float()},
    "train must have as many labels as embeddings, got 5 and 6": {"train_labels": LABELS[:5]},
    "test must have as many labels as embeddings, got 6 and 2": {"test_labels": LABELS[:6]},
    r"train labels must be whole numbers of shape \(6,\), got torch.int64 of shape \(6, 1\)": {
        "train_labels": LABELS[:6, None]
    },
    "test labels must be 0 or larger, got -2 in row 1": {"test_labels": torch.tensor([5, -2])},
    "train labels must be 0 or larger, got -1 in row 0": {"train_labels": LABELS[:6] - 1},
    r"p: test labels must number the classes, from 0 to 99999, got 100000 in row 1: there are 8 embeddings": {
        "test_labels": torch.tensor([3, 100_000])
    },
    "p: train labels must number the classes, from 0 to 99999, got 10000000000000 in row 4": {
        "train_labels": torch.tensor([0, 1, 2, 3, 10**13, 1])
    },
    "embeddings of one length, got 3 and 2": {"test_embeddings": FEATURES[6:, :2]},
    "test labels must be an array of numbers, got str": {"test_labels": "0 1"},
}


@pytest.mark.parametrize("message", BAD)
def test_entries_that_do_not_fit_are_refused_by_name(tmp_path, message):
    with pytest.raises(ValueError, match=message):
        load_embeddings(saved(tmp_path, entries(**BAD[message])))


def test_labels_may_be_as_large_as_there_are_embeddings(monkeypatch):
    monkeypatch.setattr(embeddings, "PLAUSIBLE", 1)
    pair = FEATURES, torch.tensor([15, *range(7)])
    assert make_embeddings("x", pair, pair).num_classes == 16
    with pytest.raises(ValueError, match="x: train labels must number the classes, from 0 to 15, got 16 in row 0"):
        make_embeddings("x", (FEATURES, torch.tensor([16, *range(7)])), pair)


@pytest.mark.parametrize("kind", ["<U3", "c16", "V1", "V4"])
def test_arrays_of_no_real_numbers_are_named(kind):
    with pytest.raises(
        ValueError, match=r"x: train embeddings must be .*, got .*(ndarray of .*(<U3|V1|V4)|complex128)"
    ):
        make_embeddings("x", (np.zeros((8, 3), kind), LABELS), (FEATURES, LABELS))


def test_a_number_of_classes_can_be_given_and_must_hold_all_labels():
    pair = (FEATURES, LABELS)
    assert make_embeddings("x", pair, pair, num_classes=9).num_classes == 9
    with pytest.raises(ValueError, match="x: train labels must number the classes, from 0 to 2, got 3 in row 3"):
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
