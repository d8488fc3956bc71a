"""The JSON report as types: what every key holds; the schema that is shipped is generated from them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from typing_extensions import TypedDict

Grade = Literal["error", "warning", "info"]
Count = Annotated[int, Field(ge=0)]
Box = Annotated[list[float], Field(min_length=4, max_length=4, description="x1, y1, x2, y2 in pixels")]
Line = Annotated[int, Field(ge=1, description="line of the file, from 1")]


class Tool(TypedDict):
    """What wrote the report."""

    name: Literal["yoloaudit"]
    version: str


class SplitFacts(TypedDict):
    """A split in four numbers."""

    images: Count
    label_files: Count
    boxes: Count
    backgrounds: Count


class DatasetFacts(TypedDict):
    """The data set; paths are relative to `root`, with `/`, as on disk."""

    root: str
    descriptor: str | None
    layout: Literal["yolo", "coco", "voc"]
    names: list[str]
    fingerprint: str | None
    splits: dict[str, SplitFacts]
    kinds: Annotated[dict[str, Count], Field(description="rows by what they look like: box, polygon, …")]


class SplitLedger(TypedDict):
    """What the trainer does with a split's files and rows."""

    images_found: Annotated[int, Field(description="images that the trainer lists")]
    images_listed_missing: Annotated[int, Field(description="lines of an image list that name no file")]
    images_unreadable: Count
    images_used: Annotated[int, Field(description="images it trains on, backgrounds included")]
    images_dropped: Annotated[int, Field(description="images it lists and drops")]
    images_empty_label: Count
    images_without_label: Count
    label_files: Count
    label_files_orphan: Annotated[int, Field(description="label files without an image")]
    rows: Annotated[int, Field(description="lines that are not blank, of label files that belong to a found image")]
    rows_broken: Annotated[int, Field(description="rows that yield no box")]
    rows_duplicate: Count
    boxes: Annotated[int, Field(description="rows that yield a box, duplicates not counted twice")]
    boxes_used: Annotated[int, Field(description="boxes in used images")]
    boxes_vanishing: Annotated[int, Field(description="boxes of 2 px or less on a side at the training size")]


class ClassCounts(TypedDict):
    """How often a class is shown in a split."""

    images: Count
    instances: Count


class ClassFacts(TypedDict):
    """A class; an id beyond the names has none."""

    id: int
    name: str | None
    splits: dict[str, ClassCounts]


class RunFacts(TypedDict):
    """What became of a rule."""

    rule: str
    check: str | None
    family: str | None
    severity: Grade
    status: Literal["pass", "fail", "skipped", "error"]
    found: Annotated[int, Field(ge=0, description="all defects, also those that are not listed or were folded")]
    measured: float | None
    limit: float | None
    guide: Annotated[str | None, Field(description="the sentence of the guide that the rule stands for")]
    why_skipped: str | None
    seconds: float


class SuggestionFacts(TypedDict):
    """What a label should be."""

    class_id: int
    box: Box
    score: float


class RelatedPlace(TypedDict):
    """Another place that belongs to a finding."""

    image: str | None
    label: str | None
    line: Line | None


class FixFacts(TypedDict):
    """A mend that can be planned."""

    kind: str
    safe: Annotated[bool, Field(description="true: keeps the meaning of the labels")]


class FindingFacts(TypedDict):
    """A defect, where it is, and what to do."""

    rule: str
    severity: Grade
    message: str
    split: str | None
    image: str | None
    label: str | None
    line: Line | None
    class_id: int | None
    box: Annotated[Box | None, Field(description="in the image as the trainer sees it")]
    value: float | None
    limit: float | None
    score: float | None
    suggestion: SuggestionFacts | None
    related: list[RelatedPlace]
    fix: FixFacts | None
    fingerprint: str
    file: Annotated[str | None, Field(description="a file that is neither image nor label, such as the descriptor")]
    folded: Annotated[int, Field(ge=1, description="how many defects this finding stands for")]
    known: Annotated[bool, Field(description="true: accepted, or there already before the change; it does not fail")]


class ChangedPlace(TypedDict):
    """Where something changed."""

    what: Annotated[str, Field(description="image added, image moved, box moved, box re-classed, …")]
    split: str | None
    image: str | None
    label: str | None
    line: Line | None
    class_id: int | None
    box: Box | None
    was: Annotated[str | None, Field(description="of an image that moved: its path before")]


class ChangeFacts(TypedDict):
    """What became of the data set since an earlier state."""

    base: Annotated[str, Field(description="the earlier state, as it was named")]
    counts: Annotated[dict[str, Count], Field(description="images added, boxes moved, classes renamed, …")]
    deltas: Annotated[list[str], Field(description="facts of the whole data set that moved, as sentences")]
    before: Annotated[dict[Grade, Count], Field(description="findings of the earlier state, by severity")]
    mended: Annotated[list[FindingFacts], Field(description="findings of the earlier state that are gone")]
    places: list[ChangedPlace]


class Summary(TypedDict):
    """Findings by severity, and what the command exits with."""

    error: Count
    warning: Count
    info: Count
    exit_code: Literal[0, 1, 3]


class Document(TypedDict):
    """The report of an audit."""

    format: Literal[1]
    tool: Tool
    dataset: DatasetFacts
    ledger: dict[str, SplitLedger]
    classes: list[ClassFacts]
    rules: list[RunFacts]
    findings: Annotated[list[FindingFacts], Field(description="by severity, rule, split, image, line")]
    change: Annotated[ChangeFacts | None, Field(description="against an earlier state; null where none was named")]
    summary: Summary


class _WithoutTitles(GenerateJsonSchema):
    """A property's name says what its title would."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schema() -> dict[str, Any]:
    """The JSON schema of the report; keys may be added within a format, so that it does not forbid others."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **TypeAdapter(Document).json_schema(schema_generator=_WithoutTitles),
        "title": "yoloaudit report, format 1",
    }
