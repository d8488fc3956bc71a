"""Run folders as YOLOv5 writes them, and ways to spoil their files."""

import shutil
from pathlib import Path

from yoloaudit.checks.base import Training
from yoloaudit.testing import lay_out_run
from yoloaudit.train.results_csv import COLUMNS

OPTIONS = """weights: yolov5s.pt
cfg: ''
data: data/coco128.yaml
hyp:
  lr0: 0.01
  lrf: 0.01
  momentum: 0.937
epochs: 3
batch_size: 16
imgsz: 640
rect: false
resume: false
nosave: false
noval: false
noautoanchor: false
noplots: false
evolve: null
bucket: ''
cache: null
image_weights: false
device: ''
multi_scale: false
single_cls: false
optimizer: SGD
sync_bn: false
workers: 8
project: runs/train
name: exp
exist_ok: false
quad: false
cos_lr: false
label_smoothing: 0.0
patience: 100
freeze:
- 0
save_period: -1
seed: 0
local_rank: -1
entity: null
upload_dataset: false
bbox_interval: -1
artifact_alias: latest
save_dir: runs/train/exp
"""
HYPER = """lr0: 0.01
lrf: 0.01
momentum: 0.937
weight_decay: 0.0005
warmup_epochs: 3.0
warmup_momentum: 0.8
warmup_bias_lr: 0.1
box: 0.05
cls: 0.5
cls_pw: 1.0
obj: 1.0
obj_pw: 1.0
iou_t: 0.2
anchor_t: 4.0
fl_gamma: 0.0
hsv_h: 0.015
hsv_s: 0.7
hsv_v: 0.4
degrees: 0.0
translate: 0.1
scale: 0.5
shear: 0.0
perspective: 0.0
flipud: 0.0
fliplr: 0.5
mosaic: 1.0
mixup: 0.0
copy_paste: 0.0
"""
ROWS = (
    (0, 0.1, 0.05, 0.04, 0.3, 0.2, 0.25, 0.12, 0.09, 0.06, 0.05, 0.07, 0.003, 0.003),
    (1, 0.09, 0.04, 0.03, 0.5, 0.4, 0.45, 0.22, 0.08, 0.05, 0.04, 0.04, 0.006, 0.006),
    (2, 0.08, 0.04, 0.03, 0.6, 0.4, 0.44, 0.21, 0.08, 0.05, 0.04, 0.01, 0.009, 0.009),
)


def of_yolov5(folder: Path, *, options: str = OPTIONS, hyper: str = HYPER, weights: Path | None = None) -> Path:
    """A run of three epochs as YOLOv5 v7.0 leaves it."""
    (folder / "weights").mkdir(parents=True)
    lines = [",".join(f"{name:>20}" for name in COLUMNS)]
    lines += [",".join(f"{value:20.5g}" for value in row) for row in ROWS]
    (folder / "results.csv").write_text("".join(f"{line}\n" for line in lines))
    (folder / "opt.yaml").write_text(options)
    (folder / "hyp.yaml").write_text(hyper)
    if weights is not None:
        shutil.copyfile(weights, folder / "weights" / "best.pt")
    return folder


def of_yoloaudit(folder: Path, training: Training | None = None) -> Path:
    """A run as `yoloaudit baseline` leaves it, as far as checks read it."""
    lay_out_run(str(folder), training or Training())
    return folder
