"""Normalisation over several processes; what two of them make of it together is tested in test_distributed."""

import torch
from torch import nn

from yoloaudit.train.learning.joint_norm import JointBatchNorm, joined
from yoloaudit.train.model import build


def test_alone_it_is_the_plain_one() -> None:
    torch.manual_seed(0)
    plain, joint = nn.BatchNorm2d(4, 1e-3, 0.03), joined(nn.Sequential(nn.BatchNorm2d(4, 1e-3, 0.03)))[0]  # type: ignore[index]
    maps = torch.randn(2, 4, 5, 5)
    assert torch.equal(plain(maps), joint(maps))
    assert torch.equal(plain.running_var, joint.running_var)  # type: ignore[arg-type]  # it has one


def test_every_normalisation_is_joined_and_shares_its_tensors() -> None:
    model = build("n", 2)
    before = dict(model.state_dict())
    made = joined(model)
    kinds = {type(part) for part in made.modules() if isinstance(part, nn.BatchNorm2d)}
    assert kinds == {JointBatchNorm}
    after = made.state_dict()
    assert list(after) == list(before)
    assert all(after[name].data_ptr() == tensor.data_ptr() for name, tensor in before.items())
    assert {part.eps for part in made.modules() if isinstance(part, nn.BatchNorm2d)} == {1e-3}
