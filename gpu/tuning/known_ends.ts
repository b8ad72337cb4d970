import { type Convolution, reversed } from "../convolution.ts";
import { frnEpsilon } from "../ops/frn_tlu.ts";
import {
  convolutionAt,
  stridedInputGradientAt,
  type ValueInMap,
} from "./known_convolution.ts";
import { mapAt, type MapPlace, placeInMap } from "./known_places.ts";
import { areSums } from "./known_sums.ts";
import { trialValue } from "./trial_values.ts";

/** About as many values are looked at: each takes the sums of a whole map. */
const looks = 12;

const parameters = ["bias", "gamma", "beta", "tau"] as const;
/** Elements: bindings begin at multiples of 256 bytes. */
const alignment = 64;

/** Where a parameter of a channel lies in their tensor. */
export function parameterPlace(
  name: typeof parameters[number],
  channels: number,
  channel: number,
): number {
  const each = Math.ceil(channels / alignment) * alignment;
  return parameters.indexOf(name) * each + channel;
}

/** A parameter on trial. */
export function parameterOf(value: number): number {
  return 1 + value / 4;
}

/** A scale on trial: γ·u of every map reaches far beyond τ − β on either side. Below it all only signs of zeros would be left, which may differ. */
export function scaleOf(value: number): number {
  return 16 + value;
}

/** A value on trial of maps whose border is zero: such kernels do not read it. */
export const bordered: ValueInMap = (place, channels, side) => {
  const { i, j } = place;
  const isBorder = Math.min(i, j) === 0 || Math.max(i, j) === side - 1;
  return isBorder ? 0 : trialValue(placeInMap(place, channels, side));
};

/** Places of a map, one after the other. */
function* placesOfMap({ n, c }: MapPlace, size: number): Iterable<MapPlace> {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) yield { n, c, i, j };
  }
}

function isNear(
  count: number,
  result: Float32Array,
  valueAt: (at: number) => number,
): boolean {
  const apart = Math.floor(count / looks) | 1;
  return areSums(count, (at) => result[at], valueAt, apart);
}

/**
 * Whether `result` begins with y [N, K/4, H, W, 4], the FRN and TLU of a convolution of tensors that are filled with `trialValues`, as
 * 64 bits give it.
 */
export function isNormalizedConvolution(
  shape: Convolution,
  samples: number,
  result: Float32Array,
): boolean {
  const { outputChannels: channels, size } = shape;
  const valueAt = (at: number) => {
    const place = mapAt(at, channels, size);
    const [bias, gamma, beta, tau] = parameters.map((name) =>
      parameterOf(trialValue(parameterPlace(name, channels, place.c)))
    );
    const x = (at: MapPlace) => convolutionAt(shape, at, bordered) + bias;
    let squares = 0;
    for (const other of placesOfMap(place, size)) squares += x(other) ** 2;
    const scale = 1 / Math.sqrt(squares / size ** 2 + frnEpsilon);
    return Math.max(gamma * x(place) * scale + beta, tau);
  };
  return isNear(samples * channels * size ** 2, result, valueAt);
}

/**
 * The same of ∂x [N, C/4, S·H+2, S·W+2, 4] with its border of zeros: the input gradient of a convolution, backwards through the FRN and
 * TLU below it.
 */
export function isNormalizedGradient(
  shape: Convolution,
  samples: number,
  result: Float32Array,
): boolean {
  const { inputChannels: channels, size, stride } = shape;
  const below = stride * size;
  const gradientAt = (at: MapPlace) =>
    stride === 1
      ? convolutionAt(reversed(shape), at, bordered)
      : stridedInputGradientAt(shape, at, bordered);
  const valueAt = (at: number) => {
    const { n, c, i, j } = mapAt(at, channels, below + 2);
    const place = { n, c, i: i - 1, j: j - 1 };
    if (Math.min(i, j) === 0 || Math.max(i, j) > below) return 0;
    const [, gamma, beta, tau] = parameters.map((name) =>
      parameterOf(trialValue(parameterPlace(name, channels, c)))
    );
    const scale = scaleOf(trialValue(n * channels + c));
    const u = (at: MapPlace) =>
      trialValue(placeInMap(at, channels, below)) * scale;
    /** γ·∂z of what passed the threshold. */
    const passed = (at: MapPlace) =>
      gamma * u(at) + beta > tau ? gamma * gradientAt(at) : 0;
    let mean = 0;
    for (const other of placesOfMap(place, below)) {
      mean += passed(other) * u(other) / below ** 2;
    }
    return scale * (passed(place) - u(place) * mean);
  };
  return isNear(samples * channels * (below + 2) ** 2, result, valueAt);
}
