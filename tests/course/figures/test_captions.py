"""Static figures: fixed size, both themes, captions whose numbers are right, errors that say what is allowed."""

import io
import re

import numpy as np
import pytest
import torch
from matplotlib import colormaps
from matplotlib.textpath import TextPath
from PIL import Image

import topk_lib
from topk_lib.course import figures as plots
from topk_lib.course.figures.given import cell_label, number_label
from topk_lib.course.figures.heat_map import LEFT, HeatMap
from topk_lib.course.figures.training_progress import smoothed
from topk_lib.experiments.data import load
from topk_lib.experiments.drawing import style
from topk_lib.experiments.drawing.lettering import fitting_size, outline
from topk_lib.experiments.drawing.png_file import encode_png
from topk_lib.experiments.drawing.sheet import Sheet
from topk_lib.metrics import topk_accuracy

NAMES = ("cat", "fox", "ship", "dog", "car", "wolf")
SCORES = (0.4, 2.0, -1.5, 1.1, -0.8, 1.7)
VALUES = torch.tensor(SCORES, dtype=torch.float64)


def neural(k=None, temperature=0.5):
    return topk_lib.NeuralSort(temperature)(VALUES, k)


def decode(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def numbers(text):
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text)]


def record(top1, top5):
    rows = [{"epoch": e, "top1": top1 * e / 3, "top5": top5 * e / 3} for e in (1, 2, 3)]
    final = {"top1": top1, "top2": top1 + 0.1, "top3": top1 + 0.2, "top5": top5}
    data = {"test_images": 500, "best_possible": {k: 0.99 for k in final}}
    return {"epochs": rows, "final": final, "data": data, "epochs_are_on": "test images"}


def two_curves():
    first = plots.Curve("1: cross-entropy\nfast", 20, "ce", [3.0, 2.0], [(2, {"top1": 0.25, "top5": 0.5})], "finished")
    return [first, plots.Curve("2: top-k loss", 40, "topk", [4.0], [])]


@pytest.fixture(scope="module")
def synthetic():
    return load("synthetic100", train_size=1000, test_size=1000)


FIGURES = {
    "permutation_matrix": lambda t: plots.permutation_matrix(neural(), NAMES, "NeuralSort\nτ = 0.5", SCORES, t),
    "permutation_matrices": lambda t: plots.permutation_matrices({"a": neural(), "b": neural(3)}, NAMES, theme=t),
    "large_matrix": lambda t: plots.permutation_matrix(np.eye(30), [f"class {i}" for i in range(30)], theme=t),
    "temperature_strip": lambda t: plots.temperature_strip(SCORES, NAMES, topk_lib.SoftSort, (0.1, 1, 9), theme=t),
    "sorted_scores": lambda t: plots.sorted_scores({"NeuralSort": neural()}, SCORES, NAMES, t),
    "rank_curves": lambda t: plots.rank_curves(SCORES, NAMES, topk_lib.SoftSort, (0.1, 1, 9), "dog", theme=t),
    "method_comparison": lambda t: plots.method_comparison({"a": neural(), "b": neural()}, SCORES, NAMES, None, t),
    "learning_curves": lambda t: plots.learning_curves({"ce": record(0.5, 0.75), "topk": record(0.25, 0.8)}, t),
    "training_progress": lambda t: plots.training_progress(two_curves(), theme=t),
}


def test_captions_of_matrices_tell_rank_one_and_column_sums():
    P = neural().numpy()
    _, caption = plots.permutation_matrix(P, NAMES, "NeuralSort\nτ = 0.5")
    sums = P.sum(0)
    best, low, high = P[0].argmax(), sums.argmin(), sums.argmax()
    assert caption == (
        f"NeuralSort, τ = 0.5: rank 1 is {NAMES[best]} with {P[0, best]:.2f}, columns sum to between "
        f"{sums[low]:.2f} ({NAMES[low]}) and {sums[high]:.2f} ({NAMES[high]})."
    )
    assert (NAMES[best], P.shape) == ("fox", (6, 6))


