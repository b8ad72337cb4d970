import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { zipSync } from "fflate";
import { float32Tensor } from "../../../data/tensors/float32_tensor.ts";
import { DataError, parseCheckpoint } from "../../../data/mod.ts";
import { PickleBytes, torchStream } from "../../helpers/data/torch_stream.ts";
import { usedBytes, workedMs } from "../../helpers/thread_usage.ts";

const floats = Float32Array.of(1, 2, 3, 4);

/** Reads `{features.0.w: tensor}` with what `write` puts beside it. */
function read(write: (pickle: PickleBytes) => PickleBytes) {
  return parseCheckpoint(torchStream(write(new PickleBytes()), floats), "x.pt");
}

function refuses(
  write: (pickle: PickleBytes) => PickleBytes,
  message: RegExp,
): void {
  assert.throws(() => read(write), (error) => {
    assert.ok(error instanceof DataError, String(error));
    assert.match(error.message, message);
    return true;
  });
}

/** The values of the tensor `features.0.w`. */
function values(write: (pickle: PickleBytes) => PickleBytes): number[] {
  const tensor = read(write).tensors.get("features.0.w");
  assert.ok(tensor);
  return Array.from(tensor.data as ArrayLike<number>);
}

describe("a tensor", () => {
  it("keeps the shape and strides that were checked, whatever the pickle does to its lists", () => {
    for (const later of [8, 2 ** 31 - 1]) {
      const { tensors } = read((pickle) =>
        pickle.raw("}(").text("features.0.w")
          .tensor({ shape: "](K\x01eq\x01", strides: "](K\x00eq\x02" })
          .text("a").raw("h\x01(").int(later).raw("e")
          .text("b").raw("h\x02(K\x00eu")
      );
      assert.deepEqual(tensors.get("features.0.w")?.shape, [1]);
    }
  });

  it("with the negative bit has the other sign", () => {
    const negated = values((pickle) =>
      pickle.raw("}").text("features.0.w")
        .tensor({ metadata: "}X\x03\x00\x00\x00neg\x88s" }).raw("s")
    );
    assert.deepEqual(negated, [-1, -2, -3, -4]);
  });

  it("with a stride of 0 is copied out, and no more often than the file could pay for", () => {
    const expanded = (shape: string) => (pickle: PickleBytes) =>
      pickle.raw("}").text("features.0.w")
        .tensor({ shape, strides: "(K\x00K\x01t" }).raw("s");
    assert.deepEqual(values(expanded("(K\x03K\x02t")), [1, 2, 1, 2, 1, 2]);
    refuses(expanded("(J\xff\xff\xff\x7fK\x02t"), /very many names/);
  });

  it("of torch before 0.4, without its last parameters, is read", () => {
    const old = values((pickle) =>
      pickle.raw("}").text("features.0.w").tensor({ name: "_rebuild_tensor" })
        .raw("s")
    );
    assert.deepEqual(old, [1, 2, 3, 4]);
  });
});

