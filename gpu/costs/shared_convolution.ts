import { pairBytes, vectorBytes } from "../tiles/vector_bytes.ts";
import { bytesOfSamples } from "./convolution.ts";
import {
  type Access,
  type CostRule,
  registersFor,
  shareOfLoads,
  taps,
} from "./cost.ts";
import { normalizedEnd, placesOf, storesOf } from "./normalized_end.ts";

/** The convolutions by workgroups that share what they read. */
export const sharedConvolutionCosts: Readonly<Record<string, CostRule>> = {
  conv3x3_shared(facts) {
    const { operands: [x, , , y], constants, uniform, threads } = facts;
    const { S, W, SAMPLES, ROWS, TW, TK, CH4, WINDOW, WEIGHTS, SUMS } =
      constants;
    const [inputs4, outputs4, height] = uniform;
    const lanes = CH4 / TK;
    const columns = S * (TW - 1) + 3;
    const windows = SAMPLES * (S * (ROWS - 1) + 3) * (W / TW);
    const samples = threads * TW * TK / outputs4 / (height * W);
    const weights = taps * 4 * inputs4;
    const { groupThreads } = facts;
    const inputLoads = inputs4 * shareOfLoads(windows * columns, groupThreads);
    const weightLoads = inputs4 * shareOfLoads(taps * 4 * CH4, groupThreads);
    const end = normalizedEnd(facts, placesOf(facts), 1);
    const stores = end.stores.aligned + end.stores.bordered;
    // An end that wants none leaves their memory out.
    const sums = end.access.length === 0 ? 0 : SUMS * SAMPLES * ROWS * CH4;
    const plane = height * W * 4 * y.elementBytes;
    return {
      work: `${4 * inputs4}→${
        4 * outputs4
      } at ${height}×${W}, stride ${S}${end.work}`,
      multiplyAdds: threads * TW * TK * 4 * weights,
      operations: end.operations,
      otherInstructions: end.otherInstructions,
      bytes: bytesOfSamples(facts, 0, samples) +
        vectorBytes * weights * outputs4 +
        stores * threads * TW * TK * 4 * y.elementBytes + end.bytes,
      access: [
        {
          count: inputLoads,
          bytes: 4 * x.elementBytes,
          strideBytes: 4 * x.elementBytes,
          reuse: columns * (W / TW) / (S * W + 2),
        },
        { count: weightLoads, bytes: vectorBytes, strideBytes: vectorBytes },
        {
          count: inputLoads + weightLoads,
          bytes: vectorBytes,
          strideBytes: vectorBytes,
          memory: "workgroup",
        },
        {
          count: inputs4 * 3 * columns,
          bytes: vectorBytes,
          strideBytes: WINDOW * vectorBytes,
          sharedBy: lanes,
          memory: "workgroup",
        },
        {
          count: weights * TK,
          bytes: vectorBytes,
          strideBytes: WEIGHTS * vectorBytes,
          period: lanes,
          memory: "workgroup",
        },
        {
          count: stores * TW * TK,
          bytes: 4 * y.elementBytes,
          // Neighbours have other channels, whose planes lie far apart.
          strideBytes: plane,
        },
        ...end.access,
      ],
      registers: registersFor(
        Math.max(4 * (TW * TK + columns + TK), end.values),
      ),
      workgroupBytes: vectorBytes *
        (windows * WINDOW + 3 * lanes * WEIGHTS + sums),
      // For what is loaded, and for the others.
      waits: 2 * inputs4 + end.waits,
    };
  },

  conv3x3_square(facts) {
    const { operands: [x, , , y], constants, uniform, groupThreads } = facts;
    const { S, W, SAMPLES, ROWS, TW, SPACE, LANES, BELOW, SUMS } = constants;
    const [inputs4, outputs4, height] = uniform;
    const pixels = TW * TW;
    // Where maps are normalised no row of the border is taken.
    const xRows = SAMPLES * (SUMS > 0 ? S * ROWS : S * (ROWS - 1) + 3);
    const samples = facts.threads * pixels / outputs4 / (height * W);
    const weights = taps * 4 * inputs4;
    const pairs = xRows * (S * W / 2 + 1);
    const pairLoads = inputs4 * shareOfLoads(pairs, groupThreads);
    const weightLoads = inputs4 * S *
      shareOfLoads(taps * 4 / S * LANES, groupThreads);
    const rows = S * (TW - 1) + 3;
    const apart = BELOW === 1
      // Those below, and of the next column, lie in other banks, as if they followed each other.
      ? { strideBytes: pairBytes }
      // Those below lie in other banks.
      : { strideBytes: S * TW * 4, period: W / TW };
    // Of each row as many pairs as there are, and at stride 2 the pixel after them.
    const reads = [
      { pairs: Math.floor(rows / 2), bytes: pairBytes },
      { pairs: rows % 2, bytes: pairBytes / 2 },
    ].filter(({ pairs }) => pairs > 0).map(({ pairs, bytes }): Access => ({
      count: 4 * inputs4 * rows * pairs,
      bytes,
      ...apart,
      sharedBy: LANES,
      memory: "workgroup",
    }));
    const places = placesOf(facts);
    const end = normalizedEnd(facts, places, 2);
    const { aligned, bordered } = end.stores;
    return {
      work: `${4 * inputs4}→${
        4 * outputs4
      } at ${height}×${W}, stride ${S}${end.work}`,
      multiplyAdds: facts.threads * pixels * 4 * weights,
      operations: end.operations,
      otherInstructions: end.otherInstructions,
      bytes: bytesOfSamples(facts, 0, samples) +
        vectorBytes * weights * outputs4 +
        (aligned + bordered) * facts.threads * pixels * 4 * y.elementBytes +
        end.bytes,
      access: [
        {
          count: 2 * pairLoads,
          bytes: 4 * x.elementBytes,
          strideBytes: 8 * x.elementBytes,
          walks: true,
        },
        { count: weightLoads, bytes: vectorBytes, strideBytes: vectorBytes },
        {
          count: 4 * pairLoads,
          bytes: pairBytes,
          strideBytes: pairBytes,
          memory: "workgroup",
        },
        {
          count: weightLoads,
          bytes: vectorBytes,
          strideBytes: vectorBytes,
          memory: "workgroup",
        },
        ...reads,
        {
          count: weights,
          bytes: vectorBytes,
          strideBytes: vectorBytes,
          period: LANES,
          memory: "workgroup",
        },
        ...storesOf(end, places, {
          columns: TW,
          pixels,
          bytes: 4 * y.elementBytes,
        }),
        ...end.access,
      ],
      registers: registersFor(
        Math.max(4 * pixels + TW * rows + 4, end.values),
      ),
      // Sums of rows lie where the pixels were.
      workgroupBytes: pairBytes * SPACE +
        vectorBytes * 4 / S * taps * LANES,
      // For what is loaded, and for the others, at stride 2 twice.
      waits: 2 * S * inputs4 + end.waits,
    };
  },
};
