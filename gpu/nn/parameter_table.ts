import { channelBlock } from "../convolution.ts";
import {
  convolutionNames,
  convolutions,
  denseName,
  descriptorSize,
  inputNames,
} from "./layers.ts";

/** One trained tensor and where its elements lie in the flat buffer. */
export interface ParameterEntry {
  /** PyTorch name, `features.…`. */
  name: string;
  /** PyTorch shape. */
  shape: readonly number[];
  size: number;
  /** Element of the flat buffer where it begins; a multiple of {@link alignment}. */
  offset: number;
  /** Index in the PyTorch order of the element that lies at place `i` of the kernel order. */
  source(i: number): number;
}

/** Every slice begins at a multiple of 64 elements (256 bytes), as bindings must. */
const alignment = 64;

type Draft = Omit<ParameterEntry, "offset" | "size">;

const identity = (i: number) => i;

/** [K, C, 3, 3] ← [K/16, C/4, 3, 3, 4, 16]. */
function convolutionSource(inputChannels: number): (i: number) => number {
  return (i) => {
    const outInBlock = i % channelBlock;
    const inInFour = Math.floor(i / channelBlock) % 4;
    const tap = Math.floor(i / (channelBlock * 4)) % 9;
    const inFour = Math.floor(i / (channelBlock * 36)) % (inputChannels / 4);
    const block = Math.floor(i / (channelBlock * 9 * inputChannels));
    const output = block * channelBlock + outInBlock;
    return (output * inputChannels + inFour * 4 + inInFour) * 9 + tap;
  };
}

/** [K, 1, 3, 3] ← [3, 3, K]. */
function firstConvolutionSource(outputChannels: number): (i: number) => number {
  return (i) => i % outputChannels * 9 + Math.floor(i / outputChannels);
}

/** [O, C, 8, 8] ← [C/4, 8, 8, 4, O]. */
function denseSource(inputChannels: number): (i: number) => number {
  return (i) => {
    const output = i % descriptorSize;
    const inFour = Math.floor(i / descriptorSize) % 4;
    const pixel = Math.floor(i / (descriptorSize * 4)) % 64;
    const four = Math.floor(i / (descriptorSize * 256));
    return (output * inputChannels + four * 4 + inFour) * 64 + pixel;
  };
}

function drafts(): { decayed: Draft[]; exempt: Draft[] } {
  const vector = (channels: number) => [1, channels, 1, 1];
  const decayed: Draft[] = [];
  const exempt: Draft[] = [];
  convolutions.forEach(({ inputChannels, outputChannels }, index) => {
    const { convolution } = convolutionNames(index);
    decayed.push({
      name: `${convolution}.weight`,
      shape: [outputChannels, inputChannels, 3, 3],
      source: index === 0
        ? firstConvolutionSource(outputChannels)
        : convolutionSource(inputChannels),
    });
    exempt.push({
      name: `${convolution}.bias`,
      shape: [outputChannels],
      source: identity,
    });
  });
  const lastChannels = convolutions[convolutions.length - 1].outputChannels;
  decayed.push({
    name: `${denseName}.weight`,
    shape: [descriptorSize, lastChannels, 8, 8],
    source: denseSource(lastChannels),
  });
  const norms = [
    { ...inputNames, channels: 1 },
    ...convolutions.map(({ outputChannels }, index) => ({
      ...convolutionNames(index),
      channels: outputChannels,
    })),
  ];
  for (const { frn, tlu, channels } of norms) {
    const shape = vector(channels);
    decayed.push({ name: `${frn}.weight`, shape, source: identity });
    decayed.push({ name: `${tlu}.tau`, shape, source: identity });
    exempt.push({ name: `${frn}.bias`, shape, source: identity });
  }
  return { decayed, exempt };
}

function place(): {
  entries: ReadonlyMap<string, ParameterEntry>;
  flatSize: number;
  decayedSize: number;
} {
  const { decayed, exempt } = drafts();
  const entries = new Map<string, ParameterEntry>();
  let offset = 0;
  let decayedSize = 0;
  for (const draft of [...decayed, ...exempt]) {
    const size = draft.shape.reduce((product, extent) => product * extent, 1);
    entries.set(draft.name, { ...draft, size, offset });
    offset += Math.ceil(size / alignment) * alignment;
    if (decayed.includes(draft)) decayedSize = offset;
  }
  return { entries, flatSize: offset, decayedSize };
}

/**
 * All trained tensors by name, the size of the flat buffer that holds them, and how many of its first elements
 * weight decay touches: conv weights, γ and τ come first, the exempt biases and β (every `….bias`) last.
 */
export const { entries: parameterTable, flatSize, decayedSize } = place();
