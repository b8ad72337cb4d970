/**
 * What the store remembers of one computation.
 *
 * @module
 */
import type { Json } from "./stage.ts";

/** Version of everything that a stage key is made of; increase it when the meaning of a key changes. */
export const keySchemaVersion = 1;

/** Everything a stage key depends on. Type aliases, not interfaces, so that they are {@link Json}. */
export type StageFacts = {
  schema: number;
  stage: string;
  parameters: { [name: string]: Json };
  /** stage → selected output path → sha-256 of its bytes */
  inputs: { [stage: string]: { [path: string]: string } };
  /** in the stage's order: path as the stage named it, sha-256 of its bytes */
  external: { path: string; digest: string }[];
  /** file → sha-256 of its counted text */
  code: { [file: string]: string };
  /** package → versions */
  packages: { [name: string]: string };
};

/** One output file. */
export type OutputFile = {
  /** relative to the stage's output directory, `/`-separated */
  path: string;
  /** sha-256 of its bytes */
  digest: string;
  sizeBytes: number;
};

/** Where and how a result came about; shown, never part of a key. */
export type Provenance = {
  /** name of the config that computed it */
  config: string;
  /** why it ran, as `explain` prints it */
  reasons: string[];
  /** ISO 8601, UTC */
  startedAt: string;
  wallTimeSeconds: number;
  host: string;
  deno: string;
  /** digest of code files and package versions */
  codeDigest: string;
  /** adapter, driver … as the stage recorded them; null when it used none */
  adapter: { [name: string]: Json } | null;
};

/** A stage key's result. */
export type ActionRecord = {
  key: string;
  facts: StageFacts;
  outputs: OutputFile[];
  provenance: Provenance;
};
