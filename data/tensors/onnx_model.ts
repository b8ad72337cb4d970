import { ProtobufWriter } from "../protobuf/protobuf_writer.ts";

/** A tensor that a model reads or gives. */
export interface OnnxValue {
  name: string;
  /** default `float`, 32 bits */
  type?: OnnxElement;
  /** a text is the name of an extent that each run may choose */
  shape: readonly (number | string)[];
  docString: string;
}

/** What the values of a tensor are. */
export type OnnxElement = keyof typeof elementTypes;

/** A constant of the graph: f32, row-major. */
export interface OnnxConstant {
  name: string;
  shape: readonly number[];
  data: Float32Array<ArrayBuffer>;
}

/** An attribute of an operator, by its type in the operator's own definition. */
export type OnnxAttribute =
  | { int: number }
  | { ints: readonly number[] }
  | { float: number }
  | { text: string };

/** One use of an operator with one output, which gives the node its name. */
export interface OnnxNode {
  /** as ONNX spells it, `Conv` */
  operator: string;
  inputs: readonly string[];
  output: string;
  attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** A model whose constants are f32, in ONNX's own set of operators. */
export interface OnnxModel {
  name: string;
  docString: string;
  producer: string;
  metadata: Readonly<Record<string, string>>;
  inputs: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
  constants: readonly OnnxConstant[];
  /** every node after those whose outputs it reads */
  nodes: readonly OnnxNode[];
}

/** Operators are those of this set: of 2020, and known to every runtime in use. */
const operatorSet = 13;
/** Version of the file format that came with the operator set. */
const formatVersion = 7;

/** Numbers that stand for types in the format. */
export const elementTypes = { float: 1, uint8: 2 } as const;
const attributeTypes = { float: 1, int: 2, text: 3, ints: 7 };

/**
 * The bytes of an `.onnx` file. Same model, same bytes: metadata stands by code-unit order of its keys.
 *
 * Source: the messages of `onnx.proto`, version 3 of the format.
 */
export function serializeOnnx(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const message = new ProtobufWriter()
    .integer(1, formatVersion)
    .text(2, model.producer)
    .text(6, model.docString)
    .message(7, (graph) => writeGraph(graph, model))
    .message(8, (set) => set.integer(2, operatorSet));
  for (const key of Object.keys(model.metadata).sort()) {
    message.message(
      14,
      (entry) => entry.text(1, key).text(2, model.metadata[key]),
    );
  }
  return message.finish();
}

function writeGraph(graph: ProtobufWriter, model: OnnxModel): void {
  for (const node of model.nodes) {
    graph.message(1, (message) => writeNode(message, node));
  }
  graph.text(2, model.name);
  for (const { name, shape, data } of model.constants) {
    graph.message(5, (tensor) => {
      for (const extent of shape) tensor.integer(1, extent);
      const { buffer, byteOffset, byteLength } = data;
      tensor.integer(2, elementTypes.float).text(8, name)
        .bytes(9, new Uint8Array(buffer, byteOffset, byteLength));
    });
  }
  graph.text(10, model.docString);
  for (const value of model.inputs) {
    graph.message(11, (message) => writeValue(message, value));
  }
  for (const value of model.outputs) {
    graph.message(12, (message) => writeValue(message, value));
  }
}

function writeNode(message: ProtobufWriter, node: OnnxNode): void {
  const { operator, inputs, output, attributes = {} } = node;
  for (const input of inputs) message.text(1, input);
  message.text(2, output).text(3, output).text(4, operator);
  for (const [name, attribute] of Object.entries(attributes)) {
    message.message(5, (field) => {
      field.text(1, name);
      if ("float" in attribute) {
        field.float32(2, attribute.float).integer(20, attributeTypes.float);
      } else if ("int" in attribute) {
        field.integer(3, attribute.int).integer(20, attributeTypes.int);
      } else if ("text" in attribute) {
        field.text(4, attribute.text).integer(20, attributeTypes.text);
      } else {
        for (const value of attribute.ints) field.integer(8, value);
        field.integer(20, attributeTypes.ints);
      }
    });
  }
}

function writeValue(message: ProtobufWriter, value: OnnxValue): void {
  message.text(1, value.name).message(2, (type) => {
    type.message(1, (tensor) => {
      const element = elementTypes[value.type ?? "float"];
      tensor.integer(1, element).message(2, (shape) => {
        for (const extent of value.shape) {
          shape.message(1, (dimension) => {
            if (typeof extent === "number") dimension.integer(1, extent);
            else dimension.text(2, extent);
          });
        }
      });
    });
  }).text(3, value.docString);
}