def test_captions_name_ties_doubly_stochastic_matrices_and_missing_ranks():
    _, caption = plots.permutation_matrix(np.full((4, 4), 0.25), NAMES[:4], "flat")
    assert caption == "flat: cat, fox, ship and dog share rank 1 with 0.25 each, every column sums to 1.00."
    _, caption = plots.permutation_matrix(np.eye(3)[:2], NAMES[:3], "top")
    assert caption.endswith("over 2 of 3 ranks columns sum to between 0.00 (ship) and 1.00 (cat).")


def test_cells_have_the_colour_of_their_number_with_rank_one_on_top():
    P = np.linspace(0, 1, 12).reshape(3, 4)
    heat_map = HeatMap(P, NAMES[:4], "title", 40.0)
    sheet = Sheet(round(heat_map.width), 300)
    heat_map.draw(sheet, 0, 0, head=60)
    pixels = decode(style.png(sheet.figure()))
    for (r, j), p in np.ndenumerate(P):
        x, y = LEFT + (j + 0.1) * 40, 60 + (r + 0.1) * 40
        seen = pixels[int(style.SCALE * y), int(style.SCALE * x)]
        assert np.abs(seen - 255 * np.array(colormaps["cividis"](p)[:3])).max() <= 1.5, (r, j)


def test_column_sums_are_drawn_as_bars_up_to_two():
    P = np.array([[0.5, 0.0, 0.5], [0.5, 0.25, 0.25], [2.0, 0.0, 0.0]])
    heat_map = HeatMap(P, NAMES[:3], "title", 40.0)
    sheet = Sheet(round(heat_map.width), 300)
    heat_map.draw(sheet, 0, 0, head=60)
    pixels = decode(style.png(sheet.figure()))
    below = pixels[int(style.SCALE * 182) : int(style.SCALE * 212)]
    heights = [(below[:, int(style.SCALE * (LEFT + (j + 0.5) * 40 - 4))].sum(1) < 300).sum() for j in range(3)]
    assert heights == pytest.approx([2 * 14 * style.SCALE, 0.25 * 14 * style.SCALE, 0.75 * 14 * style.SCALE], abs=2.5)


@pytest.mark.parametrize(("p", "label"), [(0.734, ".73"), (0.0049, "0"), (0.996, "1"), (1.24, "1.24"), (-1e-9, "0")])
def test_cell_labels(p, label):
    assert cell_label(p) == label


@pytest.mark.parametrize(("score", "label"), [(2.0, "2.0"), (-1.5, "−1.5"), (0.25, "0.25"), (0.40000001, "0.4")])
def test_score_labels(score, label):
    assert number_label(score) == label


def test_letters_on_cells_have_contrast():
    colors = style.heat(np.linspace(0, 1, 101))
    linear = np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    contrast = np.where(style.reads_dark(colors), 1.05 / (luminance + 0.05), (luminance + 0.05) / 0.05)
    assert contrast.min() >= 4.5


def test_sorted_scores_lists_both_vectors_and_their_distance():
    P = topk_lib.SoftSort(1.0)(VALUES, 4)
    _, caption = plots.sorted_scores({"SoftSort\nτ = 1": P}, SCORES, NAMES)
    hard = sorted(SCORES, reverse=True)
    soft = [sum(p * s for p, s in zip(row, SCORES, strict=True)) for row in P.tolist()]
    away = sum(abs(a - b) for a, b in zip(soft, hard[:4], strict=True)) / 4
    assert numbers(caption) == pytest.approx([*hard, *soft, away], abs=0.0051)
    assert "SoftSort gives" in caption


def test_method_comparison_says_the_distance_of_each_method_and_keeps_its_size():
    matrices = {"NeuralSort": neural(), "SoftSort": topk_lib.SoftSort(0.5)(VALUES)}
    figure, caption = plots.method_comparison(matrices, SCORES, NAMES)
    hard = VALUES.sort(descending=True).values
    for P, part in zip(matrices.values(), caption.split(";"), strict=True):
        assert numbers(part)[-1] == pytest.approx((P @ VALUES - hard).abs().mean().item(), abs=0.0051)
    sizes = {style.size(plots.method_comparison(dict(list(matrices.items())[:n]), SCORES, NAMES)[0]) for n in range(3)}
    assert sizes == {style.size(figure)}


@pytest.mark.parametrize("count", [1, 4])
def test_a_method_comparison_fits_on_its_sheet(count):
    figure, _ = plots.method_comparison({str(i): neural() for i in range(count)}, SCORES, NAMES)
    rows = np.flatnonzero((decode(style.png(figure)) < 128).any(axis=(1, 2)))
    assert rows[0] > 8 and rows[-1] < style.SCALE * style.size(figure)[1] - 8


