"""The published method in PyTorch, float64 unless told otherwise: network, mining, losses, optimizer rule, schedules.

Written from the description of the method, apart from the TypeScript twins, so that each checks the other.
"""

import math

import numpy
import torch
import torch.nn.functional as functional

from golden_file import random_words, stream_of, uniform

DROPOUT_RATE = 0.3

# (layer, index of its convolution, input channels, output channels, kernel side, stride, padding)
CONVOLUTIONS = [
    (0, 2, 1, 32, 3, 1, 1),
    (1, 0, 32, 32, 3, 1, 1),
    (2, 0, 32, 64, 3, 2, 1),
    (3, 0, 64, 64, 3, 1, 1),
    (4, 0, 64, 128, 3, 2, 1),
    (5, 0, 128, 128, 3, 1, 1),
    (6, 1, 128, 128, 8, 1, 0),
]


def golden_state(dtype=torch.float64):
    """Every parameter and buffer under `features.…`, from the hash: values of the size that training has."""
    state = {}

    def add(name, shape, centre, spread):
        count = int(numpy.prod(shape))
        values = (centre + spread * (2 * uniform(name, count) - 1)).astype(numpy.float32)
        state[name] = torch.tensor(values.astype(numpy.float64).reshape(shape), dtype=dtype)

    def add_activation(layer, index, channels, threshold):
        shape = (1, channels, 1, 1)
        add(f"features.{layer}.{index}.weight", shape, 1, 0.2)
        add(f"features.{layer}.{index}.bias", shape, 0, 0.2)
        state[f"features.{layer}.{index}.eps"] = torch.tensor([numpy.float32(1e-6)], dtype=dtype)
        add(f"features.{layer}.{index + 1}.tau", shape, threshold, 0.25)

    add_activation(0, 0, 1, 0.3)  # patches are never negative: a higher threshold, so that they meet it
    for layer, index, inputs, outputs, side, _, _ in CONVOLUTIONS:
        name = f"features.{layer}.{index}"
        fan_in = inputs * side * side
        add(f"{name}.weight", (outputs, inputs, side, side), 0, 0.6 * math.sqrt(3 / fan_in))
        if layer < 6:
            add(f"{name}.bias", (outputs,), 0.01, 0.02)
            add_activation(layer, index + 1, outputs, -0.5)
    add("features.6.2.running_mean", (128,), 0, 0.1)
    add("features.6.2.running_var", (128,), 0.4, 0.2)
    return state


def is_parameter(name):
    return not (name.endswith(".eps") or "running_" in name)


def keep_mask(name, samples, dtype=torch.float64):
    """Which values [N, 128, 8, 8] are kept, by the program's own rule, so that both drop the same ones.

    One draw of four words serves four channels of a pixel: element ((n·32 + c//4)·64 + pixel), word c % 4. A value is
    dropped when the word's upper 24 bits, as a fraction of 2²⁴, are below the rate, in float32.
    """
    stream = [stream_of(f"{name}.{word}") for word in "abc"]
    words = random_words(stream, numpy.arange(samples * 32 * 64, dtype=numpy.uint32))
    units = (words >> numpy.uint32(8)).astype(numpy.float32) / numpy.float32(2**24)
    kept = (units >= numpy.float32(DROPOUT_RATE)).reshape(4, samples, 32, 64).transpose(1, 2, 0, 3)
    return torch.tensor(kept.reshape(samples, 128, 8, 8), dtype=dtype)


def network(state, patches, mask=None, activations=None):
    """Descriptors; in training mode (a mask is given) the running statistics in `state` are updated."""
    activations = {} if activations is None else activations

    def keep(name, value):
        activations[name] = value
        return value

    def activate(layer, index, x):
        name = f"features.{layer}.{index}"
        mean_square = x.pow(2).mean(dim=(2, 3), keepdim=True)
        normed = x * torch.rsqrt(mean_square + state[f"{name}.eps"].abs())
        x = keep(name, state[f"{name}.weight"] * normed + state[f"{name}.bias"])
        name = f"features.{layer}.{index + 1}"
        return keep(name, torch.max(x, state[f"{name}.tau"]))

    x = activate(0, 0, patches)
    for layer, index, _, _, _, stride, padding in CONVOLUTIONS:
        if layer == 6:
            x = keep("features.6.0", x if mask is None else x * mask / (1 - DROPOUT_RATE))
        name = f"features.{layer}.{index}"
        x = functional.conv2d(x, state[f"{name}.weight"], state.get(f"{name}.bias"), stride, padding)
        keep(name, x)
        if layer < 6:
            x = activate(layer, index + 1, x)
    statistics = (state["features.6.2.running_mean"], state["features.6.2.running_var"])
    x = keep("features.6.2", functional.batch_norm(x, *statistics, training=mask is not None, momentum=0.1, eps=1e-5))
    return keep("descriptors", functional.normalize(x.flatten(1), dim=1))


