"""SDGMNet128 and stage 1's loss in PyTorch on this machine's GPU: milliseconds of forward passes and whole steps.

    python3 tests/device/parts/torch_peer.py [--tiny] [--seconds S] [--out DIR] [--check]

Prints a line of JSON for each setting as soon as it is measured. FP32 throughout, with TF32 in convolutions and products off and
on, eager and compiled, in both memory formats. A step is forward, the teacher's head, mining, loss, backward and AdamW; patches
are 32×32 and on the card, so that augmentation and uploads, which the program's own step has, are missing here.
--check compares network and loss with tests/golden/torch_method.py in float64 instead. --tiny runs on the CPU where there is no
card.
"""

import argparse
import json
import os
import sys
import time


def report(**figures):
    print(json.dumps(figures), flush=True)


parser = argparse.ArgumentParser()
parser.add_argument("--tiny", action="store_true")
parser.add_argument("--check", action="store_true")
parser.add_argument("--seconds", type=float, default=120)
parser.add_argument("--out")
arguments = parser.parse_args()

try:
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError as error:
    report(skipped=f"no PyTorch: {error}")
    sys.exit()

has_card = torch.cuda.is_available()
if not has_card and not (arguments.tiny or arguments.check):
    report(skipped="PyTorch sees no CUDA")
    sys.exit()
device = "cuda" if has_card else "cpu"


class FrnTlu(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1, channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.tau = nn.Parameter(-torch.ones(1, channels, 1, 1))

    def forward(self, x):
        power = x.pow(2).mean(dim=(2, 3), keepdim=True)
        return torch.max(self.weight * (x * torch.rsqrt(power + 1e-6)) + self.bias, self.tau)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        layers = [FrnTlu(1)]
        for inputs, outputs, stride in [(1, 32, 1), (32, 32, 1), (32, 64, 2), (64, 64, 1), (64, 128, 2), (128, 128, 1)]:
            layers += [nn.Conv2d(inputs, outputs, 3, stride, 1), FrnTlu(outputs)]
        self.trunk = nn.Sequential(*layers)
        self.dropout = nn.Dropout(0.3)
        self.last = nn.Conv2d(128, 128, 8, bias=False)
        self.norm = nn.BatchNorm2d(128, affine=False)

    def forward(self, x):
        return functional.normalize(self.norm(self.last(self.dropout(self.trunk(x)))).flatten(1))

    def both(self, x):
        """The student's descriptors, and those of its own inference mode, which share the trunk."""
        features = self.trunk(x)
        with torch.no_grad():
            z = self.last(features)
            teacher = functional.batch_norm(z, self.norm.running_mean, self.norm.running_var, training=False)
            teacher = functional.normalize(teacher.flatten(1))
        return functional.normalize(self.norm(self.last(self.dropout(features))).flatten(1)), teacher


def pair_distance(x, first, second):
    return torch.norm(x[first] - x[second], dim=1)


def loss_of(x, teacher, views=3, threshold=-0.55, upper=0.1, a_weight=1.05, r_weight=1.0):
    """Hardest in batch per class, weighted by the teacher's level, zero position from the batch's medians."""
    rows = x.shape[0]
    with torch.no_grad():
        distance = ((2 * (1 - x @ x.t())).abs() + 1e-6).sqrt()
        label = torch.arange(rows, device=x.device) // views
        same = label[:, None] == label[None, :]
        positive, positive_partner = torch.where(same, distance, -1e9).max(1)
        negative, negative_partner = torch.where(same | (distance <= 0.008), 1e9, distance).min(1)
        start = torch.arange(0, rows, views, device=x.device)
        p = start + positive.view(-1, views).argmax(1)
        n = start + negative.view(-1, views).argmin(1)
        p2, n2 = positive_partner[p], negative_partner[n]
        level = pair_distance(teacher, n, n2) - pair_distance(teacher, p, p2)
        weight = 1 - ((level - upper) / (threshold - upper)).pow(2)
        weight = torch.where(level <= threshold, torch.zeros_like(level), weight)
        weight = torch.where(level >= upper, torch.ones_like(level), weight)
    a, b = pair_distance(x, p, p2), pair_distance(x, n, n2)
    bound = 2 * (b.detach().median() + a_weight * a.detach().median())
    clamped = torch.min(b, bound / 2)
    return (weight * (r_weight * a.pow(2) + clamped.pow(2) - bound * clamped) + 5).mean()


def state_of(model):
    """The model's tensors by the checkpoint's names."""
    state = {"features.6.1.weight": model.last.weight}
    state["features.6.2.running_mean"], state["features.6.2.running_var"] = model.norm.running_mean, model.norm.running_var

    def add_activation(layer, index, module):
        state[f"features.{layer}.{index}.weight"], state[f"features.{layer}.{index}.bias"] = module.weight, module.bias
        state[f"features.{layer}.{index}.eps"] = torch.tensor([1e-6], dtype=torch.float64)
        state[f"features.{layer}.{index + 1}.tau"] = module.tau

    add_activation(0, 0, model.trunk[0])
    for layer in range(6):
        index = 2 if layer == 0 else 0
        convolution = model.trunk[2 * layer + 1]
        state[f"features.{layer}.{index}.weight"] = convolution.weight
        state[f"features.{layer}.{index}.bias"] = convolution.bias
        add_activation(layer, index + 1, model.trunk[2 * layer + 2])
    return state


def check():
    """Differences from the implementation that the goldens are made with, in float64."""
    sys.dont_write_bytecode = True
    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, os.path.join(folder, "..", "..", "golden"))
    import numpy
    import torch_method

    torch.manual_seed(1)
    model = Network().double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    patterns = torch.rand(16, 1, 1, 32, 32, dtype=torch.float64)
    patches = (patterns + 0.2 * torch.rand(16, 3, 1, 32, 32, dtype=torch.float64)).flatten(0, 1)
    descriptors, teacher = model(patches), model.both(patches)[1]
    reference = torch_method.network(state_of(model), patches)
    labels = numpy.repeat(numpy.arange(16), 3)
    student = torch.nn.functional.normalize(reference.detach() + 0.02 * torch.randn(48, 128, dtype=torch.float64)).requires_grad_()
    options = dict(R=1.0, B=3.7, A=1.05, use_stB=True, neg_num=1, threshold=0.0, upper=0.0)
    record = []
    torch_method.exp_teacher(student, None, labels, options, record)
    p, p2, n, n2, *_ = record.pop()
    level = pair_distance(reference, n, n2) - pair_distance(reference, p, p2)
    # Thresholds in the midst of the levels, so that weights are 0, 1 and between.
    options["threshold"], options["upper"] = level.detach().quantile(torch.tensor([0.3, 0.7], dtype=torch.float64)).tolist()
    expected = torch_method.exp_teacher(student, reference.detach(), labels, options, record)
    (expected_gradient,) = torch.autograd.grad(expected, student)
    found = loss_of(student, teacher.detach(), threshold=options["threshold"], upper=options["upper"])
    (gradient,) = torch.autograd.grad(found, student)
    report(
        descriptors=float((descriptors - reference).abs().max()),
        teacher=float((teacher - reference).abs().max()),
        loss=abs(float(found - expected)),
        gradient=float((gradient - expected_gradient).abs().max()),
        weights=sorted(set(round(float(w), 3) for w in record[0][7]))[:8],
    )


