/** How a patch, its values 0 … 1, is normalised before the first convolution. */
export type PatchNormalization =
  /** (x − mean) / (√(Σ(x − mean)²/divisor + underRoot) + besideRoot), with the mean of the patch itself */
  | {
    kind: "patch";
    divisor: number;
    underRoot: number;
    besideRoot: number;
  }
  /** (x − mean) / deviation, with those of all patches of a set */
  | { kind: "set"; mean: number; deviation: number };

/** What follows a convolution. */
export type ActivationKind = "relu" | "tanh";

/**
 * A convolution: tensors `{convolution}.weight` and, where a checkpoint has it, `.bias`; then, where it is named, the BatchNorm of its
 * outputs: `{batchNorm}.running_mean`, `.running_var` and, where a checkpoint has them, `.weight` and `.bias`.
 */
export interface NormalizedConvolution {
  convolution: string;
  batchNorm?: string;
}

/** A convolution of a body, what follows it, and whether the largest of 2×2 values is taken then. */
export interface InferenceBlock extends NormalizedConvolution {
  outputChannels: number;
  kernelSize: number;
  stride: 1 | 2;
  padding: 0 | 1;
  activation: ActivationKind;
  maxPool: boolean;
}

/**
 * A network of other authors that describes and is not trained here: normalisation of the patch, a body of convolutions, a head over all
 * that the body leaves, to 128 values. Names are those of the tensors in its authors' checkpoints.
 */
export interface InferenceNetwork {
  /** as messages call it */
  name: string;
  input: PatchNormalization & {
    /** the layer of the checkpoint, which must have no parameters; absent where none stands in it */
    layer?: string;
  };
  body: readonly InferenceBlock[];
  head: NormalizedConvolution & {
    /** shape of the head's weight: [128, C, 8, 8] as a convolution, [128, C·64] as a matrix */
    shape: "convolution" | "matrix";
  };
  /** `unit`: descriptors have length 1; `tanh`: their values lie within −1 … 1 */
  output: "unit" | "tanh";
}

/** A block of a body with the shapes of its input and output. */
export interface InferenceLayer extends InferenceBlock {
  inputChannels: number;
  /** rows and columns of the convolution's input without padding, and of its output before the pooling */
  inputSize: number;
  outputSize: number;
}

/** The blocks of a body with their shapes, from patches of `patchSize` rows and columns on. */
export function inferenceShapes(
  { body }: InferenceNetwork,
  patchSize: number,
): readonly InferenceLayer[] {
  let inputChannels = 1;
  let inputSize = patchSize;
  return body.map((block) => {
    const { kernelSize, stride, padding, outputChannels, maxPool } = block;
    const outputSize = (inputSize + 2 * padding - kernelSize) / stride + 1;
    const layer = {
      ...block,
      inputChannels,
      inputSize,
      outputSize: Math.floor(outputSize),
    };
    inputChannels = outputChannels;
    inputSize = maxPool ? layer.outputSize / 2 : layer.outputSize;
    return layer;
  });
}

/** Channels that the head of a network reads. */
export function inferenceHeadChannels({ body }: InferenceNetwork): number {
  return body[body.length - 1].outputChannels;
}
