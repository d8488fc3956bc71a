"""The options of `yoloaudit detect`, by the names that YOLOv5 gave them."""

from typing import Annotated, TypeAlias

import typer

WHAT, MODEL, HOW, OUT = "What is looked at", "The model", "How it looks", "What comes out"

Source: TypeAlias = Annotated[
    str,
    typer.Option(
        "--source",
        metavar="PATH",
        help="An image, a video, a folder, a .txt list of files, or a pattern like 'photos/*.jpg'.",
        rich_help_panel=WHAT,
    ),
]
Stride: TypeAlias = Annotated[
    int,
    typer.Option("--vid-stride", metavar="N", min=1, help="Of a video every Nth frame.", rich_help_panel=WHAT),
]
Weights: TypeAlias = Annotated[
    str, typer.Option("--weights", metavar="FILE|NAME", help="A file, or a name as yolov5s.", rich_help_panel=MODEL)
]
Device: TypeAlias = Annotated[
    str,
    typer.Option("--device", metavar="NAME", help="cpu, 0, cuda:1, mps. Default: the fastest.", rich_help_panel=MODEL),
]
Half: TypeAlias = Annotated[bool, typer.Option("--half", help="16-bit floats; on CUDA only.", rich_help_panel=MODEL)]
ImageSize: TypeAlias = Annotated[
    int,
    typer.Option(
        *("--imgsz", "--img", "--img-size"),
        metavar="PX",
        min=32,
        max=10_000,
        help="Longer side that images are scaled to.",
        rich_help_panel=HOW,
    ),
]
Confidence: TypeAlias = Annotated[
    float,
    typer.Option("--conf-thres", "--conf", metavar="SHARE", help="Least score of a detection.", rich_help_panel=HOW),
]
Overlap: TypeAlias = Annotated[
    float,
    typer.Option(
        *("--iou-thres", "--iou"),
        metavar="SHARE",
        help="IoU above which a box suppresses another.",
        rich_help_panel=HOW,
    ),
]
MostDetections: TypeAlias = Annotated[
    int, typer.Option("--max-det", metavar="N", min=1, help="Most detections of an image.", rich_help_panel=HOW)
]
Classes: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--classes", metavar="ID", help="Only these class ids: --classes 0 2, or 0,2. Repeatable.", rich_help_panel=HOW
    ),
]
MoreClasses: TypeAlias = Annotated[list[str] | None, typer.Argument(hidden=True)]
Agnostic: TypeAlias = Annotated[
    bool, typer.Option("--agnostic-nms", help="Boxes suppress those of other classes, too.", rich_help_panel=HOW)
]
Augment: TypeAlias = Annotated[
    bool, typer.Option("--augment", help="Look three times, scaled and mirrored.", rich_help_panel=HOW)
]
BatchSize: TypeAlias = Annotated[
    int,
    typer.Option(
        "--batch-size", "--batch", metavar="N", min=1, max=100_000, help="Images of one shape at once.",
        rich_help_panel=HOW,
    ),
]  # fmt: skip
Workers: TypeAlias = Annotated[
    int | None,
    typer.Option("--workers", metavar="N", min=0, max=1024, help="Threads that read images.", rich_help_panel=HOW),
]
NoSave: TypeAlias = Annotated[
    bool, typer.Option("--nosave", help="Write no pictures and no videos.", rich_help_panel=OUT)
]
SaveTxt: TypeAlias = Annotated[
    bool, typer.Option("--save-txt", help="Write the detections as label files.", rich_help_panel=OUT)
]
SaveConf: TypeAlias = Annotated[
    bool, typer.Option("--save-conf", help="With --save-txt: the score, too.", rich_help_panel=OUT)
]
SaveCrop: TypeAlias = Annotated[
    bool, typer.Option("--save-crop", help="Cut each object out, into a folder of its class.", rich_help_panel=OUT)
]
Project: TypeAlias = Annotated[
    str, typer.Option("--project", metavar="DIR", help="Where run folders are made.", rich_help_panel=OUT)
]
Name: TypeAlias = Annotated[
    str,
    typer.Option("--name", metavar="NAME", help="Of the run folder; a number follows if taken.", rich_help_panel=OUT),
]
ExistOk: TypeAlias = Annotated[
    bool, typer.Option("--exist-ok", help="Write into the run folder of an earlier run.", rich_help_panel=OUT)
]
Thickness: TypeAlias = Annotated[
    int, typer.Option("--line-thickness", metavar="PX", min=1, max=100, help="Of boxes.", rich_help_panel=OUT)
]
HideLabels: TypeAlias = Annotated[
    bool, typer.Option("--hide-labels", help="Draw boxes without names.", rich_help_panel=OUT)
]
HideConf: TypeAlias = Annotated[
    bool, typer.Option("--hide-conf", help="Draw names without scores.", rich_help_panel=OUT)
]
Format: TypeAlias = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help="On stdout: text or json.", rich_help_panel=OUT)
]
