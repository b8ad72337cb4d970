"""Writes tests/golden/network/*.safetensors: what PyTorch makes of the network, the losses and the optimizer rule.

Needs Debian's python3-torch; run with `/usr/bin/python3 tests/golden/make_network_golden.py`. Needed only to make the files
anew: the tests read the files and no Python. All figures are computed in float64.
"""

import os
import sys

import numpy
import torch

sys.dont_write_bytecode = True

from golden_file import GoldenFile, uniform
from torch_method import (Optimizer, annealing, exp_teacher, flat_cosine, golden_state, is_parameter, keep_mask, network,
                          one_cycle, triplet)

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "network")
CLASSES, VIEWS = 4, 3
LABELS = numpy.repeat(numpy.arange(CLASSES), VIEWS)
STEPS = 10
LONG = 200  # steps of a run of which only the schedules are computed


def make_patches():
    """[12, 1, 32, 32]: four smooth random patterns, each seen three times under noise and a shift."""
    source = numpy.random.RandomState(5)
    axis = numpy.arange(32) / 32
    patches = numpy.zeros((CLASSES, VIEWS, 32, 32))
    for label in range(CLASSES):
        waves = source.randint(-5, 6, size=(12, 2))
        phases, heights = source.rand(12), source.rand(12)
        for view in range(VIEWS):
            shift = source.randn(2) * 0.025
            field = sum(h * numpy.cos(2 * numpy.pi * (w[0] * (axis[:, None] + shift[0]) + w[1] * (axis + shift[1]) + p))
                        for w, p, h in zip(waves, phases, heights))
            patches[label, view] = field + 0.15 * source.randn(32, 32)
    patches = (patches - patches.min()) / (patches.max() - patches.min())
    return numpy.rint(255 * patches).reshape(-1, 1, 32, 32).astype(numpy.float32) / numpy.float32(255)


def parameters_of(state):
    return {name: value.requires_grad_() for name, value in state.items() if is_parameter(name)}


def store_rounds(file, prefix, record):
    for turn, (p, p2, n, n2, gap, a, b, weight, bound) in enumerate(record):
        name = f"{prefix}.round{turn}"
        file.exact(f"{name}.positives", numpy.stack([p, p2], 1), numpy.int64)
        file.exact(f"{name}.negatives", numpy.stack([n, n2], 1), numpy.int64)
        file.exact(f"{name}.a", a.detach().numpy())
        file.exact(f"{name}.b", b.detach().numpy())
        file.exact(f"{name}.W", weight.numpy())
        file.exact(f"{name}.B", float(bound))
        assert gap > 2e-6, f"{name}: a rival pair is only {gap} away, rounding would decide"


def stage_losses():
    return {
        "expTeacher": dict(R=1.0, B=3.7, A=1.05, use_stB=True, neg_num=1, threshold=-0.16, upper=-0.05),
        "annealing": dict(R=1.0, B=4.25, threshold=-0.12),
    }


def loss_by_name(kind, descriptors, teacher, labels, options, record):
    if kind == "annealing":
        return annealing(descriptors, labels, options, record)
    if kind in ("triplet", "tripletTeacher"):
        return triplet(descriptors, teacher if kind == "tripletTeacher" else None, labels, options, record)
    return exp_teacher(descriptors, teacher if kind == "expTeacher" else None, labels, options, record)


def make_activations(patches):
    file = GoldenFile()
    file.exact("input", patches, numpy.float32)
    file.exact("labels", LABELS, numpy.int64)
    x = torch.tensor(patches.astype(numpy.float64))
    losses = stage_losses()

    inference = {}
    with torch.no_grad():
        teacher = network(golden_state(), x, None, inference)
    for name, value in inference.items():
        file.figure(f"inference.{name}", value.numpy())

    for kind, options in losses.items():
        state = golden_state()
        parameters = parameters_of(state)
        activations = {}
        x.grad = None
        x.requires_grad_()
        descriptors = network(state, x, keep_mask("keep_mask", len(LABELS)), activations)
        for value in activations.values():
            value.retain_grad()
        record = []
        loss = loss_by_name(kind, descriptors, teacher, LABELS, options, record)
        loss.backward()
        print(kind, "loss", float(loss), "gap", record[0][4], "a", record[0][5].tolist(), "b", record[0][6].tolist(), "W", record[0][7].tolist())
        file.exact(f"{kind}.loss", float(loss))
        store_rounds(file, kind, record)
        if kind == "expTeacher":
            for name, value in activations.items():
                file.figure(f"training.{name}", value.detach().numpy())
            file.figure("training.running_mean", state["features.6.2.running_mean"].numpy())
            file.figure("training.running_var", state["features.6.2.running_var"].numpy())
        file.figure(f"{kind}.gradient.descriptors", activations["descriptors"].grad.numpy())
        file.figure(f"{kind}.gradient.input", x.grad.numpy())
        for name, value in parameters.items():
            file.figure(f"{kind}.gradient.{name}", value.grad.numpy())
        x = x.detach()
    file.metadata = losses
    file.write(os.path.join(FOLDER, "activations.safetensors"))


