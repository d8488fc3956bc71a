"""File names tell of clips and originals, and of nothing else."""

import time

import pytest

from yoloaudit.dataset.sources import sources_of

HASH = "294f2de4ae360a9d201d574295e45441"


def told(*names: str, folder: str = "/d/images") -> list[tuple[str | None, int]]:
    sources, frames = sources_of([f"{folder}/{name}" for name in names])
    return list(zip(sources.tolist(), frames.tolist(), strict=True))


def test_copies_of_an_original_share_its_name() -> None:
    assert (
        told(f"cat_jpg.rf.{HASH}.jpg", f"cat_png.rf.{HASH[::-1]}.jpg", f"cat.rf.{HASH[:20]}.jpg") == [("cat", -1)] * 3
    )
    assert told(f"clip_07_jpg.rf.{HASH}.jpg") == [("clip_07", -1)]
    assert told("cat.rf.short.jpg", f"cat.rf.{'a' * 41}.jpg") == [(None, -1)] * 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a_1_tile_0_0", "a_1_tile_12_3"),
        ("a_1_r0_c0", "a_1_R0_C1"),
        ("a_1_x0_y640", "a_1_x640_y0"),
        ("a_1__0_0", "a_1__512_1024"),
    ],
)
def test_tiles_share_the_name_of_the_larger_image(one: str, other: str) -> None:
    assert told(f"{one}.png", f"{other}.png", "b_r0_c0.png") == [("a_1", -1), ("a_1", -1), (None, -1)]


def test_names_that_nearly_are_tiles() -> None:
    for name in ("a_r0_cX", "a_r_c0", "a_x0_c{}", "a_tile_{}", "a_0_{}", "_tile_{}_0", "a_tile__{}", "_r0_c{}"):
        assert told(f"{name.format(0)}.png", f"{name.format(1)}.png") == [(None, -1)] * 2, name


def test_lone_tiles_may_be_frames_and_tiles_make_no_clip() -> None:
    assert told(*(f"cam_r{row}_c{column}.png" for row in range(5) for column in range(5))) == [("cam", -1)] * 25
    assert told("cam__1_0.png", "cat.png") == [(None, -1)] * 2


@pytest.mark.parametrize("separator", ["", "_", "-", " "])
def test_five_numbers_of_one_prefix_are_a_clip(separator: str) -> None:
    names = [f"cam{separator}{number:04}.png" for number in (1, 2, 4, 8, 16)]
    assert told(*names) == [("cam", number) for number in (1, 2, 4, 8, 16)]
    assert told(*names[:4]) == [(None, -1)] * 4


def test_digits_alone_are_no_clip() -> None:
    assert told(*(f"{number:012}.jpg" for number in range(10))) == [(None, -1)] * 10
    assert told(*(f"_{number}.jpg" for number in range(10))) == [(None, -1)] * 10


def test_numbers_that_clash_are_told_apart_by_folder() -> None:
    paths = [f"/d/{cam}/frame_{number}.png" for cam in ("a", "b") for number in range(5)]
    sources, frames = sources_of(paths)
    assert sources.tolist() == ["a/frame"] * 5 + ["b/frame"] * 5
    assert frames.tolist() == [*range(5), *range(5)]


def test_numbers_that_clash_in_one_folder_are_no_clip() -> None:
    assert told(*(f"a_{number}.{suffix}" for number in range(5) for suffix in ("png", "jpg"))) == [(None, -1)] * 10


def test_a_file_in_two_splits_is_the_same_both_times() -> None:
    names = [f"a{number}.png" for number in range(5)]
    assert told(*names, *names) == [("a", number) for number in range(5)] * 2


def test_odd_names_are_read() -> None:
    assert told("a" + "9" * 40 + ".png", "x.png", "\udcff7.png", "٣.png", "a\n1.png") == [(None, -1)] * 5
    assert told() == []


def test_many_names_are_quick() -> None:
    names = [f"clip{number // 50}_{number:06}.jpg" for number in range(100_000)]
    began = time.process_time()
    told(*names)
    assert time.process_time() - began < 1.5


def test_many_tiles_are_quick() -> None:
    names = [f"field{number // 50}_tile_{number // 10 % 5}_{number % 10}.jpg" for number in range(100_000)]
    began = time.process_time()
    assert told(*names)[-1] == ("field1999", -1)
    assert time.process_time() - began < 1.5
