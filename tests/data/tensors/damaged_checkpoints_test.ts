import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import { describe, it } from "@std/testing/bdd";
import { DataError, parseCheckpoint } from "../../../data/mod.ts";
import {
  checkpointForm,
  formNames,
} from "../../helpers/data/checkpoint_forms.ts";
import { workedMs } from "../../helpers/thread_usage.ts";
import type {
  MutationJob,
  MutationOutcome,
} from "../../helpers/data/mutation_worker.ts";

const count = 10_000;
/** A case takes a fraction of a millisecond; this much is a hang on any machine. */
const hangMs = 20_000;

/** Reads damaged files of a form in a worker, which is ended when it gets stuck on one. */
function readDamaged(form: MutationJob["form"]): Promise<MutationOutcome> {
  const url = new URL("../../helpers/data/mutation_worker.ts", import.meta.url);
  const worker = new Worker(url, { type: "module" });
  const progress = new Int32Array(new SharedArrayBuffer(4));
  return new Promise<MutationOutcome>((resolve, reject) => {
    let last = { round: -1, sinceMs: performance.now() };
    const watch = setInterval(() => {
      const round = Atomics.load(progress, 0);
      const nowMs = performance.now();
      if (round !== last.round) last = { round, sinceMs: nowMs };
      else if (nowMs - last.sinceMs > hangMs) {
        finish(() => reject(new Error(`case ${round} hangs`)));
      }
    }, 500);
    const finish = (settle: () => void) => {
      clearInterval(watch);
      worker.terminate();
      settle();
    };
    worker.onmessage = ({ data }) => finish(() => resolve(data));
    worker.onerror = (event) => {
      event.preventDefault();
      finish(() => reject(new Error(event.message)));
    };
    const job: MutationJob = {
      form,
      count,
      progress: progress.buffer as SharedArrayBuffer,
    };
    worker.postMessage(job);
  });
}

describe("10,000 damaged files", () => {
  for (const form of formNames) {
    it(`of the form ${form} are each refused in a line, or read soundly in little memory`, async () => {
      const { mutate, read, original } = await checkpointForm(form);
      assert.ok(read(original), "the original is sound");
      assert.deepEqual(mutate(7), mutate(7));
      const outcome = await readDamaged(form);
      assert.equal(outcome.failure, undefined);
      assert.equal(outcome.refused + outcome.sound, count);
      assert.ok(outcome.refused > count / 4, `${outcome.refused} refused`);
      assert.ok(outcome.sound > 0, "none got through: too wild to find much");
      assert.ok(
        outcome.largestAllocation <= 1,
        `a piece of ${outcome.largestAllocation} times the file`,
      );
      assert.ok(outcome.grownMib < 256, `grew by ${outcome.grownMib} MiB`);
    });
  }
});

/** Bytes of text, one a character, and of numbers. */
function bytesOf(...parts: (string | number[])[]): number[] {
  return parts.flatMap((part) =>
    typeof part === "string" ? [...part].map((c) => c.charCodeAt(0)) : part
  );
}

function word(value: number): number[] {
  return [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);
}

describe("a file made to take long", () => {
  const refused = (
    bytes: ArrayLike<number>,
    where: string,
    message: RegExp,
  ) => {
    const startMs = workedMs();
    assert.throws(
      () => parseCheckpoint(Uint8Array.from(bytes), where),
      (error) => error instanceof DataError && message.test(error.message),
    );
    const tookMs = workedMs() - startMs;
    assert.ok(tookMs < 5_000, `took ${tookMs} ms`);
  };

  it("with tensors of 20,000 axes is refused at the first", () => {
    const text = (value: string) => bytesOf("X", word(value.length), value);
    const axes = "K\x01".repeat(20_000);
    refused(
      bytesOf(
        "\x80\x02\x8a\x0a",
        [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19],
        ".\x80\x02M\xe9\x03.",
        "\x80\x02}(",
        text("little_endian"),
        "\x88u.\x80\x02((",
        text("storage"),
        "ctorch\nFloatStorage\n",
        text("0"),
        text("cpu"),
        `K\x01tQq\x01(${axes}tq\x02`,
        "ctorch._utils\n_rebuild_tensor_v2\nq\x03(h\x01K\x00h\x02h\x02tq\x04",
        "h\x03h\x04R".repeat(20_000),
        "t.",
      ),
      "axes.pt",
      /a tensor that does not fit its storage/,
    );
  });

  it("with one content under 60,000 names is refused long before the last", () => {
    const content = new Uint8Array(1 << 20);
    const names = Array.from(
      { length: 60_000 },
      (_, n) => String(n).padStart(5, "0"),
    );
    const size = word(content.length);
    const facts = bytesOf(word(crc32(content)), size, size, [5, 0, 0, 0]);
    const [twoBytes, fourBytes] = [[0, 0], [0, 0, 0, 0]];
    const local = bytesOf("PK\x03\x04", word(20), fourBytes, twoBytes, facts);
    const entries = names.flatMap((name) =>
      bytesOf(
        ...["PK\x01\x02", word(20), fourBytes, fourBytes, facts],
        ...[fourBytes, fourBytes, fourBytes, twoBytes, name],
      )
    );
    const start = local.length + 5 + content.length;
    const count = [names.length & 255, names.length >> 8];
    const end = bytesOf(
      ...["PK\x05\x06", fourBytes, count, count],
      ...[word(entries.length), word(start), twoBytes],
    );
    const archive = new Uint8Array(start + entries.length + end.length);
    archive.set([...local, ...bytesOf(names[0])]);
    archive.set(content, local.length + 5);
    archive.set(entries, start);
    archive.set(end, start + entries.length);
    refused(archive, "names.pt", /entry "0000\d" in the place of another/);
  });

  it("with brackets 500,000 deep is refused", () => {
    const deep = "[".repeat(500_000) + "]".repeat(500_000);
    for (
      const header of [
        deep,
        `{"x":{"dtype":${deep}}}`,
        `{"x":{"shape":${deep}}}`,
      ]
    ) {
      refused(
        bytesOf(word(header.length), word(0), header),
        "deep.safetensors",
        /^Cannot read safetensors: deep\.safetensors/,
      );
    }
  });
});
