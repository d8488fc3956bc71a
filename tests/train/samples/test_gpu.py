"""What a device paints is what the processor paints, but for rounding; what is learned from it is the same."""

import numpy as np
import pytest
import torch

from tests.example_pictures import texture
from tests.example_samples import ROUGH, STILL, loader_of, planted, same
from yoloaudit.dataset.load import Dataset
from yoloaudit.errors import UsageError
from yoloaudit.train.config import Hyper, hyper
from yoloaudit.train.samples import colour, gpu

CPU = torch.device("cpu")
WAYS = {
    "default": hyper(),
    "uncoloured": hyper(hsv_h=0.0, hsv_s=0.0, hsv_v=0.0),
    "rough": ROUGH.model_copy(update={"copy_paste": 0.0}),
    "tilted": hyper(perspective=0.001, mosaic=0.5, fliplr=0.5, flipud=0.5),
    "still": STILL,
}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return planted(tmp_path_factory.mktemp("data"), 14)


@pytest.mark.parametrize("values", WAYS.values(), ids=WAYS)
def test_a_device_paints_what_the_processor_paints(dataset: Dataset, values: Hyper) -> None:
    here, there = loader_of(dataset, values), loader_of(dataset, values, device=CPU)
    for epoch in range(4):
        for mine, its in zip(here.epoch(epoch), there.epoch(epoch), strict=True):
            assert torch.equal(mine.targets, its.targets)
            assert mine.places == its.places
            assert its.images.dtype == torch.uint8
            apart = (mine.images.int() - its.images.int()).abs().float()
            assert apart.mean() < 0.05
            assert (apart > 2).float().mean() < 0.005


def test_statistics_of_pixels_are_alike(dataset: Dataset) -> None:
    here, there = loader_of(dataset, hyper()), loader_of(dataset, hyper(), device=CPU)
    mine, its = (
        torch.cat([batch.images for epoch in range(6) for batch in loader.epoch(epoch)]).float()
        for loader in (here, there)
    )
    assert (mine.mean((0, 2, 3)) - its.mean((0, 2, 3))).abs().max() < 0.02
    assert (mine.std((0, 2, 3)) - its.std((0, 2, 3))).abs().max() < 0.02


def test_every_picture_is_decoded_once_and_kept_there(dataset: Dataset) -> None:
    loader = loader_of(dataset, hyper(), device=CPU)
    first = list(loader.epoch(0))
    assert same(first, list(loader_of(dataset, hyper(), device=CPU, workers=0).epoch(0)))
    assert loader.reader.pictures.decoded == len(loader.reader)


@pytest.mark.parametrize("gains", [(1.0, 1.0, 1.0), (1.015, 1.7, 1.4), (0.985, 0.3, 0.6), (1.0, 0.0, 1.0)])
def test_colours_are_opencvs(gains: colour.Gains) -> None:
    image = np.concatenate([texture(1, 64, 64), np.eye(64, dtype=np.uint8)[..., None].repeat(3, 2) * 255])
    expected = colour.coloured(image, gains).astype(int)
    batch = torch.from_numpy(image).permute(2, 0, 1)[None].float()
    made = gpu.recoloured(batch, torch.tensor([gains]))[0].permute(1, 2, 0).numpy().astype(int)
    apart = np.abs(made - expected)
    assert apart.mean() < 0.1
    assert np.quantile(apart, 0.999) <= 4


def test_what_a_device_cannot_do_is_refused(dataset: Dataset) -> None:
    for wrong in ({"values": ROUGH}, {"rect": True}):
        with pytest.raises(UsageError, match="leave that to the processor"):
            loader_of(dataset, device=CPU, **wrong)
