"""shared-label-file: label files that two images map to."""

from yoloaudit.checks.base import Check, Example, Picture, no_defects
from yoloaudit.dataset.descriptor import Descriptor
from yoloaudit.dataset.tables import Defects, Images, Labels
from yoloaudit.findings import Severity


class SharedLabelFile(Check):
    """Label file that two images map to.

    Images whose names differ only in the suffix, or that lie in folders whose labels fall together, have one label file
    between them, and at most one of them shows what it says. Rename one image, and give it a label file of its own.
    """

    severity = Severity.ERROR
    message = "{count} images have this one label file; it can be right for one of them only"

    good = ("0 0.5 0.5 0.2 0.2\n", Example({"images/train/c.jpg": Picture(format="JPEG")}))
    bad = (
        Example({"images/train/a.jpg": Picture(format="JPEG")}),
        Example({"images/train/a.PNG": Picture(), "images/train/a.bmp": Picture(format="BMP")}),
    )

    def find(self, images: Images, labels: Labels, descriptor: Descriptor) -> Defects:
        if descriptor.layout != "yolo":  # one JSON holds the labels of many images
            return no_defects()
        if labels["path"].is_unique:
            return self.flag_whole()
        labelled = images[images["label"] >= 0]
        files = labels["path"].reindex(labelled["label"]).to_numpy()
        shared: dict[str, list[int]] = {}
        odd = labelled.assign(file=files).drop_duplicates(["path", "file"])
        odd = odd[odd["file"].duplicated(keep=False)]
        for image, file in zip(odd.index.tolist(), odd["file"], strict=True):
            shared.setdefault(file, []).append(image)
        return self.flag_whole(
            {
                "image": ids[0],
                "label": labelled["label"].at[ids[0]],
                "count": len(ids),
                "related": [{"image": image} for image in ids[1:]],
                "value": float(len(ids)),
                "limit": 1.0,
            }
            for ids in shared.values()
        )
