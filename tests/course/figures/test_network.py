"""The network diagram: nothing overlaps, what is drawn is what happens, and the caption says so."""

import re

import numpy as np
import pytest
import torch

from topk_lib import SortingNetwork
from topk_lib.course import NAMES, SCORES
from topk_lib.course.figures import network_diagram
from topk_lib.course.figures.given import number_label
from topk_lib.course.figures.network_diagram import Painter
from topk_lib.course.figures.network_layout import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, lay_out, side_by_side
from topk_lib.course.figures.network_run import BUILDERS, make_run
from topk_lib.experiments.drawing import style
from topk_lib.experiments.drawing.lettering import width
from topk_lib.networks import bitonic, odd_even, splitter_selection
from topk_lib.sigmoids import Comparator

from .test_captions import decode

LETTERS = "abcdefghijklmnop"
SIZES = (2, 3, 6, 8, 11, 16)


def numbers(n):
    return np.random.default_rng(n).normal(size=n).round(1)


def run_of(kind, n=6, k=None, soft=True, step=None, show_pruned=True):
    values = np.array(SCORES) if n == 6 else numbers(n)
    names = NAMES if n == 6 else LETTERS[:n]
    return make_run(kind, values, names, k, Comparator("cauchy", 4.0) if soft else None, step, show_pruned)


def layout_of(run):
    return lay_out(run.network.layers, run.stages[0].values, run.names, run.comparator is None, run.step)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("kind", BUILDERS)
