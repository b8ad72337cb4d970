/** What kind of machine an adapter stands for: decides tile sizes and micro-batch sizes, and on graphics cards the order of some sums. */
export type DeviceClass = "software" | "integrated" | "discrete";

/** What decides the class of an adapter. */
export interface AdapterName {
  /** PCI number of the vendor in decimal, "4318", or a word, "nvidia" (browsers); "0" or empty where nobody knows (Metal) */
  vendor: string;
  /** a word for the family, "ampere", in browsers; elsewhere empty */
  architecture: string;
  /** the driver's name of the adapter; empty in browsers */
  description: string;
  /** whether WebGPU calls it a fallback, which is a processor */
  isFallback: boolean;
}

/** Drivers that compute on the processor; Direct3D's WARP calls itself "Microsoft Basic Render Driver". */
const softwareNames =
  /llvmpipe|lavapipe|softpipe|swiftshader|\bwarp\b|basic render/i;

/** Systems on a chip that bear the name of a maker of graphics cards. */
const chipNames = /tegra|xavier|\borin\b|\bthor\b|nvgpu/i;

const nvidiaNames = /nvidia|geforce|quadro|tesla/i;

/** Intel's cards: Arc with a letter and three digits (A770, B580, Pro A40), Xe MAX and the ones for data centres. */
const intelCards = /\barc.*\b[ab]\d{2,3}m?\b|xe max|data cent(er|re)|\bflex\b/i;

/**
 * AMD's cards. Processors with graphics are called "Radeon Graphics", "Radeon 780M", "Vega 8" or "R7 Graphics"; what
 * bears RX, Pro, HD or R9, and Vega from 56 compute units on, is a card, except "RX Vega" with two digits below that.
 */
const amdCards =
  /\brx \d|\bvega (5[6-9]|6\d|frontier|ii)\b|radeon vii|\bpro\b|instinct|\bmi\d+|firepro|\bhd \d|\br[579] (m?\d|fury|nano)/i;

/** Intel's families of cards, as browsers call them; those of processors are "gen-12lp", "xe-lpg" and "xe-2lpg". */
const intelCardFamilies = /^(gen-12hp|xe-2-?hpg)$/i;

const vendors = {
  nvidia: ["4318", "nvidia"],
  intel: ["32902", "intel"],
  amd: ["4098", "amd"],
};

/**
 * The class of an adapter. WebGPU says no more than whether it is a fallback; the rest is read off its names:
 *
 * - software: a fallback, or a driver known to compute on the processor;
 * - discrete: NVIDIA's, except systems on a chip; Intel's and AMD's where the name, or Intel's family, is that of a card;
 * - integrated: all others, Apple's and the ones of phones among them, and AMD's in browsers, whose families have both.
 */
export function deviceClassOf(
  { vendor, architecture, description, isFallback }: AdapterName,
): DeviceClass {
  const names = `${architecture} ${description}`;
  if (isFallback || softwareNames.test(names)) return "software";
  if (chipNames.test(names)) return "integrated";
  const is = (known: readonly string[], name: RegExp) =>
    known.includes(vendor.toLowerCase()) || name.test(description);
  if (is(vendors.nvidia, nvidiaNames)) return "discrete";
  const isCard = is(vendors.intel, /\bintel/i)
    ? intelCards.test(description) || intelCardFamilies.test(architecture)
    : is(vendors.amd, /\bamd\b|radeon/i) && amdCards.test(description);
  return isCard ? "discrete" : "integrated";
}
