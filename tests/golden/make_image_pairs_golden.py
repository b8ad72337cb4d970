#!/usr/bin/python3
"""Makes tests/golden/evaluation/image_pairs.json: figures of image pairs by numpy.

Random homographies and poses, estimates of them that are more or less off, and matches that are more or less right; the
figures follow from their published definitions: mean matching accuracy (share of a pair's matches whose reprojection
error is at most t, mean over pairs), areas under the share of pairs over their corner or pose error (trapezoids between
the sorted errors from (0, 0), level behind the last), mean average accuracy (mean of the shares within 1, 2 ... 10
degrees). Needs Debian's python3-numpy; the project and its tests do not.

    /usr/bin/python3 tests/golden/make_image_pairs_golden.py
"""
import json
import os

import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
WIDTH, HEIGHT = 640, 480
PAIRS = 12


def project(matrix, points):
    moved = numpy.c_[points, numpy.ones(len(points))] @ matrix.T
    return moved[:, :2] / moved[:, 2:]


def random_homography(random, spread):
    return numpy.array([
        [1 + spread * random.normal(0, 0.2), spread * random.normal(0, 0.2), spread * random.normal(0, 30)],
        [spread * random.normal(0, 0.2), 1 + spread * random.normal(0, 0.2), spread * random.normal(0, 30)],
        [spread * random.normal(0, 2e-4), spread * random.normal(0, 2e-4), 1],
    ])


def rotation_about(axis, angle):
    x, y, z = axis / numpy.linalg.norm(axis)
    cross = numpy.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return numpy.eye(3) + numpy.sin(angle) * cross + (1 - numpy.cos(angle)) * cross @ cross


def area(errors, threshold):
    """The area under the recall curve from 0 to the threshold, over the threshold."""
    errors = numpy.sort(errors)
    inside = errors[errors < threshold]
    share = numpy.arange(1, len(inside) + 1) / len(errors)
    x = numpy.r_[0, inside, threshold]
    y = numpy.r_[0, share, share[-1] if len(share) else 0]
    return float(((x[1:] - x[:-1]) * (y[1:] + y[:-1]) / 2).sum() / threshold)


def homography_pairs(random):
    corners = numpy.array([[0, 0], [WIDTH - 1, 0], [0, HEIGHT - 1], [WIDTH - 1, HEIGHT - 1]])
    pairs, accuracies, errors = [], [], []
    for number in range(PAIRS):
        truth = random_homography(random, 1)
        count = 0 if number == 3 else int(random.integers(20, 60))
        left = random.uniform((0, 0), (WIDTH - 1, HEIGHT - 1), (count, 2))
        right = project(truth, left) + random.normal(0, 1, (count, 2)) * random.exponential(4, (count, 1))
        if number in (3, 7):
            estimate, error = None, numpy.inf
        else:
            estimate = truth + random_homography(random, 0.01 * 2.0 ** (number % 4)) - numpy.eye(3)
            error = numpy.linalg.norm(project(estimate, corners) - project(truth, corners), axis=1).mean()
        distances = numpy.linalg.norm(project(truth, left) - right, axis=1)
        accuracies.append([(distances <= t).mean() if count else 0 for t in range(1, 11)])
        errors.append(error)
        pairs.append({
            "truth": truth.ravel().tolist(),
            "estimate": None if estimate is None else estimate.ravel().tolist(),
            "left": left.ravel().tolist(),
            "right": right.ravel().tolist(),
        })
    figures = {f"mma_{t}": float(numpy.mean(accuracies, axis=0)[t - 1]) for t in range(1, 11)}
    for t in (1, 3, 5):
        figures[f"corner_auc_{t}"] = area(errors, t)
    return {"width": WIDTH, "height": HEIGHT, "pairs": pairs, "figures": figures}


def pose_pairs(random):
    pairs, errors = [], []
    for number in range(PAIRS):
        rotation = rotation_about(random.normal(size=3), random.uniform(0, 1))
        translation = random.normal(size=3)
        if number == 5:
            estimate, error = None, numpy.inf
        else:
            spread = 0.02 * 2.0 ** (number % 5)
            turned = rotation_about(random.normal(size=3), random.normal(0, spread)) @ rotation
            moved = rotation_about(random.normal(size=3), random.normal(0, spread)) @ translation
            moved *= random.choice([-1, 1]) * random.uniform(0.5, 2)
            cosine = (numpy.trace(turned.T @ rotation) - 1) / 2
            angle = numpy.degrees(numpy.arccos(numpy.clip(cosine, -1, 1)))
            cosine = moved @ translation / numpy.linalg.norm(moved) / numpy.linalg.norm(translation)
            direction = numpy.degrees(numpy.arccos(numpy.clip(cosine, -1, 1)))
            estimate, error = (turned, moved), max(angle, min(direction, 180 - direction))
        errors.append(error)
        pairs.append({
            "truth": {"rotation": rotation.ravel().tolist(), "translation": translation.tolist()},
            "estimate": None if estimate is None else {
                "rotation": estimate[0].ravel().tolist(), "translation": estimate[1].tolist()},
        })
    figures = {f"pose_auc_{t}": area(errors, t) for t in (5, 10, 20)}
    figures["pose_maa_10"] = float(numpy.mean([(numpy.array(errors) <= t).mean() for t in range(1, 11)]))
    return {"pairs": pairs, "figures": figures}


def main():
    random = numpy.random.default_rng(16)
    golden = {"homography": homography_pairs(random), "pose": pose_pairs(random)}
    with open(os.path.join(HERE, "evaluation", "image_pairs.json"), "w", encoding="utf-8") as file:
        file.write(json.dumps(golden, separators=(",", ":")).replace('{"truth"', '\n{"truth"') + "\n")


if __name__ == "__main__":
    main()
