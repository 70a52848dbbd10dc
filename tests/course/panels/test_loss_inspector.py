"""The loss inspector, moved without a browser: numbers, code, presets, errors, speed."""

import itertools
import random

import pytest
import torch

import topk_lib
from topk_lib.course import LABEL, NAMES, SCORES
from topk_lib.course.figures.given import signed
from topk_lib.course.figures.loss import account_of
from topk_lib.course.figures.p_k import SIX_P_K
from topk_lib.course.panels import LossInspector
from topk_lib.course.panels.loss_setting import Setting

from .looking import click


@pytest.fixture
def panel():
    panel = LossInspector()
    panel.strict = True
    return panel


def shown_losses(panel):
    """The two losses at the end of the sums that the caption tells."""
    sums = [part.split("loss = ")[1].split(", gradient")[0] for part in panel.caption.split("; ")[:2]]
    return [total.rsplit("= ", 1)[1] for total in sums]


def run_code(controls):
    """The loss that the text to be copied computes, in a name space of its own."""
    line = controls.code.value
    assert "\n" not in line
    space = {}
    exec("import torch, topk_lib", space)
    return eval(line, space).item()


def changes(panel):
    """Every control with a way to move it."""
    for name, knob in zip(NAMES, panel.scores, strict=True):
        yield name, lambda knob=knob: setattr(knob.slider, "value", knob.slider.value + 0.5)
    yield "label", lambda: setattr(panel.label, "value", "cat")
    for controls in (panel.a, panel.b):
        for attribute, value in {
            "softness": 2.0,
            "sorter": "bitonic",
            "distribution": "logistic_phi 0.5",
            "p_k": SIX_P_K[-1],
            "m": 5,
            "top1_mode": "sort",
            "eps": 0.05,
        }.items():
            move = controls.softness.slider if attribute == "softness" else getattr(controls, attribute)
            yield f"{controls.name} {attribute}", lambda move=move, value=value: setattr(move, "value", value)
        yield f"{controls.name} soft set", lambda sorter=controls.sorter: setattr(sorter, "value", "soft_topk")
        yield f"{controls.name} threshold", lambda by=controls.threshold: setattr(by, "value", "logistic")


def test_the_code_follows_every_control(panel):
    for name, change in changes(panel):
        before = panel.a.code.value + panel.b.code.value
        change()
        assert panel.a.code.value + panel.b.code.value != before, name


SETTINGS = [
    Setting(sorter, softness, distribution, p_k, m, mode, eps)
    for (sorter, softness, distribution), p_k, (m, mode), eps in zip(
        [
            ("splitter_selection", 0.25, "cauchy"),
            ("odd_even", 1.0, "logistic_phi 0.5"),
            ("bitonic", 4.0, "optimal"),
            ("neuralsort", 16.0, "cauchy"),
            ("softsort", 0.5, "cauchy"),
            ("sinkhorn", 1.0, "cauchy"),
        ],
        SIX_P_K,
        [(None, "sort"), (5, "sm"), (6, "smce"), (None, "sm"), (5, "sort"), (5, "smce")],
        [1e-7, 0.0, 1e-3, 0.05, 1e-7, 1e-7],
        strict=True,
    )
] + [Setting("soft_topk", 0.5, threshold="capped_exp")]


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda s: s.sorter)
def test_the_code_gives_the_loss_that_is_shown(panel, setting):
    with panel.together():
        panel.label.value = "cat"
        panel.scores[0].value = -0.7
        panel.b.value = setting
    for controls, shown in zip((panel.a, panel.b), shown_losses(panel), strict=True):
        assert shown == f"{run_code(controls):.3f}".replace("-", "−")


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda s: s.sorter)
def test_the_caption_says_what_the_library_computes(panel, setting):
    panel.a.value = setting
    account = account_of(setting.loss(), torch.tensor(SCORES, dtype=torch.double).numpy(), LABEL)
    part = panel.caption.split("; ")[0]
    assert part.startswith(f"A: {account.setting.splitlines()[0]}") and account.sum in part
    for j, (name, g) in enumerate(zip(NAMES, account.gradient, strict=True)):
        assert (f"{name} {signed(g, 3)}" if j in account.kept else f"{name} left out") in part


def test_settings_build_the_sorters_they_name():
    network = Setting("odd_even", 0.3, "logistic_phi 0.5").loss().sorter
    assert (network.kind, network.distribution, network.art_lambda) == ("odd_even", "logistic_phi", 0.5)
    assert network.steepness == pytest.approx(1 / 0.3)
    for key, kind in {
        "neuralsort": topk_lib.NeuralSort,
        "softsort": topk_lib.SoftSort,
        "sinkhorn": topk_lib.SinkhornSort,
    }.items():
        sorter = Setting(key, 0.3).loss().sorter
        assert type(sorter) is kind and sorter.temperature == 0.3
    soft = Setting("soft_topk", 0.3, threshold="clip").loss().sorter
    assert (soft.threshold, soft.scale) == ("clip", pytest.approx(0.3))


def test_the_caption_names_what_differs(panel):
    assert panel.caption.endswith("; A and B differ in top-1 mode.")
    panel.b.value = Setting("softsort", 2.0, "optimal", SIX_P_K[0], 5, "sort", 0.0)
    assert panel.caption.endswith("; A and B differ in sorter, softness, distribution, P_K, m, top-1 mode, eps.")
    panel.b.value = panel.a.value
    assert panel.caption.endswith("; A and B have the same settings.")


