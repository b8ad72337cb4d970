import {
  convolutions,
  patchesPerSecond,
  type PeerFigures,
  wave,
} from "./layers.ts";

/** The part of a jax-js array that is used here; every use of one consumes a reference, `ref` adds one. */
interface JaxArray {
  readonly ref: JaxArray;
  add(other: JaxArray | number): JaxArray;
  sub(other: JaxArray): JaxArray;
  mul(other: JaxArray): JaxArray;
  div(other: JaxArray): JaxArray;
  reshape(shape: number[]): JaxArray;
  data(): Promise<unknown>;
}

type KeepDimensions = { keepdims: true };

interface JaxModule {
  init(): Promise<string[]>;
  defaultDevice(device: string): void;
  blockUntilReady(tree: unknown): Promise<unknown>;
  jit<F>(call: F): F;
  valueAndGrad<P, A extends unknown[]>(
    call: (parameters: P, ...args: A) => JaxArray,
  ): (parameters: P, ...args: A) => [JaxArray, P];
  tree: { ref<T>(tree: T): T; dispose(tree: unknown): void };
  numpy: {
    array(values: Float32Array): JaxArray;
    full(shape: number[], value: number): JaxArray;
    mean(x: JaxArray, axes: number[], options: KeepDimensions): JaxArray;
    sum(x: JaxArray, axes?: number[], options?: KeepDimensions): JaxArray;
    square(x: JaxArray): JaxArray;
    sqrt(x: JaxArray): JaxArray;
    maximum(x: JaxArray, y: JaxArray): JaxArray;
  };
  lax: {
    convGeneralDilated(
      x: JaxArray,
      weights: JaxArray,
      strides: number[],
      padding: "VALID" | number[][],
    ): JaxArray;
  };
}

type Norm = { gamma: JaxArray; beta: JaxArray; tau: JaxArray };
type Network = {
  input: Norm;
  layers: { weights: JaxArray; bias: JaxArray; norm: Norm }[];
  dense: JaxArray;
};

const packageName = "@jax-js/jax";

/**
 * SDGMNet128 in jax-js on the same adapter: forward in eager mode, forward and backward under `jit`, which is the faster
 * of its two modes for each.
 */
export async function measureJaxJs(patches: number): Promise<PeerFigures> {
  const jax: JaxModule = await import(packageName);
  await jax.init();
  jax.defaultDevice("webgpu");
  const { numpy, lax, tree } = jax;
  const keepdims = { keepdims: true } as const;
  const size = (shape: number[]) => shape.reduce((a, b) => a * b, 1);
  const values = (shape: number[], scale: number) =>
    numpy.array(wave(size(shape), scale)).reshape(shape);
  const normOf = (channels: number): Norm => ({
    gamma: numpy.full([1, channels, 1, 1], 1),
    beta: numpy.full([1, channels, 1, 1], 0),
    tau: numpy.full([1, channels, 1, 1], -1),
  });
  const network: Network = {
    input: normOf(1),
    layers: convolutions.map(([input, output]) => ({
      weights: values([output, input, 3, 3], 1 / Math.sqrt(9 * input)),
      bias: numpy.full([1, output, 1, 1], 0.01),
      norm: normOf(output),
    })),
    dense: values([128, 128, 8, 8], 1 / 90),
  };
  const frnTlu = (x: JaxArray, { gamma, beta, tau }: Norm) => {
    const power = numpy.mean(numpy.square(x.ref), [2, 3], keepdims);
    const scaled = x.div(numpy.sqrt(power.add(1e-6)));
    return numpy.maximum(scaled.mul(gamma).add(beta), tau);
  };
  const forward = ({ input, layers, dense }: Network, x: JaxArray) => {
    let y = frnTlu(x, input);
    for (const [index, { weights, bias, norm }] of layers.entries()) {
      const stride = convolutions[index][2];
      const border = [[1, 1], [1, 1]];
      y = lax.convGeneralDilated(y, weights, [stride, stride], border);
      y = frnTlu(y.add(bias), norm);
    }
    const z = lax.convGeneralDilated(y, dense, [1, 1], "VALID")
      .reshape([patches, 128]);
    const centred = z.ref.sub(numpy.mean(z, [0], keepdims));
    const variance = numpy.mean(numpy.square(centred.ref), [0], keepdims);
    const h = centred.div(numpy.sqrt(variance.add(1e-5)));
    const length = numpy.sqrt(numpy.sum(numpy.square(h.ref), [1], keepdims));
    return h.div(length);
  };
  const x = values([patches, 1, 32, 32], 1);
  const probe = values([patches, 128], 1);
  const loss = (parameters: Network, x: JaxArray, probe: JaxArray) =>
    numpy.sum(forward(parameters, x).mul(probe));
  const both = jax.jit(jax.valueAndGrad(loss));
  return {
    forwardPatchesPerSecond: await patchesPerSecond(patches, 3, async () => {
      await forward(tree.ref(network), x.ref).data();
    }),
    forwardBackwardPatchesPerSecond: await patchesPerSecond(
      patches,
      2,
      async () => {
        const [value, gradients] = both(tree.ref(network), x.ref, probe.ref);
        await jax.blockUntilReady(gradients);
        await value.data();
        tree.dispose(gradients);
      },
    ),
  };
}
