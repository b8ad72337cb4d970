"""Writes the safetensors beside it: what PyTorch makes of the losses of HardNet, SOSNet, HyNet and SDGMNet.

Needs Debian's python3-torch; run with `/usr/bin/python3 tests/golden/rivals/make_rivals_golden.py`. Needed only to make the files
anew: the tests read the files and no Python. All figures are computed in float64; gradients are with respect to the network's output
before it is normalised, which is where every form of a distance between unit vectors has the same.
"""

import os
import sys

import numpy
import torch

sys.dont_write_bytecode = True
FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.dirname(FOLDER))

from golden_file import GoldenFile
from torch_rivals import RunningFigures, hardnet, hynet, sdgmnet, sosnet

CLASSES = 25  # 50 rows, so that the last block of 32 is not full


def make_rows(seed):
    """[50, 128] of length 1 and [50] lengths: two views of 25 classes, some near each other, some rows as near as the same patch."""
    source = numpy.random.RandomState(seed)
    themes = source.randn(5, 128)
    centres = themes[numpy.arange(CLASSES) % 5] + 0.9 * source.randn(CLASSES, 128)
    spread = numpy.repeat(numpy.linspace(0.05, 1.3, CLASSES), 2)[:, None]
    rows = numpy.repeat(centres, 2, 0) + spread * source.randn(2 * CLASSES, 128)
    units = rows / numpy.linalg.norm(rows, axis=1, keepdims=True)
    for row, other, distance in ((8, 0, 0.005), (27, 12, 0.003), (41, 20, 0.02), (48, 46, 0.004), (34, 30, 0.81)):
        side = source.randn(128)
        side -= side @ units[other] * units[other]
        units[row] = units[other] + distance * side / numpy.linalg.norm(side)
        units[row] /= numpy.linalg.norm(units[row])
    # The last two classes are the same patch by their left views, and far apart by all others.
    side = source.randn(128)
    side -= side @ units[46] * units[46]
    side *= numpy.sqrt(1 - 0.3 ** 2) / numpy.linalg.norm(side)
    units[47], units[49] = side - 0.3 * units[46], -side - 0.3 * units[46]
    return units.astype(numpy.float32), source.uniform(9, 13, 2 * CLASSES).astype(numpy.float32)


class Case:
    """Rows as the network gives them before they are normalised, their views, and the loss's figures."""

    def __init__(self, seed):
        self.rows, self.norms = make_rows(seed)
        raw = self.rows.astype(numpy.float64) * self.norms.astype(numpy.float64)[:, None]
        self.raw = torch.tensor(raw, requires_grad=True)
        self.notes = []

    def views(self):
        units = self.raw / self.raw.norm(dim=1, keepdim=True)
        return units[0::2], units[1::2]

    def store_rows(self, file, prefix=""):
        file.exact(f"{prefix}rows", self.rows, numpy.float32)
        file.exact(f"{prefix}norms", self.norms, numpy.float32)

    def store(self, file, name, loss):
        loss.backward()
        file.exact(f"{name}.loss", float(loss))
        file.exact(f"{name}.gradient", self.raw.grad.numpy(), numpy.float32)
        print(name, float(loss), "nearest choice", min(self.notes))
        assert min(self.notes) > 2e-6, f"{name}: rounding would decide"


def write(name, file, options):
    file.metadata = options
    file.write(os.path.join(FOLDER, f"{name}.safetensors"))


def make_simple(name, cases, compute):
    """One batch under several options; `compute(case, options)` is the loss."""
    file = GoldenFile()
    for title, options in cases.items():
        case = Case(31)
        case.store_rows(file)
        case.store(file, title, compute(case, options))
    write(name, file, cases)


def make_sdgmnet():
    """Five steps of one run, whose running figures and weights follow from each other."""
    file = GoldenFile()
    running = RunningFigures()
    steps = {f"step{at}": dict(kind="SDGMNet", progress=progress) for at, progress in enumerate((0, 0.06, 0.11, 0.4, 0.7))}
    for at, (title, options) in enumerate(steps.items()):
        case = Case(40 + at)
        case.store_rows(file, f"{title}.")
        case.store(file, title, sdgmnet(*case.views(), options["progress"], running, case.notes))
        file.exact(f"{title}.running", running.figures())
    write("sdgmnet", file, steps)


if __name__ == "__main__":
    torch.set_num_threads(1)
    make_simple("hardnet", {
        "otherView": dict(kind="HardNet", marginpos=1.0),
        "allViews": dict(kind="HardNetAllViews", marginpos=1.0),
        "smallMargin": dict(kind="HardNet", marginpos=0.15),
    }, lambda case, options: hardnet(*case.views(), options["marginpos"], options["kind"] == "HardNetAllViews", case.notes))
    make_simple("sosnet", {
        "published": dict(kind="SOSNet", marginpos=1.0),
        "smallMargin": dict(kind="SOSNet", marginpos=0.15),
    }, lambda case, options: sosnet(*case.views(), options["marginpos"], case.notes))
    make_simple("hynet", {
        "published": dict(kind="HyNet", marginpos=1.2),
        "secondOrder": dict(kind="HyNetSecondOrder", marginpos=1.2),
        "smallMargin": dict(kind="HyNet", marginpos=0.2),
    }, lambda case, options: hynet(*case.views(), case.raw[0::2], case.raw[1::2], options["marginpos"],
                                   options["kind"] == "HyNetSecondOrder", case.notes))
    make_sdgmnet()
