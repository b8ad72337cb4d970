#!/usr/bin/python3
"""Makes tests/golden/exchange/read_back.json: what independent programs read in the files written for them.

tests/helpers/data/exchange_sample.ts writes made-up photographs and pairs in every format; they are read by Python's
sqlite3, h5py, numpy, scipy and OpenCV, text by plain Python. Kept of each file: its SHA-256 (of COLMAP's database without
the bytes that tell which SQLite wrote it), and every array with its type, shape and values (of descriptors their SHA-256,
as little-endian bytes row by row). Needs Debian's python3-h5py, python3-scipy, python3-numpy, python3-opencv and Deno;
the project and its tests do not need Python.

    /usr/bin/python3 tests/golden/make_exchange_golden.py             # writes the golden file
    /usr/bin/python3 tests/golden/make_exchange_golden.py --read DIR  # prints what is read in a folder that was written
"""
import csv
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile

import cv2
import h5py
import numpy
import scipy.io

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
WRITER = "tests/helpers/data/exchange_sample.ts"


def array(values):
    values = numpy.ascontiguousarray(values)
    facts = {"dtype": values.dtype.name, "shape": list(values.shape)}
    if values.size > 64:
        facts["sha256"] = hashlib.sha256(values.tobytes()).hexdigest()
    else:
        facts["values"] = values.reshape(-1).tolist()
    return facts


def read_database(path):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    names = dict(database.execute("SELECT image_id, name FROM images"))
    found = {"user_version": array([database.execute("PRAGMA user_version").fetchone()[0]])}
    for number, name, camera in database.execute("SELECT image_id, name, camera_id FROM images"):
        row = database.execute(
            "SELECT model, width, height, prior_focal_length, params FROM cameras WHERE camera_id = ?", (camera,)).fetchone()
        found[f"{name}/number"] = array([number])
        found[f"{name}/camera"] = array(row[:4])
        found[f"{name}/parameters"] = array(numpy.frombuffer(row[4], "<f8"))
        for table, kind in (("keypoints", "<f4"), ("descriptors", "u1")):
            rows, columns, data = database.execute(
                f"SELECT rows, cols, data FROM {table} WHERE image_id = ?", (number,)).fetchone()
            found[f"{name}/{table}"] = array(numpy.frombuffer(data, kind).reshape(rows, columns))
        found[f"{name}/type"] = array(database.execute(
            "SELECT type FROM descriptors WHERE image_id = ?", (number,)).fetchone())
    pair_of = lambda number: " | ".join(names[part] for part in divmod(number, 2147483647))
    for number, rows, columns, data in database.execute("SELECT pair_id, rows, cols, data FROM matches"):
        found[f"{pair_of(number)}/matches"] = array(numpy.frombuffer(data, "<u4").reshape(rows, columns))
    for number, rows, columns, data, config, f, h, others in database.execute(
            "SELECT pair_id, rows, cols, data, config, F, H, coalesce(E, qvec, tvec) FROM two_view_geometries"):
        assert others is None
        found[f"{pair_of(number)}/inliers"] = array(numpy.frombuffer(data, "<u4").reshape(rows, columns))
        found[f"{pair_of(number)}/config"] = array([config])
        for letter, matrix in (("F", f), ("H", h)):
            if matrix is not None:
                found[f"{pair_of(number)}/{letter}"] = array(numpy.frombuffer(matrix, "<f8").reshape(3, 3))
    return found


def read_hdf5(path):
    found = {}
    with h5py.File(path, "r") as file:
        def visit(name, member):
            if isinstance(member, h5py.Dataset):
                found[name] = array(member[()])
        file.visititems(visit)
    return found


def read_yaml(path):
    storage = cv2.FileStorage(path, cv2.FILE_STORAGE_READ)
    size = storage.getNode("image_size")
    keypoints = storage.getNode("keypoints")
    numbers = [keypoints.at(i).real() for i in range(keypoints.size())]
    descriptors = storage.getNode("descriptors").mat()
    return {
        "image_size": array([int(size.at(i).real()) for i in range(2)]),
        "keypoints": array(numpy.array(numbers, dtype="<f4").reshape(-1, 7)),
        # OpenCV has no matrix without rows: it reads none.
        "descriptors": array(numpy.zeros((0, 128), "<f4") if descriptors is None else descriptors),
    }


def read_npz(path):
    with numpy.load(path) as arrays:
        return {name: array(arrays[name]) for name in arrays.files}


def read_mat(path):
    return {name: array(values) for name, values in scipy.io.loadmat(path).items() if not name.startswith("__")}


def read_binary(path):
    with open(path, "rb") as file:
        shape = numpy.fromfile(file, count=2, dtype="<i4")
        values = numpy.fromfile(file, dtype="<u4" if "/matches/" in path else "<f4")
    return {"matrix": array(values.reshape(shape))}


def read_csv(path):
    with open(path, encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    return {"head": head[:20], "rows": [row[:20] for row in rows]}


def read_text(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if os.path.basename(path) in ("matches.txt", "inlier_matches.txt", "pairs.txt"):
        return {"lines": text.split("\n")}
    head, *lines = text.splitlines()
    count, dimension = map(int, head.split())
    rows = [line.split(" ") for line in lines]
    assert len(rows) == count
    return {
        "keypoints": array(numpy.array([row[:4] for row in rows], dtype="<f4").reshape(count, 4)),
        "descriptors": array(numpy.array([row[4:] for row in rows], dtype="u1").reshape(count, dimension)),
    }


READERS = {".db": read_database, ".h5": read_hdf5, ".yml": read_yaml, ".npz": read_npz, ".mat": read_mat,
           ".bin": read_binary, ".csv": read_csv, ".txt": read_text}


def digest(path):
    with open(path, "rb") as file:
        content = bytearray(file.read())
    if path.endswith(".db"):
        content[92:100] = bytes(8)
    return hashlib.sha256(content).hexdigest()


def read_folder(folder):
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            found[os.path.relpath(path, folder)] = {
                "sha256": digest(path), "content": READERS[os.path.splitext(name)[1]](path)}
    return dict(sorted(found.items()))


def main():
    if sys.argv[1:2] == ["--read"]:
        print(json.dumps(read_folder(sys.argv[2])))
        return
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["deno", "run", "--no-prompt", "--allow-read", f"--allow-write={folder}", WRITER, folder],
            cwd=ROOT, check=True)
        files = read_folder(folder)
    readers = {"h5py": h5py.__version__, "numpy": numpy.__version__, "opencv": cv2.__version__,
               "scipy": scipy.__version__, "sqlite": sqlite3.sqlite_version}
    lines = [f"{json.dumps(name)}: {json.dumps(facts, separators=(',', ':'))}" for name, facts in files.items()]
    with open(os.path.join(HERE, "exchange", "read_back.json"), "w", encoding="utf-8") as file:
        file.write(f'{{"readers": {json.dumps(readers)}, "files": {{\n' + ",\n".join(lines) + "\n}}\n")


if __name__ == "__main__":
    main()
