import type { DataError } from "../errors.ts";
import type { PickleReader } from "./pickle_reader.ts";

/** Opcodes that only protocol 0 writes: STRING, UNICODE, DICT, LIST, PUT, GET, PERSID. PyTorch cannot load its own tensors from them. */
const textOpcodes: ReadonlySet<number> = new Set(
  [..."SVdlpgP"].map((letter) => letter.charCodeAt(0)),
);
const intOpcode = 0x49;
const floatOpcode = 0x46;

/** How INT writes the truth values, as no number is written. */
const truthTexts: Readonly<Record<string, boolean>> = {
  "00": false,
  "01": true,
};

/** Floats that Python writes otherwise than JavaScript. */
const pythonFloats: Readonly<Record<string, number>> = {
  inf: Infinity,
  "-inf": -Infinity,
  nan: NaN,
};

/** The error for an opcode that is not read: of protocol 0, or none at all. */
export function unknownOpcode(opcode: number, reader: PickleReader): DataError {
  return textOpcodes.has(opcode)
    ? reader.refusal(
      "a pickle of protocol 0, in text, which is not supported",
      "protocol 1 to 5",
      "load it where it was made and save it with torch.save",
    )
    : reader.fault(
      `opcode 0x${opcode.toString(16)}`,
      "an opcode that tensors and containers need",
    );
}

/**
 * What INT, LONG or FLOAT write as a line of text: protocol 1 does for truth values and integers beyond 32 bits.
 * @throws {DataError} when the text is none
 */
export function readTextNumber(
  opcode: number,
  reader: PickleReader,
): boolean | number | bigint {
  const text = reader.line();
  if (opcode === intOpcode && Object.hasOwn(truthTexts, text)) {
    return truthTexts[text];
  }
  if (opcode === floatOpcode) {
    if (Object.hasOwn(pythonFloats, text)) return pythonFloats[text];
    if (text !== "" && !Number.isNaN(Number(text))) return Number(text);
  } else if (/^-?\d+L?$/.test(text)) {
    const value = BigInt(text.replace("L", ""));
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  throw reader.fault(
    `the number ${JSON.stringify(text.slice(0, 40))}`,
    "a number",
  );
}
