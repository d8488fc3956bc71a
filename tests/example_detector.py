"""A detector that sees something on every picture, small pictures for it to look at, and files that are none."""

import io
from functools import cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save

from tests.example_pictures import encoded, texture
from yoloaudit.train.model import Detector, build

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
GOLDEN = SHARED / "reference" / "golden"
COCO128 = SHARED / "data" / "coco128" / "data.yaml"
WEIGHTS = SHARED / "weights" / "yolov5n_coco_v6.0.pt"
CPU = torch.device("cpu")
NAMES = ("cat", "dog", "bird")


@cache
def eager() -> Detector:
    """A yolov5n of three classes that is sure of what it sees wherever it looks; the same each time."""
    torch.set_num_threads(1)
    torch.manual_seed(3)
    model = build("n", len(NAMES), NAMES).eval()
    with torch.no_grad():
        for level in model.head.m:
            outputs = level.bias.view(3, -1)  # type: ignore[operator]  # a convolution has a bias
            outputs[:, 4:] = 1.0
            level.weight.mul_(30)  # type: ignore[operator]  # and weights
    return model


def write_weights(path: Path, model: Detector | None = None) -> str:
    """A file of weights that can be loaded; its classes have no names."""
    path.write_bytes(save({name: tensor.half() for name, tensor in (model or eager()).state_dict().items()}))
    return str(path)


def photo(seed: int = 0, width: int = 96, height: int = 64, format: str = "JPEG") -> bytes:
    return encoded(texture(seed, width, height), format)


def sideways(data: bytes, orientation: int, format: str = "JPEG") -> bytes:
    """The same picture with an EXIF orientation."""
    tags = Image.Exif()
    tags[0x0112] = orientation
    with Image.open(io.BytesIO(data)) as image:
        return encoded(image, format, exif=tags)


def odd_pictures() -> dict[str, bytes]:
    """Files that can be read, though they are out of the ordinary."""
    levels = np.random.default_rng(0).integers(0, 65535, (40, 60)).astype(np.uint16)
    image = Image.fromarray(texture(1, 60, 40))
    return {
        "one.png": encoded(Image.new("RGB", (1, 1), (200, 10, 10)), "PNG"),
        "thin.png": encoded(Image.new("RGB", (1, 5000), (200, 10, 10)), "PNG"),
        "flat.png": encoded(Image.new("RGB", (5000, 1), (200, 10, 10)), "PNG"),
        "grey.png": encoded(image.convert("L"), "PNG"),
        "greyalpha.png": encoded(image.convert("LA"), "PNG"),
        "alpha.png": encoded(image.convert("RGBA"), "PNG"),
        "palette.png": encoded(image.convert("P"), "PNG"),
        "bits.png": encoded(image.convert("1"), "PNG"),
        "deep.png": encoded(Image.fromarray(levels), "PNG"),
        "cmyk.jpg": encoded(image.convert("CMYK"), "JPEG"),
        "progressive.jpg": encoded(image, "JPEG", progressive=True),
        "noend.jpg": encoded(image, "JPEG")[:-2],
        "bitmap.bmp": encoded(image, "BMP"),
        "strip.tif": encoded(image, "TIFF"),
        "web.webp": encoded(image, "WEBP"),
        "png.jpg": encoded(image, "PNG"),
    }


def broken_pictures() -> dict[str, bytes]:
    """Files that cannot be read."""
    whole = photo(2)
    many = encoded(Image.new("RGB", (20, 20)), "JPEG", progressive=True)
    return {
        "empty.jpg": b"",
        "short.jpg": whole[: len(whole) // 2],
        "head.jpg": whole[:20],
        "short.png": photo(2, format="PNG")[:2000],
        "text.jpg": b"no picture",
        "moving.jpg": encoded(Image.new("P", (20, 20)), "GIF"),
        "float.tif": encoded(Image.new("F", (20, 20)), "TIFF"),
        "scans.jpg": many[:-2] + many[many.rindex(b"\xff\xda") : -2] * 200 + many[-2:],
    }
