"""Writes tests/golden/network/inference.json: what PyTorch's modules make of patches, for the networks of other authors.

Each network is put together from PyTorch's own layers under the names that its authors' checkpoints have; weights and patches are the
reproducible numbers of golden_file.py, so that none is stored. Kept: the names and shapes of a state dictionary, and descriptors in
float64 of patches of 64×64 (reduced by PIL, divided by 255) and of 65×65 (reduced by OpenCV; divided by 255 except for HyNet, whose
patches this program leaves at 0 … 255).

Needs Debian's python3-torch, python3-pil and python3-opencv; run with `/usr/bin/python3 tests/golden/make_inference_golden.py
[FOLDER]`. With a folder it also saves each network there as its authors do, `NAME.pth`. Needed only to make the file anew.
"""

import json
import os
import sys

import cv2
import numpy
import PIL.Image
import torch
from torch import nn

sys.dont_write_bytecode = True

from golden_file import uniform

PATCHES = 3
CONTRASTS = (255, 40, 6)  # grey levels between the darkest and the brightest pixel of a patch


class Network(nn.Module):
    """Parts under the authors' names, run in order; `begin` before and `end` after them."""

    def __init__(self, begin, end, **parts):
        super().__init__()
        self.begin, self.end = begin, end
        self.order = list(parts)
        for name, part in parts.items():
            self.add_module(name, part)

    def forward(self, x):
        x = self.begin(x)
        for name in self.order:
            x = getattr(self, name)(x)
        return self.end(x)


class FilterResponseNorm(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1, channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.register_buffer("eps", torch.tensor([1e-6]))

    def forward(self, x):
        return self.weight * x / (x.square().mean((2, 3), keepdim=True) + self.eps.abs()).sqrt() + self.bias


class ThresholdedUnit(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.tau = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x):
        return torch.maximum(x, self.tau)


def same(x):
    return x


def by_own_deviation(x):
    deviation = x.flatten(1).std(1) + 1e-7
    return (x - x.mean((1, 2, 3), keepdim=True)) / deviation[:, None, None, None]


def by_set(x):
    return (x - 0.443728476019) / 0.20197947209


def unit_rows(x):
    rows = x.flatten(1)
    return rows / (rows.square().sum(1, keepdim=True) + 1e-10).sqrt()


WIDTHS = ((1, 32, 1), (32, 32, 1), (32, 64, 2), (64, 64, 1), (64, 128, 2), (128, 128, 1))


def blocks(bias, activation):
    """Six convolutions of L2-Net, each with what follows."""
    return [[nn.Conv2d(inputs, outputs, 3, stride, 1, bias=bias), *activation(outputs)] for inputs, outputs, stride in WIDTHS]


def batch_norm_relu(channels):
    return nn.BatchNorm2d(channels, affine=False), nn.ReLU()


def frn_tlu(channels):
    return FilterResponseNorm(channels), ThresholdedUnit(channels)


def head():
    return [nn.Dropout(0.3), nn.Conv2d(128, 128, 8, bias=False), nn.BatchNorm2d(128, affine=False)]


def in_one(name, first):
    layers = sum(blocks(False, batch_norm_relu), first) + head()
    return {name: nn.Sequential(*layers)}


def in_layers(first, bias, activation):
    parts = blocks(bias, activation)
    parts[0] = first + parts[0]
    return {f"layer{at + 1}": nn.Sequential(*part) for at, part in enumerate(parts + [head()])}


def tfeat(first):
    features = first + [nn.Conv2d(1, 32, 7), nn.Tanh(), nn.MaxPool2d(2, 2), nn.Conv2d(32, 64, 6), nn.Tanh()]
    return {"features": nn.Sequential(*features), "flat": nn.Flatten(), "descr": nn.Sequential(nn.Linear(4096, 128), nn.Tanh())}


def networks():
    plain_norm = lambda: nn.InstanceNorm2d(1, affine=False)
    return {
        "HardNet": Network(by_own_deviation, unit_rows, **in_one("features", [])),
        "SOSNet": Network(same, unit_rows, **in_one("layers", [plain_norm()])),
        "L2Net": Network(same, unit_rows, **in_layers([plain_norm()], False, batch_norm_relu)),
        "TFeat": Network(same, same, **tfeat([plain_norm()])),
        "TFeat without InstanceNorm": Network(by_set, same, **tfeat([])),
        "HyNet": Network(same, unit_rows, **in_layers([FilterResponseNorm(1), ThresholdedUnit(1)], True, frn_tlu)),
    }


def values(network, name, shape):
    """Reproducible values of a tensor, by the last part of its name and its shape."""
    count = int(numpy.prod(shape))
    spread = 2 * uniform(f"{network}.{name}", count) - 1
    last = name.rsplit(".", 1)[1]
    if last == "num_batches_tracked":
        return numpy.array(4711)
    if last == "eps":
        result = numpy.full(count, 1e-6)
    elif last == "running_mean":
        result = 0.3 * spread
    elif last == "running_var":
        result = 1 + 0.5 * spread
    elif last == "tau":
        result = 0.25 * spread - 0.5
    elif last == "bias":
        result = 0.1 * spread
    elif shape[0] == 1:
        result = 1 + 0.2 * spread
    else:
        result = numpy.sqrt(6 / numpy.prod(shape[1:])) * spread
    return result.reshape(shape).astype(numpy.float32)


def patches(side):
    """[3, side, side] bytes of noise, less and less of it."""
    noise = uniform(f"patches {side}", PATCHES * side * side).reshape(PATCHES, side, side)
    contrast = numpy.array(CONTRASTS).reshape(-1, 1, 1)
    return numpy.floor(100 + contrast / 2 * (noise - 0.25)).astype(numpy.uint8)


def reduced64():
    size = (32, 32)
    return numpy.stack([numpy.asarray(PIL.Image.fromarray(patch).resize(size, PIL.Image.BILINEAR)) for patch in patches(64)])


def reduced65():
    return numpy.stack([cv2.resize(patch, (32, 32)) for patch in patches(65)])


def main(folder):
    golden = {"torch": torch.__version__, "pil": PIL.__version__, "opencv": cv2.__version__, "networks": {}}
    for name, network in networks().items():
        shapes = {key: list(value.shape) for key, value in network.state_dict().items()}
        state = {key: torch.tensor(values(name, key, shape)) for key, shape in shapes.items()}
        network.load_state_dict(state, strict=True)
        if folder:
            saved = {"epoch": 9, "state_dict": state} if name == "HardNet" else state
            torch.save(saved, os.path.join(folder, f"{name}.pth"))
        network.double().eval()
        described = {}
        for side, bytes_of in ((64, reduced64), (65, reduced65)):
            white = 1 if side == 65 and name == "HyNet" else 255
            x = torch.tensor(bytes_of()[:, None] / white, dtype=torch.float64)
            with torch.no_grad():
                described[str(side)] = network(x).numpy().round(8).tolist()
        golden["networks"][name] = {"tensors": shapes, "descriptors": described}
        print(name, [round(float(numpy.abs(numpy.array(d)).max()), 3) for d in described.values()])
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "network", "inference.json")
    with open(path, "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
