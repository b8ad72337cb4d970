#!/usr/bin/python3
"""Makes the golden files of tests/golden/evaluation/: small descriptor folders, task files, pair lists and the figures
that the evaluation has to reproduce.

It states the protocol a second time, in numpy and scipy and on purpose in another way than the program: full rankings
by a stable argsort, explicit precision-recall and ROC polygons, areas by numpy.trapz, distance matrices by
scipy.spatial.distance.cdist. Needs Debian's python3-numpy and python3-scipy; the project and its tests do not need it.

    /usr/bin/python3 tests/golden/make_evaluation_golden.py
"""
import json
import os
import shutil

import numpy as np
from scipy.spatial.distance import cdist

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "evaluation")
LETTERS = {"easy": "e", "hard": "h", "tough": "t"}
TYPES = ["ref"] + [f"{letter}{i}" for letter in "eht" for i in range(1, 6)]
METRICS = {"L2": "euclidean", "L1": "cityblock"}
CUTS = [3, 5, 8, 15, 40, 1000]


# --- curves ---------------------------------------------------------------------------------------------------------

def ranked_labels(distances, labels):
    order = np.argsort(np.asarray(distances, float), kind="stable")
    return np.asarray(labels, int)[order]


def pr_area(distances, labels, positives=None):
    """Precision-recall polygon with the point (0, 1) in front; `positives` counts those never retrieved too."""
    hits = ranked_labels(distances, labels)
    total = hits.sum() if positives is None else positives
    found = np.concatenate([[0], np.cumsum(hits)]).astype(float)
    seen = np.arange(len(hits) + 1, dtype=float)
    precision = np.maximum(found, 1e-10) / np.maximum(seen, 1e-10)
    recall = found / max(total, 1e-10)
    return float(np.trapz(precision, recall))


def roc_area(distances, labels):
    hits = ranked_labels(distances, labels)
    positives, negatives = hits.sum(), len(hits) - hits.sum()
    tpr = np.concatenate([[0], np.cumsum(hits)]) / max(positives, 1e-10)
    fpr = np.concatenate([[0], np.cumsum(1 - hits)]) / max(negatives, 1e-10)
    return float(np.trapz(tpr, fpr))


def fpr95(distances, labels):
    hits = ranked_labels(distances, labels)
    threshold = np.argmax(np.cumsum(hits) >= 0.95 * hits.sum())
    return float((hits[:threshold] == 0).sum() / (hits == 0).sum())


def step_ap(distances, labels):
    hits = ranked_labels(distances, labels)
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precision[hits == 1].mean())


# --- tasks ----------------------------------------------------------------------------------------------------------

def pair_distances(descriptors, pairs, letter, metric):
    def row(sequence, image, index):
        name = "ref" if image == 0 else f"{letter}{image}"
        return descriptors[sequence][name][index][None, :]
    return np.array([
        cdist(row(s1, t1, i1), row(s2, t2, i2), metric)[0, 0] for s1, t1, i1, s2, t2, i2 in pairs
    ])


def verification(descriptors, tasks, metric):
    figures = {}
    for noise, letter in LETTERS.items():
        positive = pair_distances(descriptors, tasks["pos"], letter, metric)
        figures[noise] = {}
        for kind in ("inter", "intra"):
            negative = pair_distances(descriptors, tasks["neg_" + kind], letter, metric)
            stack = np.concatenate([negative, positive])
            labels = np.concatenate([np.zeros(len(positive), int), np.ones(len(positive), int)])
            cut = len(positive) + int(len(positive) * 0.2)
            figures[noise][kind] = {"auc": roc_area(stack, labels), "ap": pr_area(stack[:cut], labels[:cut])}
    return figures


def matching(descriptors, sequences, metric):
    figures = {}
    for noise, letter in LETTERS.items():
        areas = []
        for sequence in sequences:
            reference = descriptors[sequence]["ref"]
            for image in range(1, 6):
                matrix = cdist(reference, descriptors[sequence][f"{letter}{image}"], metric)
                nearest = matrix.argmin(axis=1)
                correct = (nearest == np.arange(len(reference))).astype(int)
                areas.append(pr_area(matrix.min(axis=1), correct, positives=len(reference)))
        figures[noise] = float(np.mean(areas))
    figures["mean"] = float(np.mean([figures[noise] for noise in LETTERS]))
    return figures


