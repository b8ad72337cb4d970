#!/usr/bin/python3
"""Makes tests/golden/features/stereo_matches.json: matches of real stereo pairs, and the poses that OpenCV finds.

The photographs are left01.jpg ... right14.jpg of Debian's opencv-doc, thirteen pairs by two cameras that were calibrated
here by the chessboard in them: both intrinsics, and the pose that all pairs have. The matches are those of OpenCV's SIFT,
nearest neighbours as seen from both sides with a ratio of at most 0.9, freed of the lenses' distortion; places alone are
stored, and no picture. Stored with them is the error of OpenCV's findEssentialMat and recoverPose at the same threshold:
the larger of the angles of rotation and translation, whose sign does not count. Needs Debian's python3-opencv and
opencv-doc; the project and its tests do not.

    /usr/bin/python3 tests/golden/features/make_stereo_golden.py /usr/share/doc/opencv-doc/examples/data
"""
import json
import os
import sys

import cv2
import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
NUMBERS = [*range(1, 10), *range(11, 15)]
SIDES = ("left", "right")
BOARD = (9, 6)
SIFT_SHIFT = 0.25
RATIO = 0.9
THRESHOLD = 1.5


def corners(grey):
    found, places = cv2.findChessboardCorners(grey, BOARD)
    assert found
    return cv2.cornerSubPix(grey, places, (5, 5), (-1, -1), (3, 50, 1e-4))


def calibrate(greys):
    board = numpy.zeros((BOARD[0] * BOARD[1], 3), numpy.float32)
    board[:, :2] = numpy.mgrid[:BOARD[0], :BOARD[1]].T.reshape(-1, 2)
    boards = [board] * len(NUMBERS)
    places = {side: [corners(greys[side, number]) for number in NUMBERS] for side in SIDES}
    size = greys["left", 1].shape[::-1]
    cameras = [cv2.calibrateCamera(boards, places[side], size, None, None)[1:3] for side in SIDES]
    _, _, _, _, _, rotation, translation, _, _ = cv2.stereoCalibrate(
        boards, places["left"], places["right"], *cameras[0], *cameras[1], size, flags=cv2.CALIB_FIX_INTRINSIC)
    return cameras, rotation, translation.ravel()


def nearest(rows, others):
    """For each row the number of its nearest other row, where the second nearest is further away."""
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(rows, others, k=2)
    return {first.queryIdx: first.trainIdx for first, second in pairs if first.distance <= RATIO * second.distance}


def matches_of(left, right):
    sides = [cv2.SIFT_create(1000).detectAndCompute(grey, None) for grey in (left, right)]
    (left_points, left_rows), (right_points, right_rows) = sides
    there, back = nearest(left_rows, right_rows), nearest(right_rows, left_rows)
    return sorted({(*left_points[i].pt, *right_points[j].pt) for i, j in there.items() if back.get(j) == i})


def undistorted(points, matrix, distortion):
    return cv2.undistortPoints(points[:, None] - SIFT_SHIFT, matrix, distortion, P=matrix)[:, 0]


def pose_error(sides, cameras, rotation, translation):
    matrices = [matrix for matrix, _ in cameras]
    directions = [cv2.undistortPoints(side[:, None], matrix, None)[:, 0] for side, matrix in zip(sides, matrices)]
    focal = numpy.mean([matrix[[0, 1], [0, 1]] for matrix in matrices])
    essential, inliers = cv2.findEssentialMat(
        *directions, numpy.eye(3), cv2.RANSAC, 0.9999, THRESHOLD / focal)
    _, turned, moved, _ = cv2.recoverPose(essential, *directions, numpy.eye(3), mask=inliers)
    cosine = (numpy.trace(turned.T @ rotation) - 1) / 2
    along = abs(moved.ravel() @ translation) / numpy.linalg.norm(translation)
    return float(numpy.degrees(max(numpy.arccos(min(cosine, 1)), numpy.arccos(min(along, 1)))))


def main():
    greys = {
        (side, number): cv2.imread(os.path.join(sys.argv[1], f"{side}{number:02}.jpg"), cv2.IMREAD_GRAYSCALE)
        for side in SIDES for number in NUMBERS}
    cameras, rotation, translation = calibrate(greys)
    pairs = []
    for number in NUMBERS:
        found = numpy.array(matches_of(greys["left", number], greys["right", number]), numpy.float64)
        sides = [
            numpy.round(undistorted(points, *camera), 2)
            for points, camera in zip((found[:, :2], found[:, 2:]), cameras)]
        pairs.append({
            "left": sides[0].ravel().tolist(),
            "right": sides[1].ravel().tolist(),
            "errorDegrees": pose_error(sides, cameras, rotation, translation),
        })
    golden = {
        "opencv": cv2.__version__,
        "intrinsics": [matrix.ravel().tolist() for matrix, _ in cameras],
        "rotation": rotation.ravel().tolist(),
        "translation": translation.tolist(),
        "pairs": pairs,
    }
    text = json.dumps(golden, separators=(",", ":")).replace('{"left"', '\n{"left"')
    with open(os.path.join(HERE, "stereo_matches.json"), "w", encoding="utf-8") as file:
        file.write(text + "\n")


if __name__ == "__main__":
    main()
