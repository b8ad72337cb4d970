/** Reads event files by the format's description alone; nothing of the writer is used. */
import assert from "node:assert/strict";

/** CRC-32C by polynomial division, bit by bit. */
function crcOf(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const out = (crc ^ (byte >> bit)) & 1;
      crc = crc >>> 1;
      if (out) crc ^= 0x82f63b78;
    }
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function checkCrc(bytes: Uint8Array, stored: number): void {
  // Undoes the mask: rotate right by 15, add a constant.
  const rotated = (stored - 0xa282ead8) >>> 0;
  assert.equal((rotated << 15 | rotated >>> 17) >>> 0, crcOf(bytes));
}

type Field = { field: number; value: number | Uint8Array };

/** Fields of a protobuf message: numbers, or bytes where they have a length. */
function fieldsOf(bytes: Uint8Array): Field[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1;; scale *= 128) {
      const byte = view.getUint8(at++);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const fields: Field[] = [];
  while (at < bytes.length) {
    const tag = varint();
    const field = tag >> 3;
    if ((tag & 7) === 0) fields.push({ field, value: varint() });
    else if ((tag & 7) === 1) {
      fields.push({ field, value: view.getFloat64(at, true) });
      at += 8;
    } else if ((tag & 7) === 5) {
      fields.push({ field, value: view.getFloat32(at, true) });
      at += 4;
    } else {
      assert.equal(tag & 7, 2);
      const length = varint();
      assert.ok(at + length <= bytes.length);
      fields.push({ field, value: bytes.subarray(at, at + length) });
      at += length;
    }
  }
  return fields;
}

const textOf = (value: unknown) =>
  new TextDecoder().decode(value as Uint8Array);

function doublesOf(value: unknown): number[] {
  const bytes = value as Uint8Array;
  return [...new Float64Array(bytes.slice().buffer)];
}

/** What an event file holds of one step. */
export interface ReadEvent {
  wallTime: number;
  step: number;
  version?: string;
  scalars: Record<string, number>;
  histograms: Record<string, {
    min: number;
    max: number;
    num: number;
    sum: number;
    sumSquares: number;
    limits: number[];
    counts: number[];
  }>;
}

/** All events of a file. Fails at a wrong length or checksum. */
export function readEventFile(bytes: Uint8Array): ReadEvent[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const events: ReadEvent[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(view.getBigUint64(at, true));
    checkCrc(bytes.subarray(at, at + 8), view.getUint32(at + 8, true));
    const message = bytes.subarray(at + 12, at + 12 + length);
    checkCrc(message, view.getUint32(at + 12 + length, true));
    at += 16 + length;
    events.push(eventOf(message));
  }
  return events;
}

function eventOf(message: Uint8Array): ReadEvent {
  const event: ReadEvent = {
    wallTime: 0,
    step: 0,
    scalars: {},
    histograms: {},
  };
  for (const { field, value } of fieldsOf(message)) {
    if (field === 1) event.wallTime = value as number;
    else if (field === 2) event.step = value as number;
    else if (field === 3) event.version = textOf(value);
    else {
      assert.equal(field, 5);
      for (const entry of fieldsOf(value as Uint8Array)) {
        assert.equal(entry.field, 1);
        readValue(event, entry.value as Uint8Array);
      }
    }
  }
  return event;
}

function readValue(event: ReadEvent, bytes: Uint8Array): void {
  const fields = new Map(
    fieldsOf(bytes).map(({ field, value }) => [field, value]),
  );
  const name = textOf(fields.get(1));
  if (fields.has(2)) {
    event.scalars[name] = fields.get(2) as number;
    return;
  }
  const histogram = new Map(
    fieldsOf(fields.get(5) as Uint8Array).map((
      { field, value },
    ) => [field, value]),
  );
  const [min, max, num, sum, sumSquares] = [1, 2, 3, 4, 5].map((field) =>
    histogram.get(field) as number
  );
  const [limits, counts] = [6, 7].map((field) =>
    doublesOf(histogram.get(field))
  );
  event.histograms[name] = { min, max, num, sum, sumSquares, limits, counts };
}