def test_presets_set_what_they_say_and_redraw_once(panel, monkeypatch):
    updates = []
    monkeypatch.setattr(panel, "_picture", lambda state: updates.append(state) or (b"", "", (1, 1)))
    names = list(panel.presets)
    panel.scores[0].value, panel.label.value = -2.0, "fox"
    del updates[:]
    for name in names:
        click(panel, name)
    reset, ranks, sorters, kept, cifar, far = updates
    assert reset == LossInspector().read()
    assert (ranks.a.p_k, ranks.b.p_k) == ((1, 0, 0, 0, 0), (0, 0, 0, 0, 1))
    assert (sorters.a.sorter, sorters.b.sorter) == ("splitter_selection", "neuralsort")
    assert (kept.a.m, kept.b.m) == (None, 5)
    assert {cifar.a.top1_mode, cifar.b.top1_mode} == {"smce"}
    assert (1 / cifar.a.softness, cifar.a.distribution) == (0.5, "logistic_phi 0.5")
    assert (cifar.b.sorter, cifar.b.softness) == ("neuralsort", 16)
    assert far.scores[LABEL] == -3 and far.label == "dog" and (far.a.eps, far.b.eps) == (1e-7, 0)


def test_presets_show_what_the_lesson_says_of_them(panel):
    panel.preset("network against NeuralSort")
    assert float(shown_losses(panel)[1].replace("−", "-")) < 0 <= float(shown_losses(panel)[0])
    panel.preset("label far behind")
    floored, exact = map(float, shown_losses(panel))
    assert floored < 16.119 < exact


def test_too_few_classes_are_an_error_that_names_the_side_until_it_is_mended(panel):
    panel.strict = False
    before = panel.image.value, panel.caption
    panel.b.m.value = 4
    assert panel.error == "ValueError: B: m must be at least 5, the largest k with P_K(k) > 0, got 4"
    assert 'role="alert"' in panel._error_line.value and (panel.image.value, panel.caption) == before
    panel.b.p_k.value = SIX_P_K[0]
    assert panel.error == "" and panel.image.value != before[0]
    panel.strict = True
    with pytest.raises(ValueError, match="A: m must be at least 5"):
        panel.a.m.value = 2


def test_the_distribution_sleeps_while_no_network_needs_it(panel):
    panel.a.sorter.value = "sinkhorn"
    assert panel.a.distribution.disabled and not panel.b.distribution.disabled
    panel.a.sorter.value = "odd_even"
    assert not panel.a.distribution.disabled


def test_no_state_that_can_be_set_warns_or_fails(panel):
    chosen = random.Random(0)
    for sorter, softness in itertools.product(dict(panel.a.sorter.options).values(), (1 / 16, 1, 16)):
        with panel.together():
            panel.label.value = chosen.choice(NAMES)
            for knob in panel.scores:
                knob.value = chosen.choice([-3.0, 3.0, round(chosen.uniform(-3, 3), 1)])
            for controls in (panel.a, panel.b):
                distribution = chosen.choice([value for _, value in controls.distribution.options])
                rest = (chosen.choice(SIX_P_K), chosen.choice([None, 6, 5]), chosen.choice(["sort", "sm", "smce"]))
                controls.value = Setting(sorter, softness, distribution, *rest, chosen.choice([1e-7, 0.0, 0.05]))
        assert panel.error == "" and "nan" not in panel.caption


def test_frames_move_the_label_and_leave_the_panel_as_it_was(panel):
    before = panel.image.value
    frames = panel.frames()
    knob, values = panel.sweep()
    assert knob is panel.scores[LABEL] and 9 <= len(values) <= 10 and knob.default in values
    assert [frame.label for frame in frames] == [f"dog = {value:g}" for value in values]
    assert len({frame.png for frame in frames}) == len({frame.caption for frame in frames}) == len(values)
    assert panel.image.value == before and before in {frame.png for frame in frames}


def test_other_scores_and_names():
    panel = LossInspector([5.5, 0.0, 1.0, -2.0, 3.0, 0.5, 0.1, -5.9], [*"abcdefgh"], label="h")
    assert panel.error == "" and "label h, " in panel.caption
    assert (panel.scores[0].slider.min, panel.scores[0].slider.max) == (-6, 6)
    assert [value for _, value in panel.a.m.options] == [0, 8, 7, 6, 5, 4, 3, 2]
    assert run_code(panel.a) == pytest.approx(
        topk_lib.topk_cross_entropy(
            torch.tensor([5.5, 0.0, 1.0, -2.0, 3.0, 0.5, 0.1, -5.9], dtype=torch.double), torch.tensor(7), SIX_P_K[1]
        ).item()
    )


BAD = [
    ({"scores": [1.0, 2.0, 3.0, 4.0], "names": "abcd", "label": "a"}, "scores must be 5 to 8 numbers, one per name"),
    ({"scores": range(6), "names": "abcde", "label": "a"}, "scores must be 5 to 8 numbers, one per name"),
    ({"label": "cow"}, "label must be one of 'cat', .*got 'cow'"),
    ({"theme": "sepia"}, "theme must be one of 'light', 'dark', got 'sepia'"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_arguments_are_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        LossInspector(**arguments)
