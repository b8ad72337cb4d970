#!/usr/bin/python3
"""Makes tests/golden/features/opencv_sift.json: SIFT keypoints of OpenCV in five bundled photographs.

The photographs are decoded to grey and halved by tests/helpers/features/golden_photographs.ts, so that both programs see
the same pixels; their SHA-256 is written beside the keypoints. OpenCV's defaults are used (three layers an octave,
contrast threshold 0.04, edge threshold 10, sigma 1.6, one upsampled octave). All keypoints are kept, those that OpenCV
splits by orientation too, as [x, y, size, angle, response] with OpenCV's meaning: pixels from the centre of the first
pixel, size = 2 sigma, degrees clockwise. Needs Debian's python3-opencv and Deno; the project and its tests do not need
OpenCV.

    /usr/bin/python3 tests/golden/make_features_golden.py
"""
import hashlib
import json
import os
import subprocess
import tempfile

import cv2

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
WRITER = "tests/helpers/features/golden_photographs.ts"


def keypoints_of(grey):
    found = sorted(
        cv2.SIFT_create().detect(grey, None),
        key=lambda point: (-point.response, point.pt[1], point.pt[0], point.angle))
    return [
        [
            round(point.pt[0], 2),
            round(point.pt[1], 2),
            round(point.size, 2),
            round(point.angle, 1),
            round(point.response, 4),
        ]
        for point in found
    ]


def main():
    photographs = []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["deno", "run", "--no-prompt", "--allow-read", f"--allow-write={folder}", WRITER, folder],
            cwd=ROOT, check=True)
        for name in sorted(os.listdir(folder)):
            grey = cv2.imread(os.path.join(folder, name), cv2.IMREAD_GRAYSCALE)
            photographs.append({
                "name": name.removesuffix(".pgm"),
                "sha256": hashlib.sha256(grey.tobytes()).hexdigest(),
                "keypoints": keypoints_of(grey),
            })
    golden = {"opencv": cv2.__version__, "photographs": photographs}
    text = json.dumps(golden, separators=(",", ":")).replace('{"name"', '\n{"name"')
    with open(os.path.join(HERE, "features", "opencv_sift.json"), "w", encoding="utf-8") as file:
        file.write(text + "\n")


if __name__ == "__main__":
    main()