def test_the_hard_permutation_sorts():
    P = plots.hard_permutation(SCORES)
    assert (P @ SCORES).tolist() == sorted(SCORES, reverse=True)
    assert (P.sum(0) == 1).all() and (P.sum(1) == 1).all()
    assert plots.hard_permutation([1.0, 1.0]).tolist() == [[1, 0], [0, 1]]


def test_temperature_strip_tells_rank_one_at_every_setting():
    _, caption = plots.temperature_strip(VALUES, NAMES, topk_lib.SoftSort, (0.1, 0.5, 2.0))
    for value, part in zip((0.1, 0.5, 2.0), caption.split(";"), strict=True):
        probability = torch.softmax(VALUES / value, 0).max().item()  # SoftSort's first row
        assert f"τ = {value:g} rank 1 is fox with {probability:.2f}" in part


def test_rank_curves_tell_the_ends_and_where_the_ranks_are_closest():
    values = (0.05, 0.5, 20.0)
    _, caption = plots.rank_curves(VALUES, NAMES, topk_lib.NeuralSort, values, "dog")
    first, last = (topk_lib.NeuralSort(value)(VALUES)[:, 3].numpy() for value in (values[0], values[-1]))
    assert f"gives dog rank {first.argmax() + 1} with {first.max():.2f} at τ = 0.05" in caption
    assert f"rank {last.argmax() + 1} with {last.max():.2f} at τ = 20" in caption
    assert f"{last.min():.2f} to {last.max():.2f}, at τ = 20." in caption


def test_learning_curves_are_those_of_the_training_program():
    _, caption = plots.learning_curves({"ce": record(0.5, 0.75), "topk": record(0.25, 0.8)})
    assert "cross-entropy: top-1 50.0%" in caption and "top-5 80.0%" in caption
    with pytest.raises(ValueError, match="records must hold at least one run, got none"):
        plots.learning_curves({})


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_example_images_show_the_images_of_their_classes(synthetic, theme):
    figure, caption = plots.example_images(synthetic.train, synthetic.class_names, 6, 3, seed=1, theme=theme)
    assert caption.startswith("6 of 1,000 images of 32×32 pixels, from 6 classes: ")
    chosen = synthetic.train.subset(6, 1)
    shown = sorted(chosen.labels.tolist())
    assert caption.endswith(", ".join(synthetic.class_names[label] for label in shown) + ".")
    first = chosen.images[chosen.labels.argsort(stable=True)[0]].permute(1, 2, 0).numpy()
    pixels = decode(style.png(figure))
    tile = pixels[int(16 * style.SCALE) : int(96 * style.SCALE), int(16 * style.SCALE) : int(96 * style.SCALE)]
    centres = (np.arange(32) + 0.5) * len(tile) / 32
    assert np.abs(tile[np.ix_(centres.astype(int), centres.astype(int))].astype(int) - first).max() <= 1


def test_a_confusable_group_names_its_classes_and_what_can_be_known(synthetic):
    group = synthetic.group_names[3]
    _, caption = plots.confusable_group(synthetic, group, per_class=2)
    classes = [i for i in range(100) if synthetic.groups[i] == 3]
    assert all(synthetic.class_names[i] in caption for i in classes)
    mine = torch.tensor([label.item() in classes for label in synthetic.test.labels])
    found = topk_accuracy(synthetic.test.posterior[mine], synthetic.test.labels[mine], (1, 5))
    assert f"Of the {mine.sum()} test images" in caption
    assert f"first for {found[1]:.0%} and among the best 5 for {found[5]:.0%}." in caption


def test_training_progress_tells_every_run():
    _, caption = plots.training_progress(two_curves())
    assert caption == (
        "run 1: cross-entropy, fast: finished, 2 of 20 batches, loss 2.50, top-1 25.0%, top-5 50.0%; "
        "run 2: top-k loss: running, 1 of 40 batches, loss 4.00."
    )
    assert plots.training_progress([], "nothing yet: 0 runs")[1] == "nothing yet: 0 runs"


