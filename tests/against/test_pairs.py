"""Images then and now: each in one pair at most, and the pair that a person would name."""

from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.against.pairs import Image, paired

IMAGES = st.lists(
    st.builds(
        Image,
        st.sampled_from(["train", "val"]),
        st.sampled_from(["a/1", "a/2", "b/1", "b/2", "c"]),
        st.sampled_from(["", "x", "y", "z"]),
    ),
    max_size=6,
    unique_by=lambda image: (image.split, image.path),
)


@given(IMAGES, IMAGES)
def test_every_image_is_somewhere_once(then: list[Image], now: list[Image]) -> None:
    found = paired(then, now)
    assert sorted([one for one, _ in found.both] + found.removed) == list(range(len(then)))
    assert sorted([other for _, other in found.both] + found.added) == list(range(len(now)))
    for one, other in found.kept:
        assert then[one] == now[other]
    for one, other in found.moved:
        assert then[one].content == now[other].content
        assert then[one] != now[other]
    for one, other in found.replaced:
        assert then[one].path == now[other].path
        assert then[one].content != now[other].content


@given(IMAGES)
def test_nothing_changed(images: list[Image]) -> None:
    found = paired(images, images[::-1])
    assert len(found.kept) == len(images)
    assert [found.moved, found.replaced, found.added, found.removed] == [[]] * 4


def test_what_a_person_would_name() -> None:
    then = [Image("train", "a/1", "x"), Image("train", "a/2", "y"), Image("val", "b/3", "z"), Image("val", "b/4", "w")]
    now = [Image("val", "a/1", "x"), Image("train", "b/2", "y"), Image("val", "b/3", "new"), Image("val", "b/5", "v")]
    found = paired(then, now)
    assert (found.moved, found.replaced, found.removed, found.added) == ([(0, 0), (1, 1)], [(2, 2)], [3], [3])


def test_of_copies_the_one_of_the_same_name_is_the_same() -> None:
    then = [Image("train", "a/1", "x"), Image("train", "a/2", "x")]
    now = [Image("train", "b/2", "x"), Image("train", "b/9", "x")]
    assert paired(then, now).moved == [(1, 0), (0, 1)]


def test_of_what_nobody_knows_nothing_is_said() -> None:
    then, now = [Image("train", "a/1", "pointer")], [Image("train", "a/1", "x")]
    assert paired(then, now, lambda path: path == "a/1").kept == [(0, 0)]
