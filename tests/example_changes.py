"""Reports of a changed data set: what is new, what was known, what is mended; and names that Markdown would act on."""

from dataclasses import replace

from tests.example_report import HOSTILE, example, hostile
from yoloaudit.findings import Change, Finding, Location, Report, Severity

IN_MARKDOWN = (
    *("@octocat", "#123", "GH-12", "deadbeefcafe", "octo/repo#1", ":smile:", "$x^2$", "JIRA-12"),
    *("https://evil.example/x", "www.evil.example", "mail@evil.example", "<img src=x onerror=alert(1)>"),
    *("</code></td></tr></table><h1>big</h1>", "![x](https://evil.example/p.png)", "[x](javascript:alert(1))"),
    *("`code`", "```", "~~~", "a|b", "\\|", "\\", "-->", "<!--", "&lt;b&gt;", "***b***", "- item", "# head", "> x"),
    *("</details>", "<details open>", "{0}", "{{", "]]>", "a](b", "../../x", "/etc/passwd", "C:\\x", "a b%20c", "é犬"),
)
EVERY = (*HOSTILE, *IN_MARKDOWN)


def changed() -> Report:
    """A report of `example` that is held against a branch: two findings are new, the others were there."""
    report = replace(example(), settings={"fail_on": "error", "base": "/data"})
    new = {"missing-split-path", "swapped-label"}
    findings = [replace(finding, known=finding.rule not in new) for finding in report.findings]
    gone = Finding(
        "duplicate-row",
        Severity.WARNING,
        "line 3 repeats line 1",
        Location("train", "images/train/0100.jpg", "labels/train/0100.txt", 3),
        fingerprint="00000000000000d1",
    )
    change = Change(
        base="origin/main",
        counts={"images added": 3, "images removed": 0, "boxes moved": 2},
        deltas=["cat: 9,812 → 9,640 instances in train", "dog: 12 → 14 images in val"],
        before={Severity.ERROR: 0, Severity.WARNING: 4, Severity.INFO: 23},
        mended=[gone],
        places=[
            ("image added", Location("train", "images/train/0900.jpg")),
            ("image moved", Location("train", "images/train/0901.jpg")),
        ],
        moves={"images/train/0901.jpg": "images/val/0901.jpg"},
    )
    runs = [run for run in report.runs if run.status != "error"]
    return replace(report, findings=findings, runs=runs, change=change)


def hostile_everywhere() -> Report:
    """Every hostile text in every place of a report that a data set, its descriptor, a pack or a branch can fill."""
    report = hostile()
    findings = [
        Finding(text, grade, text, Location(text, text, text, 3, 0, file=file), fingerprint=text, known=known)
        for text in EVERY
        for grade, known, file in ((Severity.ERROR, False, None), (Severity.WARNING, True, text))
    ]
    findings += [Finding("tiny-box", Severity.INFO, f"class {text!r}", Location(split=text)) for text in EVERY]
    findings += [
        replace(finding, related=(Location(text, text, text, 1),))
        for text, finding in zip(EVERY, findings, strict=False)
    ]
    change = Change(
        base=EVERY[0],
        counts={f"{text} added": 1 for text in EVERY},
        deltas=EVERY,
        mended=[replace(finding, known=False) for finding in findings if finding.known],
        places=[(text, Location(text, text)) for text in EVERY],
        moves={text: text for text in EVERY},
    )
    runs = [replace(run, family=EVERY[number], guide=EVERY[-number - 1]) for number, run in enumerate(report.runs)]
    facts = {**report.dataset, "names": list(EVERY)}
    return replace(report, dataset=facts, findings=[*report.findings, *findings], runs=runs, change=change)
