"""load_rules: the shipped packs, packs of a user, and what is said of a pack that cannot be followed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from yoloaudit.checks.discover import all_checks
from yoloaudit.errors import UsageError
from yoloaudit.findings import Severity
from yoloaudit.pack_files import packs_folder, read_packs
from yoloaudit.packs import Rule, RuleKeys, load_rules

GUIDE = (
    "Images per class. ≥ 1500 images per class recommended",
    "Instances per class. ≥ 10000 instances (labeled objects) per class recommended",
    "Image variety. Must be representative of deployed environment.",
    "For real-world use cases we recommend images from different times of day",
    "different seasons",
    "different weather",
    "different lighting",
    "different angles",
    "different sources (scraped online, collected locally, different cameras) etc.",
    "Label consistency. All instances of all classes in all images must be labelled. Partial labelling will not work.",
    "Label accuracy. Labels must closely enclose each object.",
    "No space should exist between an object and it's bounding box.",
    "No objects should be missing a label.",
    "Label verification. View train_batch*.jpg on train start to verify your labels appear correct",
    "Background images. Background images are images with no objects that are added to a dataset to reduce False "
    "Positives (FP).",
    "We recommend about 0-10% background images to help reduce FPs (COCO has 1000 background images for reference, 1% "
    "of the total). No labels are required for background images.",
    "we always recommend users first train with all default settings before considering any changes … We recommend "
    "you train with default hyperparameters first before thinking of modifying any.",
    "Epochs. Start with 300 epochs. If this overfits early then you can reduce epochs.",
    "If overfitting does not occur after 300 epochs, train longer, i.e. 600, 1200 etc epochs.",
    "Image size. COCO trains at native resolution of --img 640, though due to the high amount of small objects in the "
    "dataset it can benefit from training at higher resolutions such as --img 1280.",
    "If there are many small objects then custom datasets will benefit from training at native or higher resolution.",
    "Best inference results are obtained at the same --img as the training was run at, i.e. if you train at --img 1280 "
    "you should also test and detect at --img 1280.",
    "Batch size. Use the largest --batch-size that your hardware allows for. Small batch sizes produce poor batchnorm "
    "statistics and should be avoided.",
)
Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_pack(text: str | bytes, name: str = "mine.yaml") -> str:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write_pack


def by_name(rules: list[Rule]) -> dict[str, Rule]:
    return {rule.name: rule for rule in rules}


def refusal(*packs: str, **options: Any) -> str:
    """The one line that says why these packs are not followed."""
    with pytest.raises(UsageError) as error:
        load_rules(packs, **options)
    text = str(error.value)
    assert "\n" not in text
    assert len(text) < 600
    return text


def test_default_names_every_check() -> None:
    assert not set(all_checks()) - set(read_packs(["default"])), "switch the check on in rules/default.yaml, or off"


def test_packs_lie_in_one_folder() -> None:
    assert {path.stem for path in packs_folder().glob("*.yaml")} == {"guide", "default", "strict"}


def test_packs_build_on_each_other() -> None:
    guide, default, strict = (by_name(load_rules([name])) for name in ("guide", "default", "strict"))
    assert list(default)[: len(guide)] == list(guide)
    assert list(strict) == list(default)
    assert not [name for name, rule in default.items() if rule.severity], "a check grades its defects itself"


def test_guide_is_quoted_sentence_by_sentence() -> None:
    assert [rule.guide for rule in load_rules(["guide"])] == list(GUIDE)


def test_what_files_cannot_answer_never_passes() -> None:
    for rule in load_rules(["guide"]):
        assert (rule.check is None) == bool(rule.skipped)
        if rule.skipped:
            assert rule.skipped.startswith("not measurable here: ")
            assert "`yoloaudit " not in rule.skipped, "names no command that is not there yet"


def test_guide_only_warns_by_default_and_fails_under_strict() -> None:
    strict = by_name(load_rules(["strict"]))
    for rule in load_rules(["guide"]):
        if rule.check:
            assert rule.check.severity is not Severity.ERROR
            graded = strict[rule.name].severity
            assert graded is (None if rule.name == "no-backgrounds" else Severity.ERROR)


def test_no_parameter_is_called_like_a_key_of_a_rule() -> None:
    keys = set(RuleKeys.model_fields)
    assert not [name for name, check in all_checks().items() if keys & set(check.model_fields)]


def test_a_pack_lies_over_those_it_extends(write: Write) -> None:
    write("rules: {tiny-box: {min_side: 4, severity: error, why: below}}", "below.yaml")
    path = write(
        "extends: [below.yaml]\nrules:\n  tiny-box: {min_side: 5, why: null}\n"
        "  tiny-face: {check: tiny-box, classes: [face], splits: [train], ignore: ['images/old/*'], max_share: 0.1}\n"
    )
    rules = by_name(load_rules([path]))
    assert rules["tiny-box"].check == all_checks()["tiny-box"](min_side=5)  # type: ignore[call-arg]
    assert rules["tiny-box"].severity is Severity.ERROR
    assert rules["tiny-box"].why is None
    face = rules["tiny-face"]
    assert (face.classes, face.splits, face.ignore) == (("face",), ("train",), ("images/old/*",))
    assert face.tolerates(20, 0.1)
    assert not face.tolerates(20, 0.11)


def test_the_later_pack_of_two_wins(write: Write) -> None:
    paths = [write(f"rules: {{tiny-box: {{min_side: {side}}}}}", f"{side}.yaml") for side in (4, 5)]
    assert [dict(rule.check or {}) for rule in load_rules(paths)] == [{"min_side": 5}]
    assert [dict(rule.check or {}) for rule in load_rules(paths[::-1])] == [{"min_side": 4}]


def test_off_and_on_again(write: Write) -> None:
    path = write("extends: [default]\nrules: {tiny-box: {off: true}}")
    assert "tiny-box" not in by_name(load_rules([path]))
    again = write(f"extends: ['{path}']\nrules: {{tiny-box: {{off: false}}}}", "again.yaml")
    assert "tiny-box" in by_name(load_rules([again]))
    assert "tiny-box" in by_name(load_rules([path], select=["tiny-box"])), "selected by name, though off"
    assert "tiny-box" not in by_name(load_rules([path], select=["boxes"]))


def test_an_empty_rule_may_be_left_blank(write: Write) -> None:
    assert list(by_name(load_rules([write("rules:\n  tiny-box:\n")]))) == ["tiny-box"]
    assert load_rules([write("rules:\n")]) == []


def test_two_packs_may_extend_the_same(write: Write) -> None:
    write("rules: {tiny-box: {}}", "base.yaml")
    for number in range(40):  # each extends the one before it twice: 2⁴⁰ ways down
        below = f"{number - 1}.yaml" if number else "base.yaml"
        top = write(f"extends: [{below}, ./{below}]", f"{number}.yaml")
    assert list(by_name(load_rules([top]))) == ["tiny-box"]


def test_select() -> None:
    default = by_name(load_rules())
    assert list(by_name(load_rules(select=["tiny-box"]))) == ["tiny-box"]
    boxes = [name for name, rule in default.items() if rule.check and rule.check.family() == "boxes"]
    assert list(by_name(load_rules(select=["boxes"]))) == boxes
    assert set(by_name(load_rules(select=["few-*", "tiny-box"]))) == {
        *(n for n in default if n[:4] == "few-"),
        "tiny-box",
    }
    assert load_rules(select=["all"]) == load_rules()
    assert [rule.check for rule in load_rules(["guide"], select=["tiny-box"])] == [all_checks()["tiny-box"]()]


def test_ignore() -> None:
    rules = by_name(load_rules(ignore=["boxes=drawn by hand", "tiny-box", "few-*= "]))
    assert list(rules) == list(by_name(load_rules()))
    assert (rules["tiny-box"].check, rules["tiny-box"].skipped) == (None, "ignored")
    assert rules["few-images-per-class"].skipped == "ignored"
    assert rules["few-images-per-class"].guide == GUIDE[0]
    assert rules["duplicate-box"].skipped == "ignored: drawn by hand"
    assert all(rule.skipped for rule in load_rules(ignore=["all"]))
    only = load_rules(select=["boxes"], ignore=["few-*", "missed-label"])
    assert not [rule for rule in only if rule.skipped], "what is not selected may be ignored"


@pytest.mark.parametrize("option", ["select", "ignore"])
def test_selector_that_means_nothing(option: str) -> None:
    assert "Did you mean 'tiny-box'?" in refusal("default", **{option: ["tiny-bx"]})
    assert "Did you mean 'boxes'?" in refusal("default", **{option: ["boxs"]})
    assert "'zzz-*'" in refusal("default", **{option: ["zzz-*"]})
    assert "''" in refusal("default", **{option: [""]})


def test_selection_that_leaves_nothing_to_run() -> None:
    assert "none of the rules that are on" in refusal("guide", select=["rows"])


def test_limits() -> None:
    rules = by_name(load_rules(limits={"tiny-box": 7}))
    assert rules["tiny-box"].tolerates(7, 1.0)
    assert not rules["tiny-box"].tolerates(8, 1.0)
    assert "Did you mean 'tiny-box'?" in refusal("default", limits={"tiny-bx": 7})
    assert "0 or more" in refusal("default", limits={"tiny-box": -7})


def test_guide_scale() -> None:
    def least(scale: float) -> list[int]:
        rules = by_name(load_rules(["guide"], guide_scale=scale))
        wanted = {"few-images-per-class": "min_images", "few-instances-per-class": "min_instances"}
        return [getattr(rules[rule].check, parameter) for rule, parameter in wanted.items()]

    assert least(1) == [1500, 10000]
    assert least(0.07) == [105, 700]
    assert least(1e-9) == [1, 1]
    assert least(2) == [3000, 20000]
    for scale in (0, -1, float("nan"), float("inf"), 1e9):
        assert "--guide-scale" in refusal("guide", guide_scale=scale)
