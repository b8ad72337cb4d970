import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { eventFileStart, eventRecord } from "../../../data/mod.ts";
import { readEventFile } from "../../helpers/data/event_file.ts";

const event = {
  step: 300,
  scalars: { loss: 2.5, "fpr95/größe": 0.125 },
  histograms: { weight: { low: -2, high: 2, counts: [1, 0, 3, 4] } },
};

describe("an event file", () => {
  it("begins with the format's version", () => {
    assert.deepEqual(readEventFile(eventFileStart()), [
      {
        wallTime: 0,
        step: 0,
        version: "brain.Event:2",
        scalars: {},
        histograms: {},
      },
    ]);
  });

  it("holds curves and histograms at a step, which is its time too", () => {
    const [read] = readEventFile(eventRecord(event));
    assert.deepEqual(read, {
      wallTime: 300,
      step: 300,
      scalars: event.scalars,
      histograms: {
        weight: {
          min: -2,
          max: 2,
          num: 8,
          sum: 1 * -1.5 + 3 * 0.5 + 4 * 1.5,
          sumSquares: 1 * 2.25 + 3 * 0.25 + 4 * 2.25,
          limits: [-1, 0, 1, 2],
          counts: [1, 0, 3, 4],
        },
      },
    });
  });

  it("holds what is appended, and the same bytes for the same events", () => {
    const records = [eventFileStart(), eventRecord(event), eventRecord(event)];
    const bytes = new Uint8Array(records.flatMap((record) => [...record]));
    assert.deepEqual(readEventFile(bytes).map(({ step }) => step), [
      0,
      300,
      300,
    ]);
    assert.deepEqual(eventRecord(structuredClone(event)), eventRecord(event));
  });

  it("has checksums that tell a changed byte", () => {
    const bytes = eventRecord(event);
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = bytes.slice();
      changed[at] ^= 4;
      assert.throws(() => readEventFile(changed), `byte ${at}`);
    }
  });
});
