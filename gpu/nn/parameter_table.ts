import { channelBlock } from "../convolution.ts";
import {
  type Architecture,
  descriptorSize,
  headChannels,
  headSize,
} from "./architecture.ts";

/** One trained tensor and where its elements lie in the flat buffer. */
export interface ParameterEntry {
  /** PyTorch name. */
  name: string;
  /** PyTorch shape. */
  shape: readonly number[];
  size: number;
  /** Element of the flat buffer where it begins; a multiple of {@linkcode alignment}. */
  offset: number;
  /** Index in the PyTorch order of the element that lies at place `i` of the kernel order. */
  source(i: number): number;
}

/** Every slice begins at a multiple of 64 elements (256 bytes), as bindings must. */
export const alignment = 64;

type Draft = Omit<ParameterEntry, "offset" | "size">;

const identity = (i: number) => i;

/** Places in PyTorch's order of the elements in kernel order: [K, C, 3, 3] ← [K/16, C/4, 3, 3, 4, 16]. */
export function convolutionSource(
  inputChannels: number,
): (i: number) => number {
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

/** Places in PyTorch's order of the elements in kernel order: [O, C, 8, 8] ← [C/4, 8, 8, 4, O]. */
export function denseSource(inputChannels: number): (i: number) => number {
  return (i) => {
    const output = i % descriptorSize;
    const inFour = Math.floor(i / descriptorSize) % 4;
    const pixel = Math.floor(i / (descriptorSize * 4)) % 64;
    const four = Math.floor(i / (descriptorSize * 256));
    return (output * inputChannels + four * 4 + inFour) * 64 + pixel;
  };
}

function drafts(architecture: Architecture): {
  decayed: Draft[];
  exempt: Draft[];
} {
  const { input, body, head } = architecture;
  const inputsOfHead = headChannels(architecture);
  const patch = { ...input, outputChannels: 1 };
  const vector = (channels: number) => [1, channels, 1, 1];
  const decayed: Draft[] = [];
  const exempt: Draft[] = [];
  body.forEach(({ convolution, inputChannels, outputChannels }, index) => {
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
  decayed.push({
    name: `${head}.weight`,
    shape: [descriptorSize, inputsOfHead, headSize, headSize],
    source: denseSource(inputsOfHead),
  });
  for (const { frn, tlu, outputChannels } of [patch, ...body]) {
    const shape = vector(outputChannels);
    decayed.push({ name: `${frn}.weight`, shape, source: identity });
    decayed.push({ name: `${tlu}.tau`, shape, source: identity });
    exempt.push({ name: `${frn}.bias`, shape, source: identity });
  }
  return { decayed, exempt };
}

/**
 * Where the trained tensors of a network lie in one flat buffer: those that weight decay touches (conv weights, γ and τ)
 * first, the exempt biases and β (every `….bias`) last.
 */
export interface ParameterTable {
  /** by name */
  entries: ReadonlyMap<string, ParameterEntry>;
  /** elements of the flat buffer */
  flatSize: number;
  /** how many of its first elements weight decay touches */
  decayedSize: number;
}

/** Lays out the trained tensors of a network. */
export function parameterTable(architecture: Architecture): ParameterTable {
  const { decayed, exempt } = drafts(architecture);
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
