"""The catalogue: a page for every check, and generated files that are fresh."""

import re
from pathlib import Path

import pytest

from yoloaudit.catalogue import check_named, main, markdown, page, parameters, readme
from yoloaudit.checks.base import Check
from yoloaudit.checks.discover import all_checks
from yoloaudit.errors import UsageError
from yoloaudit.findings import Severity
from yoloaudit.pack_schema import schema_text
from yoloaudit.packs import load_rules

CHECKS = list(all_checks().values())


def named(check: type[Check]) -> str:
    return check.name()


def test_generated_files_are_fresh(project: Path) -> None:
    for name, text in (("README.md", readme()), ("schema.json", schema_text())):
        assert (project / "rules" / name).read_text(encoding="utf-8") == text, "run `make generated`"


def test_generating_writes_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"README.md", "schema.json"}
    assert capsys.readouterr().out.count("\n") == 2


@pytest.mark.parametrize("check", CHECKS, ids=named)
def test_page(check: type[Check]) -> None:
    text = page(check, width=60)
    assert text.startswith(f"{check.name()} · family {check.family()} · {check.severity}")
    assert not [letter for letter in text if not letter.isprintable() and letter != "\n"], "safe to print"
    assert "\nFix: " in text
    assert "\nExample of the defect\n" in text
    head = text.partition("\nExample of the defect")[0].split("\n", 1)[1]
    assert not [line for line in head.split("\n") if len(line) > 60 and not line.startswith("  ")]
    for parameter in parameters(check):
        assert f"  {parameter.name} = {parameter.default}" in text
        assert parameter.description, "every parameter says what it is"


@pytest.mark.parametrize("check", CHECKS, ids=named)
def test_line_for_a_pack_loads(check: type[Check], tmp_path: Path) -> None:
    line = page(check).rstrip("\n").rpartition("\n")[2]
    (tmp_path / "mine.yaml").write_text(f"rules:\n{line}\n", encoding="utf-8")
    assert [rule.name for rule in load_rules([str(tmp_path / "mine.yaml")])] == [check.name()]


@pytest.mark.parametrize("check", CHECKS, ids=named)
def test_docstring_is_a_page(check: type[Check]) -> None:
    assert check.title().endswith(".")
    assert len(check.why().split()) >= 8, "why it matters and what to do"


def test_links_of_the_readme_lead_somewhere() -> None:
    text = readme()
    headings = set(re.findall(r"^#+ (.+)$", text, re.MULTILINE))
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings
    assert set(all_checks()) <= headings


def test_markdown_takes_docstrings_as_text() -> None:
    class LessThan(Check):
        """Box with w < h <script>."""

        severity = Severity.INFO
        bad = ("0 \x1b[31m" + "9" * 500 + "\n1\n" * 20,)

    text = markdown(LessThan)
    assert "Box with w &lt; h &lt;script&gt;." in text
    assert "    0 \\x1b[31m999" in text
    assert "    … and 32 more lines" in text
    assert max(map(len, text.split("\n"))) < 120


def test_unknown_name_names_the_nearest() -> None:
    assert check_named("tiny-box").name() == "tiny-box"
    with pytest.raises(UsageError, match="Did you mean 'tiny-box'"):
        check_named("tiny-bx")
    with pytest.raises(UsageError, match=r"no check is called '.{59}…'"):
        check_named("x" * 1000)
