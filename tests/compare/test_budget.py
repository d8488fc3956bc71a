"""What differs between trainings is named in sentences; what does not matter, or is the same, is not."""

from typing import Any

from tests.example_compared import NAMES, record_of
from tests.example_evidence import evidence
from yoloaudit.compare.budget import MOST_TOLD, budget, said, shown
from yoloaudit.compare.trained import Trained


def run(**more: Any) -> Trained:
    return Trained("runs/exp", NAMES, evidence(1), record_of(evidence(1), **more))


def test_the_same_settings_are_not_told() -> None:
    assert budget([run()], [run()]) == []
    assert budget([run(options={"name": "a", "workers": 2})], [run(options={"name": "b", "workers": 8})]) == []


def test_what_differs_is_a_sentence_and_data_come_first() -> None:
    other = {"dataset": {"names": list(NAMES), "fingerprint": "beef" * 16, "splits": {"train": {"used": 1200}}}}
    found = budget(
        [run()], [run(**other, options={"imgsz": 1280, "cos_lr": True}, hyper={"lr0": 0.001}, device="CUDA")]
    )
    assert [each.sentence for each in found] == [
        "data set (fingerprint): f00dfeedf00d in A, beefbeefbeef in B",
        "images trained on: 98 in A, 1,200 in B",
        "images of val: 12 in A, not told in B",
        "images shown in all epochs: 294 in A, 3,600 in B",
        "--imgsz: 640 in A, 1,280 in B",
        "--cos-lr: not told in A, on in B",
        "lr0: 0.01 in A, 0.001 in B",
        "device: CPU in A, CUDA in B",
    ]
    assert [each.kind for each in found][-2:] == ["hyper-parameter", "machine"]


def test_several_runs_of_a_side() -> None:
    a = [run(options={"seed": seed}) for seed in (0, 1, 2)]
    b = [run(options={"seed": seed}) for seed in (2, 1, 0)]
    assert budget(a, b) == []
    (seeds,) = budget(a, b[:2])
    assert (seeds.name, seeds.a, seeds.b) == ("seeds", "0, 1, 2", "1, 2")
    (optimizer,) = budget([run(), run(options={"optimizer": "Adam"})], [run()])
    assert optimizer.sentence == "--optimizer: Adam, SGD in A, SGD in B"


def test_values_as_text() -> None:
    values: list[object] = [None, True, 12345, 0.1 + 0.2, [1, 2.5], [], "", "a" * 100, {}, 10**30, float("nan")]
    told = [said(each) for each in values]
    assert told[:7] == ["not told", "on", "12,345", "0.3", "1 2.5", "none", "none"]
    assert len(told[7]) == 60
    assert told[8:] == ["something else", "1" + "0" * 30, "nan"]


def test_images_shown() -> None:
    assert shown(run()) == 294
    assert shown(run(epochs="three")) is None


def test_a_record_of_thousands_of_settings_is_cut() -> None:
    many = {f"option {number}": number for number in range(2000)}
    other = {name: number + 1 for name, number in many.items()}
    assert len(budget([run(options=many)], [run(options=other)])) == MOST_TOLD
