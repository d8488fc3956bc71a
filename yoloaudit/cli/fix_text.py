"""The story of a fix → text for a person, or one JSON document."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.text import Text

from yoloaudit.cli import lines
from yoloaudit.cli.console import paper, written
from yoloaudit.cli.fix_run import Story
from yoloaudit.repair.edits import Left, Mend, Move
from yoloaudit.repair.undo import Undone
from yoloaudit.report.text import show

MOST_PATH, MOST_WORDS, MOST_PLACES = 4096, 400, 5
HEADINGS = {
    "refused": "Refused, as things are now",
    "conflict": "Left, because of other mends",
    "harm": "Left, because as bad a defect would come of it",
    "unsafe": "Left, because it changes the meaning of labels: --unsafe does it, --diff shows it first",
    "images": "Left, because it touches image files: --images allows it",
    "hand": "Left to be mended by hand",
    "done": "Nothing to do",
}
SAME_HEADING = {"changed": "refused"}


def document(story: Story) -> Iterator[str]:
    """The lines of the JSON document."""
    from yoloaudit.findings import FORMAT
    from yoloaudit.report.to_json import dump
    from yoloaudit.version import __version__

    entries = {"format": FORMAT, "tool": {"name": "yoloaudit", "version": __version__}, **facts(story)}
    texts = [f"{dump(key)}: {dump(value)}" for key, value in entries.items()]
    for position, entry in enumerate(texts):
        yield ("" if position else "{") + entry + ("," if position < len(texts) - 1 else "}")


def facts(story: Story) -> dict[str, Any]:
    """What a fix came to, as plain values."""
    fixed, plan, undone = story.fixed, story.fixed.plan, story.undone
    accepted = None
    if fixed.chosen is not None:
        accepted = {"proposals": fixed.chosen.considered, "taken": len(fixed.chosen.proposals)}
        accepted |= {"empty": fixed.chosen.empty, "unknown": fixed.chosen.unknown}
    return {
        "dataset": {"root": fixed.root, "descriptor": fixed.descriptor},
        "written": not story.asked.diff and undone is None and fixed.number is not None,
        "journal": undone.journal.number if undone is not None else fixed.number,
        "accepted": accepted,
        "files": [
            {"path": edit.path, "to": edit.to if isinstance(edit, Move) else None}
            for edit in sorted(plan.edits, key=lambda edit: edit.path)
        ],
        "mended": [mend._asdict() for mend in plan.mends],
        "left": [left._asdict() for left in plan.left],
        "new": dict(story.news),
        "undone": None if undone is None else _undone_facts(undone),
        "recovered": [_undone_facts(each) for each in fixed.recovered],
    }


def _undone_facts(undone: Undone) -> dict[str, Any]:
    return {
        "journal": undone.journal.number,
        "made_by": undone.journal.made_by,
        "restored": undone.restored,
        "kept": [kept._asdict() for kept in undone.kept],
    }


def text(story: Story, *, width: int | None = None, lively: bool | None = None) -> list[str]:
    """The lines to print: what was done in how many files, what was left and why, and how to take it back."""
    sheet = paper(width, lively)
    fixed = story.fixed
    sheet.print(Text(show(os.path.join(fixed.root, fixed.descriptor), MOST_PATH), "bold"), soft_wrap=True)
    for each in fixed.recovered:
        lines.paragraph(sheet, f"a fix had been cut off in the middle, and was taken back first: {_restored(each)}")
        _kept(sheet, each)
    if story.undone is not None:
        _taken_back(sheet, story.undone)
        return written(sheet)
    if fixed.chosen is not None:
        taken = len(fixed.chosen.proposals)
        lines.paragraph(sheet, f"{taken:,} of {fixed.chosen.considered:,} proposals of the report are accepted")
        if fixed.chosen.empty:
            several = (
                "finding of these rules proposes" if fixed.chosen.empty == 1 else "findings of these rules propose"
            )
            lines.paragraph(sheet, f"{fixed.chosen.empty:,} {several} nothing that could be done to one row")
        if fixed.chosen.unknown:
            several = "decision is" if fixed.chosen.unknown == 1 else "decisions are"
            lines.paragraph(sheet, f"{fixed.chosen.unknown:,} {several} on findings that the report does not tell of")
    sheet.print()
    _mended(sheet, story)
    _left(sheet, fixed.plan.left)
    _news(sheet, story)
    _verdict(sheet, story)
    return written(sheet)


def _mended(sheet: Console, story: Story) -> None:
    mends = story.fixed.plan.mends
    if not mends:
        return
    done, would = ("Attested", "Would be attested") if story.asked.attest else ("Mended", "Would be mended")
    lines.heading(sheet, would if story.asked.diff else done)
    counts = Counter((mend.rule, mend.words) for mend in mends)
    files = {key: len({mend.path for mend in own}) for key, own in _grouped(mends)}
    column = max(len(rule) for rule, _ in counts)
    number = max(len(f"{count:,}") for count in counts.values())
    for (rule, words), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        lines.paragraph(
            sheet,
            f"{words} ({_files(files[rule, words])})",
            first=f"{count:>{number},}  {show(rule):<{column}}  ",
            indent=2,
        )
    sheet.print()


def _grouped(mends: Sequence[Mend]) -> Iterator[tuple[tuple[str, str], list[Mend]]]:
    for key, own in groupby(sorted(mends, key=_kind), _kind):
        yield key, list(own)


def _kind(mend: Mend) -> tuple[str, str]:
    return mend.rule, mend.words


def _left(sheet: Console, left: Sequence[Left]) -> None:
    for kind, title in HEADINGS.items():
        own = [each for each in left if SAME_HEADING.get(each.kind, each.kind) == kind]
        if not own:
            continue
        lines.heading(sheet, f"{title}: {len(own):,}")
        reasons = Counter((each.rule, each.why) for each in own)
        for (rule, why), count in reasons.most_common():
            places = [each for each in own if (each.rule, each.why) == (rule, why)]
            head = f"{show(rule)}, {count:,}: " if count > 1 else f"{show(rule)}: "
            lines.paragraph(sheet, show(why, MOST_WORDS), first=head, indent=2)
            lines.places(sheet, [(f"  {_place(each)}", "") for each in places[:MOST_PLACES]])
            if count > MOST_PLACES:
                lines.paragraph(sheet, f"… and {count - MOST_PLACES:,} more: --format json", indent=4)
        sheet.print()


def _news(sheet: Console, story: Story) -> None:
    if not story.news:
        return
    lines.heading(sheet, "Found now that was not before: milder than what was mended, or about the data set as a whole")
    for rule, count in sorted(story.news.items(), key=lambda item: (-item[1], item[0])):
        lines.paragraph(sheet, show(rule), first=f"{count:>{len(f'{max(story.news.values()):,}')},}  ", indent=2)
    sheet.print()


def _place(left: Left) -> str:
    return show(left.path, MOST_PATH) + (f":{left.line}" if left.line is not None else "")


def _verdict(sheet: Console, story: Story) -> None:
    fixed, plan = story.fixed, story.fixed.plan
    refused = f"; {len(fixed.refused):,} refused" if fixed.refused else ""
    many = len(plan.mends)
    count = f"{many:,} defect{'' if many == 1 else 's'} in {_files(len(plan.edits))}"
    verb = "mend"
    if story.asked.attest:
        count, verb = f"{many:,} image{'' if many == 1 else 's'} as empty", "attest"
    if not plan.edits:
        nothing = "Nothing changed" if plan.left else f"Nothing to {verb}"
        lines.paragraph(sheet, Text(f"{nothing}{refused}", "bold"))
    elif story.asked.diff:
        lines.paragraph(sheet, Text(f"Would {verb} {count}{refused}; nothing was written", "bold"))
    else:
        done = f"{verb.capitalize()}ed {count}{refused}"
        lines.paragraph(sheet, Text(done, "bold green"))
        undo = shlex.join(["yoloaudit", "fix", *([story.asked.data] if story.asked.data else []), "--undo"])
        lines.places(sheet, [(show(undo, MOST_PATH), "takes it back, byte for byte")])


def _taken_back(sheet: Console, undone: Undone) -> None:
    lines.paragraph(sheet, f"fix {undone.journal.number} of {show(undone.journal.when)}, made by:")
    lines.places(sheet, [(show(undone.journal.made_by, MOST_PATH), "")])
    sheet.print()
    _kept(sheet, undone)
    lines.paragraph(sheet, Text(f"Taken back: {_restored(undone)}", "bold green"))


def _kept(sheet: Console, undone: Undone) -> None:
    if not undone.kept:
        return
    lines.heading(sheet, f"Not taken back: {_files(len(undone.kept))}")
    for kept in undone.kept[:MOST_PLACES]:
        aside = f"; what it said before the fix is in {show(kept.earlier, MOST_PATH)}" if kept.earlier else ""
        lines.places(sheet, [(show(kept.path, MOST_PATH), show(kept.why, MOST_WORDS) + aside)])
    if len(undone.kept) > MOST_PLACES:
        lines.paragraph(sheet, f"… and {len(undone.kept) - MOST_PLACES:,} more: --format json", indent=2)
    sheet.print()


def _restored(undone: Undone) -> str:
    are = "is" if undone.restored == 1 else "are"
    return f"{_files(undone.restored)} {are} as before" if undone.restored else "no file had been changed"


def _files(count: int) -> str:
    return f"{count:,} file{'' if count == 1 else 's'}"