def make_training(patches):
    """Ten whole steps of stage 1's rule on one batch, at a rate small enough for float32 to follow."""
    rule = dict(steps=STEPS, maximum=1e-4, decay=0.1)
    # A wide ramp of weights: a steep one turns rounding into another trajectory.
    options = dict(stage_losses()["expTeacher"], threshold=-0.25, upper=0.05)
    file = GoldenFile()
    file.metadata = dict(rule=rule, expTeacher=options)
    moved = {}
    for dtype in (torch.float64, torch.float32):
        x = torch.tensor(patches.astype(numpy.float64), dtype=dtype)
        state = golden_state(dtype)
        start = {name: value.clone() for name, value in state.items()}
        parameters = parameters_of(state)
        optimizer = Optimizer(parameters, rule["decay"])
        losses = []
        for step in range(STEPS):
            rate, momentum = one_cycle(step, STEPS, rule["maximum"])
            with torch.no_grad():
                teacher = network(state, x)
            descriptors = network(state, x, keep_mask(f"keep_mask.{step}", len(LABELS), dtype))
            loss = exp_teacher(descriptors, teacher, LABELS, options, [])
            gradients = torch.autograd.grad(loss, list(parameters.values()))
            optimizer.step(parameters, dict(zip(parameters, gradients)), rate, momentum)
            losses.append(float(loss))
            if dtype == torch.float64 and step + 1 in (2, STEPS):
                for name in (name for name in state if not name.endswith(".eps")):
                    file.figure(f"moved.{step + 1}.{name}", (state[name] - start[name]).detach().numpy())
        moved[dtype] = {name: (state[name] - start[name]).detach().double() for name in state}
        print(dtype, "losses", losses)
        if dtype == torch.float64:
            file.exact("losses", losses)
    exact, rounded = moved.values()
    worst = max((float((rounded[name] - exact[name]).norm() / exact[name].norm()), name) for name in parameters)
    print("float32 strays from float64 by at most", worst)
    file.write(os.path.join(FOLDER, "training.safetensors"))


def normed(rows):
    return (rows / numpy.linalg.norm(rows, axis=1, keepdims=True)).astype(numpy.float32)


