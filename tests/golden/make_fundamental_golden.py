#!/usr/bin/python3
"""Makes tests/golden/features/opencv_fundamental.json: fundamental matrices of OpenCV's USAC_MAGSAC.

Eight synthetic scenes: two cameras of 640 x 480 pixels, 300 matches of which 60 % are wrong, the right ones with noise
of standard deviation sqrt(1/2) pixels in either photograph. Stored are the matches, the right ones' exact places, and the
matrix that OpenCV finds at a threshold of 1.5 pixels. Needs Debian's python3-opencv; the project and its tests do not.

    /usr/bin/python3 tests/golden/make_fundamental_golden.py
"""
import json
import os

import cv2
import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
SIZE = numpy.array([640.0, 480.0])
CAMERA = numpy.array([[500.0, 0, 320], [0, 500, 240], [0, 0, 1]])
MATCHES, RIGHT, SCENES = 300, 120, 8


def scene(random):
    rotation, _ = cv2.Rodrigues(random.uniform(-0.25, 0.25, 3))
    shift = random.normal(size=3) * (1, 0.6, 0.6)
    shift /= numpy.linalg.norm(shift)
    left, right = [], []
    while len(left) < RIGHT:
        pixel = random.uniform((0, 0), SIZE - 1)
        point = random.uniform(3, 10) * numpy.linalg.inv(CAMERA) @ (*pixel, 1)
        moved = CAMERA @ (rotation @ point + shift)
        seen = moved[:2] / moved[2]
        if moved[2] > 0.1 and (seen >= 0).all() and (seen <= SIZE - 1).all():
            left.append(pixel)
            right.append(seen)
    return numpy.array(left), numpy.array(right)


def main():
    random = numpy.random.default_rng(16)
    scenes = []
    for _ in range(SCENES):
        clean = scene(random)
        matches = []
        for points in clean:
            noisy = points + random.normal(0, numpy.sqrt(0.5), points.shape)
            wrong = random.uniform((0, 0), SIZE - 1, (MATCHES - RIGHT, 2))
            matches.append(numpy.round(numpy.r_[noisy, wrong], 2))
        matrix, _ = cv2.findFundamentalMat(*matches, cv2.USAC_MAGSAC, 1.5, 0.9999, 10000)
        scenes.append({
            "left": matches[0].ravel().tolist(),
            "right": matches[1].ravel().tolist(),
            "clean": [numpy.round(points, 4).ravel().tolist() for points in clean],
            "matrix": (matrix / numpy.linalg.norm(matrix)).ravel().tolist(),
        })
    golden = {"opencv": cv2.__version__, "scenes": scenes}
    text = json.dumps(golden, separators=(",", ":")).replace('{"left"', '\n{"left"')
    with open(os.path.join(HERE, "features", "opencv_fundamental.json"), "w", encoding="utf-8") as file:
        file.write(text + "\n")


if __name__ == "__main__":
    main()
