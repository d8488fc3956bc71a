"""Reports made by hand: one as an audit would yield it, one whose every text is hostile."""

from dataclasses import replace

from yoloaudit.findings import Finding, Fix, Location, Report, RuleRun, Severity, Suggestion

LEDGER_KEYS = (
    *("images_found", "images_listed_missing", "images_unreadable", "images_used", "images_dropped"),
    *("images_empty_label", "images_without_label", "label_files", "label_files_orphan", "rows", "rows_broken"),
    *("rows_duplicate", "boxes", "boxes_used", "boxes_vanishing"),
)
HOSTILE = (
    *("\x1b[31mred\x1b[0m", "a\nb\rc\td", "::error::x", "x ::stop-commands::y", "##[group]x", "##vso[task]x"),
    *(
        "=cmd|' C'!A0",
        "+1",
        "-rf",
        "@SUM(A1)",
        "＝1",
        " =1",
        "\ud800",
        "\udcff",
        "x\u202egnp",
        "[red]x[/]",
        "[/]",
        "\x7f",
    ),
    *("{0.__class__}", "%s%n", '","x":"y', "<script>", "a" * 5000, ":", "\uffff"),
)


def example() -> Report:
    """One error, guide warnings, many notes of one rule, a root cause, a crash, and a sentence that nobody measured."""
    findings = [
        Finding(
            "missing-split-path",
            Severity.ERROR,
            "`test` names images/test, which does not exist",
            Location(split="test", file="data.yaml", line=4),
            fingerprint="00000000000000e1",
        ),
        Finding(
            "swapped-label",
            Severity.WARNING,
            "class 'cat' is labelled where the neighbour says 'dog'",
            Location("train", "images/train/0007.jpg", "labels/train/0007.txt", 4, 0, (1.5, 2.0, 30.25, 40.0)),
            value=0.1,
            limit=0.5,
            score=0.912345678,
            related=(Location("train", "images/train/0008.jpg", "labels/train/0008.txt", 2),),
            fix=Fix("rename", safe=False),
            suggestion=Suggestion(1, (1.0, 2.0, 30.0, 40.0), 0.91),
            fingerprint="00000000000000w1",
        ),
        *(_few(number, name, images) for number, (name, images) in enumerate([("cat", 61), ("dog", 1200)])),
        Finding(
            "pixel-coordinates",
            Severity.WARNING,
            "Pixel coordinates instead of shares: 4,000 times, in 120 of 128 images; the first: x is 320",
            Location(split="train"),
            value=4000.0,
            related=tuple(
                Location("train", f"images/train/{n:04}.jpg", f"labels/train/{n:04}.txt", 1) for n in range(3)
            ),
            fix=Fix("normalise", safe=False),
            fingerprint="00000000000000w2",
            folded=4000,
        ),
        *(_tiny(number) for number in range(23)),
    ]
    return Report(dataset_facts(), _ledger(), _classes(), findings, _runs(), {"fail_on": "error"})


def dataset_facts() -> dict[str, object]:
    return {
        "root": "/data/pets",
        "descriptor": "data.yaml",
        "layout": "yolo",
        "names": ["cat", "dog"],
        "fingerprint": "f00d",
        "kinds": {"box": 1021},
    }


def _ledger() -> dict[str, dict[str, int]]:
    train = (128, 1, 2, 126, 2, 0, 2, 126, 3, 941, 6, 6, 929, 917, 4)
    val = (12, 0, 0, 12, 0, 0, 0, 12, 0, 80, 0, 0, 80, 80, 0)
    return {"train": dict(zip(LEDGER_KEYS, train, strict=True)), "val": dict(zip(LEDGER_KEYS, val, strict=True))}


def _classes() -> list[dict[str, object]]:
    return [
        {"id": 0, "name": "cat", "splits": {"train": {"images": 61, "instances": 254}}},
        {"id": 1, "name": "dog", "splits": {"train": {"images": 1200, "instances": 1500}}},
    ]


def _few(number: int, name: str, images: int) -> Finding:
    return Finding(
        "few-images-per-class",
        Severity.WARNING,
        f"{images:,} training images show class {name!r}, {1500 - images:,} short of 1,500",
        Location(split="train", class_id=number),
        value=float(images),
        limit=1500.0,
        fingerprint=f"00000000000000f{number}",
    )


def _first_line(number: int) -> Location:
    return Location("train", f"images/train/{number:04}.jpg", f"labels/train/{number:04}.txt", 1)


def _tiny(number: int) -> Finding:
    side = 0.5 + number / 10
    return Finding(
        "tiny-box",
        Severity.INFO,
        f"shorter side is {side:.1f} px at image size 640, below 3 px",
        Location("train", f"images/train/{number:04}.jpg", f"labels/train/{number:04}.txt", 4, 1, (1.0, 2.0, 3.0, 4.0)),
        value=side,
        limit=3.0,
        fingerprint=f"000000000000{number:04}",
    )


def _runs() -> list[RuleRun]:
    guide = "Images per class. ≥ 1500 images per class recommended"
    few = "Background images. We recommend about 0-10% background images to help reduce FPs"
    tight = "Label accuracy. Labels must closely enclose each object."
    unseen = "not measurable here: where an object ends is in the pixels alone"
    run, warning = RuleRun, Severity.WARNING
    return [
        run("missing-split-path", "missing-split-path", "data", Severity.ERROR, "fail", 1, seconds=0.0001),
        run("swapped-label", "swapped-label", "boxes", warning, "fail", 1),
        run("few-images-per-class", "few-images-per-class", "classes", warning, "fail", 2, 61.0, 1500.0, guide),
        run("too-many-backgrounds", "too-many-backgrounds", "backgrounds", warning, "pass", 0, 0.015625, 0.1, few),
        run("tight-box", None, None, Severity.INFO, "skipped", guide=tight, why_skipped=unseen),
        run("orphan-label", None, None, warning, "skipped", why_skipped="ignored: kept on purpose"),
        run("pixel-coordinates", "pixel-coordinates", "rows", warning, "fail", 4000, seconds=1.5),
        run("crowded-image", "crowded-image", "boxes", Severity.INFO, "error", why_skipped="ValueError: no boxes"),
        run("tiny-box", "tiny-box", "boxes", Severity.INFO, "fail", 400, seconds=0.25),
    ]


def hostile() -> Report:
    """Every text that a data set can choose, in every place where it can stand."""
    findings = [
        Finding("tiny-box", Severity.ERROR, text, Location("train", text, text, 3, 0, file=file), fingerprint="f")
        for text in HOSTILE
        for file in (None, text)
    ]
    findings += [Finding("tiny-box", Severity.INFO, f"class {text!r}", Location(split="train")) for text in HOSTILE]
    report = example()
    facts = {**report.dataset, "names": list(HOSTILE), "root": HOSTILE[0], "descriptor": HOSTILE[1]}
    classes = [{"id": number, "name": name, "splits": {}} for number, name in enumerate(HOSTILE)]
    skipped = [replace(run, why_skipped="ignored: " + HOSTILE[1], guide=HOSTILE[2]) for run in report.runs]
    return replace(report, dataset=facts, classes=classes, findings=findings, runs=skipped)
