import { type OnnxModel, serializeOnnx } from "../../data/mod.ts";
import {
  descriptorSize,
  inferenceLayers,
  inferenceWeights,
  isInferenceNetwork,
  type KnownNetwork,
  type NetworkState,
  patchSize,
  recognizeNetwork,
} from "../../gpu/mod.ts";
import { OnnxGraph } from "./onnx_graph.ts";

const patchesText =
  "Grey patches, resized to 32×32. Values 0 … 1 (8-bit values divided by 255)";

/** Of a network that is trained here, whose authors feed it two ranges. */
const rangesText =
  " as in training and in the FPR95 test; the authors' extraction of HPatches leaves them at 0 … 255, which changes " +
  "little, because the first layer divides a patch by its root mean square";

const bytesText =
  "Grey patches of 32×32, 8 bits, as they were cut; the model divides them by 255.";

const distanceText =
  "the smaller the Euclidean distance of two, the more alike the places.";

function inputTextOf(network: KnownNetwork, bytes: boolean): string {
  if (bytes) return bytesText;
  return `${patchesText}${isInferenceNetwork(network) ? "" : rangesText}.`;
}

function descriptorsTextOf(network: KnownNetwork): string {
  const isUnit = !isInferenceNetwork(network) || network.output === "unit";
  const rows = isUnit ? "rows of length 1" : "values within -1 … 1";
  return `Descriptors, ${rows}: ${distanceText}`;
}

/** How a model is written. */
export interface OnnxNetworkOptions {
  /** texts that go into the model's metadata */
  metadata?: Readonly<Record<string, string>>;
  /** `floats` (default): patches as f32; `bytes`: as 8-bit values, which the model itself divides by 255 */
  patches?: "floats" | "bytes";
}

/**
 * A network in inference mode as the bytes of an ONNX model: `patches`, f32 or u8 [N, 1, 32, 32], to `descriptors`,
 * f32 [N, 128], with N left open. What `patches` should hold is said in the model itself: 8-bit values, or values 0 … 1 as in training
 * and in the FPR95 test, or 0 … 255 as in the authors' extraction of HPatches.
 *
 * @throws {GpuError} when the tensors are no sound network
 */
export function networkToOnnx(
  network: NetworkState,
  { metadata = {}, patches = "floats" }: OnnxNetworkOptions = {},
): Uint8Array<ArrayBuffer> {
  const bytes = patches === "bytes";
  const known = recognizeNetwork(network);
  const inputText = inputTextOf(known, bytes);
  const descriptorsText = descriptorsTextOf(known);
  const { name } = known;
  const graph = new OnnxGraph(inferenceWeights(known, network));
  const layers = inferenceLayers(known);
  const last = layers.length - 1;
  let value = bytes ? graph.unitValues("patches") : "patches";
  for (const [index, layer] of layers.entries()) {
    value = graph.add(layer, value, index === last ? "descriptors" : undefined);
  }
  const model: OnnxModel = {
    name,
    docString:
      `${name}: local patch descriptors. patches: ${inputText} descriptors: ${descriptorsText}`,
    producer: "Self-TNet for Deno",
    metadata,
    inputs: [{
      name: "patches",
      type: bytes ? "uint8" : "float",
      shape: ["N", 1, patchSize, patchSize],
      docString: inputText,
    }],
    outputs: [{
      name: "descriptors",
      shape: ["N", descriptorSize],
      docString: descriptorsText,
    }],
    constants: graph.constants,
    nodes: graph.nodes,
  };
  return serializeOnnx(model);
}
