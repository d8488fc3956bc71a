"""A folder → the defective data set in it: pictures like the clean ones, and a defect in most of them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from exposures import plant_exposures
from pictures import SMALL, Pictures, flat
from PIL import Image
from row_defects import ROW_DEFECTS, RowDefect, as_polygon, aspect_outlier
from scenes import Box, window_of
from textures import paper
from writing import DataSet, Plant, encoded

TURNED = 6
"""The EXIF orientation of a picture that is to be turned by 90° clockwise."""
DESCRIPTOR = """\
# Every defect in this folder is planted: see manifest.json. Drawn by sample_data/draw.py.
train: images/train
val: images/val
test: images/test

names:
  0: bolt
  1: nut
  2: washer
"""


def draw_defective(folder: Path, seed: int) -> list[Plant]:
    """Write the data set; what has been planted in it."""
    written, pictures = DataSet(folder), Pictures(seed)
    written.write("data.yaml", DESCRIPTOR)
    for defect in ROW_DEFECTS:
        plant_row(written, pictures, defect)
    plant_polygons(written, pictures)
    plant_texts(written, pictures)
    plant_odd_boxes(written, pictures)
    plant_layout(written, pictures)
    plant_pictures(written, pictures)
    plant_color_modes(written, pictures)
    for split, count in (("train", 6), ("val", 8), ("test", 4)):
        for number in range(count):
            written.add(split, *pictures.next(5 + number % 3, lacks=number % 3))
    for split in ("val", "test"):
        written.add(split, *pictures.next(0))
    plant_exposures(written, pictures)
    plant_loose_box(written, pictures)
    written.plant("low-resolution", None, None, "every picture is smaller than 640 px")
    written.plant("few-images-per-class", None, None, "a sample is small")
    written.plant("few-instances-per-class", None, None, "a sample is small")
    return written.plants


def plant_row(written: DataSet, pictures: Pictures, defect: RowDefect) -> None:
    """One bad row, in place of the second row or at the end."""
    name, scene = pictures.next()
    rows = scene.rows()
    bad = " ".join(defect.change(rows[1].split()))
    rows = [*rows, bad] if defect.added else [rows[0], bad, *rows[2:]]
    written.add("train", name, scene, rows)
    line = len(rows) if defect.added else 2
    written.plant(defect.rule, f"labels/train/{name}.txt", line, defect.note)


def plant_polygons(written: DataSet, pictures: Pictures) -> None:
    """A file of boxes with one polygon, and a file of polygons with half a point."""
    name, scene = pictures.next()
    first, *others = scene.rows()
    written.add("train", name, scene, [as_polygon(first), *others])
    for line in range(2, len(others) + 2):
        written.plant("mixed-geometry", f"labels/train/{name}.txt", line, "a box in a file that begins with a polygon")
    name, scene = pictures.next()
    polygons = [as_polygon(row) for row in scene.rows()]
    written.add("train", name, scene, [polygons[0], polygons[1].rsplit(" ", 1)[0], *polygons[2:]])
    written.plant("broken-polygon", f"labels/train/{name}.txt", 2, "15 coordinates: the last point has no y")


def plant_texts(written: DataSet, pictures: Pictures) -> None:
    """Label files in other encodings, and one that is rounded."""
    for encoding, note in (("utf-16", "UTF-16"), ("utf-8-sig", "UTF-8 with a byte order mark")):
        name, scene = pictures.next()
        written.add("train", name, scene)
        written.write(f"labels/train/{name}.txt", "".join(row + "\n" for row in scene.rows()).encode(encoding))
        written.plant("undecodable-label", f"labels/train/{name}.txt", None, note)
    name, scene = pictures.next()
    written.add("train", name, scene, [rounded(row) for row in scene.rows()])
    written.plant("low-precision", f"labels/train/{name}.txt", None, "all rows have 2 decimals")


def rounded(row: str) -> str:
    """A row with 2 decimals."""
    class_id, *values = row.split()
    return " ".join([class_id, *(f"{float(value):.2f}" for value in values)])


def plant_odd_boxes(written: DataSet, pictures: Pictures) -> None:
    """A box of another shape than its class, and a picture of many parts."""
    name, scene = pictures.next()
    rows = scene.rows()
    rows[2] = " ".join(aspect_outlier(rows[2].split()))
    written.add("train", name, scene, rows)
    written.plant("aspect-outlier", f"labels/train/{name}.txt", 3, "a washer 13 times as wide as high")
    name, scene = pictures.next(30, (384, 288), 0.5)
    written.add("train", name, scene)
    written.plant("crowded-image", f"images/train/{name}.jpg", None, f"{len(scene.boxes)} parts where others have six")


def plant_loose_box(written: DataSet, pictures: Pictures) -> None:
    """A part in the middle of a sheet of paper, and a box that leaves much paper on two sides of it."""
    name, scene = pictures.next(1, (320, 240), 1.6, on=paper)
    (width, height), box = SMALL, scene.boxes[0]
    left, top = (box.x1 + box.x2 - width) // 2, (box.y1 + box.y2 - height) // 2
    scene = window_of(scene, min(max(left, 0), 320 - width), min(max(top, 0), 240 - height), SMALL)
    box = scene.boxes[0]
    slack = round(0.7 * (box.x2 - box.x1))
    loose = Box(box.class_id, box.x1 - slack, box.y1, box.x2 + slack, box.y2)
    written.add("train", name, scene, [loose.row(*SMALL)])
    written.plant("empty-border", f"labels/train/{name}.txt", 1, "more than twice as wide as the part in it")


def plant_layout(written: DataSet, pictures: Pictures) -> None:
    """Files where the trainer does not look for them, or looks twice."""
    name, scene = pictures.next()
    written.write(f"images/train/{name}.jpg", encoded(scene.picture))
    written.write(f"images/train/{name}.txt", "".join(row + "\n" for row in scene.rows()))
    written.plant("misplaced-label", f"images/train/{name}.txt", None, "the label file lies beside its picture")
    name, scene = pictures.next()
    written.label("train", name, scene.rows())
    written.plant("orphan-label", f"labels/train/{name}.txt", None, "a label file whose picture is gone")
    name, scene = pictures.next(3, SMALL)
    written.add("train", name, scene)
    written.write(f"images/train/{name}.png", encoded(flat(scene.picture), "PNG"))
    written.plant("shared-label-file", f"labels/train/{name}.txt", None, f"{name}.jpg and {name}.png share it")
    name, scene = pictures.next()
    written.write(f"images/val/{name}.jpg", encoded(scene.picture))
    written.write(f"labels/val/{name}.TXT", "".join(row + "\n" for row in scene.rows()))
    written.plant("label-suffix-case", f"labels/val/{name}.TXT", None, "the suffix is .TXT")
    name, scene = pictures.next(0)
    written.write(f"images/train/{name}.jpg", encoded(scene.picture))
    written.plant("unattested-background", f"images/train/{name}.jpg", None, "an empty bench without a label file")
    for suffix, kind in (("gif", "GIF"), ("jfif", "JPEG")):
        name, scene = pictures.next(2, SMALL)
        picture = flat(scene.picture) if kind == "GIF" else scene.picture
        written.write(f"images/train/{name}.{suffix}", encoded(picture, kind))
        written.label("train", name, scene.rows())
        written.plant("ignored-image-type", f"images/train/{name}.{suffix}", None, f"a .{suffix} file is never read")
    written.write("labels/train.cache", "This stands for the cache of a trainer. It is plain text and holds nothing.\n")
    written.plant("stale-trainer-cache", "labels/train.cache", None, "older than the labels", needs="old-mtime")


def plant_pictures(written: DataSet, pictures: Pictures) -> None:
    """Image files that are damaged, odd, or not what they seem."""
    for content, note in ((b"", "0 bytes"), (b"<html>404 Not Found</html>\n", "a web page saved as a picture")):
        name, scene = pictures.next()
        written.write(f"images/train/{name}.jpg", content)
        written.label("train", name, scene.rows())
        written.plant("unreadable-image", f"images/train/{name}.jpg", None, note)
    for rule, size, note in (
        ("too-small-image", (14, 9), "9 px high"),
        ("odd-aspect-ratio", (352, 96), "nearly four times as wide as high"),
        ("odd-size-image", (64, 48), "a thumbnail among pictures"),
    ):
        name, scene = pictures.next(0 if min(size) < 10 else 3, size)
        written.add("train", name, scene)
        written.plant(rule, f"images/train/{name}.jpg", None, note)
    name, scene = pictures.next()
    written.write(f"images/train/{name}.png", encoded(scene.picture))
    written.label("train", name, scene.rows())
    written.plant("wrong-suffix", f"images/train/{name}.png", None, "a JPEG named .png")
    name, scene = pictures.next()
    written.add("train", name, scene)
    written.write(f"images/train/{name}.jpg", encoded(scene.picture) + b"\n")
    written.plant("rewritten-image", f"images/train/{name}.jpg", None, "a line feed follows the end marker FF D9")
    plant_turned(written, pictures)
    name, _ = pictures.next(0, SMALL)
    written.write(f"images/train/{name}.png", vast_png(10_000, 9_000))
    written.label("train", name, [])
    written.plant("oversized-image", f"images/train/{name}.png", None, "90 million pixels, all black")


def plant_turned(written: DataSet, pictures: Pictures) -> None:
    """Two pictures that EXIF turns by 90°: one labelled as it is shown, one in pixels of the frame as stored."""
    exif = Image.Exif()
    exif[0x0112] = TURNED
    for stored, note in ((False, "labelled as it is shown"), (True, "labelled in pixels of the frame as stored")):
        name, scene = pictures.next(2)
        shown = scene.picture
        rows = scene.rows()
        if stored:
            rows = [in_pixels(box) for box in scene.boxes]
        else:
            shown = shown.transpose(Image.Transpose.ROTATE_90)
        written.label("train", name, rows)
        written.write(f"images/train/{name}.jpg", encoded(shown, exif=exif))
        written.plant("exif-rotation", f"images/train/{name}.jpg", None, f"orientation {TURNED}, {note}")


def in_pixels(box: Box) -> str:
    """The row of a box in pixels: centre, width and height."""
    return f"{box.class_id} {(box.x1 + box.x2) / 2} {(box.y1 + box.y2) / 2} {box.x2 - box.x1} {box.y2 - box.y1}"


def plant_color_modes(written: DataSet, pictures: Pictures) -> None:
    """CMYK, palette, alpha and 16-bit grey."""
    for mode, suffix, note in (
        ("CMYK", "jpg", "CMYK, as made for print"),
        ("P", "png", "a palette of 32 colours"),
        ("RGBA", "png", "an alpha channel"),
        ("I;16", "png", "16-bit grey"),
    ):
        name, scene = pictures.next(3, SMALL)
        written.write(f"images/train/{name}.{suffix}", in_mode(scene.picture, mode))
        written.label("train", name, scene.rows())
        written.plant("unusual-color-mode", f"images/train/{name}.{suffix}", None, note)


def in_mode(picture: Image.Image, mode: str) -> bytes:
    """A picture as a file of this colour mode."""
    if mode == "CMYK":
        return encoded(picture.convert("CMYK"))
    if mode == "I;16":
        grey = flat(picture).convert("L")
        deep = b"".join(bytes((0, level)) for level in grey.tobytes())
        return encoded(Image.frombytes("I;16", grey.size, deep), "PNG")
    return encoded(flat(picture).quantize(32) if mode == "P" else flat(picture).convert(mode), "PNG")


def vast_png(width: int, height: int) -> bytes:
    """A valid PNG of black pixels, one bit each."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    def packed() -> Iterator[bytes]:
        packer = zlib.compressobj(9)
        for _ in range(height):
            yield packer.compress(bytes(1 + (width + 7) // 8))
        yield packer.flush()

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", b"".join(packed())), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
