#!/usr/bin/python3
"""Makes tests/golden/onnx/opencv.json: the descriptors that OpenCV's dnn computes from the models of this project.

tests/helpers/onnx_sample.ts writes the golden network as an ONNX model that takes values 0 ... 1 (`floats...`) and one that takes
8-bit patches (`bytes...`), networks of other authors, and three patches. Kept: OpenCV's version, each model's SHA-256 and its descriptors of all three patches at once.
Needs Debian 12's python3-opencv (4.6, the oldest that is to read the models) and Deno; the project and its tests do not.

    /usr/bin/python3 tests/golden/make_onnx_golden.py
"""
import hashlib
import json
import os
import subprocess
import tempfile

import cv2
import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def describe(path, patches):
    network = cv2.dnn.readNetFromONNX(path)
    network.setInput(patches)
    return network.forward("descriptors")


with tempfile.TemporaryDirectory() as folder:
    subprocess.run(
        ["deno", "run", "--no-prompt", "--allow-read", "--allow-write=" + folder,
         os.path.join(ROOT, "tests/helpers/onnx_sample.ts"), folder],
        check=True, cwd=ROOT)
    patches = numpy.fromfile(os.path.join(folder, "patches.u8"), "u1").reshape(-1, 1, 32, 32)
    models = {}
    for name in sorted(name for name in os.listdir(folder) if name.endswith(".onnx")):
        blob = patches if name.startswith("bytes") else patches.astype("f4") / numpy.float32(255)
        path = os.path.join(folder, name)
        with open(path, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        rows = describe(path, blob).astype(float).round(7).tolist()
        models[name] = {"sha256": digest, "descriptors": rows}

with open(os.path.join(HERE, "onnx", "opencv.json"), "w") as file:
    json.dump({"opencv": cv2.__version__, "models": models}, file, indent=1)
    file.write("\n")
