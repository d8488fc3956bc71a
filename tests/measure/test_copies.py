"""Pairs of images that show the same: few of them for many copies, and none that does not hold."""

from collections import Counter
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pandas import DataFrame

from tests.example_pictures import texture
from yoloaudit.measure import copies as module
from yoloaudit.measure.candidates import Pairs
from yoloaudit.measure.copies import CORRELATION, DISTANCE, NEAREST, connected, correlations, find_copies
from yoloaudit.measure.pixels import measure, small

Integers = NDArray[np.int64]
Greys = NDArray[np.uint8]
SEEN, OTHER, FLAT = small(measure(texture(1))[1]), small(measure(texture(2))[1]), np.full((64, 64), 100, np.uint8)


def _noisy(picture: Greys, count: int) -> Greys:
    """Pictures that show the same, each with a noise of its own."""
    noise = np.random.default_rng(7).integers(-3, 4, (count, 64, 64))
    noisy: Greys = np.clip(picture + noise, 0, 255).astype(np.uint8)
    return noisy


def _find(
    splits: list[int],
    content: list[int] | None = None,
    pixels: list[int] | None = None,
    hashes: list[int] | None = None,
    greys: Greys | None = None,
) -> tuple[DataFrame, list[int]]:
    """Unless told otherwise, all images differ in all respects."""
    count = len(splits)
    contents = np.array(range(count) if content is None else content, np.int64)
    shown = contents if pixels is None else np.array(pixels, np.int64)
    pictures = np.full((count, 64, 64), 100, np.uint8) if greys is None else greys
    copies, clusters = find_copies(
        np.array(splits, np.int64),
        contents,
        shown,
        np.array(hashes or [0] * count, np.uint64),
        shown >= 0,
        lambda images: pictures[images],
    )
    return copies, clusters.tolist()


def _pairs(copies: DataFrame, kind: str | None = None) -> list[tuple[int, int]]:
    rows = copies if kind is None else copies[copies["kind"] == kind]
    return list(zip(rows["first"].tolist(), rows["second"].tolist(), strict=True))


def test_images_that_differ_are_no_copies() -> None:
    copies, clusters = _find([0, 0, 1])
    assert copies.empty
    assert copies.attrs["complete"]
    assert clusters == [0, 1, 2]


def test_no_images() -> None:
    copies, clusters = _find([])
    assert copies.empty
    assert clusters == []


def test_equal_files_of_a_split_form_a_star() -> None:
    copies, clusters = _find([0] * 5, content=[0, 1, 0, 0, 1])
    assert sorted(_pairs(copies, "bytes")) == [(0, 2), (0, 3), (1, 4)]
    assert copies["distance"].tolist() == [0, 0, 0]
    assert copies["correlation"].tolist() == [1, 1, 1]
    assert clusters == [0, 1, 0, 0, 1]


def test_two_splits_share_one_pair() -> None:
    copies, clusters = _find([0, 0, 0, 1, 1, 2], content=[0] * 6)
    assert sorted(_pairs(copies, "bytes")) == [(0, 1), (0, 2), (0, 3), (0, 5), (3, 4), (3, 5)]
    assert len(copies) == 6
    assert clusters == [0] * 6


def test_equal_pixels_in_other_bytes() -> None:
    copies, clusters = _find([0, 0, 1, 1], content=[0, 1, 2, 2], pixels=[5, 5, 5, 5])
    assert _pairs(copies, "pixels") == [(0, 1), (0, 2)]
    assert _pairs(copies, "bytes") == [(2, 3)]
    assert clusters == [0] * 4


def test_splits_that_share_bytes_are_not_told_again_by_pixels() -> None:
    copies, _ = _find([0, 0, 1], content=[0, 1, 1], pixels=[5, 5, 5])
    assert _pairs(copies, "bytes") == [(1, 2)]
    assert _pairs(copies, "pixels") == [(0, 1)]


def test_nor_where_the_splits_are_mixed_in_the_table() -> None:
    copies, _ = _find([0, 1, 0], content=[0, 1, 1], pixels=[5, 5, 5])
    assert _pairs(copies, "bytes") == [(1, 2)]
    assert _pairs(copies, "pixels") == [(0, 2)]


def test_unread_files_are_no_copies_and_undecoded_ones_only_by_their_bytes() -> None:
    copies, clusters = _find([0] * 5, content=[-1, -1, 3, 3, 4], pixels=[-1, -1, -1, -1, 0])
    assert _pairs(copies) == [(2, 3)]
    assert clusters == [-1, -1, -1, -1, 4]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 7)), max_size=14))
