import {
  convolutions,
  patchesPerSecond,
  type PeerFigures,
  wave,
} from "./layers.ts";

interface TfTensor {
  data(): Promise<unknown>;
  dispose(): void;
}

interface TfModule {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tensor(values: Float32Array, shape: number[]): TfTensor;
  fill(shape: number[], value: number): TfTensor;
  variable(initial: TfTensor): TfTensor;
  add(a: TfTensor, b: TfTensor | number): TfTensor;
  sub(a: TfTensor, b: TfTensor): TfTensor;
  mul(a: TfTensor, b: TfTensor): TfTensor;
  div(a: TfTensor, b: TfTensor): TfTensor;
  square(x: TfTensor): TfTensor;
  rsqrt(x: TfTensor): TfTensor;
  relu(x: TfTensor): TfTensor;
  mean(x: TfTensor, axes: number[], keepDimensions: boolean): TfTensor;
  sum(x: TfTensor): TfTensor;
  norm(x: TfTensor, order: 2, axis: 1, keepDimensions: true): TfTensor;
  conv2d(
    x: TfTensor,
    weights: TfTensor,
    stride: number,
    padding: number,
  ): TfTensor;
  reshape(x: TfTensor, shape: number[]): TfTensor;
  matMul(a: TfTensor, b: TfTensor): TfTensor;
  tidy<T>(call: () => T): T;
  variableGrads(
    call: () => TfTensor,
  ): { value: TfTensor; grads: Record<string, TfTensor> };
}

const packageName = "@tensorflow/tfjs";
const backendName = "@tensorflow/tfjs-backend-webgpu";

type Norm = [gamma: TfTensor, beta: TfTensor, tau: TfTensor];

/** SDGMNet128 in TensorFlow.js with its WebGPU backend on the same adapter, NHWC as that backend wants. */
export async function measureTfjs(patches: number): Promise<PeerFigures> {
  const tf: TfModule = await import(packageName);
  await import(backendName);
  await tf.setBackend("webgpu");
  await tf.ready();
  const values = (shape: number[], scale: number) =>
    tf.tensor(wave(shape.reduce((a, b) => a * b, 1), scale), shape);
  const trained = (shape: number[], value: number) =>
    tf.variable(tf.fill(shape, value));
  const normOf = (channels: number): Norm => [
    trained([1, 1, 1, channels], 1),
    trained([1, 1, 1, channels], 0),
    trained([1, 1, 1, channels], -1),
  ];
  const inputNorm = normOf(1);
  const layers = convolutions.map(([input, output, stride]) => ({
    weights: tf.variable(
      values([3, 3, input, output], 1 / Math.sqrt(9 * input)),
    ),
    bias: trained([output], 0.01),
    norm: normOf(output),
    stride,
  }));
  const dense = tf.variable(values([8192, 128], 1 / 90));
  const frnTlu = (x: TfTensor, [gamma, beta, tau]: Norm) => {
    const power = tf.mean(tf.square(x), [1, 2], true);
    const scaled = tf.mul(x, tf.rsqrt(tf.add(power, 1e-6)));
    const y = tf.add(tf.mul(scaled, gamma), beta);
    // Its gradient of maximum does not sum over what was broadcast.
    return tf.add(tf.relu(tf.sub(y, tau)), tau);
  };
  const forward = (x: TfTensor) => {
    let y = frnTlu(x, inputNorm);
    for (const { weights, bias, norm, stride } of layers) {
      y = frnTlu(tf.add(tf.conv2d(y, weights, stride, 1), bias), norm);
    }
    const z = tf.matMul(tf.reshape(y, [patches, 8192]), dense);
    const centred = tf.sub(z, tf.mean(z, [0], true));
    const variance = tf.mean(tf.square(centred), [0], true);
    const h = tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5)));
    return tf.div(h, tf.norm(h, 2, 1, true));
  };
  const x = values([patches, 32, 32, 1], 1);
  const probe = values([patches, 128], 1);
  return {
    forwardPatchesPerSecond: await patchesPerSecond(patches, 3, async () => {
      const descriptors = tf.tidy(() => forward(x));
      await descriptors.data();
      descriptors.dispose();
    }),
    forwardBackwardPatchesPerSecond: await patchesPerSecond(
      patches,
      1,
      async () => {
        const { value, grads } = tf.variableGrads(() =>
          tf.sum(tf.mul(forward(x), probe))
        );
        const gradients = Object.values(grads);
        await Promise.all(gradients.map((gradient) => gradient.data()));
        for (const tensor of [value, ...gradients]) tensor.dispose();
      },
    ),
  };
}
