#!/usr/bin/python3
"""Makes tests/golden/features/graf_matches.json: matches of two real photographs whose homography is known.

The photographs are graf1.png and graf3.png of Debian's opencv-doc, a wall from 30 degrees aside; their homography is that
of H1to3p.xml beside them. The matches are those of OpenCV's SIFT, nearest neighbours as seen from both sides, of which more
than half are wrong. Stored are places alone, in pixels from the centre of the first pixel, and no picture. OpenCV's SIFT tells places that are 0.25 pixels too large, which is taken off. Needs Debian's
python3-opencv and opencv-doc; the project and its tests do not.

    /usr/bin/python3 tests/golden/features/make_graf_golden.py /usr/share/doc/opencv-doc/examples/data
"""
import json
import os
import sys

import cv2
import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
SIFT_SHIFT = 0.25


def main():
    folder = sys.argv[1]
    sides = []
    for name in ("graf1.png", "graf3.png"):
        grey = cv2.imread(os.path.join(folder, name), cv2.IMREAD_GRAYSCALE)
        points, rows = cv2.SIFT_create().detectAndCompute(grey, None)
        sides.append((numpy.array([point.pt for point in points]) - SIFT_SHIFT, rows, grey.shape))
    (left, left_rows, (height, width)), (right, right_rows, _) = sides
    found = cv2.BFMatcher(cv2.NORM_L2, crossCheck=True).match(left_rows, right_rows)
    # A keypoint with several angles has one place.
    matches = sorted({
        (*numpy.round(left[match.queryIdx], 2), *numpy.round(right[match.trainIdx], 2)) for match in found})
    storage = cv2.FileStorage(os.path.join(folder, "H1to3p.xml"), cv2.FILE_STORAGE_READ)
    truth = storage.getNode("H13").mat()
    golden = {
        "opencv": cv2.__version__,
        "width": width,
        "height": height,
        "homography": truth.ravel().tolist(),
        "left": [value for match in matches for value in match[:2]],
        "right": [value for match in matches for value in match[2:]],
    }
    with open(os.path.join(HERE, "graf_matches.json"), "w", encoding="utf-8") as file:
        file.write(json.dumps(golden, separators=(",", ":")).replace(',"', ',\n"') + "\n")


if __name__ == "__main__":
    main()
