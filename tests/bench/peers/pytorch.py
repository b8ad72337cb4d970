"""SDGMNet128 in PyTorch on the CPU: prints forward and forward + backward patches per second as JSON.

    python3 tests/bench/peers/pytorch.py PATCHES THREADS
"""

import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional

patches, threads = int(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(threads)


class FrnTlu(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(1, channels, 1, 1))
        self.beta = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.tau = nn.Parameter(-torch.ones(1, channels, 1, 1))

    def forward(self, x):
        power = x.pow(2).mean(dim=(2, 3), keepdim=True)
        scaled = x * torch.rsqrt(power + 1e-6)
        return torch.max(self.gamma * scaled + self.beta, self.tau)


layers = [FrnTlu(1)]
for inputs, outputs, stride in [
    (1, 32, 1),
    (32, 32, 1),
    (32, 64, 2),
    (64, 64, 1),
    (64, 128, 2),
    (128, 128, 1),
]:
    layers += [nn.Conv2d(inputs, outputs, 3, stride, 1), FrnTlu(outputs)]
layers += [
    nn.Dropout(0.3),
    nn.Conv2d(128, 128, 8, bias=False),
    nn.BatchNorm2d(128, affine=False),
]
network = nn.Sequential(*layers)
x = torch.rand(patches, 1, 32, 32)
probe = torch.randn(patches, 128)


def describe():
    return functional.normalize(network(x).flatten(1))


def forward():
    with torch.no_grad():
        describe()


def forward_backward():
    network.zero_grad()
    (describe() * probe).sum().backward()


def patches_per_second(call):
    call()
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return patches / best


network.eval()
forward_rate = patches_per_second(forward)
network.train()
print(
    json.dumps(
        {
            "version": torch.__version__,
            "forwardPatchesPerSecond": forward_rate,
            "forwardBackwardPatchesPerSecond": patches_per_second(forward_backward),
        }
    )
)
