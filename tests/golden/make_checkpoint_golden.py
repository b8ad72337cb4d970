"""Writes tests/golden/checkpoints/: small files as torch.save writes them, in both forms and all layouts.

Needs Debian's python3-torch; run with `/usr/bin/python3 tests/golden/make_checkpoint_golden.py`. Needed only to make the
files anew: the tests read the files and no Python.
"""

import os
from collections import OrderedDict

import torch

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "checkpoints")


class Small(torch.nn.Module):
    """Registers its parts twice, under `layer1` and `features.0`, as the authors' network does."""

    def __init__(self, start):
        super().__init__()
        convolution = torch.nn.Conv2d(2, 3, 3)
        norm = torch.nn.BatchNorm2d(3, affine=False)
        with torch.no_grad():
            convolution.weight.copy_(start + torch.arange(54.0).reshape(3, 2, 3, 3) / 64)
            convolution.bias.copy_(start - torch.arange(3.0))
        norm.num_batches_tracked += 5_000_000_000
        self.layer1 = torch.nn.Sequential(convolution, norm)
        self.features = torch.nn.Sequential(self.layer1)


class CallsSystem:
    def __reduce__(self):
        return os.system, ("touch executed_by_a_checkpoint",)


def save(name, content, zip_form):
    torch.save(content, os.path.join(FOLDER, name), _use_new_zipfile_serialization=zip_form)


if __name__ == "__main__":
    os.makedirs(FOLDER, exist_ok=True)
    student, teacher = Small(1.0).state_dict(), Small(-7.0).state_dict()
    plain = {"epoch": 25, "state_dict": student, "model_arch": "SDGMNet128", "save_name": "small_größe"}
    pair = {"S_state_dict": student, "T_state_dict": teacher, "model_arch": "TeacherNet", "S_model_arch": "SDGMNet128",
            "T_model_arch": "SDGMNet128", "save_name": "Self-TNet"}
    base = torch.arange(24, dtype=torch.float64).reshape(4, 6)
    views = OrderedDict(transposed=base.t(), window=base[1:3, 2:5], strided=base[::2, ::3], scalar=torch.tensor(3, dtype=torch.int32),
                        half=torch.tensor([1.5, -2.0]).half(), empty=torch.zeros(0, 4), flags=torch.tensor([True, False]),
                        parameter=torch.nn.Parameter(torch.tensor([0.25])), bytes=torch.tensor([1, 255], dtype=torch.uint8))
    for zip_form, form in ((True, "zip"), (False, "legacy")):
        save(f"plain_{form}.pt", plain, zip_form)
        save(f"teacher_{form}.pt", pair, zip_form)
        save(f"views_{form}.pth", views, zip_form)
        save(f"malicious_{form}.pt", {"state_dict": student, "extra": CallsSystem()}, zip_form)
