"""Answers to the exercises of lesson 09 as learners get them wrong, and to its predictions as they are right."""

import torch


def with_gradient(features, labels, weight):
    weight = weight.clone().requires_grad_()
    loss = torch.nn.functional.cross_entropy(features @ weight.T, labels)
    return torch.autograd.grad(loss, weight)[0]


def step_uphill(features, labels, weight, lr):
    return weight + lr * with_gradient(features, labels, weight)


def step_sum(features, labels, weight, lr):
    return weight - lr * len(labels) * with_gradient(features, labels, weight)


def step_no_one_hot(features, labels, weight, lr):
    probabilities = (features @ weight.T).softmax(1)
    return weight - lr * torch.einsum("bc,bd->cd", probabilities, features) / len(labels)


def step_label_alone(features, labels, weight, lr):
    new = weight.clone()
    for f, label in zip(features, labels, strict=True):
        new[label] += lr * (1 - (weight @ f).softmax(0)[label]) * f / len(labels)
    return new


def step_along_batch(features, labels, weight, lr):
    off = (features @ weight.T).softmax(0)
    off[torch.arange(len(labels)), labels] -= 1
    return weight - lr * off.T @ features / len(labels)


def step_gradient(features, labels, weight, lr):
    return with_gradient(features, labels, weight)


def wrong_probabilities(scores, label):
    probabilities = scores.softmax(0).tolist()
    total = sum(probabilities) - probabilities[label]
    return sorted((p for j, p in enumerate(probabilities) if j != label), reverse=True), total


def first_count(probabilities, goal):
    held = 0.0
    for count, p in enumerate(probabilities, start=1):
        held += p
        if held >= goal:
            return count
    return len(probabilities)


def m_without_label(scores, label, share):
    probabilities, total = wrong_probabilities(scores, label)
    return first_count(probabilities, share * total)


def m_label_among(scores, label, share):
    return first_count(scores.softmax(0).sort(descending=True).values.tolist(), share)


def m_of_all(scores, label, share):
    probabilities, _ = wrong_probabilities(scores, label)
    return first_count(probabilities, share) + 1


def m_smallest_first(scores, label, share):
    probabilities, total = wrong_probabilities(scores, label)
    return first_count(probabilities[::-1], share * total) + 1


def m_too_many(scores, label, share):
    probabilities, total = wrong_probabilities(scores, label)
    return first_count(probabilities, share * total) + 2


WRONG = {
    "9.1": {
        "a step uphill": step_uphill,
        "the sum over the batch": step_sum,
        "the one-hot left out": step_no_one_hot,
        "the label alone": step_label_alone,
        "softmax along the batch": step_along_batch,
        "the gradient returned": step_gradient,
    },
    "9.2": {
        "the label not counted": m_without_label,
        "the label among the wrong": m_label_among,
        "a share of all probability": m_of_all,
        "the smallest scores first": m_smallest_first,
        "one class too many": m_too_many,
    },
}

RIGHT = {"9.a": "b", "9.b": "a"}
