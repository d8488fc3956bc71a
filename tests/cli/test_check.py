"""`yoloaudit check` from the command line to files, streams and exit codes."""

import json
from pathlib import Path

import jsonschema
import pytest

from yoloaudit.checks.base import Example
from yoloaudit.cli.app import command
from yoloaudit.cli.boundary import guarded
from yoloaudit.report.document import schema
from yoloaudit.testing import lay_out

BROKEN = Example(files={"labels/train/a.txt": "0 0.5 0.5 0.2 0.2\n7 0.5 0.5 0.3 0.3\n1 0.5 0.5 0.2 0.002\n"})
"""Line 2: a class that does not exist; line 3: a box of a single pixel."""


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A data set with an error in line 2 of a label file; the working folder is beside it."""
    lay_out(str(tmp_path / "pets"), BROKEN)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return str(tmp_path / "pets" / "data.yaml")


def test_text_says_where_and_what(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["check", data]) == 1
    captured = capsys.readouterr()
    assert "labels/train/a.txt:2" in captured.out
    assert "class-out-of-range" in captured.out
    assert "Failed at --fail-on error" in captured.out.splitlines()[-1]
    assert captured.err == ""


def test_json_alone_goes_to_stdout(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["check", data, "--format", "json"]) == 1
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    jsonschema.validate(document, schema())
    assert captured.err == ""
    assert document["summary"]["exit_code"] == 1
    assert document["ledger"]["train"]["rows"] == 3
    found = [finding for finding in document["findings"] if finding["rule"] == "class-out-of-range"]
    assert [(finding["label"], finding["line"], finding["severity"]) for finding in found] == [
        ("labels/train/a.txt", 2, "error")
    ]


def test_two_runs_give_the_same_report(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    texts = []
    for _ in range(2):
        command(["check", data, "--format", "json"])
        document = json.loads(capsys.readouterr().out)
        texts.append([{**run, "seconds": 0} for run in document["rules"]] + document["findings"])
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 1),
        (["--fail-on", "never"], 0),
        (["--fail-on", "info"], 1),
        (["--select", "tiny-box"], 0),
        (["--select", "tiny-box,vanishing-box", "--fail-on", "warning"], 1),
        (["--ignore", "class-out-of-range=the seventh class comes later, we know"], 0),
        (["--max", "class-out-of-range=1"], 0),
        (["--split", "val"], 0),
    ],
)
def test_exit_code(data: str, options: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["check", data, *options]) == code
    assert f"(exit {code})" in capsys.readouterr().out


def test_an_ignored_rule_and_its_reason_are_shown(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    command(["check", data, "--ignore", "class-out-of-range=comes later, we know"])
    out = capsys.readouterr().out
    assert "Not looked at" in out
    assert "ignored: comes later, we know" in out


def test_outputs_are_written_and_stdout_stays_as_asked(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = ["json", "jsonl", "csv", "concise", "text"]
    options = [option for kind in wanted for option in ("--output", f"{kind}={tmp_path}/report.{kind}")]
    assert command(["check", data, "--format", "concise", *options]) == 1
    out = capsys.readouterr().out
    written = {kind: (tmp_path / f"report.{kind}").read_text() for kind in wanted}
    assert written["concise"] == out
    assert "labels/train/a.txt:2: error class-out-of-range" in out
    findings = json.loads(written["json"])["findings"]
    assert [json.loads(line) for line in written["jsonl"].splitlines()] == findings
    assert written["csv"].count("\n") == len(findings) + 1
    assert written["text"].splitlines()[-1].startswith("Failed at --fail-on error")


def test_nothing_of_the_data_set_is_written_to(data: str, tmp_path: Path) -> None:
    def listing() -> list[tuple[str, int, int]]:
        return sorted((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in tmp_path.rglob("*"))

    before = listing()
    command(["check", data])
    assert listing() == before


def test_all_findings_or_few(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"0 0.5 0.{number} 0.2 0.002\n" for number in range(10, 40))
    (Path(data).parent / "labels/train/a.txt").write_text(rows)
    options = ["check", data, "--select", "tiny-box,vanishing-box"]
    counts = {}
    for most in ("", "0", "7"):
        command([*options, "--format", "concise", *(["--max-per-rule", most] if most else [])])
        counts[most] = len(capsys.readouterr().out.splitlines())
    assert counts == {"": 30, "0": 30, "7": 7}
    command(options)
    assert "… and 10 more" in capsys.readouterr().out


def test_settings_come_from_a_file_and_say_so(data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("yoloaudit.toml").write_text('fail-on = "never"\nignore = ["tiny-box"]\n')
    assert command(["check", data]) == 0
    capsys.readouterr()
    assert command(["check", data, "--show-settings", "--imgsz", "320"]) == 0
    out = capsys.readouterr().out
    assert any(line.split() == ["imgsz", "320", "command", "line"] for line in out.splitlines())
    assert any(line.startswith("fail-on ") and line.endswith("yoloaudit.toml") for line in out.splitlines())
    assert command(["check", data, "--fail-on", "error"]) == 1


def test_untrusted_reads_no_settings_and_says_so(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("yoloaudit.toml").write_text('fail-on = "never"\n')
    assert command(["check", data, "--untrusted"]) == 1
    assert "yoloaudit.toml is not read, because the data are not trusted" in capsys.readouterr().err
    assert command(["check", data, "--untrusted", "--config", "yoloaudit.toml"]) == 0


@pytest.mark.parametrize("kind", ["text", "concise", "json", "jsonl", "csv"])
def test_a_check_that_crashes_is_said_and_the_others_stand(
    kind: str, data: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from yoloaudit.checks.boxes.tiny_box import TinyBox

    def crash(self: TinyBox, boxes: object, imgsz: int) -> None:
        raise RuntimeError("\x1b[31mno\n::error::boxes")

    monkeypatch.setattr(TinyBox, "find", crash)
    assert command(["check", data, "--format", kind]) == 3
    out = capsys.readouterr().out
    assert "class-out-of-range" in out
    assert "\x1b" not in out
    assert "\n::error" not in out
    if kind in ("text", "json"):
        assert "RuntimeError" in out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["nowhere"], "nowhere"),
        (["--output", "json=nowhere/x.json"], "there is no folder"),
        (["--imgsz", "0"], "imgsz"),
        (["--workers", "-1"], "workers"),
        (["--rules", "nowhere.yaml"], "nowhere.yaml"),
        (["--rules", "strct"], "Did you mean 'strict'?"),
        (["--guide-scale", "0"], "guide"),
    ],
)
def test_what_cannot_be_run_is_one_line(
    data: str, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["check", *([] if options == ["nowhere"] else [data]), *options]
    assert guarded(command, arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_a_split_found_elsewhere_is_said_in_one_line(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = "train: ../images/train\nval: images/val\nnames: [cat, dog]\n"
    Path(data).write_text(text)
    command(["check", data])
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("train: written"))
    assert line == "train: written ../images/train, read from images/train (without ../)"


def test_the_exit_code_does_not_depend_on_what_is_listed(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    """25 notes and, after them, the one warning of the same rule."""
    rows = "".join(f"0 0.5 0.{number} 0.9 0.03\n" for number in range(10, 35)) + "0 0.5 0.5 0.9 0.007\n"
    (Path(data).parent / "labels/train/a.txt").write_text(rows)
    options = ["check", data, "--select", "extreme-aspect-box", "--fail-on", "warning"]
    for kind in ("json", "text"):
        assert command([*options, "--format", kind]) == 1
    assert "1 warning, 25 info" in capsys.readouterr().out.splitlines()[-1]


def test_json_of_a_run_that_cannot_begin_is_json_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data.yaml").mkdir()
    arguments = ["check", str(tmp_path / "data.yaml" / "none.yaml"), "--format", "json"]
    assert guarded(command, arguments) == 2
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert document["error"]["exit_code"] == 2
    assert document["error"]["message"] in captured.err


@pytest.mark.parametrize("target", ["data.yaml", "labels/train/a.txt", "images/val/b.png"])
def test_a_report_never_replaces_a_file_of_the_data_set(
    data: str, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Path(data).parent / target
    before = place.read_bytes()
    assert guarded(command, ["check", data, "--output", f"json={place}"]) == 2
    assert "is a file of the data set" in capsys.readouterr().err
    assert place.read_bytes() == before


@pytest.mark.parametrize("options", [["--rules", "guide"], ["--select", "boxes"], ["--ignore", "data"]])
@pytest.mark.parametrize("text", ["train: [a\n", "path: .\ntrain: none\nval: none\nnames: []\n"])
def test_what_was_never_read_does_not_pass(
    tmp_path: Path, text: str, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data.yaml").write_text(text)
    assert guarded(command, ["check", str(tmp_path / "data.yaml"), *options]) == 2
    assert "nothing was audited" in capsys.readouterr().err


def test_an_untrusted_settings_file_writes_nothing(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever may change it by a pull request could have any file of the machine replaced."""
    Path("yoloaudit.toml").write_text('output = ["json=report.json"]\n', "utf-8")
    assert guarded(command, ["check", data, "--untrusted", "--config", "yoloaudit.toml"]) == 2
    assert "only the command line says" in capsys.readouterr().err
    assert not Path("report.json").exists()


def test_formats_of_ci_and_the_page(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    outputs = ["--output", "sarif=a.sarif", "--output", "html=a.html", "--output", "labels=a.jpg"]
    assert command(["check", data, "--format", "github", *outputs]) == 1
    assert capsys.readouterr().out.startswith("::error ")
    assert json.loads(Path("a.sarif").read_text("utf-8"))["version"] == "2.1.0"
    assert "class-out-of-range" in Path("a.html").read_text("utf-8")
    assert Path("a.jpg").read_bytes().startswith(b"\xff\xd8")


def test_accepted_findings_do_not_fail(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["check", data, "--ratchet", "accepted.json", "--write-ratchet"]) == 0
    assert "accepted" in capsys.readouterr().out
    assert command(["check", data, "--ratchet", "accepted.json"]) == 0
    label = Path(data).parent / "labels" / "train" / "a.txt"
    label.write_text("9 0.5 0.5 0.2 0.2\n" + label.read_text("utf-8"), "utf-8")
    capsys.readouterr()
    assert command(["check", data, "--ratchet", "accepted.json", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [each["line"] for each in found if each["rule"] == "class-out-of-range" and not each["known"]] == [1]
