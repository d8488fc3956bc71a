"""Lines are told one by one while they are few, and as one where they are most of a list."""

from pathlib import Path

from tests.example_tree import grow, told
from yoloaudit.checks.data.listed_image_missing import ListedImageMissing

YAML = "path: .\ntrain: train.txt\nval: images/val\nnames: [cat, dog]\n"
GOOD = "./images/train/a.png\n"


def sentences(folder: Path, text: str, **settings: int) -> list[str]:
    return [sentence for _, sentence in told(ListedImageMissing(**settings), grow(folder, YAML, train=text))]


def test_few_lines_are_told_one_by_one(tmp_path: Path) -> None:
    gone = "".join(f"./{number}.png\n" for number in range(10))
    assert len(sentences(tmp_path, GOOD + gone)) == 10
    assert sentences(tmp_path, GOOD + gone, fold_above=9) == [
        "10 of 11 lines name no image; the line names './0.png', which does not exist"
    ]
    assert len(sentences(tmp_path, "".join(f"{GOOD}{line}\n" for line in gone.split()), fold_above=9)) == 11


def test_repeats_are_told_once_a_file(tmp_path: Path) -> None:
    repeated = "the line names './images/train/a.png', which the list names before: a duplicate"
    assert sentences(tmp_path, GOOD * 2) == [repeated]
    assert sentences(tmp_path, GOOD * 3) == [f"{repeated}; so does 1 more line"]
    assert sentences(tmp_path, GOOD * 1000) == [f"{repeated}; so do 998 more lines"]


def test_lines_of_another_machine_are_one_defect(tmp_path: Path) -> None:
    assert sentences(tmp_path, "/srv/nowhere/images/train/a.png\n/srv/nowhere/images/val/b.png\n") == [
        "2 lines begin with '/srv/nowhere/', which does not exist here; the images were found in the data set's folder"
    ]


def test_each_problem_has_its_words(tmp_path: Path) -> None:
    text = f"{GOOD}https://example.org/a.png\n./images\n./gone.png\n./\udcff.png\n"
    for words in ("URL", "invalid as an image", "does not exist", "not UTF-8"):
        assert any(words in sentence for sentence in sentences(tmp_path, text))


def test_a_root_that_is_not_trusted_is_not_left(tmp_path: Path) -> None:
    path = grow(tmp_path, YAML, train=GOOD + "/etc/passwd\n../x.png\n")
    assert [sentence for _, sentence in told(ListedImageMissing(), path, untrusted=True)] == [
        f"the line names {text!r}, a path outside the root of the data set, which is not followed"
        for text in ("/etc/passwd", "../x.png")
    ]
