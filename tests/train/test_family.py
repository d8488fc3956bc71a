"""The ten sizes and their layer tables, against the figures of the specification."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.errors import UsageError
from yoloaudit.train import family
from yoloaudit.train.family import SIZES, channels, detect_widths, layers, outputs, repeats, scaled, size_of

REPEATS = {"n": (1, 2, 3), "s": (1, 2, 3), "m": (2, 4, 6), "l": (3, 6, 9), "x": (4, 8, 12)}
WIDTHS = {
    "n": (16, 32, 64, 128, 192, 256),
    "s": (32, 64, 128, 256, 384, 512),
    "m": (48, 96, 192, 384, 576, 768),
    "l": (64, 128, 256, 512, 768, 1024),
    "x": (80, 160, 320, 640, 960, 1280),
}
HEADS = {
    "n": (64, 128, 256),
    "x": (320, 640, 1280),
    "n6": (64, 128, 192, 256),
    "m6": (192, 384, 576, 768),
    "x6": (320, 640, 960, 1280),
}


def test_names() -> None:
    assert family.NAMES[:5] == ("yolov5n", "yolov5s", "yolov5m", "yolov5l", "yolov5x")
    assert family.NAMES[5:] == ("yolov5n6", "yolov5s6", "yolov5m6", "yolov5l6", "yolov5x6")


@pytest.mark.parametrize("name", SIZES)
def test_scaling(name: str) -> None:
    size = SIZES[name]
    assert tuple(repeats(nominal, size.depth) for nominal in (3, 6, 9)) == REPEATS[name[0]]
    assert tuple(channels(nominal, size.width) for nominal in (64, 128, 256, 512, 768, 1024)) == WIDTHS[name[0]]
    assert size.strides == ((8, 16, 32, 64) if name.endswith("6") else (8, 16, 32))


@pytest.mark.parametrize(("name", "widths"), HEADS.items())
@pytest.mark.parametrize("architecture", ["v5", "v6"])
def test_widths_at_the_head(name: str, widths: tuple[int, ...], architecture: family.Architecture) -> None:
    assert detect_widths(SIZES[name], architecture) == widths


def test_a_single_repeat_stays_one() -> None:
    assert repeats(1, 1.33) == repeats(1, 0.33) == 1


@given(st.integers(1, 4096), st.floats(0.1, 2))
def test_channels_are_the_next_multiple_of_eight(nominal: int, width: float) -> None:
    scaled = channels(nominal, width)
    assert scaled % 8 == 0
    assert scaled - 8 < nominal * width <= scaled


def test_no_width_escapes_scaling() -> None:
    assert outputs(251) == 768  # for which upstream leaves layers of 768 channels as wide as they are
    assert channels(768, SIZES["n6"].width) == 192


@pytest.mark.parametrize("levels", [5, 6])
@pytest.mark.parametrize("architecture", ["v5", "v6"])
def test_tables_are_whole(levels: int, architecture: family.Architecture) -> None:
    rows = layers(levels, architecture)
    assert len(rows) == {5: 25, 6: 34}[levels]
    assert rows[-1].block == "Detect"
    assert len(rows[-1].sources) == levels - 2
    for index, row in enumerate(rows):
        assert all(source == -1 or 0 <= source < index for source in row.sources)
        assert (row.channels == 0) == (row.block in ("Upsample", "Concat", "Detect"))
        assert len(row.sources) == 1 or row.block in ("Concat", "Detect")


def test_the_layers_that_later_ones_read() -> None:
    read = {source for row in layers(5) for source in row.sources if source >= 0}
    assert read == {4, 6, 10, 14, 17, 20, 23}
    read = {source for row in layers(6) for source in row.sources if source >= 0}
    assert read == {4, 6, 8, 12, 16, 20, 23, 26, 29, 32}


@pytest.mark.parametrize(("levels", "end"), [(5, 9), (6, 11)])
def test_what_release_5_does_otherwise(levels: int, end: int) -> None:
    old, new = layers(levels, "v5"), layers(levels)
    assert [index for index, pair in enumerate(zip(old, new, strict=True)) if pair[0] != pair[1]] == [
        *(0, 4),
        *(end - 1, end),
    ]
    assert [old[index].block for index in (0, 4, end - 1, end)] == ["Focus", "C3", "SPP", "C3"]
    assert old[4].repeats == 9
    assert not old[end].shortcut


@pytest.mark.parametrize("name", ["yolov5n6", "n6"])
def test_size_of(name: str) -> None:
    assert size_of(name) is SIZES["n6"]


@pytest.mark.parametrize("name", ["", "yolov5", "yolov5z", "n7", "yolov8n", "N", "yolov5\x1b[2J" + "n" * 1000])
def test_no_such_size(name: str) -> None:
    with pytest.raises(UsageError, match="yolov5n, yolov5s") as caught:
        size_of(name)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


multiples = st.integers(1, 2000).map(lambda step: step / 1000)


@given(multiples, multiples, st.sampled_from([5, 6]))
def test_any_multiples_have_one_name_a_network(depth: float, width: float, levels: int) -> None:
    size = scaled(depth, width, levels)
    assert size_of(f"yolov5{size.name}") == size
    assert size.levels == levels
    assert family.repeats_of(size.depth, levels) == family.repeats_of(depth, levels)
    assert family.widths_of(size.width, levels) == family.widths_of(width, levels)
    assert scaled(size.depth, size.width, levels) == size


def test_multiples_that_make_one_of_the_ten_are_it() -> None:
    assert all(scaled(size.depth, size.width, size.levels) is size for size in SIZES.values())
    assert scaled(0.34, 0.25, 5) is SIZES["n"]
    assert scaled(0.5, 0.4, 6).name == "d0.5w0.4p6"


@pytest.mark.parametrize(("depth", "width"), [(0, 1), (1, 0), (-1, 1), (1, 2.1), (1e9, 1), (1, float("nan"))])
def test_multiples_that_are_none(depth: float, width: float) -> None:
    with pytest.raises(UsageError, match="above 0 and at most 2"):
        scaled(depth, width, 5)


@pytest.mark.parametrize("name", ["d0.33w0.25", "d0.50w0.4", "d9w9", "d0w1", "d..w.", "d0.5w0.4p5", "d0.5w0.4 "])
def test_only_the_shortest_name_of_multiples_is_one(name: str) -> None:
    with pytest.raises(UsageError, match="there is no model"):
        size_of(name)


def test_it_needs_no_torch() -> None:
    code = "import sys, yoloaudit.train.model_yaml, yoloaudit.train.anchors.defaults; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
