"""The options of the commands, each declared once."""

from typing import Annotated, TypeAlias

import typer

WHAT, HOW, OUT, TRUST = "What is audited", "How it is judged", "What comes out", "Trust"

Data: TypeAlias = Annotated[
    str | None,
    typer.Argument(
        help="A data.yaml or a folder that holds one; left out: the one in the working folder.",
        show_default=False,
        rich_help_panel=WHAT,
    ),
]
Split: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--split", metavar="NAME", help="Only this split: train, val or test. Repeatable.", rich_help_panel=WHAT
    ),
]
ImageSize: TypeAlias = Annotated[
    int | None,
    typer.Option(
        *("--imgsz", "--img"),
        metavar="PX",
        help="Training image size, in pixels. Default: that of --run, else 640.",
        rich_help_panel=WHAT,
    ),
]
Fast: TypeAlias = Annotated[
    bool, typer.Option("--fast", help="Read image headers only; decode no pixel.", rich_help_panel=WHAT)
]
Deployed: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--deployed",
        metavar="DIR",
        help="Images from where the model will work: how far is the data set from them?",
        rich_help_panel=WHAT,
    ),
]
Run: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--run",
        metavar="DIR",
        help="A run of training, by yoloaudit or YOLOv5: its settings are judged, and its model judges the labels.",
        rich_help_panel=WHAT,
    ),
]
Baseline: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--baseline", metavar="DIR", help="With --run: an earlier run that it is held against.", rich_help_panel=WHAT
    ),
]
Weights: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--weights",
        metavar="FILE|NAME",
        help="A trained model that judges the labels: a file, or an official name as yolov5s.",
        rich_help_panel=WHAT,
    ),
]
Predictions: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--predictions",
        metavar="FILE",
        help="Detections of any model that judge the labels: COCO results JSON, or a predictions.parquet.",
        rich_help_panel=WHAT,
    ),
]
Coco80To91: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--coco80to91", help="The category ids of --predictions are COCO's own, 1 to 90.", rich_help_panel=WHAT
    ),
]
NoCache: TypeAlias = Annotated[
    bool,
    typer.Option("--no-cache", help="Look at every image again, and keep nothing of it.", rich_help_panel=WHAT),
]
CacheFolder: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--cache-dir",
        metavar="DIR",
        help="Where to keep what was measured. Default: the user's cache folder.",
        rich_help_panel=WHAT,
    ),
]
Workers: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--workers",
        metavar="N",
        help="Processes that read files. Default: one a core, 8 at most.",
        rich_help_panel=WHAT,
    ),
]
Rules: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--rules",
        metavar="NAME|PATH",
        help="Rule pack: guide, default, strict, or a file. Repeatable. Default: default.",
        rich_help_panel=HOW,
    ),
]
Select: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--select", metavar="NAME", help="Only these rules: names, families, globs. Repeatable.", rich_help_panel=HOW
    ),
]
Ignore: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--ignore", metavar="NAME[=WHY]", help="Not these rules, and why. Repeatable.", rich_help_panel=HOW),
]
FailOn: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--fail-on",
        metavar="SEVERITY",
        help="Exit 1 from this severity on: error, warning, info, never. Default: error.",
        rich_help_panel=HOW,
    ),
]
GuideScale: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--guide-scale",
        metavar="FACTOR",
        help="Multiply the guide's numbers, for a data set that is small on purpose.",
        rich_help_panel=HOW,
    ),
]
Max: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--max", metavar="RULE=N", help="Tolerate N defects of a rule. Repeatable.", rich_help_panel=HOW),
]
Ratchet: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--ratchet",
        metavar="FILE",
        help="Findings accepted in this file are told, and do not fail.",
        rich_help_panel=HOW,
    ),
]
WriteRatchet: TypeAlias = Annotated[
    bool,
    typer.Option("--write-ratchet", help="With --ratchet: accept all that is found now.", rich_help_panel=HOW),
]
StrictRatchet: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--strict-ratchet",
        help="With --ratchet: fail, too, if accepted findings are gone and still listed.",
        rich_help_panel=HOW,
    ),
]
Against: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--against",
        metavar="REF|DATA",
        help="Fail only through what is new since this git ref, or since this other data set.",
        rich_help_panel=HOW,
    ),
]
Config: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Settings file. Default: the nearest yoloaudit.toml, or pyproject.toml with [tool.yoloaudit].",
        rich_help_panel=HOW,
    ),
]
ShowSettings: TypeAlias = Annotated[
    bool,
    typer.Option("--show-settings", help="Print every setting and where it comes from, and stop.", rich_help_panel=HOW),
]
Format: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="On stdout: text, concise, json, jsonl, csv, sarif, junit, github, gitlab, markdown, html. Default: text.",
        rich_help_panel=OUT,
    ),
]
Output: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        metavar="FORMAT=PATH",
        help="Also write a report to a file, as html=report.html; or a picture of all boxes: labels or correlogram. "
        "Repeatable.",
        rich_help_panel=OUT,
    ),
]
MaxPerRule: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--max-per-rule",
        metavar="N",
        help="List at most N findings of a rule; 0: all. Default: 20 in text, all elsewhere, 1000 if untrusted.",
        rich_help_panel=OUT,
    ),
]
Untrusted: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--untrusted",
        help="Open nothing outside the data set's folder, read no settings file unless --config names it.",
        rich_help_panel=TRUST,
    ),
]
RootFolder: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--root",
        metavar="DIR",
        help="With --untrusted: the folder to stay in. Default: that of DATA.",
        rich_help_panel=TRUST,
    ),
]
