"""The data set as a whole: what the trainer does with it, how far the guide is met, how often classes are shown."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.example_report import LEDGER_KEYS, example
from yoloaudit.findings import Report, RuleRun, Severity
from yoloaudit.report.page_facts import class_table, ledger, scorecard


def with_counts(**counts: int) -> Report:
    return replace(example(), ledger={"train": {**dict.fromkeys(LEDGER_KEYS, 0), **counts}})


def test_ledger_tells_losses_and_remarks() -> None:
    table = ledger(example())
    train = table.rows[0]
    assert train.split == "train"
    assert {column: number for column, number, loss in train.numbers if loss} == {"dropped": "2", "broken rows": "6"}
    assert train.said == "124 used, 2 background, 2 dropped"
    assert train.remarks[0] == "1 listed image missing"
    assert not table.rows[1].remarks


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_bar_is_filled_to_its_end(boxed: int, empty: int, dropped: int) -> None:
    found = boxed + empty + dropped
    row = ledger(
        with_counts(images_found=found, images_used=boxed + empty, images_dropped=dropped, images_without_label=empty)
    ).rows[0]
    assert abs(sum(length for _, _, length in row.parts) - 100 * bool(found)) < 0.01
    for (_, start, length), (_, following, _) in pairwise(row.parts):
        assert abs(start + length - following) < 0.01


def test_scorecard_says_measure_and_limit() -> None:
    few, backgrounds, tight = scorecard(example())
    assert (few.verdict, few.said) == ("short", "61 for cat, at least 1,500 wanted; 2 of 2 classes short")
    assert (few.filled, few.mark) == (4.07, 100.0)
    assert (backgrounds.verdict, backgrounds.said) == ("met", "1.56 %, at most 10 % wanted")
    assert (tight.verdict, tight.filled) == ("unknown", None)
    assert few.found
    assert not backgrounds.found


def test_bar_ends_with_the_larger_of_measure_and_limit() -> None:
    over = RuleRun("r", "r", "boxes", Severity.INFO, "fail", 1, 0.4, 0.1, "Not so many.")
    (sentence,) = scorecard(replace(example(), runs=[over]))
    assert (sentence.verdict, sentence.filled, sentence.mark) == ("over", 100.0, 25.0)
    assert sentence.said == "40 %, at most 10 % wanted"


def test_classes_with_their_share_of_the_most_frequent() -> None:
    table = class_table(example())
    assert table.splits == ("train", "val")
    assert [(row.name, [cell.instances for cell in row.cells]) for row in table.rows] == [
        ("cat", [254, 0]),
        ("dog", [1500, 0]),
    ]
    assert [row.cells[0].share for row in table.rows] == [16.93, 100.0]


def test_classes_without_a_name_and_very_many() -> None:
    classes: list[dict[str, object]] = [{"id": number, "name": None, "splits": {}} for number in range(2100)]
    table = class_table(replace(example(), classes=classes))
    assert table.rows[7].name == "class 7, without a name"
    assert table.rows[7].unnamed
    assert (len(table.rows), table.more) == (2000, 100)
