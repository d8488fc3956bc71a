"""A tensor lies within its storage, told with Python's integers; a name on the list stands for nothing but itself."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.errors import CheckpointError
from yoloaudit.train.checkpoint import inert
from yoloaudit.train.checkpoint.inert import Storage, Tensor, named, tensor

HELD = Storage("float32", 4, "0", 24)
HUGE = 1 << 62
NEAR = st.integers(-2, 30)
ANY = NEAR | st.integers(-(1 << 70), 1 << 70)


@pytest.mark.parametrize(("dtype", "item"), inert.STORAGES.values())
def test_storages_have_the_items_of_their_type(dtype: str, item: int) -> None:
    assert np.dtype({"bfloat16": "uint16"}.get(dtype, dtype)).itemsize == item


def made(offset: Any, shape: Any, strides: Any, held: Any = HELD) -> Tensor:
    return tensor((held, offset, shape, strides, False, {}))


@pytest.mark.parametrize(
    ("offset", "shape", "strides"),
    [
        (0, (2, 3, 4), (12, 4, 1)),
        (0, (4, 3, 2), (1, 4, 12)),
        (23, (), ()),
        (0, (24,), (1,)),
        (20, (1, 4), (HUGE - 1, 1)),
        (0, (4, 4), (0, 1)),
        (0, (0, 5), (5, 1)),
        (99, (0,), (1,)),
    ],
)
def test_within_its_storage(offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> None:
    assert made(offset, shape, strides).shape == shape


@pytest.mark.parametrize(
    ("offset", "shape", "strides"),
    [
        (24, (), ()),
        (1, (24,), (1,)),
        (0, (2, 2), (1 << 40, 1)),
        (1 << 40, (2, 2), (2, 1)),
        (-8, (2, 2), (2, 1)),
        (0, (-1, 4), (4, 1)),
        (0, (2, 2), (-2, 1)),
        (0, (10**9,), (0,)),
        (0, (1 << 32, 1 << 32), (0, 0)),
        (0, (0, 1 << 61), (1, 1)),
        (0, (0, 1 << 20, 1 << 20), (1, 1, 1)),
        (0, (HUGE, HUGE), (HUGE - 1, HUGE - 1)),
        (0, (1 << 64,), (1,)),
        (0, (2, 2), (2,)),
        (0, (1,) * 9, (1,) * 9),
        (0, [2, 2], (2, 1)),
        (0, (2, 2), None),
        (0, (True, 2), (2, 1)),
        (0, (2.0, 2), (2, 1)),
        ("0", (2, 2), (2, 1)),
        (None, (2, 2), (2, 1)),
    ],
)
def test_outside_of_it(offset: Any, shape: Any, strides: Any) -> None:
    with pytest.raises(CheckpointError, match="tensor"):
        made(offset, shape, strides)


@pytest.mark.parametrize("arguments", [(), (HELD,), (HELD, 0, (1,), (1,), False), (None, 0, (1,), (1,), False, {})])
def test_arguments_that_are_none_of_a_tensor(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(CheckpointError, match="without a storage"):
        tensor(arguments)


@given(offset=ANY, sizes=st.lists(st.tuples(ANY, ANY), max_size=4))
def test_every_element_of_what_passes_lies_inside(offset: int, sizes: list[tuple[int, int]]) -> None:
    shape, strides = (tuple(part) for part in zip(*sizes, strict=True)) if sizes else ((), ())
    try:
        passed = made(offset, shape, strides)
    except CheckpointError:
        return
    assert passed.elements <= HELD.elements
    if passed.elements:
        first, last = (
            offset,
            offset + sum((size - 1) * step for size, step in zip(shape, strides, strict=True) if size > 1),
        )
        assert 0 <= first <= last < HELD.elements


def test_names_are_texts_alone() -> None:
    known = named("models.common", "Conv")
    assert repr(known) == "models.common.Conv"
    assert named("models.common", "Conv") is known
    assert {name.role for name in inert.NAMES.values()} == {
        "module",
        "value",
        "storage",
        "mapping",
        "tensor",
        "parameter",
    }


@pytest.mark.parametrize(
    ("module", "name", "said"),
    [
        ("os", "system", "asks for os.system"),
        ("models.common", "CBAM", "another architecture"),
        ("models.common", "eval", "refused"),
        ("models.common", "A.b", "refused"),
        ("torch.nn.modules.conv", "Conv3d", "another architecture"),
        ("torch.nn.init", "kaiming_", "refused"),
        ("torch._utils", "_rebuild_qtensor", "refused"),
        ("ultralytics.nn.tasks", "DetectionModel", "another package"),
        ("\x1b[31m", "\n::error::x", r"\x1b[31m.\n::error::x"),
        ("a" * 1000, "b", "refused"),
        ("", "", "refused"),
    ],
)
def test_names_that_are_not_on_the_list(module: str, name: str, said: str) -> None:
    with pytest.raises(CheckpointError) as caught:
        named(module, name)
    assert said in str(caught.value)
    assert str(caught.value).isascii()
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300