def test_exact_pairs_join_equal_images_with_few_pairs(images: list[tuple[int, int]]) -> None:
    splits, content = [split for split, _ in images], [code for _, code in images]
    pixels = [code // 2 for code in content]
    copies, clusters = _find(splits, content, pixels)
    firsts = {shown: pixels.index(shown) for shown in pixels}
    assert clusters == [firsts[shown] for shown in pixels]
    for one, other in _pairs(copies, "bytes"):
        assert content[one] == content[other]
    for one, other in _pairs(copies, "pixels"):
        assert content[one] != content[other]
        assert pixels[one] == pixels[other]
    sets = Counter(zip(splits, pixels, strict=True))
    within = [one for one, other in _pairs(copies) if splits[one] == splits[other]]
    assert len(within) == sum(number - 1 for number in sets.values())
    _check_across(copies, splits, content, pixels)


def _check_across(copies: DataFrame, splits: list[int], content: list[int], pixels: list[int]) -> None:
    """Two splits are joined once by each content that they share, or else once by the pixels that they share."""
    found = Counter(
        (pixels[one], *sorted((splits[one], splits[other])))
        for one, other in _pairs(copies)
        if splits[one] != splits[other]
    )
    held = {split: {code for code, at in zip(content, splits, strict=True) if at == split} for split in set(splits)}
    for one, other in combinations(sorted(held), 2):
        for shown in {code // 2 for code in held[one]} & {code // 2 for code in held[other]}:
            shared = [code for code in held[one] & held[other] if code // 2 == shown]
            assert found.pop((shown, one, other)) == max(1, len(shared))
    assert not found


def test_near_pairs_are_confirmed_by_correlation() -> None:
    greys = np.stack([*_noisy(SEEN, 2), OTHER])
    copies, clusters = _find([0, 1, 1], hashes=[0xFF, 0xFE, 0xFC], greys=greys)
    assert _pairs(copies, "near") == [(0, 1)]
    assert copies["distance"].tolist() == [1]
    assert CORRELATION <= copies["correlation"][0] < 1
    assert clusters == [0, 0, 2]


@pytest.mark.parametrize(("bits", "found"), [(DISTANCE, True), (DISTANCE + 1, False)])
def test_near_pairs_differ_in_few_bits(bits: int, found: bool) -> None:
    copies, _ = _find([0, 0], hashes=[0xFF00, 0xFF00 | (1 << bits) - 1], greys=_noisy(SEEN, 2))
    assert _pairs(copies) == [(0, 1)] * found
    assert copies["distance"].tolist() == [bits] * found


def test_flat_images_are_never_near() -> None:
    greys = np.stack([FLAT, FLAT, FLAT, *_noisy(SEEN, 2)])
    greys[:3, 0, 0] = 101
    assert _find([0] * 5, hashes=[7] * 3 + [0, 0], greys=greys)[0].empty


def test_near_pairs_are_between_the_first_of_equal_images() -> None:
    greys = _noisy(SEEN, 5)[[0, 0, 2, 2, 0]]
    copies, clusters = _find([0, 0, 0, 0, 1], content=[0, 0, 1, 1, 0], hashes=[7, 7, 6, 6, 7], greys=greys)
    assert sorted(_pairs(copies, "bytes")) == [(0, 1), (0, 4), (2, 3)]
    assert sorted(_pairs(copies, "near")) == [(0, 2), (2, 4)]
    assert clusters == [0] * 5


def test_images_not_decoded_are_not_near() -> None:
    assert _find([0, 0], pixels=[-1, 0], hashes=[7, 7], greys=_noisy(SEEN, 2))[0].empty


def test_up_to_a_number_all_images_of_a_hash_are_compared() -> None:
    copies, _ = _find([0] * NEAREST, hashes=[7] * NEAREST, greys=_noisy(SEEN, NEAREST))
    assert sorted(_pairs(copies)) == list(combinations(range(NEAREST), 2))


@pytest.mark.parametrize("others", [7, 15])
def test_many_images_that_are_alike_take_few_pairs_and_every_leak_is_told(others: int) -> None:
    splits = [0] * 150 + [1] * 60 + [2] * 3
    count = len(splits)
    copies, clusters = _find(splits, hashes=[7] * 150 + [others] * 63, greys=_noisy(SEEN, count))
    assert len(copies) <= 2 * 3 * NEAREST * count
    assert clusters == [0] * count
    assert not copies.duplicated(["first", "second"]).any()
    assert (copies["first"] < copies["second"]).all()
    across = [pair for pair in _pairs(copies) if {splits[place] for place in pair} == {0, 1}]
    assert {place for pair in across for place in pair} >= set(range(150, 210))


def test_the_hashes_of_a_scene_that_flickers_are_joined() -> None:
    random = np.random.default_rng(5)
    hashes = (random.integers(0, 1 << 10, 2000) << 20 | 0xFF).tolist()
    pictures = _noisy(SEEN, 50)
    copies, clusters = _find([0, 0, 0, 1] * 500, hashes=hashes, greys=np.tile(pictures, (40, 1, 1)))
    assert clusters == [0] * 2000
    assert len(copies) <= 2 * 2 * NEAREST * 2000


def test_a_leak_is_found_behind_many_images_of_its_hash_that_show_something_else() -> None:
    greys = np.concatenate([_noisy(OTHER, 500), _noisy(SEEN, 2)])
    copies, _ = _find([0] * 501 + [1], hashes=[7] * 502, greys=greys)
    across = copies[copies["second"] == 501]
    assert _pairs(across) == [(500, 501)]
    assert copies.attrs["complete"]


def test_past_the_budget_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COMPARED", 0)
    monkeypatch.setattr(module, "COMPARED_AN_IMAGE", 1)
    shown = np.random.default_rng(3).integers(0, 256, (300, 64, 64)).astype(np.uint8)
    copies, clusters = _find([0] * 300, hashes=[7] * 300, greys=shown)
    assert copies.empty
    assert not copies.attrs["complete"]
    assert clusters == list(range(300))


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5), st.sampled_from([1, 3, 7, 15, 31, 255])), max_size=24))
def test_each_image_has_a_partner_wherever_it_has_a_near_one(images: list[tuple[int, int, int]]) -> None:
    splits, shown, hashes = ([image[side] for image in images] for side in range(3))
    scenes = np.stack([small(measure(texture(number))[1]) for number in range(4, 7)])
    greys = scenes[np.array(shown, np.int64) // 2]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "NEAREST", 2)
        copies, _ = _find(splits, pixels=shown, hashes=hashes, greys=greys)
    firsts = {(shown[place], splits[place]): place for place in reversed(range(len(images)))}.values()
    near = {
        (one, other)
        for one, other in combinations(sorted(firsts), 2)
        if shown[one] != shown[other]
        and shown[one] // 2 == shown[other] // 2
        and (hashes[one] ^ hashes[other]).bit_count() <= DISTANCE
    }
    found = set(_pairs(copies, "near"))
    assert found <= near
    assert _met(found, splits) == _met(near, splits)


def _met(pairs: set[tuple[int, int]], splits: list[int]) -> set[tuple[int, int]]:
    """Each image with its own split and the earlier ones in which it has a partner."""
    both = pairs | {(other, one) for one, other in pairs}
    return {(one, splits[other]) for one, other in both if splits[other] <= splits[one]}


def test_correlations_are_pearsons() -> None:
    greys = np.stack([*_noisy(SEEN, 2), OTHER, 255 - SEEN, FLAT])
    places = np.array([*combinations(range(4), 2), (0, 4), (4, 4)])
    found = correlations(Pairs(places[:, 0], places[:, 1]), lambda images: greys[images])
    expected = [np.corrcoef(greys[one].ravel(), greys[other].ravel())[0, 1] for one, other in places[:6]]
    assert found.tolist() == pytest.approx([*expected, 0, 0], abs=1e-5)


def test_correlations_of_no_pairs() -> None:
    none = np.zeros(0, np.int64)
    assert correlations(Pairs(none, none), lambda images: np.zeros((len(images), 64, 64), np.uint8)).tolist() == []


def _by_walking(count: int, pairs: list[tuple[int, int]]) -> list[int]:
    least = list(range(count))
    for _ in range(count):
        for one, other in pairs:
            least[one] = least[other] = min(least[one], least[other])
    return least


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=25))
def test_connected_tells_the_least_of_each_component(pairs: list[tuple[int, int]]) -> None:
    ends = np.array(pairs, np.int64).reshape(-1, 2)
    assert connected(20, ends[:, 0], ends[:, 1]).tolist() == _by_walking(20, pairs)


def test_a_long_chain_is_connected() -> None:
    order = np.random.default_rng(3).permutation(20_000)
    assert not connected(20_000, order[:-1], order[1:]).any()


def test_the_table_has_its_columns() -> None:
    copies, _ = _find([0, 0], content=[0, 0])
    assert isinstance(copies["kind"].dtype, pd.CategoricalDtype)
    assert {name: str(copies[name].dtype) for name in ("first", "distance", "correlation")} == {
        "first": "int32",
        "distance": "int8",
        "correlation": "float32",
    }
