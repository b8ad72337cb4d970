"""Writes optimizers.safetensors beside it: ten steps of PyTorch's Adam and SGD under its own schedulers, in float64.

Needs Debian's python3-torch; run with `/usr/bin/python3 tests/golden/rivals/make_optimizers_golden.py`. Needed only to make the file
anew: the tests read it and no Python.
"""

import os
import sys

import numpy
import torch

sys.dont_write_bytecode = True
FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.dirname(FOLDER))

from golden_file import GoldenFile, uniform

COUNT, STEPS = 300, 20
RULE = dict(steps=STEPS, momentum=0.9, decay=0.01)
RATES = dict(torch_adam=0.002, sgd=0.03)


def draw(name):
    """[300] numbers of −1 … 1, exact in float32."""
    return torch.tensor((2 * uniform(name, COUNT) - 1).astype(numpy.float32).astype(numpy.float64))


def make_optimizer(name, parameter):
    if name == "sgd":
        return torch.optim.SGD([parameter], lr=RATES[name], momentum=RULE["momentum"], weight_decay=RULE["decay"])
    return torch.optim.Adam([parameter], lr=RATES[name], betas=(RULE["momentum"], 0.999), eps=1e-8, weight_decay=RULE["decay"])


def make_scheduler(name, optimizer):
    if name == "constant":
        return torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0)
    if name == "linear":
        return torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1.0, end_factor=0.0, total_iters=STEPS)
    return torch.optim.lr_scheduler.StepLR(optimizer, step_size=STEPS // 10, gamma=0.5)


if __name__ == "__main__":
    file = GoldenFile()
    file.metadata = dict(rule=RULE, rates=RATES)
    # From far above Adam's 1e-8 to below it, where momentum does not carry it.
    scale = torch.tensor(10.0 ** -(numpy.arange(COUNT) % 9))
    for name in RATES:
        for schedule in ("constant", "linear", "halving"):
            parameter = draw("start").clone().requires_grad_()
            optimizer = make_optimizer(name, parameter)
            scheduler = make_scheduler(schedule, optimizer)
            rates = []
            for step in range(STEPS):
                rates.append(scheduler.get_last_lr()[0])
                parameter.grad = (draw(f"gradient.{step}") * scale).to(torch.float32).to(torch.float64)
                optimizer.step()
                scheduler.step()
                if step + 1 in (1, 2, 10, STEPS):
                    file.exact(f"{name}.{schedule}.{step + 1}", parameter.detach().numpy())
            file.exact(f"{name}.{schedule}.rates", rates)
    file.write(os.path.join(FOLDER, "optimizers.safetensors"))
