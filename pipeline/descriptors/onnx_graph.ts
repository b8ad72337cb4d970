import {
  type OnnxConstant,
  onnxElementTypes,
  type OnnxNode,
} from "../../data/mod.ts";
import type { Layer, NetworkState } from "../../gpu/mod.ts";

const largestFloat = 3.4028234663852886e38;

/**
 * Spells layers in ONNX's operators. Values are named after the checkpoint's tensors.
 *
 * OpenCV 4.6 reads few forms: both sides of a division have one shape or are one of its patterns for normalisation (length, clip,
 * shape, expand), constants of channels are [C, 1, 1], the mean of a map is a pooling, a maximum has no constant.
 */
export class OnnxGraph {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxConstant[] = [];
  readonly #network: NetworkState;
  readonly #names = new Set<string>();

  constructor(network: NetworkState) {
    this.#network = network;
  }

  /**
   * Adds the nodes of one layer.
   *
   * @param x name of the value it reads
   * @param result what to call the value it gives; absent: after the layer
   * @returns the name of that value
   */
  add(layer: Layer, x: string, result?: string): string {
    switch (layer.kind) {
      case "frnTlu": {
        const { frn, tlu, epsilon, size } = layer;
        const square = this.#node("Mul", [x, x], `${frn}.square`);
        const mean = this.#node("GlobalAveragePool", [square], `${frn}.mean`);
        const lifted = this.#node("Add", [
          mean,
          this.#scalar("frn.eps", epsilon),
        ], `${frn}.mean_plus_eps`);
        const root = this.#node("Sqrt", [lifted], `${frn}.root`);
        const spread = this.#spread(root, size, `${frn}.spread`);
        const unit = this.#node("Div", [x, spread], `${frn}.unit`);
        const scaled = this.#node("Mul", [
          unit,
          this.#channelWeights(`${frn}.weight`),
        ], `${frn}.scaled`);
        // max(y, τ) = max(y − τ, 0) + τ, where β − τ is one constant.
        const above = this.#node("Add", [
          scaled,
          this.#channelDifference(`${frn}.bias`, `${tlu}.tau`),
        ], `${tlu}.above`);
        const positive = this.#node("Relu", [above], `${tlu}.positive`);
        const inputs = [positive, this.#channelWeights(`${tlu}.tau`)];
        return this.#node("Add", inputs, result ?? `${tlu}.output`);
      }
      case "convolution": {
        const { name, kernelSize, stride, padding, bias } = layer;
        const inputs = [x, this.#weights(`${name}.weight`)];
        if (bias) inputs.push(this.#weights(`${name}.bias`));
        return this.#node("Conv", inputs, result ?? `${name}.output`, {
          kernel_shape: { ints: [kernelSize, kernelSize] },
          strides: { ints: [stride, stride] },
          pads: { ints: [padding, padding, padding, padding] },
        });
      }
      case "batchNorm": {
        const { name, epsilon } = layer;
        const mean = this.#weights(`${name}.running_mean`);
        const variance = this.#weights(`${name}.running_var`);
        const channels = this.#network.get(mean)!.data.length;
        const scale = this.#vector(`${name}.scale`, channels, 1);
        const shift = this.#vector(`${name}.shift`, channels, 0);
        return this.#node(
          "BatchNormalization",
          [x, scale, shift, mean, variance],
          result ?? `${name}.output`,
          { epsilon: { float: epsilon } },
        );
      }
      case "normalizePatch": {
        const { normalization, size } = layer;
        const output = result ?? "patches.normalized";
        if (normalization.kind === "set") {
          const { mean, deviation } = normalization;
          const centred = this.#node("Add", [
            x,
            this.#scalar("less_mean_of_set", -mean),
          ], "patches.centred");
          const scale = this.#scalar("one_by_deviation_of_set", 1 / deviation);
          return this.#node("Mul", [centred, scale], output);
        }
        const { divisor, underRoot, besideRoot } = normalization;
        // Twice: the mean of a patch is rounded to far more than the differences within one of little contrast.
        const near = this.#lessMean(x, size, "patches.near");
        const centred = this.#lessMean(near, size, "patches.centred");
        const square = this.#node("Mul", [centred, centred], "patches.square");
        let deviation = this.#node(
          "GlobalAveragePool",
          [square],
          "patches.mean_square",
        );
        const change = (operator: string, name: string, by: number) => {
          const inputs = [deviation, this.#scalar(name, by)];
          deviation = this.#node(operator, inputs, `patches.after_${name}`);
        };
        const pixels = size * size;
        if (divisor !== pixels) {
          change("Mul", "pixels_by_divisor", pixels / divisor);
        }
        if (underRoot > 0) change("Add", "under_root", underRoot);
        deviation = this.#node("Sqrt", [deviation], "patches.root");
        if (besideRoot > 0) change("Add", "beside_root", besideRoot);
        const spread = this.#spread(deviation, size, "patches.deviation");
        return this.#node("Div", [centred, spread], output);
      }
      case "relu":
        return this.#node("Relu", [x], result ?? `${layer.name}.relu`);
      case "tanh":
        return this.#node("Tanh", [x], result ?? `${layer.name}.tanh`);
      case "maxPool":
        return this.#node("MaxPool", [x], result ?? `${layer.name}.pooled`, {
          kernel_shape: { ints: [2, 2] },
          strides: { ints: [2, 2] },
        });
      case "flatten":
        return this.#node("Flatten", [x], result ?? "flat", {
          axis: { int: 1 },
        });
      case "normalize": {
        const rows = this.#node("Flatten", [x], "flat", { axis: { int: 1 } });
        const length = this.#node("ReduceL2", [rows], "length", {
          axes: { ints: [1] },
          keepdims: { int: 1 },
        });
        const divisor = this.#node("Clip", [
          length,
          this.#scalar("smallest_length", layer.smallestLength),
          this.#scalar("largest_length", largestFloat),
        ], "divisor");
        const shape = this.#node("Shape", [rows], "shape");
        const spread = this.#node("Expand", [divisor, shape], "spread");
        return this.#node("Div", [rows, spread], result ?? "unit");
      }
    }
  }

  /** Adds the nodes that turn bytes into values 0 … 1. */
  unitValues(x: string): string {
    const cast = { to: { int: onnxElementTypes.float } };
    const floats = this.#node("Cast", [x], "patches.floats", cast);
    const white = this.#scalar("white", 255);
    return this.#node("Div", [floats, white], "patches.unit");
  }

  #node(
    operator: string,
    inputs: string[],
    output: string,
    attributes: NonNullable<OnnxNode["attributes"]> = {},
  ): string {
    this.nodes.push({ operator, inputs, output, attributes });
    return output;
  }

  /** Repeats [N, C, 1, 1] to [N, C, size, size]. */
  #spread(x: string, size: number, output: string): string {
    const factors = Float32Array.of(1, 1, size, size);
    const scales = this.#constant(`times_${size}`, [4], factors);
    return this.#node("Resize", [x, "", scales], output, {
      mode: { text: "nearest" },
      coordinate_transformation_mode: { text: "asymmetric" },
      nearest_mode: { text: "floor" },
    });
  }

  /** [N, 1, size, size] less the mean of each map. */
  #lessMean(x: string, size: number, output: string): string {
    const mean = this.#node("GlobalAveragePool", [x], `${output}.mean`);
    const spread = this.#spread(mean, size, `${output}.spread`);
    return this.#node("Sub", [x, spread], output);
  }

  #weights(name: string): string {
    const { shape, data } = this.#network.get(name)!;
    return this.#constant(name, shape, Float32Array.from(data, Number));
  }

  /** A tensor [1, C, 1, 1] as [C, 1, 1]. */
  #channelWeights(name: string): string {
    const { shape, data } = this.#network.get(name)!;
    const values = Float32Array.from(data, Number);
    return this.#constant(name, shape.slice(1), values);
  }

  /** The difference of two tensors [1, C, 1, 1], as [C, 1, 1]. */
  #channelDifference(minuend: string, subtrahend: string): string {
    const { shape, data } = this.#network.get(minuend)!;
    const taken = this.#network.get(subtrahend)!.data;
    const values = Float32Array.from(data, Number)
      .map((_, at) => Number(data[at]) - Number(taken[at]));
    return this.#constant(
      `${minuend}_less_${subtrahend}`,
      shape.slice(1),
      values,
    );
  }

  #scalar(name: string, value: number): string {
    return this.#constant(name, [], Float32Array.of(value));
  }

  #vector(name: string, length: number, value: number): string {
    return this.#constant(
      name,
      [length],
      new Float32Array(length).fill(value),
    );
  }

  #constant(
    name: string,
    shape: readonly number[],
    data: Float32Array<ArrayBuffer>,
  ): string {
    if (!this.#names.has(name)) {
      this.#names.add(name);
      this.constants.push({ name, shape, data });
    }
    return name;
  }
}
