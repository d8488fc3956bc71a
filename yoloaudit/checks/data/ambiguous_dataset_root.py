"""ambiguous-dataset-root: a relative `path` that leads to data from several places."""

from yoloaudit.checks.base import Check
from yoloaudit.checks.data import CLEAN, described_by
from yoloaudit.dataset.descriptor import Descriptor
from yoloaudit.dataset.tables import Defects
from yoloaudit.findings import Fix, Severity, shorten


class AmbiguousDatasetRoot(Check):
    """Relative `path` that leads to different folders, depending on where it is taken from.

    One trainer takes `path` relative to its own folder, another to the working folder, another to the descriptor. Here
    more than one of them exists and holds a split, so that who trains may not train on what was audited: the first
    that is named. Move the other folder away, or write a path that leads to one place.
    """

    severity = Severity.WARNING
    message = "`path` is {text!r} and leads to {count} folders: {places}; the first was audited"
    fix = Fix("resolve", safe=False)

    good = (described_by(CLEAN), described_by(CLEAN.replace("path: .\n", "")))
    bad = (described_by("path: .\ntrain: .\nval: .\nnames: [cat, dog]\n"),)

    def find(self, descriptor: Descriptor) -> Defects:
        if descriptor.base is None or len(descriptor.roots) < 2:
            return self.flag_whole()
        places = ", ".join(f"{shorten(folder, 120)} (from {place})" for place, folder in descriptor.roots.items())
        return self.flag_whole(
            [
                {
                    "file": descriptor.path,
                    "line": descriptor.line("path"),
                    "text": shorten(descriptor.base.text),
                    "count": len(descriptor.roots),
                    "places": places,
                    "value": float(len(descriptor.roots)),
                }
            ]
        )