def test_smoothing_is_the_mean_of_the_last_few():
    assert smoothed([4.0, 2.0, 0.0, 6.0], width=2).tolist() == [4.0, 3.0, 1.0, 3.0]
    assert smoothed([]).tolist() == []


def nan_matrix():
    return torch.full((6, 6), float("nan"))


BAD = {
    "matrices must hold at least one": lambda: plots.permutation_matrices({}, NAMES),
    r"must have shape \(k, 6\).*got \(6, 5\)": lambda: plots.permutation_matrix(torch.ones(6, 5), NAMES),
    r"must have shape \(k, 6\).*got \(7, 6\)": lambda: plots.permutation_matrix(torch.ones(7, 6), NAMES),
    "must hold finite numbers, got nan": lambda: plots.permutation_matrix(nan_matrix(), NAMES),
    "scores must hold one finite number for each of 6 names": lambda: plots.permutation_matrix(
        neural(), NAMES, scores=[1.0]
    ),
    "target must be one of 'cat'.*got 'cow'": lambda: plots.rank_curves(
        SCORES, NAMES, topk_lib.SoftSort, (1, 2), "cow"
    ),
    "values must hold two or more numbers in ascending order": lambda: plots.rank_curves(
        SCORES, NAMES, topk_lib.SoftSort, (2, 1), "cat"
    ),
    "values must hold 1 to 5 settings": lambda: plots.temperature_strip(SCORES, NAMES, topk_lib.SoftSort, ()),
    "at most 4 matrices of 8 classes fit, got 5 of 6": lambda: plots.method_comparison(
        {str(i): neural() for i in range(5)}, SCORES, NAMES
    ),
}


@pytest.mark.parametrize("message", BAD)
def test_bad_input_is_refused_by_name(message):
    with pytest.raises(ValueError, match=message):
        BAD[message]()


def test_bad_groups_and_counts_are_refused(synthetic):
    with pytest.raises(ValueError, match=r"group must be one of .*got 'square wheel'"):
        plots.confusable_group(synthetic, "square wheel")
    with pytest.raises(ValueError, match=r"per_class must be at most .* got 900"):
        plots.confusable_group(synthetic, synthetic.group_names[0], per_class=900)
    with pytest.raises(ValueError, match="count must be between 1 and 1000, got 1001"):
        plots.example_images(synthetic.train, synthetic.class_names, 1001)


def test_show_emits_one_image_and_then_its_caption(monkeypatch):
    sent = []
    monkeypatch.setattr("IPython.display.display", lambda data, **options: sent.append((data, options)))
    assert plots.show(FIGURES["permutation_matrix"]("light")) is None
    (image, options), (text, _) = sent
    figure, caption = FIGURES["permutation_matrix"]("light")
    assert (decode(image["image/png"]) == decode(style.png(figure))).all() and text == {"text/markdown": caption}
    assert len(image["image/png"]) < 0.9 * len(style.png(figure))
    width, height = style.size(figure)
    assert options["metadata"] == {"image/png": {"width": width, "height": height, "alt": caption}}


def test_show_fits_a_large_figure_to_the_page(monkeypatch):
    sent = []
    monkeypatch.setattr("IPython.display.display", lambda data, **options: sent.append(options))
    plots.show((style.new_figure(1600, 750), "a wide figure"))
    shown = sent[0]["metadata"]["image/png"]
    assert (shown["width"], shown["height"]) == (960, 450)


def test_encoded_pixels_come_back():
    pixels = torch.randint(0, 256, (7, 5, 4), dtype=torch.uint8).numpy()
    assert (np.asarray(Image.open(io.BytesIO(encode_png(pixels)))) == pixels).all()


def test_outlines_are_those_of_matplotlib_and_texts_shrink_to_fit():
    vertices, codes, width = outline("a word")
    whole = TextPath((0, 0), "a word", size=1, prop={"family": style.FONT}).get_extents()
    assert vertices[:, 0].max() == pytest.approx(whole.x1, abs=0.02)
    assert len(vertices) == len(codes) and width == pytest.approx(whole.x1, abs=0.2)
    assert fitting_size(["a word"], 1000, 14) == 14
    assert fitting_size(["a word", "b"], 10 * width, 14) == pytest.approx(10)
    assert fitting_size(["a word"], 1, 14) == pytest.approx(0.6 * 14)
