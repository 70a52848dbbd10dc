"""Sorters and losses as modules: what torch, its compilers and its users do to them changes no number."""

import copy
import io
import pickle

import pytest
import torch
from torch.optim.swa_utils import AveragedModel

import topk_lib
from topk_lib import TopKCrossEntropyLoss, topk_cross_entropy

from .subjects import LOSSES, MAKERS, NETWORKS, RUNS, SORTERS, batch, value_of

of_every_loss = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
of_every_sorter = pytest.mark.parametrize("name", SORTERS)
in_every_loop = pytest.mark.parametrize(("name", "loop"), RUNS)
TORCHS_OWN = pytest.mark.filterwarnings(
    "ignore:.*should not be instantiated:DeprecationWarning",
    "ignore:.*torch.jit:DeprecationWarning",
    "ignore::torch.jit.TracerWarning",
)


def saved_and_loaded(module):
    file = io.BytesIO()
    torch.save(module, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


def copies(module):
    return copy.deepcopy(module), pickle.loads(pickle.dumps(module)), saved_and_loaded(module)


def trained(loss, logits, target):
    """The value and the gradient of a training step."""
    logits = logits.clone().requires_grad_()
    value = value_of(loss, logits, target)
    return value.detach(), torch.autograd.grad(value.sum(), logits)[0]


# What a module keeps


@of_every_loss
def test_inference_first_and_training_after(make):
    logits, target = batch()
    expected = trained(make(), logits, target)
    loss = make()
    with torch.inference_mode():
        torch.testing.assert_close(value_of(loss, logits, target), expected[0])
    for value, right in zip(trained(loss, logits, target), expected, strict=True):
        torch.testing.assert_close(value, right)


@in_every_loop
def test_the_functional_form_too_trains_after_inference(name, loop):
    logits, target = batch(n=9)  # a size that no other test has cached
    with topk_lib.backend(loop), torch.inference_mode():
        topk_cross_entropy(logits, target, sorter=topk_lib.make_sorter(name))
        topk_cross_entropy(logits, target)
    with topk_lib.backend(loop):
        for sorter in (topk_lib.make_sorter(name), None):
            assert (
                trained(lambda x, y, s=sorter: topk_cross_entropy(x, y, sorter=s), logits, target)[1].isfinite().all()
            )


@of_every_loss
def test_what_a_loss_keeps_is_invisible(make):
    logits, target = batch()
    loss = make(weight=torch.linspace(0.5, 2, 7))
    trained(loss, logits, target)
    assert [key for key, _ in loss.named_buffers()] == list(loss.state_dict()) == ["weight"]
    assert list(make().state_dict()) == list(make().buffers()) == list(loss.parameters()) == []
    value = value_of(loss, logits, target)
    for twin in copies(loss):
        assert torch.equal(value_of(twin, logits, target), value)
    fresh = make(weight=torch.ones(7))
    fresh.load_state_dict(loss.state_dict())
    assert torch.equal(value_of(fresh, logits, target), value)
    torch.testing.assert_close(value_of(loss.double(), logits, target), value)


@of_every_sorter
def test_what_a_sorter_keeps_is_invisible(name):
    sorter, logits = topk_lib.make_sorter(name), batch()[0]
    matrix = sorter.matrix(logits, 3)
    assert list(sorter.buffers()) == list(sorter.parameters()) == list(sorter.state_dict()) == []
    for twin in copies(sorter):
        assert torch.equal(twin.matrix(logits, 3), matrix)
    assert torch.equal(sorter.half().matrix(logits, 3), matrix)
    assert sorter.to("meta").matrix(logits.to("meta"), 3).device.type == "meta"


class Model(torch.nn.Module):
    """A model that carries its loss, as many do."""

    def __init__(self, loss):
        super().__init__()
        self.layer, self.loss = torch.nn.Linear(4, 7), loss

    def forward(self, inputs, target):
        return value_of(self.loss, self.layer(inputs), target)


@of_every_loss
def test_an_average_of_equal_weights_has_the_equal_loss(make):
    model, inputs, target = Model(make()), torch.randn(6, 4), batch()[1]
    average = AveragedModel(model, use_buffers=True)
    expected = model(inputs, target)
    for _ in range(3):
        average.update_parameters(model)
        torch.testing.assert_close(average(inputs, target), expected)
    model(inputs, target), average.update_parameters(model)
    torch.testing.assert_close(average(inputs, target), expected)


@of_every_loss
def test_models_are_stacked_after_one_of_them_was_used(make):
    models, inputs, target = [Model(make()) for _ in range(2)], torch.randn(6, 4), batch()[1]
    models[0](inputs, target)
    parameters, buffers = torch.func.stack_module_state(models)
    call = lambda p, b: torch.func.functional_call(models[0], (p, b), (inputs, target))  # noqa: E731
    try:
        got = torch.func.vmap(call, randomness="same")(parameters, buffers)
    except (RuntimeError, NotImplementedError, ValueError) as refusal:
        assert str(refusal)
    else:
        torch.testing.assert_close(got, torch.stack([model(inputs, target) for model in models]))


# torch's compilers and transforms: the right number or a refusal


def exact_or_refused(run, expected):
    """A way of running a loss gives what it should, or says that it cannot."""
    try:
        got = run()
    except (RuntimeError, NotImplementedError, ValueError, TypeError) as refusal:
        assert str(refusal)
        return
    torch.testing.assert_close(got, expected)


@TORCHS_OWN
@of_every_loss
def test_traced_at_the_first_call_or_refused(make):
    (logits, target), (others, labels) = batch(), batch(seed=1)
    traced = []
    exact_or_refused(
        lambda: traced.append(torch.jit.trace(make(), (logits, target))) or value_of(traced[0], logits, target),
        value_of(make(), logits, target),
    )
    for trace in traced:
        exact_or_refused(lambda trace=trace: value_of(trace, others, labels), value_of(make(), others, labels))


@TORCHS_OWN
@of_every_loss
def test_exported_or_refused(make):
    (logits, target), (others, labels) = batch(), batch(seed=1)
    export = lambda: value_of(torch.export.export(make(), (logits, target)).module(), others, labels)  # noqa: E731
    exact_or_refused(export, value_of(make(), others, labels))


@TORCHS_OWN
@of_every_loss
def test_compiled_for_one_batch_and_then_for_any_or_refused(make):
    torch._dynamo.reset()
    loss = make(reduction="none")
    compiled = torch.compile(loss, backend="aot_eager")
    for size in (5, 8):
        logits, target = batch(size)
        exact_or_refused(lambda x=logits, y=target: trained(compiled, x, y), trained(loss, logits, target))


@of_every_loss
def test_vmap_gives_the_samples_and_their_gradients(make):
    logits, target = batch()
    loss = make(reduction="none")
    value, gradient = map(
        torch.stack, zip(*(trained(loss, x, y) for x, y in zip(logits, target, strict=True)), strict=True)
    )
    torch.testing.assert_close(value_of(torch.func.vmap(loss, randomness="same"), logits, target), value)
    per_sample = torch.func.vmap(torch.func.grad(loss), randomness="same")
    torch.testing.assert_close(value_of(per_sample, logits, target), gradient)


@of_every_sorter
def test_vmap_over_scores_labels_and_both(name):
    sorter = topk_lib.make_sorter(name)
    x, target = batch()
    torch.testing.assert_close(torch.func.vmap(lambda s: sorter.matrix(s, 4))(x), sorter.matrix(x, 4))
    column = lambda s, y: sorter.rank_probabilities(s, y, 3)  # noqa: E731
    torch.testing.assert_close(torch.func.vmap(column)(x, target), column(x, target))
    every = torch.func.vmap(column, in_dims=(None, 0))(x[0], torch.arange(7))
    torch.testing.assert_close(every, torch.stack([column(x[0], torch.tensor(y)) for y in range(7)]))


# Settings that change after construction

LOSS_CHANGES = {
    "p_k": ([0.5, 0.5], [0.5, 0.6], 3),
    "top1_mode": ("smce", "softmax", 3),
    "m": (6, 0, 2.5),
    "eps": (0.01, 0.5, "a"),
    "label_smoothing": (0.1, 1.5, "a"),
    "reduction": ("sum", "max", 3),
    "ignore_index": (2, None, "a"),
    "sorter": (topk_lib.NeuralSort(2.0), "bitonic", 3),
}
SORTER_CHANGES = {
    "steepness": (3.0, 0, "a"),
    "temperature": (3.0, -1.0, "a"),
    "scale": (3.0, 0.0, "a"),
    "threshold": ("clip", "normal", 3),
    "distribution": ("gaussian", "normal", 3),
    "art_lambda": (0.5, 1.5, "a"),
    "kind": ("bitonic", "shell", 3),
    "tolerance": (1e-6, 0.0, "a"),
    "max_iterations": (2000, 0, "a"),
}


@pytest.mark.parametrize("setting", LOSS_CHANGES)
def test_a_changed_setting_of_the_loss_counts_at_the_next_call(setting):
    logits, target = batch()
    value, *wrong = LOSS_CHANGES[setting]
    loss = TopKCrossEntropyLoss()
    loss(logits, target)
    setattr(loss, setting, value)
    assert torch.equal(loss(logits, target), TopKCrossEntropyLoss(**{setting: value})(logits, target))
    for bad in wrong:
        with pytest.raises((ValueError, TypeError), match=setting):
            setattr(loss, setting, bad)
    assert torch.equal(loss(logits, target), TopKCrossEntropyLoss(**{setting: value})(logits, target))


@pytest.mark.parametrize(
    ("name", "setting"),
    [(name, setting) for name in SORTERS for setting in SORTER_CHANGES if hasattr(topk_lib.make_sorter(name), setting)],
)
def test_a_changed_setting_of_a_sorter_counts_at_the_next_call(name, setting):
    x, (value, *wrong) = batch()[0], SORTER_CHANGES[setting]
    art = {"distribution": "logistic_phi"} if setting == "art_lambda" else {}
    sorter = topk_lib.make_sorter(name, **art)
    loss = TopKCrossEntropyLoss(sorter=sorter)
    sorter.matrix(x, 3), loss(*batch())
    setattr(sorter, setting, value)
    made = topk_lib.make_sorter(value) if setting == "kind" else topk_lib.make_sorter(name, **art, **{setting: value})
    assert torch.equal(sorter.matrix(x, 3), made.matrix(x, 3))
    assert torch.equal(loss(*batch()), TopKCrossEntropyLoss(sorter=made)(*batch()))
    for bad in wrong:
        with pytest.raises((ValueError, TypeError), match=setting):
            setattr(sorter, setting, bad)
    assert torch.equal(sorter.matrix(x, 3), made.matrix(x, 3))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_setting_changed_between_forward_and_backward_leaves_the_gradient_of_the_forward(name):
    logits, target = batch()
    expected = trained(TopKCrossEntropyLoss(sorter=topk_lib.make_sorter(name)), logits, target)[1]
    sorter, x = topk_lib.make_sorter(name), logits.clone().requires_grad_()
    loss = TopKCrossEntropyLoss(sorter=sorter)(x, target)
    sorter.steepness = 9.0
    assert torch.equal(torch.autograd.grad(loss, x)[0], expected)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_every_loss_names_a_wrong_setting(loss):
    for setting, bad in {"reduction": "max", "weight": [1.0], "ignore_index": None}.items():
        with pytest.raises((ValueError, TypeError), match=setting):
            loss(**{setting: bad})
