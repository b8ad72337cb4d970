import { crc32c } from "../archives/crc32c.ts";
import { ProtobufWriter } from "../protobuf/protobuf_writer.ts";

/** How often values fell into each of the equal parts of [low, high]. */
export interface EventHistogram {
  low: number;
  high: number;
  counts: readonly number[];
}

/** What TensorBoard shows at one step. */
export interface TrainingEvent {
  /** steps done in all */
  step: number;
  /** curves by name; a `/` in a name groups them */
  scalars: Readonly<Record<string, number>>;
  histograms: Readonly<Record<string, EventHistogram>>;
}

/** The beginning of an event file: one record that names the format's version. */
export function eventFileStart(): Uint8Array<ArrayBuffer> {
  return record(new ProtobufWriter().text(3, "brain.Event:2").finish());
}

/**
 * One record of an event file, to be appended to it.
 *
 * The bytes follow from the event alone: where TensorBoard expects seconds since 1970, there is the step, so that its
 * relative axis counts steps and no run differs from its repetition. Of a histogram only the parts are known: its sums
 * are those of the parts' middles, and its extremes are the ends of its range.
 *
 * Source: TensorFlow's `event.proto` and `summary.proto`.
 */
export function eventRecord(event: TrainingEvent): Uint8Array<ArrayBuffer> {
  const { step, scalars, histograms } = event;
  const message = new ProtobufWriter().float64(1, step).integer(2, step);
  message.message(5, (summary) => {
    for (const [name, value] of Object.entries(scalars)) {
      summary.message(1, (entry) => entry.text(1, name).float32(2, value));
    }
    for (const [name, histogram] of Object.entries(histograms)) {
      summary.message(1, (entry) => {
        entry.text(1, name).message(5, (m) => writeHistogram(m, histogram));
      });
    }
  });
  return record(message.finish());
}

function writeHistogram(
  message: ProtobufWriter,
  { low, high, counts }: EventHistogram,
): void {
  const width = (high - low) / counts.length;
  const sum = (term: (middle: number) => number) =>
    counts.reduce(
      (total, count, index) =>
        total + count * term(low + (index + 0.5) * width),
      0,
    );
  message.float64(1, low).float64(2, high)
    .float64(3, sum(() => 1))
    .float64(4, sum((middle) => middle))
    .float64(5, sum((middle) => middle * middle))
    .float64s(6, counts.map((_, index) => low + (index + 1) * width))
    .float64s(7, counts);
}

/** TFRecord: u64 length, masked CRC of the length, the message, masked CRC of the message; little-endian. */
function record(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(message.length + 16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(message.length), true);
  view.setUint32(8, masked(crc32c(bytes.subarray(0, 8))), true);
  bytes.set(message, 12);
  view.setUint32(12 + message.length, masked(crc32c(message)), true);
  return bytes;
}

/** CRCs of data that itself holds CRCs are weak, hence the format's mask. */
function masked(crc: number): number {
  return ((crc >>> 15 | crc << 17) + 0xa282ead8) >>> 0;
}