def wait():
    if has_card:
        torch.cuda.synchronize()


def measure(call, patches):
    """Host: until the call returns. Done: until the device is. Repeated: each of several in a row."""
    for _ in range(3):
        call()
    wait()
    host, done = [], []
    for _ in range(2 if arguments.tiny else 10):
        start = time.perf_counter()
        call()
        host.append(time.perf_counter() - start)
        wait()
        done.append(time.perf_counter() - start)
    many = max(1, min(50, int(1 / sorted(done)[len(done) // 2])))
    start = time.perf_counter()
    for _ in range(many):
        call()
    wait()
    each = (time.perf_counter() - start) / many
    middle = len(done) // 2
    return {
        "hostMs": 1e3 * sorted(host)[middle],
        "doneMs": 1e3 * sorted(done)[middle],
        "repeatedMs": 1e3 * each,
        "patchesPerSecond": patches / each,
    }


def measure_setting(compiled, tf32, channels_last, sizes):
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = tf32
    torch.manual_seed(1)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    model = Network().to(device).to(memory_format=layout)
    fused = {"fused": True} if has_card else {}
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, betas=(0.9, 0.99), eps=1e-5, weight_decay=0.1, **fused)

    def loss_of_batch(x):
        return loss_of(*model.both(x))

    describe, lose = model, loss_of_batch
    if compiled:
        describe, lose = torch.compile(describe), torch.compile(lose)
    figures = {}
    for kind, patches in sizes:
        x = torch.rand(patches, 1, 32, 32, device=device).to(memory_format=layout)
        if kind == "forward":
            model.eval()

            def forward():
                with torch.no_grad():
                    describe(x)

            figures[f"forward{patches}"] = measure(forward, patches)
        else:
            model.train()

            def step():
                optimizer.zero_grad(set_to_none=True)
                lose(x).backward()
                optimizer.step()

            figures[f"step{patches}"] = measure(step, patches)
            if has_card:
                figures["peakMib"] = torch.cuda.max_memory_allocated() / 2**20
    return figures


def main():
    report(
        torch=torch.__version__,
        cuda=torch.version.cuda,
        card=torch.cuda.get_device_name() if has_card else None,
        cudnn=torch.backends.cudnn.version(),
    )
    sizes = [("forward", 1024), ("step", 7680), ("step", 3072), ("forward", 7680)]
    if arguments.tiny:
        sizes = [("forward", 8), ("step", 24)]
    torch.backends.cudnn.benchmark = True
    # What people use first; the rest as far as time goes.
    settings = [
        (False, False, False),
        (False, True, False),
        (True, True, True),
        (True, False, True),
        (False, True, True),
        (False, False, True),
        (True, True, False),
        (True, False, False),
    ]
    end = time.monotonic() + arguments.seconds
    for compiled, tf32, channels_last in settings[: 1 if arguments.tiny else None]:
        name = f"{'compiled' if compiled else 'eager'}, TF32 {'on' if tf32 else 'off'}"
        name += f", {'channels last' if channels_last else 'contiguous'}"
        if time.monotonic() > end:
            break
        if compiled and not hasattr(torch, "compile"):
            report(**{name: "this PyTorch has no torch.compile"})
            continue
        try:
            report(**{name: measure_setting(compiled, tf32, channels_last, sizes)})
        except Exception as error:  # compiling needs a C compiler and more: the other settings still count
            report(**{name: f"{type(error).__name__}: {error}"[:400]})


if arguments.check:
    check()
else:
    main()
