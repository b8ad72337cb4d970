"""The losses of HardNet, SOSNet, HyNet and SDGMNet in PyTorch, float64, from matrices of all distances or similarities.

Written from the descriptions of the losses, apart from the TypeScript twins, so that each checks the other. `left` and `right` are
the descriptors [N, 128] of each class's two views. `notes` collects how far rounding would have to go to choose another pair or weight.
"""

import math

import torch

SAME_PATCH = 0.008
NEIGHBOURS = 8
EARLY_SIMILARITY, LATE_SIMILARITY = 1 - 1e-5, math.cos(0.6)


def distances(first, second):
    return ((2 * (1 - first @ second.t())).abs() + 1e-6).sqrt()


def note_gap(values, notes):
    """Notes the smallest difference of the least two of each row."""
    least = values.detach().sort(dim=1).values
    notes.append(float((least[:, 1] - least[:, 0]).min()))


def negatives(matrix, beyond=SAME_PATCH):
    """The matrix with infinity where no negative is: on the diagonal and up to `beyond`."""
    return matrix.masked_fill(torch.eye(len(matrix), dtype=torch.bool) | (matrix <= beyond), math.inf)


def hardest(matrices, notes):
    """The least entry of each row of several matrices side by side."""
    candidates = torch.cat(matrices, dim=1)
    note_gap(candidates, notes)
    return candidates.min(dim=1).values


def hardest_of_all_views(left, right, notes):
    both = negatives(distances(left, right))
    return hardest([both, both.t(), negatives(distances(left, left)), negatives(distances(right, right))], notes)


def positives(left, right):
    return distances(left, right).diagonal()


def hardnet(left, right, margin, all_views, notes):
    if all_views:
        nearest = hardest_of_all_views(left, right, notes)
    else:
        both = negatives(distances(left, right))
        nearest = hardest([both, both.t()], notes)
    violation = margin + positives(left, right) - nearest
    notes.append(float(violation.detach().abs().min()))
    return torch.clamp(violation, min=0).mean()


def second_order(left, right, notes):
    """Σ over classes of √(Σ over neighbours of (LL − RR)² + 1e-6); neighbours are chosen without gradient."""
    lefts, rights, both = distances(left, left), distances(right, right), distances(left, right)
    with torch.no_grad():
        chosen = torch.zeros(len(left), len(left), dtype=torch.bool)
        for matrix in (lefts, rights, both, both.t()):
            candidates = negatives(matrix)
            order = candidates.sort(dim=1)
            notes.append(float((order.values[:, NEIGHBOURS] - order.values[:, NEIGHBOURS - 1]).min()))
            assert torch.isfinite(order.values[:, :NEIGHBOURS]).all()
            chosen.scatter_(1, order.indices[:, :NEIGHBOURS], True)
        chosen = chosen | chosen.t()
    squares = torch.where(chosen, (lefts - rights) ** 2, torch.zeros_like(lefts))
    return (squares.sum(dim=1) + 1e-6).sqrt().sum()


def sosnet(left, right, margin, notes):
    violation = margin + positives(left, right) - hardest_of_all_views(left, right, notes)
    notes.append(float(violation.detach().abs().min()))
    return (torch.clamp(violation, min=0) ** 2).sum() + second_order(left, right, notes)


def hynet(left, right, raw_left, raw_right, margin, with_second_order, notes):
    def hybrid(distance):
        return distance + 2 * distance ** 2 / 2

    violation = margin + hybrid(positives(left, right)) - hybrid(hardest_of_all_views(left, right, notes))
    notes.append(float(violation.detach().abs().min()))
    lengths = [((raw ** 2).sum(dim=1) + 1e-6).sqrt() for raw in (raw_left, raw_right)]
    loss = torch.clamp(violation, min=0).sum() + 0.1 * ((lengths[0] - lengths[1]) ** 2).sum()
    return loss + second_order(left, right, notes) if with_second_order else loss


class RunningFigures:
    """Means and deviations of SDGMNet's angles, and the sums of its weights, each moved by a thousandth of what a batch has."""

    def __init__(self):
        self.means = [None, None, torch.tensor(-1.0, dtype=torch.float64)]
        self.deviations = [None, None, None]
        self.sums = [torch.tensor(10000.0, dtype=torch.float64), torch.tensor(10000.0, dtype=torch.float64)]

    @staticmethod
    def moved(old, new):
        return new if old is None else 0.999 * old + 0.001 * new

    def see_angles(self, series):
        for at, angles in enumerate(series):
            # The mean of the difference of angles is not set by the first batch, but neither does it move then.
            if at < 2 or self.deviations[at] is not None:
                self.means[at] = self.moved(self.means[at], angles.mean())
            self.deviations[at] = self.moved(self.deviations[at], angles.std())

    def see_weights(self, weights):
        self.sums = [self.moved(old, new.sum()) for old, new in zip(self.sums, weights)]

    def figures(self):
        pairs = [float(value) for pair in zip(self.means, self.deviations) for value in pair]
        return pairs + [float(value) for value in self.sums]


def sdgmnet(left, right, progress, running, notes):
    limit = EARLY_SIMILARITY if progress < 1 / 8 else LATE_SIMILARITY
    beyond = -limit
    both = negatives(-(left @ right.t()), beyond)
    similarity = -hardest([both, both.t(), negatives(-(left @ left.t()), beyond), negatives(-(right @ right.t()), beyond)], notes)
    positive = torch.acos(torch.clamp((left * right).sum(dim=1), max=1 - 1e-5))
    negative = torch.acos(similarity)
    with torch.no_grad():
        difference = positive - negative
        running.see_angles([positive, negative, difference])
        weights = []
        hard = torch.ones_like(positive)
        if progress >= 0.1:
            bound = torch.distributions.Normal(running.means[2], running.deviations[2]).icdf(torch.tensor(0.6, dtype=torch.float64))
            notes.append(float((difference - bound).abs().min()))
            hard = (difference >= bound).to(positive.dtype)
        for at, angles in enumerate((positive, negative)):
            soft = torch.exp(-(angles - running.means[at]) ** 2 / (2 * (math.pi / 6 + running.deviations[at]) ** 2))
            weights.append(hard * soft if progress >= 0.1 else torch.ones_like(angles))
        running.see_weights(weights)
        weights = [weight * 100 / total for weight, total in zip(weights, running.sums)]
    return (0.9 * weights[0] * positive - weights[1] * negative).sum() / 100
