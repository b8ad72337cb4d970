/**
 * An action record as the message that servers of the Bazel remote-cache protocol keep under `ac/`.
 *
 * Such servers may check what they are given and what they give out (bazel-remote does, unless told not to): it has to
 * be an `ActionResult` of the Remote Execution API, and every file that it names has to be in their `cas/`. So the output
 * files stand where every client looks for them, and the whole record, sealed with its checksum, is the action's standard
 * output.
 *
 * @module
 */
import { parseJson } from "../../data/json_text.ts";
import { protobufFields } from "../../data/protobuf/protobuf_reader.ts";
import { ProtobufWriter } from "../../data/protobuf/protobuf_writer.ts";
import type { ActionRecord } from "../store/action_record.ts";
import { checkedRecord, mostOutputs } from "../store/record_check.ts";
import { sealJson, unsealJson } from "../files/sealed_json.ts";

/** Field numbers of `build.bazel.remote.execution.v2`. */
const actionResult = {
  outputFiles: 2,
  standardOutput: 5,
  standardError: 7,
  metadata: 9,
};
const outputFile = { path: 1, digest: 2 };
const digest = { hash: 1, sizeBytes: 2 };
const executedActionMetadata = { worker: 1 };

/** One for each output, and a handful of others. */
const mostFields = mostOutputs + 100;

/** Without a worker's name bazel-remote puts in the client's address. */
const worker = "self-tnet";

/** The text that a signature is of: the whole record. */
export function recordText(record: ActionRecord): Uint8Array {
  return new TextEncoder().encode(sealJson(record));
}

/**
 * The message that holds a record.
 *
 * @param signature of the record's text; stands in base64 where the action's standard error does
 */
export function encodeActionResult(
  record: ActionRecord,
  signature?: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const message = new ProtobufWriter();
  for (const output of record.outputs) {
    message.message(
      actionResult.outputFiles,
      (file) =>
        file.text(outputFile.path, output.path)
          .message(outputFile.digest, (digests) =>
            digests.text(digest.hash, output.digest)
              .integer(digest.sizeBytes, output.sizeBytes)),
    );
  }
  message.text(actionResult.standardOutput, sealJson(record));
  if (signature !== undefined) {
    message.text(actionResult.standardError, encodeBase64(signature));
  }
  return message
    .message(
      actionResult.metadata,
      (metadata) => metadata.text(executedActionMetadata.worker, worker),
    )
    .finish();
}

/**
 * The record in a message that a server gave for `key`; undefined when it is no such message, damaged, or no record of
 * that key.
 */
export function decodeActionResult(
  bytes: Uint8Array,
  key: string,
): ActionRecord | undefined {
  try {
    const { text } = partsOf(bytes);
    if (text === undefined) return undefined;
    const record = unsealJson(new TextDecoder().decode(text), parseJson);
    return checkedRecord(record, key);
  } catch {
    return undefined; // bytes that are no message, or a record of another shape
  }
}

/** The text of the record in a message, and its signature; undefined what is not there or cannot be read. */
export function signedParts(
  bytes: Uint8Array,
): { text?: Uint8Array; signature?: Uint8Array } {
  try {
    const { text, signature } = partsOf(bytes);
    return {
      ...(text === undefined ? {} : { text }),
      ...(signature === undefined ? {} : {
        signature: decodeBase64(new TextDecoder().decode(signature)),
      }),
    };
  } catch {
    return {}; // bytes that are no message, or text that is no base64
  }
}

/**
 * The first text and the first signature of a message.
 *
 * @throws {Error} when it is none, or has more fields than a record needs: each would cost more memory than bytes
 */
function partsOf(
  message: Uint8Array,
): { text: Uint8Array | undefined; signature: Uint8Array | undefined } {
  let text: Uint8Array | undefined;
  let signature: Uint8Array | undefined;
  let count = 0;
  for (const { field, bytes } of protobufFields(message, "an action result")) {
    if (++count > mostFields) throw new Error("too many fields");
    if (field === actionResult.standardOutput) text ??= bytes;
    if (field === actionResult.standardError) signature ??= bytes;
  }
  return { text, signature };
}

function encodeBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
