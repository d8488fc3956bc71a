"""Every picture of a validation run, from an evaluation and the image files."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from tests.example_detections import rows, seen
from tests.example_pictures import encoded, texture
from yoloaudit.train.images.data import of_paths
from yoloaudit.train.plot.album import album
from yoloaudit.train.score.evaluate import evaluate

CURVES = ["PR_curve.png", "P_curve.png", "R_curve.png", "F1_curve.png", "confusion_matrix.png"]


def test_curves_matrix_and_the_first_batches(tmp_path: Path) -> None:
    paths = [str(tmp_path / f"{number}.png") for number in range(5)]
    for number, path in enumerate(paths):
        Path(path).write_bytes(encoded(texture(number, 100, 100), "PNG"))
    found = evaluate(
        [seen(number, (40, 40, 60, 60, 0.9, 0), (0, 0, 9, 9, 0.1, 1)) for number in (3, 1, 0, 2, 4)],
        rows(*((number, 0, 0.5, 0.5, 0.2, 0.2) for number in range(5)), images=5),
        ["cat", "dog"],
    )
    Path(paths[4]).unlink()
    made = dict(album(found, of_paths(paths), 2))
    pictures = [f"val_batch{number}_{kind}.jpg" for number in (0, 1) for kind in ("labels", "pred")]
    assert list(made) == CURVES + pictures, "batches of 2, and the last image is gone"
    for data in made.values():
        with Image.open(io.BytesIO(data)) as picture:
            assert np.asarray(picture).std() > 0


def test_nothing_evaluated(tmp_path: Path) -> None:
    assert list(dict(album(evaluate([], rows(), ["cat"]), of_paths([]), 32))) == CURVES
