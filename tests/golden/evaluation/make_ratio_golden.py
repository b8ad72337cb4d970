"""Writes tests/golden/evaluation/ratio.json: average precision of matches within an image by the second-nearest-neighbour ratio.

Every pair and every distance written out with numpy in float64, scikit-learn's average_precision_score over them; descriptors are the
reproducible numbers of golden_file.py. Needs Debian's python3-sklearn; run with
`/usr/bin/python3 tests/golden/evaluation/make_ratio_golden.py`.
Needed only to make the file anew.
"""

import json
import os
import sys

import numpy
import sklearn
from sklearn.metrics import average_precision_score

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from golden_file import uniform

DIMENSION = 6
IMAGES = {"small": 45, "odd": 131, "large": 1100}


def label_of(place):
    """Points have two, three and four patches in turn."""
    return place // 9 * 3 + (0 if place % 9 < 2 else 1 if place % 9 < 5 else 2)


def image(name, count):
    labels = numpy.array([label_of(place) for place in range(count)])
    centres = uniform(f"ratio {name} centres", (labels.max() + 1) * DIMENSION).reshape(-1, DIMENSION)
    noise = uniform(f"ratio {name} noise", count * DIMENSION).reshape(-1, DIMENSION)
    rows = (centres[labels] + 0.4 * noise).astype(numpy.float32)
    # Equal rows: of one point, of two points, and both; distances of 0, ratios of 0 and 0/0.
    rows[1] = rows[0]
    rows[11:20] = rows[10]
    return labels, rows.astype(numpy.float64)


def precision(labels, rows, searched):
    """`searched`: from this row on, row 0 stands for the nearest negative."""
    distances = numpy.sqrt(((rows[:, None] - rows) ** 2).sum(2))
    same = labels[:, None] == labels
    negatives = numpy.where(same, numpy.inf, distances).min(1)
    negatives[searched:] = distances[searched:, 0]
    first, second = numpy.nonzero(same & ~numpy.eye(len(labels), dtype=bool))
    positive, negative = distances[first, second], negatives[first]
    with numpy.errstate(invalid="ignore"):
        ratio = numpy.minimum(positive, negative) / numpy.maximum(positive, negative)
    ratio[numpy.isnan(ratio)] = 1
    return float(average_precision_score(positive <= negative, 1 - ratio))


golden = {"sklearn": sklearn.__version__, "numpy": numpy.__version__, "images": {}}
for name, count in IMAGES.items():
    labels, rows = image(name, count)
    searched = count // 128 * 128 if count > 1000 else 0
    golden["images"][name] = {"count": count, "precision": precision(labels, rows, count), "asPublished": precision(labels, rows, searched)}
print(golden)
with open(os.path.join(HERE, "ratio.json"), "w") as file:
    json.dump(golden, file, indent=1)
    file.write("\n")