describe("weights", () => {
  it("are found under every usual key and without wrappers' prefixes", () => {
    for (const key of ["state_dict", "model_state_dict", "model"]) {
      for (
        const name of [
          "module.features.0.w",
          "_orig_mod.features.0.w",
          "module._orig_mod.features.0.w",
          "_orig_mod.module.features.0.w",
          "features._orig_mod.0.w",
          "features.0.w",
        ]
      ) {
        const { tensors, source } = read((pickle) =>
          pickle.raw("}").text(key).raw("}").text(name).tensor({}).raw("ss")
        );
        assert.deepEqual([...tensors.keys()], ["features.0.w"]);
        assert.equal(source, key);
      }
    }
  });

  it("are read beside objects of every kind, of which nothing is executed", () => {
    const sides: Record<string, string> = {
      "a numpy scalar":
        "cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(U\x02f8K\x00K\x01tR(K\x03U\x01<NNNtbU\x08abcdefghtR",
      "a Namespace":
        "ccopy_reg\n_reconstructor\n(cargparse\nNamespace\nc__builtin__\nobject\nNtR}U\x02lrK\x01sb",
      "a device": "ctorch\ndevice\nU\x03cpu\x85R",
      "a set": "c__builtin__\nset\n](K\x01K\x02e\x85R",
      "a set of protocol 4": "\x8f(K\x01K\x02\x90",
      "a frozen set": "(K\x01K\x02\x91",
      "a Counter": "ccollections\nCounter\n}U\x01aK\x02s\x85R",
      "a defaultdict":
        "ccollections\ndefaultdict\nc__builtin__\nint\n\x85RU\x01aK\x02s",
      "bytes": "C\x03abc",
      "an object": "cmy.module\nThing\n)\x81}U\x01xK\x01sb",
      "an object with items": "cmy.module\nThing\n)\x81K\x01K\x02sK\x03a",
      "a tuple as a key": "}(K\x01K\x02\x86K\x03u",
      "a path": "cpathlib\nPosixPath\n(U\x03tmptR",
    };
    for (const [kind, side] of Object.entries(sides)) {
      const read = values((pickle) =>
        pickle.raw("}(").text("features.0.w").tensor({})
          .text("beside").raw(side).raw("u")
      );
      assert.deepEqual(read, [1, 2, 3, 4], kind);
    }
  });

  it("are read out of protocol 4, with its frames and memo", () => {
    const read = values((pickle) =>
      pickle.raw("\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00}\x94")
        .raw("\x8c\x0cfeatures.0.w\x94").tensor({ stackGlobal: true }).raw("s")
    );
    assert.deepEqual(read, [1, 2, 3, 4]);
  });

  it("are read out of protocol 1, which writes some numbers as text", () => {
    const { metadata, tensors } = read((pickle) =>
      pickle.raw("}(").text("features.0.w").tensor({})
        .text("flag").raw("I01\n").text("rate").raw("F0.25\n")
        .text("most").raw("Finf\n").text("count").raw("L-4294967296L\n")
        .text("seed").raw("L1180591620717411303424L\nu")
    );
    assert.deepEqual([...tensors.keys()], ["features.0.w"]);
    assert.deepEqual(
      metadata,
      { rate: "0.25", most: "Infinity", count: "-4294967296" },
    );
    refuses(
      (pickle) => pickle.raw("(dp0\nVepoch\np1\nI3\ns"),
      /found a pickle of protocol 0, in text, which is not supported, .* save it with torch\.save$/,
    );
    refuses((pickle) => pickle.raw("I3x\n"), /found the number "3x"/);
  });

  it("of halves, bfloat16 and doubles become F32", () => {
    const converted = [
      float32Tensor({
        dtype: "F16",
        shape: [5],
        data: Uint16Array.of(0x3e00, 0xc000, 1, 0x7c00, 0x8000),
      }),
      float32Tensor({
        dtype: "BF16",
        shape: [2],
        data: Uint16Array.of(0x3fc0, 0xc000),
      }),
      float32Tensor({ dtype: "F64", shape: [1], data: Float64Array.of(0.1) }),
      float32Tensor({ dtype: "U8", shape: [1], data: Uint8Array.of(1) }),
    ].map((tensor) => tensor && [...tensor.data]);
    assert.deepEqual(converted, [
      [1.5, -2, 2 ** -24, Infinity, -0],
      [1.5, -2],
      [Math.fround(0.1)],
      undefined,
    ]);
  });
});

