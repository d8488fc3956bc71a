"""grayscale-minority: a few grey images among coloured ones, or the reverse."""

from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture, no_defects
from yoloaudit.dataset.tables import Defects, Pixels
from yoloaudit.findings import Severity

COLOURED: dict[str, str | bytes | Picture | None] = {
    f"images/train/{number}.png": Picture(64, 64, seed=number) for number in range(17)
}
GREY: dict[str, str | bytes | Picture | None] = {
    f"images/train/{number}.png": Picture(64, 64, seed=number, mode="L") for number in range(18)
}


class GrayscaleMinority(Check):
    """Grey image among coloured ones, or a coloured one among grey ones.

    A few images of another kind are mostly strays: an infrared frame, a scan, a file that lost its colour on the way.
    They are too few to learn from, and enough to mislead where colour tells classes apart. Check that they belong into
    the data set, and collect more of them if the model will meet such images.
    """

    severity = Severity.INFO
    message = "image is {kind}: {count:,} of {total:,} images ({share:.1%}) are, the others are {others}"
    max_minority: float = Field(
        0.05, gt=0, lt=0.5, description="share of the images up to which a kind, grey or coloured, is a minority"
    )

    good = (
        Example(files=COLOURED, title="none is grey"),
        Example(files=COLOURED | {"images/train/0.png": Picture(64, 64, seed=0, mode="L")}, title="1 of 19 is grey"),
    )
    bad = (
        Example(files=COLOURED | {"images/train/c.png": Picture(64, 64, seed=0, mode="L")}, title="1 of 20 is grey"),
        Example(
            files=GREY | {"images/val/b.png": Picture(64, 64, seed=0, mode="L")},
            title="1 of 20 is coloured",
        ),
    )

    def find(self, pixels: Pixels) -> Defects:
        seen = pixels[pixels["decoded"]]
        grey = seen["grey"]
        for strays, kind, others in ((grey, "grey", "coloured"), (~grey, "coloured", "grey")):
            share = float(strays.mean()) if len(seen) else 0.0
            if 0 < share <= self.max_minority:
                rows = seen[strays].assign(share=share)
                facts = {"kind": kind, "others": others, "count": len(rows), "total": len(seen)}
                return self.flag(rows, value="share", limit=self.max_minority, **facts)
        return no_defects()
