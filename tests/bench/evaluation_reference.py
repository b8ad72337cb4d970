#!/usr/bin/python3
"""Evaluates a synthetic benchmark with the independent implementation of tests/golden/make_evaluation_golden.py and
prints the figures and the seconds of each step as JSON. Called by evaluation_bench.ts.

    /usr/bin/python3 tests/bench/evaluation_reference.py FOLDER
"""
import csv
import json
import os
import sys
import time

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden"))
import make_evaluation_golden as golden  # noqa: E402

golden.CUTS = [100, 500, 1000, 5000, 10000, 15000, 20000]


def main():
    folder = sys.argv[1]
    with open(os.path.join(folder, "tasks", "splits", "splits.json")) as file:
        names = json.load(file)["full"]["test"]
    seconds, figures = {}, {}

    def timed(name, action):
        start = time.perf_counter()
        result = action()
        seconds[name] = time.perf_counter() - start
        return result

    def read_image(sequence, kind):
        path = os.path.join(folder, "descriptors", sequence, kind + ".csv")
        return np.loadtxt(path, delimiter=",", dtype=np.float32)

    def read_rows(name):
        with open(os.path.join(folder, "tasks", f"{name}_split-full.csv")) as file:
            rows = list(csv.reader(file))[1:]
        return [tuple(int(field) if field.isdigit() else field for field in row) for row in rows]

    descriptors = timed("read", lambda: {
        sequence: {kind: read_image(sequence, kind) for kind in golden.TYPES} for sequence in names
    })
    kinds = ("pos", "neg_intra", "neg_inter")
    pairs = {kind: read_rows(f"verif_{kind}") for kind in kinds}
    queries, distractors = read_rows("retr_queries"), read_rows("retr_distractors")
    metric = golden.METRICS["L2"]
    figures["verification"] = timed("verification", lambda: golden.verification(descriptors, pairs, metric))
    figures["matching"] = timed("matching", lambda: golden.matching(descriptors, names, metric))
    figures["retrieval"] = timed("retrieval", lambda: golden.retrieval(descriptors, queries, distractors, metric))
    print(json.dumps({"seconds": seconds, "figures": figures}))


if __name__ == "__main__":
    main()
