import { RandomStream } from "../random.ts";

/** A change of light and camera, applied to grey values 0 … 255. */
export interface PhotometricChange {
  /** Exponent on value/255. */
  gamma: number;
  /** Factor after the exponent. */
  gain: number;
  /** Grey values added after the factor. */
  bias: number;
  /** Relative change of light per half width and per half height, linear across the picture. */
  slope: { x: number; y: number };
  /** Standard deviation of the added noise in grey values. */
  noise: number;
  /** How many times coarser than its own grid the picture is taken to be, at least 1. */
  softness: number;
}

/** No change at all. */
export const noChange: PhotometricChange = {
  gamma: 1,
  gain: 1,
  bias: 0,
  slope: { x: 0, y: 0 },
  noise: 0,
  softness: 1,
};

/** Draws a change whose bounds grow with `strength`: 1 is a fair day's difference, 2 a strong one, 0 none. */
export function drawPhotometricChange(
  strength: number,
  stream: RandomStream,
): PhotometricChange {
  const within = (bound: number) =>
    stream.uniform(-bound * strength, bound * strength);
  return {
    gamma: Math.exp(within(0.3)),
    gain: Math.exp(within(0.25)),
    bias: within(12),
    slope: { x: within(0.15), y: within(0.15) },
    noise: stream.uniform(0, 4 * strength),
    softness: 2 ** stream.uniform(0, 0.6 * strength),
  };
}

const noiseTableLength = 65536;
/** Standard normal numbers; drawing one for every pixel anew would take most of the stage's time. */
const noiseTable = new Float32Array(noiseTableLength);

function fillNoiseTable() {
  const stream = new RandomStream(0, "noise table");
  for (let i = 0; i < noiseTableLength; i++) noiseTable[i] = stream.normal();
}

/**
 * Applies a change to values [height, width] and rounds to 8 bits:
 * `(255·gain·(value/255)^gamma + bias)·(1 + slope·position) + noise`, clamped to 0 … 255.
 * Each row of noise is read from a table of 65,536 normal numbers at its own random place.
 */
export function applyPhotometricChange(
  values: Float32Array,
  width: number,
  change: PhotometricChange,
  stream: RandomStream,
  into: Uint8Array,
) {
  if (noiseTable[0] === 0) fillNoiseTable();
  const curve = toneCurve(change);
  const height = values.length / width;
  for (let y = 0, at = 0; y < height; y++) {
    const rowLight = 1 + change.slope.y * ((2 * y + 1) / height - 1) -
      change.slope.x * (1 - 1 / width);
    const lightStep = 2 * change.slope.x / width;
    let noiseAt = change.noise > 0 ? stream.bits() : 0;
    for (let x = 0; x < width; x++, at++) {
      const value = values[at];
      const floor = value <= 0 ? 0 : value >= 254.999 ? 254 : value | 0;
      const toned = curve[floor] +
        (value - floor) * (curve[floor + 1] - curve[floor]);
      const grey = toned * (rowLight + x * lightStep) +
        change.noise * noiseTable[noiseAt++ & (noiseTableLength - 1)] + 0.5;
      into[at] = grey < 0 ? 0 : grey > 255 ? 255 : grey;
    }
  }
}

function toneCurve(change: PhotometricChange): Float32Array {
  const curve = new Float32Array(256);
  for (let i = 0; i < 256; i++) {
    curve[i] = 255 * change.gain * (i / 255) ** change.gamma + change.bias;
  }
  return curve;
}