def make_losses():
    """8 classes × 3 descriptors of 128 values: a generic batch with near duplicates, and one in which everything ties."""
    source = numpy.random.RandomState(8)
    labels = numpy.repeat([3, 0, 7, 5, 1, 11, 2, 6], 3)
    centres = source.randn(8, 128)
    spread = numpy.repeat(numpy.linspace(0.3, 1.6, 8), 3)[:, None]
    generic = normed(numpy.repeat(centres, 3, 0) + spread * source.randn(24, 128)).astype(numpy.float64)
    for row, other, distance in ((4, 0, 0.005), (14, 9, 0.003), (20, 16, 0.012)):
        side = source.randn(128)
        side -= side @ generic[other] * generic[other]
        generic[row] = generic[other] + distance * side / numpy.linalg.norm(side)
    # Few dimensions, so that the teacher's distances, and with them the weights, go all the way.
    teacher = normed(numpy.pad(source.randn(24, 4), ((0, 0), (0, 124))))
    # Entries 0 and ±½, four of them a row: every scalar product is exact in any precision and order, so ties are exact.
    tied = numpy.zeros((24, 128))
    for label in range(8):
        places = source.choice(9, 6, replace=False)
        signs = source.choice([-0.5, 0.5], 6)
        for view in range(3):
            if label % 2:  # all three equally far apart
                chosen = [place for place in range(6) if place // 2 != view]
            else:  # three of the first four entries and one more
                chosen = [place for place in range(4) if place != view] + [3 + view if view else 0]
            tied[3 * label + view, places[chosen]] = signs[chosen]
    # The tied batch with two pairs of rows close to the 0.008 below which no negative counts: their distances with 1e-6
    # under the root are 0.00789 and 0.00803, and exact as the others.
    near = tied.copy()
    for row, other, steps in ((4, 0, 257), (16, 9, 266)):
        near[row] = near[other]
        place = numpy.flatnonzero(near[row])[0]
        near[row, place] *= 1 - steps * 2.0**-21
    batches = {"generic": normed(generic), "tied": tied.astype(numpy.float32), "near": near.astype(numpy.float32)}

    balance = dict(R=1.0, B=3.7, A=1.05, use_stB=True, neg_num=1, threshold=-0.55, upper=0.10)
    cases = {
        "expTeacher": ("expTeacher", balance),
        "expTeacherTwoNegatives": ("expTeacher", dict(balance, neg_num=2, R=1.2)),
        "expTeacherConstant": ("expTeacher", dict(balance, use_stB=False, B=1.9)),
        "expTeacherEqual": ("expTeacher", dict(balance, threshold=-0.2, upper=-0.2)),
        "balance": ("balance", dict(balance, use_stB=False, B=1.7)),
        "balanceUnbiased": ("balance", balance),
        "annealing": ("annealing", dict(R=1.0, B=4.25, threshold=-0.33)),
        "annealingClamped": ("annealing", dict(R=0.9, B=1.9, threshold=-0.12)),
        "triplet": ("triplet", dict(marginpos=0.25)),
        "tripletTeacher": ("tripletTeacher", dict(marginpos=0.25, threshold=-0.55, upper=0.10)),
    }
    file = GoldenFile()
    file.exact("labels", labels, numpy.int64)
    file.exact("teacher", teacher, numpy.float32)
    for batch, rows in batches.items():
        file.exact(batch, rows, numpy.float32)
        for name, (kind, options) in cases.items():
            if batch == "near" and name not in ("expTeacher", "triplet"):
                continue
            descriptors = torch.tensor(rows.astype(numpy.float64), requires_grad=True)
            record = []
            loss = loss_by_name(kind, descriptors, torch.tensor(teacher.astype(numpy.float64)), labels, options, record)
            loss.backward()
            file.exact(f"{batch}.{name}.loss", float(loss))
            file.exact(f"{batch}.{name}.gradient", descriptors.grad.numpy(), numpy.float32)
            store_rounds(file, f"{batch}.{name}", record)
            print(batch, name, float(loss), "gap", record[0][4], "W", numpy.round(record[0][7].numpy(), 3).tolist())
    file.metadata = {name: dict(kind=kind, **options) for name, (kind, options) in cases.items()}
    file.write(os.path.join(FOLDER, "losses.safetensors"))


def make_optimizer():
    """Ten steps of the rule alone on small tensors with given gradients, under both schedules."""
    shapes = {"conv.weight": (3, 2, 3, 3), "conv.bias": (3,), "frn.weight": (1, 3, 1, 1), "frn.bias": (1, 3, 1, 1),
              "tlu.tau": (1, 3, 1, 1)}
    schedules = {"oneCycle": (one_cycle, 0.0033), "flatCosine": (flat_cosine, 0.002)}
    file = GoldenFile()
    file.metadata = dict(shapes=shapes, rule=dict(steps=STEPS, decay=0.1, oneCycle=0.0033, flatCosine=0.002))
    for title, (schedule, rate) in schedules.items():
        parameters = {}
        for name, shape in shapes.items():
            values = (2 * uniform(name, int(numpy.prod(shape))) - 1).astype(numpy.float32)
            parameters[name] = torch.tensor(values.astype(numpy.float64).reshape(shape))
        optimizer = Optimizer(parameters)
        rates = []
        for step in range(STEPS):
            gradients = {}
            for index, (name, shape) in enumerate(shapes.items()):
                values = 2 * uniform(f"gradient.{step}.{name}", int(numpy.prod(shape))) - 1
                values = (values * 10.0 ** -(2 * index)).astype(numpy.float32)  # from far above eps to far below it
                gradients[name] = torch.tensor(values.astype(numpy.float64).reshape(shape))
            rates.append(schedule(step, STEPS, rate))
            optimizer.step(parameters, gradients, *rates[-1])
            for name, value in parameters.items():
                file.exact(f"{title}.{step + 1}.{name}", value.numpy())
        file.exact(f"{title}.rates", rates)
        file.exact(f"{title}.longRates", [schedule(step, LONG, rate) for step in range(LONG)])
    file.write(os.path.join(FOLDER, "optimizer.safetensors"))


if __name__ == "__main__":
    torch.manual_seed(0)
    torch.set_num_threads(2)
    os.makedirs(FOLDER, exist_ok=True)
    make_losses()
    make_optimizer()
    made = make_patches()
    make_activations(made)
    make_training(made)