def test_every_network_has_one_size_and_the_paper_of_its_theme(kind, n, theme):
    figure, caption = network_diagram(kind, numbers(n), LETTERS[:n], k=max(1, n // 3), steepness=2.0, theme=theme)
    pixels = decode(style.png(figure))
    assert pixels.shape == (HEIGHT * 1.5, WIDTH * 1.5, 3)
    assert pixels[2, 2].tolist() == pixels[-2, -2].tolist() == ([255] * 3 if theme == "light" else [17] * 3)
    assert f"on {n} lanes" in caption and "nan" not in caption


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("kind", BUILDERS)
def test_comparators_that_overlap_stand_side_by_side(kind, n):
    for layer in run_of(kind, n, max(1, n // 2)).network.layers:
        columns = side_by_side(layer)
        for i in range(len(layer)):
            for j in range(i):
                if columns[i] == columns[j]:
                    assert layer[i].max() < layer[j].min() or layer[j].max() < layer[i].min()
        assert sorted(set(columns)) == list(range(columns.max() + 1))


def test_as_few_columns_as_can_be():
    """As many as the most comparators that any gap between lanes is crossed by."""
    for network in (odd_even(9), bitonic(16), splitter_selection(16, 5)):
        for layer in network.layers:
            gaps = np.arange(network.n - 1) + 0.5
            crossed = ((layer.min(1)[:, None] < gaps) & (gaps < layer.max(1)[:, None])).sum(0).max()
            assert side_by_side(layer).max() + 1 == crossed


@pytest.mark.parametrize("soft", [True, False])
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("kind", BUILDERS)
def test_all_parts_have_room(kind, n, soft):
    run = run_of(kind, n, soft=soft)
    layout = layout_of(run)
    assert layout.starts[0] >= LEFT - 1e-6 and layout.starts[-1] <= WIDTH - RIGHT + 1e-6
    assert layout.y(n - 1) - layout.pitch / 2 >= TOP - 1e-6
    assert layout.y(0) + layout.pitch / 2 <= HEIGHT - BOTTOM + 1e-6
    assert layout.marks_stand_apart
    assert layout.tag.size >= 10
    for stage in run.stages:
        for lane, owner in enumerate(stage.shares.argmax(1)):
            text = layout.tag.write(stage.values[lane], run.names[owner])
            assert width(text) * layout.tag.size <= layout.rooms[-1] - 4
    if n <= 6:
        assert layout.marks_hold_numbers


def painted(run, theme="light"):
    """The painter of a run with everything it put on its sheet, texts and lines in order."""
    painter = Painter(layout_of(run), run, theme)
    texts, lines = [], []
    text, line = painter.sheet.text, painter.sheet.line

    def note_text(x, y, words, *rest, **more):
        texts.append((round(x), round(y), words))
        text(x, y, words, *rest, **more)

    def note_line(start, end, color, thickness, dashes="-"):
        lines.append((start, end, color, dashes))
        line(start, end, color, thickness, dashes)

    painter.sheet.text, painter.sheet.line = note_text, note_line
    painter.paint()
    return painter, texts, lines


@pytest.mark.parametrize("step", [0, 2, 6])
def test_numbers_on_the_wires_are_those_of_the_layers_done(step):
    run = run_of("odd_even", step=step)
    painter, texts, _ = painted(run)
    layout = painter.layout
    for t in range(6):
        at = [words for x, y, words in texts if x == round(layout.tag_x(t))]
        wanted = [f"{v:.2f}".replace("-", "−") for v in run.stages[t + 1].values] if t < step else []
        assert at == wanted


def test_alpha_is_written_and_shaped_by_what_the_comparator_does():
    run = run_of("odd_even", step=2)
    painter, texts, _ = painted(run)
    layout = painter.layout
    for t in range(2):
        for i, alpha in enumerate(run.stages[t + 1].alpha):
            x, y = layout.x(t, i), layout.y(run.network.layers[t][i].min() + 0.5)
            assert (round(x), round(y), f"{alpha:.2f}".removeprefix("0")) in texts
            shapes = {key[1] for key, points in painter.dots.items() if (x, y) in points}
            assert shapes == ({"o"} if alpha >= 0.5 else {"s"})


def test_arrows_point_to_the_lane_of_the_larger_in_both_directions():
    run = run_of("bitonic", 8)
    painter, _, _ = painted(run)
    heads = {key[1]: points for key, points in painter.dots.items() if key[1] in "^v" and key[2] == 10}
    assert len(heads["v"]) == 6 and len(heads["^"]) == 18 + 1  # one more in the legend
    for t, layer in enumerate(run.network.layers):
        for i, (low, high) in enumerate(layer.tolist()):
            place = painter.layout.x(t, i), painter.layout.y(high)
            assert any(np.allclose(place, point) for point in heads["^" if high > low else "v"])


@pytest.mark.parametrize("kind", BUILDERS)
def test_comparators_that_the_top_k_do_not_need_are_dashed_and_leave_no_numbers(kind):
    run = run_of(kind, 8, k=2)
    painter, texts, lines = painted(run)
    vertical = [line for line in lines if line[3] == "--" and line[0][0] == line[1][0]]
    assert len(vertical) == run.comparators[1] == run.network.size - run.network.prune(2).size
    last = [words for x, y, words in texts if x == round(painter.layout.tag_x(run.network.depth - 1))]
    assert len(last) == 2
    assert [words for *_, words in texts if words.startswith("rank")] == ["rank 2", "rank 1"]
    pruned = run_of(kind, 8, k=2, show_pruned=False)
    assert pruned.comparators == (run.comparators[0], 0)
    np.testing.assert_allclose(pruned.stages[-1].values[-2:], run.stages[-1].values[-2:])


def test_classes_travel_with_their_scores_through_a_hard_network():
    _, texts, _ = painted(run_of("odd_even", soft=False))
    words = [text for *_, text in texts]
    assert {f"{name} 2.0" for name in NAMES} & set(words) == {"fox 2.0"}
    assert words.count("fox 2.0") == 6
    outputs = [text for x, _, text in texts if x == WIDTH - RIGHT + 66 and text in NAMES]
    assert outputs == ["ship", "car", "cat", "dog", "wolf", "fox"]  # lane 0 first


def test_caption_tells_outputs_and_their_main_shares():
    _, caption = network_diagram("odd_even", SCORES, NAMES, steepness=4.0)
    scores = torch.tensor(SCORES, dtype=torch.float64)
    P = SortingNetwork("odd_even", 4.0)(scores)
    outputs = [f"{v:.2f} ({row.max():.2f} {NAMES[row.argmax()]})" for v, row in zip(P @ scores, P, strict=True)]
    assert caption.endswith(f"at the outputs, best first, {', '.join(outputs)}.")
    assert caption.startswith(
        "Odd-even network on 6 lanes, 15 comparators in 6 layers, soft comparators (cauchy, β = 4)"
    )


def test_caption_tells_what_a_layer_did_and_what_the_wires_hold():
    _, caption = network_diagram("odd_even", SCORES, NAMES, step=2)
    assert "layer 2 swaps 2 of 2 pairs; after layer 2 of 6" in caption
    assert "lanes 5 to 0 hold wolf 1.70, dog 1.10, car -0.80, fox 2.00, ship -1.50, cat 0.40" in caption
    _, caption = network_diagram("bitonic", SCORES, NAMES, k=1, steepness=2.0, step=0)
    network = bitonic(6)
    assert f"of which the top 1 need {network.prune(1).size}" in caption and "before layer 1 of 6" in caption
    _, caption = network_diagram("odd_even", SCORES, NAMES, k=2, steepness=2.0, distribution="logistic", step=6)
    layer = re.search(r"layer 6 swaps \d of 1 pair more than it keeps them \(α from (\S+) to (\S+)\);", caption)
    assert layer and layer[1] == layer[2] and "(logistic, β = 2)" in caption


@pytest.mark.parametrize(
    ("value", "decimals", "text"), [(-0.001, 2, "0.00"), (-1.5, None, "−1.5"), (0.25, None, "0.25")]
)
def test_numbers_are_written_as_short_as_they_are(value, decimals, text):
    assert number_label(value, decimals) == text


BAD = [
    ({"kind": "quicksort"}, "kind must be one of 'odd_even', 'bitonic', 'splitter_selection', got 'quicksort'"),
    ({"scores": (1.0,), "names": "a"}, "scores must be 2 to 16 numbers, got 1"),
    ({"scores": range(17), "names": LETTERS + "q"}, "scores must be 2 to 16 numbers, got 17"),
    ({"names": "ab"}, "scores must hold one finite number for each of 2 names"),
    ({"k": 7}, "k must be between 1 and 6, got 7"),
    ({"step": 7}, "step must be between 0 and 6, got 7"),
    ({"steepness": -1.0}, "steepness must be positive"),
    ({"distribution": "cubic", "steepness": 1.0}, "distribution must be one of"),
    ({"theme": "sepia"}, "theme must be one of 'light', 'dark', got 'sepia'"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_arguments_are_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        network_diagram(**{"kind": "odd_even", "scores": SCORES, "names": NAMES, **arguments})