def retrieval(descriptors, queries, distractors, metric):
    figures = {noise: {} for noise in LETTERS}
    for noise, letter in LETTERS.items():
        areas = {cut: [] for cut in CUTS}
        for sequence, index in queries:
            query = descriptors[sequence]["ref"][index][None, :]
            own = [descriptors[sequence][f"{letter}{image}"][index] for image in range(1, 6)]
            others = [descriptors[s]["ref"][i] for s, i in distractors if s != sequence]
            pool = cdist(query, np.array(own + others), metric)[0]
            labels = np.array([1] * 5 + [0] * len(others))
            for cut in CUTS:
                areas[cut].append(pr_area(pool[:cut], labels[:cut]))
        for cut in CUTS:
            figures[noise][str(cut)] = float(np.mean(areas[cut]))
    figures["mean"] = {
        str(cut): float(np.mean([figures[noise][str(cut)] for noise in LETTERS])) for cut in CUTS
    }
    return figures


# --- data -----------------------------------------------------------------------------------------------------------

def pca_power_law(descriptors, train, test):
    """PCA and power law by a singular value decomposition; row by row, so that equal rows stay equal to the last bit."""
    rows = np.concatenate([descriptors[sequence]["ref"] for sequence in train]).astype(np.float64)
    _, singular, axes = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    variances = singular ** 2 / len(rows)
    floor = np.sort(variances)[int(0.6 * len(variances))]
    result = {}
    for sequence in test:
        result[sequence] = {}
        for kind, image in descriptors[sequence].items():
            centred = image.astype(np.float64) - image.astype(np.float64).mean(axis=0)
            projected = []
            for row in centred:
                whitened = sum((axis @ row) / np.sqrt(max(variance, floor)) * axis for axis, variance in zip(axes, variances))
                root = np.sign(whitened) * np.sqrt(np.abs(whitened))
                norm = np.sqrt((root ** 2).sum())
                projected.append(root / norm if norm > 0 else root * 0)
            result[sequence][kind] = np.array(projected, np.float32)
    return result


