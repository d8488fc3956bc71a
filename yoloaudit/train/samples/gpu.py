"""Recipes → their pixels, on a device: mosaics, perspective, mixes, colours and flips of a batch at once.

The same recipes as on the processor, drawn from the same streams, so that a sample looks the same wherever it is made,
but for rounding. Pictures lie on the device from the start, decoded once. S scenes of a batch, s the side.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from yoloaudit.errors import UsageError
from yoloaudit.train.images.ahead import ahead
from yoloaudit.train.images.augment import GREY
from yoloaudit.train.samples.augment import Recipe, Scene
from yoloaudit.train.samples.cache import bytes_of
from yoloaudit.train.samples.mosaic import Loaded, overlap
from yoloaudit.train.samples.reader import Reader
from yoloaudit.train.samples.warp import Matrix
from yoloaudit.train.types import Sample

AT_ONCE = 16
"""Scenes that are made together: each takes 12 bytes for every pixel of its canvas."""
MOST_OF_DEVICE = 0.5
"""Share of the free memory of a device that pictures may fill."""
HUES = 180.0


class Store:
    """The pictures of a reader on a device."""

    def __init__(self, reader: Reader, device: torch.device, workers: int = 1) -> None:
        """Decode and copy all pictures; UsageError where they are more than the device should hold."""
        self._device = device
        needed = int(bytes_of(reader.sizes, reader.side).sum())
        if device.type == "cuda" and needed > MOST_OF_DEVICE * torch.cuda.mem_get_info(device)[0]:
            raise UsageError(f"{needed / 1e9:.1f} GB of pictures do not fit on the device: augment on the processor")
        self._pictures: dict[int, Tensor] = {}
        self._loaded: list[Loaded] = []
        for place, sample in ahead(reader.load, range(len(reader)), workers, 2 * workers):
            if place not in self._pictures:
                self._pictures[place] = torch.from_numpy(np.array(sample.image)).to(device).permute(2, 0, 1)
            unseen = np.broadcast_to(np.uint8(0), sample.image.shape)
            self._loaded.append(Loaded(place, Sample(unseen, sample.boxes, sample.classes, sample.segments)))

    def load(self, at: int) -> Loaded:
        """As `Reader.load`, but the picture has a shape alone: its pixels are on the device."""
        return self._loaded[at]

    def painted(self, recipes: Sequence[Recipe]) -> Tensor:
        """The pixels of recipes of one shape: B × 3 × H × W, uint8, RGB, on the device."""
        return torch.cat([self._some(recipes[at : at + AT_ONCE]) for at in range(0, len(recipes), AT_ONCE)])

    def _some(self, recipes: Sequence[Recipe]) -> Tensor:
        images = self._seen([recipe.scenes[0] for recipe in recipes], recipes)
        blended = [at for at, recipe in enumerate(recipes) if len(recipe.scenes) > 1]
        if blended:
            others = [recipes[at] for at in blended]
            second = self._seen([recipe.scenes[1] for recipe in others], others)
            shares = self._numbers([recipe.share for recipe in others])[:, None, None, None]
            images[blended] = torch.floor(images[blended] * shares + second * (1 - shares))
        coloured = [at for at, recipe in enumerate(recipes) if recipe.gains is not None]
        if coloured:
            gains = self._numbers([recipes[at].gains for at in coloured])
            images[coloured] = recoloured(images[coloured], gains)
        return images.to(torch.uint8).flip(1)

    def _seen(self, scenes: Sequence[Scene], recipes: Sequence[Recipe]) -> Tensor:
        """Scenes as they are looked at, flipped as their recipes say: S × 3 × H × W, whole numbers 0 to 255, BGR."""
        down, across = (max(scene.canvas.shape[axis] for scene in scenes) for axis in (0, 1))
        canvas = torch.full((len(scenes), 3, down, across), float(GREY[0]), device=self._device)
        for number, scene in enumerate(scenes):
            for tile in scene.canvas.tiles:
                here = overlap(tile.left, tile.image.shape[1], scene.canvas.shape[1])
                there = overlap(tile.top, tile.image.shape[0], scene.canvas.shape[0])
                canvas[number, :, there.on, here.on] = self._pictures[tile.place][:, there.of, here.of]
        unit = np.array([[2 / max(1, across - 1), 0, -1], [0, 2 / max(1, down - 1), -1], [0, 0, 1]])
        ways = [unit @ back(scene, recipe) for scene, recipe in zip(scenes, recipes, strict=True)]
        grid = _grid(self._numbers(ways), *scenes[0].shape)
        canvas -= GREY[0]  # what lies outside is taken for 0
        seen = functional.grid_sample(canvas, grid, mode="bilinear", padding_mode="zeros", align_corners=True)
        return (seen + GREY[0]).round().clamp(0, 255)

    def _numbers(self, values: Sequence[object]) -> Tensor:
        return torch.from_numpy(np.array(values, np.float32)).to(self._device)


def back(scene: Scene, recipe: Recipe) -> Matrix:
    """From pixels of the output, flipped as the recipe says, to those of the canvas."""
    height, width = scene.shape
    flip = np.eye(3)
    if recipe.mirrored:
        flip[0] = -1, 0, width - 1
    if recipe.upside_down:
        flip[1] = 0, -1, height - 1
    return flip if scene.matrix is None else np.linalg.inv(scene.matrix) @ flip


def _grid(ways: Tensor, height: int, width: int) -> Tensor:
    """Where each pixel is taken from: S × H × W × 2, from -1 to 1 along each side of the canvas."""
    rows, columns = (torch.arange(length, dtype=torch.float32, device=ways.device) for length in (height, width))
    points = torch.stack([columns.expand(height, width), rows[:, None].expand(height, width)], dim=-1)
    there = torch.einsum("hwc,sdc->shwd", points, ways[:, :, :2]) + ways[:, None, None, :, 2]
    return there[..., :2] / there[..., 2:]


def recoloured(images: Tensor, gains: Tensor) -> Tensor:
    """Hue, saturation and value multiplied (S × 3 factors), rounded as OpenCV rounds them: S × 3 × H × W, BGR."""
    blue, green, red = images.unbind(1)
    value = images.amax(1)
    spread = value - images.amin(1)
    some = spread.clamp(min=1)
    hue = torch.where(value == red, (green - blue) / some, 4 + (red - green) / some)
    hue = torch.where((value == green) & (value != red), 2 + (blue - red) / some, hue)
    hue = (hue * (HUES / 6)).round() % HUES
    saturation = (255 * spread / value.clamp(min=1)).round()
    by_hue, by_saturation, by_value = (gain[:, None, None] for gain in gains.unbind(1))
    hue = torch.floor(hue * by_hue % HUES) * (6 / HUES)
    saturation = torch.floor((saturation * by_saturation).clamp(0, 255)) / 255
    value = torch.floor((value * by_value).clamp(0, 255))
    bands = []
    for offset in (1.0, 3.0, 5.0):
        sector = (hue + offset) % 6
        bands.append(value * (1 - saturation * torch.minimum(sector, 4 - sector).clamp(0, 1)))
    return torch.floor(torch.stack(bands, 1)).clamp(0, 255)
