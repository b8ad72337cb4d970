"""What the golden scripts share: reproducible numbers and a small safetensors writer.

The numbers come from an integer hash, so that tests/helpers/golden/golden_hash.ts computes the same ones and no weights
need to be stored.
"""

import json
import struct

import numpy

SAMPLE_COUNT = 256
FULL_UP_TO = 2048


def stream_of(name):
    """A 32-bit number for a name: FNV-1a of its UTF-8 bytes."""
    value = 0x811C9DC5
    for byte in name.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def hash_numbers(name, count):
    """`count` 32-bit numbers, a pure function of (name, position)."""
    with numpy.errstate(over="ignore"):
        x = numpy.arange(count, dtype=numpy.uint32) * numpy.uint32(0x9E3779B1)
        x ^= numpy.uint32(stream_of(name))
        x ^= x >> numpy.uint32(16)
        x *= numpy.uint32(0x21F0AAAD)
        x ^= x >> numpy.uint32(15)
        x *= numpy.uint32(0x735A2D97)
        x ^= x >> numpy.uint32(15)
    return x


def uniform(name, count):
    """Numbers in [0, 1) with 24 bits, float64."""
    return (hash_numbers(name, count) >> numpy.uint32(8)).astype(numpy.float64) / 2**24


def congruence(words):
    return words * numpy.uint32(1664525) + numpy.uint32(1013904223)


def random_words(stream, elements):
    """[4, …] 32-bit numbers, a pure function of (stream, element): the pcg4d hash that the program draws its dropout by."""
    with numpy.errstate(over="ignore"):
        x, y, z = (congruence(numpy.full(elements.shape, word, dtype=numpy.uint32)) for word in stream)
        w = congruence(elements.astype(numpy.uint32))
        for turn in range(2):
            x = x + y * w
            y = y + z * x
            z = z + x * y
            w = w + y * z
            if turn == 0:
                x, y, z, w = (word ^ (word >> numpy.uint32(16)) for word in (x, y, z, w))
    return numpy.stack([x, y, z, w])


def sample_indices(name, size):
    """The positions at which a large tensor is stored."""
    return (hash_numbers("sample:" + name, SAMPLE_COUNT).astype(numpy.uint64) * numpy.uint64(size)
            >> numpy.uint64(32)).astype(numpy.int64)


class GoldenFile:
    """Collects figures and writes them as safetensors."""

    def __init__(self):
        self.tensors = {}
        self.metadata = {}

    def exact(self, name, values, dtype=numpy.float64):
        """Stores a copy of every value."""
        self.tensors[name] = numpy.array(values, dtype=dtype, order="C")

    def figure(self, name, values):
        """Stores norm, largest magnitude and sum, and every value of a small tensor or a fixed sample of a large one."""
        values = numpy.asarray(values, dtype=numpy.float64)
        flat = values.reshape(-1)
        self.exact(name + "@summary", [numpy.linalg.norm(flat), numpy.abs(flat).max(), flat.sum()])
        if flat.size <= FULL_UP_TO:
            self.exact(name, values)
        else:
            self.exact(name + "@sample", flat[sample_indices(name, flat.size)])

    def write(self, path):
        codes = {"float64": "F64", "float32": "F32", "int64": "I64", "uint8": "U8"}
        names = sorted(self.tensors, key=lambda name: (-self.tensors[name].dtype.itemsize, name))
        header, position = {}, 0
        if self.metadata:
            header["__metadata__"] = {key: json.dumps(value) for key, value in self.metadata.items()}
        for name in names:
            tensor = self.tensors[name]
            header[name] = {"dtype": codes[tensor.dtype.name], "shape": list(tensor.shape),
                            "data_offsets": [position, position + tensor.nbytes]}
            position += tensor.nbytes
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        with open(path, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            for name in names:
                file.write(self.tensors[name].tobytes())
