import { vectorBytes } from "../tiles/vector_bytes.ts";
import {
  type Access,
  bytesOf,
  type CostRule,
  plane,
  registersFor,
  waitsOfSum,
} from "./cost.ts";

/** Normalisations: of the patch, after each convolution, and of descriptors. */
export const normalizationCosts: Readonly<Record<string, CostRule>> = {
  input_frn_tlu({ constants: { H, W }, threads }) {
    const pixels = H * W;
    return {
      work: `1 at ${H}×${W}`,
      multiplyAdds: 2 * threads * pixels,
      operations: threads * (2 * pixels + 2),
      bytes: threads * 2 * pixels * 4,
      access: [
        {
          count: 2 * pixels / 4,
          bytes: vectorBytes,
          strideBytes: 4 * pixels,
          walks: true,
        },
        { count: pixels, bytes: 4, strideBytes: 4 * (H + 2) * (W + 2) },
      ],
      registers: registersFor(16),
      waits: waitsOfSum(2 * pixels / 4),
    };
  },

  input_frn_tlu_backward({ constants: { H, W }, threads }) {
    const pixels = H * W;
    return {
      work: `1 at ${H}×${W}`,
      multiplyAdds: 2 * threads * pixels,
      operations: 5 * threads * pixels,
      bytes: threads * (2 * pixels * 4 + vectorBytes),
      access: [
        {
          count: 2 * pixels / 4,
          bytes: vectorBytes,
          strideBytes: 4 * pixels,
          walks: true,
        },
        { count: 1, bytes: vectorBytes, strideBytes: vectorBytes },
      ],
      registers: registersFor(32),
      waits: waitsOfSum(pixels / 4),
    };
  },

  frn_tlu(
    {
      operands: [x, , , , , y],
      uniform: [, height, width, border],
      constants: { DROPOUT },
      threads,
    },
  ) {
    const pixels = height * width;
    const padded = (height + 2 * border) * (width + 2 * border);
    const elements = 4 * threads * pixels;
    return {
      work: plane(x),
      multiplyAdds: 2 * elements,
      operations: (2 + 12 * DROPOUT) * elements,
      bytes: elements * (x.elementBytes + y.elementBytes),
      access: [
        {
          count: 2 * pixels,
          bytes: 4 * x.elementBytes,
          strideBytes: pixels * 4 * x.elementBytes,
          walks: true,
        },
        {
          count: pixels,
          bytes: 4 * y.elementBytes,
          strideBytes: padded * 4 * y.elementBytes,
        },
      ],
      registers: registersFor(32 + 16 * DROPOUT),
      waits: waitsOfSum(2 * pixels),
    };
  },

  frn_tlu_backward(
    {
      operands: [x, , , , , dy, dx],
      uniform: [, height, width],
      constants: { DROPOUT },
      threads,
    },
  ) {
    const pixels = height * width;
    const elements = 4 * threads * pixels;
    const apart = pixels * 4;
    return {
      work: plane(x),
      multiplyAdds: 4 * elements,
      operations: (9 + 24 * DROPOUT) * elements,
      bytes: elements * (x.elementBytes + dy.elementBytes + dx.elementBytes),
      access: [
        {
          count: 2 * pixels,
          bytes: 4 * x.elementBytes,
          strideBytes: apart * x.elementBytes,
          walks: true,
        },
        {
          count: 2 * pixels,
          bytes: 4 * dy.elementBytes,
          strideBytes: apart * dy.elementBytes,
          walks: true,
        },
        {
          count: pixels,
          bytes: 4 * dx.elementBytes,
          strideBytes: (height + 2) * (width + 2) * 4 * dx.elementBytes,
        },
        { count: 4, bytes: vectorBytes, strideBytes: vectorBytes },
      ],
      registers: registersFor(56 + 16 * DROPOUT),
      waits: waitsOfSum(2 * pixels),
    };
  },

  batch_statistics({ operands: [z, statistics], constants, uniform, threads }) {
    const { C4, PART, GROUP } = constants;
    const [samples] = uniform;
    const parts = Math.ceil(samples / PART);
    return {
      work: "",
      multiplyAdds: 4 * C4 * samples,
      operations: 2 * 4 * C4 * samples + 2 * 4 * threads * parts,
      bytes: samples * C4 * 4 * z.elementBytes + 3 * bytesOf(statistics),
      access: accessOfPartSums(constants, parts),
      registers: registersFor(16),
      workgroupBytes: GROUP * vectorBytes,
      waits: 2 * Math.ceil(parts / GROUP) * (waitsOfSum(PART) + 2) +
        2 * waitsOfSum(parts),
    };
  },

  running_statistics({ operands: [running, statistics] }) {
    return {
      work: "",
      multiplyAdds: 0,
      operations: 3 * statistics.size / 2,
      bytes: bytesOf(running, statistics),
      access: [{ count: 4, bytes: vectorBytes, strideBytes: vectorBytes }],
      registers: registersFor(8),
      waits: 1,
    };
  },

  normalize_descriptor({ operands: [z], constants: { C4 }, threads }) {
    const samples = Math.min(threads, z.shape[0]);
    const elements = samples * 4 * C4;
    return {
      work: "",
      multiplyAdds: elements,
      operations: 5 * elements,
      bytes: 2 * elements * 4 + samples * 4,
      access: [
        {
          count: 2 * C4,
          bytes: vectorBytes,
          strideBytes: C4 * vectorBytes,
          walks: true,
        },
        { count: 4 * C4, bytes: 4, strideBytes: 4 },
      ],
      registers: registersFor(20),
      waits: waitsOfSum(2 * C4),
    };
  },

  normalize_descriptor_backward({ operands, constants: { C4 }, threads }) {
    const samples = Math.min(threads, operands[3].shape[0]);
    const elements = samples * 4 * C4;
    return {
      work: "",
      multiplyAdds: elements,
      operations: 3 * elements,
      bytes: 3 * elements * 4 + samples * 4,
      access: [
        { count: 4 * 4 * C4, bytes: 4, strideBytes: 4 },
        { count: C4, bytes: vectorBytes, strideBytes: C4 * vectorBytes },
      ],
      registers: registersFor(20),
      waits: waitsOfSum(2 * 4 * C4),
    };
  },

  norm_gradient({ constants: { C4 }, uniform: [samples] }) {
    const elements = samples * 4 * C4;
    return {
      work: "",
      multiplyAdds: elements,
      operations: 0,
      bytes: 3 * elements * 4 + samples * 4,
      access: [
        { count: 4 * C4, bytes: 4, strideBytes: 4 },
        { count: 2 * C4, bytes: vectorBytes, strideBytes: C4 * vectorBytes },
        { count: 1, bytes: 4, strideBytes: 4 },
      ],
      registers: registersFor(12),
      waits: C4,
    };
  },

  batch_norm_sums({ operands: [, , statistics], constants, uniform, threads }) {
    const { C4, PART, GROUP } = constants;
    const [samples] = uniform;
    const parts = Math.ceil(samples / PART);
    const elements = samples * 4 * C4;
    return {
      work: "",
      multiplyAdds: elements,
      operations: 3 * elements + 2 * 4 * threads * parts,
      bytes: 2 * elements * 4 + 2 * bytesOf(statistics),
      access: accessOfPartSums(constants, parts),
      registers: registersFor(24),
      workgroupBytes: GROUP * vectorBytes,
      waits: Math.ceil(parts / GROUP) * (waitsOfSum(PART) + 4) +
        2 * waitsOfSum(parts),
    };
  },

  batch_norm_backward({ constants: { C4 }, uniform: [samples] }) {
    const elements = samples * 4 * C4;
    return {
      work: "",
      multiplyAdds: elements,
      operations: 4 * elements,
      bytes: 3 * elements * 4,
      access: [
        { count: 3, bytes: vectorBytes, strideBytes: vectorBytes },
        {
          count: 4,
          bytes: vectorBytes,
          strideBytes: vectorBytes,
          period: C4,
          reuse: 8,
        },
      ],
      registers: registersFor(24),
      waits: 1,
    };
  },
};

/** Of sums over samples by workgroups: every sample twice, then the parts of a workgroup twice, in their order. */
function accessOfPartSums(
  { C4, PART, GROUP }: Readonly<Record<string, number>>,
  parts: number,
): Access[] {
  return [
    {
      count: 2 * PART * Math.ceil(parts / GROUP),
      bytes: vectorBytes,
      strideBytes: PART * C4 * vectorBytes,
    },
    {
      count: 2 * parts,
      bytes: vectorBytes,
      strideBytes: 0,
      memory: "workgroup",
    },
  ];
}