describe("a file that is no checkpoint of weights", () => {
  it("is named as what it is, and not called damaged", () => {
    refuses(
      (pickle) =>
        pickle.raw("cmy.module\nNet\n)\x81}").text("w").tensor({}).raw("sb"),
      /a whole object of the class "my\.module\.Net", .*; load it where .* save model\.state_dict\(\) instead$/,
    );
    refuses(
      (pickle) =>
        pickle.raw("}(").text("other").tensor({}).text("features.0.w")
          .raw("ctorch._utils\n_rebuild_sparse_tensor\n)Ru"),
      /tensor "features\.0\.w": found torch\._utils\._rebuild_sparse_tensor, which is not supported/,
    );
  });

  it("tells the keys of a dictionary without tensors, and which of them holds some", () => {
    refuses(
      (pickle) =>
        pickle.raw("}(").text("epoch").raw("K\x03").text("net").raw("}")
          .text("features.0.w").tensor({}).raw("su"),
      /found a dictionary without tensors of its own, with the keys "epoch", "net"; tensors are under "net", wanted a state dictionary, alone or under /,
    );
    refuses(
      (pickle) =>
        pickle.raw("}").text("state_dict").raw("}(").text("a").raw("K\x01")
          .text("b").raw("K\x02").text("c").raw("K\x03").text("d").raw("}")
          .text("e").tensor({}).raw("sus"),
      /with the keys "a", "b", "c" and 1 more; tensors are under "d", wanted/,
    );
  });

  it("is named when it is another program's, and not called damaged", () => {
    const plainPickle = "\x80\x02}U\x01aK\x01s.";
    const arrayPickle =
      "\x80\x03cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85C\x01btR.";
    const kinds: Record<string, [bytes: string, found: string]> = {
      "a.npy": ["\x93NUMPY\x01\0v\0{'descr': '<f4'}", "an array of NumPy"],
      "a.h5": ["\x89HDF\r\n\x1a\n\0\0\0\0\0", "an HDF5 file"],
      "a.pt.gz": ["\x1f\x8b\x08\0\0\0\0\0\0\0", "a gzip file"],
      "a.tar": [`${"m.pt".padEnd(257, "\0")}ustar\0`, "a tar archive"],
      "a.onnx": ["\x08\x08\x12\x07pytorch\x1a", "an ONNX file"],
      "a.pth": ["<!DOCTYPE html><html>", "a page in HTML"],
      "b.pth": ["version https://git-lfs.github.com/spec/v1\n", "Git LFS"],
      "a.json": ['{"a": [1, 2, 3]}', "a file of JSON"],
      "a.png": ["\x89PNG\r\n\x1a\n\0\0\0\r", "a picture"],
      "a.pt": ["", "an empty file"],
      "a.pkl": [plainPickle, "a pickle that torch.save did not write"],
      "b.pkl": [arrayPickle, "a pickle that torch.save did not write"],
    };
    for (const [name, [text, found]] of Object.entries(kinds)) {
      const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
      assert.throws(() => parseCheckpoint(bytes, name), (error) => {
        assert.ok(error instanceof DataError, String(error));
        assert.ok(error.message.includes(found), error.message);
        assert.doesNotMatch(error.message, /damaged|do not trust|fetch/);
        return true;
      });
    }
  });

  it("is named when it is another zip archive", () => {
    const archives: [names: string[], found: string][] = [
      [["a.npy", "b.npy"], "arrays of NumPy (.npz)"],
      [
        ["folder/model.pth", "readme.txt"],
        'a zip archive with "folder/model.pth" inside',
      ],
      [["readme.txt"], "a zip archive without data.pkl"],
    ];
    for (const [names, found] of archives) {
      const files = names.map((name) => [name, new Uint8Array(3)] as const);
      const bytes = zipSync(Object.fromEntries(files), { level: 0 });
      assert.throws(() => parseCheckpoint(bytes, "x.pt"), (error) => {
        assert.ok(error instanceof DataError, String(error));
        assert.ok(error.message.includes(`found ${found},`), error.message);
        assert.doesNotMatch(error.message, /damaged|do not trust|fetch/);
        return true;
      });
    }
  });

  it("is refused when it asks for programs, whichever opcode asks", () => {
    for (
      const call of [
        "cos\nsystem\nU\x01x\x85R",
        "(U\x01xios\nsystem\n",
        "(cos\nsystem\nU\x01xo",
        "U\x02osU\x06system\x93U\x01x\x85R",
        "cos\nsystem\n)\x81",
        "c__builtin__\neval\nU\x011\x85R",
        "csubprocess\nPopen\n)}\x92",
      ]
    ) {
      refuses(
        (pickle) => pickle.raw(call),
        /found a call of "(os\.system|__builtin__\.eval|subprocess\.Popen)", .* nothing was executed; do not trust this file$/,
      );
    }
  });

  it("is refused before it takes much memory or time", () => {
    for (const many of ["}", "]", ")", "ca\nb\n", "("]) {
      const before = usedBytes();
      const startMs = workedMs();
      refuses(
        (pickle) => pickle.raw("(").raw(many.repeat(8_000_001)).raw("t"),
        /more than \d+ (containers and objects|values|marks)/,
      );
      assert.ok(workedMs() - startMs < 10_000);
      assert.ok(usedBytes() - before < 2 ** 30);
    }
  });
});
