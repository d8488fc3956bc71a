"""few-scenes: clusters and clips, counted as scenes."""

from tests.example_looks import hashes_of, number, sentences
from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.variety.few_scenes import FewScenes
from yoloaudit.dataset.tables import Defects


def find(clusters: list[int], still: bool = False, **columns: object) -> Defects:
    images = images_of(len(clusters), **columns)  # type: ignore[arg-type]
    rows = [(i, 0, 0.5 if still else 0.1 + i % 3 * 0.3, 0.5, 0.1, 0.1) for i in range(len(clusters))]
    return FewScenes().find(images, hashes_of(clusters), boxes_of(rows, images))


def test_a_tenth_is_enough() -> None:
    assert number(find([i % 10 for i in range(100)])) == 0.1
    assert not len(find([i % 10 for i in range(100)]))
    assert len(find([i % 10 for i in range(101)])) == 1


def test_an_image_that_was_not_decoded_is_a_scene_of_its_own() -> None:
    assert number(find([-1] * 10 + [0] * 90)) == 0.11


def test_the_fewer_of_clips_and_clusters_count() -> None:
    clips = {"source": [f"clip{i // 50}" for i in range(100)], "frame": [i % 50 for i in range(100)]}
    defects = find(list(range(100)), still=True, **clips)
    (said,) = sentences(FewScenes(), defects)
    assert "100 training images show 2 scenes (2.0%), below 10%, as clips" in said
    assert number(find(list(range(100)), still=False, **clips)) == 1
    (said,) = sentences(FewScenes(), find([0] * 100, still=True, **clips))
    assert "show 1 scene (1.0%)" in said
    assert "near-duplicates" in said


def test_small_sets_and_validation_say_nothing() -> None:
    assert number(find([0] * 49)) is None
    assert len(find([0] * 50)) == 1
    assert number(find([0] * 100, split="val")) is None
