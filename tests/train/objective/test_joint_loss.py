"""A process's share of a loss; that two shares are the whole is tested in test_distributed."""

import pytest
import torch
from torch import distributed

from yoloaudit.train.config import PRESETS
from yoloaudit.train.model import build
from yoloaudit.train.objective.joint_loss import weights
from yoloaudit.train.objective.loss import Loss


def test_of_one_process_it_is_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = build("n", 3)
    loss = Loss(model, PRESETS["VOC"], imgsz=128, label_smoothing=0.1)
    rows = torch.tensor([[0, 1, 0.5, 0.5, 0.4, 0.3], [0, 0, 0.2, 0.3, 0.05, 0.1], [1, 2, 0.7, 0.6, 0.6, 0.9]])
    heads = model(torch.rand(2, 3, 128, 128))
    monkeypatch.setattr(distributed, "all_reduce", lambda tensor: tensor)
    whole, joint = loss(heads, rows), loss(heads, rows, weights)
    for name in ("box", "objectness", "classes", "total"):
        torch.testing.assert_close(getattr(joint, name), getattr(whole, name), rtol=1e-5, atol=1e-6)


def test_two_shares_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = build("n", 3).eval()
    loss = Loss(model, PRESETS["scratch-low"], imgsz=128)
    rows = torch.tensor([[0, 1, 0.5, 0.5, 0.4, 0.3], [0, 0, 0.2, 0.3, 0.05, 0.1], [1, 2, 0.7, 0.6, 0.6, 0.9]])
    heads = model(torch.rand(2, 3, 128, 128))
    seen: list[torch.Tensor] = []
    monkeypatch.setattr(distributed, "all_reduce", lambda tensor: seen.append(tensor.clone()))
    parts = [([head[n : n + 1] for head in heads], rows[rows[:, 0] == n] - torch.eye(6)[0] * n) for n in (0, 1)]
    for own, labels in parts:
        loss(own, labels, weights)
    both = seen[0] + seen[1]
    monkeypatch.setattr(distributed, "all_reduce", lambda tensor: tensor.copy_(both))
    shares = [loss(own, labels, weights) for own, labels in parts]
    whole = loss(heads, rows)
    for name in ("box", "objectness", "classes"):
        mean = torch.stack([getattr(share, name) for share in shares]).mean()
        torch.testing.assert_close(mean, getattr(whole, name), rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(shares[0].total + shares[1].total, whole.total, rtol=1e-5, atol=1e-6)