def mine(descriptors, labels, used=None):
    """(positive rows, their partners, negative rows, their partners, gap): one entry per class, ascending labels.

    `gap` is how much the distance of the closest rival differs from the chosen one anywhere: what rounding must stay below
    for another implementation to choose the same pairs. Exact ties do not count: there the first index wins.
    """
    with torch.no_grad():
        distances = ((2 * (1 - descriptors @ descriptors.t())).abs() + 1e-6).sqrt().numpy()
    rows = len(labels)
    same = labels[:, None] == labels[None, :]
    used = numpy.zeros((rows, rows), bool) if used is None else used
    positive = numpy.where(same, distances, -numpy.inf)
    negative = numpy.where(same | (distances <= 0.008) | used, numpy.inf, distances)
    positive_partner, negative_partner = positive.argmax(1), negative.argmin(1)
    used[numpy.arange(rows), negative_partner] = True
    result, gap = [[], [], [], []], numpy.inf
    for label in numpy.unique(labels):
        members = numpy.flatnonzero(labels == label)
        row = members[positive.max(1)[members].argmax()]
        result[0].append(row)
        result[1].append(positive_partner[row])
        row = members[negative.min(1)[members].argmin()]
        result[2].append(row)
        result[3].append(negative_partner[row])
        for candidates, best in ((positive[members], positive[members].max()), (negative[members], negative[members].min())):
            rivals = numpy.abs(candidates[numpy.isfinite(candidates)] - best)
            gap = min(gap, rivals[rivals > 1e-9].min(initial=numpy.inf))
    return [numpy.array(part) for part in result] + [gap]


def pair_distance(descriptors, first, second):
    return torch.norm(descriptors[first] - descriptors[second], dim=1)


def teacher_weight(teacher, p, p2, n, n2, options):
    """W of each pair of pairs: 0 up to the threshold of the teacher's b - a, 1 from upper on, a parabola between them."""
    level = pair_distance(teacher, n, n2) - pair_distance(teacher, p, p2)
    low, high = options["threshold"], options["upper"]
    if low == high:
        return torch.ones_like(level)
    weight = 1 - ((level - high) / (low - high)).pow(2)
    weight = torch.where(level <= low, torch.zeros_like(level), weight)
    return torch.where(level >= high, torch.ones_like(level), weight).detach()


def exp_teacher(descriptors, teacher, labels, options, record):
    """Stage 1's loss; without a teacher the unweighted balance loss."""
    used = numpy.zeros((len(labels), len(labels)), bool)
    total = 0
    for turn in range(options["neg_num"]):
        p, p2, n, n2, gap = mine(descriptors, labels, used)
        a, b = pair_distance(descriptors, p, p2), pair_distance(descriptors, n, n2)
        weight = torch.ones_like(a) if teacher is None else teacher_weight(teacher, p, p2, n, n2, options)
        bound = torch.tensor(options["B"], dtype=a.dtype)
        if options["use_stB"]:
            bound = 2 * (b.detach().median() + options["A"] * a.detach().median())
        clamped = torch.clamp(b, max=float(bound) / 2)
        total = total + (weight * (options["R"] * a.pow(2) + clamped.pow(2) - bound * clamped) + 5).mean()
        record.append((p, p2, n, n2, gap, a, b, weight, bound))
    return total / options["neg_num"]


def annealing(descriptors, labels, options, record):
    """Stage 2's loss."""
    p, p2, n, n2, gap = mine(descriptors, labels)
    a, b = pair_distance(descriptors, p, p2), pair_distance(descriptors, n, n2)
    clamped = torch.clamp(b, max=options["B"] / 2)
    weight = (clamped - a > options["threshold"]).to(a.dtype)
    record.append((p, p2, n, n2, gap, a, b, weight, options["B"]))
    a, clamped = weight * a, weight * clamped
    return (options["R"] * a.pow(2) + clamped.pow(2) - options["B"] * clamped + 5).mean()


def triplet(descriptors, teacher, labels, options, record):
    """The triplet loss; with a teacher under stage 1's weights."""
    p, p2, n, n2, gap = mine(descriptors, labels)
    a, b = pair_distance(descriptors, p, p2), pair_distance(descriptors, n, n2)
    violation = torch.clamp(options["marginpos"] + a - b, min=0)
    weight = torch.ones_like(a) if teacher is None else teacher_weight(teacher, p, p2, n, n2, options)
    record.append((p, p2, n, n2, gap, a, b, torch.where(violation > 0, weight, torch.zeros_like(a)), math.inf))
    return (weight * violation).mean()


def cosine(start, end, t):
    return start + (1 - math.cos(math.pi * t)) * (end - start) / 2


def one_cycle(step, steps, maximum):
    progress = step / steps
    if progress < 0.25:
        return cosine(maximum / 25, maximum, progress / 0.25), cosine(0.95, 0.85, progress / 0.25)
    t = (progress - 0.25) / 0.75
    return cosine(maximum, maximum / 1e5, t), cosine(0.85, 0.95, t)


def flat_cosine(step, steps, rate):
    progress = step / steps
    return (rate if progress < 0.6 else cosine(rate, rate / 1e5, (progress - 0.6) / 0.4)), 0.9


class Optimizer:
    """fastai v2's Adam with decoupled decay, on a dictionary of tensors."""

    def __init__(self, parameters, decay=0.1):
        self.decay = decay
        self.first = {name: torch.zeros_like(value) for name, value in parameters.items()}
        self.second = {name: torch.zeros_like(value) for name, value in parameters.items()}
        self.step_count = 0

    def step(self, parameters, gradients, rate, momentum):
        self.step_count += 1
        with torch.no_grad():
            for name, value in parameters.items():
                gradient = gradients[name]
                if not name.endswith("bias"):
                    value.mul_(1 - rate * self.decay)
                self.first[name].mul_(momentum).add_(gradient, alpha=1 - momentum)
                self.second[name].mul_(0.99).addcmul_(gradient, gradient, value=0.01)
                root = (self.second[name] / (1 - 0.99 ** self.step_count)).sqrt_()
                value.addcdiv_(self.first[name], root + 1e-5, value=-rate / (1 - momentum ** self.step_count))
