import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  type Slowness,
  type TransferTimes,
  TransferWatch,
  usualTransferTimes,
} from "../../data/transfer_watch.ts";

const times: TransferTimes = {
  connectMs: 40,
  idleMs: 80,
  leastRate: { sizeBytes: 1000, withinMs: 200 },
};

const pause = (timeMs: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, timeMs));

/** What a watch tells while `action` goes on. */
async function watched(
  action: (watch: TransferWatch, told: Slowness[]) => Promise<void>,
): Promise<Slowness[]> {
  const told: Slowness[] = [];
  using watch = new TransferWatch(times, (slowness) => told.push(slowness));
  await action(watch, told);
  return told;
}

/** Goes on until something was told, 10 s at most on a busy machine, and as long as that could be told again. */
async function untilTold(told: Slowness[], goOn: () => void, everyMs: number) {
  const startMs = performance.now();
  while (told.length === 0 && performance.now() - startMs < 10_000) {
    goOn();
    await pause(everyMs);
  }
  for (let more = 0; more < 300 / everyMs; more++) {
    goOn();
    await pause(everyMs);
  }
}

describe("the watch over a transfer", () => {
  it("tells once of a server that does not answer", async () => {
    assert.deepEqual(
      await watched((_, told) => untilTold(told, () => {}, 10)),
      [
        { found: "no answer within 0.04 s", isRate: false },
      ],
    );
  });

  it("tells of a server that falls silent", async () => {
    const told = await watched(async (watch, told) => {
      watch.moved(5000);
      await untilTold(told, () => {}, 10);
    });
    assert.deepEqual(told, [
      { found: "nothing more within 0.08 s", isRate: false },
    ]);
  });

  it("tells of a server that drips", async () => {
    const told = await watched((watch, told) =>
      untilTold(told, () => watch.moved(1), 15)
    );
    assert.equal(told.length, 1);
    assert.match(told[0].found, /^only \d+ bytes within 0\.2 s$/);
    assert.equal(told[0].isRate, true);
  });

  it("says nothing of a server that is fast enough, nor after its end", async () => {
    const told = await watched(async (watch) => {
      for (let piece = 0; piece < 40; piece++) {
        watch.moved(200);
        await pause(10);
      }
      watch[Symbol.dispose]();
      await pause(200);
    });
    assert.deepEqual(told, []);
  });

  it("does not blame a server for the time in which this thread was blocked", async () => {
    const told = await watched(async (watch) => {
      watch.moved(0);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
      await pause(20);
    });
    assert.deepEqual(told, []);
  });

  it("asks for a kibibyte a second usually", () => {
    const { sizeBytes, withinMs } = usualTransferTimes.leastRate;
    assert.equal(sizeBytes / 1024, withinMs / 1000);
  });
});
