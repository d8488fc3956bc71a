"""load_settings: which file counts, what it may say, and where each setting came from."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.config import KEYS, Options, Settings, load_settings
from yoloaudit.errors import UsageError


def settings(folder: Path, text: str, name: str = "yoloaudit.toml") -> Settings:
    (folder / name).write_text(text, encoding="utf-8")
    return load_settings(folder=str(folder))


def refusal(folder: Path, text: str, name: str = "yoloaudit.toml") -> str:
    with pytest.raises(UsageError) as error:
        settings(folder, text, name)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_without_a_file_all_is_default(tmp_path: Path) -> None:
    found = load_settings(folder=str(tmp_path))
    assert (found.options, found.file) == (Options(), None)
    assert found.rows()[0] == ("rules", ["default"], "default")
    assert [key for key, _, _ in found.rows()] == KEYS


def test_every_key(tmp_path: Path) -> None:
    text = """
        rules = ["strict", "packs/mine.yaml"]
        select = ["boxes"]
        ignore = {tiny-box = "drawn so", rows = ""}
        fail-on = "warning"
        split = ["train"]
        imgsz = 1280
        guide-scale = 0.1
        max = {duplicate-box = 3}
        max-per-rule = 5
        workers = 2
        fast = true
        no-cache = true
        cache-dir = "kept"
        deployed = "field"
        run = "runs/train/exp"
        baseline = "runs/baseline/exp"
        weights = "best/of.pt"
        predictions = "seen.json"
        coco80to91 = true
        ratchet = "accepted.json"
        strict-ratchet = true
        against = "main"
        format = "json"
        output = ["html=report.html"]
    """
    found = settings(tmp_path, text)
    assert found.options.rules == ["strict", str(tmp_path / "packs/mine.yaml")], "relative to the file"
    assert found.options.output == [f"html={tmp_path / 'report.html'}"]
    assert (found.options.cache_dir, found.options.deployed) == (str(tmp_path / "kept"), str(tmp_path / "field"))
    assert found.options.run == str(tmp_path / "runs/train/exp")
    assert found.options.baseline == str(tmp_path / "runs/baseline/exp")
    assert found.options.weights == str(tmp_path / "best/of.pt")
    assert (found.options.predictions, found.options.coco80to91) == (str(tmp_path / "seen.json"), True)
    assert (found.options.fast, found.options.no_cache) == (True, True)
    assert (found.options.ratchet, found.options.strict_ratchet) == (str(tmp_path / "accepted.json"), True)
    assert found.options.against == "main"
    assert found.ignore == ["tiny-box=drawn so", "rows="]
    assert (found.options.fail_on, found.options.imgsz, found.options.guide_scale) == ("warning", 1280, 0.1)
    assert (found.options.max, found.options.max_per_rule) == ({"duplicate-box": 3}, 5)
    assert {source for _, _, source in found.rows()} == {str(tmp_path / "yoloaudit.toml")}
    assert len(found.rows()) == len(KEYS)


def test_the_nearest_file_counts(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "yoloaudit.toml").write_text("imgsz = 320")
    assert load_settings(folder=str(inner)).options.imgsz == 320
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\nname = 'x'")
    assert load_settings(folder=str(inner)).options.imgsz == 320, "a project without our table is passed over"
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.yoloaudit]\nworkers = 3")
    found = load_settings(folder=str(inner)).options
    assert (found.imgsz, found.workers) == (640, 3), "files are not mixed"
    (tmp_path / "a" / "yoloaudit.toml").write_text("imgsz = 96")
    assert load_settings(folder=str(inner)).options.imgsz == 96, "our own file before pyproject.toml"


def test_a_broken_project_of_others_is_passed_over(tmp_path: Path) -> None:
    assert settings(tmp_path, "name = = 3", "pyproject.toml") == Settings()
    assert "is not TOML" in refusal(tmp_path, "[tool.yoloaudit]\nimgsz = = 3", "pyproject.toml")


def test_a_named_file(tmp_path: Path) -> None:
    (tmp_path / "yoloaudit.toml").write_text("imgsz = 320")
    (tmp_path / "other.toml").write_text("imgsz = 96")
    found = load_settings(str(tmp_path / "other.toml"), str(tmp_path))
    assert (found.options.imgsz, found.file) == (96, str(tmp_path / "other.toml"))
    for path, said in {"none.toml": "does not exist", "": "is a folder"}.items():
        with pytest.raises(UsageError, match=said):
            load_settings(str(tmp_path / path), str(tmp_path))
    (tmp_path / "pyproject.toml").write_text("")
    with pytest.raises(UsageError, match=r"has no table \[tool.yoloaudit\]"):
        load_settings(str(tmp_path / "pyproject.toml"))


def test_untrusted_reads_a_named_file_alone(tmp_path: Path) -> None:
    (tmp_path / "yoloaudit.toml").write_text("fail-on = 'never' broken")
    found = load_settings(None, str(tmp_path), untrusted=True)
    assert (found.options, found.passed_over) == (Options(), str(tmp_path / "yoloaudit.toml"))
    (tmp_path / "mine.toml").write_text("imgsz = 96")
    assert load_settings(str(tmp_path / "mine.toml"), str(tmp_path), untrusted=True).options.imgsz == 96


def test_command_line_over_file(tmp_path: Path) -> None:
    found = settings(
        tmp_path, "imgsz = 320\nignore = ['boxes']\nmax = {tiny-box = 1, nested-box = 2}\nselect = ['rows']"
    )
    given = {"imgsz": 96, "workers": None, "ignore": ["rows=mine"], "max": {"tiny-box": 4}, "select": ["data"]}
    both = found.with_given(given)
    assert (both.options.imgsz, both.options.workers) == (96, None)
    assert both.ignore == ["boxes", "rows=mine"], "added"
    assert both.options.max == {"tiny-box": 4, "nested-box": 2}, "added"
    assert both.options.select == ["data"], "replaced"
    assert both.sources["imgsz"] == "command line"
    assert both.file == found.file
    with pytest.raises(UsageError, match=r"command line: imgsz: .* greater than or equal to 32, not 1"):
        found.with_given({"imgsz": 1})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("imgz = 320", "unknown key 'imgz'. Did you mean 'imgsz'?"),
        ("fail_on = 'never'", "unknown key 'fail_on'. Did you mean 'fail-on'?"),
        ("imgsz = '320'", "imgsz: input should be a valid integer, not '320'"),
        ("imgsz = 3e2", "imgsz:"),
        ("imgsz = 9999999", "imgsz: input should be less than"),
        ("fail-on = 'fatal'", "fail-on: input should be 'error', 'warning', 'info' or 'never', not 'fatal'"),
        ("rules = 'default'", "rules:"),
        ("rules = []", "rules:"),
        ("ignore = [1]", "ignore."),
        ("guide-scale = inf", "guide-scale:"),
        ("guide-scale = nan", "guide-scale:"),
        ("workers = 0", "workers:"),
        ("max = {tiny-box = 'x'}", "max.tiny-box:"),
        ("split = ['all']", "split.0:"),
        ("imgsz = 1\nimgsz = 2", "is not TOML"),
        ("imgsz = " + "9" * 5000, "is not TOML"),
        ("imgsz = " + "[" * 5000, "nested too deeply"),
        ("#" * 1_000_001, "above the limit"),
        ("imgsz = \0", "is not TOML"),
    ],
    ids=lambda text: text[:30].encode("unicode_escape").decode(),
)
def test_mistake_is_named_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    refused = refusal(tmp_path, text)
    assert said in refused
    assert "yoloaudit.toml" in refused


def test_what_is_no_settings_file(tmp_path: Path) -> None:
    assert "must be a table" in refusal(tmp_path, "[tool]\nyoloaudit = 3", "pyproject.toml")
    (tmp_path / "yoloaudit.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="not UTF-8"):
        load_settings(folder=str(tmp_path))
    (tmp_path / "yoloaudit.toml").unlink()
    os.mkfifo(tmp_path / "yoloaudit.toml")
    with pytest.raises(UsageError, match="named pipe"):
        load_settings(folder=str(tmp_path))


@given(st.text(max_size=60) | st.text("=[]{}'\",.\n abimgsz-0123456789", max_size=60))
def test_any_text_is_settings_or_one_line(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    said = ""
    try:
        load_settings(str(path))
    except UsageError as error:
        said = str(error)
    assert "\n" not in said


def test_reading_settings_does_not_load_pandas() -> None:
    code = "import sys, yoloaudit.config; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parent.parent).returncode == 0