def make_tasks(random, lengths):
    """Task files in the benchmark's format; image indices 0 … 5, so that `ref` takes part."""
    names = list(lengths)
    pos, intra, inter = [], [], []
    for _ in range(60):
        first = names[random.integers(len(names))]
        a, b = random.choice(lengths[first], 2, replace=False)
        t1, t2 = random.choice(6, 2, replace=False)
        second = names[(names.index(first) + 1 + random.integers(len(names) - 1)) % len(names)]
        pos.append((first, int(t1), int(a), first, int(t2), int(a)))
        intra.append((first, int(t1), int(a), first, int(t2), int(b)))
        inter.append((first, int(t1), int(a), second, int(t2), int(random.integers(lengths[second]))))
    patches = [(name, i) for name in names for i in range(lengths[name])]
    order = random.permutation(len(patches))
    count = min(12, len(patches) // 2)
    queries = [patches[i] for i in order[:count]]
    distractors = [patches[i] for i in order[count:]]
    return {"pos": pos, "neg_intra": intra, "neg_inter": inter}, queries, distractors


def make_descriptors(random, lengths, dimension, decimals, duplicate):
    """Noisy copies of random vectors; few decimals make ties, `duplicate` repeats rows within and across sequences."""
    descriptors = {}
    shared = random.normal(size=dimension)
    for name, count in lengths.items():
        truth = random.normal(size=(count, dimension))
        if duplicate:
            truth[-1] = shared
            truth[1] = truth[0]
        descriptors[name] = {}
        for kind in TYPES:
            scale = 0 if kind == "ref" else {"e": 0.5, "h": 1.1, "t": 1.7}[kind[0]] * (0.6 + 0.15 * int(kind[1]))
            noisy = truth + scale * random.normal(size=truth.shape)
            if duplicate:
                noisy[1] = noisy[0]
                if count > 4:
                    noisy[4] = noisy[3]
            descriptors[name][kind] = np.round(noisy, decimals).astype(np.float32)
    return descriptors


def write_lines(path, lines):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", newline="") as file:
        file.write("\n".join(lines) + "\n")


def write_case(name, random, lengths, dimension, decimals, duplicate, constant=False, train=None):
    folder = os.path.join(HERE, name)
    train = train or {}
    descriptors = make_descriptors(random, {**lengths, **train}, dimension, decimals, duplicate)
    if constant:
        for sequence in descriptors.values():
            for kind in TYPES:
                sequence[kind][:] = 0.25
    for sequence, kinds in descriptors.items():
        for kind, rows in kinds.items():
            if sequence in train and kind != "ref":
                continue
            path = os.path.join(folder, "descriptors", sequence, kind + ".csv")
            os.makedirs(os.path.dirname(path), exist_ok=True)
            np.savetxt(path, rows, fmt="%10.5f", delimiter=",")
            kinds[kind] = np.loadtxt(path, delimiter=",", dtype=np.float64).astype(np.float32)
    tasks, queries, distractors = make_tasks(random, lengths)
    for kind, pairs in tasks.items():
        rows = [",".join(map(str, pair)) for pair in pairs]
        write_lines(os.path.join(folder, "tasks", f"verif_{kind}_split-x.csv"), ["s1,t1,idx1,s2,t2,idx2"] + rows)
    for kind, patches in (("queries", queries), ("distractors", distractors)):
        rows = [f"{sequence},{index}" for sequence, index in patches]
        write_lines(os.path.join(folder, "tasks", f"retr_{kind}_split-x.csv"), ["s,idx"] + rows)
    split = {"x": {"name": "x", "test": list(lengths), "train": list(train)}}
    write_lines(os.path.join(folder, "tasks", "splits", "splits.json"), [json.dumps(split)])
    figures = {
        norm: {
            "verification": verification(descriptors, tasks, metric),
            "matching": matching(descriptors, list(lengths), metric),
            "retrieval": retrieval(descriptors, queries, distractors, metric),
        }
        for norm, metric in METRICS.items()
    }
    if train:
        transformed = pca_power_law(descriptors, list(train), list(lengths))
        figures["L2 pcapl"] = {
            "verification": verification(transformed, tasks, "euclidean"),
            "matching": matching(transformed, list(lengths), "euclidean"),
            "retrieval": retrieval(transformed, queries, distractors, "euclidean"),
        }
    write_lines(os.path.join(folder, "figures.json"), [json.dumps(figures, indent=1)])


def write_pair_lists(random):
    """Distances and labels with the two PhotoTour figures, without ties and with many."""
    cases = []
    for count, decimals, share in ((400, 9, 0.5), (400, 1, 0.5), (37, 2, 0.3), (250, 0, 0.1), (2, 3, 0.5)):
        labels = (np.arange(count) < max(1, count * share)).astype(int)
        labels = labels[random.permutation(count)]
        distances = np.round(np.abs(random.normal(1.3 - 0.6 * labels, 0.4)), decimals)
        cases.append({
            "distances": distances.tolist(),
            "labels": labels.tolist(),
            "fpr95": fpr95(distances, labels),
            "stepAp": step_ap(distances, labels),
            "trapezoidAp": pr_area(distances, labels),
            "trapezoidApOfMore": pr_area(distances, labels, positives=int(labels.sum()) + 7),
            "rocArea": roc_area(distances, labels),
        })
    write_lines(os.path.join(HERE, "pairs.json"), [json.dumps(cases)])


def write_number_texts(random):
    """What `'%10.5f' % x` prints for float32 values, ties of the rounding, zeros and large values among them."""
    values = np.concatenate([
        random.normal(size=300) * 10.0 ** random.integers(-7, 9, size=300),
        np.arange(-40, 40) / 64, np.arange(0, 60) / 2048 + 3, [0.0, -0.0, -1e-9, 5e-6, 99999.99, 9999.999, -9999.999],
        [16777216.0, 3.4e38, -1e20, 20000.0, 19999.998, 123456.789, 1e-40],
    ]).astype(np.float32)
    texts = ["%10.5f" % value for value in values]
    bits = values.view(np.uint32).tolist()
    write_lines(os.path.join(HERE, "numbers.json"), [json.dumps({"bits": bits, "texts": texts})])


def main():
    shutil.rmtree(HERE, ignore_errors=True)
    random = np.random.default_rng(211)
    lengths = {"i_three": 3, "v_first": 14, "i_second": 9, "v_third": 11}
    write_case("plain", random, lengths, 8, 5, duplicate=False)
    write_case("tied", random, lengths, 3, 0, duplicate=True)
    write_case("duplicated", random, lengths, 5, 2, duplicate=True)
    write_case("constant", random, {"i_three": 3, "v_first": 6}, 2, 2, duplicate=False, constant=True)
    write_pair_lists(random)
    write_number_texts(random)
    write_case("whitened", random, lengths, 8, 2, duplicate=True, train={"i_learnt": 21, "v_learnt": 17})


if __name__ == "__main__":
    main()
