"""The options of `yoloaudit val` that `detect` does not have, by the names that YOLOv5 gave them."""

from typing import Annotated, TypeAlias

import typer

from yoloaudit.cli.detect_options import OUT, WHAT

Data: TypeAlias = Annotated[
    str | None,
    typer.Argument(
        help="A data.yaml or a folder that holds one; left out: the one in the working folder.",
        show_default=False,
        rich_help_panel=WHAT,
    ),
]
DataOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--data", metavar="DATA", help="The same as DATA.", rich_help_panel=WHAT),
]
Task: TypeAlias = Annotated[
    str,
    typer.Option("--task", metavar="SPLIT", help="The split: train, val or test.", rich_help_panel=WHAT),
]
SingleClass: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--single-cls", help="Take all classes, of the labels and of the model, for one.", rich_help_panel=WHAT
    ),
]
Coco: TypeAlias = Annotated[
    bool, typer.Option("--coco", help="Also COCO's own AP, as pycocotools counts it.", rich_help_panel=OUT)
]
Verbose: TypeAlias = Annotated[
    bool, typer.Option("--verbose", help="List the classes, also where there are many.", rich_help_panel=OUT)
]
SaveJson: TypeAlias = Annotated[
    bool, typer.Option("--save-json", help="Write the detections as COCO results JSON.", rich_help_panel=OUT)
]
NoPlots: TypeAlias = Annotated[bool, typer.Option("--no-plots", help="Write no pictures.", rich_help_panel=OUT)]
